"""What the queues of a run say: where items were kept waiting, and what they wait for when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from network.model.network import Network
from network.routing.search import Plan, StopPlan
from sim.engine.rounds import Rounds
from sim.engine.stops import Stop
from sim.state.ledger import IN_TRANSIT

__all__ = ["WHAT", "bottlenecks", "unresolved"]

#: What happened to the items that a row counts, by kind.
WHAT = {"leg": "missed dispatches", "centre": "waited for a lane", "round": "missed dispatches"}


def bottlenecks(
    network: Network, routing: Plan, stops: Sequence[Stop], rounds: Rounds
) -> list[dict[str, object]]:
    """Return every leg, centre and round that kept items waiting, the worst first.

    A leg or round counts the items it left behind and their hours until the
    next chance; a centre those that waited for a lane, and for how long.  The
    two are not alike, so each row says `what` its item-hours are.
    """
    legs: dict[str, list[int]] = {}
    rows: list[tuple[int, int, str, str]] = []
    for stop, plan in zip(stops, routing.stops, strict=True):
        for line, left in enumerate(stop.left):
            if left.items:
                total = legs.setdefault(_leg(network, routing, plan, line), [0, 0])
                total[0] += left.item_s
                total[1] += left.items
        if stop.station is not None and stop.station.waited_s:
            name = _name(network, network.stops[stop.row])
            rows.append((stop.station.waited_s, stop.station.waited, "centre", name))
    rows += [(item_s, items, "leg", name) for name, (item_s, items) in legs.items()]
    for round_, left in zip(network.rounds, rounds.left, strict=True):
        if left.items:
            rows.append((left.item_s, left.items, "round", round_.id))
    rows.sort(key=lambda row: (-row[0], row[3]))
    return [
        {"kind": kind, "name": name, "what": WHAT[kind], "item_h": item_s / 3600, "items": items}
        for item_s, items, kind, name in rows
    ]


def unresolved(
    network: Network,
    routing: Plan,
    stops: Sequence[Stop],
    round_: np.ndarray,
    moving: Mapping[str, Sequence[np.ndarray]],
) -> dict[str, np.ndarray]:
    """Return where the items in transit are, and what for.

    Parameters
    ----------
    network, routing, stops
        Every stop's queues are walked.
    round_
        Round of each slot's item.
    moving
        Slots aboard trips, waiting for rounds and on them, by term of the ledger.

    Returns
    -------
    dict
        Equal columns, a row for each queue that holds items: ``term`` of the
        ledger; ``stop``, a row of the stops, -1 away from them; ``what``: the
        leg of a mail route that items wait for, the round that they wait for
        or are on, empty in all other cases; ``items``.  They sum to the terms
        of the ledger at close.
    """
    count: Counter[tuple[str, int, str]] = Counter()
    for stop, plan in zip(stops, routing.stops, strict=True):
        held = stop.held()
        del held["waiting"]
        for term, blocks in held.items():
            count[term, stop.row, ""] += sum(map(len, blocks))
        for line, blocks in enumerate(stop.lines):
            if blocks:
                count["waiting", stop.row, _leg(network, routing, plan, line)] += sum(map(len, blocks))
    count["riding", -1, ""] += sum(map(len, moving["riding"]))
    for term in ("for_round", "on_round"):
        slots = np.concatenate([*moving[term], np.zeros(0, dtype=np.int64)])
        rounds = np.bincount(round_[slots], minlength=len(network.rounds))
        for row in np.flatnonzero(rounds).tolist():
            at = network.stop_row[network.rounds[row].base] if term == "for_round" else -1
            count[term, at, network.rounds[row].id] += int(rounds[row])
    order = {term: number for number, term in enumerate(IN_TRANSIT)}
    rows = sorted((order[term], stop, what, items) for (term, stop, what), items in count.items() if items)
    return {
        "term": np.array([IN_TRANSIT[row[0]] for row in rows], dtype=str),
        "stop": np.array([row[1] for row in rows], dtype=np.int16),
        "what": np.array([row[2] for row in rows], dtype=str),
        "items": np.array([row[3] for row in rows], dtype=np.int64),
    }


def _leg(network: Network, routing: Plan, plan: StopPlan, line: int) -> str:
    """Return the route and the ends of the leg that a line of a stop waits for."""
    table, call = routing.timetable, int(plan.call[line])
    a, b = (_name(network, table.stops[table.stop[c]]) for c in (call, call + 1))
    return f"{network.routes[int(table.route[plan.trip[line]])].id} {a} – {b}"


def _name(network: Network, place: str) -> str:
    return str(network.places.name_en[network.places.row(place)])
