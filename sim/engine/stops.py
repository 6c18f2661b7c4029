"""A stop: what arrives is handled, screened and sorted, then waits for its trip or its round."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from network.model.records import WEEK_S
from network.routing.search import StopPlan
from sim.chance.draws import rechecked
from sim.engine.centres import Station
from sim.engine.departures import HOME, Departures
from sim.engine.unequal import UnequalStation
from sim.state.boarding import boarding_order
from sim.state.pool import RANK_BITS, Pool

__all__ = ["Left", "Stop"]

_NONE = np.zeros(0, dtype=np.int64)


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
        The items in transit.
    plan
        Useful departures from here.
    groups
        Number of mode groups; a code is destination stop * groups + group.
    station
        Lanes and sorters, or None where items are ready when unloaded.
    handling_s
        Seconds from arrival to the lanes, by mode row.
    recheck
        Share and seconds of rechecks after sorting, in the station's hours of work.
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
        station: Station | UnequalStation | None,
        handling_s: tuple[int, ...],
        recheck: tuple[float, int],
        is_gateway: bool,
        at_home: Callable[[np.ndarray], None],
    ) -> None:
        self.row = row
        self.salt = salt
        self.is_gateway = is_gateway
        self.handling_s = handling_s
        self.station = station
        self.lines: list[list[np.ndarray]] = [[] for _ in plan.leaves_s]
        self.left = [Left() for _ in plan.leaves_s]
        self._pool = pool
        self.leaves_s = plan.leaves_s
        self.groups = groups
        self.departures = Departures(plan, row, groups)
        self.share, self.recheck_s = recheck
        self.at_home = at_home
        self._due: dict[int, list[np.ndarray]] = {}
        self._when: list[int] = []
        self._stream = np.zeros(0, dtype=np.int64)  # accepted outside, in order of ready time
        self._stream_ready = np.zeros(0, dtype=np.int64)
        self._coming: list[tuple[int, int, Callable[[int], None]]] = []  # second, order, what unloads
        self._trips = 0  # that were ever awaited
        self._again: list[tuple[int, int, np.ndarray]] = []  # left behind: when they choose again
        self._leaving: list[tuple[np.ndarray, np.ndarray, int]] = []  # sorted; slots, ready, latest ready

    def take_in(self, time: int, slots: np.ndarray) -> None:
        """Let items join the lanes (or be ready, where there are none) at `time`."""
        due = self._due.get(time)
        if due is None:
            self._due[time] = [slots]
            heappush(self._when, time)
        else:
            due.append(slots)

    def await_trip(self, second: int, unload: Callable[[int], None]) -> None:
        """Let a trip come at a later second; `unload` is called with it when the stop has come so far."""
        self._trips += 1
        heappush(self._coming, (second, self._trips, unload))

    def arrive(self, slots: np.ndarray, now: int, mode: int) -> np.ndarray:
        """Unload items of a trip; return those that end here, at a gateway."""
        done = _NONE
        if self.is_gateway:
            ends = self._pool.aim[slots] // self.groups == self.row
            if np.count_nonzero(ends):
                done, slots = slots[ends], slots[~ends]
        if len(slots):
            self.take_in(now + self.handling_s[mode], slots)
        return done

    def expect(self, ready: np.ndarray, slots: np.ndarray) -> None:
        """Let items accepted outside be ready here one by one."""
        ready = np.concatenate([self._stream_ready, ready])
        slots = np.concatenate([self._stream, slots])
        order = np.argsort(ready)
        self._stream, self._stream_ready = slots[order], ready[order]

    def advance(self, now: int, arrived: int | None = None) -> None:
        """Do all that happens here up to and including `now`, arrivals of trips up to `arrived` if given."""
        coming = self._coming
        while coming and coming[0][0] <= (now if arrived is None else arrived):
            second, _, unload = heappop(coming)
            unload(second)
        if self._again:
            self._rejoin(now)
        if self.station is None:
            self._take_ready(now)
        else:
            self._work(self.station, now)

    def _take_ready(self, now: int) -> None:
        """Let items wait on that need no work here."""
        when, blocks, times = self._when, [], []
        while when and when[0] <= now:
            time = heappop(when)
            for slots in self._due.pop(time):
                blocks.append(slots)
                times.append(np.full(len(slots), time))
        if len(self._stream_ready) and self._stream_ready[0] <= now:
            n = int(self._stream_ready.searchsorted(now, side="right"))
            blocks.append(self._stream[:n])
            times.append(self._stream_ready[:n])
            self._stream, self._stream_ready = self._stream[n:], self._stream_ready[n:]
        if blocks:
            self._release(_joined(blocks), _joined(times))

    def _work(self, station: Station | UnequalStation, now: int) -> None:
        """Let lanes and sorters work, and items wait on that are done."""
        when, pool = self._when, self._pool
        batches = []
        while when and when[0] <= now:
            time = heappop(when)
            slots = _joined(self._due.pop(time))
            rank = pool.rank[slots]
            if len(slots) > 1:
                order = rank.argsort()
                slots, rank = slots[order], rank[order]
            batches.append(station.join(time, slots, (rank >> RANK_BITS).astype(np.int8)))
        batches.append(station.started(now))
        done = [batch for batch in batches if batch is not None]
        if done:
            self._sorted(_joined([slots for slots, _ in done]), _joined([ready for _, ready in done]))
        if self._leaving:
            self._leave(now)

    def _sorted(self, slots: np.ndarray, ready: np.ndarray) -> None:
        """Let items leave the sorters at seconds of the station's working time, maybe for a recheck."""
        assert self.station is not None
        if self.share > 0:
            aside = rechecked(self._pool.luck[slots], self.salt, self.share)
            if np.count_nonzero(aside):
                ready = ready + self.recheck_s * aside
        last = int(ready.max())
        hours = self.station.hours
        if hours is not None:
            # Mostly nothing closes between the first and the last.
            first, closed = int(ready.min()), hours.clock(last) - last
            ready = ready + closed if hours.clock(first) - first == closed else hours.clock(ready)
            last += closed
        self._leaving.append((slots, ready, last))

    def _leave(self, now: int) -> None:
        """Release what has left the sorters by now."""
        gone, keep = [], []
        for slots, ready, last in self._leaving:
            if last <= now:
                gone.append((slots, ready))
                continue
            still_busy = ready > now
            if np.count_nonzero(still_busy) < len(slots):
                gone.append((slots[~still_busy], ready[~still_busy]))
                slots, ready = slots[still_busy], ready[still_busy]
            keep.append((slots, ready, last))
        self._leaving = keep
        if gone:
            self._release(_joined([slots for slots, _ in gone]), _joined([ready for _, ready in gone]))

    def _release(self, slots: np.ndarray, ready: np.ndarray) -> None:
        self._pool.ready[slots] = ready
        self._queue(slots, ready)

    def _queue(self, slots: np.ndarray, time: np.ndarray | int) -> np.ndarray:
        """Let items wait for the best departure from `time` on, or for a round; return the departures."""
        pool = self._pool
        line, pool.alight[slots] = self.departures.choose(pool.aim[slots], time)
        one = line[0]
        if np.count_nonzero(line == one) == len(slots):
            self._wait(one, slots)
            return line
        order = line.argsort(kind="stable")
        ordered, lines = slots[order], line[order]
        begin = 0
        for cut in (lines[1:] != lines[:-1]).nonzero()[0].tolist():
            self._wait(lines[cut], ordered[begin : cut + 1])
            begin = cut + 1
        self._wait(lines[-1], ordered[begin:])
        return line

    def _wait(self, line: int, slots: np.ndarray) -> None:
        if line == HOME:
            self.at_home(slots)
        else:
            self.lines[line].append(slots)

    def board(
        self, line: int, now: int, room_g: int, room_cm3: int
    ) -> tuple[np.ndarray, int, int, np.ndarray] | None:
        """Return the slots that board a departure, their g and cm3, and those that do not fit (rule 11).

        Whoever asks says what becomes of these: they `choose_again`, or one can `hold` them.
        """
        self.advance(now)
        blocks = self.lines[line]
        if not blocks:
            return None
        self.lines[line] = []
        slots = _joined(blocks)
        pool = self._pool
        behind = _NONE
        mass, space = int(np.add.reduce(pool.grams[slots])), int(np.add.reduce(pool.cm3[slots]))
        if mass > room_g or space > room_cm3:
            slots = slots[boarding_order(pool, slots)]
            grams, cm3 = np.cumsum(pool.grams[slots]), np.cumsum(pool.cm3[slots])
            fits = min(
                int(grams.searchsorted(room_g, side="right")), int(cm3.searchsorted(room_cm3, side="right"))
            )
            behind = slots[fits:]
            slots = slots[:fits]
            mass, space = (int(grams[fits - 1]), int(cm3[fits - 1])) if fits else (0, 0)
            pool.missed_dispatches[behind] += 1
        return slots, mass, space, behind

    def choose_again(self, line: int, behind: np.ndarray, now: int) -> None:
        """Let those that a departure left behind choose in the next second."""
        self._again.append((now + 1, line, behind))

    def _rejoin(self, now: int) -> None:
        """Queue those anew that choose again by now; in the second that left them nothing else takes them."""
        due, self._again = self._again, [row for row in self._again if row[0] > now]
        for second, line, slots in due:
            if second <= now:
                again = self._queue(slots, second)
                ahead = (self.leaves_s[again] - second) % WEEK_S + 1
                self.keep_waiting(line, len(slots), int(ahead.sum()))

    def keep_waiting(self, line: int, items: int, item_s: int) -> None:
        """Count items that a departure left behind, and their seconds until the next."""
        self.left[line].add(items, item_s)

    def hold(self, line: int, behind: np.ndarray) -> None:
        """Let those that a departure left behind wait on, for an extra trip."""
        self.lines[line].append(behind)

    def let_go(self, line: int, behind: np.ndarray) -> None:
        """Take them out again: there is no extra trip."""
        self.lines[line] = [block for block in self.lines[line] if block is not behind]

    def cancel(self, line: int, now: int) -> int:
        """Let all that wait for a departure that does not run choose again; return how many they are."""
        self.advance(now)
        blocks = self.lines[line]
        if not blocks:
            return 0
        self.lines[line] = []
        slots = np.concatenate(blocks)
        self._pool.cancelled[slots] += 1
        self.choose_again(line, slots, now)
        return len(slots)

    def held(self) -> dict[str, list[np.ndarray]]:
        """Return the slots of the items that are here, each queue for itself (rule 18)."""
        return {
            "collecting": [block for blocks in self._due.values() for block in blocks],
            "outside": [self._stream],
            "lanes": [] if self.station is None else [self.station.waiting],
            "sorters": [block[0] for block in self._leaving],
            "waiting": [block for line in self.lines for block in line] + [row[2] for row in self._again],
        }


def _joined(blocks: list[np.ndarray]) -> np.ndarray:
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
