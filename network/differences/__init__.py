"""What differs between two networks, in words and numbers: `network_differences`."""

from network.differences.networks import network_differences
from network.differences.rows import PARTS, Difference

__all__ = ["PARTS", "Difference", "network_differences"]
