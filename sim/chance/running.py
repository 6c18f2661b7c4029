"""How trips really run: chance drawn a week at a time, for all trips of the timetable (rule 15)."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np

from network.linehaul.timetable import Timetable, driving_s
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, WEEK_S
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.chance.driving import DriverRule
from sim.demand.items import day_number

__all__ = ["Running"]


class Running:
    """Running times, late trains and cancelled flights.

    Parameters
    ----------
    network, table
        Routes and their expanded timetable.
    draws
        The draws of the run.
    start
        First day of the run.
    operations
        What is played out.
    """

    def __init__(
        self, network: Network, table: Timetable, draws: Draws, start: dt.date, operations: Operations
    ) -> None:
        self._a, self._draws, self._operations = network.assumptions, draws, operations
        self._epoch_s = day_number(start) * DAY_S
        self._week = -1
        self._first, self._start_s = table.first, table.depart_s[table.first[:-1]]
        self._late: list[int] = []
        self._cancelled: list[bool] = []
        self._more: list[int] = []
        self._legs: list[int] = []  # by call, running times where no rest is needed
        self._restless: list[bool] = []  # by trip, whether none is
        modes = np.array([route.mode for route in network.routes])[table.route]
        self._entity = np.array([entity(route.id) for route in network.routes], dtype=np.uint64)[table.route]
        self._way = table.direction.astype(np.int64)
        self._rail, self._air = modes == "rail", modes == "air"
        # By trip: timetabled running times, and by road the drivings under them.
        arrive, depart = table.arrive_s.tolist(), table.depart_s.tolist()
        cuts = self._cuts = table.first.tolist()
        self._planned = [
            [arrive[call + 1] - depart[call] for call in range(a, b - 1)] for a, b in pairwise(cuts)
        ]
        self._rule = DriverRule.of(network.assumptions)
        self._driving: dict[tuple[int, int], tuple[list[int], int, list[int]]] = {}
        nominal = np.zeros(len(table.stop), dtype=np.int64)
        for row, route in enumerate(network.routes):
            if route.mode != "road":
                continue
            for way, service in enumerate(route.services):
                drivings = [*driving_s(route, network.assumptions)][:: 1 - 2 * way]
                allowance = self._rule.allowance_s(sum(drivings))
                self._driving[row, way] = (drivings, allowance, self._rule.elapsed_s(drivings, allowance))
                assert len(drivings) == len(service.stops) - 1
        self._trip = [
            self._driving.get(pair)
            for pair in zip(table.route.tolist(), table.direction.tolist(), strict=True)
        ]
        for trip, block in enumerate(self._trip):
            if block is not None:
                nominal[cuts[trip] : cuts[trip + 1] - 1] = block[0]
        self._calls = np.flatnonzero(nominal)
        self._nominal = nominal[self._calls]
        self._trip_of = np.repeat(np.arange(len(table.route)), np.diff(table.first))[self._calls]
        self._leg = self._calls - table.first[self._trip_of]
        self._planned_of = np.zeros(len(table.stop), dtype=np.int64)
        self._planned_of[:-1] = table.arrive_s[1:] - table.depart_s[:-1]  # between trips it is not read
        self._most_s = np.array(  # at the wheel of a trip without a rest
            [-1 if block is None else min(self._rule.block_s, block[1]) for block in self._trip]
        )
        self._most_s[np.add.reduceat(nominal, table.first[:-1]) > self._most_s] = -1

    def _draw(self, week: int) -> None:
        """Draw a week of all trips."""
        self._week = week
        moment = self._epoch_s + week * WEEK_S + self._start_s
        a, draws = self._a, self._draws
        late, cancelled = np.zeros(len(moment), dtype=np.int64), np.zeros(len(moment), dtype=bool)
        if self._operations.weather:
            rail, air = self._rail, self._air
            late[rail] = draws.rail_late_s(
                a["rail_late_share"],
                a["rail_late_max_h"],
                self._entity[rail],
                self._way[rail],
                moment[rail],
            )
            cancelled[air] = draws.flight_cancelled(
                a["flight_cancel_share"], self._entity[air], self._way[air], moment[air]
            )
        self._late, self._cancelled = late.tolist(), cancelled.tolist()
        if self._operations.running:
            more = np.zeros(int(self._first[-1]), dtype=np.int64)
            trip = self._trip_of
            more[self._calls] = draws.extra_driving_s(
                self._nominal,
                a["running_time_sd"],
                self._entity[trip],
                self._way[trip],
                moment[trip],
                self._leg,
            )
            self._more = more.tolist()
            driven = more.copy()
            driven[self._calls] += self._nominal
            self._restless = (np.add.reduceat(driven, self._first[:-1]) <= self._most_s).tolist()
            self._legs = np.maximum(1, self._planned_of + more).tolist()

    def late_s(self, trip: int, start: int) -> int:
        """Return how late a trip of this week sets out, seconds: a train may come late."""
        if start // WEEK_S != self._week:
            self._draw(start // WEEK_S)
        return self._late[trip]

    def cancelled(self, trip: int, start: int) -> bool:
        """Return whether a trip does not run: a flight in bad weather."""
        if start // WEEK_S != self._week:
            self._draw(start // WEEK_S)
        return self._cancelled[trip]

    def legs_s(self, trip: int, start: int, extra: bool = False) -> list[int]:
        """Return the running time of each leg of a trip that is due to start at second `start`.

        Roads that are closed come on top.
        """
        planned, road = self._planned[trip], self._trip[trip]
        if road is None or not self._operations.running:
            return planned
        nominal, allowance, usual = road
        if extra:
            more = self._draws.extra_driving_s(
                np.array(nominal),
                self._a["running_time_sd"],
                int(self._entity[trip]),
                int(self._way[trip]),
                self._epoch_s + start,
                np.arange(len(nominal)),
            ).tolist()
        else:
            if start // WEEK_S != self._week:
                self._draw(start // WEEK_S)
            first = self._cuts[trip]
            if self._restless[trip]:
                return self._legs[first : first + len(nominal)]
            more = self._more[first : first + len(nominal)]
        driven = [a + b for a, b in zip(nominal, more, strict=True)]
        taken = self._rule.elapsed_s(driven, allowance)
        return [max(1, a + b - c) for a, b, c in zip(planned, taken, usual, strict=True)]

    def driving_s(self, trip: int) -> int:
        """Return the timetabled seconds at the wheel of a road trip."""
        road = self._trip[trip]
        return 0 if road is None else sum(road[0])
