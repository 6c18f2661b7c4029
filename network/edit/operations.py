"""Pure change operations on how a network is run: switches, vehicles, centres and their hours.

Those on roads are in `network.edit.roads`, those on demand in `network.edit.demand`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from typing import Any

from network.edit.basics import EditError, clock, find_place, find_route, known_name, last_number, place_name
from network.edit.demand import peak_demand
from network.edit.roads import close_road
from network.edit.rounds import select_places
from network.model.network import Changed, Network
from network.model.records import Centre, Vehicle
from network.model.working_hours import shifts
from network.numeric.apportion import largest_remainder

__all__ = [
    "DUTIES",
    "add_vehicles",
    "close_road",
    "equip_centres",
    "peak_demand",
    "scale_fleet",
    "set_hours",
    "set_operations",
]

#: What vehicles are for, as a selector of `scale_fleet`.
DUTIES = ("routes", "rounds", "spare")


def set_operations(network: Network, **switches: Any) -> Network:
    """Say which parts of a real operation are played out; names as of `Operations`."""
    return replace(network, operations=replace(network.operations, **switches))


def scale_fleet(
    network: Network,
    factor: float,
    *,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
    vehicles: Collection[str] | None = None,
    duty: str | None = None,
) -> Network:
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
    changed = (*network.changed, Changed("vehicles", label)) if number != len(chosen) else network.changed
    return replace(network, vehicles=tuple(fleet), changed=changed)


def add_vehicles(
    network: Network, number: int, vehicle: str, base: str | None = None, duty: str = "spare"
) -> Network:
    """Buy vehicles and place them.

    Parameters
    ----------
    number
        At least 1.
    vehicle
        A class that counts among the published vehicles.
    base
        Where they stand, by id or name; for a route its first stop.
    duty
        "spare", "rounds", or the id or name of a mail route.

    Raises
    ------
    UnknownNameError, EditError
        If a class, place or route is unknown, the route runs with another
        class, or no round there uses this one.
    """
    known = [name for name, kind in network.vehicle_classes.items() if kind.counted]
    known_name("vehicle class", vehicle, known)
    if duty in ("spare", "rounds"):
        if base is None:
            raise EditError(f"vehicles for {duty} need a base")
        base = find_place(network.places, base)
        classes = {round_.vehicle for round_ in network.rounds if round_.base == base}
        if duty == "rounds" and vehicle not in classes:
            raise EditError(f"no round from {place_name(network.places, base)} ({base}) uses a {vehicle}")
    else:
        route = find_route(network, duty)
        if route.vehicle != vehicle:
            raise EditError(f"{route.id} runs with {route.vehicle}, not with {vehicle}")
        duty, base = route.id, route.stops[0]
    first = last_number((v.id for v in network.vehicles), "C") + 1
    new = tuple(Vehicle(f"C-{first + i:04d}", vehicle, base, duty) for i in range(number))
    label = f"{number:,} {vehicle} more at {place_name(network.places, base)} ({duty})"
    return replace(
        network, vehicles=(*network.vehicles, *new), changed=(*network.changed, Changed("vehicles", label))
    )


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


def set_hours(
    network: Network,
    opens_s: int,
    closes_s: int,
    *,
    tier: str | None = None,
    centres: Collection[str] = (),
) -> Network:
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
    chosen = _working(network, tier, centres)
    work = shifts(opens_s / 3600, closes_s / 3600, pause_min)
    first, last = clock(opens_s), clock(closes_s)
    who = _who(tier, chosen)
    return replace(
        network,
        centres=tuple(replace(c, shifts_s=work) if c.place in chosen else c for c in network.centres),
        changed=(*network.changed, Changed("hours", f"{who} work from {first} to {last}")),
    )


def equip_centres(
    network: Network,
    *,
    tier: str | None = None,
    centres: Collection[str] = (),
    lanes: int | None = None,
    more_lanes: int = 0,
    lane_rate_per_h: int | None = None,
    sorters: int | None = None,
    more_sorters: int = 0,
    sorter_rate_per_h: int | None = None,
) -> Network:
    """Give the centres of a tier, or some centres, other lanes and sorters; None leaves as it is.

    Parameters
    ----------
    tier, centres
        As for `set_hours`.
    lanes, sorters
        How many each shall have.
    more_lanes, more_sorters
        How many more (or fewer) each shall have; one stays at the least.
    lane_rate_per_h, sorter_rate_per_h
        Items an hour of each lane and sorter.

    Raises
    ------
    UnknownNameError, EditError
        If a tier or place is unknown, no lanes are there, or nothing changes.
    """
    chosen = _working(network, tier, centres)

    def equipped(centre: Centre) -> Centre:
        return replace(
            centre,
            lanes=max(1, (centre.lanes if lanes is None else lanes) + more_lanes),
            lane_rate_per_h=lane_rate_per_h or centre.lane_rate_per_h,
            sorters=max(1, (centre.sorters if sorters is None else sorters) + more_sorters),
            sorter_rate_per_h=sorter_rate_per_h or centre.sorter_rate_per_h,
        )

    new = tuple(equipped(c) if c.place in chosen else c for c in network.centres)
    if new == network.centres:
        raise EditError("the centres have these lanes and sorters already")
    given = {
        "lanes": lanes if lanes is not None else more_lanes and f"{more_lanes:+d}",
        "items an hour of a lane": lane_rate_per_h,
        "sorters": sorters if sorters is not None else more_sorters and f"{more_sorters:+d}",
        "items an hour of a sorter": sorter_rate_per_h,
    }
    what = ", ".join(f"{value} {name}" for name, value in given.items() if value)
    label = f"{_who(tier, chosen)}: {what}"
    return replace(network, centres=new, changed=(*network.changed, Changed("centres", label)))


def _working(network: Network, tier: str | None, centres: Collection[str]) -> set[str]:
    """Return the places of the centres with lanes of a tier, or of those named."""
    working = [centre for centre in network.centres if centre.lanes]
    if tier is not None:
        known_name("tier", tier, dict.fromkeys(centre.tier for centre in working))
    chosen = {find_place(network.places, place) for place in centres}
    if idle := chosen - {centre.place for centre in working}:
        raise EditError(f"no lanes work at {', '.join(sorted(idle))}")
    return chosen | {centre.place for centre in working if centre.tier == tier}


def _who(tier: str | None, chosen: Collection[str]) -> str:
    return f"{tier} centres" if tier else ", ".join(sorted(chosen))
