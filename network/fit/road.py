"""Fit road mail routes to a published number and length (rules 1 and 2).

The objective, in person-hours: people times hours to the region along the
chosen feeder and trunk, less what branches spare the people they reach and
what ways across the tree save, plus a small cost for each km off the middle
of the printed precision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from network.fit.describe import road_name, road_reason
from network.fit.family import choose
from network.fit.pool import KINDS, Candidate, Pool, build_pool
from network.fit.programme import COUNT, LENGTH, RouteProgramme
from network.fit.refusal import Totals
from network.model.records import MailRoute, Places

if TYPE_CHECKING:
    from network.inputs.assumptions import Assumptions
    from network.inputs.tables import Region

__all__ = ["RoadTotals", "fit_road", "road_programme"]

_INSIDE_KM = 0.01  # the built length is a sum of floats: stay this far inside the window
_TIES = ("feeder", "chain")


@dataclass(frozen=True)
class RoadTotals(Totals):
    """Published number and one-way length of the motor mail routes (汽车邮路)."""


def fit_road(
    region: Region,
    graph: nx.Graph,
    places: Places,
    totals: Totals,
    assumptions: Assumptions,
    year: int,
    draw: int = 0,
    seed: int = 0,
) -> tuple[MailRoute, ...]:
    """Choose road mail routes with exactly the published number and length.

    Parameters
    ----------
    region, graph
        Tables of the region, and its roads in `year` (`network.geography.roads.road_graph`).
    places
        Where townships are, and where people live.
    totals
        What the routes must add up to.
    assumptions
        Speeds, limits and weights.
    year
        Of the roads; must be the graph's.
    draw
        0 for the best network, k for the k-th of the family.
    seed
        Of the family.

    Returns
    -------
    tuple of MailRoute
        ``road-001``… in order of kind, then name; without vehicles and services.

    Raises
    ------
    FitError
        If no network fits: says the reachable range and the rule in the way.
    ValueError
        If the graph is of another year.
    """
    if graph.graph.get("year", year) != year:
        raise ValueError(f"the road graph is of {graph.graph['year']}, the fit of {year}")
    pool = build_pool(region, graph, places, assumptions)
    programme = road_programme(pool, totals, assumptions)
    x = choose(programme, "road", totals, draw, seed, apart_without=pool.of_kind("branch"))
    return _routes(pool, [pool.candidates[row] for row in programme.chosen(x)])


def road_programme(pool: Pool, totals: Totals, assumptions: Assumptions) -> RouteProgramme:
    """Return the programme over a pool: costs, totals and the rules of a plausible network."""
    programme = RouteProgramme([c.key for c in pool.candidates], pool.km, _costs(pool, assumptions))
    every = range(programme.routes)
    programme.add(COUNT, every, totals.routes, totals.routes)
    window = max(totals.precision_km - _INSIDE_KM, 0.0)
    over, under = (programme.column(assumptions["km_deviation_cost"], window) for _ in range(2))
    factors = [*pool.km, -1.0, 1.0]
    programme.add(LENGTH, [*every, over, under], totals.km, totals.km, factors)
    _trunk_rules(programme, pool)
    _county_rules(programme, pool)
    _limits(programme, pool, assumptions)
    return programme


def _costs(pool: Pool, a: Assumptions) -> np.ndarray:
    cost = np.zeros(len(pool.candidates))
    for row, c in enumerate(pool.candidates):
        if c.kind == "trunk":
            cost[row] = pool.prefecture_people(pool.counties[c.end].prefecture) * c.hours[-1]
        elif c.kind in _TIES:
            cost[row] = pool.people[c.end] * c.hours[-1]
        elif c.kind == "branch":
            cost[row] = -pool.people[c.end] * a["branch_saves_h"]
        elif c.kind == "inter-prefecture":
            cost[row] = -a["lateral_mail_share"] * _lateral_hours(pool, c)
    return cost


def _lateral_hours(pool: Pool, c: Candidate) -> float:
    """Person-hours saved against the way up to the region and down again."""
    feeder = {f.end: f.hours[-1] for f in pool.candidates if f.kind == "feeder"}
    trunk: dict[str, float] = {pool.seats.region: 0.0}
    for t in pool.candidates:
        if t.kind == "trunk":
            trunk[t.end] = min(t.hours[-1], trunk.get(t.end, math.inf))
    around, people = 0.0, []
    ends = (c.stops[0], c.end)
    seat_codes = set(pool.seats.prefecture.values())
    for code in ends:
        prefecture = pool.counties[code].prefecture
        around += trunk[pool.seats.prefecture[prefecture]] + feeder.get(code, 0.0)
        whole = set(ends) <= seat_codes
        people.append(pool.prefecture_people(prefecture) if whole else pool.people[code])
    return min(people) * max(around - c.hours[-1], 0.0)


def _trunk_rules(programme: RouteProgramme, pool: Pool) -> None:
    trunks = pool.of_kind("trunk")
    for seat in pool.seats.prefecture.values():
        if seat != pool.seats.region and seat not in pool.no_road:
            rows = [row for row in trunks if pool.candidates[row].end == seat]
            programme.add("one trunk for every prefecture seat", rows, 1, 1)
    for row in trunks:
        if pool.candidates[row].relay:
            start = pool.candidates[row].stops[0]
            first = [t for t in trunks if pool.candidates[t].end == start and not pool.candidates[t].relay]
            programme.add("", [row, *first], -math.inf, 0, [1.0, *[-1.0] * len(first)])


def _county_rules(programme: RouteProgramme, pool: Pool) -> None:
    """Each county takes one feeder or chain; the last county of each takes it, so none is filler."""
    ending: dict[str, list[int]] = {code: [] for code in pool.fed_counties()}
    passing: dict[str, list[tuple[int, int]]] = {code: [] for code in ending}
    for row in pool.of_kind(*_TIES):
        c = pool.candidates[row]
        ending[c.end].append(row)
        for n, code in enumerate(c.stops[1:-1], 1):
            takes = programme.column(pool.people[code] * c.hours[n], whole=True)
            programme.add("", [takes, row], -math.inf, 0, [1.0, -1.0])
            passing[code].append((row, takes))
    for code, rows in ending.items():
        takes_all = [*rows, *(takes for _, takes in passing[code])]
        programme.add("one feeder or chain for every county seat", takes_all, 1, 1)
        for row, _ in passing[code]:
            programme.add("no feeder beside a chain that halts there", [row, *rows], -math.inf, 1)


def _limits(programme: RouteProgramme, pool: Pool, a: Assumptions) -> None:
    branches, share = pool.of_kind("branch"), a["max_branch_share"]
    _at_most(programme, f"branches at most {share:.0%} of the routes", branches, share)
    each = round(a["max_branches_per_county"])
    for code in pool.counties:
        rows = [row for row in branches if pool.candidates[row].stops[0] == code]
        if len(rows) > each:
            programme.add(f"at most {each} branches a county", rows, 0, each)
    share = a["max_lateral_share"]
    across = pool.of_kind("inter-prefecture")
    _at_most(programme, f"routes between prefectures at most {share:.0%} of the routes", across, share)
    fewest = round(a["min_cross_border_routes"])
    crossing = pool.of_kind("cross-border")
    rule = f"at least {fewest} cross-border routes, one of them to a gateway with a railway"
    if fewest:
        main = [row for row in crossing if pool.candidates[row].end in pool.main_gateways]
        programme.add(rule, crossing, fewest, math.inf)
        programme.add(rule, main, 1, math.inf)
    # Two ways from different seats to one gateway would share its only road.
    for gateway in sorted({pool.candidates[row].end for row in crossing}):
        rows = [row for row in crossing if pool.candidates[row].end == gateway]
        programme.add("one cross-border route to a gateway", rows, 0, 1)


def _at_most(programme: RouteProgramme, rule: str, rows: Sequence[int], share: float) -> None:
    """Limit some routes to a share of all, whatever their number."""
    factors = np.full(programme.routes, -share)
    factors[list(rows)] += 1.0
    programme.add(rule, range(programme.routes), -math.inf, 1e-6, factors)


def _routes(pool: Pool, chosen: Sequence[Candidate]) -> tuple[MailRoute, ...]:
    serves = _serves(pool, chosen)
    named = [(c, road_name(pool, c)) for c in chosen]
    named.sort(key=lambda item: (KINDS.index(item[0].kind), item[1], item[0].key))
    return tuple(
        MailRoute(
            id=f"road-{n:03d}",
            name=name,
            mode="road",
            kind=c.kind,
            stops=c.stops,
            leg_km=c.leg_km,
            leg_links=c.leg_links,
            serves=serves.get(c.key, ()),
            reason=road_reason(pool, c, serves.get(c.key, ())),
        )
        for n, (c, name) in enumerate(named, 1)
    )


def _serves(pool: Pool, chosen: Sequence[Candidate]) -> Mapping[str, tuple[str, ...]]:
    """Return by route the counties or the township whose chosen route it is."""
    out: dict[str, list[str]] = {c.key: [c.end] for c in chosen if c.kind in ("trunk", "branch")}
    ties = [c for c in chosen if c.kind in _TIES]
    for code in pool.fed_counties():
        halting = [c for c in ties if code in c.stops[1:]]
        if halting:
            # Of chains that halt there the quickest; the one that ends there is then the only one.
            best = min(halting, key=lambda c: (c.hours[c.stops.index(code)], len(c.stops), c.key))
            out.setdefault(best.key, []).append(code)
    order = {c.key: c.stops for c in chosen}
    return {key: tuple(sorted(codes, key=order[key].index)) for key, codes in out.items()}
