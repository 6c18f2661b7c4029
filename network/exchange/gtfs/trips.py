"""Trips of a GTFS feed: their calls in order, with all times, and the km of their legs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise

from network.exchange.gtfs.form import clock, counted
from network.exchange.gtfs.services import Head, Pattern
from network.exchange.gtfs.tables import Problems, Row, rows
from network.exchange.gtfs.weeks import Calendar
from network.geography.roads import great_circle_km

__all__ = ["Call", "Stop", "read_calls", "read_patterns"]

_RUNS = 10_000  # of one trip by headway


@dataclass(frozen=True)
class Stop:
    """A stop of a feed."""

    id: str
    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Call:
    """A trip at a stop."""

    stop: str
    arrive: int | None
    depart: int | None
    km: Decimal | None
    line: int


def read_calls(
    tables: Mapping[str, str], stops: Mapping[str, Stop], problems: Problems
) -> dict[str, list[tuple[int, Call]]]:
    needed = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
    by_trip: dict[str, list[tuple[int, Call]]] = defaultdict(list)
    for row in rows("stop_times.txt", tables["stop_times.txt"], needed, problems):
        trip, stop = row.text("trip_id"), row.text("stop_id")
        order = row.whole("stop_sequence", 0, 1 << 31)
        arrive, depart = row.time("arrival_time"), row.time("departure_time")
        if stop is not None and stop not in stops:
            row.wrong("stop_id", "a stop of stops.txt", stops)
        elif trip and stop and order is not None:
            call = Call(stop, arrive, depart, _distance(row), row.line)
            by_trip[trip].append((order, call))
    return by_trip


def _distance(row: Row) -> Decimal | None:
    text = row.get("shape_dist_traveled")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0 or len(text) > 400:
        row.wrong("shape_dist_traveled", "a number from 0")
        return None
    return value


def _links(tables: Mapping[str, str], problems: Problems) -> dict[str, list[tuple[str, ...]]]:
    """Return the road links under each leg of our own shapes."""
    by_trip: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if "yizhan_links" not in tables.get("shapes.txt", "").split("\n", 1)[0]:
        return {}
    for row in rows("shapes.txt", tables["shapes.txt"], ("shape_id", "shape_pt_sequence"), problems):
        order = row.whole("shape_pt_sequence", 0, 1 << 31)
        if order is not None:
            by_trip[row.get("shape_id")].append((order, row.get("yizhan_links")))
    return {
        shape: [tuple(links.split()) for _, links in sorted(points)[1:]] for shape, points in by_trip.items()
    }


def read_patterns(
    tables: Mapping[str, str],
    heads: Mapping[str, Head],
    calendar: Calendar,
    stops: Mapping[str, Stop],
    calls: Mapping[str, list[tuple[int, Call]]],
    factor: Decimal | None,
    problems: Problems,
    notes: list[str],
) -> list[Pattern]:
    """Return one pattern for each trip of trips.txt."""
    links = _links(tables, problems)
    headways = _frequencies(tables, problems)
    patterns: list[Pattern] = []
    seen: set[str] = set()
    said: Counter[str] = Counter()
    for row in rows("trips.txt", tables["trips.txt"], ("route_id", "service_id", "trip_id"), problems):
        trip, route, service = row.text("trip_id"), row.text("route_id"), row.text("service_id")
        way = row.whole("direction_id", 0, 1, default=0)
        if trip in seen:
            row.wrong("trip_id", "a value no other row has")
        if route is not None and route not in heads:
            row.wrong("route_id", "a route of routes.txt", heads)
        if service is not None and service not in calendar:
            row.wrong("service_id", "a service of calendar.txt or calendar_dates.txt", calendar.names())
        seen.add(trip or "")
        known = route is not None and route in heads and service is not None and service in calendar
        if trip is None or route is None or service is None or not known or way is None:
            continue
        in_order = _in_order(row, calls.get(trip, []))
        if in_order is None:
            continue
        km = _leg_km(in_order, stops, factor, said)
        if in_order[0].depart != in_order[0].arrive or in_order[-1].depart != in_order[-1].arrive:
            said["waits before the first departure or after the last arrival left out"] += 1
        first = in_order[0].depart or 0
        arrive = [0, *((call.arrive or 0) - first for call in in_order[1:])]
        depart = [0, *((call.depart or 0) - first for call in in_order[1:-1]), arrive[-1]]
        starts = headways.get(trip, [first])
        under = links.get(row.get("shape_id"), []) if way == 0 else []
        shape = (tuple(call.stop for call in in_order), tuple(km), tuple(arrive), tuple(depart))
        patterns.append(Pattern(route, way, service, shape, tuple(starts), tuple(under)))
    for trip in calls:
        if trip not in seen:
            problems.add(
                "stop_times.txt", calls[trip][0][1].line, "trip_id", trip, "a trip of trips.txt", seen
            )
    notes += [f"{counted(number, 'trip')}: {what}" for what, number in sorted(said.items())]
    if headways:
        notes.append(
            f"{counted(len(headways), 'trip')} by headway (frequencies.txt): trips at fixed times now"
        )
    return patterns


def _in_order(row: Row, calls: list[tuple[int, Call]]) -> list[Call] | None:
    """Return the calls of a trip in order with all their times; None, and a problem, if they make no trip."""
    calls = sorted(calls, key=lambda pair: pair[0])
    ordered = [call for _, call in calls]
    numbers = {order for order, _ in calls}
    if len(ordered) < 2:
        row.wrong("trip_id", "a trip with two calls or more in stop_times.txt")
        return None
    if len(numbers) < len(ordered):
        row.problems.add(
            "stop_times.txt", ordered[0].line, "stop_sequence", row.get("trip_id"), "each number once a trip"
        )
        return None
    last, complete = -1, True
    for call in ordered:
        for key, time in (("arrival_time", call.arrive), ("departure_time", call.depart)):
            if time is None:
                row.problems.add("stop_times.txt", call.line, key, "", "a time; Yizhan fills in none")
                complete = False
            elif time < last:
                row.problems.add(
                    "stop_times.txt",
                    call.line,
                    key,
                    clock(time),
                    f"{clock(last)} or later",
                )
                complete = False
            else:
                last = time
    return ordered if complete else None


def _leg_km(
    calls: list[Call], stops: Mapping[str, Stop], factor: Decimal | None, said: Counter[str]
) -> list[float]:
    """Return the km of the legs: as given where the unit is known and they grow, else great circles."""
    if factor is not None:
        km = []
        for a, b in pairwise(calls):
            if a.km is None or b.km is None or b.km <= a.km:
                break
            km.append(float((b.km - a.km) * factor))
        else:
            return km
        said["km missing or not growing, great circles taken"] += 1
    else:
        said["unit of shape_dist_traveled unknown, great circles taken (--unit)"] += 1
    return [_direct_km(stops[a.stop], stops[b.stop]) for a, b in pairwise(calls)]


@lru_cache(maxsize=100_000)  # most legs of a feed lie between the same few pairs of stops
def _direct_km(a: Stop, b: Stop) -> float:
    return float(great_circle_km(a.lat, a.lon, b.lat, b.lon))


def _frequencies(tables: Mapping[str, str], problems: Problems) -> dict[str, list[int]]:
    """Return the departures of the trips that run by headway, seconds of the service day."""
    name, needed = "frequencies.txt", ("trip_id", "start_time", "end_time", "headway_secs")
    by_trip: dict[str, list[int]] = defaultdict(list)
    for row in rows(name, tables.get(name, ",".join(needed)), needed, problems):
        trip, headway = row.text("trip_id"), row.whole("headway_secs", 1, 86_400 * 7)
        start, end = row.time("start_time"), row.time("end_time")
        if start is None or end is None or end < start:
            row.wrong("end_time", "a start_time and a later end_time")
        elif headway and (end - start) // headway > _RUNS:
            row.wrong("headway_secs", f"up to {_RUNS:,} trips")
        elif trip and headway:
            by_trip[trip] += range(start, end, headway)
    return by_trip
