"""Roads that a scenario builds or makes faster: what it left under the network's options, read back.

``options["roads"]`` holds roads that no table knows, ``options["road_kmh"]``
least speeds by link.  Demand does not read them: who writes to whom stays as
it was before the road (rule 19), so that scenarios see the same items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import networkx as nx

from network.graph import MailNetwork
from network.model import MailRoute
from network.roads import road_graph
from network.tables import load_region
from network.timetable import schedule, speed_kmh

__all__ = ["NewRoad", "new_roads", "roads_of", "speeds_of", "timed", "with_new"]


class NewRoad(NamedTuple):
    """A road that a scenario built."""

    id: str  # "540102-540103"
    a: str
    b: str
    km: float
    terrain: str  # central | plateau | gorge | gateway


def new_roads(network: MailNetwork) -> tuple[NewRoad, ...]:
    """Return the roads that the scenario built, in order."""
    rows: Any = network.options.get("roads") or ()
    ends = ((row, *row["between"]) for row in rows)
    return tuple(NewRoad(row["id"], a, b, float(row["km"]), row["terrain"]) for row, a, b in ends)


def with_new(graph: nx.Graph, roads: tuple[NewRoad, ...]) -> nx.Graph:
    """Return a graph of the region's roads with new ones in it; `graph` is changed."""
    for road in roads:
        graph.add_edge(
            road.a,
            road.b,
            id=road.id,
            length_km=road.km,
            highway="",
            terrain=road.terrain,
            confidence="",
            opened_year=graph.graph["year"],
        )
    return graph


def roads_of(network: MailNetwork) -> nx.Graph:
    """Return the roads of a network: those of the region's table in its year, and the scenario's own."""
    return with_new(road_graph(load_region(network.region), network.year), new_roads(network))


def speeds_of(network: MailNetwork) -> Mapping[str, float]:
    """Return the least speeds that the scenario set, km/h by road link."""
    found: Any = network.options.get("road_kmh") or {}
    return dict(found)


def timed(network: MailNetwork, route: MailRoute, per_week: int, first_s: int | None = None) -> MailRoute:
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


def _leg_kmh(network: MailNetwork, route: MailRoute) -> tuple[float, ...]:
    """Return the speed on each leg; nothing where no road is faster than the route's kind."""
    from network.closures import road_legs  # which reads new roads from here

    kind = speed_kmh(route, network.assumptions) if route.mode == "road" else 0.0
    faster = {name: kmh for name, kmh in speeds_of(network).items() if kmh > kind}
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
