"""What a network takes to run: vehicles, drivers and vehicle-kilometres (rule 7).

Needs are counted from routes and rounds, not from the vehicles that stand
there: a changed scenario may need more than the published fleet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from network.fleet.vehicles import vehicles_needed
from network.inputs.assumptions import Assumptions
from network.lastmile.weekdays import days_out
from network.linehaul.timetable import speed_kmh
from network.model.network import Network
from network.model.records import MailRoute, Round

__all__ = ["Lines", "Needs", "needs", "spare_driving_s"]


@dataclass(frozen=True)
class Lines:
    """What some lines need in a week."""

    vehicles: int
    drivers: int
    vehicle_km_per_week: float
    train_km_per_week: float
    flight_km_per_week: float


@dataclass(frozen=True)
class Needs:
    """Weekly needs; vehicles are those that count among the published ones.

    `firms` is what the express firms' own lines need beside all the others:
    nothing where the published fleet is the whole industry's and they count in it.
    """

    vehicles: int
    vehicles_linehaul: int
    vehicles_rounds: int
    vehicles_by_class: dict[str, int]
    fleet: int  # vehicles there are
    drivers: int
    vehicle_km_per_week: float
    linehaul_km_per_week: float  # of counted vehicles
    round_km_per_week: float  # of counted vehicles
    train_km_per_week: float
    flight_km_per_week: float
    foot_km_per_week: float
    firms: Lines

    @property
    def over(self) -> int:
        """Vehicles needed beyond the fleet; negative: to spare."""
        return self.vehicles - self.fleet

    def as_dict(self) -> dict[str, Any]:
        """Return all numbers for JSON."""
        return {**asdict(self), "over": self.over}


def needs(network: Network) -> Needs:
    """Return what the routes and rounds of a network need.

    Lines of the express firms' own are counted apart where the published fleet
    is the post's alone (``fleet_scope = "post"``).
    """
    a, classes = network.assumptions, network.vehicle_classes
    post_only = network.settings.post_only
    routes = [r for r in network.routes if not (post_only and r.carrier == "express")]
    others = [r for r in network.routes if post_only and r.carrier == "express"]
    needed = vehicles_needed(routes, network.rounds, classes, a)
    by_class: dict[str, int] = {}
    for (_, vehicle, _), number in needed.items():
        by_class[vehicle] = by_class.get(vehicle, 0) + number
    on_rounds = sum(number for (_, _, duty), number in needed.items() if duty == "rounds")
    lines = _lines(network, routes)
    round_km = foot_km = 0.0
    out: dict[str, float] = {}
    for round_ in network.rounds:
        weekly = round_.km * len(round_.weekdays) * round_.vehicles
        if classes[round_.vehicle].counted:
            round_km += weekly
            out[round_.base] = out.get(round_.base, 0.0) + _vehicle_days(round_)
        else:
            foot_km += weekly
    return Needs(
        vehicles=sum(needed.values()),
        vehicles_linehaul=sum(needed.values()) - on_rounds,
        vehicles_rounds=on_rounds,
        vehicles_by_class=dict(sorted(by_class.items())),
        fleet=len(network.vehicles),
        drivers=lines.drivers + sum(_drivers(days, a) for days in out.values()),
        vehicle_km_per_week=lines.vehicle_km_per_week + round_km,
        linehaul_km_per_week=lines.vehicle_km_per_week,
        round_km_per_week=round_km,
        train_km_per_week=lines.train_km_per_week,
        flight_km_per_week=lines.flight_km_per_week,
        foot_km_per_week=foot_km,
        firms=_lines(network, others),
    )


def spare_driving_s(network: Network) -> dict[str, int]:
    """Return the driving that each road route's drivers have to spare in a week, whole s, by route id.

    What their number may drive in a week less what the timetable takes.  A
    route whose vehicles are not counted has no drivers: what it has to spare is negative.
    """
    a = network.assumptions
    spare = {}
    for route in network.routes:
        if route.mode != "road":
            continue
        drivers = _route_drivers(route, a) if network.vehicle_classes[route.vehicle].counted else 0
        allowed_h = drivers * a["driver_days_per_week"] * a["driver_day_h"]
        spare[route.id] = round(3600 * (allowed_h - _driving_h(route, a) * route.vehicles_per_trip))
    return spare


def _lines(network: Network, routes: list[MailRoute]) -> Lines:
    a, classes = network.assumptions, network.vehicle_classes
    km = {"road": 0.0, "rail": 0.0, "air": 0.0}
    drivers = 0
    for route in routes:
        # a train or an aircraft is not multiplied by the mail cars or bellies it carries
        vehicles = route.vehicles_per_trip if classes[route.vehicle].counted else 1
        km[route.mode] += sum(route.km for _ in _trips(route)) * vehicles
        if classes[route.vehicle].counted:
            drivers += _route_drivers(route, a)
    vehicles = sum(vehicles_needed(routes, (), classes, a).values())
    return Lines(vehicles, drivers, km["road"], km["rail"], km["air"])


def _trips(route: MailRoute) -> Iterator[int]:
    for service in route.services:
        yield from service.starts_s


def _driving_h(route: MailRoute, a: Assumptions) -> float:
    """Return hours at the wheel in a week, of one vehicle a trip."""
    one_way = route.km / speed_kmh(route, a)
    if route.leg_kmh:
        one_way = sum(km / speed for km, speed in zip(route.leg_km, route.leg_kmh, strict=True))
    return sum(one_way for _ in _trips(route))


def _route_drivers(route: MailRoute, a: Assumptions) -> int:
    return _drivers(_driving_h(route, a) * route.vehicles_per_trip / a["driver_day_h"], a)


def _vehicle_days(round_: Round) -> int:
    return days_out(round_.depart_s, round_.intake_s) * len(round_.weekdays) * round_.vehicles


def _drivers(driver_days: float, a: Assumptions) -> int:
    return math.ceil(driver_days / a["driver_days_per_week"] - 1e-9)
