"""The end of a second: after all that arrives, becomes free or asks in it."""

from __future__ import annotations

import simpy
from simpy.events import EventPriority

__all__ = ["end_of_second"]

_LAST = EventPriority(2)  # SimPy's own are 0, urgent, and 1, normal


def end_of_second(env: simpy.Environment, second: int) -> simpy.Event:
    """Return an event that happens in this second (now or later) after all others."""
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, priority=_LAST, delay=second - env.now)
    return event
