"""Vehicles: classes, where they stand, and what a network requires."""
