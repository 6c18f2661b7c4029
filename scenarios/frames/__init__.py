"""Scenarios, networks, runs and comparisons as a person at a prompt wants them: pandas tables with names."""
