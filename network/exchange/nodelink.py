"""A network as node-link JSON, the form that networkx reads back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from network.errors import InputErrors, Problem
from network.model.network import Network

__all__ = ["from_nodelink", "to_nodelink"]

# Said in so many words on both sides: the default was "links" before networkx 3.6 and is "edges" since.
EDGES = "edges"


def to_nodelink(network: Network) -> dict[str, Any]:
    """Return `Network.graph` as node-link data, ready for `json.dump`."""
    return nx.node_link_data(network.graph(), edges=EDGES)


def from_nodelink(data: Any, file: str = "network.json") -> nx.MultiDiGraph:
    """Return the graph that `to_nodelink` wrote.

    Parameters
    ----------
    data
        The parsed JSON.
    file
        What to call it in messages.

    Raises
    ------
    InputErrors
        If it is no node-link data with nodes and ``edges``.
    """
    problems = []
    content = data if isinstance(data, Mapping) else {}
    for key in ("nodes", EDGES):
        if not isinstance(content.get(key), list):
            near = "links" if key == EDGES and "links" in content else ""
            allowed = "a list" + (" (networkx before 3.6 wrote links: give edges='edges')" if near else "")
            value = "missing" if key not in content else type(content[key]).__name__
            problems.append(Problem(file, "", key, value, allowed))
    if not problems:
        try:
            graph = nx.node_link_graph(dict(content), directed=True, multigraph=True, edges=EDGES)
            return nx.MultiDiGraph(graph)
        except (KeyError, TypeError, ValueError, AttributeError, nx.NetworkXError) as error:
            reason = f"{type(error).__name__}: {error}"
            problems.append(Problem(file, "", "", reason, "nodes with id, edges with source and target"))
    raise InputErrors(problems)
