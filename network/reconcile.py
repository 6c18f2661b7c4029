"""Every published figure beside the built one.

Built values are computed from the graph and the tables of the network alone,
never from the report they are compared with: routes are counted by their keys
in the graph and measured along its legs, claims of reach are answered by
walking it.  Taking away one route, outlet, vehicle or station therefore shows
in its row.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import networkx as nx

from network.demand.rates import Rates, demand_of, yearly_express
from network.errors import YizhanError
from network.inputs.figures import Figure, Report
from network.model.demand import factors
from network.model.network import Network
from network.model.settings import Settings

__all__ = ["Context", "Row", "context", "not_modelled", "passed", "reconcile", "synthetic_share"]

#: Levels of operation centre that the report says have X-ray machines.
SCREENED_TIERS = ("region", "prefecture", "county")


@dataclass(frozen=True)
class Row:
    """One published figure and what was built.

    ``ok`` is True or False when the figure is judged, and None when a
    scenario changed what it counts.  `published`, `precision` and `built` are
    in `unit`; `precision` is half the printed step.
    """

    name: str
    label: str
    published: float
    precision: float
    built: float
    unit: str
    date: str
    ok: bool | None
    note: str = ""

    @property
    def difference(self) -> float:
        """Built less published, in `unit`."""
        return self.built - self.published

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON and CSV."""
        return asdict(self)


@dataclass(frozen=True)
class Context:
    """What a reader should know beside the rows."""

    synthetic_road_share: float  # of the built one-way road mileage
    lanes: int
    yuan_per_lane: float | None  # None when the report names no subsidy
    readings: tuple[str, ...]  # of rule 6, in words
    carried_back: tuple[str, ...]
    rests_on: tuple[str, ...]  # assumptions that shape the built values


class _Built:
    """The network's graph, with what several rows need of it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.graph: nx.MultiDiGraph = network.graph()

    @cached_property
    def lengths(self) -> dict[str, dict[str, float]]:
        """One-way km by mode and route, of all carriers but the express firms' own."""
        lengths: dict[str, dict[str, float]] = {}
        for _, _, key, data in self.graph.edges(keys=True, data=True):
            if data.get("direction") == 0 and data["carrier"] != "express":
                routes = lengths.setdefault(data["mode"], {})
                routes[key] = routes.get(key, 0.0) + data["km"]
        return lengths

    def routes(self, mode: str) -> int:
        return len(self.lengths.get(mode, {}))

    def km(self, mode: str) -> float:
        return math.fsum(self.lengths.get(mode, {}).values())

    def nodes(self, kind: str, border_only: bool = False) -> list[str]:
        return [
            node
            for node, data in self.graph.nodes(data=True)
            if data["kind"] == kind and (data["border"] or not border_only)
        ]

    @cached_property
    def reached(self) -> set[str]:
        """Places that mail reaches from the regional centre over legs and rounds, by the post."""
        capitals = [node for node, data in self.graph.nodes(data=True) if data["tier"] == "region"]
        if not capitals:
            return set()
        mail = nx.subgraph_view(
            self.graph, filter_edge=lambda a, b, key: self.graph.edges[a, b, key].get("carrier") != "express"
        )
        return set(capitals).union(*(nx.descendants(mail, capital) for capital in capitals))

    def share_reached(self, nodes: Iterable[str]) -> float:
        nodes = list(nodes)
        return sum(node in self.reached for node in nodes) / len(nodes) if nodes else 0.0

    def border_counties(self) -> int:
        return len({self.graph.nodes[node]["county"] for node in self.nodes("county", border_only=True)})

    def border_share(self) -> float:
        """Share of natural villages reached; a border county without any counts as one not reached."""
        villages = self.nodes("natural_village", border_only=True)
        with_some = {self.graph.nodes[node]["county"] for node in villages}
        bare = self.border_counties() - len(with_some)
        total = len(villages) + bare
        return sum(node in self.reached for node in villages) / total if total else 0.0

    def newspaper_share(self) -> float:
        """Share reached of the places that party newspapers go to."""
        return self.share_reached(
            node for kind in ("township", "village", "monastery") for node in self.nodes(kind)
        )

    def full_service_share(self) -> float:
        """Share of postal outlets that mail reaches: access to remittance needs no more than the outlet."""
        return self.share_reached(o.place for o in self.network.outlets if o.network == "postal")

    def screening_levels(self) -> int:
        """How many levels have a security lane in every one of their centres."""
        lanes: dict[str, list[int]] = {}
        for _, data in self.graph.nodes(data=True):
            lanes.setdefault(data["tier"], []).append(data["lanes"])
        return sum(bool(lanes.get(tier)) and min(lanes[tier]) > 0 for tier in SCREENED_TIERS)

    def outlets(self, kind: str) -> int:
        on_nodes = {name for _, data in self.graph.nodes(data=True) for name in data["outlets"]}
        return sum(o.network == kind and o.id in on_nodes for o in self.network.outlets)

    def owners(self, field: str) -> int:
        """Count brands or firms, at outlets or at counters (rule 5)."""
        return len({name for o in self.network.outlets if (name := getattr(o, field))})

    def stations(self) -> int:
        return sum(data["station"] and data["kind"] == "village" for _, data in self.graph.nodes(data=True))


_MEASURES: dict[str, Callable[[_Built], float]] = {
    "road_routes": lambda built: built.routes("road"),
    "road_route_km": lambda built: built.km("road"),
    "rail_routes": lambda built: built.routes("rail"),
    "rail_route_km": lambda built: built.km("rail"),
    "air_routes": lambda built: built.routes("air"),
    "air_route_km": lambda built: built.km("air"),
    "vehicles": lambda built: len(built.network.vehicles),
    "postal_outlets": lambda built: built.outlets("postal"),
    "express_brands": lambda built: built.owners("brand"),
    "express_firms": lambda built: built.owners("firm"),
    "express_outlets": lambda built: built.outlets("express"),
    "postal_outlets_full_service_share": lambda built: built.full_service_share(),
    "newspaper_reach_share": lambda built: built.newspaper_share(),
    "village_stations": lambda built: built.stations(),
    "administrative_villages": lambda built: len(built.nodes("village")),
    "villages_direct_mail_share": lambda built: built.share_reached(built.nodes("village")),
    "border_counties": lambda built: built.border_counties(),
    "border_natural_villages_share": lambda built: built.border_share(),
    "screening_levels": lambda built: built.screening_levels(),
}

#: Assumptions that shape a built value of `reconcile`, by figure.
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "road_route_km": ("township_radius_share", "circuity_central", "circuity_plateau", "circuity_gorge"),
    "vehicles": ("target_load", "turnround_h", "villages_per_round", "round_km"),
    "border_natural_villages_share": ("natural_villages_per_border_village", "natural_village_radius_km"),
    "screening_levels": ("target_load", "xray_rate_per_h", "centre_hours_per_day"),
}


def reconcile(network: Network, express_items: float | None = None) -> tuple[Row, ...]:
    """Put every published figure that the network answers to beside the built one.

    Parameters
    ----------
    network
        The built network.  Figures named in ``network.changed`` are not judged.
    express_items
        Originating express items of the year; counted from the demand when not given.

    Returns
    -------
    tuple of Row
        In the order of the report.

    Examples
    --------
    >>> from network.build import build_network                    # doctest: +SKIP
    >>> all(row.ok for row in reconcile(build_network()))          # doctest: +SKIP
    True
    """
    built = _Built(network)
    changed: dict[str, list[str]] = {}
    for note in network.changed:
        changed.setdefault(note.figure, []).append(note.label)
    rows = []
    for name, figure in network.report.figures.items():
        if name == "express_items":
            value = float(_yearly_express(network) if express_items is None else express_items)
        elif name in _MEASURES:
            value = float(_MEASURES[name](built))
        else:
            continue
        rows.append(
            Row(
                name=name,
                label=figure.meaning,
                published=figure.value,
                precision=figure.precision,
                built=value,
                unit=figure.unit,
                date=figure.date,
                ok=None if name in changed else figure.agrees(value),
                note=_note(figure, network, changed.get(name, [])),
            )
        )
    return tuple(rows)


def passed(rows: Iterable[Row]) -> bool:
    """Return whether no judged row fails."""
    return all(row.ok is not False for row in rows)


def not_modelled(report: Report) -> tuple[Figure, ...]:
    """Return the figures that no built value answers to; each says what it is used for."""
    return tuple(
        figure for name, figure in report.figures.items() if name not in _MEASURES and name != "express_items"
    )


def synthetic_share(network: Network) -> float:
    """Return the share of the built road mileage that rests on synthetic links (rule 1).

    Raises
    ------
    YizhanError
        If a route is shorter than the known links under it.
    """
    known = {frozenset((road.from_id, road.to_id)): road.road_km for road in network.region.roads}
    known |= {frozenset((road.a, road.b)): road.km for road in network.roads.built}
    total = synthetic = 0.0
    for route in network.routes:
        if route.mode != "road":
            continue
        for km, links in zip(route.leg_km, route.leg_links, strict=True):
            rest = km - math.fsum(known.get(frozenset(link.split("-", 1)), 0.0) for link in links)
            if rest < -1e-6:
                raise YizhanError(f"a leg of {route.id} is {-rest:.3f} km shorter than the links under it")
            total += km
            synthetic += max(rest, 0.0)
    return synthetic / total if total else 0.0


def context(network: Network, rows: Iterable[Row]) -> Context:
    """Return what a reader of the rows should know beside them."""
    lanes = sum(centre.lanes for centre in network.centres)
    subsidy = network.report.figures.get("screening_subsidy_yuan")
    names = (name for row in rows for name in RESTS_ON.get(row.name, ()))
    return Context(
        synthetic_road_share=synthetic_share(network),
        lanes=lanes,
        yuan_per_lane=subsidy.value / lanes if subsidy is not None and lanes else None,
        readings=_readings(network.settings),
        carried_back=tuple(note.text for note in network.carried_back),
        rests_on=tuple(dict.fromkeys(names)),
    )


def _yearly_express(network: Network) -> int:
    """Return the express items that a year of the network's demand holds, as a scenario scales it."""
    rates = demand_of(network)
    return yearly_express(rates) + _at_peaks(network, rates)


def _at_peaks(network: Network, rates: Rates) -> int:
    """Return the express items that a scenario's peaks add to the year."""
    if not rates.peaks:
        return 0
    added = 0.0
    for number, weight in enumerate(network.calendar.day_weights(network.year)):
        today = rates.peaks_on(dt.date(network.year, 1, 1) + dt.timedelta(days=number))
        for kind in rates.classes:
            if kind.flow == "report":
                added += kind.originating * weight * (factors(kind.code, today)[0] - 1.0)
    return round(added)


def _note(figure: Figure, network: Network, changes: list[str]) -> str:
    notes = []
    if changes:
        notes.append("changed by scenario: " + "; ".join(changes))
    if not str(figure.date).startswith(str(network.year)):
        notes.append(f"published for {figure.date}")
    return "; ".join(notes)


def _readings(settings: Settings) -> tuple[str, ...]:
    return (
        "express firms run their own line-haul routes, beside those of the post"
        if settings.own_lines
        else "express items share the line-haul network of the post",
        "the published vehicles are the post's alone"
        if settings.post_only
        else "the published vehicles are the whole industry's",
    )
