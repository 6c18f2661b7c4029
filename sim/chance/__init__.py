"""What chance does to trips, roads, vehicles and attempts."""
