"""Paid hours of drivers and carriers: of a trip, and of a run of a round."""

from __future__ import annotations

from network.inputs.assumptions import Assumptions
from network.lastmile.weekdays import days_out
from network.linehaul.timetable import driving_s
from network.model.records import MailRoute, Round

__all__ = ["round_paid_h", "trip_paid_h"]


def trip_paid_h(route: MailRoute, assumptions: Assumptions, ways: int = 1) -> float:
    """Return the paid hours of one vehicle on a trip: driving and stops on the way, both of a crew of two.

    Parameters
    ----------
    route
        A road route.
    assumptions
        When a second driver is on board, and how long a stop takes.
    ways
        2 for a vehicle that drives back without halting.
    """
    a = assumptions
    driving_h = sum(driving_s(route, a)) / 3600
    crew = a["drivers_per_long_trip"] if driving_h > a["second_driver_h"] else 1.0
    return crew * (ways * driving_h + a["stop_min"] / 60 * (len(route.stops) - 2))


def round_paid_h(round_: Round, assumptions: Assumptions) -> float:
    """Return the paid hours of one vehicle or carrier on a run: a whole day for every day it is out."""
    day_h = assumptions["walk_day_h" if round_.vehicle == "foot" else "driver_day_h"]
    return days_out(round_.depart_s, round_.intake_s) * day_h
