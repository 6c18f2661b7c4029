"""Records of the measured cohort: whole days of acceptance, as columns in item-key order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from sim.demand.items import Items
from sim.state.pool import RANK_BITS, STAGES, Pool, journey

__all__ = [
    "CENSORED",
    "DELIVERED",
    "HANDED_OVER",
    "PATIENCE_DAYS",
    "REFUSED",
    "RETURNED",
    "Columns",
    "ItemLog",
]

DELIVERED, HANDED_OVER, REFUSED, CENSORED, RETURNED = 0, 1, 2, 3, 4

PATIENCE_DAYS = 14  # a day that is not complete by then leaves with some of its items still in transit

Columns = dict[str, np.ndarray]

_KINDS: dict[str, type] = {
    "key": np.int64,
    "cls": np.int8,
    "brand": np.int8,
    "direction": np.int8,
    "origin": np.int32,
    "dest": np.int32,
    "accepted_s": np.int32,
    "ended_s": np.int32,  # first attempt or hand-over
    "final_s": np.int32,  # when it left the books
    "outcome": np.int8,
    "held": np.int8,  # row of `sim.state.ledger.IN_TRANSIT`: where an item in transit at cut-off is
    "held_at": np.int16,  # row of the stop where it is then; -1 on its way and when it has ended
    **dict.fromkeys(STAGES, np.int32),
    "grams": np.int32,
    "cm3": np.int32,
    "hops": np.int8,
    "missed_dispatches": np.int16,
    "cancelled": np.int8,
    "attempts": np.int8,
}

# What is not known at acceptance, and its value until it is.  Of what left the books with its first attempt
# or hand-over only `ended_s` and `outcome` say so; `final_s` and `attempts` are for the others.
_LATER: dict[str, tuple[type, int]] = {
    "ended_s": (np.int32, -1),
    "final_s": (np.int32, -1),
    "outcome": (np.int8, CENSORED),
    "held": (np.int8, 0),
    "held_at": (np.int16, -1),
    "journey": (np.int64, 0),  # as in the pool
    "deliver_s": (np.int32, 0),
    "missed_dispatches": (np.int16, 0),
    "cancelled": (np.int8, 0),
    "attempts": (np.int8, 0),
}


class ItemLog:
    """Rows of the items accepted on the measured days.

    What is known at acceptance is kept as it came, a table a day.  The rest is
    written when items end, into columns that hold the days still in memory:
    with a `sink` a day leaves them when all items of it and of the days before
    have left the books, so that memory follows the items in transit.  A day that
    keeps more than `PATIENCE_DAYS` after it waiting leaves all the same; those
    of its items that are still in transit then (outcome `CENSORED`) are given
    to the sink once more when they have left the books, or at close.

    Parameters
    ----------
    first_day, end_day
        The measured days, the last excluded.
    sink
        Called with the columns of one day after the other, and now and then with those of items whose days
        have left without knowing their end; without it the log keeps all.

    Attributes
    ----------
    ended
        Items of the cohort that have left the books.
    """

    def __init__(self, first_day: int, end_day: int, sink: Callable[[Columns], None] | None = None) -> None:
        self._days = range(first_day, end_day)
        self._sink = sink
        self._known: deque[Columns] = deque()  # of each day that is still here
        self._gone = 0  # rows at the front of the columns whose days have left
        self._size = 0  # rows in use, those included
        self._start: int | None = None  # order of the first item of the cohort
        self._first = 0  # order of the item of the first row
        self._later: Columns = {name: np.zeros(0, dtype=kind) for name, (kind, _) in _LATER.items()}
        # Items still in transit whose days have left: their orders, ascending, and both kinds of columns.
        self._behind = np.zeros(0, dtype=np.int64)
        self._behind_known: Columns = {name: np.zeros(0, dtype=_KINDS[name]) for name in _KNOWN}
        self._behind_later: Columns = {name: column.copy() for name, column in self._later.items()}
        self._count = 0
        self.ended = 0

    def __len__(self) -> int:
        """Return how many items of the cohort have been accepted."""
        return self._count

    @property
    def capacity(self) -> int:
        """Rows that the columns have room for."""
        return len(self._later["outcome"])

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
        n = len(items)
        if day not in self._days or not n:
            return
        if self._start is None:
            self._start = self._first = order
            if self._sink is None:  # days differ; memory is taken as it is used
                self._reserve(n * len(self._days))
        self._known.append(
            {
                **{name: getattr(items, name) for name in _AS_GIVEN},
                "accepted_s": accepted_s.astype(np.int32),
                "upstream_s": upstream_s.astype(np.int32),
                "collect_s": collect_s.astype(np.int32),
            }
        )
        self._reserve(n)
        rows = slice(self._size, self._size + n)
        self._size += n
        self._count += n
        for name, (_, blank) in _LATER.items():
            self._later[name][rows] = blank
        if refused.any():
            self._later["ended_s"][rows][refused] = accepted_s[refused]
            self._later["outcome"][rows][refused] = REFUSED
            self.ended += int(np.count_nonzero(refused))

    def _reserve(self, more: int) -> None:
        """Make room for more rows: over those that have left if they are a third of them, else anew."""
        if self._size + more <= self.capacity:
            return
        kept = slice(self._gone, self._size)
        size = self._size - self._gone
        longer = self.capacity if size + more <= self.capacity * 2 // 3 else (size + more) * 3 // 2
        for name, column in self._later.items():
            new = column if longer == len(column) else np.empty(longer, dtype=column.dtype)
            new[:size] = column[kept]
            self._later[name] = new
        self._first += self._gone
        self._gone, self._size = 0, size

    def _mine(self, pool: Pool, slots: np.ndarray) -> Iterator[tuple[Columns, np.ndarray, np.ndarray]]:
        """Yield columns that hold items of the cohort, their rows in them, and which of `slots` they are."""
        if self._start is None:
            return
        order = pool.rank[slots] & ((1 << RANK_BITS) - 1)
        rows = order - (self._first + self._gone)
        logged = rows.view(np.uint64) < np.uint64(self._size - self._gone)
        yield self._later, rows[logged] + self._gone, logged
        if len(self._behind):
            behind = (rows < 0) & (order >= self._start)
            yield self._behind_later, np.searchsorted(self._behind, order[behind]), behind

    def attempt(self, pool: Pool, slots: np.ndarray, when: np.ndarray) -> None:
        """Write the stages of items whose first attempt, perhaps still to come at `when`, fails."""
        for later, rows, logged in self._mine(pool, slots):
            _stages(later, rows, pool, slots[logged], when[logged])
            later["deliver_s"][rows] = when[logged] - pool.home[slots[logged]]

    def end(self, pool: Pool, slots: np.ndarray, when: np.ndarray, outcome: int) -> None:
        """Write when and how items of the cohort among `slots` left the books."""
        for later, rows, logged in self._mine(pool, slots):
            _end(later, rows, pool, slots[logged], when[logged], outcome)
            self.ended += len(rows)

    def hold(self, pool: Pool, slots: np.ndarray, term: int, stop: int | np.ndarray) -> None:
        """Write where items of the cohort are at close: the term of the ledger, and a stop or -1."""
        for later, rows, logged in self._mine(pool, slots):
            _hold(later, rows, pool, slots[logged])
            later["held"][rows] = term
            later["held_at"][rows] = stop[logged] if isinstance(stop, np.ndarray) else stop

    def hand_over(self) -> None:
        """Give the sink the first days, as far as they can leave, and what is known now of days that have."""
        if self._sink is None:
            return
        while self._known:
            n = len(self._known[0]["key"])
            missing = self._later["outcome"][self._gone : self._gone + n] == CENSORED
            if missing.any() and len(self._known) <= PATIENCE_DAYS:
                break
            self._pass(n, missing)
        self._tell(self._behind_later["outcome"] != CENSORED)

    def close(self) -> None:
        """Give the sink all days that are left, then what is left of the others."""
        if self._sink is None:
            return
        while self._known:
            n = len(self._known[0]["key"])
            self._pass(n, np.zeros(n, dtype=bool))
        self._tell(np.ones(len(self._behind), dtype=bool))
        self._later = {name: np.zeros(0, dtype=kind) for name, (kind, _) in _LATER.items()}
        self._gone = self._size = 0

    def _pass(self, n: int, missing: np.ndarray) -> None:
        """Give the sink the first day, and remember what is `missing` in it."""
        assert self._sink is not None
        begin = self._gone
        known = self._known.popleft()
        later = {name: column[begin : begin + n].copy() for name, column in self._later.items()}
        self._gone += n
        if missing.any():
            self._behind = np.append(self._behind, self._first + begin + np.flatnonzero(missing))
            for behind, day in ((self._behind_known, known), (self._behind_later, later)):
                for name, column in day.items():
                    behind[name] = np.append(behind[name], column[missing])
        self._sink(_whole(known, later))

    def _tell(self, now: np.ndarray) -> None:
        """Give the sink those that were missing and of which everything is known `now`."""
        assert self._sink is not None
        if not now.any():
            return
        parts = self._behind_known, self._behind_later
        self._sink(_whole(*({name: column[now] for name, column in part.items()} for part in parts)))
        self._behind = self._behind[~now]
        self._behind_known, self._behind_later = (
            {name: column[~now] for name, column in part.items()} for part in parts
        )

    def columns(self) -> Columns:
        """Return the rows that no sink has taken, in item-key order."""
        known = {}
        for name in _KNOWN:
            parts = [day.pop(name) for day in self._known]
            known[name] = np.concatenate(parts) if parts else np.zeros(0, dtype=_KINDS[name])
        self._known.clear()
        rows = slice(self._gone, self._size)
        return _whole(known, {name: column[rows] for name, column in self._later.items()})


def _stages(later: Columns, rows: np.ndarray, pool: Pool, slots: np.ndarray, when: np.ndarray) -> None:
    later["ended_s"][rows] = when
    later["journey"][rows] = pool.journey[slots]


def _counters(later: Columns, rows: np.ndarray, pool: Pool, slots: np.ndarray) -> None:
    for name in ("missed_dispatches", "cancelled"):
        times = getattr(pool, name)[slots]
        counted = times.nonzero()[0]
        if len(counted):
            later[name][rows[counted]] = times[counted]


def _end(
    later: Columns, rows: np.ndarray, pool: Pool, slots: np.ndarray, when: np.ndarray, outcome: int
) -> None:
    later["outcome"][rows] = outcome
    _counters(later, rows, pool, slots)
    attempts = pool.attempts[slots]
    after = attempts > (outcome == DELIVERED)  # its first attempt failed, and is written already
    if np.count_nonzero(after):
        later["final_s"][rows[after]] = when[after]
        later["attempts"][rows[after]] = attempts[after]
        rows, slots, when = rows[~after], slots[~after], when[~after]
    _stages(later, rows, pool, slots, when)
    if outcome == DELIVERED:
        later["deliver_s"][rows] = when - pool.home[slots]


def _hold(later: Columns, rows: np.ndarray, pool: Pool, slots: np.ndarray) -> None:
    later["attempts"][rows] = pool.attempts[slots]
    _counters(later, rows, pool, slots)
    new = pool.attempts[slots] == 0  # what has had no attempt is written as far as it came
    _stages(later, rows[new], pool, slots[new], np.full(np.count_nonzero(new), -1))
    later["deliver_s"][rows[new]] = 0


_AS_GIVEN = ("key", "cls", "brand", "direction", "origin", "dest", "grams", "cm3")
_KNOWN = (*_AS_GIVEN, "accepted_s", "upstream_s", "collect_s")


def _whole(known: Columns, later: Columns) -> Columns:
    """Return all columns of some rows."""
    ended, outcome = later["ended_s"], later["outcome"]
    final, first_time = later["final_s"], ended >= 0
    hops, ride_s, wait_s = (column.astype(np.int32) for column in journey(later["journey"]))
    # What is left of an ended item's time was spent at centres; the stages then sum to it.
    handle = ended - known["accepted_s"]
    for stage in (known["upstream_s"], known["collect_s"], wait_s, ride_s, later["deliver_s"]):
        handle -= stage
    handle[~first_time] = 0
    columns = {
        **known,
        **later,
        "final_s": np.where((final < 0) & (outcome != CENSORED), ended, final),
        "handle_s": handle,
        "wait_s": wait_s,
        "ride_s": ride_s,
        "hops": hops,
        "attempts": np.maximum(later["attempts"], outcome == DELIVERED),
    }
    return {name: columns[name].astype(kind, copy=False) for name, kind in _KINDS.items()}
