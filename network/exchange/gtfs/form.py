"""What both directions of the GTFS exchange share: names, columns, times, and what has no place in a feed.

GTFS Schedule reference: https://gtfs.org/documentation/schedule/reference/.
Columns and files that it does not name are allowed there; ours begin with
``yizhan_`` and readers that do not know them pass over them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from network.model.network import Network

__all__ = [
    "CARRIERS",
    "DAYS",
    "ROUTE_TYPE",
    "TABLES",
    "as_csv",
    "clock",
    "counted",
    "held",
    "mask",
    "mode_of",
    "not_held",
    "seconds",
    "table",
]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CARRIERS = {
    "shared": "Shared line-haul",
    "post": "The post's own line-haul",
    "express": "Express firms' own line-haul",
}
# Bus and rail of the reference; it has no aircraft, so "Air Service" of the extended types (Google).
ROUTE_TYPE = {"road": 3, "rail": 2, "air": 1100}
TABLES: Mapping[str, tuple[str, ...]] = {
    "agency.txt": ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"),
    "stops.txt": ("stop_id", "stop_name", "stop_lat", "stop_lon"),
    "routes.txt": (
        "route_id", "agency_id", "route_long_name", "route_desc", "route_type",
        "yizhan_kind", "yizhan_vehicle", "yizhan_vehicles_per_trip", "yizhan_serves", "yizhan_added",
    ),
    "trips.txt": ("route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "shape_id"),
    "stop_times.txt": (
        "trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "shape_dist_traveled",
        "timepoint",
    ),
    "calendar.txt": ("service_id", *DAYS, "start_date", "end_date"),
    "shapes.txt": (
        "shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence", "shape_dist_traveled",
        "yizhan_links",
    ),
    "transfers.txt": ("from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"),
    "translations.txt": ("table_name", "field_name", "language", "translation", "record_id"),
    "feed_info.txt": (
        "feed_publisher_name", "feed_publisher_url", "feed_lang", "feed_start_date", "feed_end_date",
        "feed_version", "yizhan_form",
    ),
}  # fmt: skip
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")


def clock(time_s: int) -> str:
    """Return seconds after the midnight of the service day as GTFS writes them.

    Examples
    --------
    >>> clock(51 * 3600 + 60)
    '51:01:00'
    """
    return f"{time_s // 3600:02}:{time_s // 60 % 60:02}:{time_s % 60:02}"


def seconds(text: str) -> int:
    """Return what `clock` was given.

    Raises
    ------
    ValueError
        With what is allowed, if it is no time.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("a time such as 07:30:00 or 51:01:00")
    hours, minutes, rest = (int(part) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def mask(days: Iterable[int]) -> str:
    """Return weekdays as seven digits, Monday first: the id of a service."""
    chosen = set(days)
    return "".join("1" if day in chosen else "0" for day in range(7))


def mode_of(route_type: int) -> str | None:
    """Return the mode of a GTFS route type, extended types included; None for what Yizhan has no mode for."""
    if route_type in (0, 1, 2, 5, 12) or 100 <= route_type < 200 or 300 <= route_type < 700:
        return "rail"
    if 900 <= route_type < 1000:
        return "rail"  # trams
    if route_type in (3, 11) or 200 <= route_type < 300 or 700 <= route_type < 900:
        return "road"
    if 1500 <= route_type < 1600:
        return "road"  # taxis and hired cars
    return "air" if 1100 <= route_type < 1200 else None


def counted(number: int, what: str, many: str = "") -> str:
    """Return a number with the noun in its right form.

    Examples
    --------
    >>> counted(1, "trip"), counted(2, "trip")
    ('1 trip', '2 trips')
    """
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def table(name: str, rows: Iterable[Sequence[object]]) -> str:
    """Return a table of `TABLES` as CSV."""
    return as_csv(TABLES[name], rows)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV with lines that end in a line feed; carriage returns in texts become these."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    # Python before 3.13 does not quote a lone carriage return, and no reader takes it then
    writer.writerows(
        [c.replace("\r\n", "\n").replace("\r", "\n") if isinstance(c, str) else c for c in row]
        for row in rows
    )
    return out.getvalue()


def held(network: Network) -> tuple[str, ...]:
    """Return what a feed of this network holds, in words."""
    trips = sum(len(service.starts_s) for route in network.routes for service in route.services)
    routes = sum(bool(route.services) for route in network.routes)
    return (
        f"{counted(routes, 'route')}, {counted(trips, 'trip')} a week, their stops",
        "one-way km of every leg (shape_dist_traveled)",
        "one transfer time a stop: that of the slowest mode calling there (transfers.txt)",
        "in columns of our own (yizhan_…): kind, vehicle class, vehicles a trip, counties served, road links",
    )


def not_held(network: Network) -> tuple[str, ...]:
    """Return what a feed of this network leaves out, in words; empty lines of it are not said."""
    served = {stop for route in network.routes for service in route.services for stop in service.stops}
    silent = [
        f"{route.id} direction {way}"
        for route in network.routes
        for way, service in enumerate(route.services)
        if not service.starts_s
    ]
    silent += [f"{route.id} (no timetable)" for route in network.routes if not route.services]
    left = {
        "delivery round": len(network.rounds),
        "outlet": len(network.outlets),
        "village station": len(network.stations),
        "vehicle": len(network.vehicles),
    }
    unserved = len(network.places) - len(served)
    return (
        *(counted(number, what) for what, number in left.items() if number),
        *((counted(unserved, "place") + " that no route serves",) if unserved else ()),
        *((counted(len(silent), "direction") + " without a trip: " + ", ".join(silent),) if silent else ()),
        f"rates, handling by mode and hours of work of {counted(len(network.centres), 'centre')}",
        "payloads of vehicle classes; figures, assumptions and sources",
        "weather, closures and all else that upsets the timetable",
    )
