"""Where roads can be closed: the links under each leg, their seasons, and announced closures (rule 15)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache

from network.geography.roads import road_graph, shortest
from network.geography.roadworks import with_new
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region
from network.model.network import Network
from network.model.records import MailRoute
from network.model.roads import Link, NewRoad, YearlyClosure

__all__ = ["SEASONS", "SEASON_YEARS", "closed_by_announcement", "mean_rest_s", "road_legs"]

#: Cause -> months and terrains in which it closes roads (tibet3 2016; tibettravel 2019).
SEASONS: Mapping[str, tuple[frozenset[int], frozenset[str]]] = {
    "snow": (frozenset({11, 12, 1, 2, 3, 4}), frozenset({"plateau", "gorge", "central"})),
    "slide": (frozenset({6, 7, 8, 9}), frozenset({"gorge"})),
}
#: Years, counted from the network's, in which a season of every year closes roads.
SEASON_YEARS = range(-2, 31)
_ELSEWHERE = "plateau"  # terrain of a link that no table knows
_DAY = dt.timedelta(days=1)


def road_legs(network: Network) -> dict[str, tuple[tuple[Link, ...], ...]]:
    """Return the links under each outward leg of each road route, in order of travel, by route id.

    Links of the road table have its length.  Those that it does not know, from
    a seat to a township, share what is left of their leg and have the terrain
    of the prefecture.  ``Roads.links`` come in place of those of the same ids.
    """
    routes = [route for route in network.routes if route.mode == "road"]
    if not any(ids for route in routes for ids in route.leg_links):
        return {route.id: ((),) * len(route.leg_km) for route in routes}
    links = dict(_table_links(network.region, network.year, network.roads.built))
    prefecture = dict(zip(network.places.id.tolist(), network.places.prefecture.tolist(), strict=True))
    terrain = {row["prefecture"]: str(row["terrain"]) for row in network.assumptions.table("terrain")}
    for route in routes:
        for km, ids in zip(route.leg_km, route.leg_links, strict=True):
            new = [name for name in ids if name not in links]
            left = 1000 * km - sum(links[name].metres for name in ids if name in links)
            for name in new:
                where = terrain.get(prefecture.get(name.rpartition("-")[2], ""), _ELSEWHERE)
                links[name] = Link(name, max(1, round(left / len(new))), None, where)
    links |= {link.id: link for link in network.roads.links}
    return {route.id: _legs(route, links) for route in routes}


def _legs(route: MailRoute, links: Mapping[str, Link]) -> tuple[tuple[Link, ...], ...]:
    return tuple(tuple(links[name] for name in ids) for ids in route.leg_links)


@lru_cache(maxsize=8)
def _table_links(region: Region, year: int, new: tuple[NewRoad, ...]) -> Mapping[str, Link]:
    """Return the links of a region's road table, and those that a scenario built, by id."""
    graph = with_new(road_graph(region, year), new)
    links = {}
    for a, b, data in graph.edges(data=True):
        way = shortest(graph, a, b, closed=data["id"])
        detour = None if way is None else way.km
        links[data["id"]] = Link(data["id"], round(1000 * data["length_km"]), detour, data["terrain"])
    return links


def closed_by_announcement(network: Network) -> dict[str, list[tuple[dt.date, dt.date]]]:
    """Return the announced closures of each link: first and last closed day, in order, none touching.

    A season of every year is told for the years about the network's own, `SEASON_YEARS`.
    """
    days: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for closure in network.roads.closures:
        if isinstance(closure, YearlyClosure):
            years = (network.year + more for more in SEASON_YEARS)
            dates = [_season(year, closure.first_day, closure.last_day) for year in years]
        else:
            dates = [(closure.first, closure.last)]
        for link in closure.links:
            days.setdefault(link, []).extend(dates)
    return {link: _merged(ranges) for link, ranges in days.items()}


def _season(year: int, first: str, last: str) -> tuple[dt.date, dt.date]:
    """Return the season that begins in a year, from one "MM-DD" to another, both included."""
    return _day(year, first), _day(year + (last < first), last)


def _day(year: int, day: str) -> dt.date:
    if day == "02-29" and not calendar.isleap(year):
        day = "02-28"
    return dt.date.fromisoformat(f"{year}-{day}")


def _merged(closures: Sequence[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    out: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted(closures):
        if out and first <= out[-1][1] + _DAY:
            out[-1] = out[-1][0], max(out[-1][1], last)
        else:
            out.append((first, last))
    return out


def mean_rest_s(assumptions: Assumptions) -> int:
    """Return how long a closed road stays closed, in the mean over the moments at which it is met, s.

    E[L²] / 2E[L] for a length L uniform between ``closure_min_h`` and ``closure_max_h``.

    Examples
    --------
    >>> from network.inputs.tables import load_region
    >>> usual = load_region("xizang").assumptions
    >>> mean_rest_s(usual.replace({"closure_min_h": 24, "closure_max_h": 24})) // 3600
    12
    """
    least, most = assumptions["closure_min_h"], assumptions["closure_max_h"]
    return round(3600 * (least**2 + least * most + most**2) / (3 * (least + most)))
