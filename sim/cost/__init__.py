"""What the measured days cost, emitted and earned."""
