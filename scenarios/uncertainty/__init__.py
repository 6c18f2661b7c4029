"""Scenarios in many worlds: what an answer is worth when little is known."""
