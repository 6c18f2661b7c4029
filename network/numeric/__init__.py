"""Numbers alone: keyed random draws, whole numbers by share, weighted quantiles."""
