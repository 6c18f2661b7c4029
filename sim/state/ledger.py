"""The ledger (rule 18): every term counted by walking its own queues, none as a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from network.errors import YizhanError
from sim.state.pool import Pool

__all__ = ["IN_TRANSIT", "Ledger", "LedgerError", "astray", "ledger_columns"]

#: Where an item in transit can be: terms of the ledger, in the order of a journey.  An item that has ended
#: has the first, empty one in its record.
IN_TRANSIT = (
    "",
    "outside",
    "collecting",
    "lanes",
    "sorters",
    "waiting",
    "riding",
    "for_round",
    "on_round",
)


class LedgerError(YizhanError):
    """Items were lost or made: a fault of the program, never of the input."""


@dataclass(frozen=True)
class Ledger:
    """Where all accepted items are at a moment."""

    time_s: int
    accepted: int
    delivered: int
    handed_over: int
    refused: int
    returned: int  # to the sender, or to the gateway for one outside
    outside: int  # accepted outside, not yet at the entry gateway
    collecting: int  # accepted, not yet at the lanes of the first centre, or unloading at a later one
    lanes: int
    sorters: int
    waiting: int  # for a trip
    riding: int
    for_round: int  # waiting for a round
    on_round: int

    @property
    def in_transit(self) -> int:
        """Items in some queue, vehicle, centre or round."""
        return sum(getattr(self, term) for term in IN_TRANSIT if term)

    @property
    def difference(self) -> int:
        """Accepted less all that can be found; zero when the ledger closes."""
        ended = self.delivered + self.handed_over + self.refused + self.returned
        return self.accepted - ended - self.in_transit

    def check(self, astray: Callable[[], Iterable[str]] = tuple) -> None:
        """Raise `LedgerError` unless the ledger closes; `astray` names the items concerned."""
        if self.difference:
            off = f"the ledger is off by {self.difference} items at second {self.time_s}"
            raise LedgerError("; ".join([f"{off}: {self}", *astray()]))


def ledger_columns(ledgers: Sequence[Ledger]) -> dict[str, np.ndarray]:
    """Return the ledgers of a run as equal int64 columns, a row each.

    The terms of `Ledger`, and ``opening``: what was in transit when the run began, which begins empty.
    """
    names = [field.name for field in fields(Ledger)]
    columns = {name: np.array([getattr(row, name) for row in ledgers], dtype=np.int64) for name in names}
    return {"time_s": columns.pop("time_s"), "opening": np.zeros(len(ledgers), dtype=np.int64), **columns}


def astray(pool: Pool, holders: Iterable[tuple[str, np.ndarray]], most: int = 10) -> list[str]:
    """Say which items, up to `most`, are nowhere, in two places, or somewhere although they have ended.

    Parameters
    ----------
    pool
        The items in transit.
    holders
        Every queue: its name and the slots in it.
    most
        How many items to name.
    """
    queues = list(holders)
    times = np.zeros(len(pool.key), dtype=np.int64)
    for _, slots in queues:
        np.add.at(times, slots, 1)
    expected = np.ones(len(times), dtype=np.int64)
    expected[pool.free_slots] = 0
    lines = []
    for slot in np.flatnonzero(times != expected)[:most].tolist():
        where = [name for name, slots in queues for _ in range(int((slots == slot).sum()))]
        ended = "" if expected[slot] else "ended, and "
        lines.append(f"item {pool.key[slot]}: {ended}{' and '.join(where) or 'nowhere'}")
    return lines
