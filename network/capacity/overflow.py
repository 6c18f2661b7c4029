"""The fluid with full trips: what does not fit waits for the next departure, by whatever route.

`network.capacity.sizing` lets a trip carry all that would choose it.  Here a departure
takes what it holds, and the rest chooses again, as an item of the simulation
does: a full route overflows onto others.  Weeks follow each other until the
queues repeat or grow.  Centres let everything through, classes board alike,
each in its share, and there are no extra trips.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.capacity.sizing import Fluid, make_fluid
from network.demand.rates import Rates
from network.model.network import Network
from network.model.records import WEEK_S
from network.routing.search import Plan, ready_times

__all__ = ["Growth", "Overflow"]

WEEKS = 9  # simulated; journeys take at most a few
LAST = 3  # over which growth is measured
LEAST = 1e-4  # of what comes to a stop in a week: less is called steady, as is less than
LEAST_KG = 1.0  # a week
Float = NDArray[np.float64]


class Growth(NamedTuple):
    """How queues grow once the weeks repeat."""

    kg: Float  # (stops,) a week that the queue grows by
    come: Float  # (stops,) kg a week that come to it


class Overflow:
    """A network whose trips fill up, for any factors on the items of the classes.

    Parameters
    ----------
    network, rates, plan
        The network, its demand and its routing.
    """

    def __init__(self, network: Network, rates: Rates, plan: Plan) -> None:
        self._way = way = _Way(network, plan)
        fluids = [make_fluid(network, replace(rates, classes=(kind,)), plan) for kind in rates.classes]
        self._sent = _sources(way, fluids)

    def equipped(self, network: Network) -> Overflow:
        """Return the same demand and timetable with the vehicles that routes have in another network."""
        other = copy(self)
        other._way = copy(self._way)
        other._way.room = _room(network, self._way.route)
        return other

    def grow(self, factors: Float, weeks: int = WEEKS) -> Growth:
        """Return how queues grow under factors on the items of the classes, after so many weeks."""
        flow = _Flow(
            self._way, [None if sent is None else (sent[0], sent[1] @ factors) for sent in self._sent]
        )
        waiting, come = [], []
        for week in range(weeks):
            flow.go(week)
            waiting.append(flow.waiting())
            come.append(flow.come.copy())
        last = min(LAST, weeks - 1)
        return Growth((waiting[-1] - waiting[-1 - last]) / last, (come[-1] - come[-1 - last]) / last)

    def grows_from(self, grid: Sequence[Float], factors: Sequence[float]) -> Float:
        """Return the factor from which on the queue at each stop grows; (stops,), inf where at none of them.

        Parameters
        ----------
        grid
            Factors on the items of the classes, (classes,) each, of rising demand.
        factors
            The number that stands for each of them.

        Notes
        -----
        Growth is carried back in a straight line, from the first two factors with a growing queue, to where
        it begins; that lies between the last steady factor and the first growing one.
        """
        growing = [self.grow(by) for by in grid]
        kg = np.array([growth.kg for growth in growing])
        over = kg > np.maximum(LEAST * np.array([growth.come for growth in growing]), LEAST_KG)
        begins = np.full(over.shape[1], np.inf)
        for stop in np.flatnonzero(over.any(axis=0)).tolist():
            first = int(over[:, stop].argmax())
            low = factors[first - 1] if first else 0.0
            high = factors[first]
            back = high
            if first + 1 < len(factors) and kg[first + 1, stop] > kg[first, stop]:
                slope = (kg[first + 1, stop] - kg[first, stop]) / (factors[first + 1] - high)
                back = high - kg[first, stop] / slope
            begins[stop] = min(max(back, low), high)
        return begins


class _Ride(NamedTuple):
    """What boards at a call and rides equally far."""

    legs: int
    rows: NDArray[np.int64]  # of the codes that board there
    end: int  # call where it alights
    to: int  # its stop
    on: NDArray[np.int64]  # rows among them that go on from there
    codes: NDArray[np.int64]  # their codes


def _room(network: Network, route: NDArray[np.int64]) -> Float:
    """Return kg and m³ that the trip of each call holds; (calls, 2)."""
    classes = network.vehicle_classes
    holds = [
        (
            r.vehicles_per_trip * classes[r.vehicle].payload_kg,
            r.vehicles_per_trip * classes[r.vehicle].payload_m3,
        )
        for r in network.routes
    ]
    room: Float = np.array(holds, dtype=np.float64).reshape(-1, 2)[route]
    return room


class _Way:
    """What is the same for all demand: the departures of a week, what would choose each, what it holds."""

    def __init__(self, network: Network, plan: Plan) -> None:
        table = plan.timetable
        self.stops, self.codes = len(plan.stops), plan.codes
        self.calls_in_all = len(table.stop)
        self.stop = table.stop.astype(np.int64).tolist()
        self.ready = ready_times(network, table).tolist()
        self.kinds = len(plan.groups)
        trip = np.repeat(np.arange(len(table.route)), np.diff(table.first))
        self.route = table.route[trip].astype(np.int64)
        self.room = _room(network, self.route)
        self._boards(plan)
        self._events(table.depart_s)

    def _boards(self, plan: Plan) -> None:
        """Find the codes that would choose each call, and how far they ride."""
        self.board: dict[int, NDArray[np.int64]] = {}
        self.rides: dict[int, list[_Ride]] = {}
        for stop in plan.stops:
            code = (stop.key // WEEK_S).astype(np.int64)
            call = stop.call[stop.departure].astype(np.int64)
            order = np.argsort(call, kind="stable")
            for rows in np.split(order, np.flatnonzero(np.diff(call[order])) + 1):
                if len(rows):
                    at = int(call[rows[0]])
                    self.board[at] = code[rows]
                    self.rides[at] = self._ride(at, code[rows], stop.alight[rows].astype(np.int64))

    def _ride(self, call: int, codes: NDArray[np.int64], legs: NDArray[np.int64]) -> list[_Ride]:
        rides = []
        for far in np.unique(legs).tolist():
            rows = np.flatnonzero(legs == far)
            to = self.stop[call + far]
            on = np.flatnonzero(codes[rows] // self.kinds != to)
            rides.append(_Ride(far, rows, call + far, to, on, codes[rows][on]))
        return rides

    def _events(self, depart_s: NDArray[np.int64]) -> None:
        """Order the departures of a week by time; those of trips of weeks before stand in it too."""
        calls = np.array(sorted(self.board), dtype=np.int64)
        times = depart_s[calls].astype(np.int64)
        order = np.lexsort((calls, times % WEEK_S))
        self.calls = calls[order].tolist()
        self.at = (times[order] % WEEK_S).tolist()
        self.late = (times[order] // WEEK_S).tolist()  # weeks since the trip's own


def _sources(way: _Way, fluids: Sequence[Fluid]) -> list[tuple[NDArray[np.int64], Float] | None]:
    """Add up what is sent from each stop between two departures there; what is sent later goes first.

    Returns
    -------
    list
        For each departure of the week codes, and amounts (codes, 2, fluids) in kg and m³; None for nothing.
    """
    sent: list[tuple[NDArray[np.int64], Float] | None] = [None] * len(way.calls)
    at_stop: list[list[int]] = [[] for _ in range(way.stops)]
    for event, call in enumerate(way.calls):
        at_stop[way.stop[call]].append(event)
    start, when, code = (
        np.concatenate(part)
        for part in zip(*((f.start, f.when, f.dest * way.kinds + f.group) for f in fluids), strict=True)
    )
    kg, m3 = np.concatenate([f.kg for f in fluids]), np.concatenate([f.m3 for f in fluids])
    of_fluid = np.repeat(np.arange(len(fluids)), [len(f.kg) for f in fluids])
    away = np.flatnonzero(start != code // way.kinds)
    order = away[np.argsort(start[away], kind="stable")]
    cut = np.searchsorted(start[order], np.arange(way.stops + 1))
    for stop, events in enumerate(at_stop):
        rows = order[cut[stop] : cut[stop + 1]]
        if not len(rows) or not events:
            continue
        times = np.array([way.at[event] for event in events])
        turn = np.searchsorted(times, when[rows], side="left") % len(events)
        pairs, of = np.unique(turn * way.codes + code[rows], return_inverse=True)
        sums = np.zeros((len(pairs), 2, len(fluids)))
        for unit, amount in enumerate((kg, m3)):
            flat = np.bincount(of * len(fluids) + of_fluid[rows], amount[rows], len(pairs) * len(fluids))
            sums[:, unit] = flat.reshape(len(pairs), -1)
        cuts = np.searchsorted(pairs, np.arange(len(events) + 1) * way.codes)
        for number, event in enumerate(events):
            span = slice(cuts[number], cuts[number + 1])
            if span.stop > span.start:
                sent[event] = pairs[span] % way.codes, sums[span]
    return sent


class _Flow:
    """Queues of fluid at the stops, by destination and mode group, in kg and m³."""

    def __init__(self, way: _Way, sent: Sequence[tuple[NDArray[np.int64], Float] | None]) -> None:
        self._way, self._sent = way, sent
        self._queue = np.zeros((way.stops, way.codes, 2))
        self._used = np.zeros((way.calls_in_all, 2))  # of the legs of trips that are under way
        self._coming: list[list[tuple[int, NDArray[np.int64], Float]]] = [[] for _ in range(way.stops)]
        self.come = np.zeros(way.stops)

    def go(self, week: int) -> None:
        """Go through one week."""
        start, queue, way = week * WEEK_S, self._queue, self._way
        for event, call in enumerate(way.calls):
            stop = way.stop[call]
            sent = self._sent[event]
            if sent is not None:
                queue[stop, sent[0]] += sent[1]
                self.come[stop] += sent[1][:, 0].sum()
            if self._coming[stop]:
                self._unload(stop, start + way.at[event])
            codes = way.board[call]
            queued = queue[stop, codes]
            total = queued.sum(axis=0)
            room = way.room[call] - self._used[call]
            self._used[call] = 0.0  # the leg of the next week's trip is empty
            kg, m3 = total.tolist()
            if kg <= 0.0:
                continue
            share = min(1.0, max(0.0, room[0] / kg), max(0.0, room[1] / m3) if m3 else 1.0)
            if share <= 0.0:
                continue
            taken = queued if share == 1.0 else queued * share
            queue[stop, codes] = 0.0 if share == 1.0 else queued - taken
            back = (week - way.late[event]) * WEEK_S
            for ride in way.rides[call]:
                moved = taken[ride.rows]
                if ride.legs > 1:
                    self._used[call + 1 : ride.end] += moved.sum(axis=0)
                if len(ride.on):
                    self._coming[ride.to].append((way.ready[ride.end] + back, ride.codes, moved[ride.on]))

    def _unload(self, stop: int, now: int) -> None:
        """Put into the queue what has come and is ready by now."""
        rest = []
        for row in self._coming[stop]:
            if row[0] <= now:
                self._queue[stop, row[1]] += row[2]
                self.come[stop] += row[2][:, 0].sum()
            else:
                rest.append(row)
        self._coming[stop] = rest

    def waiting(self) -> Float:
        """Return the kg that wait at each stop, or will when they are handled."""
        waiting: Float = self._queue[:, :, 0].sum(axis=1)
        for stop, coming in enumerate(self._coming):
            waiting[stop] += sum(row[2][:, 0].sum() for row in coming)
        return waiting
