"""The fleet of the line-haul: who is free where, who breaks down, who can double a trip (rule 16)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import simpy

from network.fleet.positions import limited, stands
from network.fleet.requirements import spare_driving_s
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, WEEK_S
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.demand.items import day_number
from sim.fleet.pools import Depot

__all__ = ["Fleet"]


class Fleet:
    """Vehicles of the mail routes.

    Parameters
    ----------
    env
        The clock.
    network
        Routes, vehicles and where they stand.
    draws
        The draws of the run.
    start, days
        First day and length of the run.
    operations
        What is played out.
    """

    def __init__(
        self,
        env: simpy.Environment,
        network: Network,
        draws: Draws,
        start: dt.date,
        days: int,
        operations: Operations,
    ) -> None:
        a = network.assumptions
        self._env = env
        self._extra_trips = operations.fleet and operations.extra_trips
        self.backlog = a["extra_trip_backlog"]
        self.extra_after_s = round(a["extra_trip_after_h"] * 3600)
        self.roadside_s = round(a["roadside_h"] * 3600)
        self._repair_s = round(a["repair_h"] * 3600)
        self._turnround_s = round(a["turnround_h"] * 3600)
        self._patience_s = round(a["vehicle_wait_h"] * 3600)
        self._limited = [operations.fleet and limited(network, route) for route in network.routes]
        self._number = [route.vehicles_per_trip for route in network.routes]
        self._depots: list[tuple[Depot, Depot]] = []  # by route: at its first stop, at its last
        if operations.fleet:
            depots = {where: Depot(env, vehicles) for where, vehicles in stands(network).line.items()}
            for route in network.routes:
                ends = [(stop, route.vehicle) for stop in (route.stops[0], route.stops[-1])]
                first, last = (depots.setdefault(end, Depot(env)) for end in ends)
                self._depots.append((first, last))
            spare = spare_driving_s(network)
            self._spare_s = [spare.get(route.id, 0) for route in network.routes]
        self._driven_s: dict[tuple[int, int], int] = {}  # extra driving by (route, week)
        self._breaks: list[set[int]] | None = None  # by day, the vehicles that break down if they set out
        if operations.fleet and operations.breakdowns:
            names = np.array([entity(vehicle.id) for vehicle in network.vehicles], dtype=np.uint64)
            dates = day_number(start) + np.arange(days, dtype=np.int64)
            breaks = draws.breaks_down(a["breakdown_share"], names[None, :], dates[:, None])
            self._breaks = [set(np.flatnonzero(today).tolist()) for today in breaks]

    def may_double(self, route: int) -> bool:
        """Return whether extra trips can be ordered on a route."""
        return self._extra_trips and self._limited[route]

    def take(self, route: int, way: int) -> list[int] | None:
        """Return vehicles for a trip that is due now (none where it needs none), or None: it has to wait."""
        if not self._limited[route]:
            return []
        return self._depots[route][way].take(self._number[route]) or None

    def wait(self, route: int, way: int, trip: int, start: int) -> simpy.Event:
        """Queue for vehicles; the event brings None when the trip gives up."""
        order = (start, route, way, trip)
        return self._depots[route][way].wait(order, self._number[route], start + self._patience_s)

    def broken(self, taken: list[int], now: int) -> list[bool]:
        """Return which of the vehicles that set out now break down."""
        if self._breaks is None or not taken:
            return [False] * len(taken)
        today = self._breaks[now // DAY_S]
        return [vehicle in today for vehicle in taken]

    def give_back(
        self, route: int, way: int, taken: list[int], broken: list[bool], arrives_s: int, back_s: int
    ) -> None:
        """Say when the vehicles of a trip will arrive; an extra trip's drive home then, `back_s`."""
        depot = self._depots[route][way if back_s else 1 - way]
        free = arrives_s + self._turnround_s + back_s
        depot.release(
            (free + self._repair_s * bad, vehicle) for vehicle, bad in zip(taken, broken, strict=True)
        )

    def order(self, route: int, way: int, driving_s: int, now: int) -> list[int] | None:
        """Return vehicles for an extra trip ordered now, as many as are free and have drivers with time."""
        week = now // WEEK_S
        left = self._spare_s[route] - self._driven_s.get((route, week), 0)
        number = min(self._number[route], left // max(1, 2 * driving_s))
        taken = self._depots[route][way].take(number) if number > 0 else []
        if not taken:
            return None
        self._driven_s[route, week] = self._spare_s[route] - left + 2 * driving_s * len(taken)
        return taken
