"""Outlets, stations and delivery rounds, and who carries an item the last mile."""
