"""Mail routes from the tables of a GTFS feed, of Yizhan or of anyone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from network.errors import InputErrors
from network.exchange.gtfs.form import CARRIERS, TABLES, mode_of
from network.exchange.gtfs.services import Head, routes_of
from network.exchange.gtfs.tables import Problems, rows
from network.exchange.gtfs.trips import Stop, read_calls, read_patterns
from network.exchange.gtfs.weeks import read_calendar
from network.model.records import MailRoute

__all__ = ["FILES", "UNITS", "Feed", "Stop", "parse"]

FILES = (*TABLES, "calendar_dates.txt", "frequencies.txt")
UNITS = {"km": Decimal(1), "m": Decimal("0.001"), "mi": Decimal("1.609344")}  # of shape_dist_traveled
_TYPES = "road, rail or air: 0-3, 5, 11, 12, 100-999, 1100-1199, 1500-1599"


@dataclass(frozen=True)
class Feed:
    """What was read from a feed."""

    stops: tuple[Stop, ...]
    routes: tuple[MailRoute, ...]
    transfer_s: Mapping[str, int]  # by stop, from transfers.txt
    monday: dt.date  # of the week that was taken
    notes: tuple[str, ...]  # what was not read, or filled in


def parse(tables: Mapping[str, str], file: str = "feed", unit: str | None = None) -> Feed:
    """Return the mail routes of a feed.

    A GTFS route whose trips differ in stops or running times becomes several
    mail routes.  Trips of one week are taken: that with the most of them.

    Parameters
    ----------
    tables
        Texts of the files; those of `FILES` are read.
    file
        What to call the feed in messages.
    unit
        Of ``shape_dist_traveled``, one of `UNITS`: GTFS leaves it open.  Known
        for our own feeds; without it the km of others are great circles.

    Raises
    ------
    InputErrors
        With everything that is wrong with the feed.
    """
    problems = Problems(file)
    for name in ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"):
        if name not in tables:
            problems.add(name, "", "", "missing", "a required file")
    if "calendar.txt" not in tables and "calendar_dates.txt" not in tables:
        problems.add("calendar.txt", "", "", "missing", "calendar.txt, calendar_dates.txt or both")
    if problems.listed:
        raise InputErrors(problems.all())
    notes: list[str] = []
    own = any(
        row.get("yizhan_form") for row in rows("feed_info.txt", tables.get("feed_info.txt", ""), (), problems)
    )
    factor = UNITS["km"] if own and unit is None else UNITS.get(unit or "")
    stops = _stops(tables, problems)
    heads = _routes(tables, problems)
    calendar = read_calendar(tables, problems)
    calls = read_calls(tables, stops, problems)
    patterns = read_patterns(tables, heads, calendar, stops, calls, factor, problems, notes)
    transfers = _transfers(tables, stops, problems)
    if not patterns and not problems.listed:
        problems.add("trips.txt", "", "", "no trip", "at least one trip that runs")
    if problems.listed:
        raise InputErrors(problems.all())
    counts = Counter({pattern.service: 0 for pattern in patterns})
    for pattern in patterns:
        counts[pattern.service] += len(pattern.starts)
    monday, note = calendar.week(counts)
    notes += [note + f"; the week of {monday} was taken"] if note else []
    days = {
        service: [day for day in range(7) if calendar.runs(service, monday + dt.timedelta(day))]
        for service in counts
    }
    routes = routes_of(heads, patterns, days, notes)
    served = {stop for route in routes for service in route.services for stop in service.stops}
    return Feed(tuple(stops[s] for s in stops if s in served), routes, transfers, monday, tuple(notes))


def _stops(tables: Mapping[str, str], problems: Problems) -> dict[str, Stop]:
    stops: dict[str, Stop] = {}
    for row in rows("stops.txt", tables["stops.txt"], ("stop_id",), problems):
        stop, kind = row.text("stop_id"), row.whole("location_type", 0, 4, default=0)
        if kind != 0:
            continue  # stations, entrances and the like: trips call at stops only
        lat, lon = row.number("stop_lat", -90, 90), row.number("stop_lon", -180, 180)
        if stop in stops:
            row.wrong("stop_id", "a value no other row has")
        elif stop and lat is not None and lon is not None:
            stops[stop] = Stop(stop, row.get("stop_name") or stop, lat, lon)
    return stops


def _routes(tables: Mapping[str, str], problems: Problems) -> dict[str, Head]:
    routes: dict[str, Head] = {}
    for row in rows("routes.txt", tables["routes.txt"], ("route_id", "route_type"), problems):
        route, number = row.text("route_id"), row.whole("route_type", 0, 1702)
        mode = None if number is None else mode_of(number)
        if number is not None and mode is None:
            row.wrong("route_type", _TYPES)
        per_trip = row.whole("yizhan_vehicles_per_trip", 1, 1000, default=1)
        added = row.whole("yizhan_added", 0, 1, default=0)
        if route in routes:
            row.wrong("route_id", "a value no other row has")
        elif route:
            carrier = row.get("agency_id")
            routes[route] = Head(
                id=route,
                name=row.get("route_long_name") or row.get("route_short_name") or route,
                mode=mode or "",
                kind=row.get("yizhan_kind"),
                carrier=carrier if carrier in CARRIERS else "shared",
                reason=row.get("route_desc"),
                serves=tuple(row.get("yizhan_serves").split()),
                vehicle=row.get("yizhan_vehicle"),
                vehicles_per_trip=per_trip or 1,
                base=not added,
            )
    return routes


def _transfers(tables: Mapping[str, str], stops: Mapping[str, Stop], problems: Problems) -> dict[str, int]:
    """Return the seconds that a transfer within a stop takes."""
    name, needed = "transfers.txt", ("from_stop_id", "to_stop_id")
    transfers = {}
    for row in rows(name, tables.get(name, ",".join(needed)), needed, problems):
        stop = row.get("from_stop_id")
        if (
            stop
            and stop == row.get("to_stop_id")
            and row.get("min_transfer_time")
            and not row.get("from_trip_id")
        ):
            if stop not in stops:
                row.wrong("from_stop_id", "a stop of stops.txt", stops)
                continue
            wait = row.whole("min_transfer_time", 0, 1 << 31)
            if wait is not None:
                transfers[stop] = wait
    return transfers
