"""Time of the obvious model: the order of things within one second, and hours of work."""

from __future__ import annotations

from operator import itemgetter

import simpy

HOUR, DAY, WEEK = 3_600, 86_400, 604_800

# What happens in one second: first whatever arrives, is ready or falls free; then lanes look at their queues,
# then pools of vehicles; then trips and rounds leave; last, whatever follows from that.
LANES, POOLS, DEPARTURES = 3, 4, 5


def later(env: simpy.Environment, phase: int, delay: int = 0) -> simpy.Event:
    """Return an event of a phase of this second, or of the second `delay` ahead."""
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, priority=phase, delay=delay)
    return event


class Turns:
    """Departures of one second, one after the other: by timetabled start, then by number of the trip."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.waiting: list[tuple[tuple[int, int], simpy.Event]] = []

    def turn(self, start: int, number: int) -> simpy.Event:
        if not self.waiting:
            later(self.env, DEPARTURES).callbacks.append(self._call)
        event = self.env.event()
        self.waiting.append(((start, number), event))
        return event

    def _call(self, _event: simpy.Event) -> None:
        for _, event in sorted(self.waiting, key=itemgetter(0)):
            event.succeed()
        self.waiting.clear()


class Hours:
    """Opening hours of a centre, and the working time that counts only them."""

    def __init__(self, shifts: tuple[tuple[int, int], ...]) -> None:
        self.shifts = shifts or ((0, DAY),)
        self.a_day = sum(close - begin for begin, close in self.shifts)
        self.always = self.a_day == DAY

    def worked(self, t: int) -> int:
        """Return the seconds worked from second 0 until `t`."""
        if self.always:
            return t
        day, clock = divmod(t, DAY)
        return day * self.a_day + sum(max(0, min(clock, close) - begin) for begin, close in self.shifts)

    def opens(self, t: int) -> int:
        """Return `t` when open, else the next opening."""
        if self.always:
            return t
        day, clock = divmod(t, DAY)
        for begin, close in self.shifts:
            if clock < close:
                return day * DAY + max(clock, begin)
        return day * DAY + DAY + self.shifts[0][0]

    def earliest(self, worked: int) -> int:
        """Return the first second by which so much is worked."""
        if self.always:
            return worked
        day, left = divmod(worked, self.a_day)
        if left == 0:
            day, left = day - 1, self.a_day
        for begin, close in self.shifts:
            if left <= close - begin:
                return max(0, day * DAY + begin + left)
            left -= close - begin
        raise AssertionError("more than a day's work in a day")
