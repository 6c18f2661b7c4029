"""Where items were kept waiting: legs and rounds that left some behind, centres with a queue."""

from __future__ import annotations

from collections.abc import Sequence

from network.model.network import Network
from network.routing.search import Plan, StopPlan
from sim.engine.rounds import Rounds
from sim.engine.stops import Stop

__all__ = ["WHAT", "bottlenecks", "leg_name"]

#: What happened to the items that a row counts, by kind.
WHAT = {"leg": "left behind", "centre": "waited for a lane", "round": "left behind"}


def bottlenecks(
    network: Network, routing: Plan, stops: Sequence[Stop], rounds: Rounds
) -> list[dict[str, object]]:
    """Return every leg, centre and round that kept items waiting, the worst first.

    A leg or round counts the items it left behind and their hours until the
    next chance; a centre those that waited for a lane, and for how long.  The
    two are not alike, so each row says `what` its item-hours are.
    """
    legs: dict[str, list[int]] = {}
    found: list[tuple[int, int, str, str]] = []
    for stop, plan in zip(stops, routing.stops, strict=True):
        for line, left in enumerate(stop.left):
            if left.items:
                total = legs.setdefault(leg_name(network, routing, plan, line), [0, 0])
                total[0] += left.item_s
                total[1] += left.items
        if stop.station is not None and stop.station.waited_s:
            name = _name(network, network.stops[stop.row])
            found.append((stop.station.waited_s, stop.station.waited, "centre", name))
    found += [(item_s, items, "leg", name) for name, (item_s, items) in legs.items()]
    for round_, left in zip(network.rounds, rounds.left, strict=True):
        if left.items:
            found.append((left.item_s, left.items, "round", round_.id))
    found.sort(key=lambda row: (-row[0], row[3]))
    return [
        {"kind": kind, "name": name, "what": WHAT[kind], "item_h": item_s / 3600, "items": items}
        for item_s, items, kind, name in found
    ]


def leg_name(network: Network, routing: Plan, plan: StopPlan, line: int) -> str:
    """Return the route and the ends of the leg that a line of a stop waits for."""
    table, call = routing.timetable, int(plan.call[line])
    a, b = (_name(network, table.stops[table.stop[c]]) for c in (call, call + 1))
    return f"{network.routes[int(table.route[plan.trip[line]])].id} {a} – {b}"


def _name(network: Network, place: str) -> str:
    return str(network.places.name_en[network.places.row(place)])
