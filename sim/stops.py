"""A stop: what arrives is handled, screened and sorted, then waits for its trip or its round."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from network.model import WEEK_S
from network.search import StopPlan
from sim.centres import Station
from sim.chance import rechecked
from sim.items import Pool

__all__ = ["Left", "Stop"]


class Left:
    """What a leg, centre or round kept waiting: items, and hours until their next chance."""

    __slots__ = ("item_s", "items")

    def __init__(self) -> None:
        self.items = 0
        self.item_s = 0

    def add(self, items: int, item_s: int) -> None:
        self.items += items
        self.item_s += item_s


class Stop:
    """One stop of the line-haul, evaluated lazily: brought up to date when a trip or round leaves.

    Parameters
    ----------
    row
        Number of the stop in the plan.
    salt
        A number that always stands for its place, for draws made here.
    pool
        The items under way.
    plan
        Useful departures from here.
    groups
        Number of mode groups; a code is destination stop * groups + group.
    station
        Lanes and sorters, or None where items are ready when unloaded.
    handling_s
        Seconds from arrival to the lanes, by mode row.
    recheck
        Share and seconds of rechecks after sorting.
    is_gateway
        Items that end here are handed over on arrival.
    at_home
        Called with the slots of items that have reached their destination's stop and are sorted.
    """

    def __init__(
        self,
        row: int,
        salt: int,
        pool: Pool,
        plan: StopPlan,
        groups: int,
        station: Station | None,
        handling_s: tuple[int, ...],
        recheck: tuple[float, int],
        is_gateway: bool,
        at_home: Callable[[np.ndarray], None],
    ) -> None:
        self.row = row
        self._salt = salt
        self.is_gateway = is_gateway
        self.handling_s = handling_s
        self.station = station
        self.lines: list[list[np.ndarray]] = [[] for _ in plan.leaves_s]
        self.left = [Left() for _ in plan.leaves_s]
        self.queued = Left()  # at the lanes
        self._pool = pool
        self._plan = plan
        self._home = (row * groups, (row + 1) * groups)
        self._share, self._recheck_s = recheck
        self._at_home = at_home
        self._due: dict[int, list[np.ndarray]] = {}
        self._when: list[int] = []
        self._stream = np.zeros(0, dtype=np.int32)  # accepted outside, in order of ready time
        self._stream_ready = np.zeros(0, dtype=np.int64)
        self._leaving: list[tuple[np.ndarray, np.ndarray]] = []  # sorted, not yet ready

    def take_in(self, time: int, slots: np.ndarray) -> None:
        """Let items join the lanes (or be ready, where there are none) at `time`."""
        due = self._due.get(time)
        if due is None:
            self._due[time] = [slots]
            heappush(self._when, time)
        else:
            due.append(slots)

    def arrive(
        self, slots: np.ndarray, now: int, mode: int, ended: Callable[[np.ndarray, np.ndarray], None]
    ) -> None:
        """Unload items of a trip; a gateway hands over those that end here."""
        pool = self._pool
        pool.since[slots] = now
        if self.is_gateway:
            code = pool.code[slots]
            here = (code >= self._home[0]) & (code < self._home[1])
            if here.any():
                done = slots[here]
                ended(done, np.full(len(done), now))
                slots = slots[~here]
                if not len(slots):
                    return
        self.take_in(now + self.handling_s[mode], slots)

    def expect(self, ready: np.ndarray, slots: np.ndarray) -> None:
        """Let items accepted outside be ready here one by one."""
        ready = np.concatenate([self._stream_ready, ready])
        slots = np.concatenate([self._stream, slots])
        order = np.argsort(ready, kind="stable")
        self._stream, self._stream_ready = slots[order], ready[order]

    def advance(self, now: int) -> None:
        """Do all that happens here up to and including `now`."""
        when = self._when
        while when and when[0] <= now:
            time = heappop(when)
            blocks = self._due.pop(time)
            slots = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
            if self.station is None:
                self._release(slots, np.full(len(slots), time))
            else:
                priority = self._pool.priority[slots]
                order = np.lexsort((self._pool.row[slots], priority))
                self._sorted(self.station.join(time, slots[order], priority[order]))
        if self.station is not None:
            self._sorted(self.station.started(now))
            if self._leaving:
                self._leave(now)
        if len(self._stream_ready) and self._stream_ready[0] <= now:
            n = int(np.searchsorted(self._stream_ready, now, side="right"))
            self._release(self._stream[:n], self._stream_ready[:n])
            self._stream, self._stream_ready = self._stream[n:], self._stream_ready[n:]

    def _sorted(self, batch: tuple[np.ndarray, np.ndarray] | None) -> None:
        if batch is None:
            return
        slots, ready = batch
        if self._share > 0:
            aside = rechecked(self._pool.luck[slots], self._salt, self._share)
            ready = ready + self._recheck_s * aside
        self._leaving.append((slots, ready))

    def _leave(self, now: int) -> None:
        slots = np.concatenate([block[0] for block in self._leaving])
        ready = np.concatenate([block[1] for block in self._leaving])
        gone = ready <= now
        if gone.all():
            self._leaving = []
            self._release(slots, ready)
        elif gone.any():
            self._leaving = [(slots[~gone], ready[~gone])]
            self._release(slots[gone], ready[gone])

    def _release(self, slots: np.ndarray, ready: np.ndarray) -> None:
        pool = self._pool
        pool.handle[slots] += (ready - pool.since[slots]).astype(np.int32)
        pool.ready[slots] = ready
        code = pool.code[slots]
        home = (code >= self._home[0]) & (code < self._home[1])
        if home.any():
            self._at_home(slots[home])
            away = ~home
            slots, code, ready = slots[away], code[away], ready[away]
        if len(slots):
            self._queue(slots, code, ready)

    def _queue(self, slots: np.ndarray, code: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Choose the earliest arrival from `time` on and join its departure; return the departures."""
        plan = self._plan
        at = plan.key.searchsorted(code.astype(np.int64) * WEEK_S + time % WEEK_S)
        begin, end = plan.first[code], plan.first[code + 1]
        at = np.where(at >= end, begin, at)
        departure = plan.departure[at]
        self._pool.alight[slots] = plan.alight[at]
        if len(slots) == 1:
            self.lines[departure[0]].append(slots)
            return departure
        order = departure.argsort(kind="stable")
        ordered, lines = slots[order], departure[order]
        cuts = np.flatnonzero(lines[1:] != lines[:-1]).tolist()
        begin_at = 0
        for cut in cuts:
            self.lines[lines[cut]].append(ordered[begin_at : cut + 1])
            begin_at = cut + 1
        self.lines[lines[-1]].append(ordered[begin_at:])
        return departure

    def board(self, line: int, now: int, room_g: int, room_cm3: int) -> tuple[np.ndarray, int] | None:
        """Return the slots that board a departure, in no order, and how many stay behind (rule 11)."""
        self.advance(now)
        blocks = self.lines[line]
        if not blocks:
            return None
        self.lines[line] = []
        slots = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        pool = self._pool
        left = 0
        grams, cm3 = pool.grams[slots], pool.cm3[slots]
        if int(grams.sum(dtype=np.int64)) > room_g or int(cm3.sum(dtype=np.int64)) > room_cm3:
            slots = pool.in_order(slots)
            mass = np.cumsum(pool.grams[slots], dtype=np.int64)
            space = np.cumsum(pool.cm3[slots], dtype=np.int64)
            fits = min(
                int(np.searchsorted(mass, np.int64(room_g), side="right")),
                int(np.searchsorted(space, np.int64(room_cm3), side="right")),
            )
            behind = slots[fits:]
            left = len(behind)
            slots = slots[:fits]
            pool.left_behind[behind] += 1
            again = self._queue(behind, pool.code[behind], np.full(left, now + 1))
            ahead = (self._plan.leaves_s[again] - (now + 1)) % WEEK_S + 1
            self.left[line].add(left, int(ahead.sum()))
        pool.wait[slots] += now - pool.ready[slots]
        pool.hops[slots] += 1
        return slots, left

    def held(self) -> dict[str, int]:
        """Return how many items are here, place by place (rule 18)."""
        return {
            "unloading": sum(len(block) for blocks in self._due.values() for block in blocks),
            "outside": len(self._stream),
            "lanes": 0 if self.station is None else len(self.station.waiting),
            "sorters": sum(len(block[0]) for block in self._leaving),
            "waiting": sum(len(block) for line in self.lines for block in line),
        }
