"""Delivery rounds: at each hour of departure all rounds that run that day, as one batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from network.model import DAY_S
from sim.custody import DELIVERED, OUT, Custody
from sim.items import RANK_BITS, Pool
from sim.stops import Left
from sim.tours import Tours

__all__ = ["Rounds"]


class Rounds:
    """Items at their last centre, waiting for a round.

    Parameters
    ----------
    tours
        The rounds as tables.
    pool
        The items under way.
    handover_s
        (brands + 1, places): wait before an item can go on a round (rule 5).
    ended
        Called with slots and the second of each first delivery attempt.
    custody
        Told of every confidential item that goes out or is delivered.
    """

    def __init__(
        self,
        tours: Tours,
        pool: Pool,
        handover_s: np.ndarray,
        ended: Callable[[np.ndarray, np.ndarray], None],
        custody: Custody,
    ) -> None:
        self._tours = tours
        self._pool = pool
        self._handover_s = handover_s
        self._ended = ended
        self._custody = custody
        self.hours = tuple(sorted(set(tours.departs_s.tolist())))
        self._hour_of = np.searchsorted(self.hours, tours.departs_s)
        self._new: list[np.ndarray] = []
        self._waiting: list[list[np.ndarray]] = [[] for _ in self.hours]
        self.left = [Left() for _ in range(len(tours.departs_s))]

    def accept(self, slots: np.ndarray) -> None:
        """Take items that are sorted at the stop of their round."""
        self._new.append(slots)

    def _sort_in(self) -> None:
        """Let new items wait at the hour of their round, from when its brand lets them go (rule 5)."""
        if not self._new:
            return
        pool, slots = self._pool, np.concatenate(self._new)
        self._new = []
        dest = pool.dest[slots]
        ready = pool.ready[slots]
        pool.home[slots] = ready
        pool.ready[slots] = ready + self._handover_s[pool.brand[slots] + 1, dest]
        hour = self._hour_of[self._tours.tour[dest]]
        for number in range(len(self.hours)):
            self._waiting[number].append(slots[hour == number])

    def depart(self, number: int, day: int) -> None:
        """Let the rounds of one hour of departure leave on a day."""
        self._sort_in()
        blocks = self._waiting[number]
        if not blocks:
            return
        pool, tours = self._pool, self._tours
        slots = np.concatenate(blocks)
        tour = tours.tour[pool.dest[slots]]
        now = day * DAY_S + self.hours[number]
        go = tours.runs(day)[tour] & (pool.ready[slots] <= now)
        stay = [slots[~go]]
        slots, tour = slots[go], tour[go]
        behind = self._over(slots, tour)
        if behind is not None:
            left = slots[behind]
            stay.append(left)
            pool.left_behind[left] += 1
            self._count(tour[behind], day)
            slots = slots[~behind]
        self._waiting[number] = [block for block in stay if len(block)]
        if len(slots):
            dest = pool.dest[slots]
            attempts = day * DAY_S + tours.visit_s[dest].astype(np.int64)
            self._custody.note(slots, OUT, now, tours.tour[dest])
            self._custody.note(slots, DELIVERED, attempts, dest)
            self._ended(slots, attempts)

    def _over(self, slots: np.ndarray, tour: np.ndarray) -> np.ndarray | None:
        """Return which items do not fit on their rounds; None when all do (rule 11)."""
        pool, tours = self._pool, self._tours
        n = len(tours.departs_s)
        grams = np.bincount(tour, weights=pool.grams[slots], minlength=n)
        cm3 = np.bincount(tour, weights=pool.cm3[slots], minlength=n)
        full = (grams > tours.capacity_g) | (cm3 > tours.capacity_cm3)
        if not full.any():
            return None
        rows = np.flatnonzero(full[tour])
        mine, whose = slots[rows], tour[rows]
        rank = pool.rank[mine]
        order = np.lexsort((rank, pool.ready[mine], rank >> RANK_BITS, whose))
        rows, mine, whose = rows[order], mine[order], whose[order]
        start = np.searchsorted(whose, whose)
        behind = np.zeros(len(slots), dtype=bool)
        over = np.zeros(len(mine), dtype=bool)
        for column, capacity in ((pool.grams, tours.capacity_g), (pool.cm3, tours.capacity_cm3)):
            total = np.cumsum(column[mine], dtype=np.int64)
            before = total[start] - column[mine[start]]
            over |= total - before > capacity[whose]
        behind[rows[over]] = True
        return behind

    def _count(self, tour: np.ndarray, day: int) -> None:
        following = self._tours.next_run(tour, day + 1)
        for number in np.unique(tour).tolist():
            mine = tour == number
            self.left[number].add(int(mine.sum()), int((following[mine] - day).sum()) * DAY_S)

    def held(self) -> list[np.ndarray]:
        """Return the slots of the items that wait for a round."""
        return [block for blocks in (self._new, *self._waiting) for block in blocks]
