"""Hours of work: windows of the day, the same every day, and the working time that they make (rule 14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from network.model.records import DAY_S, Centre

__all__ = ["Hours", "ready_at", "ready_at_stops", "shifts"]

HOUR_S = 3600

T = TypeVar("T", int, np.ndarray)  # one moment or many


class Hours:
    """Clock and working time of one set of windows; both count whole seconds from second 0.

    Every method takes one moment as an `int` or many as an int64 array, and is exact.

    Parameters
    ----------
    shifts_s
        Windows [open, close), seconds of the day, ascending; none means always open.

    Examples
    --------
    >>> hours = Hours(((6 * 3600, 22 * 3600),))
    >>> hours.opens(5 * 3600) // 3600, hours.worked(24 * 3600) // 3600
    (6, 16)
    """

    def __init__(self, shifts_s: Sequence[tuple[int, int]]) -> None:
        self._windows = tuple(shifts_s) or ((0, DAY_S),)
        self.day_s = sum(closes - opens for opens, closes in self._windows)  # worked in a day
        self._gaps: list[tuple[int, int]] = []  # seconds closed, and seconds of the day worked before them
        before = closed = 0
        for opens, closes in self._windows:
            self._gaps.append((opens - closed, before))
            before, closed = before + closes - opens, closes

    @classmethod
    def of(cls, centre: Centre) -> Hours | None:
        """Return the hours of a centre; None when it never closes."""
        hours = cls(centre.shifts_s)
        return None if hours.day_s == DAY_S else hours

    @property
    def table(self) -> list[tuple[int, int, int, int]]:
        """Windows [open, close), with the seconds of the day closed and worked before each."""
        return [(*window, *gap) for window, gap in zip(self._windows, self._gaps, strict=True)]

    def worked(self, time: T) -> T:
        """Return the seconds that were open before `time`."""
        day, second = divmod(time, DAY_S)
        total = day * self.day_s
        for opens, closes in self._windows:
            total = total + _within(second, opens, closes)
        return total

    def clock(self, worked: T) -> T:
        """Return the earliest second before which `worked` seconds were open; `worked` is 1 or more.

        What is finished when a centre closes is finished at the closing, not at the next opening.
        """
        day, second = divmod(worked - 1, self.day_s)
        total = day * DAY_S + second + 1
        for gap, before in self._gaps:
            total = total + gap * (second >= before)
        return total

    def opens(self, time: T) -> T:
        """Return `time` where it is open, else the next opening."""
        return self.clock(self.worked(time) + 1) - 1


def _within(second: T, opens: int, closes: int) -> T:
    if isinstance(second, np.ndarray):
        return np.clip(second, opens, closes) - opens
    return min(max(second, opens), closes) - opens


def ready_at(centre: Centre, time: T) -> T:
    """Return when an item that can join the lanes of a centre at `time` is ready to go on, if none waits.

    That is after one service of a lane and one of a sorter, each in whole seconds (rule 14), in the hours
    of work; before a centre has lanes, when it is open.
    """
    hours = Hours(centre.shifts_s)
    if not centre.lanes:
        return hours.opens(time)
    service_s = -(-HOUR_S // centre.lane_rate_per_h) - (-HOUR_S // centre.sorter_rate_per_h)
    return hours.clock(hours.worked(time) + service_s)


def ready_at_stops(centres: Sequence[Centre], stop: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the same for many moments at stops, given by their rows; int64."""
    ready = np.array(time, dtype=np.int64)
    for row in np.unique(stop).tolist():
        at_stop = np.flatnonzero(stop == row)
        ready[at_stop] = ready_at(centres[row], ready[at_stop])
    return ready


def shifts(opens_h: float, closes_h: float, pause_min: float) -> tuple[tuple[int, int], ...]:
    """Return the windows of a day of two shifts; work rests for the pause half-way between them.

    A centre that is open all 24 hours hands over at work and has no windows.

    Parameters
    ----------
    opens_h, closes_h
        Hours of the day.
    pause_min
        Minutes.

    Examples
    --------
    >>> shifts(6, 22, 30)  # 6:00 to 13:45 and 14:15 to 22:00
    ((21600, 49500), (51300, 79200))
    """
    opens, closes, pause = round(opens_h * 3600), round(closes_h * 3600), round(pause_min * 60)
    if closes - opens == DAY_S:
        return ()
    if pause == 0:
        return ((opens, closes),)
    rests = (opens + closes - pause) // 2
    return (opens, rests), (rests + pause, closes)
