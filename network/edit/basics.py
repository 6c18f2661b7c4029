"""What all change operations share: errors, names, and vehicles that move between duties."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from network.errors import UnknownNameError, YizhanError
from network.geography.roads import great_circle_km
from network.model.limits import longest_way_km
from network.model.network import Network
from network.model.records import MailRoute, Places, Vehicle

__all__ = [
    "EditError",
    "check_km",
    "clock",
    "find_place",
    "find_route",
    "known_name",
    "last_number",
    "match_place",
    "place_name",
    "take_spares",
]


class EditError(YizhanError, ValueError):
    """A change that cannot be made."""


def check_km(places: Places, a: str, b: str, km: float, mode: str = "road") -> None:
    """Refuse a length that no way between two places has.

    Stations and airports may lie nearer to each other than the places do, roads may not.

    Raises
    ------
    EditError
        If a road is shorter than the great circle, or the way is longer than `longest_way_km`.
    """
    rows = places.row(a), places.row(b)
    line = float(great_circle_km(*(f(r) for r in rows for f in (places.lat.item, places.lon.item))))
    if mode == "road" and km < line:
        raise EditError(f"{km:g} km is less than the {math.ceil(line)} km of the great circle {a}–{b}")
    if not km <= longest_way_km(line):
        most = math.floor(longest_way_km(line))
        raise EditError(f"{km:,.6g} km is more than a way {a}–{b} may have: up to {most:,} km, in km")


def clock(second: int) -> str:
    """Return a second of the day as "HH:MM"."""
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def place_name(places: Places, place: str) -> str:
    """Return what to call a place: its English name, or its id."""
    return str(places.name_en[places.row(place)]) or place


def match_place(text: str, ids: Collection[str], names: Mapping[str, Collection[str]]) -> str:
    """Return the id that a text stands for: an id, or a name.

    Parameters
    ----------
    text
        What a scenario says.
    ids
        All ids.
    names
        Ids by name.

    Raises
    ------
    UnknownNameError
        If it is neither.
    EditError
        If several places have this name.
    """
    if text in ids:
        return text
    matches = sorted(set(names.get(text, ())))
    if len(matches) > 1:
        raise EditError(f"{text!r} may be any of {', '.join(matches)}")
    if not matches:
        # thousands of ids of villages and townships would hide the name that was meant
        raise UnknownNameError("place", text, sorted(ids) if text[:1].isdigit() else [*names, *ids])
    return matches[0]


def find_place(places: Places, text: str) -> str:
    """Return the id of the place meant: an id, or the name of a county seat or gateway.

    Raises
    ------
    UnknownNameError, EditError
        If there is no such place, or several county seats or gateways have this name.
    """
    names: dict[str, list[str]] = {}
    for row in np.flatnonzero(np.isin(places.kind, ["county", "gateway"])).tolist():
        for name in (str(places.name_en[row]), str(places.name_zh[row])):
            names.setdefault(name, []).append(str(places.id[row]))
    return match_place(text, set(places.id.tolist()), names)


def find_route(network: Network, text: str) -> MailRoute:
    """Return the route meant, by id or name.

    Raises
    ------
    UnknownNameError
        If there is no such route.
    EditError
        If several routes have this name.
    """
    matches = [route for route in network.routes if text in (route.id, route.name)]
    if len(matches) > 1:
        raise EditError(f"{text!r} may be any of {', '.join(route.id for route in matches)}")
    if not matches:
        ids = [route.id for route in network.routes]
        # ids differ by a digit, so the closest id says little about which was meant
        near_id = difflib.get_close_matches(text, ids, n=1, cutoff=0.9)
        raise UnknownNameError("route", text, near_id or [*(route.name for route in network.routes), *ids])
    return matches[0]


def known_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return a name that is known, or raise `UnknownNameError`."""
    names = list(dict.fromkeys(str(k) for k in known))
    if name not in names:
        raise UnknownNameError(what, name, names)
    return name


def last_number(ids: Iterable[str], prefix: str) -> int:
    """Return the highest number of ids such as "C-0012" of a prefix; 0 if there is none."""
    ends = (name.removeprefix(f"{prefix}-") for name in ids if name.startswith(f"{prefix}-"))
    return max((int(end) for end in ends if end.isdigit()), default=0)


def take_spares(
    places: Places, vehicles: Sequence[Vehicle], vehicle: str, number: int, base: str, duty: str
) -> list[Vehicle]:
    """Move up to `number` spare vehicles of a class to a base and duty, the nearest first."""
    spare = [i for i, v in enumerate(vehicles) if v.duty == "spare" and v.vehicle == vehicle]
    home = places.row(base)
    rows = np.array([places.row(vehicles[i].base) for i in spare], dtype=np.int64)
    away = great_circle_km(places.lat[home], places.lon[home], places.lat[rows], places.lon[rows])
    chosen = sorted(zip(away.tolist(), (vehicles[i].id for i in spare), spare, strict=True))[: max(number, 0)]
    moved = list(vehicles)
    for _, _, i in chosen:
        moved[i] = replace(moved[i], base=base, duty=duty)
    return moved
