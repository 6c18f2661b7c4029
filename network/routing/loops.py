"""Compiled loops for what `search` and `journeys` do with numpy; same answers, to the byte.

Needs numba (the extra ``fast``); only `network.routing.compiled` imports it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["attempts", "order_of_boarding", "scan"]

BLOCK = 32  # destinations scanned together: what all legs know of them stays in the cache


@njit(cache=True)
def order_of_boarding(
    origin: np.ndarray, target: np.ndarray, departs: np.ndarray, goes_on: np.ndarray, stops: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each leg, in the order of the scan, two legs scanned before it, or -1.

    The first: the earliest that can be boarded where it leads to.  The second: the one scanned last that
    begins where it begins.
    """
    legs = len(origin)
    count = np.zeros(stops + 1, dtype=np.int64)
    for k in range(legs):
        count[origin[k] + 1] += 1
    first = np.cumsum(count)
    known = np.zeros(stops, dtype=np.int64)
    row = np.empty(legs, dtype=np.int64)
    onward = np.full(legs, -1, dtype=np.int64)
    before = np.full(legs, -1, dtype=np.int64)
    for k in range(legs):
        v, u = target[k], origin[k]
        low, high = first[v], first[v] + known[v]
        while low < high:  # departures descend
            middle = (low + high) // 2
            if departs[row[middle]] >= goes_on[k]:
                low = middle + 1
            else:
                high = middle
        if low > first[v]:
            onward[k] = row[low - 1]
        if known[u]:
            before[k] = row[first[u] + known[u] - 1]
        row[first[u] + known[u]] = k
        known[u] += 1
    return onward, before


@njit(cache=True)
def scan(
    target: np.ndarray,
    ends: np.ndarray,
    onward: np.ndarray,
    before: np.ndarray,
    stays: np.ndarray,
    kept: np.ndarray,
    values: np.ndarray,
    alights: np.ndarray,
    never: int,
    hops: int,
) -> None:
    """Fill values and alights (rows, stops) of the legs that have a row in `kept`."""
    legs, stops = len(target), values.shape[1]
    value = np.empty((legs, BLOCK), dtype=np.int64)
    best = np.empty((legs, BLOCK), dtype=np.int64)
    ride = np.empty((legs, BLOCK), dtype=np.int8)
    for begin in range(0, stops, BLOCK):
        wide = min(BLOCK, stops - begin)
        for k in range(legs):
            on, last, stay = onward[k], before[k], stays[k]
            for d in range(wide):
                if target[k] == begin + d:
                    found = ends[k] * hops + 1
                elif on >= 0:
                    found = best[on, d] + 1
                else:
                    found = never
                calls = np.int8(1)
                if stay >= 0 and value[stay, d] <= found:
                    found = value[stay, d]
                    calls = np.int8(ride[stay, d] + 1)
                value[k, d], ride[k, d] = found, calls
                best[k, d] = found if last < 0 else min(found, best[last, d])
            if kept[k] >= 0:
                for d in range(wide):
                    values[kept[k], begin + d] = value[k, d]
                    alights[kept[k], begin + d] = ride[k, d]


@njit(cache=True)
def attempts(
    there: np.ndarray,
    base: np.ndarray,
    delay_s: np.ndarray,
    round_: np.ndarray,
    departs_s: np.ndarray,
    ahead: np.ndarray,
    visit_s: np.ndarray,
    day_s: int,
    never: int,
    attempt_s: np.ndarray,
) -> None:
    """Fill the first attempts (items, places) at all places, given when items are ready at the bases."""
    items, places = attempt_s.shape
    for i in range(items):
        for p in range(places):
            attempt_s[i, p] = never
            if round_[p] < 0:
                continue
            free = there[i, base[p]] + delay_s[p]
            day = -((departs_s[round_[p]] - free) // day_s)
            when = (day + ahead[round_[p], day % 7]) * day_s + visit_s[p]
            if when < never:
                attempt_s[i, p] = when
