"""From published totals to mail routes that equal them."""
