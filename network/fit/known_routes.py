"""Known routes that a network has; nothing is fitted to them yet."""

from __future__ import annotations

from network.inputs.rows import KnownRoute
from network.model.network import Network

__all__ = ["has_route", "known_in"]


def has_route(network: Network, known: KnownRoute) -> bool:
    """Return whether one road route of a network stops at all stops of a known one, in its order or back."""
    return any(
        stops == known.stops or stops == known.stops[::-1]
        for route in network.routes
        if route.mode == "road"
        for stops in [tuple(stop for stop in route.stops if stop in known.stops)]
    )


def known_in(network: Network, use: str) -> tuple[int, int]:
    """Return how many known routes of a use, of the network's year, it has, and how many there are.

    Parameters
    ----------
    network
        The network.
    use
        One of `network.inputs.rows.USES`.
    """
    asked = [
        route for route in network.region.known_routes if route.use == use and route.in_year(network.year)
    ]
    return sum(has_route(network, route) for route in asked), len(asked)
