"""Pure change operations on outlets and village stations: closed, moved, opened, their hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from network.edit.basics import EditError, clock, known_name, place_name
from network.edit.rounds import select_places
from network.model.network import Changed, Network

__all__ = [
    "close_outlets",
    "close_stations",
    "move_outlet",
    "move_station",
    "open_stations",
    "select_villages",
    "set_outlet_hours",
]


def close_outlets(
    network: Network, kind: str, townships: Iterable[str], brand: str | None = None, keep: int = 0
) -> Network:
    """Close outlets, so that no township given has more than `keep` of each brand.

    Parameters
    ----------
    kind
        "postal" or "express".
    townships
        Township place ids.
    brand
        Express brand; all by default.
    keep
        Outlets (of each brand) that stay at a place, the first by id.

    Raises
    ------
    UnknownNameError, EditError
        If a place or brand is unknown, or there is no outlet to close.
    """
    places = network.places
    chosen = {str(places.id[places.row(township)]) for township in townships}
    if brand is not None:
        known_name("brand", brand, (row["code"] for row in network.assumptions.table("brands")))
    seen: Counter[tuple[str, str]] = Counter()
    gone = set()
    for outlet in sorted(network.outlets, key=lambda o: o.id):
        if outlet.network == kind and outlet.place in chosen and brand in (None, outlet.brand):
            seen[outlet.place, outlet.brand] += 1
            if seen[outlet.place, outlet.brand] > keep:
                gone.add(outlet.id)
    if not gone:
        raise EditError(f"no {kind} outlet is there to close")
    stay = tuple(outlet for outlet in network.outlets if outlet.id not in gone)
    names = [f"{kind}_outlets"]
    for owner in ("brand", "firm") if kind == "express" else ():
        if len({getattr(o, owner) for o in stay}) < len({getattr(o, owner) for o in network.outlets}):
            names.append(f"express_{owner}s")
    label = f"closed {len(gone):,} {kind} outlets"
    return replace(
        network, outlets=stay, changed=(*network.changed, *(Changed(name, label) for name in names))
    )


def move_outlet(network: Network, outlet: str, to: str) -> Network:
    """Move an outlet to another township; its id, brand and firm stay.

    Raises
    ------
    UnknownNameError, EditError
        If the outlet or place is unknown, or the place is no township or its own.
    """
    places = network.places
    known_name("outlet", outlet, (o.id for o in network.outlets))
    old = next(o for o in network.outlets if o.id == outlet)
    if places.kind[places.row(to)] != "township":
        raise EditError(f"outlets stand in townships, and {to} is a {places.kind[places.row(to)]}")
    if to == old.place:
        raise EditError(f"{outlet} stands there already")
    where = f"from {place_name(places, old.place)} ({old.place}) to {place_name(places, to)} ({to})"
    new = replace(old, place=to, base=False, reason=f"moved by the scenario {where}")
    return replace(
        network,
        outlets=tuple(new if o.id == outlet else o for o in network.outlets),
        changed=(*network.changed, Changed(f"{old.network}_outlets", f"moved {outlet} {where}")),
    )


def select_villages(
    network: Network,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
    share_of_villages: float | None = None,
    *,
    with_station: bool,
) -> tuple[str, ...]:
    """Return the ids of administrative villages that meet all that is given.

    Parameters
    ----------
    prefecture, county, border
        Where they lie (county by code or name).
    share_of_villages
        Of those found only this share, rounded: with a station those with
        fewest people, without one those with most; ties by id.
    with_station
        Villages that have a station, or villages that have none.
    """
    places = network.places
    chosen = select_places(places, prefecture, county, border) & (places.kind == "village")
    chosen &= np.isin(places.id, network.stations) == with_station
    rows = np.flatnonzero(chosen)
    if share_of_villages is not None:
        people = places.population[rows] * (1 if with_station else -1)
        rows = rows[np.lexsort((places.id[rows], people))]
        rows = np.sort(rows[: int(share_of_villages * len(rows) + 0.5)])
    return tuple(str(place) for place in places.id[rows])


def open_stations(network: Network, villages: Iterable[str]) -> Network:
    """Open village stations; villages that have one are left out.

    Raises
    ------
    UnknownNameError, EditError
        If a place is unknown or no village, or all have a station.
    """
    new = [v for v in _villages(network, villages) if v not in set(network.stations)]
    if not new:
        raise EditError("every village chosen has a station")
    return _with_stations(network, (*network.stations, *new), f"opened {_count(len(new))}")


def close_stations(network: Network, villages: Iterable[str]) -> Network:
    """Close village stations; villages that have none are left out.

    Raises
    ------
    UnknownNameError, EditError
        If a place is unknown or no village, or none has a station.
    """
    gone = set(_villages(network, villages)) & set(network.stations)
    if not gone:
        raise EditError("no village chosen has a station")
    stay = tuple(village for village in network.stations if village not in gone)
    return _with_stations(network, stay, f"closed {_count(len(gone))}")


def move_station(network: Network, station: str, to: str) -> Network:
    """Move the station of a village to a village that has none.

    Raises
    ------
    UnknownNameError, EditError
        If a village is unknown, the first has no station, or the second has one.
    """
    _villages(network, (station, to))
    known_name("village station", station, network.stations)
    if to in network.stations:
        raise EditError(f"{to} has a station already")
    stations = tuple(to if village == station else village for village in network.stations)
    a, b = (f"{place_name(network.places, village)} ({village})" for village in (station, to))
    label = f"moved the station of {a} to {b}"
    return _with_stations(network, stations, label)


def _count(number: int) -> str:
    return f"{number:,} village station{'s' if number > 1 else ''}"


def _villages(network: Network, villages: Iterable[str]) -> list[str]:
    places = network.places
    chosen = list(dict.fromkeys(villages))
    wrong = [village for village in chosen if places.kind[places.row(village)] != "village"]
    if wrong:
        raise EditError(f"stations stand in administrative villages, and {', '.join(wrong[:5])} is none")
    return chosen


def _with_stations(network: Network, stations: tuple[str, ...], label: str) -> Network:
    return replace(network, stations=stations, changed=(*network.changed, Changed("village_stations", label)))


def set_outlet_hours(
    network: Network,
    cutoff_s: int,
    intake_s: int | None = None,
    *,
    prefecture: str | None = None,
    county: str | None = None,
    border: bool | None = None,
) -> Network:
    """Set until when the outlets of towns accept mail for the same day's collection (rule 13).

    Villages and townships out of town hand over when their round calls, so
    nothing changes there.

    Parameters
    ----------
    cutoff_s
        Second of the day of the last acceptance.
    intake_s
        Second of the day at which the centre has what was collected; as before by default.
    prefecture, county, border
        Where the town lies; all that is given must hold.

    Raises
    ------
    UnknownNameError, EditError
        If a place is unknown, no town is chosen, or the intake comes before the cut-off.
    """
    places = network.places
    there = select_places(places, prefecture, county, border)
    towns = {t.id for t in network.rounds if t.kind == "town" and there[places.row(t.base)]}
    if not towns:
        raise EditError("no town round is there")
    intakes = {t.id: t.intake_s if intake_s is None else intake_s for t in network.rounds if t.id in towns}
    if min(intakes.values()) < cutoff_s:
        raise EditError(
            f"the centre takes in at {clock(min(intakes.values()))} what outlets accept until "
            f"{clock(cutoff_s)}: give a later intake"
        )
    rounds = tuple(
        replace(t, cut_s=(cutoff_s,) * len(t.places), intake_s=intakes[t.id]) if t.id in towns else t
        for t in network.rounds
    )
    label = f"outlets of {len(towns)} towns accept until {clock(cutoff_s)}"
    label += "" if intake_s is None else f", taken in at {clock(intake_s)}"
    return replace(network, rounds=rounds, changed=(*network.changed, Changed("outlet_hours", label)))
