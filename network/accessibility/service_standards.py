"""Service standards as pure measures: kinds of places, deliveries a week, days counted as J+n.

Nothing here knows a limit; `network.inputs.standard_tables` reads those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar, UncoveredDateError
from network.inputs.standards import DayRule
from network.lastmile.weekdays import days_out
from network.model.network import Network
from network.model.records import DAY_S

__all__ = ["WorkingDays", "areas", "deliveries_per_week", "hard_to_reach", "open_days", "working_days"]

_KINDS = {
    "township": "township_seat",
    "village": "village",
    "committee": "village",
    "natural_village": "natural_village",
    "monastery": "monastery",
}


def areas(network: Network) -> NDArray[np.str_]:
    """Return the area of each place; "" for gateways and seats, where nobody is addressed.

    Areas are those of `network.inputs.standards.AREAS`.  In town is a city where the region's or a
    prefecture's centre stands, a county town elsewhere.
    """
    places = network.places
    out = np.array([_KINDS.get(str(kind), "") for kind in places.kind], dtype="<U16")
    capital = [
        str(places.county[places.row(centre.place)])
        for centre in network.centres
        if centre.tier in ("region", "prefecture")
    ]
    town = places.in_town.astype(bool) & (out != "")
    out[town] = np.where(np.isin(places.county[town], capital), "city", "county_town")
    return out


def deliveries_per_week(network: Network) -> NDArray[np.int64]:
    """Return on how many days of a week a round delivers at each place; 0 where none goes."""
    days = np.zeros(len(network.places), dtype=np.int64)
    for round_ in network.rounds:
        days[[network.places.row(place) for place in round_.places]] += len(round_.weekdays)
    return days


def hard_to_reach(network: Network, round_km: float, round_days: int) -> NDArray[np.bool_]:
    """Return which places are hard to reach: by the round that serves them, not by how often it runs.

    Parameters
    ----------
    network
        Its rounds out of town are read.
    round_km
        A whole round longer than this makes its places hard to reach; so does one on foot.
    round_days
        And one that is out for more days than this.
    """
    hard = np.zeros(len(network.places), dtype=bool)
    for round_ in network.rounds:
        away = days_out(round_.depart_s, round_.intake_s)
        far = round_.km > round_km or away > round_days or round_.vehicle == "foot"
        if far and round_.kind == "rural":  # many vans share the round of a town
            hard[[network.places.row(place) for place in round_.places]] = True
    return hard


def open_days(
    calendar: Calendar,
    first: dt.date,
    days: int,
    weekdays: Collection[int],
    holidays: str = "statutory",
    makeup_days: bool = True,
) -> NDArray[np.bool_]:
    """Return which dates are days of collection, or of delivery.

    Parameters
    ----------
    calendar
        Holidays by date.
    first, days
        The first date and how many there are.
    weekdays
        0 for Monday to 6 for Sunday.
    holidays
        Which of them are no such days: one of `network.inputs.standards.HOLIDAYS`.  On days off by
        law nobody works; other days off are bridged by working weekends.
    makeup_days
        Whether weekend days worked to make up for a bridge day are such days too; only with
        ``holidays="all"``, since otherwise the bridge days count already.

    Raises
    ------
    UncoveredDateError
        If holidays matter and those of a date are not known.
    """
    out = np.zeros(days, dtype=bool)
    for number in range(days):
        day = first + dt.timedelta(days=number)
        if holidays != "none" and not calendar.is_covered(day):
            known = ", ".join(f"{a} to {b}" for a, b in calendar.covered)
            raise UncoveredDateError(f"the holidays of {day} are not listed; the calendar covers {known}")
        resting = {"none": False, "statutory": calendar.rounds_rest(day), "all": calendar.is_holiday(day)}
        made_up = holidays == "all" and makeup_days and day in calendar.workdays
        out[number] = (day.weekday() in weekdays or made_up) and not resting[holidays]
    return out


@dataclass(frozen=True, eq=False)
class WorkingDays:
    """Counts days as EN 13850 does: J+n.

    J is the day of acceptance if that is a collection day and the item came by the last
    collection, else the next collection day.  The n of an item is the number of delivery days
    after J up to the day of its first attempt; other days in between are not counted.  What
    arrives on J, or before it, has n = 0.

    Parameters
    ----------
    collects, delivers
        Collection and delivery days, by day from 0.
    cutoff_s
        Last collection, seconds after midnight; an item of that very second is collected.

    Examples
    --------
    Friday 17:00, an hour after the last collection, to Tuesday: J is Monday.

    >>> week = np.array([True] * 5 + [False] * 2 + [True] * 5)
    >>> count = WorkingDays(week, week, 16 * 3600)
    >>> count.days([4 * 86400 + 17 * 3600], [8 * 86400 + 9 * 3600]).tolist()
    [1]
    """

    collects: NDArray[np.bool_]
    delivers: NDArray[np.bool_]
    cutoff_s: int

    def __post_init__(self) -> None:
        if self.collects.shape != self.delivers.shape:
            raise ValueError("as many delivery days as collection days expected")

    @cached_property
    def _next(self) -> NDArray[np.int32]:
        """The first collection day at or after each day; the length of the table where none is left."""
        n = len(self.collects)
        following = np.where(self.collects, np.arange(n), n)[::-1]
        return np.append(np.minimum.accumulate(following)[::-1], n).astype(np.int32)

    @cached_property
    def _upto(self) -> NDArray[np.int32]:
        return np.cumsum(self.delivers, dtype=np.int32)

    def posting_day(self, accepted_s: ArrayLike) -> NDArray[np.int32]:
        """Return J of items accepted at these seconds.

        Raises
        ------
        ValueError
            If an item is accepted after the last collection day of the table.
        """
        day, second = np.divmod(np.asarray(accepted_s), DAY_S)
        following = self._next[np.minimum(day + (second > self.cutoff_s), len(self.collects))]
        if np.any(following >= len(self.collects)):
            raise ValueError("an item is accepted after the last collection day of the table")
        return following

    def days(self, accepted_s: ArrayLike, ended_s: ArrayLike) -> NDArray[np.int32]:
        """Return n of items accepted and first attempted at these seconds.

        Raises
        ------
        ValueError
            As for `posting_day`, and if an item ends after the last day of the table.
        """
        posted = self.posting_day(accepted_s)
        ended = np.asarray(ended_s) // DAY_S
        if np.any(ended >= len(self.delivers)):
            raise ValueError("an item ends after the last day of the table")
        return np.maximum(self._upto[ended] - self._upto[posted], 0)


def working_days(
    rule: DayRule, calendar: Calendar, assumptions: Assumptions, first: dt.date, days: int
) -> WorkingDays:
    """Return the count of a rule for `days` dates from `first`.

    Raises
    ------
    UncoveredDateError
        If holidays matter and those of a date are not known.
    UnknownNameError
        If the cut-off names no assumption.
    """
    hour = assumptions[rule.cutoff_h] if isinstance(rule.cutoff_h, str) else rule.cutoff_h
    collects, delivers = (
        open_days(calendar, first, days, weekdays, rule.holidays, rule.makeup_days)
        for weekdays in (rule.collection, rule.delivery)
    )
    return WorkingDays(collects, delivers, round(hour * 3600))
