"""Delivery rounds: at each hour of departure all rounds that run that day, as one batch."""

from __future__ import annotations

import numpy as np

from network.model.records import DAY_S
from sim.chance.attempts import Attempts
from sim.engine.ends import Ends
from sim.engine.round_days import RoundDays
from sim.engine.stops import Left
from sim.state.boarding import boarding_order
from sim.state.custody import DELIVERED, OUT, TAKEN_IN, Custody
from sim.state.pool import Pool

__all__ = ["Rounds"]


class Rounds:
    """Items at their last centre, waiting for a round, and those that a round brings back.

    Parameters
    ----------
    round_days
        The rounds, and when they run.
    pool
        The items in transit.
    handover_s
        (brands + 1, places): wait before an item can go on a round (rule 5).
    ends
        Told of deliveries, of attempts that fail, and of what goes back to its sender.
    custody
        Told of every confidential item that goes out, is delivered or comes back.
    attempts
        Which attempts fail; None where none does.
    """

    def __init__(
        self,
        round_days: RoundDays,
        pool: Pool,
        handover_s: np.ndarray,
        ends: Ends,
        custody: Custody,
        attempts: Attempts | None,
    ) -> None:
        self._round_days, self._table = round_days, round_days.table
        self._pool = pool
        self._handover_s = handover_s
        self._ends = ends
        self._custody = custody
        self._attempts = attempts
        departs_s = self._table.departs_s
        self.hours = tuple(sorted(set(departs_s.tolist())))
        self._hour_of = np.searchsorted(self.hours, departs_s)
        self._new: list[np.ndarray] = []
        self._waiting: list[list[np.ndarray]] = [[] for _ in self.hours]
        # to be tried again: number of the hour, slots, when they are back
        self._again: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.left = [Left() for _ in departs_s]

    def accept(self, slots: np.ndarray) -> None:
        """Take items that are sorted at the stop of their round."""
        self._new.append(slots)

    def settle(self, now: int) -> None:
        """Let items wait at the hour of their round that have become ready or come back by `now`.

        What is sorted here can go out from when its brand lets it (rule 5).
        """
        for _ in range(len(self._again)):
            number, slots, back = self._again.pop(0)
            is_back = back <= now
            self._waiting[number].append(slots[is_back])
            if not is_back.all():
                self._again.append((number, slots[~is_back], back[~is_back]))
        if not self._new:
            return
        pool, slots = self._pool, np.concatenate(self._new)
        self._new = []
        if self._attempts is not None:
            over = pool.attempts[slots] >= self._attempts.limit
            if np.count_nonzero(over):
                self._ends.give_back(slots[over], pool.ready[slots[over]])
                slots = slots[~over]
        dest = pool.dest[slots]
        ready = pool.ready[slots]
        pool.home[slots] = ready
        pool.ready[slots] = ready + self._handover_s[pool.brand[slots] + 1, dest]
        hour = self._hour_of[self._table.round_row[dest]]
        for number in range(len(self.hours)):
            self._waiting[number].append(slots[hour == number])

    def depart(self, number: int, day: int) -> None:
        """Let the rounds of one hour of departure leave on a day."""
        now = day * DAY_S + self.hours[number]
        self.settle(now)
        blocks = self._waiting[number]
        if not blocks:
            return
        pool, table = self._pool, self._table
        slots = np.concatenate(blocks)
        round_ = table.round_row[pool.dest[slots]]
        go = self._round_days.runs(day)[round_] & (pool.ready[slots] <= now)
        stay = [slots[~go]]
        slots, round_ = slots[go], round_[go]
        behind = self._over(slots, round_, day)
        if behind is not None:
            left = slots[behind]
            stay.append(left)
            pool.missed_dispatches[left] += 1
            self._count(round_[behind], day)
            slots = slots[~behind]
        self._waiting[number] = [block for block in stay if len(block)]
        if len(slots):
            dest = pool.dest[slots]
            when = day * DAY_S + table.visit_s[dest].astype(np.int64)
            self._custody.note(slots, OUT, now, table.round_row[dest])
            if self._attempts is not None:
                slots, dest, when = self._try(self._attempts, number, day, slots, dest, when)
            self._custody.note(slots, DELIVERED, when, dest)
            self._ends.deliver(slots, when)

    def _try(
        self, attempts: Attempts, number: int, day: int, slots: np.ndarray, dest: np.ndarray, when: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Let the attempts fail that do; return the slots, places and seconds of the others."""
        pool, table = self._pool, self._table
        tries = pool.attempts[slots] + 1
        pool.attempts[slots] = tries
        fails = attempts.fail(pool.key[slots], dest, tries)
        if not np.count_nonzero(fails):
            return slots, dest, when
        failed, tried, place = slots[fails], when[fails], dest[fails]
        back = np.maximum(day * DAY_S + table.intake_s[table.round_row[place]], tried)
        pool.tried[failed] = tried
        self._custody.note(failed, TAKEN_IN, back, table.base[place])
        self._ends.fail(failed, tried)
        again = tries[fails] < attempts.limit
        self._ends.send_back(failed[~again], back[~again])
        if again.any():
            failed, tried, back = failed[again], tried[again], back[again]
            pool.ready[failed] = np.maximum(back, tried + attempts.gap_s)
            self._again.append((number, failed, back))
        good = ~fails
        return slots[good], dest[good], when[good]

    def _over(self, slots: np.ndarray, round_: np.ndarray, day: int) -> np.ndarray | None:
        """Return which items do not fit on their rounds; None when all do (rule 11)."""
        pool, n = self._pool, len(self._table.departs_s)
        grams = np.bincount(round_, weights=pool.grams[slots], minlength=n)
        cm3 = np.bincount(round_, weights=pool.cm3[slots], minlength=n)
        holds_g, holds_cm3 = self._round_days.capacity(day)
        full = (grams > holds_g) | (cm3 > holds_cm3)
        if not full.any():
            return None
        rows = np.flatnonzero(full[round_])
        loaded, whose = slots[rows], round_[rows]
        order = boarding_order(pool, loaded, whose)
        rows, loaded, whose = rows[order], loaded[order], whose[order]
        start = np.searchsorted(whose, whose)
        behind = np.zeros(len(slots), dtype=bool)
        over = np.zeros(len(loaded), dtype=bool)
        for column, capacity in ((pool.grams, holds_g), (pool.cm3, holds_cm3)):
            total = np.cumsum(column[loaded], dtype=np.int64)
            before = total[start] - column[loaded[start]]
            over |= total - before > capacity[whose]
        behind[rows[over]] = True
        return behind

    def _count(self, round_: np.ndarray, day: int) -> None:
        following = self._round_days.next_run(round_, day + 1)
        for number in np.unique(round_).tolist():
            of_round = round_ == number
            self.left[number].add(int(of_round.sum()), int((following[of_round] - day).sum()) * DAY_S)

    def held(self) -> list[np.ndarray]:
        """Return the slots of the items that wait for a round."""
        return [block for blocks in (self._new, *self._waiting) for block in blocks]

    def coming_back(self) -> list[np.ndarray]:
        """Return the slots of the items whose attempt fails, and that will go out again."""
        return [slots for _, slots, _ in self._again]
