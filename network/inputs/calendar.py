"""Holidays by date, and the profile of demand over the days of a year (rule 13).

The year is cut into periods whose shares are published (for Xizang January to
September, October, November, December).  Within a period the days differ by
weekday and holiday only, and the period's share is kept exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources.abc import Traversable
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from network.errors import InputErrors, Problem, YizhanError
from network.inputs.assumptions import Assumptions
from network.inputs.texts import read_text
from network.inputs.validation import Day, Row, Text, among, read_toml

__all__ = ["Calendar", "Holiday", "UncoveredDateError"]

_FILE = "calendar.toml"
_ONE_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 31  # days
_Day = Annotated[
    Day,
    Field(
        ge=date(1900, 1, 1), le=date(2200, 12, 31), description="a date such as 2021-10-01, from 1900 to 2200"
    ),
]


class UncoveredDateError(YizhanError, ValueError):
    """A date for which the region's calendar lists no holidays, so that it cannot be said what day it is."""


@dataclass(frozen=True)
class Holiday:
    """One day off.

    `kind` is a row of the assumption table ``holidays``.  `statutory` says
    that it is off by law: rural rounds rest.  On other days off, bridged by
    working weekends, outlets see less demand but rounds run.
    """

    day: date
    name: str
    name_zh: str
    kind: str
    statutory: bool
    source: str


@dataclass(frozen=True)
class Calendar:
    """What kind of day each date is, and how demand varies over the year.

    Parameters
    ----------
    listed
        Holidays as the file has them.
    holidays
        Days off by date.
    workdays
        Weekend days worked to make up for a bridge day.
    covered
        Ranges of dates, ends included, in which the two above are complete.
    periods
        (first month, last month, share of the year); the shares sum to 1.
    weekday_factor
        Relative demand from Monday to Sunday.
    holiday_factor
        Relative demand by kind of holiday, on top of a mean weekday.
    hour_weight
        Share of a day's acceptance in each of the 24 hours; sums to 1.

    Examples
    --------
    >>> from network.inputs.tables import load_region
    >>> calendar = load_region("xizang").calendar
    >>> calendar.is_holiday(date(2021, 2, 12))
    True
    >>> round(float(calendar.day_weights(2021).sum()), 12)
    1.0
    """

    listed: tuple[DaysOff, ...]
    holidays: Mapping[date, Holiday]
    workdays: frozenset[date]
    covered: tuple[tuple[date, date], ...]
    periods: tuple[tuple[int, int, float], ...]
    weekday_factor: tuple[float, ...]
    holiday_factor: Mapping[str, float]
    hour_weight: tuple[float, ...]

    @classmethod
    def from_folder(cls, folder: Traversable, assumptions: Assumptions) -> Calendar:
        """Read ``calendar.toml`` of a region's folder; the profiles come from the assumptions.

        Raises
        ------
        InputErrors
            If the file is wrong; all problems together.
        """
        path = folder.joinpath(_FILE)
        if not path.is_file():
            raise InputErrors([Problem(_FILE, "", "", "missing", "a table of the region")])
        profiles = _profiles(assumptions)
        known = {"kinds": tuple(profiles["holiday_factor"])}
        content = read_toml(read_text(path), _FILE, _File, known)
        if problems := _senseless(content):
            raise InputErrors(problems)
        covered = tuple((row.first, row.last) for row in content.covered)
        workdays = frozenset(row.date for row in content.workday)
        days = _days_off(content.holiday, profiles["holiday_factor"])
        return cls(content.holiday, days, workdays, covered, **profiles)

    def under(self, assumptions: Assumptions) -> Calendar:
        """Return the calendar with the profiles of other assumptions."""
        profiles = _profiles(assumptions)
        days = _days_off(self.listed, profiles["holiday_factor"])
        return replace(self, holidays=days, **profiles)

    def is_covered(self, day: date) -> bool:
        """Return whether the holidays around this date are known."""
        return any(first <= day <= last for first, last in self.covered)

    def holiday(self, day: date) -> Holiday | None:
        """Return the day off that this date is, or None."""
        return self.holidays.get(day)

    def is_holiday(self, day: date) -> bool:
        """Return whether this date is a day off for a holiday, bridge days included."""
        return day in self.holidays

    def rounds_rest(self, day: date) -> bool:
        """Return whether rural rounds rest: on statutory days off."""
        holiday = self.holidays.get(day)
        return holiday is not None and holiday.statutory

    def day_weights(self, year: int) -> np.ndarray:
        """Return each day's share of the year's items: 365 or 366 numbers that sum to 1.

        Raises
        ------
        UncoveredDateError
            If the holidays of the year are not all known.
        """
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        return self.day_factors(date(year, 1, 1), days) / days

    def known_weights(self, year: int) -> np.ndarray:
        """Return the same as `day_weights`, with nan on days of a period whose holidays are not all known."""
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        out = np.full(days, np.nan)
        for number in range(len(self.periods)):
            try:
                first, factors = self._period_factors(year, number)
            except UncoveredDateError:
                continue
            at = (first - date(year, 1, 1)).days
            out[at : at + len(factors)] = factors / days
        return out

    def day_factors(self, start: date, days: int) -> np.ndarray:
        """Return the demand of `days` dates from `start` relative to the mean day of their year.

        Raises
        ------
        UncoveredDateError
            If a period that holds one of the dates has days whose holidays are not known.
        """
        out = np.empty(days)
        cache: dict[tuple[int, int], tuple[date, np.ndarray]] = {}
        for i in range(days):
            day = start + i * _ONE_DAY
            number = next(n for n, (first, last, _) in enumerate(self.periods) if first <= day.month <= last)
            key = (day.year, number)
            if key not in cache:
                cache[key] = self._period_factors(*key)
            first_day, factors = cache[key]
            out[i] = factors[(day - first_day).days]
        return out

    def _period_factors(self, year: int, number: int) -> tuple[date, np.ndarray]:
        first_month, last_month, share = self.periods[number]
        first = date(year, first_month, 1)
        end = date(year + (last_month == 12), last_month % 12 + 1, 1)
        period = [first + i * _ONE_DAY for i in range((end - first).days)]
        missing = [day for day in period if not self.is_covered(day)]
        if missing:
            known = ", ".join(f"{a} to {b}" for a, b in self.covered)
            raise UncoveredDateError(
                f"the holidays of {missing[0]} are not listed; the calendar covers {known}"
            )
        raw = np.array([self._raw_factor(day) for day in period])
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        return first, raw * (share * days / raw.sum())

    def _raw_factor(self, day: date) -> float:
        holiday = self.holidays.get(day)
        if holiday is not None:
            return self.holiday_factor[holiday.kind]
        if day in self.workdays:
            return sum(self.weekday_factor[:5]) / 5
        return self.weekday_factor[day.weekday()]


def _profiles(assumptions: Assumptions) -> dict[str, Any]:
    months = assumptions.table("months")
    total = sum(row["items"] for row in months)
    weekdays = sorted(assumptions.table("weekdays"), key=lambda row: row["weekday"])
    hours = sorted(assumptions.table("hours"), key=lambda row: row["hour"])
    weight = sum(row["weight"] for row in hours)
    return {
        "periods": tuple((row["first"], row["last"], row["items"] / total) for row in months),
        "weekday_factor": tuple(float(row["factor"]) for row in weekdays),
        "holiday_factor": {row["kind"]: float(row["factor"]) for row in assumptions.table("holidays")},
        "hour_weight": tuple(row["weight"] / weight for row in hours),
    }


def _days_off(rows: Iterable[DaysOff], factor: Mapping[str, float]) -> dict[date, Holiday]:
    """Expand holidays to days; where two fall on one day the one with less demand counts."""
    days: dict[date, Holiday] = {}
    for row in rows:
        for number in range((row.last - row.first).days + 1):
            day = row.first + number * _ONE_DAY
            holiday = Holiday(day, row.name, row.name_zh, row.kind, day in row.statutory, row.source)
            if day in days:
                first, second = sorted((days[day], holiday), key=lambda h: factor[h.kind])
                holiday = replace(
                    first,
                    name=f"{first.name}, {second.name}",
                    name_zh=f"{first.name_zh}、{second.name_zh}",
                    statutory=first.statutory or second.statutory,
                )
            days[day] = holiday
    return dict(sorted(days.items()))


@dataclass(frozen=True)
class _Covered(Row):
    """A range of dates whose holidays are all listed."""

    first: _Day
    last: _Day


@dataclass(frozen=True)
class DaysOff(Row):
    """A holiday of one day or more."""

    name: Text
    name_zh: Text
    kind: Annotated[Text, among("kinds")]
    first: _Day
    last: _Day
    statutory: tuple[_Day, ...]
    source: Text


@dataclass(frozen=True)
class _Workday(Row):
    """A weekend day that is worked."""

    date: _Day
    source: Text


@dataclass(frozen=True)
class _File(Row):
    """The file ``calendar.toml``."""

    covered: Annotated[tuple[_Covered, ...], Field(min_length=1)]
    holiday: tuple[DaysOff, ...] = ()
    workday: tuple[_Workday, ...] = ()


def _senseless(content: _File) -> list[Problem]:
    problems = []
    for table in ("covered", "holiday"):
        for number, row in enumerate(getattr(content, table)):
            if row.first > row.last:
                allowed = f"{row.first} or later"
                problems.append(Problem(_FILE, f"{table}[{number}]", "last", str(row.last), allowed))
    for number, holiday in enumerate(content.holiday):
        if (holiday.last - holiday.first).days >= _LONGEST_HOLIDAY:
            allowed = f"at most {_LONGEST_HOLIDAY} days from {holiday.first} on"
            problems.append(Problem(_FILE, f"holiday[{number}]", "last", str(holiday.last), allowed))
        allowed = f"dates from {holiday.first} to {holiday.last}"
        problems += [
            Problem(_FILE, f"holiday[{number}]", "statutory", str(day), allowed)
            for day in holiday.statutory
            if not holiday.first <= day <= holiday.last
        ]
    problems += [
        Problem(_FILE, f"workday[{number}]", "date", str(workday.date), "a Saturday or Sunday")
        for number, workday in enumerate(content.workday)
        if workday.date.weekday() < 5
    ]
    return problems
