"""The last mile: rounds that deliver and collect, and the days on which they run (rules 12, 13 and 16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import simpy

from network.model.network import Network
from network.model.records import Round
from obvious.clock import DAY, DEPARTURES, later
from obvious.fleet import Fleet

if TYPE_CHECKING:
    from obvious.model import Item

AHEAD = 60  # days after the run for which it is known which rounds run


class LastMile:
    """All rounds, one process each."""

    def __init__(
        self, env: simpy.Environment, network: Network, fleet: Fleet, start: dt.date, days: int
    ) -> None:
        self.env, self.network = env, network
        self.calendar = network.calendar
        self.dates = [start + dt.timedelta(days=day) for day in range(days + AHEAD)]
        self.vehicles = fleet.crews(days + AHEAD, self._due)
        self.waiting: dict[str, list[tuple[int, int, int, Item, int, simpy.Event]]] = {}
        self.place: dict[int, tuple[Round, int]] = {}  # place row -> its round, and where on it
        for round_ in network.rounds:
            self.waiting[round_.id] = []
            for i, place in enumerate(round_.places):
                self.place[network.places.row(place)] = (round_, i)
            env.process(self._round(round_))

    def wait(self, item: Item, round_: Round, index: int, ready: int) -> simpy.Event:
        """Return the event that a round takes an item along; its value is the midnight of that day."""
        goes = self.env.event()
        self.waiting[round_.id].append((item.priority, ready, item.key, item, index, goes))
        return goes

    def collected(self, round_: Round, index: int, accepted: int) -> int | None:
        """Return when the base takes in what was accepted: by the first run that still collects it."""
        first = max(0, -((round_.cut_s[index] - accepted) // DAY))
        for day in range(first, len(self.dates)):
            if self.vehicles[round_.id][day]:
                return day * DAY + round_.intake_s
        return None

    def _due(self, round_: Round, day: int) -> bool:
        date = self.dates[day]
        return date.weekday() in round_.weekdays and (
            round_.runs_on_holidays or not self.calendar.rounds_rest(date)
        )

    def _round(self, round_: Round) -> Iterator[simpy.Event]:
        env = self.env
        kind = self.network.vehicle_classes[round_.vehicle]
        waiting = self.waiting[round_.id]
        for day, vehicles in enumerate(self.vehicles[round_.id]):
            if not vehicles:
                continue
            holds_g = round(kind.payload_kg * 1000) * vehicles
            holds_cm3 = round(kind.payload_m3 * 1e6) * vehicles
            yield env.timeout(day * DAY + round_.depart_s - env.now)
            yield later(env, DEPARTURES)
            here = sorted((row for row in waiting if row[1] <= env.now), key=lambda row: row[:3])
            stays = [row for row in waiting if row[1] > env.now]
            grams = cm3 = 0
            full = False
            for row in here:
                item = row[3]
                grams, cm3 = grams + item.grams, cm3 + item.cm3
                full = full or grams > holds_g or cm3 > holds_cm3
                if full:
                    item.missed_dispatches += 1
                    stays.append(row)
                else:
                    row[5].succeed(day * DAY)
            waiting[:] = stays
