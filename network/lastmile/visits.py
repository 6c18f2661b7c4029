"""A round on paper: the order of its places, and the clock along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from network.inputs.assumptions import Assumptions
from network.model.records import DAY_S

__all__ = ["Pace", "Piece", "clock", "on_foot", "on_wheels", "short_loop"]

HOUR_S = 3600

# A stretch of road: km, and whether it is a village road (else a county road).
Piece = tuple[float, bool]


@dataclass(frozen=True)
class Pace:
    """How a round moves.  Speeds in km/h, the rest in whole seconds."""

    county_kmh: float
    village_kmh: float
    block_s: int  # at the wheel without a rest
    rest_s: int
    day_s: int  # at the wheel, or on foot, in a day
    night_s: int  # the least night stop


def on_wheels(assumptions: Assumptions) -> Pace:
    """Return the pace of a van with one driver."""
    a = assumptions
    return Pace(
        county_kmh=a["county_speed_kmh"],
        village_kmh=a["village_speed_kmh"],
        block_s=round(a["drive_block_h"] * HOUR_S),
        rest_s=round(a["rest_min"] * 60),
        day_s=round(a["driver_day_h"] * HOUR_S),
        night_s=round(a["night_stop_h"] * HOUR_S),
    )


def on_foot(assumptions: Assumptions) -> Pace:
    """Return the pace of a carrier on foot, rests included."""
    a = assumptions
    day_s = round(a["walk_day_h"] * HOUR_S)
    return Pace(a["walk_kmh"], a["walk_kmh"], day_s, 0, day_s, round(a["night_stop_h"] * HOUR_S))


def clock(
    legs: Sequence[Sequence[Piece]], visit_s: Sequence[int], depart_s: int, pace: Pace
) -> tuple[tuple[int, ...], int]:
    """Return when a round arrives at each place and when it is back.

    The driver rests after each block of driving, where a visit of at least
    the rest's length counts as one.  When the day's driving is used up the
    round stops for the night, wherever it is, and goes on in the morning at
    its hour of departure, or later if the night was too short.

    Parameters
    ----------
    legs
        The road to each place in turn, and at last the road home.
    visit_s
        Stay at each place.
    depart_s
        Departure, seconds after midnight.
    pace
        Speeds and driving hours.

    Returns
    -------
    tuple
        Arrival at each place and return, seconds after midnight of the day of departure.

    Examples
    --------
    One place 70 km away by county road at 35 km/h, a stay of 15 minutes, home by the same road:

    >>> pace = Pace(35.0, 20.0, 4 * 3600, 1200, 8 * 3600, 8 * 3600)
    >>> clock([[(70.0, False)], [(70.0, False)]], [900], 30_600, pace)
    ((37800,), 45900)
    """
    time, block_left, day_left = depart_s, pace.block_s, pace.day_s
    arrivals = []
    for number, leg in enumerate(legs):
        left = sum(round(km / (pace.village_kmh if rough else pace.county_kmh) * HOUR_S) for km, rough in leg)
        while left > 0:
            if day_left <= 0:
                time = _morning(time + pace.night_s, depart_s)
                block_left, day_left = pace.block_s, pace.day_s
            elif block_left <= 0:
                time += pace.rest_s
                block_left = pace.block_s
            step = min(left, block_left, day_left)
            time, left = time + step, left - step
            block_left, day_left = block_left - step, day_left - step
        if number < len(visit_s):
            arrivals.append(time)
            time += visit_s[number]
            if visit_s[number] >= pace.rest_s:
                block_left = pace.block_s
    return tuple(arrivals), time


def _morning(time_s: int, depart_s: int) -> int:
    """Return `time_s`, or the round's hour of departure later that day."""
    day, second = divmod(time_s, DAY_S)
    return day * DAY_S + max(second, depart_s)


def short_loop(km: np.ndarray) -> list[int]:
    """Return a short closed round over all points from point 0, without it: nearest neighbour, then 2-opt.

    Parameters
    ----------
    km
        Symmetric distances, point 0 being the start.

    Examples
    --------
    >>> points = np.array([0, 3, 1, 2])
    >>> short_loop(np.abs(points[:, None] - points[None, :]))
    [2, 3, 1]
    """
    d = km.tolist()
    left = list(range(1, len(d)))
    round_ = [0]
    while left:
        from_last = d[round_[-1]]
        nearest = min(left, key=lambda point: (from_last[point], point))
        left.remove(nearest)
        round_.append(nearest)
    round_.append(0)
    improved = True
    while improved:
        improved = False
        for i in range(1, len(round_) - 2):
            for j in range(i + 1, len(round_) - 1):
                a, b, c, e = round_[i - 1], round_[i], round_[j], round_[j + 1]
                if d[a][c] + d[b][e] < d[a][b] + d[c][e] - 1e-9:
                    round_[i : j + 1] = round_[j : i - 1 : -1]
                    improved = True
    return round_[1:-1]
