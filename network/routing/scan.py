"""One backward connection scan over the legs of several weeks, for all destinations at once.

Dibbelt, Pajor, Strasser & Wagner, "Connection Scan Algorithm", ACM JEA 23, 2018.  There are two forms with
the same answers: numpy, vectorised over destinations, and compiled loops (`network.routing.compiled`).
"""

from __future__ import annotations

from bisect import bisect_right
from types import ModuleType
from typing import NamedTuple

import numpy as np

from network.linehaul.timetable import Timetable
from network.model.records import WEEK_S
from network.routing.compiled import loops

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
    order = np.lexsort((-leg, -departs))
    next_leg = np.full(len(legs), -1)
    follows = np.flatnonzero(np.diff(legs) == 1)  # the next call of the timetable is one of the same trip
    next_leg[follows] = follows + 1
    once = _Legs(leg, week, table.stop[legs][leg], table.stop[legs + 1][leg], departs, shift, goes_on, ends)
    fast = loops(len(order) * stops)
    if fast is None:
        return _scan_plainly(once, order, next_leg, stops)
    return _scan_compiled(fast, once, order, next_leg, stops)


class _Legs(NamedTuple):
    """The legs of all weeks scanned, as arrays; times are absolute."""

    leg: np.ndarray
    week: np.ndarray
    origin: np.ndarray
    target: np.ndarray
    departs: np.ndarray
    shift: np.ndarray  # from the clock of the trip's week
    goes_on: np.ndarray
    ends: np.ndarray


def _scan_plainly(
    once: _Legs, order: np.ndarray, next_leg: np.ndarray, stops: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scan the legs one by one, for all destinations at once."""
    leg, origin, target, departs = (x.tolist() for x in (once.leg, once.origin, once.target, once.departs))
    goes_on, ends, shift, following = (x.tolist() for x in (once.goes_on, once.ends, once.shift, next_leg))
    best_when: list[list[int]] = [[] for _ in range(stops)]  # minus departure time, ascending
    best: list[list[np.ndarray]] = [[] for _ in range(stops)]
    never = np.full(stops, NEVER)
    # The latest value of each leg by absolute departure of the trip's own week.
    seen: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    values = np.full((len(next_leg), stops), NEVER)
    alights = np.zeros((len(next_leg), stops), dtype=np.int8)
    for k in order.tolist():
        i, v, u = leg[k], target[k], origin[k]
        at = bisect_right(best_when[v], -goes_on[k]) - 1
        value = best[v][at] + 1 if at >= 0 else never.copy()
        value[v] = ends[k] * HOPS + 1
        ride = np.ones(stops, dtype=np.int8)
        if following[i] >= 0:
            found = seen.get((following[i], shift[k]))
            if found is not None:
                stay = found[0] <= value
                value = np.where(stay, found[0], value)
                ride = np.where(stay, found[1] + 1, ride).astype(np.int8)
        seen[i, shift[k]] = (value, ride)
        if departs[k] < WEEK_S:
            values[i], alights[i] = value, ride
        best_when[u].append(-departs[k])
        best[u].append(np.minimum(value, best[u][-1]) if best[u] else value)
    return values, alights


def _scan_compiled(
    fast: ModuleType, once: _Legs, order: np.ndarray, next_leg: np.ndarray, stops: int
) -> tuple[np.ndarray, np.ndarray]:
    """Do the same in compiled loops, some destinations at a time."""
    legs, n = len(next_leg), len(order)
    leg, departs, target = once.leg[order], once.departs[order], once.target[order].astype(np.int64)
    onward, before = fast.order_of_boarding(
        once.origin[order].astype(np.int64), target, departs, once.goes_on[order], stops
    )
    # Where the same trip's next leg stands in the order, if it is scanned before.
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    after = next_leg[leg]
    week = once.week[order] + (once.shift[leg] - once.shift[after]) // WEEK_S  # rows of week 0 come first
    known = (after >= 0) & (week < WEEKS)
    stays = np.where(known, rank[np.where(known, week * legs + after, 0)], -1)
    stays = np.where(stays < np.arange(n), stays, -1)
    values = np.full((legs, stops), NEVER)
    alights = np.zeros((legs, stops), dtype=np.int8)
    kept = np.where(departs < WEEK_S, leg, -1)
    fast.scan(target, once.ends[order], onward, before, stays, kept, values, alights, int(NEVER), HOPS)
    return values, alights
