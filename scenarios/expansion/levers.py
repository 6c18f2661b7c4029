"""Candidates: what a plan may change in a network, made from the network itself.

Each level of a lever is one or more typed changes of `scenarios.changes`, so that whatever is chosen is a
scenario that anybody can run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.edit import operations as edit_operations
from network.edit import rounds as edit_last_mile
from network.edit import routes as edit
from network.errors import YizhanError
from network.fleet.vehicles import vehicles_for_route
from network.inputs.tables import Region
from network.lastmile.handover import brand_shares
from network.lastmile.weekdays import weekday_use
from network.linehaul.legs import find_leg
from network.model.network import Network
from network.model.records import MailRoute
from scenarios.changes import (
    AddRoute,
    EquipRoute,
    OpenOutlets,
    RetimeRoute,
    RoundSelector,
    SetHours,
    SetRounds,
    Table,
)
from sim.cost.planned import centre_yuan, outlet_yuan, round_yuan, route_yuan
from sim.cost.prices import Prices, make_prices

__all__ = ["KINDS", "Level", "Lever", "levers"]

#: What a plan may change.
KINDS = {
    "rounds": "delivery rounds on more days a week",
    "routes": "more departures a week of road routes, with vehicles that hold the same mail in a week",
    "direct": "new road routes straight from the region's centre, or past the other stops of a chain",
    "outlets": "express outlets in townships, of brands that have one in the county",
    "postal": "postal outlets in townships that have none",
    "hours": "prefecture and county centres that work through the night",
}
ROUND_DAYS = (2, 3, 5, 7)
DEPARTURES = (5, 7, 14)  # of these the next two
DIRECT = (3, 7)  # departures a week of a new route
VEHICLE = "truck-4.2"  # of a new route
BRANDS = (2, 5, 99)  # outlets of so many brands, the largest first


@dataclass(frozen=True, eq=False)
class Level:
    """One level of a lever above 0.

    Parameters
    ----------
    says
        In words, to follow the lever's name.
    changes
        Typed changes that make it of the network as it is.
    yuan
        A year beyond things as they are, vehicles of rounds apart.
    vehicles
        Of routes, more than now, by class.
    out
        (7,) vehicles of the round's base out beyond now, by weekday.
    per_week
        Of rounds, days a week.
    """

    says: str
    changes: tuple[Table, ...]
    yuan: float
    vehicles: tuple[tuple[str, int], ...] = ()
    out: NDArray[np.int64] = field(default_factory=lambda: np.zeros(7, dtype=np.int64))
    per_week: int = 0


@dataclass(frozen=True, eq=False)
class Lever:
    """Something that a plan can change, and its levels above 0 in order."""

    kind: str
    id: str  # of the round, route, township or centre
    name: str
    place: str  # id, for maps
    levels: tuple[Level, ...]
    pool: tuple[str, str] | None = None  # base and class of a round's vehicles
    routes: tuple[MailRoute, ...] = ()  # by level, of routes: as it would be


def levers(network: Network, kinds: Sequence[str], brands: Sequence[int] = BRANDS) -> tuple[Lever, ...]:
    """Return the candidates of some kinds.

    Parameters
    ----------
    network
        As it is.
    kinds
        Keys of `KINDS`.
    brands
        Levels of express outlets in a township: of how many brands, the largest first.
    """
    prices = make_prices(network.assumptions)
    makers = {
        "rounds": _rounds,
        "routes": _routes,
        "direct": _direct,
        "outlets": lambda n, p: _outlets(n, p, brands),
        "postal": _postal,
        "hours": _hours,
    }
    return tuple(lever for kind in KINDS if kind in kinds for lever in makers[kind](network, prices))


def _name(network: Network, place: str) -> str:
    return str(network.places.name_en[network.places.row(place)]) or place


def _rounds(network: Network, prices: Prices) -> Iterator[Lever]:
    a = network.assumptions
    for round_ in network.rounds:
        now = len(round_.weekdays)
        levels = []
        for days in (days for days in ROUND_DAYS if days > now):
            more = edit_last_mile.more_days(round_, days)
            key = (round_.base, round_.vehicle)
            out = weekday_use([more])[key] - weekday_use([round_])[key]
            change = SetRounds(op="set_rounds", per_week=days, where=RoundSelector(rounds=(round_.id,)))
            yuan = round_yuan(more, a, prices) - round_yuan(round_, a, prices)
            levels.append(
                Level(f"{days} days a week instead of {now}", (change,), yuan, out=out, per_week=days)
            )
        if levels:
            counted = network.vehicle_classes[round_.vehicle].counted
            name = f"round of {_name(network, round_.base)} to {_name(network, round_.places[0])}"
            pool = (round_.base, round_.vehicle) if counted else None
            yield Lever("rounds", round_.id, name, round_.places[0], tuple(levels), pool)


def _routes(network: Network, prices: Prices) -> Iterator[Lever]:
    for route in network.routes:
        if route.mode != "road":
            continue  # trains and flights are other people's
        now = len(route.services[0].starts_s)
        levels, made = [], []
        for per_week in [n for n in DEPARTURES if n > now][:2]:
            new = edit.find_route(edit.retime_route(network, route.id, per_week), route.id)
            vehicle, number = _equipped(network, new, now, prices)
            new = replace(new, vehicle=vehicle, vehicles_per_trip=number)
            changes: list[Table] = [RetimeRoute(op="retime_route", route=route.id, per_week=per_week)]
            if (vehicle, number) != (route.vehicle, route.vehicles_per_trip):
                changes.append(
                    EquipRoute(op="equip_route", route=route.id, vehicle=vehicle, vehicles_per_trip=number)  # type: ignore[arg-type]
                )
            says = f"{per_week} departures a week instead of {now}"
            if len(changes) > 1:
                says += f", with {number} × {vehicle} instead of {route.vehicles_per_trip} × {route.vehicle}"
            levels.append(_level(network, says, tuple(changes), new, route, prices))
            made.append(new)
        if levels:
            end = route.stops[-1]
            yield Lever(
                "routes", route.id, f"{route.id} {route.name}", end, tuple(levels), routes=tuple(made)
            )


def _level(
    network: Network,
    says: str,
    changes: tuple[Table, ...],
    new: MailRoute,
    old: MailRoute | None,
    prices: Prices,
) -> Level:
    a = network.assumptions
    yuan = route_yuan(new, a, prices)
    vehicles = {new.vehicle: vehicles_for_route(new, a)}
    if old is not None:
        yuan -= route_yuan(old, a, prices)
        vehicles[old.vehicle] = vehicles.get(old.vehicle, 0) - vehicles_for_route(old, a)
    return Level(says, changes, yuan, tuple((kind, n) for kind, n in sorted(vehicles.items()) if n))


def _equipped(network: Network, new: MailRoute, before: int, prices: Prices) -> tuple[str, int]:
    """Return the cheapest vehicles for more trips that hold at least as much in a week as now."""
    old = network.vehicle_classes[new.vehicle]
    trips = len(new.services[0].starts_s)
    kg, m3 = (size * new.vehicles_per_trip * before for size in (old.payload_kg, old.payload_m3))
    options = [(new.vehicle, new.vehicles_per_trip)]
    for name, kind in network.vehicle_classes.items():
        if kind.counted and name != new.vehicle:
            number = max(1, -int(-max(kg / kind.payload_kg, m3 / kind.payload_m3) / trips // 1))
            options.append((name, number))

    def yuan(option: tuple[str, int]) -> float:
        return route_yuan(
            replace(new, vehicle=option[0], vehicles_per_trip=option[1]), network.assumptions, prices
        )

    fewer = [
        (new.vehicle, n)
        for n in range(1, new.vehicles_per_trip)
        if n * trips >= new.vehicles_per_trip * before
    ]
    return min([*options, *fewer], key=lambda option: (yuan(option), option))


def _direct(network: Network, prices: Prices) -> Iterator[Lever]:
    tier = {centre.place: centre.tier for centre in network.centres}
    region = next(place for place, name in tier.items() if name == "region")
    tables = network.region
    linked = {
        frozenset(pair)
        for r in network.routes
        if r.mode == "road"
        for pair in zip(r.stops, r.stops[1:], strict=False)
    }
    for place in (place for place, name in tier.items() if name == "county"):
        starts = {region: "region"}
        for route in network.routes:
            if route.kind == "chain" and place in route.stops[2:]:
                starts[route.stops[0]] = "chain"
        for start, why in starts.items():
            if frozenset((start, place)) not in linked:
                lever = _direct_lever(network, prices, tables, start, place, why)
                if lever is not None:
                    yield lever


def _direct_lever(
    network: Network, prices: Prices, region: Region, start: str, place: str, why: str
) -> Lever | None:
    name = f"{_name(network, start)}–{_name(network, place)} direct"
    route_id = f"road-direct-{start}-{place}"
    try:
        km = find_leg(region, network.places, network.assumptions, network.year, "road", start, place).km
    except YizhanError:
        return None  # no road leads there
    levels, made = [], []
    for per_week in DIRECT:
        asked: dict[str, Any] = {"mode": "road", "stops": (start, place), "per_week": per_week, "name": name}
        asked |= {"vehicle": VEHICLE}
        grown = edit.add_route(network, route_id=route_id, leg_km=(km,), **asked)
        new = edit.find_route(grown, route_id)
        change = AddRoute(op="add_route", id=route_id, **asked)
        says = f"a route of {new.km:,.0f} km, {per_week} departures a week"
        levels.append(_level(network, says, (change,), new, None, prices))
        made.append(new)
    return Lever("direct", f"{why}:{place}", name, place, tuple(levels), routes=tuple(made))


def _outlets(network: Network, prices: Prices, brands: Sequence[int]) -> Iterator[Lever]:
    places = network.places
    table = network.assumptions.table("brands")
    share = {
        str(row["code"]): s
        for row, s in zip(table, brand_shares(network).tolist(), strict=True)
        if row["private"]
    }
    in_county: dict[str, set[str]] = {}
    there: set[tuple[str, str]] = set()
    for outlet in network.outlets:
        if outlet.network == "express":
            county = str(places.county[places.row(outlet.place)])
            in_county.setdefault(county, set()).add(outlet.brand)
            there.add((outlet.place, outlet.brand))
    for row in np.flatnonzero(places.kind == "township").tolist():
        town = str(places.id[row])
        able = [
            b for b in in_county.get(str(places.county[row]), ()) if b in share and (town, b) not in there
        ]
        able.sort(key=lambda b: (-share[b], b))
        levels = []
        for number in sorted({min(n, len(able)) for n in brands} - {0}):
            changes = tuple(
                OpenOutlets(op="open_outlets", network="express", where=(town,), brand=b)
                for b in able[:number]
            )
            says = f"express outlets of {', '.join(able[:number])}"
            levels.append(Level(says, changes, number * outlet_yuan("express", prices)))
        if levels:
            yield Lever("outlets", town, _name(network, town), town, tuple(levels))


def _postal(network: Network, prices: Prices) -> Iterator[Lever]:
    served = {outlet.place for outlet in network.outlets if outlet.network == "postal"}
    places = network.places
    for town in places.id[places.kind == "township"].tolist():
        if town not in served:
            change = OpenOutlets(op="open_outlets", network="postal", where=(town,))
            level = Level("a postal outlet", (change,), outlet_yuan("postal", prices))
            yield Lever("postal", town, _name(network, town), town, (level,))


def _hours(network: Network, prices: Prices) -> Iterator[Lever]:
    a = network.assumptions
    for centre in network.centres:
        if centre.tier in ("prefecture", "county") and centre.lanes and centre.shifts_s:
            change = SetHours(op="set_hours", opens="00:00", closes="24:00", centres=(centre.place,))
            after = edit_operations.set_hours(network, 0, 86_400, centres=(centre.place,))
            new = next(c for c in after.centres if c.place == centre.place)
            yuan = centre_yuan(new, a) - centre_yuan(centre, a)
            name = f"{centre.tier} centre of {_name(network, centre.place)}"
            level = Level("open day and night", (change,), yuan)
            yield Lever("hours", centre.place, name, centre.place, (level,))
