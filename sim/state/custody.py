"""Custody of confidential mail: who had each item from when (rule 10)."""

from __future__ import annotations

from array import array

import numpy as np

from network.model.network import Network
from sim.state.pool import Pool

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

_KINDS = {"key": np.int64, "hand": np.int8, "from_s": np.int32, "where": np.int32}


class Custody:
    """Collects rows, one each time a confidential item changes hands.

    Confidential mail is the class of the first priority (0); everything else is passed over.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._columns = {name: array("q") for name in _KINDS}  # a note is small, and there are many

    def confidential(self, slots: np.ndarray) -> np.ndarray:
        """Return the slots of the confidential items among these."""
        return slots[self._pool.confidential[slots]]

    def note(self, slots: np.ndarray, hand: int, time: np.ndarray | int, where: np.ndarray | int) -> None:
        """Note that the confidential items among these are in this hand from `time` on."""
        confidential = self._pool.confidential[slots].nonzero()[0]
        if len(confidential):
            time, where = (v[confidential] if isinstance(v, np.ndarray) else v for v in (time, where))
            self.note_confidential(slots[confidential], hand, time, where)

    def note_confidential(
        self, slots: np.ndarray, hand: int, time: np.ndarray | int, where: np.ndarray | int
    ) -> None:
        """Note the same of items that all are confidential."""
        n = len(slots)
        for column, values in zip(
            self._columns.values(), (self._pool.key[slots], hand, time, where), strict=True
        ):
            column.extend(values.tolist() if isinstance(values, np.ndarray) else [values] * n)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return columns ``key``, ``hand`` (row of `HANDS`), ``from_s`` and ``where``, by key and time."""
        columns = {name: np.array(column).astype(_KINDS[name]) for name, column in self._columns.items()}
        order = np.lexsort((columns["hand"], columns["from_s"], columns["key"]))
        return {name: column[order] for name, column in columns.items()}


def custody_log(network: Network, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
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
