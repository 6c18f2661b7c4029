"""Which weekdays a service runs: one week of a calendar stands for all, and what that leaves out is said."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from network.exchange.gtfs.form import DAYS, counted
from network.exchange.gtfs.tables import Problems, rows

__all__ = ["Calendar", "read_calendar"]

_LONGEST_DAYS = 731  # two years; feeds that never end say so with years like 2099


@dataclass
class Calendar:
    """Services with their weekdays, periods and exceptions."""

    weekly: dict[str, tuple[tuple[bool, ...], dt.date, dt.date]] = field(default_factory=dict)
    exceptions: dict[str, dict[dt.date, bool]] = field(default_factory=dict)

    def __contains__(self, service: str) -> bool:
        return service in self.weekly or service in self.exceptions

    def names(self) -> list[str]:
        """Return the ids of all services."""
        return list(dict.fromkeys([*self.weekly, *self.exceptions]))

    def runs(self, service: str, day: dt.date) -> bool:
        """Return whether a service runs on a date."""
        exception = self.exceptions.get(service, {}).get(day)
        if exception is not None:
            return exception
        if service not in self.weekly:
            return False
        days, first, last = self.weekly[service]
        return first <= day <= last and days[day.weekday()]

    def span(self) -> tuple[dt.date, dt.date]:
        """Return the first and last date on which anything may run, two years apart at most."""
        dates = [day for _, first, last in self.weekly.values() for day in (first, last)]
        dates += [day for days in self.exceptions.values() for day, runs in days.items() if runs]
        first = min(dates)
        return first, min(max(dates), first + dt.timedelta(_LONGEST_DAYS))

    def week(self, trips: Mapping[str, int]) -> tuple[dt.date, str]:
        """Return the Monday of the week with the most trips, the earliest of these, and how others differ.

        Parameters
        ----------
        trips
            Trips of each service.
        """
        first, last = self.span()
        monday = first - dt.timedelta(first.weekday())
        number = (last - monday).days // 7 + 1
        shape: dict[int, list[tuple[str, int]]] = defaultdict(list)
        total: Counter[int] = Counter()
        for service, count in trips.items():
            if not count:
                continue
            for day in range(7 * number):
                if self.runs(service, monday + dt.timedelta(day)):
                    shape[day // 7].append((service, day % 7))
                    total[day // 7] += count
        if not total:
            return monday, ""
        best = min(total, key=lambda week: (-total[week], week))
        full = [
            week
            for week in range(number)
            if monday + dt.timedelta(7 * week) >= first and monday + dt.timedelta(7 * week + 6) <= last
        ]
        other = sum(shape[week] != shape[best] for week in full)
        note = f"other trips run in {other:,} of {counted(len(full), 'whole week')}" if other else ""
        return monday + dt.timedelta(7 * best), note


def read_calendar(tables: Mapping[str, str], problems: Problems) -> Calendar:
    """Return the services of calendar.txt and calendar_dates.txt."""
    calendar = Calendar()
    name = "calendar.txt"
    needed = ("service_id", *DAYS, "start_date", "end_date")
    for row in rows(name, tables.get(name, ",".join(needed)), needed, problems):
        service = row.text("service_id")
        days = [row.whole(day, 0, 1) for day in DAYS]
        first, last = row.date("start_date"), row.date("end_date")
        if service in calendar.weekly:
            row.wrong("service_id", "a value no other row has")
        elif service and first and last and None not in days:
            if last < first:
                row.wrong("end_date", f"no date before {first:%Y%m%d}")
            else:
                calendar.weekly[service] = (tuple(bool(day) for day in days), first, last)
    name, columns = "calendar_dates.txt", ("service_id", "date", "exception_type")
    for row in rows(name, tables.get(name, ",".join(columns)), columns, problems):
        service, day, kind = row.text("service_id"), row.date("date"), row.whole("exception_type", 1, 2)
        if service and day and kind:
            calendar.exceptions.setdefault(service, {})[day] = kind == 1
    return calendar
