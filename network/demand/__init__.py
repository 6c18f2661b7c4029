"""Who sends what to whom, and how that grows."""
