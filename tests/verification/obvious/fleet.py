"""Vehicles: where they stand, which trips and rounds get one, and which break down (rule 16)."""

from __future__ import annotations

import datetime as dt
import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import simpy

from network.fleet.positions import limited, stands
from network.lastmile.weekdays import days_out
from network.model.network import Network
from network.model.records import MailRoute, Round
from network.numeric.streams import entity
from obvious.clock import DAY, HOUR, POOLS, later
from sim.chance.draws import Draws
from sim.demand.items import day_number


class Pool:
    """Vehicles of one class at one stop, and the trips that ask for them, strictly in order."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.free: list[tuple[int, int]] = []  # (free since, row of the vehicle)
        self.requests: list[tuple[tuple[int, int], int, int, simpy.Event]] = []

    def put(self, vehicle: int, when: int) -> None:
        """Let a vehicle stand here from a second on; one that is past counts for the order alone."""
        later(self.env, 1, max(0, when - self.env.now)).callbacks.append(
            lambda _: self._come((when, vehicle))
        )

    def _come(self, vehicle: tuple[int, int]) -> None:
        heapq.heappush(self.free, vehicle)
        self._serve_at(self.env.now)

    def ask(self, start: int, trip: int, number: int, until: int) -> simpy.Event:
        """Return the event that a trip gets vehicles, or None if there was none until a second."""
        event = self.env.event()
        heapq.heappush(self.requests, ((start, trip), number, until, event))
        self._serve_at(self.env.now)
        self._serve_at(until)
        return event

    def take(self, number: int) -> list[int]:
        """Return so many vehicles, or what there is: those free longest."""
        return [heapq.heappop(self.free)[1] for _ in range(min(number, len(self.free)))]

    def _serve_at(self, when: int) -> None:
        later(self.env, POOLS, when - self.env.now).callbacks.append(self._serve)

    def _serve(self, _event: simpy.Event) -> None:
        self._grant()
        gone = [request for request in self.requests if request[2] == self.env.now]
        if gone:
            self.requests = [request for request in self.requests if request[2] != self.env.now]
            heapq.heapify(self.requests)
            for request in gone:
                request[3].succeed(None)
            self._grant()

    def _grant(self) -> None:
        while self.requests and self.free:
            _, number, _, event = heapq.heappop(self.requests)
            event.succeed(self.take(number))


class Fleet:
    """The vehicles of the network; only classes that count among the published ones can run short."""

    def __init__(self, env: simpy.Environment, network: Network, draws: Draws, start: dt.date) -> None:
        a = network.assumptions
        self.network, self.draws = network, draws
        self.operations = network.operations
        self.first_date = day_number(start)
        self.names = np.array([entity(vehicle.id) for vehicle in network.vehicles], dtype=np.uint64)
        self.share, self.repair_h = a["breakdown_share"], a["repair_h"]
        self.repair_s = round(self.repair_h * HOUR)
        self.roadside_s, self.turnround_s = round(a["roadside_h"] * HOUR), round(a["turnround_h"] * HOUR)
        self.pools: dict[tuple[str, str], Pool] = defaultdict(lambda: Pool(env))
        if self.operations.fleet:
            self.stands = stands(network)
            for where, vehicles in self.stands.line.items():
                for since, vehicle in vehicles:
                    self.pools[where].put(vehicle, since)

    def limits(self, route: MailRoute) -> bool:
        """Return whether vehicles of a route can run short."""
        return self.operations.fleet and limited(self.network, route)

    def pool(self, route: MailRoute, stop: str) -> Pool:
        """Return the pool of a route at one of its ends."""
        return self.pools[stop, route.vehicle]

    def broken(self, vehicles: Sequence[int], now: int) -> list[bool]:
        """Return which vehicles break down on the date of this second."""
        if not (self.operations.breakdowns and vehicles):
            return [False] * len(vehicles)
        names = self.names[list(vehicles)]
        return self.draws.breaks_down(self.share, names, self.first_date + now // DAY).tolist()

    def crews(self, days: int, due: Callable[[Round, int], bool]) -> dict[str, list[int]]:
        """Return for each round with how many vehicles it runs on each day: 0 when it does not."""
        network = self.network
        sent = {
            round_.id: [round_.vehicles if due(round_, day) else 0 for day in range(days)]
            for round_ in network.rounds
        }
        bases: dict[tuple[str, str], list[tuple[int, Round]]] = defaultdict(list)
        for row, round_ in enumerate(network.rounds):
            if self.operations.fleet and network.vehicle_classes[round_.vehicle].counted:
                bases[round_.base, round_.vehicle].append((row, round_))
        for where, rounds in bases.items():
            vehicles = sorted(self.stands.rounds.get(where, ()))
            back = dict.fromkeys(vehicles, 0)  # day from which a vehicle can start again
            repaired = self._repaired(vehicles, days)
            last = {row: -1 for row, _ in rounds}
            for day in range(days):
                wanted = sorted((last[row], row, round_) for row, round_ in rounds if sent[round_.id][day])
                for _, row, round_ in wanted:
                    here = [v for v in vehicles if max(back[v], repaired[v][day]) <= day][: round_.vehicles]
                    sent[round_.id][day] = len(here)
                    if here:
                        last[row] = day
                    for vehicle in here:
                        back[vehicle] = day + days_out(round_.depart_s, round_.intake_s)
        return sent

    def _repaired(self, vehicles: Sequence[int], days: int) -> dict[int, list[int]]:
        """Return for each vehicle, by day: the day on which it is there again after its last breakdown."""
        length = math.ceil(self.repair_h / 24)
        dates = np.arange(1 - length, days)  # one that broke down before the run may still be in repair
        found = {}
        for vehicle in vehicles:
            broken = np.zeros(len(dates), dtype=bool)
            if self.operations.breakdowns:
                broken = self.draws.breaks_down(self.share, int(self.names[vehicle]), self.first_date + dates)
            again = np.maximum.accumulate(np.where(broken, dates + length, 0))
            found[vehicle] = again[length - 1 :].tolist()
        return found
