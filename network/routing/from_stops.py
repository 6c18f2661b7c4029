"""Earliest arrival by the timetable alone, from a few stops to every stop, all week.

One forward connection scan for all departures of those stops: a fraction of the work of
`network.routing.search.make_plan`, where only what sets out at them is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from network.linehaul.timetable import Timetable, expand
from network.model.network import Network
from network.model.records import WEEK_S
from network.routing.scan import NEVER, WEEKS
from network.routing.search import Group, Plan, StopPlan, groups, ready_times

__all__ = ["plan_from"]


class _Legs(NamedTuple):
    """The legs of some weeks in order of departure; lists of equal length."""

    origin: list[int]
    target: list[int]
    leaves_s: list[int]
    ready_s: list[int]
    run: list[int]  # trip and week
    allowed: list[int]  # row of a set of mode groups


def plan_from(
    network: Network,
    origins: Sequence[int],
    timetable: Timetable | None = None,
    closed: np.ndarray | None = None,
) -> Plan:
    """Return the times of a plan from some stops alone; it does not tell which trips to take.

    Parameters
    ----------
    network
        The network.
    origins
        Rows of stops.  All other stops of the plan have no departures, and infinite mean times.
    timetable, closed
        As for `make_plan`.

    Notes
    -----
    The times are those of `make_plan`, but that at a gateway they count until an item could go on.
    """
    table = expand(network) if timetable is None else timetable
    kinds, stops = groups(network), len(network.centres)
    legs, sets = _legs(network, table, kinds, closed)
    starts = []  # of every column: group, stop, second of the week
    for g in range(len(kinds)):
        able = np.array([g in chosen for chosen in sets], dtype=bool)[legs.allowed]
        origin, leaves = np.array(legs.origin)[able], np.array(legs.leaves_s)[able]
        for stop in origins:
            moments = np.unique(leaves[origin == stop] % WEEK_S)
            starts += [(g, stop, second) for second in moments.tolist()]
    columns = np.array(starts, dtype=np.int64).reshape(-1, 3)
    ready = _scan(legs, [np.isin(columns[:, 0], list(chosen)) for chosen in sets], columns, stops)
    mean = np.full((len(kinds), stops, stops), np.inf)
    nowhere = _stop_plan([(np.zeros(0, dtype=np.int64), ready[:, :0])] * len(kinds))
    plans = [nowhere] * stops
    for stop in origins:
        parts = []
        for g in range(len(kinds)):
            chosen = np.flatnonzero((columns[:, 0] == g) & (columns[:, 1] == stop))
            parts.append((columns[chosen, 2], ready[:, chosen]))
            if len(chosen):
                mean[g, stop] = _mean_s(*parts[-1])
            mean[g, stop, stop] = 0.0
        plans[stop] = _stop_plan(parts)
    return Plan(table, kinds, tuple(plans), mean)


def _legs(
    network: Network, table: Timetable, kinds: Sequence[Group], closed: np.ndarray | None
) -> tuple[_Legs, list[frozenset[int]]]:
    """Return the legs of the week before mail sets out and of those after, and the sets of groups."""
    trip_of = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    rides_on = np.ones(len(table.stop), dtype=bool)
    rides_on[table.first[1:] - 1] = False
    if closed is not None:
        rides_on &= ~closed
    allowed = [
        frozenset(g for g, k in enumerate(kinds) if k.allows(r.mode, r.carrier)) for r in network.routes
    ]
    sets = list(dict.fromkeys(allowed))
    set_of = np.array([sets.index(chosen) for chosen in allowed], dtype=np.int64)
    calls = np.flatnonzero(rides_on)
    ready = ready_times(network, table)
    weeks = np.arange(-1, WEEKS)
    call = np.repeat(calls, len(weeks))
    shift = np.tile(weeks * WEEK_S, len(calls))
    leaves = table.depart_s[call] + shift
    order = np.lexsort((call, leaves))
    order = order[leaves[order] >= 0]
    call, shift = call[order], shift[order]
    run = trip_of[call] * len(weeks) + shift // WEEK_S + 1
    columns = (
        table.stop[call], table.stop[call + 1], leaves[order], ready[call + 1] + shift, run,
        set_of[table.route[trip_of[call]]],
    )  # fmt: skip
    return _Legs(*(column.tolist() for column in columns)), sets


def _scan(legs: _Legs, allowed: Sequence[np.ndarray], columns: np.ndarray, stops: int) -> np.ndarray:
    """Return when what sets out in each column is ready at each stop; (stops, columns)."""
    at = np.full((stops, len(columns)), NEVER)
    at[columns[:, 1], np.arange(len(columns))] = columns[:, 2]
    free = [bool(mask.all()) for mask in allowed]
    aboard: dict[int, np.ndarray] = {}
    reachable = _reachable(legs, allowed, columns, stops)
    end = 2 * WEEK_S
    for origin, target, leaves_s, ready_s, run, group in zip(*legs, strict=True):
        if leaves_s >= end:  # a week more, unless all has come that can
            if (at[reachable] <= leaves_s).all():
                break
            end += WEEK_S
        on = at[origin] <= leaves_s
        if not free[group]:
            on &= allowed[group]
        before = aboard.get(run)
        if before is not None:
            on |= before
        if on.any():
            aboard[run] = on
            np.minimum(at[target], ready_s, out=at[target], where=on)
    return at


def _reachable(legs: _Legs, allowed: Sequence[np.ndarray], columns: np.ndarray, stops: int) -> np.ndarray:
    """Return where any way leads; (stops, columns)."""
    origin, target, group = (np.array(column) for column in (legs.origin, legs.target, legs.allowed))
    reachable = np.zeros((stops, len(columns)), dtype=bool)
    for g, stop in np.unique(columns[:, :2], axis=0).tolist():
        chosen = (columns[:, 0] == g) & (columns[:, 1] == stop)
        able = np.array([mask[chosen].any() for mask in allowed])[group]
        graph = sparse.csr_array((np.ones(able.sum()), (origin[able], target[able])), shape=(stops, stops))
        come = breadth_first_order(graph, stop, return_predecessors=False)
        reachable[np.ix_(come, chosen)] = True
    return reachable


def _mean_s(second: np.ndarray, ready: np.ndarray) -> np.ndarray:
    """Return the mean time to ready over the week; (stops,)."""
    gap = np.diff(second, prepend=second[-1] - WEEK_S).astype(np.float64)
    never = (ready >= NEVER).any(axis=1)
    lasts = np.where(ready >= NEVER, 0, ready) - second
    return np.where(never, np.inf, (gap * (lasts + gap / 2)).sum(axis=1) / WEEK_S)


def _stop_plan(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> StopPlan:
    """Return the departures of one stop, to all stops, by group: seconds and times ready."""
    codes, leaves, durations = [], [], []
    for g, (second, ready) in enumerate(parts):
        served = np.flatnonzero((ready < NEVER).all(axis=1)) if len(second) else np.zeros(0, dtype=np.int64)
        codes.append(np.repeat(served * len(parts) + g, len(second)))
        leaves.append(np.tile(second, len(served)))
        durations.append((ready[served] - second).reshape(-1))
    code, leave, duration = (np.concatenate(column) for column in (codes, leaves, durations))
    order = np.argsort(code, kind="stable")
    nothing = np.zeros(0, dtype=np.int32)
    return StopPlan(
        key=code[order] * WEEK_S + leave[order],
        departure=nothing.astype(np.int16),
        alight=nothing.astype(np.int8),
        duration_s=duration[order].astype(np.int32),
        first=np.searchsorted(code[order], np.arange(len(parts[0][1]) * len(parts) + 1)).astype(np.int32),
        trip=nothing,
        call=nothing,
        leaves_s=nothing,
    )
