"""Lanes and sorters of a centre (rule 14): many servers, one queue, exact whole-second times.

With equal deterministic service the i-th item to start takes the server that
item i - c took.  Finishes are kept exactly, in units of 1/rate seconds, and
show rounded up to the second, so that the k-th item of a server's busy period
finishes at ``start + ceil(k * 3600 / rate)``.  A whole batch is a few array
operations instead of a loop.
"""

from __future__ import annotations

import numpy as np

__all__ = ["Lanes", "Sorters", "Station"]

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

    def commit(self, exact: np.ndarray) -> np.ndarray:
        """Note that items with these exact finishes were next; return them in seconds, rounded up."""
        self._last = np.concatenate([self._last, exact])[-self.count :]
        return -(-exact // self.rate)


class Sorters:
    """`count` sorters that take items in the order in which the lanes release them."""

    def __init__(self, count: int, rate_per_h: int) -> None:
        self.count = count
        self.rate = rate_per_h
        self._last = np.zeros(count, dtype=np.int64)

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
        self._last = np.concatenate([self._last, exact])[-c:]
        return -(-exact // self.rate)


class Station:
    """Screening lanes followed by sorters.

    Waiting items start by class priority, ready time and item key; when a
    batch arrives, those that have not started are put in order again with it.

    Parameters
    ----------
    lanes, lane_rate_per_h, sorters, sorter_rate_per_h
        Servers of the two steps and what one of them does in an hour.
    """

    def __init__(self, lanes: int, lane_rate_per_h: int, sorters: int, sorter_rate_per_h: int) -> None:
        self._lanes = Lanes(lanes, lane_rate_per_h)
        self._sorters = Sorters(sorters, sorter_rate_per_h)
        self.waiting = np.zeros(0, dtype=np.int32)  # slots in order
        self._priority = np.zeros(0, dtype=np.int64)
        self._start = np.zeros(0, dtype=np.int64)
        self._exact = np.zeros(0, dtype=np.int64)

    def join(
        self, time: int, slots: np.ndarray, priority: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Let a batch join at a whole second; `slots` are in order among themselves.

        Returns
        -------
        tuple of numpy.ndarray, or None
            Slots that had started before, and the second each leaves the sorters.
        """
        started = self.started(time)
        if len(self.waiting):
            slots = np.concatenate([self.waiting, slots])
            priority = np.concatenate([self._priority, priority])
            order = np.argsort(priority, kind="stable")
            slots, priority = slots[order], priority[order]
        self.waiting, self._priority = slots, priority
        self._start, self._exact = self._lanes.schedule(time, len(slots))
        return started

    def started(self, now: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Commit what starts before `now`; return its slots and the second each leaves the sorters."""
        if not len(self._start) or self._start[0] >= now:
            return None
        n = len(self._start) if self._start[-1] < now else int(np.searchsorted(self._start, now))
        slots = self.waiting[:n]
        ready = self._sorters.serve(self._lanes.commit(self._exact[:n]))
        self.waiting, self._priority = self.waiting[n:], self._priority[n:]
        self._start, self._exact = self._start[n:], self._exact[n:]
        return slots, ready
