"""From trips to mail routes: trips of one pattern are a service, two opposite services are a route."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.exchange.gtfs.form import counted
from network.model.records import DAY_S, WEEK_S, MailRoute, Service

__all__ = ["Head", "Pattern", "routes_of"]

Shape = tuple[tuple[str, ...], tuple[float, ...], tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Head:
    """What a line of routes.txt says."""

    id: str
    name: str
    mode: str
    kind: str
    carrier: str
    reason: str
    serves: tuple[str, ...]
    vehicle: str
    vehicles_per_trip: int
    base: bool


@dataclass(frozen=True)
class Pattern:
    """One trip of a feed: its service, and its stops, km, arrivals and departures from the start."""

    route: str
    way: int
    service: str
    shape: Shape
    starts: tuple[int, ...]  # seconds of the service day
    links: tuple[tuple[str, ...], ...]  # road links under each leg, outward; () if unknown


def routes_of(
    heads: Mapping[str, Head],
    patterns: Sequence[Pattern],
    days: Mapping[str, Sequence[int]],
    notes: list[str],
) -> tuple[MailRoute, ...]:
    """Return the mail routes, in the order of `heads`.

    Parameters
    ----------
    heads
        Routes of the feed by id.
    patterns
        Its trips.
    days
        Weekdays of each service.
    notes
        What is left out is added here.
    """
    starts: dict[tuple[str, int, Shape], list[int]] = defaultdict(list)
    links: dict[tuple[str, int, Shape], tuple[tuple[str, ...], ...]] = {}
    for pattern in patterns:
        key = (pattern.route, pattern.way, pattern.shape)
        links.setdefault(key, pattern.links)
        starts[key] += [
            (day * DAY_S + start) % WEEK_S for day in days[pattern.service] for start in pattern.starts
        ]
    ways: dict[str, tuple[list[Shape], list[Shape]]] = {route: ([], []) for route in heads}
    for route, way, shape in starts:
        if starts[route, way, shape]:
            ways[route][way].append(shape)
    routes: list[MailRoute] = []
    split = silent = 0
    for route, head in heads.items():
        pairs = _paired(*ways[route])
        silent += not pairs
        split += len(pairs) > 1
        for number, pair in enumerate(pairs):
            services = tuple(Service(*shape, tuple(sorted(starts[route, way, shape]))) for way, shape in pair)
            way, shape = pair[0]
            under = links[route, way, shape] or ((),) * len(shape[1])
            routes.append(_route(head, f"{route}~{number + 1}" if number else route, services, under))
    if silent:
        notes.append(f"without a trip in the week taken: {counted(silent, 'route')}")
    if split:
        notes.append(
            f"{counted(split, 'route')} of trips that differ in stops or running times: split, ~2, ~3 …"
        )
    return tuple(routes)


def _paired(out: list[Shape], back: list[Shape]) -> list[list[tuple[int, Shape]]]:
    """Put each outward pattern together with the first back one over the same stops that is left."""
    if len(out) <= 1 and len(back) <= 1:
        both = [*((0, shape) for shape in out), *((1, shape) for shape in back)]
        return [both] if both else []
    left = list(back)
    pairs: list[list[tuple[int, Shape]]] = []
    for shape in out:
        mate = next((other for other in left if other[0] == shape[0][::-1]), None)
        if mate is not None:
            left.remove(mate)
        pairs.append([(0, shape), *([(1, mate)] if mate is not None else [])])
    return pairs + [[(1, shape)] for shape in left]


def _route(
    head: Head, name: str, services: tuple[Service, ...], links: tuple[tuple[str, ...], ...]
) -> MailRoute:
    return MailRoute(
        id=name,
        name=head.name,
        mode=head.mode,
        kind=head.kind,
        stops=services[0].stops,
        leg_km=services[0].leg_km,
        leg_links=links,
        serves=head.serves,
        reason=head.reason,
        carrier=head.carrier,
        vehicle=head.vehicle,
        vehicles_per_trip=head.vehicles_per_trip,
        services=services,
        base=head.base,
    )
