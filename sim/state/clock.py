"""The first and the last of a second: before and after all that arrives, leaves or asks in it."""

from __future__ import annotations

import simpy
from simpy.events import EventPriority

__all__ = ["end_of_second", "start_of_second"]

_FIRST, _LAST = EventPriority(-1), EventPriority(2)  # SimPy's own are 0, urgent, and 1, normal


def start_of_second(env: simpy.Environment, second: int) -> simpy.Event:
    """Return an event that happens in this later second before all others."""
    return _at(env, second, _FIRST)


def end_of_second(env: simpy.Environment, second: int) -> simpy.Event:
    """Return an event that happens in this second (now or later) after all others."""
    return _at(env, second, _LAST)


def _at(env: simpy.Environment, second: int, priority: EventPriority) -> simpy.Event:
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, priority=priority, delay=second - env.now)
    return event
