"""Items in transit: rows of growing columns, reused when an item has ended."""

from __future__ import annotations

import numpy as np

__all__ = ["RANK_BITS", "SECONDS_BITS", "STAGES", "Pool", "journey", "ride"]

RANK_BITS = 48
SECONDS_BITS = 28  # of a journey
_SECONDS = (1 << SECONDS_BITS) - 1

STAGES = ("upstream_s", "collect_s", "handle_s", "wait_s", "ride_s", "deliver_s")

_COLUMNS: dict[str, type] = {
    "rank": np.int64,  # class priority << RANK_BITS | order of generation, which is the order of item keys
    "key": np.int64,
    "luck": np.uint64,  # keyed bits of its own, for draws made in transit
    "confidential": np.bool_,  # of the first priority
    "brand": np.int8,
    "dest": np.int32,
    "sender": np.int32,  # place that took it in, or -1 - row of the outside classes
    "aim": np.int32,  # destination stop * groups + group
    "account": np.int32,  # whose cost its rides are, see `sim.state.work`
    "begin": np.int32,  # when its first centre took it in, or when it was ready at its entry gateway
    "ready": np.int32,  # since when it can go on from where it is
    "home": np.int32,  # when it was ready at the stop of its round
    "grams": np.int32,
    "cm3": np.int32,
    "alight": np.int8,  # calls to ride on the trip it waits for
    "missed_dispatches": np.int16,
    "cancelled": np.int8,  # times its departure was cancelled
    "attempts": np.int8,
    "tried": np.int32,  # second of its latest attempt, if that fails
    "journey": np.int64,  # trips, seconds aboard and seconds waited for trips: one addition counts all three
}


def ride(hops: int, ride_s: int) -> np.int64:
    """Return what trips of so many seconds add to a journey; seconds of waiting are added as they are."""
    return np.int64(hops << 2 * SECONDS_BITS | ride_s << SECONDS_BITS)


def journey(of: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return trips, seconds aboard and seconds waited of journeys."""
    return of >> 2 * SECONDS_BITS, of >> SECONDS_BITS & _SECONDS, of & _SECONDS


class Pool:
    """Columns of the items in transit.

    Parameters
    ----------
    size
        Number of slots at first.

    Slots are reused, so memory follows the items in transit, not the length of
    the run.  Attributes are the columns; every queue holds slot numbers.
    """

    rank: np.ndarray
    key: np.ndarray
    luck: np.ndarray
    confidential: np.ndarray
    brand: np.ndarray
    dest: np.ndarray
    sender: np.ndarray
    aim: np.ndarray
    account: np.ndarray
    begin: np.ndarray
    ready: np.ndarray
    home: np.ndarray
    grams: np.ndarray
    cm3: np.ndarray
    alight: np.ndarray
    missed_dispatches: np.ndarray
    cancelled: np.ndarray
    attempts: np.ndarray
    tried: np.ndarray
    journey: np.ndarray

    def __init__(self, size: int = 1024) -> None:
        for name, kind in _COLUMNS.items():
            setattr(self, name, np.zeros(size, dtype=kind))
        self._free = np.arange(size, dtype=np.int64)[::-1].copy()
        self._left = size

    def __len__(self) -> int:
        """Return how many items are in transit."""
        return len(self.key) - self._left

    def take(self, priority: np.ndarray, order: np.ndarray) -> np.ndarray:
        """Return slots, with counters at zero, for new items of these priorities and orders of generation."""
        n = len(priority)
        while self._left < n:
            self._grow(n)
        slots = self._free[self._left - n : self._left][::-1].copy()
        self._left -= n
        self.rank[slots] = priority.astype(np.int64) << RANK_BITS | order
        self.confidential[slots] = priority == 0
        for name in ("missed_dispatches", "cancelled", "attempts", "journey"):
            getattr(self, name)[slots] = 0
        return slots

    @property
    def free_slots(self) -> np.ndarray:
        """Slots that hold no item."""
        return self._free[: self._left]

    def give_back(self, slots: np.ndarray) -> None:
        """Free the slots of items that have ended."""
        self._free[self._left : self._left + len(slots)] = slots
        self._left += len(slots)

    def _grow(self, n: int) -> None:
        old = len(self.key)
        size = max(old * 3 // 2, old + n)
        for name, kind in _COLUMNS.items():
            longer: np.ndarray = np.zeros(size, dtype=kind)
            longer[:old] = getattr(self, name)
            setattr(self, name, longer)
        free = np.empty(size, dtype=np.int64)
        free[: size - old] = np.arange(size - 1, old - 1, -1)
        free[size - old : size - old + self._left] = self._free[: self._left]
        self._free = free
        self._left += size - old
