"""Where things are: places, points, roads, areas."""
