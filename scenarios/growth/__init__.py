"""When and where a network breaks as demand grows, and what delays it."""
