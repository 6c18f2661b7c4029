"""Earliest arrivals from door to door by time-dependent Dijkstra, origin by origin, in plain Python.

Dreyfus, "An appraisal of some shortest-path algorithms", Operations Research 17(3), 1969: with waiting
allowed, the label of a stop is the earliest second from which an item can go on, and every timetabled ride
leads from it to the next departure.  Nothing is shared with the search but the network's tables.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from math import ceil

import numpy as np

from network.model.network import Network
from network.model.records import DAY_S, WEEK_S

__all__ = ["Doors"]

NEVER = 1 << 60


class Doors:
    """A network for one mode group, given as modes and carriers."""

    def __init__(self, network: Network, modes: set[str], carriers: set[str]) -> None:
        self.network = network
        self.centres = {centre.place: centre for centre in network.centres}
        self.on = {
            network.places.row(place): (round_, i)
            for round_ in network.rounds
            for i, place in enumerate(round_.places)
        }
        self.at_base: dict[str, list[int]] = defaultdict(list)
        for place, (round_, _) in self.on.items():
            self.at_base[round_.base].append(place)
        # Rides from each stop: second of the week of the departure, seconds aboard, where to, by which mode.
        rides: dict[tuple[str, str, str, int], list[int]] = defaultdict(list)
        for route in network.routes:
            if route.mode not in modes or route.carrier not in carriers:
                continue
            for service in route.services:
                for a, stop in enumerate(service.stops):
                    for b in range(a + 1, len(service.stops)):
                        aboard = service.arrive_s[b] - service.depart_s[a]
                        leaves = [(start + service.depart_s[a]) % WEEK_S for start in service.starts_s]
                        rides[stop, service.stops[b], route.mode, aboard] += leaves
        self.rides: dict[str, list[tuple[list[int], int, str, str]]] = defaultdict(list)
        for (stop, to, mode, aboard), leaves in rides.items():
            self.rides[stop].append((sorted(leaves), aboard, to, mode))

    def ready(self, stop: str, arrives: int, handling: str) -> int:
        """Return when an item is through a centre where it is alone."""
        centre = self.centres[stop]
        time = arrives + centre.handling_s[handling]
        if not centre.lanes:
            return time
        left = ceil(3600 / centre.lane_rate_per_h) + ceil(3600 / centre.sorter_rate_per_h)
        midnight = time - time % DAY_S
        while True:
            for opens, closes in centre.shifts_s or ((0, DAY_S),):
                begins, ends = max(time, midnight + opens), midnight + closes
                if begins < ends:
                    if left <= ends - begins:
                        return begins + left
                    left -= ends - begins
            midnight += DAY_S

    def line_haul(self, stop: str, ready: int) -> dict[str, int]:
        """Return the earliest end at every stop: on arrival at a gateway, else when the item is through."""
        label, ends, heap, done = {stop: ready}, {stop: ready}, [(ready, stop)], set()
        while heap:
            now, at = heappop(heap)
            if at in done:
                continue
            done.add(at)
            for leaves, aboard, to, mode in self.rides[at]:
                second = now % WEEK_S
                departs = next((t for t in leaves if t >= second), leaves[0] + WEEK_S) - second + now
                arrives = departs + aboard
                through = self.ready(to, arrives, mode)
                end = arrives if self.centres[to].tier == "gateway" else through
                ends[to] = min(ends.get(to, NEVER), end)
                if through < label.get(to, NEVER):
                    label[to] = through
                    heappush(heap, (through, to))
        return ends

    def taken_in(self, place: int, accepted: int) -> tuple[str, int] | None:
        """Return the base and when an item from a place is through there; None without a round."""
        if place not in self.on:
            return None
        round_, i = self.on[place]
        day = -((round_.cut_s[i] - accepted) // DAY_S)
        while day % 7 not in round_.weekdays:
            day += 1
        return round_.base, self.ready(round_.base, day * DAY_S + round_.intake_s, "collect")

    def attempts(self, ends: dict[str, int], delay: np.ndarray) -> dict[int, int]:
        """Return the first attempt at every place that can be reached; `delay` in seconds by place."""
        found = {}
        for stop, end in ends.items():
            for place in self.at_base[stop]:
                round_, i = self.on[place]
                free = end + int(delay[place])
                day = -((round_.depart_s - free) // DAY_S)
                while day % 7 not in round_.weekdays:
                    day += 1
                found[place] = day * DAY_S + round_.visit_s[i]
        return found

    def arrivals(self, place: int, accepted: int, delay: np.ndarray) -> dict[int, int]:
        """Return the first attempt at every place of what one place accepts at a second."""
        start = self.taken_in(place, accepted)
        return {} if start is None else self.attempts(self.line_haul(*start), delay)
