"""Which departure to wait for: the routing of one stop as a table to look it up in."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from network.model.records import WEEK_S
from network.routing.search import StopPlan

__all__ = ["HOME", "Departures"]

HOME = -1  # instead of a departure: the item ends its line-haul here
_NEVER = -2


class Departures:
    """The best departure of one stop for each destination and moment of the week.

    Between two departures the answer is the same for all moments, so a row for
    each of them, and one for what follows the last, is all that it takes.

    Parameters
    ----------
    plan
        Useful departures of the stop.
    row
        Number of the stop.
    groups
        Number of mode groups; a code is destination stop * groups + group.
    """

    def __init__(self, plan: StopPlan, row: int, groups: int) -> None:
        times = np.unique(plan.leaves_s).astype(np.int64)
        first, end = plan.first[:-1], plan.first[1:]
        code = np.arange(len(first))
        at = np.searchsorted(plan.key, code * WEEK_S + np.append(times, WEEK_S)[:, None])
        at = np.where(at < end, at, first)  # none later: the first of the next week
        served = np.broadcast_to(end > first, at.shape)
        self.line, self.alight = np.full(at.shape, _NEVER, dtype=np.int16), np.zeros(at.shape, np.int8)
        self.line[served], self.alight[served] = plan.departure[at[served]], plan.alight[at[served]]
        self.line[:, row * groups : (row + 1) * groups] = HOME
        self.codes = len(code)
        self.times = times
        self._moments: list[int] = times.tolist()

    def choose(self, code: np.ndarray, time: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
        """Return departures, or `HOME`, and calls to ride, for codes of items that are ready at `time`."""
        if isinstance(time, np.ndarray):
            (week, low), (same, high) = divmod(int(time.min()), WEEK_S), divmod(int(time.max()), WEEK_S)
            row, last = bisect_left(self._moments, low), bisect_left(self._moments, high)
            if week != same or row != last:
                if week == same:  # only what leaves between the first and the last can matter
                    rows = self.times[row:last].searchsorted(time - week * WEEK_S) + row
                else:
                    rows = self.times.searchsorted(time % WEEK_S)
                cell = rows * self.codes + code
                return self.line.ravel()[cell], self.alight.ravel()[cell]
        else:
            row = bisect_left(self._moments, time % WEEK_S)
        return self.line[row][code], self.alight[row][code]
