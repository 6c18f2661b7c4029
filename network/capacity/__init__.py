"""How much a network can carry: sizing, utilisation, overflow, relief."""
