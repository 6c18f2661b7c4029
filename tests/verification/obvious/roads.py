"""Roads: what drivers' rests, the day's traffic and closed roads make of a leg's time (rule 15)."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from network.linehaul.closures import SEASONS, Link, closed_by_announcement, road_legs
from network.model.network import Network
from network.model.records import MailRoute, Service
from network.numeric.streams import entity
from obvious.clock import DAY, HOUR
from sim.chance.draws import Draws
from sim.demand.items import day_number

TRUNKS = ("trunk", "cross-border")  # the other kinds of road routes take county roads


class Roads:
    """Times on the road, and the roads that are closed."""

    def __init__(self, network: Network, draws: Draws, start: dt.date, days: int) -> None:
        self.assumptions = a = network.assumptions
        self.operations = network.operations
        self.draws, self.start, self.days = draws, start, days
        self.block_s, self.day_s = round(a["drive_block_h"] * HOUR), round(a["driver_day_h"] * HOUR)
        self.long_s = round(a["second_driver_h"] * HOUR)
        self.long_day_s = round(a["driver_day_h"] * HOUR * a["drivers_per_long_trip"])
        self.rest_s, self.night_s = round(a["rest_min"] * 60), round(a["night_stop_h"] * HOUR)
        self.stop_rests = a["stop_min"] >= a["rest_min"]
        self.links = road_legs(network)
        self.announced = closed_by_announcement(network)
        low, high = a["closure_min_h"], a["closure_max_h"]
        # Who meets a closure sees it at a random moment of it: E[L²] / 2 E[L] of it is to come.
        self.mean_rest_s = round(HOUR * (low * low + low * high + high * high) / (3 * (low + high)))
        self.known: dict[str, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
        self.plans: dict[tuple[str, int], tuple[list[int], int, list[int]]] = {}

    def speed_kmh(self, route: MailRoute) -> float:
        return self.assumptions["trunk_speed_kmh" if route.kind in TRUNKS else "county_speed_kmh"]

    def driving_s(self, route: MailRoute, way: int) -> list[int]:
        """Return the timetabled driving on each leg."""
        return self._plan(route, way)[0]

    def _plan(self, route: MailRoute, way: int) -> tuple[list[int], int, list[int]]:
        """Return the driving on each leg, the day's allowance, and each leg's time with rests."""
        key = (route.id, way)
        if key not in self.plans:
            speeds = route.leg_kmh or [self.speed_kmh(route)] * len(route.leg_km)
            driving = [round(km / speed * HOUR) for km, speed in zip(route.leg_km, speeds, strict=True)]
            if way:
                driving = driving[::-1]
            allowance = self.long_day_s if sum(driving) > self.long_s else self.day_s
            self.plans[key] = (driving, allowance, self._with_rests(driving, allowance))
        return self.plans[key]

    def _with_rests(self, driving: Sequence[int], allowance: int) -> list[int]:
        block_left, day_left = self.block_s, allowance
        times = []
        for left in driving:
            spent = 0
            while True:
                step = min(left, block_left, day_left)
                spent += step
                left, block_left, day_left = left - step, block_left - step, day_left - step
                if left == 0:
                    break
                if day_left == 0:
                    spent += self.night_s
                    block_left, day_left = self.block_s, allowance
                else:
                    spent += self.rest_s
                    block_left = self.block_s
            times.append(spent)
            if self.stop_rests:
                block_left = self.block_s
        return times

    def running_s(self, route: MailRoute, way: int, service: Service, moment: int) -> list[int]:
        """Return the time of each leg of a trip, closed roads apart; `moment` is its key."""
        timetabled = [a - d for a, d in zip(service.arrive_s[1:], service.depart_s, strict=False)]
        if route.mode != "road" or not self.operations.running:
            return timetabled
        driving, allowance, usual = self._plan(route, way)
        extra = self.draws.extra_driving_s(
            np.array(driving),
            self.assumptions["running_time_sd"],
            entity(route.id),
            way,
            moment,
            np.arange(len(driving)),
        )
        real = self._with_rests([s + e for s, e in zip(driving, extra.tolist(), strict=True)], allowance)
        return [max(1, t + r - u) for t, r, u in zip(timetabled, real, usual, strict=True)]

    def delay_s(self, route: MailRoute, way: int, leg: int, departs: int, running: int) -> int:
        """Return what the closed roads of a leg add to its time."""
        legs = self.links.get(route.id)
        if route.mode != "road" or not legs or not (self.announced or self.operations.weather):
            return 0
        links = legs[-1 - leg][::-1] if way else legs[leg]
        length = sum(link.metres for link in links)
        delay = behind = 0
        for link in links:
            now = departs + running * behind // length + delay
            behind += link.metres
            closed, announced = self._closed(link)
            i = bisect_right(closed, now, key=lambda interval: interval[0]) - 1
            if i < 0 or closed[i][1] <= now:
                continue
            known = [until - now for begin, until in announced if begin <= now < until]
            wait = max(known) if known else self.mean_rest_s
            if link.detour_km is not None:
                round_s = math.ceil((link.detour_km - link.metres / 1000) / self.speed_kmh(route) * HOUR)
                if round_s < wait:
                    delay += round_s
                    continue
            delay += closed[i][1] - now
        return delay

    def _closed(self, link: Link) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return when a link is closed, merged and in order of time, and its announced closures."""
        if link.id not in self.known:
            announced = [
                ((first - self.start).days * DAY, ((last - self.start).days + 1) * DAY)
                for first, last in self.announced.get(link.id, ())
            ]
            merged: list[tuple[int, int]] = []
            for begin, until in sorted(announced + (self._random(link) if self.operations.weather else [])):
                if merged and begin <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
                else:
                    merged.append((begin, until))
            self.known[link.id] = (merged, announced)
        return self.known[link.id]

    def _random(self, link: Link) -> list[tuple[int, int]]:
        """Return the closures of snow and slides, those that began before the run included."""
        a = self.assumptions
        before = math.ceil(a["closure_max_h"] / 24) + 1
        dates = [self.start + dt.timedelta(days=day) for day in range(-before, self.days + 60)]
        numbers = np.array([day_number(date) for date in dates])
        found = []
        for cause, (months, terrains) in SEASONS.items():
            if link.terrain not in terrains:
                continue
            chance = a[f"{cause}_closures_per_100km"] * (link.metres / 1000) / 100 * 12 / 365
            begins, second, length = self.draws.closure(
                cause, chance, a["closure_min_h"], a["closure_max_h"], entity(link.id), numbers
            )
            for i, date in enumerate(dates):
                if begins[i] and date.month in months:
                    begin = (i - before) * DAY + int(second[i])
                    found.append((begin, begin + int(length[i])))
        return found
