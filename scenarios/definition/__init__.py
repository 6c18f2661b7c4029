"""From a scenario file to a resolved scenario, and from that to a network."""
