"""Who sends what to whom: yearly totals, shares and gravity, before any chance.

`sim.demand.items` draws items from these rates; `network.capacity.sizing` and
`network.lastmile.rounds` plan capacity for their means.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import networkx as nx
import numpy as np

from network.geography.roads import length_km, road_graph
from network.inputs.assumptions import Assumptions
from network.inputs.figures import Report
from network.model.demand import DemandPeak, DemandSettings
from network.model.network import Network
from network.model.records import Places

__all__ = [
    "DAYS",
    "ItemClass",
    "Rates",
    "daily_delivery",
    "demand_of",
    "make_rates",
    "offered",
    "yearly_express",
]

DAYS = 365


@dataclass(frozen=True)
class ItemClass:
    """One class of mail and its yearly totals."""

    code: str
    name: str
    priority: int  # 0 first
    flow: str  # report | head | office | place
    private_ok: bool
    originating: float  # items a year accepted in the region
    inbound: float  # items a year accepted outside for the region
    kg: float  # mean
    m3: float  # mean
    any_share: float  # share drawn into the mode group "any"
    tariff_yuan: float
    signed: bool = True  # delivered against signature: an attempt can fail


@dataclass(frozen=True, eq=False)
class Rates:
    """Demand rates of a region and year.

    ``n`` places, ``c`` counties, ``k`` outside classes.
    """

    classes: tuple[ItemClass, ...]
    counties: tuple[str, ...]
    county: np.ndarray  # (n,) int16: row of `counties`, -1 outside
    weight: np.ndarray  # (n,) float: share of the region's express items, sums to 1
    people: np.ndarray  # (n,) float: share of the region's people, sums to 1
    office: np.ndarray  # (n,) float: share of confidential mail (government seats), sums to 1
    press: int  # place row where newspapers are handed in
    readers: np.ndarray  # place rows that get a bundle each publication day
    near: (
        np.ndarray
    )  # (c, c) float: destination county of an item that stays in its prefecture; rows sum to 1
    far: np.ndarray  # (c, c) float: destination county of an item for another prefecture
    stay_share: float  # of originating items: same prefecture
    region_share: float  # of originating items: another prefecture
    outside: tuple[str, ...]
    inbound_share: np.ndarray  # (k,) float
    outbound_share: np.ndarray  # (k,) float
    peaks: tuple[DemandPeak, ...] = ()  # on some dates, on top of the classes' yearly items

    def peaks_on(self, date: dt.date) -> tuple[DemandPeak, ...]:
        """Return the peaks that hold on a date."""
        return tuple(peak for peak in self.peaks if peak.first <= date <= peak.last)

    def spread(self, kind: ItemClass) -> np.ndarray:
        """Return the share of each place in what a class sends and receives; (n,), sums to 1."""
        if kind.flow == "office":
            return self.office
        return self.weight if kind.flow == "report" else self.people


def _classes(places: Places, report: Report, assumptions: Assumptions, readers: int) -> tuple[ItemClass, ...]:
    people = float(places.population.sum())
    classes = []
    for row in assumptions.table("classes"):
        flow, yearly = row["flow"], float(row["yearly"])
        kg, per_m3, any_share, ratio = (
            row["mean_kg"],
            row["items_per_m3"],
            row["any_share"],
            row["inbound_ratio"],
        )
        if flow == "report":
            total = float(report["express_items"].value)
            kg, per_m3 = assumptions["item_kg"], assumptions["items_per_m3"]
            any_share, ratio = assumptions["air_share"], assumptions["inbound_ratio"]
        elif flow == "head":
            total = yearly * people
        elif flow == "place":
            total = yearly * readers
        else:
            total = yearly
        classes.append(
            ItemClass(
                code=row["code"],
                name=row["name"],
                priority=int(row["priority"]),
                flow=flow,
                private_ok=bool(row["private_ok"]),
                originating=total,
                inbound=ratio * total,
                kg=float(kg),
                m3=1.0 / float(per_m3),
                any_share=float(any_share),
                tariff_yuan=float(row["tariff_yuan"]),
                signed=bool(row["signed"]),
            )
        )
    return tuple(classes)


def county_km(places: Places, roads: nx.Graph, counties: tuple[str, ...]) -> np.ndarray:
    """Return road km between county seats, (c, c); seats without a road get the farthest distance."""

    row = {code: i for i, code in enumerate(counties)}
    km = np.full((len(counties), len(counties)), np.nan)
    for a, reached in nx.all_pairs_dijkstra_path_length(roads, weight=length_km):
        if a in row:
            for b, distance in reached.items():
                if b in row:
                    km[row[a], row[b]] = distance
    np.fill_diagonal(km, 0.0)
    return np.where(np.isnan(km), np.nanmax(km), km)


def make_rates(places: Places, report: Report, assumptions: Assumptions, roads: nx.Graph) -> Rates:
    """Return the demand rates: gravity by people and road distance (rules 4, 8-10).

    The gravity of county j for items of county i is
    ``w_j / (km_ij + gravity_offset_km) ** gravity_exponent``.
    """
    counties = tuple(str(code) for code in places.id[places.kind == "county"])
    row_of = {code: i for i, code in enumerate(counties)}
    county = np.array([row_of.get(str(code), -1) for code in places.county], dtype=np.int16)
    weight = places.population * np.where(places.urban, assumptions["urban_rural_ratio"], 1.0)
    weight = weight / weight.sum()
    share = np.bincount(county[county >= 0], weights=weight[county >= 0], minlength=len(counties))
    km = county_km(places, roads, counties)
    pull = share / (km + assumptions["gravity_offset_km"]) ** assumptions["gravity_exponent"]
    prefecture = np.array([str(places.prefecture[places.row(code)]) for code in counties])
    same = prefecture[:, None] == prefecture[None, :]
    near, far = np.where(same, pull, 0.0), np.where(same, 0.0, pull)

    office = np.zeros(len(places))
    for code in counties:
        office[_seat_township(places, code)] = 1.0
    readers = np.flatnonzero(np.isin(places.kind, ["township", "village", "committee", "monastery"]))
    outside = assumptions.table("outside")
    inbound = np.array([row["inbound_share"] for row in outside], dtype=float)
    outbound = np.array([row["outbound_share"] for row in outside], dtype=float)
    capital = next(str(row["county"]) for row in assumptions.table("seats") if row.get("capital"))
    stay = assumptions["intra_city_share"]
    return Rates(
        classes=_classes(places, report, assumptions, len(readers)),
        counties=counties,
        county=county,
        weight=weight,
        people=places.population / places.population.sum(),
        office=office / office.sum(),
        press=_seat_township(places, capital),
        readers=readers,
        near=near / near.sum(axis=1, keepdims=True),
        far=far / far.sum(axis=1, keepdims=True),
        stay_share=stay,
        region_share=(1 - stay) * assumptions["intra_region_share"],
        outside=tuple(row["code"] for row in outside),
        inbound_share=inbound / inbound.sum(),
        outbound_share=outbound / outbound.sum(),
    )


def demand_of(network: Network) -> Rates:
    """Return the demand of a network: the report's, with the factors, growth and peaks of its scenario.

    The one place where these meet: planner, scheduled times, sizing and simulation all ask here.  Roads that
    a scenario builds do not count: who writes to whom stays as it was before them (rule 19).
    """
    roads = road_graph(network.region, network.year)
    return offered(make_rates(network.places, network.report, network.assumptions, roads), network.demand)


def offered(rates: Rates, settings: DemandSettings) -> Rates:
    """Return the rates of a report's year with what a scenario does to them."""
    classes = []
    for kind in rates.classes:
        own, inward = settings.factors(kind.code)
        classes.append(replace(kind, originating=kind.originating * own, inbound=kind.inbound * inward))
    return replace(rates, classes=tuple(classes), peaks=settings.peaks)


def _seat_township(places: Places, county: str) -> int:
    """Return the row of the township that the county seat lies in (the nearest one of its county)."""
    seat = places.row(county)
    townships = np.flatnonzero((places.kind == "township") & (places.county == county))
    dx = (places.lon[townships] - places.lon[seat]) * np.cos(np.radians(places.lat[seat]))
    return int(townships[np.argmin(dx**2 + (places.lat[townships] - places.lat[seat]) ** 2)])


def received(rates: Rates, kind: ItemClass) -> np.ndarray:
    """Return items a year of one class that each place receives; (n,)."""
    spread = rates.spread(kind)
    if kind.flow == "place":
        got = np.zeros(len(spread))
        got[rates.readers] = kind.originating / len(rates.readers)
        return got
    by_county = np.bincount(
        rates.county[rates.county >= 0], weights=spread[rates.county >= 0], minlength=len(rates.counties)
    )
    kept = kind.originating * (
        rates.stay_share * (by_county @ rates.near) + rates.region_share * (by_county @ rates.far)
    )
    inside = np.divide(
        spread, by_county[rates.county], out=np.zeros_like(spread), where=by_county[rates.county] > 0
    )
    return kept[rates.county] * inside + kind.inbound * spread


def daily_delivery(rates: Rates) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (items, kg, m3) to be delivered at each place on a mean day; each (n,)."""
    items = np.zeros(len(rates.weight))
    kg, m3 = items.copy(), items.copy()
    for kind in rates.classes:
        daily = received(rates, kind) / DAYS
        items += daily
        kg += daily * kind.kg
        m3 += daily * kind.m3
    return items, kg, m3


def yearly_express(rates: Rates) -> int:
    """Return the originating express items that a simulated year would hold."""
    return round(sum(kind.originating for kind in rates.classes if kind.flow == "report"))
