"""Records of the measured cohort, as columns in item-key order."""

from __future__ import annotations

import numpy as np

from sim.demand import Items
from sim.items import HOP, HOP_BITS, RANK_BITS, STAGES, Pool

__all__ = ["CENSORED", "DELIVERED", "HANDED_OVER", "REFUSED", "ItemLog"]

DELIVERED, HANDED_OVER, REFUSED, CENSORED = 0, 1, 2, 3

_KINDS: dict[str, type] = {
    "key": np.int64,
    "cls": np.int8,
    "brand": np.int8,
    "direction": np.int8,
    "origin": np.int32,
    "dest": np.int32,
    "accepted_s": np.int32,
    "ended_s": np.int32,
    "outcome": np.int8,
    "held": np.int8,  # row of `sim.ledger.UNDER_WAY`: where an item under way at close is
    **dict.fromkeys(STAGES, np.int32),
    "grams": np.int32,
    "cm3": np.int32,
    "hops": np.int8,
    "left_behind": np.int16,
}


class ItemLog:
    """Rows of the items accepted on the measured days, one after the other as they are accepted.

    What is known at acceptance is written then, the rest when the item ends.

    Attributes
    ----------
    ended
        Items of the cohort that have ended.
    """

    def __init__(self, first_day: int, end_day: int) -> None:
        self._days = range(first_day, end_day)
        self._first: int | None = None  # order of the first item of the cohort
        self._size = 0
        self.ended = 0
        self._columns: dict[str, np.ndarray] = {
            name: np.zeros(0, dtype=kind) for name, kind in _KINDS.items()
        }

    def __len__(self) -> int:
        """Return how many items of the cohort have been accepted."""
        return self._size

    def accept(
        self,
        day: int,
        order: int,
        items: Items,
        accepted_s: np.ndarray,
        upstream_s: np.ndarray,
        collect_s: np.ndarray,
        refused: np.ndarray,
    ) -> None:
        """Write the items of a day, the first of which is `order` items after the run's first."""
        if day not in self._days or not len(items):
            return
        if self._first is None:
            self._first = order
            self._reserve(len(items) * len(self._days) * 5 // 4)  # days differ; memory is taken as it is used
        begin, end = self._size, self._size + len(items)
        self._reserve(end)
        self._size = end
        columns = {
            **{name: getattr(items, name) for name in ("key", "cls", "brand", "direction", "origin", "dest")},
            "accepted_s": accepted_s,
            "ended_s": np.where(refused, accepted_s, -1),
            "outcome": np.where(refused, REFUSED, CENSORED),
            "upstream_s": upstream_s,
            "collect_s": collect_s,
            "grams": items.grams,
            "cm3": items.cm3,
        }
        for name, column in columns.items():
            self._columns[name][begin:end] = column
        self.ended += int(np.count_nonzero(refused))

    def _reserve(self, size: int) -> None:
        old = len(self._columns["key"])
        if size > old:
            for name, column in self._columns.items():
                longer = np.zeros(max(size, old * 3 // 2), dtype=column.dtype)
                longer[:old] = column
                self._columns[name] = longer

    def end(self, pool: Pool, slots: np.ndarray, ended_s: np.ndarray, outcome: int, held: int = 0) -> None:
        """Write how items of the cohort among `slots` ended, or how far they came (`CENSORED`)."""
        if self._first is None:
            return
        rows = (pool.rank[slots] & ((1 << RANK_BITS) - 1)) - self._first
        mine = rows.view(np.uint64) < np.uint64(self._size)
        if not mine.all():
            rows, slots, ended_s = rows[mine], slots[mine], ended_s[mine]
        columns = self._columns
        wait, ride = pool.wait[slots], pool.ride[slots]
        columns["wait_s"][rows] = wait
        columns["ride_s"][rows] = ride & (HOP - 1)
        columns["hops"][rows] = ride >> HOP_BITS
        columns["left_behind"][rows] = pool.left_behind[slots]
        if outcome == CENSORED:
            columns["held"][rows] = held
            return
        columns["ended_s"][rows] = ended_s
        columns["outcome"][rows] = outcome
        # What is left of an ended item's time was spent at centres; the stages then sum to it.
        handle = ended_s - pool.begin[slots] - wait - (ride & (HOP - 1))
        if outcome == DELIVERED:
            deliver = ended_s - pool.home[slots]
            columns["deliver_s"][rows] = deliver
            handle -= deliver
        columns["handle_s"][rows] = handle
        self.ended += len(rows)

    def columns(self) -> dict[str, np.ndarray]:
        """Return all rows, in item-key order."""
        return {name: column[: self._size] for name, column in self._columns.items()}
