"""`Network`: all that exists, and its picture as a networkx MultiDiGraph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import networkx as nx

from network.errors import UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar
from network.inputs.figures import Report
from network.inputs.tables import Region
from network.model.demand import DemandSettings
from network.model.operations import Operations
from network.model.records import Centre, MailRoute, Outlet, Places, Round, Vehicle, VehicleClass
from network.model.roads import Roads
from network.model.settings import Settings

__all__ = ["CarriedBack", "Changed", "Network", "leg_km"]


class Changed(NamedTuple):
    """A note of what a scenario changed."""

    figure: str  # a published figure, or what of the network: "roads", "timetable"
    label: str  # in words, for people
    done: str = ""  # to a route or road: "added", "removed", "rerouted", "retimed", "equipped", "faster"
    subject: str = ""  # id of the one route or road that it is about


class CarriedBack(NamedTuple):
    """What an early year takes over from a later report, or leaves out."""

    figure: str  # name of the figure; "" for what is left out
    text: str  # in words, for people


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A built network: tables that are never written to again.

    `roads`, `demand` and `operations` are what a scenario makes of them.  `changed` names what it changed
    since the base was fitted; `reconcile` and `explain` read it.
    """

    region: Region
    year: int
    places: Places
    routes: tuple[MailRoute, ...]
    vehicle_classes: Mapping[str, VehicleClass]
    centres: tuple[Centre, ...]
    outlets: tuple[Outlet, ...]
    stations: tuple[str, ...]  # ids of villages with a station
    rounds: tuple[Round, ...]
    vehicles: tuple[Vehicle, ...]
    report: Report
    assumptions: Assumptions
    demand: DemandSettings = field(default_factory=DemandSettings)
    roads: Roads = field(default_factory=Roads)
    operations: Operations = field(default_factory=Operations)
    settings: Settings = field(default_factory=Settings)
    changed: tuple[Changed, ...] = ()
    carried_back: tuple[CarriedBack, ...] = ()  # what an early year takes over from a later report

    def __repr__(self) -> str:
        return (
            f"<Network {self.year}: {len(self.places):,} places, {len(self.routes)} routes, "
            f"{len(self.rounds):,} rounds, {len(self.outlets):,} outlets>"
        )

    @cached_property
    def calendar(self) -> Calendar:
        """The region's calendar, with the profiles of the network's assumptions."""
        return self.region.calendar.under(self.assumptions)

    @cached_property
    def _routes(self) -> dict[str, MailRoute]:
        return {route.id: route for route in self.routes}

    def route(self, route_id: str) -> MailRoute:
        """Return a route by its id.

        Raises
        ------
        UnknownNameError
            If no route has this id.
        """
        try:
            return self._routes[route_id]
        except KeyError:
            raise UnknownNameError("route", route_id, self._routes) from None

    @cached_property
    def stops(self) -> tuple[str, ...]:
        """Place ids at which items are handled between trips, in the order of `centres`."""
        return tuple(centre.place for centre in self.centres)

    @cached_property
    def stop_row(self) -> Mapping[str, int]:
        """Row of each stop in `stops` and `centres`."""
        return {stop: row for row, stop in enumerate(self.stops)}

    def graph(self) -> nx.MultiDiGraph:
        """Return the network as a graph.

        Nodes are all places, with their table columns, outlets and centre.
        Edges are the legs of the mail routes in both directions, keyed by
        route id, and the rounds, from base to each place, keyed by round id
        with ``mode="round"``.
        """
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(region=self.region.name, year=self.year)
        places = self.places
        for row, place in enumerate(places.id):
            graph.add_node(
                str(place),
                name_zh=str(places.name_zh[row]),
                name_en=str(places.name_en[row]),
                kind=str(places.kind[row]),
                county=str(places.county[row]),
                prefecture=str(places.prefecture[row]),
                border=bool(places.border[row]),
                lat=float(places.lat[row]),
                lon=float(places.lon[row]),
                population=float(places.population[row]),
                synthetic=bool(places.synthetic[row]),
                outlets=[],
                station=False,
                tier="",
                lanes=0,
            )
        for outlet in self.outlets:
            graph.nodes[outlet.place]["outlets"].append(outlet.id)
        for place in self.stations:
            graph.nodes[place]["station"] = True
        for centre in self.centres:
            graph.nodes[centre.place].update(tier=centre.tier, lanes=centre.lanes)
        for route in self.routes:
            for a, b, km in zip(route.stops, route.stops[1:], route.leg_km, strict=False):
                data = {"mode": route.mode, "kind": route.kind, "carrier": route.carrier, "km": km}
                graph.add_edge(a, b, key=route.id, direction=0, **data)
                graph.add_edge(b, a, key=route.id, direction=1, **data)
        for round_ in self.rounds:
            for place in round_.places:
                graph.add_edge(
                    round_.base, place, key=round_.id, mode="round", days_per_week=len(round_.weekdays)
                )
        return graph


def leg_km(a: str, b: str, data: Mapping[str, object]) -> float:
    """Weight function for networkx: the leg's km, and an error when it has none."""
    km = data.get("km")
    if not isinstance(km, (int, float)):
        raise ValueError(f"leg {a}-{b} has no km")
    return float(km)
