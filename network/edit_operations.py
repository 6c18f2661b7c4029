"""Pure change operations on how a network is run: switches, closed roads, vehicles, peaks, hours."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import asdict, replace
from itertools import chain
from typing import Any

from network.apportion import largest_remainder
from network.edit import DIRECTIONS, EditError, find_place, find_route, known_name, last_number
from network.edit_last_mile import select_places
from network.graph import MailNetwork
from network.hours import shifts
from network.legs import find_leg
from network.model import Vehicle
from network.operations import Operations
from network.roads import road_graph
from network.tables import load_region

__all__ = ["DUTIES", "close_road", "peak_demand", "scale_fleet", "set_hours", "set_operations"]

#: What vehicles are for, as a selector of `scale_fleet`.
DUTIES = ("routes", "rounds", "spare")


def set_operations(network: MailNetwork, **switches: Any) -> MailNetwork:
    """Say which parts of a real operation are played out; names as of `Operations`."""
    operations = asdict(replace(Operations.of(network), **switches))
    return replace(network, options={**network.options, "operations": operations})


def close_road(
    network: MailNetwork,
    first: dt.date,
    last: dt.date,
    *,
    links: Iterable[str] = (),
    between: Sequence[str] = (),
    route: str = "",
) -> MailNetwork:
    """Announce that road links are closed on whole days, both dates included.

    Parameters
    ----------
    links
        Ids of road links, such as "540102-540103".
    between
        Two places: all links of the shortest road between them.
    route
        Id or name of a road mail route: all its links.

    Raises
    ------
    UnknownNameError, EditError, NoWayError
        If a link, place or route is unknown, no road joins the two places or
        the route does not go by road.
    """
    closed = list(links)
    if between:
        a, b = (find_place(network.places, place) for place in between)
        region = load_region(network.region)
        closed += find_leg(region, network.places, network.assumptions, network.year, "road", a, b).links
    if route:
        found = find_route(network, route)
        if found.mode != "road":
            raise EditError(f"{found.id} goes by {found.mode}")
        closed += chain.from_iterable(found.leg_links)
    known = {
        data["id"] for *_, data in road_graph(load_region(network.region), network.year).edges(data=True)
    }
    known |= {link for r in network.routes for leg in r.leg_links for link in leg}
    closed = [known_name("road link", link, sorted(known)) for link in dict.fromkeys(closed)]
    if not closed:
        raise EditError("no road link to close")
    dates = {"from": first.isoformat(), "until": last.isoformat()}
    label = f"closed from {first} to {last}: {', '.join(closed)}"
    return replace(
        network,
        options={
            **network.options,
            "closures": (*_rows(network, "closures"), {"links": tuple(closed), **dates}),
        },
        changed=(*network.changed, ("roads", label)),
    )


def scale_fleet(
    network: MailNetwork,
    factor: float,
    *,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
    vehicles: Collection[str] | None = None,
    duty: str | None = None,
) -> MailNetwork:
    """Multiply the vehicles chosen; their number is rounded once, for all of them together.

    Of fewer the spares go first, then every duty gives in proportion; the
    first rows of each stay.  More are spares, in proportion to what stands at
    each base.

    Parameters
    ----------
    factor
        At least 0.
    prefecture, county, border
        Where the base lies; all that is given must hold.
    vehicles
        Vehicle classes; all by default.
    duty
        "routes", "rounds" or "spare"; all by default.

    Raises
    ------
    UnknownNameError, EditError
        If a place, class or duty is unknown, or no vehicle is chosen.
    """
    known = [name for name, kind in network.vehicle_classes.items() if kind.counted]
    kinds = {known_name("vehicle class", name, known) for name in (known if vehicles is None else vehicles)}
    if duty is not None:
        known_name("duty", duty, DUTIES)
    bases = select_places(network.places, prefecture, county, border)
    chosen = [
        v
        for v in network.vehicles
        if v.vehicle in kinds and duty in (None, _duty(v)) and bases[network.places.row(v.base)]
    ]
    if not chosen:
        raise EditError("no vehicle is of this place, class and duty")
    number = int(factor * len(chosen) + 0.5)
    spares = [v for v in chosen if v.duty == "spare"]
    others = [v for v in chosen if v.duty != "spare"]
    stay = set(_first(others, [(v.base, v.vehicle, v.duty) for v in others], number))
    stay |= set(_first(spares, [(v.base, v.vehicle) for v in spares], number - len(stay)))
    gone = {v for v in chosen if v not in stay}
    fleet = [v for v in network.vehicles if v not in gone]
    stands = [(v.base, v.vehicle) for v in chosen]
    next_id = last_number((v.id for v in network.vehicles), "C") + 1
    for (base, kind), more in zip(*_shares(stands, number - len(stay)), strict=True):
        fleet += [Vehicle(f"C-{next_id + i:04d}", kind, base, "spare") for i in range(more)]
        next_id += more
    of_all = f" of the {len(network.vehicles):,}" if len(chosen) < len(network.vehicles) else ""
    label = f"{number:,} instead of {len(chosen):,}{of_all} vehicles"
    changed = (*network.changed, ("vehicles", label)) if number != len(chosen) else network.changed
    return replace(network, vehicles=tuple(fleet), changed=changed)


def _duty(vehicle: Vehicle) -> str:
    return vehicle.duty if vehicle.duty in DUTIES else "routes"


def _shares(groups: Sequence[Any], number: int) -> tuple[list[Any], list[int]]:
    """Return the groups, each once, and how many of `number` fall to each by its size."""
    sizes = Counter(groups)
    return list(sizes), largest_remainder(number, list(sizes.values())).tolist() if sizes else []


def _first(vehicles: Sequence[Vehicle], groups: Sequence[Hashable], number: int) -> list[Vehicle]:
    """Return at most `number` vehicles: of each group its share, the first rows."""
    left = dict(zip(*_shares(groups, min(number, len(vehicles))), strict=True))
    kept = []
    for vehicle, group in zip(vehicles, groups, strict=True):
        if left[group] > 0:
            kept.append(vehicle)
        left[group] -= 1
    return kept


def peak_demand(
    network: MailNetwork,
    factor: float,
    first: dt.date,
    last: dt.date,
    classes: Collection[str] | None = None,
    direction: str | None = None,
) -> MailNetwork:
    """Multiply the items accepted on some dates, both included, on top of the year's number.

    The simulation reads ``options["demand_peaks"]``; several factors on the
    same items multiply.

    Parameters
    ----------
    classes
        Codes of item classes; by default all but newspapers, which are a bundle a day for each place.
    direction
        "originating", "inbound" or None for both.
    """
    flow = {row["code"]: row["flow"] for row in network.assumptions.table("classes")}
    chosen = None if classes is None else tuple(known_name("item class", code, flow) for code in classes)
    for code in chosen or ():
        if flow[code] == "place":
            raise EditError(f"{code} is a bundle a day for each place: it has no peak")
    if direction is not None:
        known_name("direction", direction, DIRECTIONS)
    dates = {"from": first.isoformat(), "until": last.isoformat()}
    entry = {"factor": float(factor), "classes": chosen, "direction": direction, **dates}
    who = " ".join(part for part in (", ".join(chosen or ("all",)), "items", direction) if part)
    touches = direction != "inbound" and (chosen is None or "express" in chosen)
    label = f"{who} × {factor:g} from {first} to {last}"
    return replace(
        network,
        options={**network.options, "demand_peaks": (*_rows(network, "demand_peaks"), entry)},
        changed=(*network.changed, ("express_items" if touches else "demand", label)),
    )


def set_hours(
    network: MailNetwork,
    opens_s: int,
    closes_s: int,
    *,
    tier: str | None = None,
    centres: Collection[str] = (),
) -> MailNetwork:
    """Set the hours of work of the centres of a tier, or of some centres.

    Two shifts with ``shift_pause_min`` between them, as for the base; from 0
    to 86,400 they never close.

    Parameters
    ----------
    opens_s, closes_s
        Seconds of the day.
    tier
        "region", "prefecture" or "county".
    centres
        Places, by id or name.

    Raises
    ------
    UnknownNameError, EditError
        If a tier or place is unknown, no lanes are there, or work would last no longer than the pause.
    """
    pause_min = network.assumptions["shift_pause_min"]
    if closes_s - opens_s <= pause_min * 60:
        raise EditError(f"a centre works for more than the pause of {pause_min:g} min between its shifts")
    working = [centre for centre in network.centres if centre.lanes]
    if tier is not None:
        known_name("tier", tier, dict.fromkeys(centre.tier for centre in working))
    chosen = {find_place(network.places, place) for place in centres}
    if idle := chosen - {centre.place for centre in working}:
        raise EditError(f"no lanes work at {', '.join(sorted(idle))}")
    chosen |= {centre.place for centre in working if centre.tier == tier}
    work = shifts(opens_s / 3600, closes_s / 3600, pause_min)
    first, last = (f"{s // 3600:02d}:{s // 60 % 60:02d}" for s in (opens_s, closes_s))
    who = f"{tier} centres" if tier else ", ".join(sorted(chosen))
    return replace(
        network,
        centres=tuple(replace(c, shifts_s=work) if c.place in chosen else c for c in network.centres),
        changed=(*network.changed, ("hours", f"{who} work from {first} to {last}")),
    )


def _rows(network: MailNetwork, option: str) -> tuple[Any, ...]:
    before = network.options.get(option, ())
    assert isinstance(before, Sequence)
    return tuple(before)
