"""The pool of plausible road mail routes, by named kinds, that a fit chooses from.

Each kind is enumerated from the road table with its own limits, so that a
chain that no postal driver would run never reaches the solver.  Hours are
driving time plus the stop at each halt on the way, without rests and nights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from network.geography.roads import RoadPath, shortest_from, simple_paths
from network.geography.seats import Seats, seats
from network.geography.settlements import link_km
from network.model.records import Places

if TYPE_CHECKING:
    from network.inputs.assumptions import Assumptions
    from network.inputs.tables import County, Region

__all__ = ["KINDS", "Candidate", "Pool", "build_pool", "township_people"]

KINDS = ("trunk", "feeder", "chain", "inter-prefecture", "cross-border", "branch")
_SPEED = {"trunk": "trunk_speed_kmh", "cross-border": "trunk_speed_kmh"}  # the others: county_speed_kmh
_TRUNKS_WITHIN_LIMIT = 3  # the shortest and its near copies
_OTHER_ROAD_PENALTY = 3.0  # makes the shortest road's links dear, so that another road shows if there is one


@dataclass(frozen=True)
class Candidate:
    """A road mail route that could be chosen.

    Attributes
    ----------
    kind
        One of `KINDS`.
    stops
        Place ids; the first is where its vehicles are based.
    leg_km, leg_links
        For each leg its length in km and the road links under it.
    hours
        Hours from the start to each stop, 0 for the first.  For a trunk that
        starts by relay at another prefecture's seat, from the region.
    note
        What sets it apart from another with the same stops ("by way of Nagqu").
    relay
        Whether it is a trunk that starts at another prefecture's seat.
    """

    kind: str
    stops: tuple[str, ...]
    leg_km: tuple[float, ...]
    leg_links: tuple[tuple[str, ...], ...]
    hours: tuple[float, ...]
    note: str = ""
    relay: bool = False

    @property
    def key(self) -> str:
        """Stable name."""
        return f"{self.kind}:{'>'.join(self.stops)}:{self.note}"

    @property
    def km(self) -> float:
        """One-way length, km."""
        return float(sum(self.leg_km))

    @property
    def end(self) -> str:
        """The last stop."""
        return self.stops[-1]


@dataclass(frozen=True)
class Pool:
    """The candidates of a region in a year, and who lives where they lead.

    Attributes
    ----------
    seats
        Seats of the prefectures and of the region.
    counties
        By code.
    candidates
        In order of kind, then stops.
    people
        By county code and township id.
    names
        What to call a stop; the seat of a prefecture by the prefecture's name.
    no_road
        Counties that no road reached in that year: they are exempt, and said so.
    main_gateways
        Gateways that have a railway as well as a road.
    """

    seats: Seats
    counties: Mapping[str, County]
    candidates: tuple[Candidate, ...]
    people: Mapping[str, float]
    names: Mapping[str, str]
    no_road: tuple[str, ...]
    main_gateways: tuple[str, ...]

    @cached_property
    def km(self) -> np.ndarray:
        """Length of every candidate, km."""
        return np.array([candidate.km for candidate in self.candidates])

    def of_kind(self, *kinds: str) -> list[int]:
        """Return the rows of the candidates of these kinds."""
        return [row for row, candidate in enumerate(self.candidates) if candidate.kind in kinds]

    def fed_counties(self) -> list[str]:
        """Return the counties that need a feeder: all but the seats and those without a road."""
        seat_codes = set(self.seats.prefecture.values())
        return [code for code in self.counties if code not in seat_codes and code not in self.no_road]

    def prefecture_people(self, prefecture: str) -> float:
        """Return the people of a prefecture."""
        return sum(self.people[c] for c, county in self.counties.items() if county.prefecture == prefecture)


class _Builder:
    """Shortest ways, and candidates cut from them."""

    def __init__(self, region: Region, graph: nx.Graph, places: Places, a: Assumptions) -> None:
        self.region, self.graph, self.places, self.a = region, graph, places, a
        self.counties = {county.code: county for county in region.counties}
        self.seats = seats(region, a)
        self.people = {**township_people(places), **_county_people(places, self.counties)}
        # On its way to a seat inside no mail route leaves the region.
        self.inside: nx.Graph = nx.Graph(graph.subgraph(self.counties))
        self.ways = {code: shortest_from(self.inside, code) for code in self.counties}

    def candidate(
        self, kind: str, ways: list[RoadPath], note: str = "", before_h: float = 0.0, relay: bool = False
    ) -> Candidate:
        """Make a candidate that halts at the ends of the ways."""
        speed = self.a[_SPEED.get(kind, "county_speed_kmh")]
        hours = [before_h]
        for n, way in enumerate(ways):
            hours.append(hours[-1] + way.km / speed + (self.a["stop_min"] / 60 if n else 0.0))
        stops = (ways[0].nodes[0], *(way.nodes[-1] for way in ways))
        legs = tuple(way.km for way in ways)
        return Candidate(kind, stops, legs, tuple(w.links for w in ways), tuple(hours), note, relay)

    def cut(self, way: RoadPath, halts: set[str]) -> list[RoadPath]:
        """Cut a way at the halts it passes."""
        last = len(way.nodes) - 1
        cuts = [n for n, node in enumerate(way.nodes) if node in halts or n in (0, last)]
        legs = []
        for i, j in pairwise(cuts):
            nodes = way.nodes[i : j + 1]
            km = sum(self.graph.edges[a, b]["length_km"] for a, b in pairwise(nodes))
            legs.append(RoadPath(nodes, way.links[i:j], float(km)))
        return legs

    def trunks(self) -> Iterator[Candidate]:
        """Region to prefecture: the shortest road, by way of another seat, by another road, by relay."""
        region, halts = self.seats.region, set(self.seats.prefecture.values())
        for seat in self.seats.prefecture.values():
            direct = self.ways[region].get(seat)
            if seat == region or direct is None:
                continue
            known: set[tuple[str, ...]] = set()
            for way, note in self._trunk_ways(direct):
                if way.nodes in known:
                    continue
                known.add(way.nodes)
                yield self.candidate("trunk", self.cut(way, halts), note)
            yield from self._relays(direct)

    def _trunk_ways(self, direct: RoadPath) -> Iterator[tuple[RoadPath, str]]:
        region, seat = direct.nodes[0], direct.nodes[-1]
        longest = direct.km * self.a["trunk_alternative_detour"]
        yield direct, ""
        for prefecture, via in self.seats.prefecture.items():
            if via not in (region, seat) and via in self.ways[region]:
                first, second = self.ways[region][via], self.ways[via][seat]
                nodes, links = first.nodes + second.nodes[1:], first.links + second.links
                if len(set(nodes)) == len(nodes) and first.km + second.km <= longest:
                    yield RoadPath(nodes, links, first.km + second.km), f"by way of {prefecture}"
        dear = self.inside.copy()
        for a, b in pairwise(direct.nodes):
            dear.edges[a, b]["length_km"] *= _OTHER_ROAD_PENALTY
        nodes = shortest_from(dear, region)[seat].nodes
        edges = [self.inside.edges[a, b] for a, b in pairwise(nodes)]
        other = RoadPath(nodes, tuple(e["id"] for e in edges), float(sum(e["length_km"] for e in edges)))
        shared = sum(e["length_km"] for e in edges if e["id"] in direct.links)
        if shared < other.km / 2 and other.km <= longest:
            yield other, "by the other road"
        copies = simple_paths(self.inside, region, seat, direct.km * self.a["trunk_detour"])
        for n, way in zip(range(_TRUNKS_WITHIN_LIMIT), copies, strict=False):
            yield way, f"variant {n}"

    def _relays(self, direct: RoadPath) -> Iterator[Candidate]:
        region, seat = direct.nodes[0], direct.nodes[-1]
        halts = set(self.seats.prefecture.values())
        for prefecture, via in self.seats.prefecture.items():
            if via in (region, seat) or via not in self.ways[region]:
                continue
            first, way = self.ways[region][via], self.ways[via][seat]
            apart = not halts & set(way.nodes[1:-1])
            if apart and first.km + way.km <= direct.km * self.a["trunk_alternative_detour"]:
                before = first.km / self.a["trunk_speed_kmh"] + self.a["relay_wait_h"]
                yield self.candidate("trunk", [way], f"by relay at {prefecture}", before, relay=True)

    def feeders(self) -> Iterator[Candidate]:
        """Prefecture seat to each of its counties by the shortest road."""
        for code, county in self.counties.items():
            seat = self.seats.prefecture[county.prefecture]
            if code != seat and code in self.ways[seat]:
                yield self.candidate("feeder", [self.ways[seat][code]])

    def chains(self) -> Iterator[Candidate]:
        """Prefecture seat, then several of its counties, none much further than by its own road."""
        for prefecture, seat in self.seats.prefecture.items():
            own = {c for c, county in self.counties.items() if county.prefecture == prefecture}
            yield from self._grow(seat, sorted(own & set(self.ways[seat])), [], {seat}, 0.0)

    def _grow(
        self, at: str, members: list[str], ways: list[RoadPath], passed: set[str], km: float
    ) -> Iterator[Candidate]:
        if len(ways) > 1:
            yield self.candidate("chain", ways)
        if len(ways) == round(self.a["max_chain_counties"]):
            return
        seat = ways[0].nodes[0] if ways else at
        for code in members:
            way = self.ways[at][code]
            inner = set(way.nodes[1:])
            if code in passed or inner & passed:
                continue
            if km + way.km > self.a["chain_detour"] * self.ways[seat][code].km:
                continue
            yield from self._grow(code, members, [*ways, way], passed | inner, km + way.km)

    def laterals(self) -> Iterator[Candidate]:
        """Seat to seat of two prefectures, and linked county seats on two sides of a prefecture border."""
        halts = set(self.seats.prefecture.values())
        for a, b in combinations(self.seats.prefecture.values(), 2):
            way = self.ways[a].get(b)
            if self.seats.region in (a, b) or way is None or way.km > self.a["max_lateral_km"]:
                continue
            if not halts & set(way.nodes[1:-1]):
                yield self.candidate("inter-prefecture", [way])
        for a, b in self.inside.edges:
            # The bigger county bases the vehicle.
            base, end = sorted((a, b), key=lambda code: (-self.people[code], code))
            way = self.ways[base][end]
            apart = self.counties[a].prefecture != self.counties[b].prefecture
            if apart and not {a, b} <= halts and len(way.nodes) == 2 and way.km >= self.a["min_branch_km"]:
                yield self.candidate("inter-prefecture", [way])

    def cross_border(self) -> Iterator[Candidate]:
        """A prefecture or region seat to the first gateway on the road, with a halt at the last county."""
        halts = set(self.seats.prefecture.values())
        for gateway in sorted(set(self.graph) - set(self.inside)):
            near: nx.Graph = nx.Graph(self.graph.subgraph([*self.inside, gateway]))
            for seat in self.seats.prefecture.values():
                way = shortest_from(near, seat).get(gateway)
                if way is not None and way.km <= self.a["max_cross_border_km"]:
                    yield self.candidate("cross-border", self.cut(way, {*halts, way.nodes[-2]}))

    def branches(self) -> Iterator[Candidate]:
        """County seat to township, over a synthetic link."""
        p = self.places
        rows = np.flatnonzero((p.kind == "township") & np.isin(p.county, [*self._on_road()]))
        homes = np.array([p.row(str(code)) for code in p.county[rows]], dtype=np.int64)
        km = link_km(p, homes, rows, self.a)
        ok = (km >= self.a["min_branch_km"]) & (km <= self.a["max_branch_km"])
        by_county: dict[str, list[tuple[str, float]]] = {}
        for row, length in zip(rows[ok], km[ok], strict=True):
            by_county.setdefault(str(p.county[row]), []).append((str(p.id[row]), float(length)))
        most = round(self.a["branch_candidates"])
        for code, townships in sorted(by_county.items()):
            largest = sorted(townships, key=lambda item: (-self.people.get(item[0], 0.0), item[0]))[:most]
            nearest = sorted(townships, key=lambda item: (item[1], item[0]))[:2]
            for township, length in sorted({*largest, *nearest}):
                way = RoadPath((code, township), (f"{code}-{township}",), length)
                yield self.candidate("branch", [way])

    def _on_road(self) -> list[str]:
        return [code for code in self.counties if code in self.ways[self.seats.region]]


def township_people(places: Places) -> dict[str, float]:
    """Return the people of each township, by township id."""
    names, where = np.unique(places.township, return_inverse=True)
    total = np.bincount(where, weights=places.population)
    return {str(name): float(n) for name, n in zip(names, total, strict=True) if name}


def _county_people(places: Places, counties: Mapping[str, County]) -> dict[str, float]:
    return {code: float(places.population[places.county == code].sum()) for code in counties}


def build_pool(region: Region, graph: nx.Graph, places: Places, assumptions: Assumptions) -> Pool:
    """Enumerate the plausible road mail routes.

    Parameters
    ----------
    region, graph
        Tables of the region, and its roads in one year (`network.geography.roads.road_graph`).
    places
        Where townships are, and where people live.
    assumptions
        Speeds, limits of each kind, circuity.

    Returns
    -------
    Pool
    """
    builder = _Builder(region, graph, places, assumptions)
    candidates = [
        *builder.trunks(),
        *builder.feeders(),
        *builder.chains(),
        *builder.laterals(),
        *builder.cross_border(),
        *builder.branches(),
    ]
    candidates.sort(key=lambda c: (KINDS.index(c.kind), c.stops, c.note))
    on_road = builder.ways[builder.seats.region]
    names = {str(i): str(n) for i, n in zip(places.id, places.name_en, strict=True)}
    names |= {seat: prefecture for prefecture, seat in builder.seats.prefecture.items()}
    return Pool(
        seats=builder.seats,
        counties=builder.counties,
        candidates=tuple(candidates),
        people=builder.people,
        names=names,
        no_road=tuple(code for code in builder.counties if code not in on_road),
        main_gateways=tuple(sorted(g.id for g in region.gateways if {"road", "rail"} <= set(g.modes))),
    )
