"""The SimPy processes: trips, stops, centres, rounds, and the kernel that starts them."""
