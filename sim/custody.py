"""Custody of confidential mail: who had each item from when (rule 10)."""

from __future__ import annotations

import numpy as np

from network.graph import MailNetwork
from sim.items import Pool

__all__ = ["HANDS", "Custody", "custody_log"]

#: Hands in the order of a journey; `where` is a row of the table named behind each.
HANDS = (
    "accepted",  # places; -1 - row of the outside classes for mail from other provinces
    "taken in",  # stops
    "boarded",  # routes
    "unloaded",  # stops; at the gateway of an outbound item that is its hand-over
    "out on round",  # rounds
    "delivered",  # places
)
ACCEPTED, TAKEN_IN, BOARDED, UNLOADED, OUT, DELIVERED = range(len(HANDS))


class Custody:
    """Collects one row each time a confidential item changes hands.

    Confidential mail is the class of the first priority (0); everything else is passed over.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._rows: list[tuple[np.ndarray, ...]] = []

    def note(self, slots: np.ndarray, hand: int, time: np.ndarray | int, where: np.ndarray | int) -> None:
        """Note that items are in this hand from `time` on."""
        mine = self._pool.confidential[slots].nonzero()[0]
        n = len(mine)
        if n:
            time = time[mine] if isinstance(time, np.ndarray) else np.full(n, time)
            where = where[mine] if isinstance(where, np.ndarray) else np.full(n, where)
            self._rows.append((self._pool.key[slots[mine]], np.full(n, hand), time, where))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return columns ``key``, ``hand`` (row of `HANDS`), ``from_s`` and ``where``, by key and time."""
        kinds = {"key": np.int64, "hand": np.int8, "from_s": np.int32, "where": np.int32}
        if not self._rows:
            return {name: np.zeros(0, dtype=kind) for name, kind in kinds.items()}
        key, hand, time, where = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        order = np.lexsort((hand, time, key))
        columns = (key, hand, time, where)
        return {n: c[order].astype(kind) for (n, kind), c in zip(kinds.items(), columns, strict=True)}


def custody_log(network: MailNetwork, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a custody record in words: ``key``, ``hand``, ``from_s`` and ``where`` (an id)."""
    outside = [row["code"] for row in network.assumptions.table("outside")]
    routes, rounds = ([row.id for row in rows] for rows in (network.routes, network.rounds))
    # A negative row counts from the end: the outside classes stand behind the places in reverse.
    places = [*network.places.id.tolist(), *outside[::-1]]
    tables = [places, network.stops, routes, network.stops, rounds, places]
    hands = columns["hand"].tolist()
    where = [tables[hand][row] for hand, row in zip(hands, columns["where"].tolist(), strict=True)]
    return {
        "key": columns["key"],
        "hand": np.array([HANDS[hand] for hand in hands], dtype=str),
        "from_s": columns["from_s"],
        "where": np.array(where, dtype=str),
    }
