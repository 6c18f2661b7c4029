"""What scenarios differ in and what they change, paired, with intervals; the best of many."""
