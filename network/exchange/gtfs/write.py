"""A network's mail routes as the tables of a GTFS feed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Context, Decimal

from network.errors import InputErrors, Problem
from network.exchange.gtfs.form import CARRIERS, ROUTE_TYPE, clock, mask, table
from network.model.network import Network
from network.model.records import DAY_S, Centre, MailRoute, Service
from network.model.working_hours import HOUR_S

__all__ = ["to_gtfs", "transfer_s"]

# Required by GTFS; the domain is kept free for examples (RFC 2606), for the routes have no operator's page.
URL = "https://example.org/"
TIMEZONE = "Asia/Shanghai"  # the one official time of China, which the model's clock is
_EXACT = Context(prec=400)  # sums of kilometres keep every digit, so that their differences give them back


def to_gtfs(
    network: Network,
    *,
    timezone: str = TIMEZONE,
    first_day: dt.date | None = None,
    last_day: dt.date | None = None,
) -> dict[str, str]:
    """Return the mail routes as GTFS tables, file name to text; `network.exchange.bundle.pack` makes the ZIP.

    A trip that starts at one time of day on several weekdays is one GTFS trip
    with a service of these weekdays.  Times count on past 24:00:00 for as many
    days as the trip takes.  Each direction of a route has a shape with its
    one-way km, straight from stop to stop.

    Parameters
    ----------
    network
        A built network.
    timezone
        Of its clock, as the tz database names it.
    first_day, last_day
        Days from and to which the weekly trips run; by default the calendar
        year of the network.

    Raises
    ------
    InputErrors
        If a route has more than two directions, which GTFS cannot tell apart,
        or a leg without length between places that lie apart.
    """
    _check(network)
    first = first_day or dt.date(network.year, 1, 1)
    last = last_day or dt.date(network.year, 12, 31)
    running = [route for route in network.routes if any(service.starts_s for service in route.services)]
    trips, calls, services = _trips(network, running)
    served = sorted({stop for r in running for s in r.services for stop in s.stops}, key=network.places.row)
    period = (f"{first:%Y%m%d}", f"{last:%Y%m%d}")
    carriers = [carrier for carrier in CARRIERS if any(r.carrier == carrier for r in running)]
    info = ("Yizhan", URL, "en", *period, f"{network.region.name}-{network.year}", 1)
    return {
        "agency.txt": table("agency.txt", ((c, CARRIERS[c], URL, timezone, "en") for c in carriers)),
        "feed_info.txt": table("feed_info.txt", [info]),
        "stops.txt": table("stops.txt", _stops(network, served)),
        "routes.txt": table("routes.txt", (_route(route) for route in running)),
        "calendar.txt": table("calendar.txt", ((name, *name, *period) for name in services)),
        "trips.txt": table("trips.txt", trips),
        "stop_times.txt": table("stop_times.txt", calls),
        "shapes.txt": table("shapes.txt", (row for route in running for row in _shapes(network, route))),
        "transfers.txt": table("transfers.txt", _transfers(network, served)),
        "translations.txt": table("translations.txt", _translations(network, served)),
    }


def _check(network: Network) -> None:
    problems = []
    for route in network.routes:
        if len(route.services) > 2:
            problems.append(Problem("network", route.id, "directions", len(route.services), "one or two"))
        for service in route.services:
            for a, b, km in zip(service.stops, service.stops[1:], service.leg_km, strict=False):
                if not km > 0:
                    problems.append(Problem("network", route.id, f"km {a}–{b}", km, "more than 0"))
    if problems:
        raise InputErrors(problems)


def _route(route: MailRoute) -> tuple[object, ...]:
    return (
        route.id, route.carrier, route.name, route.reason, ROUTE_TYPE[route.mode], route.kind,
        route.vehicle, route.vehicles_per_trip, " ".join(route.serves), int(not route.base),
    )  # fmt: skip


def _name(network: Network, place: str) -> str:
    row = network.places.row(place)
    return str(network.places.name_en[row] or network.places.name_zh[row] or place)


def _stops(network: Network, served: list[str]) -> Iterator[tuple[object, ...]]:
    places = network.places
    for stop in served:
        row = places.row(stop)
        yield stop, _name(network, stop), float(places.lat[row]), float(places.lon[row])


def _translations(network: Network, served: list[str]) -> Iterator[tuple[str, ...]]:
    for stop in served:
        name = str(network.places.name_zh[network.places.row(stop)])
        if name:
            yield "stops", "stop_name", "zh", name, stop


def _trips(
    network: Network, running: list[MailRoute]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[str]]:
    trips: list[tuple[object, ...]] = []
    calls: list[tuple[object, ...]] = []
    services: set[str] = set()
    for route in running:
        for way, service in enumerate(route.services):
            km = cumulative_km(service)
            for start, days, name in _departures(service):
                trip = f"{route.id}:{way}:{name}"
                services.add(mask(days))
                head = _name(network, service.stops[-1])
                trips.append((route.id, mask(days), trip, head, way, f"{route.id}:{way}"))
                for i, stop in enumerate(service.stops):
                    times = (clock(start + service.arrive_s[i]), clock(start + service.depart_s[i]))
                    calls.append((trip, *times, stop, i + 1, km[i], 1))
    return trips, calls, sorted(services, reverse=True)


def _departures(service: Service) -> Iterator[tuple[int, list[int], str]]:
    """Yield (time of day, weekdays, name) of the trips; two at one moment are two trips."""
    starts: dict[tuple[int, int], list[int]] = {}
    for start, number in Counter(service.starts_s).items():
        day, second = divmod(start, DAY_S)
        for again in range(number):
            starts.setdefault((second, again), []).append(day)
    for (second, again), days in sorted(starts.items()):
        name = clock(second).replace(":", "")
        yield second, days, f"{name}-{again + 1}" if again else name


def cumulative_km(service: Service) -> list[str]:
    """Return the km from the first stop to each, with all the digits that their sum has."""
    total, texts = Decimal(0), ["0"]
    for km in service.leg_km:
        total = _EXACT.add(total, Decimal(repr(float(km))))
        texts.append(f"{total:f}")
    return texts


def _shapes(network: Network, route: MailRoute) -> Iterator[tuple[object, ...]]:
    places = network.places
    for way, service in enumerate(route.services):
        if not service.starts_s:
            continue
        links = [" ".join(ids) for ids in route.leg_links] if way == 0 else []
        for i, (stop, km) in enumerate(zip(service.stops, cumulative_km(service), strict=True)):
            row = places.row(stop)
            under = links[i - 1] if 0 < i <= len(links) else ""
            yield f"{route.id}:{way}", float(places.lat[row]), float(places.lon[row]), i + 1, km, under


def _transfers(network: Network, served: list[str]) -> Iterator[tuple[object, ...]]:
    for stop in served:
        yield stop, stop, 2, transfer_s(network, stop)


def transfer_s(network: Network, stop: str) -> int:
    """Return the seconds from arrival to being ready to go on, of the slowest mode that calls at a stop.

    That is its handling and one service of a lane and of a sorter, without
    queues and hours of work.
    """
    row = network.stop_row.get(stop)
    if row is None:
        return 0
    centre = network.centres[row]
    modes = {r.mode for r in network.routes for service in r.services if stop in service.stops}
    return max((centre.handling_s[mode] for mode in modes), default=0) + _service_s(centre)


def _service_s(centre: Centre) -> int:
    if not centre.lanes:
        return 0
    return -(-HOUR_S // centre.lane_rate_per_h) - (-HOUR_S // centre.sorter_rate_per_h)
