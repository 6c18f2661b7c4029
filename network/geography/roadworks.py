"""Roads that a scenario builds: what it left under the network's options, read back.

``options["roads"]`` holds roads that no table knows.  Demand does not read them: who writes to whom stays as
it was before the road (rule 19), so that scenarios see the same items.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import networkx as nx

from network.geography.roads import road_graph
from network.inputs.tables import load_region
from network.model.network import Network

__all__ = ["NewRoad", "new_roads", "roads_of", "with_new"]


class NewRoad(NamedTuple):
    """A road that a scenario built."""

    id: str  # "540102-540103"
    a: str
    b: str
    km: float
    terrain: str  # central | plateau | gorge | gateway


def new_roads(network: Network) -> tuple[NewRoad, ...]:
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


def roads_of(network: Network) -> nx.Graph:
    """Return the roads of a network: those of the region's table in its year, and the scenario's own."""
    return with_new(road_graph(load_region(network.region), network.year), new_roads(network))
