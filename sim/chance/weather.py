"""Weather and season: which roads are closed when, and what a vehicle does there (rule 15)."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

from network.inputs.assumptions import Assumptions
from network.linehaul.closures import SEASONS, Link, closed_by_announcement, mean_rest_s, road_legs
from network.linehaul.timetable import speed_kmh
from network.model.network import Network
from network.model.records import DAY_S
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.demand.items import day_number

__all__ = ["Closed", "Roads"]

Spans = list[tuple[int, int]]


class Closed:
    """Spans of seconds, merged, during which something is closed."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.begins: list[int] = []
        self.ends: list[int] = []
        for begin, end in sorted(spans):
            if self.ends and begin <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.begins.append(begin)
                self.ends.append(end)

    def until(self, second: int) -> int:
        """Return when what is closed at this second opens again; 0 if it is open."""
        at = bisect_right(self.begins, second) - 1
        return self.ends[at] if at >= 0 and second < self.ends[at] else 0

    def meets(self, begin: int, end: int) -> bool:
        """Return whether it is closed at some second from `begin` to `end`, both included."""
        at = bisect_right(self.begins, end) - 1
        return at >= 0 and self.ends[at] > begin


class Roads:
    """The road links under the legs of the mail routes, and when they are closed.

    Parameters
    ----------
    network
        Routes, links, announced closures and assumed rates are read.
    draws
        The draws of the run.
    start, days
        First day of the run, and for how many days roads may close.
    weather
        Whether roads close at random; announced closures always count.
    """

    def __init__(self, network: Network, draws: Draws, start: dt.date, days: int, weather: bool) -> None:
        a = network.assumptions
        self._rest_s = mean_rest_s(a)
        legs = road_legs(network)
        links = {link.id: link for parts in legs.values() for leg in parts for link in leg}
        announced = {
            name: [((first - start).days * DAY_S, ((last - start).days + 1) * DAY_S) for first, last in spans]
            for name, spans in closed_by_announcement(network).items()
        }
        spans: dict[str, Spans] = {name: list(own) for name, own in announced.items()}
        if weather:
            for name, link in links.items():
                spans.setdefault(name, []).extend(_drawn(link, a, draws, start, days))
        self._announced = {name: Closed(own) for name, own in announced.items()}
        self._closed = {name: Closed(own) for name, own in spans.items() if own}
        # By (route row, way), for each leg: its links in order of travel, and when any of them is closed.
        self._legs: dict[tuple[int, int], list[tuple[tuple[Link, ...], Closed] | None]] = {}
        self._speed: dict[int, float] = {}
        for row, route in enumerate(network.routes):
            if route.id not in legs:
                continue
            self._speed[row] = speed_kmh(route, a)
            out = [self._leg(leg) for leg in legs[route.id]]
            if any(out):
                self._legs[row, 0] = out
                self._legs[row, 1] = [leg and (leg[0][::-1], leg[1]) for leg in out[::-1]]

    def _leg(self, links: tuple[Link, ...]) -> tuple[tuple[Link, ...], Closed] | None:
        closures = [self._closed[link.id] for link in links if link.id in self._closed]
        if not closures:
            return None
        return links, Closed(span for one in closures for span in zip(one.begins, one.ends, strict=True))

    def delay_s(self, route: int, way: int, leg: int, departs: int, running_s: int) -> int:
        """Return how much longer a leg takes that a vehicle sets out on at second `departs`."""
        legs = self._legs.get((route, way))
        on_leg = None if legs is None else legs[leg]
        if on_leg is None or not on_leg[1].meets(departs, departs + running_s):
            return 0
        total = sum(link.metres for link in on_leg[0])
        before = delay = 0
        for link in on_leg[0]:
            delay += self._at(link, departs + running_s * before // total + delay, self._speed[route])
            before += link.metres
        return delay

    def _at(self, link: Link, now: int, speed: float) -> int:
        """Return the delay of a vehicle that comes to a link: it decides once to wait or to go round."""
        closed = self._closed.get(link.id)
        opens = 0 if closed is None else closed.until(now)
        if not opens:
            return 0
        announced = self._announced.get(link.id)
        announced_until = 0 if announced is None else announced.until(now)
        expected = announced_until - now if announced_until else self._rest_s
        if link.detour_km is not None:
            round_s = math.ceil((link.detour_km - link.metres / 1000) / speed * 3600)
            if round_s < expected:
                return round_s
        return opens - now


def _drawn(link: Link, a: Assumptions, draws: Draws, start: dt.date, days: int) -> Spans:
    # A closure that began before the run may still be there.
    before = math.ceil(a["closure_max_h"] / 24)
    dates = [(day, start + dt.timedelta(days=day)) for day in range(-before, days)]
    first = day_number(start)
    spans: Spans = []
    for cause, (months, terrains) in SEASONS.items():
        if link.terrain not in terrains:
            continue
        season = np.array([day for day, date in dates if date.month in months], dtype=np.int64)
        chance = a[f"{cause}_closures_per_100km"] * link.metres / 1e5 * 12 / 365
        begins, second, length = draws.closure(
            cause, chance, a["closure_min_h"], a["closure_max_h"], entity(link.id), first + season
        )
        start_s = season * DAY_S + second
        spans += zip(start_s[begins].tolist(), (start_s + length)[begins].tolist(), strict=True)
    return spans
