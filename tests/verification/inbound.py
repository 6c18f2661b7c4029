"""First attempts of mail from other provinces by the timetable, all journeys one by one."""

from __future__ import annotations

import numpy as np

from network.lastmile.week import NO_ROUND
from network.routing.journeys import Journeys

__all__ = ["inbound_attempts"]


def inbound_attempts(
    search: Journeys, outside: int, accepted_s: np.ndarray, group: int, brand: int = -1
) -> np.ndarray:
    """Return the first attempts at all places of what an outside origin accepts; (moments, places) int32.

    Parameters
    ----------
    search
        Earliest arrivals of the network.
    outside
        Row of the origin among the classes outside.
    accepted_s
        (moments,) seconds of acceptance.
    group, brand
        Mode group; row of the brand, -1 for the post's own mail.
    """
    entry, upstream = search.gates.entry[group, outside], search.gates.entry_s[group, outside]
    moments = np.asarray(accepted_s, dtype=np.int64)
    ready_s = np.full((len(moments), len(entry)), NO_ROUND)
    for gate, hours in {(int(g), int(s)) for g, s in zip(entry, upstream, strict=True) if g >= 0}:
        stops = np.flatnonzero((entry == gate) & (upstream == hours))
        at_gate = moments + hours
        ready_s[:, stops] = search.line_haul(np.full(len(at_gate), gate), at_gate, group)[:, stops]
    return search.deliver(ready_s, brand)
