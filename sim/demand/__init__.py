"""Every item of a day, drawn."""
