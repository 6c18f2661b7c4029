"""What the items wait for that are under way when a run ends, counted queue by queue (rule 18)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from network.model.network import Network
from network.routing.search import Plan
from sim.engine.bottlenecks import leg_name
from sim.engine.stops import Stop
from sim.state.ledger import UNDER_WAY

__all__ = ["unresolved"]


def unresolved(
    network: Network,
    routing: Plan,
    stops: Sequence[Stop],
    round_: np.ndarray,
    moving: Mapping[str, Sequence[np.ndarray]],
) -> dict[str, np.ndarray]:
    """Return where the items under way are, and what for.

    Parameters
    ----------
    network, routing, stops
        Every stop's queues are walked.
    round
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
    found: Counter[tuple[str, int, str]] = Counter()
    for stop, plan in zip(stops, routing.stops, strict=True):
        held = stop.held()
        del held["waiting"]
        for term, blocks in held.items():
            found[term, stop.row, ""] += sum(map(len, blocks))
        for line, blocks in enumerate(stop.lines):
            if blocks:
                found["waiting", stop.row, leg_name(network, routing, plan, line)] += sum(map(len, blocks))
    found["riding", -1, ""] += sum(map(len, moving["riding"]))
    for term in ("for_round", "on_round"):
        slots = np.concatenate([*moving[term], np.zeros(0, dtype=np.int64)])
        rounds = np.bincount(round_[slots], minlength=len(network.rounds))
        for row in np.flatnonzero(rounds).tolist():
            at = network.stop_row[network.rounds[row].base] if term == "for_round" else -1
            found[term, at, network.rounds[row].id] += int(rounds[row])
    order = {term: number for number, term in enumerate(UNDER_WAY)}
    rows = sorted((order[term], stop, what, items) for (term, stop, what), items in found.items() if items)
    return {
        "term": np.array([UNDER_WAY[row[0]] for row in rows], dtype=str),
        "stop": np.array([row[1] for row in rows], dtype=np.int16),
        "what": np.array([row[2] for row in rows], dtype=str),
        "items": np.array([row[3] for row in rows], dtype=np.int64),
    }
