"""The way of an item: earliest arrival by plain backward induction over the timetable (rule 8)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from math import ceil
from typing import NamedTuple

from network.model.network import Network
from network.model.records import MailRoute, Service
from obvious.clock import HOUR, WEEK, Hours

NEVER = (1 << 60, 0)


class Trip(NamedTuple):
    """One departure of the week; trips are numbered by route, direction, start."""

    route: MailRoute
    way: int
    service: Service
    start: int


class Router:
    """Earliest arrivals over five weeks of departures, and the gateways they lead to."""

    def __init__(self, network: Network) -> None:
        self.centres = {centre.place: centre for centre in network.centres}
        # Hours count where there are lanes; a gateway hands over at once.
        self.hours = {c.place: Hours(c.shifts_s if c.lanes else ()) for c in network.centres}
        surface, every = {"road", "rail"}, {"road", "rail", "air"}
        self.groups = [(surface, "post"), (every, "post")]
        if network.settings.own_lines:
            self.groups += [(surface, "express"), (every, "express")]
        self.trips = [
            Trip(route, way, service, start)
            for route in network.routes
            for way, service in enumerate(route.services)
            for start in service.starts_s
        ]
        self.outside = network.assumptions.table("outside")
        self.tables: dict[tuple[str, int], dict] = {}
        self.gates: dict[tuple[int, str, int, bool], tuple[str, int] | None] = {}

    def table(self, dest: str, group: int) -> dict:
        """Return for each stop: useful departures of a week as (time, trip, call, alight call)."""
        key = (dest, group)
        if key not in self.tables:
            self.tables[key] = self._solve(dest, group)
        return self.tables[key]

    def reaches(self, stop: str, dest: str, group: int) -> bool:
        """Return whether any trips lead from one stop to another."""
        return stop == dest or bool(self.table(dest, group).get(stop, ((),))[0])

    def _ready(self, stop: str, mode: str, arrives: int, last: bool) -> int:
        """Return when an item that arrives at a stop is ready there, if nothing waits before it."""
        if last and self.centres[stop].tier == "gateway":
            return arrives
        centre, hours = self.centres[stop], self.hours[stop]
        joins = arrives + centre.handling_s[mode]
        if not centre.lanes:
            return joins
        own_s = ceil(HOUR / centre.lane_rate_per_h) + ceil(HOUR / centre.sorter_rate_per_h)
        return hours.earliest(hours.worked(joins) + own_s)

    def _solve(self, dest: str, group: int) -> dict:
        modes, carrier = self.groups[group]
        legs = []
        for week in range(-1, 6):
            for number, (route, _, service, start) in enumerate(self.trips):
                if route.mode in modes and route.carrier in ("shared", carrier):
                    base = start + week * WEEK
                    for call in range(len(service.stops) - 1):
                        departs = base + service.depart_s[call]
                        if 0 <= departs < 5 * WEEK:
                            legs.append((departs, -number, -call, base))
        legs.sort(reverse=True)
        later: dict[str, tuple[list[int], list[tuple[int, int]]]] = defaultdict(lambda: ([], []))
        riding: dict[tuple[int, int, int], tuple[tuple[int, int], int]] = {}
        choices: dict[str, list[tuple[int, tuple[int, int], int, int, int]]] = defaultdict(list)
        for departs, minus_number, minus_call, base in legs:
            number, call = -minus_number, -minus_call
            route, _, service, _ = self.trips[number]
            stop, next_stop = service.stops[call], service.stops[call + 1]
            ready = self._ready(next_stop, route.mode, base + service.arrive_s[call + 1], next_stop == dest)
            if next_stop == dest:
                value = (ready, 1)  # when ready, and trips taken
            else:
                times, values = later[next_stop]
                at = bisect_left(times, -ready + 1) - 1  # the last added that leaves at or after `ready`
                value = (values[at][0], values[at][1] + 1) if at >= 0 else NEVER
            alight = call + 1
            stay = riding.get((number, call + 1, base))
            if stay is not None and stay[0] <= value:
                value, alight = stay
            riding[number, call, base] = (value, alight)
            times, values = later[stop]
            if departs < WEEK and value < NEVER:
                choices[stop].append((departs, value, number, call, alight))
            times.append(-departs)
            values.append(min(value, values[-1]) if values else value)
        return {stop: self._useful(found) for stop, found in choices.items()}

    @staticmethod
    def _useful(found: list[tuple[int, tuple[int, int], int, int, int]]) -> tuple:
        """Keep departures that no later one equals or beats, in order of time."""
        found = sorted(found)
        kept = []
        for lap in (1, 0):  # the next week's departures come after all of this week's
            for departs, value, number, call, alight in reversed(found):
                moment, arrival = departs + lap * WEEK, (value[0] + lap * WEEK, value[1])
                if not kept or arrival <= kept[-1][1]:
                    if kept and kept[-1][0] == moment:
                        kept.pop()  # beaten, or equalled by the lower trip, which is met last
                    kept.append((moment, arrival, number, call, alight))
        week = [k for k in reversed(kept) if k[0] < WEEK]
        return [k[0] for k in week], week

    def choose(self, stop: str, dest: str, group: int, now: int) -> tuple[int, int, int]:
        """Return (trip, call, alight call) of the earliest arrival from `now` on."""
        times, rows = self.table(dest, group)[stop]
        at = bisect_left(times, now % WEEK)
        return rows[at if at < len(times) else 0][2:]

    def mean(self, stop: str, dest: str, group: int) -> float:
        """Return the mean time from `stop` to ready at `dest` over the week; inf if there is no way."""
        if stop == dest:
            return 0.0
        found = self.table(dest, group).get(stop)
        if not found or not found[1]:
            return float("inf")
        rows, total = found[1], 0.0
        for i, (departs, (arrives, _), *_) in enumerate(rows):
            gap = departs - (rows[i - 1][0] if i else rows[-1][0] - WEEK)
            total += gap * (arrives - departs + gap / 2)
        return total / WEEK

    def gate(self, outside: int, stop: str, group: int, inward: bool) -> tuple[str, int] | None:
        """Return the gateway of least mean time over the week, and the seconds outside."""
        memo = (outside, stop, group, inward)
        if memo not in self.gates:
            best: tuple[float, tuple[str, int] | None] = (float("inf"), None)
            for option in self.outside[outside]["entries"]:
                gateway = option["gateway"]
                if gateway not in self.centres:
                    continue
                if option["group"] == "any" and "air" not in self.groups[group][0]:
                    continue
                a, b = (gateway, stop) if inward else (stop, gateway)
                upstream = round(option["hours"] * HOUR)
                total = self.mean(a, b, group) + upstream
                if total < best[0]:
                    best = (total, (gateway, upstream))
            self.gates[memo] = best[1]
        return self.gates[memo]
