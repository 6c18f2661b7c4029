"""Small networks in a few lines: places, services and rates made by hand or drawn from a seed.

Nothing here reads the region's places or roads; only the calendar, the brands
and the outside classes are the region's own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from network.demand.rates import ItemClass, Rates
from network.fleet.vehicles import vehicles_needed
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import (
    DAY_S,
    Centre,
    MailRoute,
    Outlet,
    Places,
    Round,
    Service,
    Vehicle,
    VehicleClass,
)
from network.model.roads import Closure, Link, Roads
from network.model.settings import Settings
from sim.demand.items import INBOUND, LOCAL, OUTBOUND, Demand, Items, day_number
from sim.result import RunResult

REGION = "xizang"
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
GATEWAYS = ("GW_XINING", "GW_CHENGDU", "GW_SHANGHAI", "GW_GOLMUD")
VEHICLES = {
    "cart": VehicleClass("cart", 4.0, 0.03),
    "van": VehicleClass("van", 40.0, 0.4),
    "truck": VehicleClass("truck", 1e6, 1e4),
    # Nobody's vehicles, like a mail car or the belly of an aircraft: there is always one.
    "crate": VehicleClass("crate", 40.0, 0.4, counted=False),
    "hold": VehicleClass("hold", 1e6, 1e4, counted=False),
}


def assumptions() -> Assumptions:
    """Return the region's assumptions."""
    return load_region(REGION).assumptions


@cache
def without_rechecks() -> Assumptions:
    """Return them with no item ever opened, which is outside the assumed range."""
    return anyhow(assumptions(), {"recheck_share": 0, "recheck_min": 0})


def anyhow(usual: Assumptions, values: Mapping[str, float]) -> Assumptions:
    """Return assumptions with some values replaced, in their ranges or not."""
    entries = {name: replace(usual.entry(name), value=float(value)) for name, value in values.items()}
    tables = {table: usual.table(table) for table in usual.tables}
    return Assumptions(usual.region, {name: usual.entry(name) for name in usual} | entries, tables)


def calendar() -> Calendar:
    """Return the region's calendar."""
    return load_region(REGION).calendar


def make_places(villages: Mapping[str, Sequence[str]], gateways: Sequence[str] = ()) -> Places:
    """Return county seats and gateways, then the villages of each seat; every seat is a township too."""
    rows = [(seat, "county", seat, seat) for seat in villages]
    rows += [(gateway, "gateway", "", "") for gateway in gateways]
    rows += [(name, "village", seat, seat) for seat, names in villages.items() for name in names]
    n = len(rows)
    ids, kinds, counties, townships = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    village = kinds == "village"
    blank, no = np.full(n, "", dtype=object), np.zeros(n, dtype=bool)
    return Places(
        id=ids,
        name_zh=blank,
        name_en=ids,
        kind=kinds,
        county=counties,
        prefecture=np.where(kinds == "gateway", "", "Tiny").astype(object),
        township=np.where(village, townships, "").astype(object),
        lat=np.linspace(29.0, 30.0, n),
        lon=np.linspace(90.0, 91.0, n),
        elevation_m=np.full(n, 4000.0),
        population=np.where(village, 100.0, 0.0),
        urban=no,
        in_town=no,
        border=no,
        synthetic=village.astype(bool),
        source=blank,
    )


def make_service(
    stops: Sequence[str],
    legs_s: Sequence[int],
    starts_s: Sequence[int],
    dwell_s: int = 0,
    leg_km: Sequence[float] = (),
) -> Service:
    """Return weekly trips with these running times and one dwell at every stop on the way; legs of 1 km."""
    arrive, depart = [0], [0]
    for leg in legs_s:
        arrive.append(depart[-1] + leg)
        depart.append(arrive[-1] + dwell_s)
    depart[-1] = arrive[-1]
    km = tuple(leg_km) or (1.0,) * len(legs_s)
    return Service(tuple(stops), km, tuple(arrive), tuple(depart), tuple(sorted(starts_s)))


def make_route(
    name: str,
    mode: str,
    services: Sequence[Service],
    vehicle: str = "truck",
    per_trip: int = 1,
    carrier: str = "shared",
    kind: str = "feeder",
    links: Sequence[Sequence[str]] = (),
) -> MailRoute:
    """Return a route with these services; `links` are ids of road links under each leg."""
    stops, km = services[0].stops, services[0].leg_km
    under = tuple(tuple(ids) for ids in links) or ((),) * len(km)
    return MailRoute(
        name, name, mode, kind, stops, km, under, (), "", carrier, vehicle, per_trip, tuple(services)
    )  # fmt: skip


def make_centre(
    place: str,
    handling_s: int = 3600,
    collect_s: int = 1800,
    lanes: tuple[int, int] = (1, 3600),
    sorters: tuple[int, int] = (1, 3600),
    shifts_s: tuple[tuple[int, int], ...] = (),
) -> Centre:
    """Return a centre with (number, rate an hour) of lanes and sorters; gateways have none."""
    times = dict.fromkeys(("road", "rail", "air"), handling_s) | {"collect": collect_s}
    if place.startswith("GW_"):
        return Centre(place, "gateway", times)
    if not lanes[0]:
        return Centre(place, "township", times)
    return Centre(place, "county", times, *lanes, *sorters, shifts_s)


def make_round(
    name: str,
    base: str,
    places: Sequence[str],
    *,
    visit_s: int | Sequence[int] = 12 * 3600,
    cut_s: int | Sequence[int] = 12 * 3600,
    intake_s: int = 18 * 3600,
    depart_s: int = 9 * 3600,
    weekdays: Sequence[int] = EVERY_DAY,
    vehicle: str = "truck",
    vehicles: int = 1,
    runs_on_holidays: bool = True,
) -> Round:
    """Return a round; times are the same at every place unless given for each."""
    n = len(places)
    visits = (visit_s,) * n if isinstance(visit_s, int) else tuple(visit_s)
    cuts = (cut_s,) * n if isinstance(cut_s, int) else tuple(cut_s)
    return Round(
        name, base, "rural", "near", tuple(places), visits, cuts, intake_s, depart_s, tuple(weekdays), 10.0,
        vehicle, vehicles, runs_on_holidays,
    )  # fmt: skip


def make_network(
    places: Places,
    routes: Sequence[MailRoute],
    centres: Sequence[Centre],
    rounds: Sequence[Round],
    *,
    outlets: Sequence[Outlet] = (),
    stations: Sequence[str] = (),
    vehicles: Sequence[Vehicle] = (),
    values: Mapping[str, float] | None = None,
    operations: Operations | None = None,
    roads: Roads | None = None,
    settings: Settings | None = None,
    rechecks: bool = True,
) -> Network:
    """Return a network of these; `values` replaces assumptions, in their ranges or not."""
    usual = assumptions() if rechecks else without_rechecks()
    return hand_made(
        places=places,
        routes=tuple(routes),
        centres=tuple(centres),
        rounds=tuple(rounds),
        outlets=tuple(outlets),
        stations=tuple(stations),
        vehicles=tuple(vehicles),
        assumptions=anyhow(usual, values or {}),
        operations=operations or Operations(),
        roads=roads or Roads(),
        settings=settings or Settings(),
    )


def hand_made(places: Places, **parts: Any) -> Network:
    """Return a network of these parts; what is not given is the region's of 2021, or there is none of it."""
    region = load_region(REGION)
    usual = {
        "region": region,
        "year": 2021,
        "vehicle_classes": VEHICLES,
        "report": region.report(2021),
        "assumptions": region.assumptions,
        **dict.fromkeys(("routes", "centres", "outlets", "stations", "rounds", "vehicles"), ()),
    }
    return Network(places=places, **{**usual, **parts})


def make_class(code: str, priority: int, flow: str = "head", **values: float | bool) -> ItemClass:
    """Return a class of mail of one kilogram and 10 litres, at 10 items a day each way."""
    usual = {
        "private_ok": flow == "report", "originating": 3650.0, "inbound": 3650.0, "kg": 1.0, "m3": 0.01,
        "any_share": 0.0, "tariff_yuan": 1.0, "signed": True,
    }  # fmt: skip
    return ItemClass(code=code, name=code, priority=priority, flow=flow, **{**usual, **values})  # type: ignore[arg-type]


def make_rates(places: Places, classes: Sequence[ItemClass], rng: np.random.Generator | None = None) -> Rates:
    """Return rates over the villages: even shares, or drawn ones; every village reads the paper."""
    counties = tuple(places.id[places.kind == "county"])
    county = np.array([counties.index(code) if code else -1 for code in places.county], dtype=np.int16)
    village = places.kind == "village"
    rows = np.flatnonzero(village)
    c = len(counties)
    outside = assumptions().table("outside")

    def some(*shape: int) -> np.ndarray:
        return np.ones(shape) if rng is None else rng.uniform(0.1, 1.0, shape)

    def shares() -> np.ndarray:
        out = np.zeros(len(places))
        out[rows] = some(len(rows))
        return out / out.sum()

    near, far = some(c, c), some(c, c)
    inbound, outbound = some(len(outside)), some(len(outside))
    return Rates(
        classes=tuple(classes),
        counties=counties,
        county=county,
        weight=shares(),
        people=shares(),
        office=shares(),
        press=int(rows[0]),
        readers=rows,
        near=near / near.sum(axis=1, keepdims=True),
        far=far / far.sum(axis=1, keepdims=True),
        stay_share=0.3,
        region_share=0.4,
        outside=tuple(row["code"] for row in outside),
        inbound_share=inbound / inbound.sum(),
        outbound_share=outbound / outbound.sum(),
    )


def make_demand(rates: Rates, seed: int = 1, replication: int = 0, **more: object) -> Demand:
    """Return the demand of these rates, with the region's calendar and hours."""
    brands = [row["share"] for row in assumptions().table("brands")]
    profile = [row["weight"] for row in assumptions().table("hours")]
    return Demand(rates, calendar(), brands, profile, seed, replication, **more)  # type: ignore[arg-type]


# ------------------------------------------------------------------ items by hand

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONDAY = dt.date(2021, 5, 10)  # three weeks without a holiday


def at(text: str) -> int:
    """Return a moment such as "Tue 18:30" or "Mon+1 09:00:05" in seconds since the first Monday."""
    day, clock = text.split()
    name, _, weeks = day.partition("+")
    hours, minutes, seconds = (int(part) for part in (clock + ":0").split(":")[:3])
    return (DAYS.index(name) + 7 * int(weeks or 0)) * DAY_S + hours * 3600 + minutes * 60 + seconds


def say(second: int) -> str:
    """Return a moment as `at` reads it."""
    day, clock = divmod(int(second), DAY_S)
    week, day = divmod(day, 7)
    text = f"{DAYS[day]}{f'+{week}' if week else ''} {clock // 3600:02}:{clock // 60 % 60:02}"
    return text + (f":{clock % 60:02}" if clock % 60 else "")


@dataclass(frozen=True)
class Post:
    """One item that somebody posts."""

    when: str
    kind: str  # code of its class
    origin: str  # a place, or the code of an outside class
    dest: str
    grams: int = 1000
    cm3: int = 1000
    flies: bool = False
    brand: int = -1


class Scripted:
    """A demand of exactly these items, in place of `sim.demand.items.Demand`.

    ``keys[i]`` is the key of ``posts[i]``.
    """

    seed, replication = 1, 0

    def __init__(
        self, places: Places, classes: Sequence[ItemClass], posts: Sequence[Post], start: dt.date = MONDAY
    ) -> None:
        self.rates = make_rates(places, classes)
        row_of = {str(place): row for row, place in enumerate(places.id)}
        row_of |= {code: -1 - row for row, code in enumerate(self.rates.outside)}
        cls_of = {kind.code: row for row, kind in enumerate(classes)}
        rows: list[tuple[int, tuple[object, ...]]] = []
        self.keys: list[int] = []
        for number, post in enumerate(posts):
            day, second = divmod(at(post.when), DAY_S)
            origin, dest, kind = row_of[post.origin], row_of[post.dest], cls_of[post.kind]
            sender = origin if origin >= 0 else len(places) - 1 - origin
            date = day_number(start) + day
            key = (((date << 4) | kind) << 16 | sender) << 24 | number
            way = INBOUND if origin < 0 else OUTBOUND if dest < 0 else LOCAL
            more = (second, post.grams, post.cm3)
            rows.append((date, (key, kind, post.brand, way, origin, dest, post.flies, *more)))
            self.keys.append(key)
        self._rows = sorted(rows)

    def day(self, date: dt.date) -> Items:
        """Return the items of a date."""
        mine = [row for day, row in self._rows if day == day_number(date)]
        kinds = (np.int64, np.int8, np.int8, np.int8, np.int32, np.int32, bool, np.int32, np.int32, np.int32)
        columns = zip(*mine, strict=True) if mine else ((),) * len(kinds)
        return Items(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))


# ------------------------------------------------------------------ drawn networks


@dataclass(frozen=True)
class Sizes:
    """How large a drawn network is, how tight, and what its operation plays out."""

    seats: int = 3
    gateways: int = 1
    more_routes: int = 1
    items: float = 10.0  # a day and class, each way
    tight: bool = True  # trips and rounds hold a handful of items
    slow: bool = True  # lanes work for minutes on an item
    own: bool = False  # express firms have lines of their own
    hours: bool = False  # most centres close for the night, some pause at noon
    recheck: str = "aside"
    service: str = "deterministic"
    running: bool = False
    weather: bool = False
    announced: bool = False  # closures of roads
    fleet: str = ""  # "ample", "exact", "short"; "": trips and rounds always have their vehicles
    breakdowns: bool = False
    extra_trips: bool = False
    attempts: bool = False

    @property
    def operations(self) -> Operations:
        """What of the operation is played out."""
        names = ("recheck", "service", "running", "weather", "breakdowns", "extra_trips", "attempts")
        return Operations(fleet=bool(self.fleet), **{name: getattr(self, name) for name in names})


def drawn_network(seed: int, sizes: Sizes, start: dt.date = MONDAY) -> tuple[Network, Rates]:
    """Return a network and its rates, both drawn from a seed.

    Times are whole quarters of an hour, so that arrivals, ready times and
    departures often fall on one second.  Closures are announced for the weeks
    after `start`.
    """
    rng = np.random.default_rng(seed)
    seats = [f"S{i}" for i in range(sizes.seats)]
    gateways = list(GATEWAYS[: sizes.gateways])
    villages = {seat: [f"{seat}-v{k}" for k in range(int(rng.integers(1, 4)))] for seat in seats}
    places = make_places(villages, gateways)
    rounds = [round_ for seat in seats for round_ in _drawn_rounds(rng, seat, villages[seat], sizes)]
    routes = _drawn_routes(rng, seats, gateways, sizes)
    names = [name for some in villages.values() for name in some]
    network = make_network(
        places,
        routes,
        [_drawn_centre(rng, place, sizes) for place in (*seats, *gateways)],
        rounds,
        outlets=_drawn_outlets(rng, seats),
        stations=[name for name in names if rng.random() < 0.3],
        values=_drawn_values(rng),
        settings=Settings(express_linehaul="own" if sizes.own else "shared"),
        operations=sizes.operations,
        roads=Roads(
            links=tuple(_drawn_link(rng, link) for link in LINKS),
            closures=_drawn_closures(rng, start) if sizes.announced else (),
        ),
    )
    network = replace(network, vehicles=_drawn_vehicles(rng, network, sizes.fleet))
    yearly = sizes.items * 365
    classes = [
        make_class(
            "first", 0, "office", originating=yearly, inbound=yearly / 2, any_share=1.0, kg=0.3, m3=0.002
        ),
        make_class("parcel", 2, "report", originating=yearly, inbound=2 * yearly, any_share=0.3),
        make_class("paper", 3, "place", originating=365 * len(names), kg=0.8, signed=False),
        make_class("bulky", 2, "head", originating=yearly, inbound=yearly, any_share=0.5, kg=0.5, m3=0.03),
        make_class("slow", 5, "head", originating=yearly / 2, inbound=yearly / 3, kg=1.5, signed=False),
    ]
    return network, make_rates(places, classes, rng)


def quarter(rng: np.random.Generator, low_h: float, high_h: float) -> int:
    """Return a whole number of quarters of an hour, in seconds, both ends included."""
    return 900 * int(rng.integers(round(low_h * 4), round(high_h * 4) + 1))


# Chances are far higher than assumed, so that a few days see all that can happen; hours are in their ranges.
_RANGES: dict[str, tuple[float, float]] = {
    "recheck_min": (1, 10), "handover_h": (4, 24), "bundle_h": (0, 24),
    "running_time_sd": (0.1, 0.3), "rest_min": (20, 30), "night_stop_h": (6, 10), "driver_day_h": (8, 10),
    "drivers_per_long_trip": (1, 2), "driver_days_per_week": (4, 6), "stop_min": (10, 60),
    "snow_closures_per_100km": (2, 12), "slide_closures_per_100km": (2, 12), "closure_min_h": (6, 24),
    "closure_max_h": (24, 96), "rail_late_max_h": (2, 24), "roadside_h": (2, 24), "repair_h": (12, 96),
    "turnround_h": (1, 6), "vehicle_wait_h": (0, 48), "extra_trip_after_h": (1, 12),
    "attempt_limit": (1, 3), "attempt_gap_h": (8, 24),
}  # fmt: skip
_SHARES: dict[str, tuple[float, ...]] = {
    "recheck_share": (0.005, 0.05, 0.3), "flight_cancel_share": (0.15, 0.5), "rail_late_share": (0.5, 0.9),
    "breakdown_share": (0.05, 0.3), "extra_trip_backlog": (0.1, 0.5, 1.0), "failed_attempt_share": (0.3, 0.6),
}  # fmt: skip


def _drawn_values(rng: np.random.Generator) -> dict[str, float]:
    values = {name: low + (high - low) * rng.random() for name, (low, high) in _RANGES.items()}
    for name in values:
        if name != "running_time_sd":
            values[name] = float(round(values[name]))
    return values | {name: float(rng.choice(shares)) for name, shares in _SHARES.items()}


LINKS = tuple(f"L{i}" for i in range(6))


def _drawn_link(rng: np.random.Generator, name: str) -> Link:
    km = float(rng.integers(10, 300))
    detour = km + float(rng.integers(5, 600)) if rng.random() < 0.6 else None
    terrain = str(rng.choice(["gorge", "gorge", "gorge", "plateau", "central", "gateway"]))
    return Link(name, round(1000 * km), detour, terrain)


def _drawn_closures(rng: np.random.Generator, start: dt.date) -> tuple[Closure, ...]:
    closures = []
    for _ in range(int(rng.integers(1, 5))):
        links = [str(link) for link in rng.choice(LINKS, size=2, replace=False)]
        first = start + dt.timedelta(days=int(rng.integers(-2, 12)))
        until = first + dt.timedelta(days=int(rng.integers(0, 4)))
        closures.append(Closure(tuple(links), first, until))
    return tuple(closures)


def _drawn_vehicles(rng: np.random.Generator, network: Network, fleet: str) -> tuple[Vehicle, ...]:
    if not fleet:
        return ()
    needed = vehicles_needed(network.routes, network.rounds, VEHICLES, network.assumptions)
    rows: list[tuple[str, str, str]] = []
    for (base, vehicle, duty), number in needed.items():
        lacking = int(rng.integers(0, 3)) if fleet == "short" else 0
        rows += [(vehicle, base, duty)] * max(0, number - lacking)
        if fleet == "ample" or (fleet == "short" and rng.random() < 0.1):
            rows += [(vehicle, base, "spare")] * int(rng.integers(1, 3))
    return tuple(Vehicle(f"C-{i:03d}", *row) for i, row in enumerate(rows))


def _drawn_routes(
    rng: np.random.Generator, seats: Sequence[str], gateways: Sequence[str], sizes: Sizes
) -> list[MailRoute]:
    paths: list[tuple[list[str], str]] = []
    for i in range(1, len(seats)):
        paths.append(([seats[int(rng.integers(0, i))], seats[i]], "air" if rng.random() < 0.15 else "road"))
    for gateway in gateways:
        path = [seats[int(rng.integers(0, len(seats)))], gateway]
        paths.append((path, str(rng.choice(["road", "rail", "air"]))))
    every = [*seats, *gateways]
    for _ in range(sizes.more_routes):
        size = int(rng.integers(2, min(4, len(every)) + 1))
        path = [every[k] for k in rng.permutation(len(every))[:size]]
        paths.append((path, str(rng.choice(["road", "road", "rail", "air"]))))
    return [
        _drawn_route(rng, f"r{number}", path, mode, sizes, sizes.own and number % 2 == 1)
        for number, (path, mode) in enumerate(paths)
    ]


def _drawn_route(
    rng: np.random.Generator, name: str, path: Sequence[str], mode: str, sizes: Sizes, own: bool
) -> MailRoute:
    carrier = str(rng.choice(["shared", "post", "express"])) if own else "shared"
    if mode == "road":
        vehicle = str(rng.choice(["cart", "cart", "van"])) if sizes.tight else "truck"
    else:
        vehicle = "crate" if sizes.tight else "hold"
    km = [float(rng.integers(20, 700)) for _ in path[1:]]
    per_week = int(rng.integers(1, 6))
    services = [
        _drawn_service(rng, stops, per_week, leg_km) for stops, leg_km in ((path, km), (path[::-1], km[::-1]))
    ]
    links = [[str(link) for link in rng.choice(LINKS, int(rng.integers(1, 4)), replace=False)] for _ in km]
    kind = str(rng.choice(["trunk", "feeder"]))
    per_trip = int(rng.integers(1, 3))
    return make_route(name, mode, services, vehicle, per_trip, carrier, kind, links if mode == "road" else ())


def _drawn_service(
    rng: np.random.Generator, stops: Sequence[str], per_week: int, leg_km: Sequence[float]
) -> Service:
    legs = [quarter(rng, 0.25, 30.0 if rng.random() < 0.2 else 8.0) for _ in stops[1:]]
    starts = rng.choice(672, per_week, replace=False) * 900
    return make_service(stops, legs, starts.tolist(), quarter(rng, 0, 2), leg_km)


def _drawn_centre(rng: np.random.Generator, place: str, sizes: Sizes) -> Centre:
    times = {mode: quarter(rng, 0.25, 4) for mode in ("road", "rail", "air", "collect")}
    if rng.random() < 0.2:
        return replace(make_centre(place, lanes=(0, 0)), handling_s=times)
    # Rates that do not divide an hour: finishes fall between seconds.
    rate = int(rng.choice([7, 11, 49] if sizes.slow else [700, 900, 1100, 7000]))
    speed = int(rng.choice([13, 31] if sizes.slow and rng.random() < 0.5 else [301, 2500, 6000]))
    lanes, sorters = (int(rng.integers(1, 4)), rate), (int(rng.integers(1, 3)), speed)
    shifts = _drawn_shifts(rng) if sizes.hours and rng.random() < 0.8 else ()
    return replace(make_centre(place, lanes=lanes, sorters=sorters, shifts_s=shifts), handling_s=times)


def _drawn_shifts(rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    opens, closes = quarter(rng, 0, 10), quarter(rng, 16, 24)
    if rng.random() < 0.5:
        return ((opens, closes),)
    pause = quarter(rng, 11, 14)
    return ((opens, pause), (pause + quarter(rng, 0.25, 1), closes))


def _drawn_rounds(rng: np.random.Generator, seat: str, names: Sequence[str], sizes: Sizes) -> list[Round]:
    cut = int(rng.integers(0, len(names)))  # villages before it are on one round, the rest on another
    all_rounds = []
    for number, part in enumerate((names[:cut], names[cut:])):
        if not part:
            continue
        depart = quarter(rng, 6, 12)
        visits = [depart + quarter(rng, 0.25, 26) for _ in part]
        cuts = [quarter(rng, 8, 30) for _ in part]
        weekdays = tuple(sorted({int(day) for day in rng.integers(0, 7, int(rng.integers(1, 6)))}))
        all_rounds.append(
            make_round(
                f"{seat}-round{number}",
                seat,
                part,
                visit_s=visits,
                cut_s=cuts,
                intake_s=max(cuts + visits) + quarter(rng, 0, 6),
                depart_s=depart,
                weekdays=EVERY_DAY if rng.random() < 0.3 else weekdays,
                vehicle=str(rng.choice(["cart", "cart", "van", "crate"])) if sizes.tight else "truck",
                vehicles=int(rng.integers(1, 3)),
                runs_on_holidays=bool(rng.random() < 0.5),
            )
        )
    return all_rounds


def _drawn_outlets(rng: np.random.Generator, seats: Sequence[str]) -> list[Outlet]:
    brands = [row["code"] for row in assumptions().table("brands")]
    chosen = [(str(rng.choice(brands)), str(rng.choice(list(seats)))) for _ in range(6)]
    kind = "counter" if rng.random() < 0.15 else "express"
    # A counter takes items in at a place; an outlet is in a township, which here is the seat itself.
    return [
        Outlet(f"E-{i}", seat if kind == "express" else f"{seat}-v0", kind, brand)
        for i, (brand, seat) in enumerate(chosen)
    ]


def digest(result: RunResult) -> str:
    """Return a hash of all that a run leaves behind; a worker process can import it."""
    found = hashlib.sha256()
    for table in (result.items, result.trips, result.custody):
        for name, column in table.items():
            found.update(name.encode() + str(column.dtype).encode() + column.tobytes())
    found.update(repr((result.ledgers, result.bottlenecks, result.seconds_run)).encode())
    found.update(result.waiting.tobytes() + result.waiting_rounds.tobytes())
    return found.hexdigest()
