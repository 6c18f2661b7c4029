"""Earliest arrival by the timetable alone, from every stop to every stop, all week.

The profile of each (stop, destination, mode group) as the list of departures
worth waiting for, from one backward scan of the legs (`network.routing.scan`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.linehaul.timetable import Timetable, expand
from network.model.network import Network
from network.model.records import MODES, WEEK_S
from network.model.working_hours import ready_at_stops
from network.routing.scan import HOPS, NEVER, scan

__all__ = ["Group", "Plan", "StopPlan", "groups", "make_plan", "ready_times"]


@dataclass(frozen=True)
class Group:
    """A set of routes that an item may use (rule 8)."""

    name: str
    modes: frozenset[str]
    carrier: str  # whose routes, beside shared ones

    def allows(self, mode: str, carrier: str) -> bool:
        return mode in self.modes and carrier in ("shared", self.carrier)


def groups(network: Network) -> tuple[Group, ...]:
    """Return the mode groups: surface and any for the post, and for express when it runs its own lines."""
    surface, everything = frozenset({"road", "rail"}), frozenset({"road", "rail", "air"})
    post = (Group("surface", surface, "post"), Group("any", everything, "post"))
    if not network.settings.own_lines:
        return post
    return (*post, Group("express surface", surface, "express"), Group("express any", everything, "express"))


@dataclass(frozen=True, eq=False)
class StopPlan:
    """What to take from one stop.

    ``code = destination * len(groups) + group``.  For each code the useful
    departures stand in order of time in rows ``first[code]:first[code + 1]``;
    the one to take at time t is the first that leaves at or after t (and the
    first row of the code, a week later, when none does).
    """

    key: np.ndarray  # int64: code * WEEK_S + departure, seconds of the week; sorted
    departure: np.ndarray  # int16: row of `trip`, `call`
    alight: np.ndarray  # int8: calls to ride before alighting
    duration_s: np.ndarray  # int32: from departure to ready at the destination
    first: np.ndarray  # int32 (codes + 1)
    trip: np.ndarray  # int32 (departures): trip of the timetable
    call: np.ndarray  # int32 (departures): call row of the timetable
    leaves_s: np.ndarray  # int32 (departures): seconds of the week


@dataclass(frozen=True, eq=False)
class Plan:
    """Routing for a whole network."""

    timetable: Timetable
    groups: tuple[Group, ...]
    stops: tuple[StopPlan, ...]
    mean_s: np.ndarray  # (groups, stops, stops) float: mean time to ready at the destination; inf if never

    @property
    def codes(self) -> int:
        return len(self.stops) * len(self.groups)


def ready_times(network: Network, table: Timetable) -> np.ndarray:
    """Return when an item that alights at each call is ready to go on, without queues.

    That is after the handling of the trip's mode, screening and sorting, in the hours of work.

    Returns
    -------
    numpy.ndarray
        (calls,) int64, on the clock of the timetable's arrivals.
    """
    handling = np.array([[centre.handling_s[mode] for mode in MODES] for centre in network.centres])
    mode_of_route = np.array([MODES.index(route.mode) for route in network.routes], dtype=np.int64)
    mode = np.repeat(mode_of_route[table.route], np.diff(table.first))
    return ready_at_stops(network.centres, table.stop, table.arrive_s + handling[table.stop, mode])


def make_plan(network: Network, timetable: Timetable | None = None, closed: np.ndarray | None = None) -> Plan:
    """Return the routing of every stop, destination and mode group of a network.

    Parameters
    ----------
    network
        The network.
    timetable
        Its timetable, if at hand.
    closed
        (calls,) bool: calls of the timetable after which a trip cannot be ridden on to the next; by default
        none.

    Notes
    -----
    The time that counts is when an item is *ready* at its destination's stop:
    arrival plus the handling of the mode by which it comes, screening and
    sorting, in the hours of work (at a gateway, the arrival: there it is
    handed over).  Equal times are decided by the fewer trips, then the earlier
    departure, then the lower trip number; an item stays on board as long as
    alighting would not be better.
    """
    table = expand(network) if timetable is None else timetable
    kinds = groups(network)
    ready = ready_times(network, table)
    gateway = np.array([centre.tier == "gateway" for centre in network.centres], dtype=bool)
    final = np.where(gateway[table.stop], table.arrive_s, ready)

    calls = len(table.stop)
    trip_of = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    last = np.zeros(calls, dtype=bool)
    last[table.first[1:] - 1] = True
    shut = np.zeros(calls, dtype=bool) if closed is None else closed
    stops = len(network.centres)
    profile: list[list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]] = [[] for _ in range(stops)]
    mean = np.full((len(kinds), stops, stops), np.inf)
    for g, kind in enumerate(kinds):
        allowed = np.array([kind.allows(r.mode, r.carrier) for r in network.routes], dtype=bool)
        legs = np.flatnonzero(~last & ~shut & allowed[table.route[trip_of]])
        values, alights = scan(table, legs, ready, final, stops)
        _collect(table, legs, values, alights, trip_of, profile, mean[g])
        np.fill_diagonal(mean[g], 0.0)  # also where nothing departs: an item may be at home there
    plans = tuple(_stop_plan(profile[u], table, trip_of, stops, len(kinds)) for u in range(stops))
    return Plan(table, kinds, plans, mean)


def _collect(
    table: Timetable,
    legs: np.ndarray,
    values: np.ndarray,
    alights: np.ndarray,
    trip_of: np.ndarray,
    profile: list[list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]],
    mean: np.ndarray,
) -> None:
    """Keep the departures worth waiting for, stop by stop, and the mean time over the week."""
    for u in range(len(profile)):
        rows = np.flatnonzero(table.stop[legs] == u)
        if not len(rows):
            profile[u].append(_nothing())
            continue
        leaves = table.depart_s[legs[rows]] % WEEK_S
        order = np.lexsort((trip_of[legs[rows]], leaves))
        rows, leaves = rows[order], leaves[order]
        # In order of time, then trip: the first useful row at a moment is the lowest trip of the best.
        value = values[rows]  # (departures, destinations)
        # The best of all later departures, those of the next week included.
        later = np.full_like(value, NEVER)
        following = np.where(value.min(axis=0) < NEVER, value.min(axis=0) + WEEK_S * HOPS, NEVER)
        for i in range(len(rows) - 1, -1, -1):
            later[i] = following
            following = np.minimum(following, value[i])
        useful = (value <= later) & (value < NEVER)
        row, dest = np.nonzero(useful)
        by = np.lexsort((row, dest))
        row, dest = row[by], dest[by]
        duration = value[row, dest] // HOPS - leaves[row]
        profile[u].append((dest, legs[rows[row]], alights[rows[row], dest], duration))
        if len(row):
            starts = np.flatnonzero(np.r_[True, dest[1:] != dest[:-1]])
            previous = np.r_[-1, np.arange(len(row) - 1)]
            counts = np.diff(np.r_[starts, len(row)])
            previous[starts] = starts + counts - 1
            gap = (leaves[row] - leaves[row[previous]]).astype(np.float64)
            gap[starts] += WEEK_S
            mean[u, dest[starts]] = np.add.reduceat(gap * (duration + gap / 2), starts) / WEEK_S


def _nothing() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    empty = np.zeros(0, dtype=np.int64)
    return empty, empty, empty.astype(np.int8), empty


def _stop_plan(
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]],
    table: Timetable,
    trip_of: np.ndarray,
    stops: int,
    kinds: int,
) -> StopPlan:
    code = np.concatenate([part[0] * kinds + g for g, part in enumerate(parts)])
    call = np.concatenate([part[1] for part in parts])
    alight = np.concatenate([part[2] for part in parts])
    duration = np.concatenate([part[3] for part in parts])
    leaves = table.depart_s[call] % WEEK_S if len(call) else call
    used, departure = np.unique(call, return_inverse=True)
    key = code * WEEK_S + leaves
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(code[order], np.arange(stops * kinds + 1))
    return StopPlan(
        key=key[order].astype(np.int64),
        departure=departure[order].astype(np.int16),
        alight=alight[order].astype(np.int8),
        duration_s=duration[order].astype(np.int32),
        first=first.astype(np.int32),
        trip=trip_of[used].astype(np.int32),
        call=used.astype(np.int32),
        leaves_s=(table.depart_s[used] % WEEK_S).astype(np.int32),
    )
