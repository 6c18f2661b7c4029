"""The roads of a network: those of the region's table in its year, and those that a scenario built.

Demand does not read them: who writes to whom stays as it was before a new road (rule 19), so that scenarios
see the same items.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from network.geography.roads import road_graph
from network.model.network import Network
from network.model.roads import NewRoad

__all__ = ["roads_of", "with_new"]


def with_new(graph: nx.Graph, roads: Iterable[NewRoad]) -> nx.Graph:
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
    return with_new(road_graph(network.region, network.year), network.roads.built)
