"""What rounds, trips and roads offer where something was observed: days and trips a week, hours of a ride.

Read off the network, without items and without waiting: what a fact of these kinds says is plain there.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import numpy as np

from network.inputs.observed import OFFERED, Fact
from network.model.network import Network

__all__ = ["offered", "offered_inside"]

_AT = {"township": ("township",), "village": ("village", "committee")}


def offered(network: Network, fact: Fact) -> float:
    """Return what a network offers of what a fact speaks of, in its unit.

    Parameters
    ----------
    network
        The network.
    fact
        Of a kind of `network.inputs.observed.OFFERED`: "rounds", days a week on which a round comes, the mean
        of the places; "trips", trips a week that stop at the county seat, on the route with most of them or,
        with ``from_county``, all that come through from there; "ride", hours on the road from one seat to
        another or to the farthest place of a township, stands and changes at stops left out.

    Returns
    -------
    float
        nan without such a place, infinity where no road trip leads.

    Raises
    ------
    ValueError
        If the fact is of another kind.
    """
    if fact.kind == "rounds":
        return _days_of_rounds(network, fact)
    if fact.kind == "trips":
        return float(_trips(network, fact.from_county, fact.county))
    if fact.kind == "ride":
        return _ride_h(network, fact)
    raise ValueError(f"fact {fact.code} is {fact.kind!r}, not one of {', '.join(OFFERED)}")


def offered_inside(network: Network, facts: Iterable[Fact]) -> tuple[int, int]:
    """Return how many facts on rounds, trips and rides a network meets, of those that count."""
    judging = [fact for fact in facts if fact.judged and fact.kind in OFFERED]
    return sum(fact.place(offered(network, fact)) == "inside" for fact in judging), len(judging)


def _days_of_rounds(network: Network, fact: Fact) -> float:
    places = network.places
    wanted = np.isin(places.kind, _AT[fact.at]) & ~places.in_town.astype(bool)
    if fact.county:
        wanted &= places.county == fact.county
    if fact.township:
        wanted &= (places.township == fact.township) | (places.id == fact.township)
    rows = np.flatnonzero(wanted)
    if not len(rows):
        return float("nan")
    days = {place: len(round_.weekdays) for round_ in network.rounds for place in round_.places}
    names = [str(places.id[row]) for row in rows]
    # A township at the end of a branch gets nothing on days on which no trip comes.
    trips = {name: _trips(network, "", name) for name in names if name in network.stop_row}
    return sum(min(days.get(name, 0), trips.get(name, 7)) for name in names) / len(names)


def _trips(network: Network, start: str, end: str) -> int:
    """Return trips a week to a stop: of the route with most, or of all that come from another stop."""
    services = [service for route in network.routes if route.mode == "road" for service in route.services]
    if not start:
        return max((len(s.starts_s) for s in services if end in s.stops[1:]), default=0)
    return sum(
        len(s.starts_s)
        for s in services
        if start in s.stops and end in s.stops and s.stops.index(start) < s.stops.index(end)
    )


def _ride_h(network: Network, fact: Fact) -> float:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(fact.from_county)
    for route in network.routes:
        for service in route.services if route.mode == "road" else ():
            legs = zip(service.stops, service.stops[1:], service.depart_s, service.arrive_s[1:], strict=False)
            for stop, onward, depart_s, arrive_s in legs:
                known_s = graph.get_edge_data(stop, onward, {"s": arrive_s - depart_s})["s"]
                graph.add_edge(stop, onward, s=min(arrive_s - depart_s, known_s))
    to_stop_s = nx.single_source_dijkstra_path_length(graph, fact.from_county, weight="s")
    never = float("inf")
    if not fact.township:
        return float(to_stop_s.get(fact.county, never)) / 3600
    township = {str(name) for name in network.places.id[network.places.township == fact.township]}
    ends_s = [
        to_stop_s.get(round_.base, never) + visit_s - round_.depart_s
        for round_ in network.rounds
        for place, visit_s in zip(round_.places, round_.visit_s, strict=True)
        if place in township or place == fact.township
    ]
    return max(ends_s, default=float("nan")) / 3600
