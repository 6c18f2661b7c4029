"""A network as node-link JSON, the form that networkx reads back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from network.graph import MailNetwork

__all__ = ["from_nodelink", "to_nodelink"]

# Said in so many words on both sides: the default was "links" before networkx 3.6 and is "edges" since.
EDGES = "edges"


def to_nodelink(network: MailNetwork) -> dict[str, Any]:
    """Return `MailNetwork.graph` as node-link data, ready for `json.dump`."""
    return nx.node_link_data(network.graph(), edges=EDGES)


def from_nodelink(data: Mapping[str, Any]) -> nx.MultiDiGraph:
    """Return the graph that `to_nodelink` wrote."""
    return nx.MultiDiGraph(nx.node_link_graph(dict(data), directed=True, multigraph=True, edges=EDGES))
