"""Earliest arrivals found the plain way, forwards and trip by trip, to hold the search against.

In rounds, as in RAPTOR (Delling, Pajor & Werneck, "Round-based public transit
routing", Transportation Science 49, 2015): what can be reached with one trip,
with two, with three.  It shares no code with the search, which scans backwards
from all destinations at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from math import ceil

import numpy as np

from network.model.network import Network
from network.model.records import DAY_S, WEEK_S

WEEKS = 5  # how long a journey may take
NEVER = 1 << 60


@dataclass(frozen=True, order=True)
class Way:
    """A first departure and what it leads to; the least one is to be taken (rule 8)."""

    ready_s: int
    trips: int
    departs_s: int
    trip: int  # in order of route, direction, start
    alight: int  # minus the number of the call: among equals the latest


class Forwards:
    """All trips of a network that a mode group may use."""

    def __init__(self, network: Network, modes: set[str], carriers: set[str]) -> None:
        self.handling = {centre.place: centre.handling_s for centre in network.centres}
        self.gateways = {centre.place for centre in network.centres if centre.tier == "gateway"}
        self.shifts = {centre.place: centre.shifts_s or ((0, DAY_S),) for centre in network.centres}
        self.services = {
            centre.place: [ceil(3600 / centre.lane_rate_per_h), ceil(3600 / centre.sorter_rate_per_h)]
            for centre in network.centres
            if centre.lanes
        }
        self._done: dict[tuple[str, int], int] = {}
        self.stops = list(self.handling)
        self.trips = []  # (number, mode, stops, arrivals, departures) of one week
        number = 0
        for route in network.routes:
            for service in route.services:
                for start in service.starts_s:
                    if route.mode in modes and route.carrier in carriers:
                        arrive = [start + s for s in service.arrive_s]
                        depart = [start + s for s in service.depart_s]
                        self.trips.append((number, route.mode, service.stops, arrive, depart))
                    number += 1
        weeks = range(-WEEKS, WEEKS + 1)
        self.runs = [
            (mode, stops, [t + w * WEEK_S for t in arrive], [t + w * WEEK_S for t in depart])
            for w in weeks
            for _, mode, stops, arrive, depart in self.trips
            if depart[-1] + w * WEEK_S > 0
        ]

    def ready(self, stop: str, arrival: int, mode: str) -> int:
        """Return when an item is through that arrives alone: handled, then on a lane, then on a sorter.

        Without lanes it is so in the first second after the handling that lies in a window.
        """
        handled = arrival + self.handling[stop][mode]
        if (stop, handled) not in self._done:
            time = handled
            for seconds in self.services.get(stop, [0]):
                time = self._worked(stop, time, seconds)
            self._done[stop, handled] = time
        return self._done[stop, handled]

    def _worked(self, stop: str, time: int, seconds: int) -> int:
        """Return when work of so many seconds that can begin at `time` is done, window after window."""
        for midnight in count(time - time % DAY_S, DAY_S):
            for opens, closes in self.shifts[stop]:
                begins, ends = max(time, midnight + opens), midnight + closes
                if begins < ends and begins + seconds <= ends:
                    return begins + seconds
                seconds -= max(0, ends - begins)
        raise AssertionError

    def ends(self, stop: str, arrival: int, mode: str) -> int:
        """Return when an item that comes to stay counts: at a gateway on arrival."""
        return arrival if stop in self.gateways else self.ready(stop, arrival, mode)

    def boardings(self, origin: str) -> list[tuple[int, int, int]]:
        """Return (second of the week, trip, call) of every departure from a stop."""
        found = []
        for row, (_, _, stops, _, depart) in enumerate(self.trips):
            for call in range(len(stops) - 1):
                if stops[call] == origin:
                    found.append((depart[call] % WEEK_S, row, call))
        return found

    def after(self, boarding: tuple[int, int, int]) -> dict[str, Way]:
        """Return the best way to every stop that begins with this departure."""
        departs, row, call = boarding
        number, mode, stops, arrive, depart = self.trips[row]
        shift = departs - depart[call]
        best: dict[str, Way] = {}
        for last in range(call + 1, len(stops)):
            alone = self._onwards(stops[last], arrive[last] + shift, mode)
            for stop, (ready, trips) in alone.items():
                way = Way(ready, trips, departs, number, -last)
                best[stop] = min(best.get(stop, way), way)
        return best

    def _onwards(self, stop: str, arrival: int, mode: str) -> dict[str, tuple[int, int]]:
        """Return (ready, trips) at every stop for an item that alights here after its first trip."""
        here = {stop: self.ready(stop, arrival, mode)}
        found = {stop: (self.ends(stop, arrival, mode), 1)}
        for trips in range(2, len(self.stops) + 2):
            there: dict[str, int] = {}
            for way, stops, arrive, depart in self.runs:
                aboard = False
                for call, at in enumerate(stops):
                    if aboard:
                        there[at] = min(there.get(at, 1 << 60), self.ready(at, arrive[call], way))
                        end = self.ends(at, arrive[call], way)
                        if end < found.get(at, (1 << 60, 0))[0]:
                            found[at] = (end, trips)
                    aboard = aboard or (call < len(stops) - 1 and here.get(at, 1 << 60) <= depart[call])
            better = {at: time for at, time in there.items() if time < here.get(at, 1 << 60)}
            if not better:
                break
            here = here | better
        return found

    def earliest(self, origin: np.ndarray, ready: np.ndarray) -> np.ndarray:
        """Return when each of many items can end at each stop at the earliest; (stops, items), or `NEVER`.

        Item i can go on from stop ``origin[i]`` at second ``ready[i]``.  Legs are taken one by one in the
        order of their departures, for all items at once; ties need no rule, since only times are asked for.
        """
        here = np.full((len(self.stops), len(origin)), NEVER)
        here[origin, np.arange(len(origin))] = ready
        end = here.copy()
        row = {stop: number for number, stop in enumerate(self.stops)}
        legs = sorted(
            (depart[call], call, number)
            for number, (_, stops, _, depart) in enumerate(self.runs)
            for call in range(len(stops) - 1)
        )
        aboard: dict[int, np.ndarray] = {}
        for departs, call, number in legs:
            mode, stops, arrive, _ = self.runs[number]
            riding = here[row[stops[call]]] <= departs
            if call:
                riding |= aboard[number]
            aboard[number] = riding
            to, there = row[stops[call + 1]], (stops[call + 1], arrive[call + 1], mode)
            here[to] = np.where(riding, np.minimum(here[to], self.ready(*there)), here[to])
            end[to] = np.where(riding, np.minimum(end[to], self.ends(*there)), end[to])
        return end


def expected(ways: list[Way], moment: int) -> Way | None:
    """Return the least way that begins at or after a moment, over two weeks of departures."""
    later = [w for w in ways if w.departs_s >= moment]
    later += [Way(w.ready_s + WEEK_S, w.trips, w.departs_s + WEEK_S, w.trip, w.alight) for w in ways]
    return min(later, default=None)
