"""Which vehicles are free, where, and when."""
