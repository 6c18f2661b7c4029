"""Lanes and sorters where no two items need take equally long: exponential service, rechecks on the lane.

Many servers, one queue, whole seconds (rule 14).  This is slower than `centres`, item by item where
there are several servers; it is there to be held against textbook queues.  Its seconds are seconds of
*working time* as there.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapreplace

import numpy as np

from network.model.working_hours import Hours

__all__ = ["UnequalStation"]

FOR_EVER = 1 << 62


class UnequalStation:
    """Lanes and sorters where every item has service times of its own, whole seconds.

    At each step the next item in order takes the server that frees first.

    Parameters
    ----------
    lanes, sorters
        Servers of the two steps.
    service
        Returns, for slots, the seconds that each takes on a lane and on a sorter, 1 or more.
    hours
        Of work; None for a centre that never closes.
    """

    def __init__(
        self,
        lanes: int,
        sorters: int,
        service: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
        hours: Hours | None = None,
    ) -> None:
        self.hours = hours
        self._lanes = np.zeros(lanes, dtype=np.int64)  # when each frees, ascending
        self._sorters = np.zeros(sorters, dtype=np.int64)
        self._service = service
        self._queue = np.zeros(
            (5, 0), dtype=np.int64
        )  # slot, priority, joined, on a lane, on a sorter; in order
        self._joined = 0  # second of the latest batch
        self._on_lanes = np.zeros((3, 0), dtype=np.int64)  # slot, finish, on a sorter; in order of starting
        self.waited = 0  # items that waited for a lane
        self.waited_s = 0  # and how long in the hours of work, item-seconds

    @property
    def waiting(self) -> np.ndarray:
        """Slots of the items that wait for a lane or are on one."""
        return np.concatenate([self._on_lanes[0], self._queue[0]])

    def join(
        self, time: int, slots: np.ndarray, priority: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Let a batch join at a whole second; `slots` are in order among themselves.

        Returns
        -------
        tuple of numpy.ndarray, or None
            Slots that the lanes had released, and the working second at which each leaves the sorters;
            ascending.
        """
        if self.hours is not None:
            time = self.hours.worked(time)
        released = self._released(time)
        batch = np.stack([slots, priority, np.full(len(slots), time), *self._service(slots)])
        queue = np.concatenate([self._queue, batch], axis=1)
        self._queue = queue[:, queue[1].argsort(kind="stable")]
        self._joined = time
        return released

    def started(self, now: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Let work go on until the second `now`; return the same as `join`."""
        return self._released(now if self.hours is None else self.hours.worked(now))

    def _released(self, now: int) -> tuple[np.ndarray, np.ndarray] | None:
        # A lane starts at most one item a second.
        most = len(self._lanes) * max(0, now - max(self._joined, int(self._lanes[0])))
        start, finish = _serve(self._lanes, self._joined, self._queue[3, :most], now)
        n = len(start)
        if n:
            slots, _, joined, _, sorting = self._queue[:, :n]
            waits = start - joined
            self.waited += int(np.count_nonzero(waits))
            self.waited_s += int(waits.sum())
            self._lanes = _later(self._lanes, finish)
            self._on_lanes = np.concatenate([self._on_lanes, np.stack([slots, finish, sorting])], axis=1)
            self._queue = self._queue[:, n:]
        # What starts from now on is released later than this, so the order of these is final.
        done = self._on_lanes[1] <= now
        if not np.count_nonzero(done):
            return None
        slots, finish, sorting = self._on_lanes[:, done]
        self._on_lanes = self._on_lanes[:, ~done]
        order = finish.argsort(kind="stable")
        slots, finish = slots[order], finish[order]
        _, ready = _serve(self._sorters, finish, sorting[order])
        self._sorters = _later(self._sorters, ready)
        order = ready.argsort(kind="stable")
        return slots[order], ready[order]


def _serve(
    free: np.ndarray, ready: np.ndarray | int, service: np.ndarray, until: int = FOR_EVER
) -> tuple[np.ndarray, np.ndarray]:
    """Return start and finish of the items, in order, that start before `until`.

    `free` says when the servers free, ascending; `ready` from when each item can start, or all.
    """
    if len(free) == 1:
        before = np.cumsum(service) - service
        start = np.maximum.accumulate(np.maximum(ready, free[0]) - before) + before
        start = start[: start.searchsorted(until)]
    else:
        heap, starts = free.tolist(), []
        each = np.broadcast_to(ready, service.shape).tolist()
        for earliest, seconds in zip(each, service.tolist(), strict=True):
            begin = max(earliest, heap[0])
            if begin >= until:
                break
            starts.append(begin)
            heapreplace(heap, begin + seconds)
        start = np.array(starts, dtype=np.int64)
    return start, start + service[: len(start)]


def _later(free: np.ndarray, finish: np.ndarray) -> np.ndarray:
    """Return when the servers free that freed at `free` and finish items at `finish`: the latest of all."""
    return np.sort(np.concatenate([free, finish]))[-len(free) :]
