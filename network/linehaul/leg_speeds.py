"""Speeds on the legs of routes, over links that a scenario made faster."""

from __future__ import annotations

from dataclasses import replace

from network.linehaul.closures import road_legs
from network.linehaul.timetable import schedule, speed_kmh
from network.model.network import Network
from network.model.records import MailRoute

__all__ = ["timed"]


def timed(network: Network, route: MailRoute, per_week: int, first_s: int | None = None) -> MailRoute:
    """Return a route with its timetable, at the speeds of the network's roads.

    Parameters
    ----------
    per_week
        Departures a week in each direction.
    first_s
        Seconds after midnight of the first outward departure; by default the assumed hour of its kind.
    """
    route = replace(route, leg_kmh=_leg_kmh(network, route))
    return schedule(route, per_week, network.assumptions, first_s)


def _leg_kmh(network: Network, route: MailRoute) -> tuple[float, ...]:
    """Return the speed on each leg; nothing where no road is faster than the route's kind."""
    kind = speed_kmh(route, network.assumptions) if route.mode == "road" else 0.0
    faster = {name: kmh for name, kmh in network.roads.least_kmh.items() if kmh > kind}
    on = {link for links in route.leg_links for link in links}
    if route.mode != "road" or not on & set(faster):
        return ()
    legs = road_legs(replace(network, routes=(route,)))[route.id]
    speeds = []
    for km, links in zip(route.leg_km, legs, strict=True):
        quick = {link.id: link.metres / 1000 for link in links if link.id in faster}
        left_km = max(0.0, km - sum(quick.values()))
        hours = left_km / kind + sum(part / faster[name] for name, part in quick.items())
        speeds.append(km / hours if quick else kind)
    return tuple(speeds)
