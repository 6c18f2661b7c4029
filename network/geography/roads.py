"""The road graph: links between county seats, and the shortest way over them.

Links come from the region's road table and keep its length, which nothing
here rescales.  A link that opened after the year asked for is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from network.errors import UnknownNameError

if TYPE_CHECKING:
    from network.inputs.tables import Region

__all__ = [
    "EARTH_RADIUS_KM",
    "RoadPath",
    "great_circle_km",
    "length_km",
    "road_graph",
    "shortest",
    "shortest_from",
    "simple_paths",
]

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


@dataclass(frozen=True)
class RoadPath:
    """A way over road links: its seats in order, its link ids and its length in km."""

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    km: float


def great_circle_km(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> np.ndarray:
    """Return great-circle distances in km between points given in degrees; arrays broadcast.

    Examples
    --------
    >>> round(float(great_circle_km(29.2978, 90.9119, 30.5785, 103.947)))
    1263
    """
    phi_a, lam_a, phi_b, lam_b = (
        np.radians(np.asarray(x, dtype=float)) for x in (lat_a, lon_a, lat_b, lon_b)
    )
    half = np.sin((phi_b - phi_a) / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin((lam_b - lam_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


def road_graph(region: Region, year: int) -> nx.Graph:
    """Return the roads open in a year.

    Parameters
    ----------
    region
        Tables with ``counties``, ``gateways`` and ``roads``.
    year
        Links opened later are left out; a link without a year is taken as old.

    Returns
    -------
    networkx.Graph
        All county seats and road gateways as nodes (a seat without a road
        stays, unconnected); edges carry ``id`` ("540102-540103"),
        ``length_km``, ``highway``, ``terrain``, ``confidence`` and
        ``opened_year`` (0 where unknown).
    """
    graph: nx.Graph = nx.Graph(year=year)
    graph.add_nodes_from(county.code for county in region.counties)
    for link in region.roads:
        if link.opened_year and link.opened_year > year:
            continue
        graph.add_edge(
            link.from_id,
            link.to_id,
            id=link.id,
            length_km=float(link.road_km),
            highway=link.highway,
            terrain=link.terrain,
            confidence=link.confidence,
            opened_year=link.opened_year or 0,
        )
    return graph


def length_km(a: str, b: str, data: Any) -> float:
    """Weight function for networkx: the length of a link, and an error when it has none.

    Raises
    ------
    ValueError
        If the link has no ``length_km``; networkx would count it as 1.
    """
    if "length_km" not in data:
        raise ValueError(f"road link {a}-{b} has no length_km")
    return float(data["length_km"])


def _path(graph: nx.Graph, nodes: list[str]) -> RoadPath:
    edges = [graph.edges[a, b] for a, b in pairwise(nodes)]
    return RoadPath(tuple(nodes), tuple(e["id"] for e in edges), float(sum(e["length_km"] for e in edges)))


def shortest(graph: nx.Graph, a: str, b: str, closed: str = "") -> RoadPath | None:
    """Return the shortest way from `a` to `b`, or None where no road leads.

    Parameters
    ----------
    closed
        Id of a link that no way may take.

    Raises
    ------
    UnknownNameError
        If `a` or `b` is not in the graph.
    """
    for node in (a, b):
        if node not in graph:
            raise UnknownNameError("road node", node, graph.nodes)

    def open_km(u: str, v: str, data: Any) -> float | None:
        return None if data.get("id") == closed else length_km(u, v, data)  # None hides a link from networkx

    try:
        return _path(graph, nx.dijkstra_path(graph, a, b, weight=open_km))
    except nx.NetworkXNoPath:
        return None


def shortest_from(graph: nx.Graph, a: str) -> dict[str, RoadPath]:
    """Return the shortest way from `a` to every node that a road reaches, `a` included."""
    paths = nx.single_source_dijkstra_path(graph, a, weight=length_km)
    return {str(node): _path(graph, nodes) for node, nodes in paths.items()}


def simple_paths(graph: nx.Graph, a: str, b: str, longest_km: float) -> Iterator[RoadPath]:
    """Yield the ways from `a` to `b` that pass no place twice, shortest first, up to `longest_km`."""
    for nodes in nx.shortest_simple_paths(graph, a, b, weight=length_km):
        path = _path(graph, nodes)
        if path.km > longest_km:
            return
        yield path
