"""How long a leg is that a scenario adds: by road, by rail or by air.

The same tables and rules as for the fitted routes: road links and synthetic
township links, the rail line's timetable distance, the great circle between
airports.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from network.errors import InputErrors, YizhanError
from network.geography.roads import great_circle_km, road_graph, shortest
from network.geography.settlements import link_km
from network.inputs.assumptions import Assumptions
from network.linehaul.rail import rail_line, rail_lines
from network.model.records import Places

if TYPE_CHECKING:
    from network.inputs.tables import Airport, Region

__all__ = ["Leg", "NoWayError", "find_leg"]

AIRPORT_WITHIN_KM = 130.0  # Qamdo's airport lies about 110 km from its seat


class NoWayError(YizhanError, ValueError):
    """No road, line or airport joins two stops."""


@dataclass(frozen=True)
class Leg:
    """One leg of a route: its km and the road links under it."""

    km: float
    links: tuple[str, ...] = ()


def find_leg(
    region: Region,
    places: Places,
    assumptions: Assumptions,
    year: int,
    mode: str,
    a: str,
    b: str,
    roads: nx.Graph | None = None,
) -> Leg:
    """Return the leg between two stops.

    Parameters
    ----------
    region
        Tables of roads, stations, airports and gateways.
    places, assumptions
        Where townships are, and how winding the roads to them.
    year
        Roads, lines and airports opened later are left out.
    mode
        "road", "rail" or "air".
    a, b
        Place ids.
    roads
        The road graph; that of the region's tables in the year by default.

    Raises
    ------
    UnknownNameError
        If a place is unknown.
    NoWayError
        If nothing of that mode joins the two.
    """
    rows = places.row(a), places.row(b)
    if mode == "road":
        return _road(road_graph(region, year) if roads is None else roads, places, assumptions, year, rows)
    if mode == "rail":
        return Leg(_rail_km(region, places, assumptions, year, rows))
    return Leg(_air_km(region, places, year, rows))


def _road(roads: nx.Graph, places: Places, assumptions: Assumptions, year: int, rows: tuple[int, int]) -> Leg:
    """By way of the county seats; between a seat and its township over their synthetic link."""
    ends = [_seat(places, row) for row in rows]
    path = shortest(roads, *ends)
    if path is None:
        raise NoWayError(f"no road of {year} leads from {_name(places, rows[0])} to {_name(places, rows[1])}")
    km, links = path.km, [path.links]
    for row, seat, first in zip(rows, ends, (True, False), strict=True):
        if str(places.id[row]) != seat:
            km += float(link_km(places, places.row(seat), row, assumptions))
            links.insert(0 if first else len(links), (f"{seat}-{places.id[row]}",))
    return Leg(km, sum(links, ()))


def _seat(places: Places, row: int) -> str:
    kind = str(places.kind[row])
    if kind in ("county", "gateway"):
        return str(places.id[row])
    if kind == "township":
        return str(places.county[row])
    raise NoWayError(
        f"{_name(places, row)} is a {kind.replace('_', ' ')}: mail routes stop at seats, "
        "townships and gateways"
    )


def _rail_km(
    region: Region, places: Places, assumptions: Assumptions, year: int, rows: tuple[int, int]
) -> float:
    """Along the line that has stations named after both."""
    stops = tuple(str(places.id[row]) for row in rows)
    for line in rail_lines(region, year):
        with suppress(InputErrors):
            return rail_line(region, assumptions, line, stops).km
    a, b = (_name(places, row) for row in rows)
    raise NoWayError(f"no railway of {year} has stations named after both {a} and {b}")


def _air_km(region: Region, places: Places, year: int, rows: tuple[int, int]) -> float:
    a, b = (_airport(region, places, year, row) for row in rows)
    if a.iata == b.iata:
        raise NoWayError(f"{_name(places, rows[0])} and {_name(places, rows[1])} share one airport")
    return float(great_circle_km(a.lat, a.lon, b.lat, b.lon))


def _airport(region: Region, places: Places, year: int, row: int) -> Airport:
    role = "gateway" if str(places.kind[row]) == "gateway" else "xizang"
    opened = [a for a in region.airports if a.role == role and (not a.opened or a.opened <= year)]
    away = great_circle_km(
        places.lat[row],
        places.lon[row],
        np.array([airport.lat for airport in opened]),
        np.array([airport.lon for airport in opened]),
    )
    if away.min() > AIRPORT_WITHIN_KM:
        raise NoWayError(f"no airport of {year} within {AIRPORT_WITHIN_KM:g} km of {_name(places, row)}")
    return opened[int(away.argmin())]


def _name(places: Places, row: int) -> str:
    return f"{places.name_en[row]} ({places.id[row]})"
