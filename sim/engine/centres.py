"""Lanes and sorters of a centre (rule 14): many servers, one queue, exact whole-second times.

With equal deterministic service the i-th item to start takes the server that
item i - c took.  Finishes are kept exactly, in units of 1/rate seconds, and
show rounded up to the second, so that the k-th item of a server's busy period
finishes at ``start + ceil(k * 3600 / rate)``.  A whole batch is a few array
operations instead of a loop.

A station works in its hours alone: all its seconds but those given to `join`
and `started` are seconds of *working time* (`network.model.working_hours`).
"""

from __future__ import annotations

import numpy as np

from network.model.operations import Operations
from network.model.records import Centre
from network.model.working_hours import Hours
from network.numeric.streams import entity
from sim.chance.draws import Draws, rechecked
from sim.engine.unequal import UnequalStation
from sim.state.pool import Pool

__all__ = ["Lanes", "Sorters", "Station", "make_station"]

HOUR_S = 3600


class Lanes:
    """`count` screening lanes with one queue, ordered anew whenever a batch joins.

    A lane that is free, or frees, at the second at which a batch joins starts a new busy period.
    """

    def __init__(self, count: int, rate_per_h: int) -> None:
        self.count = count
        self.rate = rate_per_h
        self._last = np.zeros(count, dtype=np.int64)  # exact finishes, the lane to be taken next first

    def schedule(self, time: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (start second, exact finish) of `n` items waiting at `time`; nothing is committed."""
        free = np.maximum(self._last, time * self.rate)
        if n <= self.count:
            free = free[:n]
            return -(-free // self.rate), free + HOUR_S
        rounds = -(-n // self.count)
        steps = np.arange(HOUR_S, (rounds + 1) * HOUR_S, HOUR_S)
        exact = (free + steps[:, None]).ravel()[:n]
        start = -(-np.concatenate([free, exact])[:n] // self.rate)
        return start, exact

    def remember(self, exact: np.ndarray) -> None:
        """Note that items with these exact finishes were next."""
        self._last = np.concatenate([self._last, exact])[-self.count :]

    def commit(self, exact: np.ndarray) -> np.ndarray:
        """Note that items with these exact finishes were next; return them in seconds, rounded up."""
        self.remember(exact)
        return -(-exact // self.rate)


class Sorters:
    """`count` sorters that take items in the order in which the lanes release them."""

    def __init__(self, count: int, rate_per_h: int) -> None:
        self.count = count
        self.rate = rate_per_h
        self._last = np.zeros(count, dtype=np.int64)
        self.exact = self._last  # finishes of the batch served last

    def serve(self, ready: np.ndarray) -> np.ndarray:
        """Return the second at which each item is sorted; `ready` does not decrease.

        The finish of item i is ``max(ready[i], finish[i - c]) + 3600 / rate``:
        for each sorter a running maximum.
        """
        n, c = len(ready), self.count
        if n <= c:
            exact = np.maximum(ready * self.rate, self._last[:n]) + HOUR_S
        else:
            rounds = -(-n // c)
            times = np.zeros(rounds * c, dtype=np.int64)
            np.multiply(ready, self.rate, out=times[:n])
            finish = times.reshape(rounds, c)
            steps = np.arange(0, rounds * HOUR_S, HOUR_S)[:, None]
            finish -= steps
            np.maximum(finish[0], self._last, out=finish[0])
            np.maximum.accumulate(finish, axis=0, out=finish)
            finish += steps + HOUR_S
            exact = times[:n]
        self.remember(exact)
        return -(-exact // self.rate)

    def remember(self, exact: np.ndarray) -> None:
        """Note that items with these exact finishes were next."""
        self.exact = exact
        self._last = np.concatenate([self._last, exact])[-self.count :]


class _Idle:
    """What happens to a batch that finds everything idle, in seconds after it joins; grows as needed."""

    def __init__(self, lanes: int, lane_rate_per_h: int, sorters: int, sorter_rate_per_h: int) -> None:
        self._of = (lanes, lane_rate_per_h, sorters, sorter_rate_per_h)
        self.size = 0
        self.grow(64)

    def grow(self, size: int) -> None:
        lanes, lane_rate, sorters, sorter_rate = self._of
        first, second = Lanes(lanes, lane_rate), Sorters(sorters, sorter_rate)
        self.start, self.lane_exact = first.schedule(0, size)
        self.ready = second.serve(first.commit(self.lane_exact))
        self.sorter_exact = second.exact
        self.waited: list[int] = np.cumsum(
            np.append(0, self.start > 0)
        ).tolist()  # by those that start before
        self.waited_s: list[int] = np.cumsum(np.append(0, self.start)).tolist()
        self.size = size


class Station:
    """Screening lanes followed by sorters.

    Waiting items start by class priority, ready time and item key; when a
    batch arrives, those that have not started are put in order again with it.

    Parameters
    ----------
    lanes, lane_rate_per_h, sorters, sorter_rate_per_h
        Servers of the two steps and what one of them does in an hour.
    hours
        Of work; None for a centre that never closes.
    """

    def __init__(
        self,
        lanes: int,
        lane_rate_per_h: int,
        sorters: int,
        sorter_rate_per_h: int,
        hours: Hours | None = None,
    ) -> None:
        self.hours = hours
        self.lanes = Lanes(lanes, lane_rate_per_h)
        self.sorters = Sorters(sorters, sorter_rate_per_h)
        self.waiting = np.zeros(0, dtype=np.int64)  # slots in order
        self._priority = np.zeros(0, dtype=np.int8)  # sorted by counting
        self._start = np.zeros(0, dtype=np.int64)
        self._exact = np.zeros(0, dtype=np.int64)
        # A batch that finds all idle is read off a table; the servers are told only when another meets it.
        self._table = _Idle(lanes, lane_rate_per_h, sorters, sorter_rate_per_h)
        self._alone = -1  # second at which such a batch joined, or -1
        self._done = 0  # how many of it have started
        self._busy_until = -1
        self._joined = 0  # second of the latest batch
        self.waited = 0  # items that waited for a lane after a batch had joined
        self.waited_s = 0  # and how long in the hours of work, item-seconds

    def join(
        self, time: int, slots: np.ndarray, priority: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Let a batch join at a whole second; `slots` are in order among themselves.

        Returns
        -------
        tuple of numpy.ndarray, or None
            Slots that had started before, and the working second at which each leaves the sorters; ascending.
        """
        if self.hours is not None:
            time = self.hours.worked(time)
        started = self._started(time)
        self.waited_s += len(self.waiting) * (time - self._joined)
        self._joined = time
        n = len(slots)
        if time > self._busy_until and not len(self.waiting):
            if n > self._table.size:
                self._table.grow(2 * n)
            self.waiting, self._priority = slots, priority
            self._alone, self._done = time, 0
            self._busy_until = time + int(self._table.ready[n - 1])
            return started
        self._meet()
        if len(self.waiting):
            slots = np.concatenate([self.waiting, slots])
            priority = np.concatenate([self._priority, priority])
            order = np.argsort(priority, kind="stable")
            slots, priority = slots[order], priority[order]
        self.waiting, self._priority = slots, priority
        self._start, self._exact = self.lanes.schedule(time, len(slots))
        # An upper bound does: the lanes' last finish, and every item after it on one sorter.
        last = -(-int(self._exact[-1]) // self.lanes.rate)
        sorting = -(-int(self.sorters.exact[-1]) // self.sorters.rate)
        self._busy_until = max(last, sorting) + (len(slots) + 1) * (HOUR_S // self.sorters.rate + 1)
        return started

    def _meet(self) -> None:
        """Tell the servers about the part of a lone batch that has started."""
        if self._alone >= 0 and self._done:
            table, lanes, sorters = self._table, self.lanes, self.sorters
            lanes.remember(table.lane_exact[: self._done] + self._alone * lanes.rate)
            sorters.remember(table.sorter_exact[: self._done] + self._alone * sorters.rate)
            self._priority = self._priority[self._done :]
        self._alone = -1

    def started(self, now: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Commit what starts before the second `now`; return the same as `join`."""
        if not len(self.waiting):
            return None
        return self._started(now if self.hours is None else self.hours.worked(now))

    def _started(self, now: int) -> tuple[np.ndarray, np.ndarray] | None:
        waiting = self.waiting
        if not len(waiting):
            return None
        if self._alone >= 0:
            table, begin = self._table, self._done
            n = min(int(table.start.searchsorted(now - self._alone)) - begin, len(waiting))
            if n == 0:
                return None
            self._done = end = begin + n
            self.waited += table.waited[end] - table.waited[begin]
            self.waited_s += table.waited_s[end] - table.waited_s[begin]
            ready = table.ready[begin:end] + self._alone
        else:
            n = int(self._start.searchsorted(now))
            if n == 0:
                return None
            waits = self._start[:n] - self._joined
            self.waited += int(np.count_nonzero(waits))
            self.waited_s += int(np.add.reduce(waits))
            ready = self.sorters.serve(self.lanes.commit(self._exact[:n]))
            self._exact, self._start, self._priority = self._exact[n:], self._start[n:], self._priority[n:]
        self.waiting = waiting[n:]
        return waiting[:n], ready


def make_station(
    centre: Centre, operations: Operations, pool: Pool, draws: Draws, recheck: tuple[float, int]
) -> Station | UnequalStation | None:
    """Return the station of a centre; None where there are no lanes.

    Parameters
    ----------
    operations
        How long service takes and where rechecks happen.
    pool, draws
        The items in transit and the run's chance.
    recheck
        Share of items that are rechecked, 0-1, and the seconds that it takes.
    """
    if not centre.lanes:
        return None
    hours = Hours.of(centre)
    lane, sorter = centre.lane_rate_per_h, centre.sorter_rate_per_h
    on_lane, drawn = operations.recheck == "lane", operations.service == "exponential"
    if not (on_lane or drawn):
        return Station(centre.lanes, lane, centre.sorters, sorter, hours)
    share, recheck_s = recheck
    place = entity(centre.place)

    def service(slots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if drawn:
            keys = pool.key[slots]
            lane_s = draws.service_s("lane", lane, keys, place)
            sort_s = draws.service_s("sort", sorter, keys, place)
        else:
            lane_s = np.full(len(slots), -(-HOUR_S // lane))
            sort_s = np.full(len(slots), -(-HOUR_S // sorter))
        if on_lane:
            lane_s += recheck_s * rechecked(pool.luck[slots], place, share)
        return lane_s, sort_s

    return UnequalStation(centre.lanes, centre.sorters, service, hours)
