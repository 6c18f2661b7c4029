"""On which days of a run each round runs, with how many vehicles, and when it runs next."""

from __future__ import annotations

import datetime as dt

import numpy as np

from network.lastmile.round_table import RoundTable
from network.model.network import Network
from network.model.records import DAY_S
from sim.chance.draws import Draws
from sim.fleet.round_vehicles import manned

__all__ = ["RoundDays"]


class RoundDays:
    """The rounds of a network over the days of a run.

    Parameters
    ----------
    network
        Places, stops, rounds and vehicle classes are read; by its calendar, rounds that do not run on
        holidays skip them.
    start
        First day of the run.
    days
        How many days; a round that never runs again within them has day `days`.
    draws
        Whether a vehicle breaks down.
    """

    def __init__(self, network: Network, start: dt.date, days: int, draws: Draws) -> None:
        rounds = network.rounds
        self.table, self.days = RoundTable.of(network), days
        classes = network.vehicle_classes
        self._vehicles = np.array([round_.vehicles for round_ in rounds], dtype=np.int64)
        self._payload_g = np.array(
            [round(classes[round_.vehicle].payload_kg * 1000) for round_ in rounds], dtype=np.int64
        )
        self._payload_cm3 = np.array(
            [round(classes[round_.vehicle].payload_m3 * 1e6) for round_ in rounds], dtype=np.int64
        )

        # Rounds of one pattern share a row; one that sometimes lacks its vehicles has a row of its own.
        patterns: dict[tuple[tuple[int, ...], bool], int] = {}
        self._row = np.array(
            [
                patterns.setdefault((round_.weekdays, round_.runs_on_holidays), len(patterns))
                for round_ in rounds
            ],
            dtype=np.int32,
        )
        dates = [start + dt.timedelta(days=day) for day in range(days)]
        rest = np.array([network.calendar.rounds_rest(date) for date in dates], dtype=bool)
        weekday = np.array([date.weekday() for date in dates])
        due = [np.isin(weekday, days_of) & (too | ~rest) for days_of, too in patterns]
        own = manned(network, [due[row] for row in self._row], start, draws)
        self._own = np.array([*own], dtype=np.int64)
        self._sent = np.array([*own.values()], dtype=np.int64).reshape(len(own), days)
        for number, sent in own.items():
            self._row[number] = len(due)
            due.append(sent > 0)
        self._runs = np.array(due, dtype=bool).reshape(len(due), days)
        self._next = np.full((len(due), days + 1), days, dtype=np.int32)
        for day in range(days - 1, -1, -1):
            self._next[:, day] = np.where(self._runs[:, day], day, self._next[:, day + 1])

    def runs(self, day: int) -> np.ndarray:
        """Return whether each round runs on a day; (rounds,) bool."""
        return self._runs[self._row, day]

    def capacity(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the g and cm3 that each round holds on a day on which it runs; (rounds,) int64."""
        vehicles = self.vehicles(day)
        return self._payload_g * vehicles, self._payload_cm3 * vehicles

    def vehicles(self, day: int) -> np.ndarray:
        """Return the vehicles of each round on a day on which it runs; (rounds,) int64."""
        vehicles = self._vehicles.copy()
        vehicles[self._own] = self._sent[:, day]
        return vehicles

    def worked(self, first: int, end: int) -> np.ndarray:
        """Return runs and vehicles sent of each round on the days from `first` up to `end`; (rounds, 2)."""
        runs = np.zeros((len(self._vehicles), 2), dtype=np.int64)
        for day in range(first, end):
            today = self.runs(day)
            runs[:, 0] += today
            runs[:, 1] += today * self.vehicles(day)
        return runs

    def next_run(self, round_: np.ndarray, day: np.ndarray | int) -> np.ndarray:
        """Return the first running day at or after `day` of each round."""
        return self._next[self._row[round_], np.minimum(day, self.days)]

    def collected(self, place: np.ndarray, accepted_s: np.ndarray) -> np.ndarray:
        """Return the second at which the base takes in what was accepted at places (rule 13).

        The first running day whose cut-off at the place is not yet past takes it along.
        """
        round_ = self.table.round_row[place]
        earliest = np.maximum(0, -((self.table.cut_s[place] - accepted_s) // DAY_S))
        day = self.next_run(round_, earliest)
        return day.astype(np.int64) * DAY_S + self.table.intake_s[round_]
