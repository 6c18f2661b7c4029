"""One scenario simulated into a run folder."""
