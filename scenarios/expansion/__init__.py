"""Where to expand for a budget or a standard."""
