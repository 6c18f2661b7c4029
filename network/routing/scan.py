"""One backward connection scan over the legs of several weeks, for all destinations at once.

Dibbelt, Pajor, Strasser & Wagner, "Connection Scan Algorithm", ACM JEA 23, 2018.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from network.linehaul.timetable import Timetable
from network.model.records import WEEK_S

__all__ = ["HOPS", "NEVER", "WEEKS", "scan"]

NEVER = np.int64(1) << 56
# Values compare the time first and the number of trips second: time * HOPS + trips.
HOPS = 32
WEEKS = 5  # a journey may take up to four weeks


def scan(
    table: Timetable,
    legs: np.ndarray,
    ready: np.ndarray,
    final: np.ndarray,
    stops: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Scan the legs of `WEEKS` weeks backwards.

    Parameters
    ----------
    table
        The trips of a week.
    legs
        Calls from which the legs begin, ascending.
    ready, final
        (calls,) seconds at which what alights at a call can go on, and at which it has arrived for good.
    stops
        How many there are.

    Returns
    -------
    tuple of numpy.ndarray
        (legs, stops) int64: time * `HOPS` + trips at every destination by boarding a leg in week 0, `NEVER`
        or more where there is no way; and int8: how many calls to ride.
    """
    week = np.repeat(np.arange(WEEKS), len(legs))
    leg = np.tile(np.arange(len(legs)), WEEKS)
    departs = table.depart_s[legs][leg] % WEEK_S + week * WEEK_S
    # A call after the week's end belongs to a trip of an earlier week: shift what follows alike.
    shift = departs - table.depart_s[legs][leg]
    goes_on, ends = ready[legs + 1][leg] + shift, final[legs + 1][leg] + shift
    next_leg = np.full(len(legs), -1)
    follows = np.flatnonzero(np.diff(legs) == 1)  # the next call of the timetable is one of the same trip
    next_leg[follows] = follows + 1
    order = np.lexsort((-leg, -departs))
    origin, target = table.stop[legs][leg], table.stop[legs + 1][leg]
    columns = (leg, origin, target, departs, goes_on, ends, shift, next_leg[leg])
    best_when: list[list[int]] = [[] for _ in range(stops)]  # minus departure time, ascending
    best: list[list[np.ndarray]] = [[] for _ in range(stops)]
    never = np.full(stops, NEVER)
    # The latest value of each leg by absolute departure of the trip's own week.
    scanned: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    values = np.full((len(legs), stops), NEVER)
    alights = np.zeros((len(legs), stops), dtype=np.int8)
    rows = zip(*(column[order].tolist() for column in columns), strict=True)
    for row, u, v, departs_s, goes_on_s, end_s, shift_s, following in rows:
        at = bisect_right(best_when[v], -goes_on_s) - 1
        value = best[v][at] + 1 if at >= 0 else never.copy()
        value[v] = end_s * HOPS + 1
        ride = np.ones(stops, dtype=np.int8)
        aboard = scanned.get((following, shift_s))
        if aboard is not None:
            stay = aboard[0] <= value
            value = np.where(stay, aboard[0], value)
            ride = np.where(stay, aboard[1] + 1, ride).astype(np.int8)
        scanned[row, shift_s] = (value, ride)
        if departs_s < WEEK_S:
            values[row], alights[row] = value, ride
        best_when[u].append(-departs_s)
        best[u].append(np.minimum(value, best[u][-1]) if best[u] else value)
    return values, alights
