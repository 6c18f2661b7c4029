"""Weekly trips: running times, departures, and the whole timetable as flat arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from network.inputs.assumptions import Assumptions
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, MailRoute, Service

__all__ = [
    "Timetable",
    "default_per_week",
    "driving_s",
    "expand",
    "first_departure_s",
    "leg_speeds_kmh",
    "running",
    "schedule",
    "speed_kmh",
]

HOUR_S = 3600

_DEPARTS = {
    "trunk": "trunk_departs_h",
    "cross-border": "cross_border_departs_h",
    "feeder": "feeder_departs_h",
    "chain": "feeder_departs_h",
    "branch": "branch_departs_h",
    "inter-prefecture": "feeder_departs_h",
    "rail": "rail_departs_h",
    "non-stop": "air_departs_h",
    "through": "air_departs_h",
}
_PER_WEEK = {
    "feeder": "feeder_per_week",
    "chain": "feeder_per_week",
    "branch": "branch_per_week",
    "inter-prefecture": "inter_prefecture_per_week",
    "cross-border": "cross_border_per_week",
    "rail": "rail_per_week",
    "non-stop": "air_per_week",
    "through": "air_per_week",
}


def default_per_week(route: MailRoute, assumptions: Assumptions) -> int:
    """Return the assumed departures a week of a route of this kind and length."""
    if route.kind == "trunk":
        remote = route.km > assumptions["remote_trunk_km"]
        return round(assumptions["remote_trunk_per_week" if remote else "trunk_per_week"])
    return round(assumptions[_PER_WEEK[route.kind]])


def speed_kmh(route: MailRoute, assumptions: Assumptions) -> float:
    """Return the speed of a road route: paved trunks, or county mountain roads."""
    trunk = route.kind in ("trunk", "cross-border")
    return assumptions["trunk_speed_kmh" if trunk else "county_speed_kmh"]


def driving_s(route: MailRoute, assumptions: Assumptions) -> tuple[int, ...]:
    """Return the timetabled seconds at the wheel on each outward leg of a road route, without rests."""
    speeds = leg_speeds_kmh(route, assumptions)
    return tuple(round(km / speed * HOUR_S) for km, speed in zip(route.leg_km, speeds, strict=True))


def leg_speeds_kmh(route: MailRoute, assumptions: Assumptions) -> tuple[float, ...]:
    """Return the speed on each outward leg of a road route: of its kind, or of roads made faster."""
    return route.leg_kmh or (speed_kmh(route, assumptions),) * len(route.leg_km)


def first_departure_s(route: MailRoute, assumptions: Assumptions) -> int:
    """Return the assumed time of the first outward departure, seconds after midnight."""
    return round(assumptions[_DEPARTS[route.kind]] * HOUR_S)


def running(
    route: MailRoute, leg_km: Sequence[float], assumptions: Assumptions, back: bool = False
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return arrival and departure offsets (s) at every stop, from the start of the trip.

    `leg_km` are in order of travel; `back` says that this is the way back.

    By road a driver rests ``rest_min`` after ``drive_block_h`` at the wheel
    (Road Traffic Safety Law regulations, art. 62); a stop of at least that
    length counts as the rest.  A trip with more than ``second_driver_h`` of
    driving carries ``drivers_per_long_trip`` drivers and lies over
    ``night_stop_h`` when all of them have used their day.
    """
    if route.mode == "rail":
        return _offsets([km / assumptions["rail_speed_kmh"] for km in leg_km], assumptions["rail_stop_min"])
    if route.mode == "air":
        hours = [km / assumptions["air_speed_kmh"] + assumptions["air_block_min"] / 60 for km in leg_km]
        return _offsets(hours, assumptions["air_stop_min"])
    speed = speed_kmh(route, assumptions)
    speeds = leg_speeds_kmh(route, assumptions)[:: -1 if back else 1]
    driving_h = [km / speed for km, speed in zip(leg_km, speeds, strict=True)]
    block = assumptions["drive_block_h"]
    day = assumptions["driver_day_h"]
    if (sum(driving_h) if route.leg_kmh else sum(leg_km) / speed) > assumptions["second_driver_h"]:
        day *= assumptions["drivers_per_long_trip"]
    block_left, day_left = block, day
    hours = []
    for left in driving_h:
        spent = 0.0
        while True:
            step = min(left, block_left, day_left)
            left, spent = left - step, spent + step
            block_left, day_left = block_left - step, day_left - step
            if left <= 1e-9:
                break
            if day_left <= 1e-9:
                spent += assumptions["night_stop_h"]
                block_left, day_left = block, day
            else:
                spent += assumptions["rest_min"] / 60
                block_left = block
        hours.append(spent)
        if assumptions["stop_min"] >= assumptions["rest_min"]:
            block_left = block
    return _offsets(hours, assumptions["stop_min"])


def _offsets(leg_h: Sequence[float], stop_min: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Turn hours a leg and minutes a stop into whole-second offsets (legs rounded up to the minute)."""
    arrive, depart = [0], [0]
    for hours in leg_h:
        arrive.append(depart[-1] + 60 * math.ceil(hours * 60 - 1e-9))
        depart.append(arrive[-1] + round(stop_min * 60))
    depart[-1] = arrive[-1]
    return tuple(arrive), tuple(depart)


def starts(per_week: int, first_s: int) -> tuple[int, ...]:
    """Return `per_week` departures, in seconds of the week, as evenly as the clock allows.

    Up to seven a week they leave at one time of day on evenly spread weekdays
    from Monday; above that they are evenly spaced through the week.

    Examples
    --------
    >>> [s // 86400 for s in starts(5, 3600)]
    [0, 1, 2, 4, 5]
    """
    if per_week <= 7:
        return tuple((i * 7 // per_week) * DAY_S + first_s for i in range(per_week))
    return tuple(sorted((first_s + i * WEEK_S // per_week // 60 * 60) % WEEK_S for i in range(per_week)))


def schedule(
    route: MailRoute, per_week: int, assumptions: Assumptions, first_departure: int | None = None
) -> MailRoute:
    """Return the route with its outward and back services.

    Parameters
    ----------
    route
        Stops and legs are read, services are replaced.
    per_week
        Departures a week in each direction, at least 1.
    first_departure
        Seconds after midnight of the first outward departure; by default the
        assumed hour of its kind.

    Notes
    -----
    The back trip is made by the same vehicles: it leaves ``turnround_h`` after
    the arrival (by air after the stop time), by road not between
    ``latest_return_h`` and ``earliest_return_h``.
    """
    first = first_departure_s(route, assumptions) if first_departure is None else first_departure
    arrive, depart = running(route, route.leg_km, assumptions)
    out = Service(route.stops, route.leg_km, arrive, depart, starts(per_week, first))
    back_km = route.leg_km[::-1]
    arrive_b, depart_b = running(route, back_km, assumptions, back=True)
    pause = (
        round(assumptions["air_stop_min"] * 60)
        if route.mode == "air"
        else round(assumptions["turnround_h"] * HOUR_S)
    )
    back_starts = []
    for start in out.starts_s:
        ready = start + arrive[-1] + pause
        if route.mode == "road":
            ready = _daylight(ready, assumptions)
        back_starts.append(ready % WEEK_S)
    back = Service(route.stops[::-1], back_km, arrive_b, depart_b, tuple(sorted(back_starts)))
    return replace(route, services=(out, back))


def _daylight(time_s: int, assumptions: Assumptions) -> int:
    """Return the first moment at or after `time_s` at which a road trip may set out for home."""
    earliest = round(assumptions["earliest_return_h"] * HOUR_S)
    latest = round(assumptions["latest_return_h"] * HOUR_S)
    day, clock = divmod(time_s, DAY_S)
    if clock < earliest:
        return day * DAY_S + earliest
    return time_s if clock <= latest else (day + 1) * DAY_S + earliest


@dataclass(frozen=True, eq=False)
class Timetable:
    """All trips of a week as flat arrays.

    Trips are in order of route, direction and start.  Trip ``i`` calls at rows
    ``first[i]:first[i + 1]`` of the call arrays; times are seconds from Monday
    00:00 of the week in which the trip starts and may pass the week's end.
    """

    stops: tuple[str, ...]
    route: np.ndarray  # (trips,) int32, row of network.routes
    direction: np.ndarray  # (trips,) int8: 0 outward, 1 back
    first: np.ndarray  # (trips + 1,) int32
    stop: np.ndarray  # (calls,) int32, row of `stops`
    arrive_s: np.ndarray  # (calls,) int64
    depart_s: np.ndarray  # (calls,) int64
    leg_km: np.ndarray  # (calls,) float64, km to the next call; 0 at the last


def expand(network: Network) -> Timetable:
    """Return the timetable of a network."""
    row_of = network.stop_row
    route, direction, first, stop, arrive, depart, leg = [], [], [0], [], [], [], []
    for number, mail_route in enumerate(network.routes):
        for way, service in enumerate(mail_route.services):
            rows = [row_of[s] for s in service.stops]
            for start in service.starts_s:
                route.append(number)
                direction.append(way)
                stop += rows
                arrive += [start + offset for offset in service.arrive_s]
                depart += [start + offset for offset in service.depart_s]
                leg += [*service.leg_km, 0.0]
                first.append(len(stop))
    return Timetable(
        stops=network.stops,
        route=np.array(route, dtype=np.int32),
        direction=np.array(direction, dtype=np.int8),
        first=np.array(first, dtype=np.int32),
        stop=np.array(stop, dtype=np.int32),
        arrive_s=np.array(arrive, dtype=np.int64),
        depart_s=np.array(depart, dtype=np.int64),
        leg_km=np.array(leg, dtype=np.float64),
    )
