"""Changes of mail routes: by road, rail and air."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from network.edit import routes as edit
from network.model.network import Network
from scenarios.changes.tables import MOST_STOPS, Clock, Lengths, Operation, Text, VehicleName, seconds_of

__all__ = ["AddRoute", "EquipRoute", "RemoveRoute", "RerouteRoute", "RetimeRoute"]

Stops = Annotated[tuple[Text, ...], Field(strict=False, min_length=2, max_length=MOST_STOPS)]
PerWeek = Annotated[int, Field(ge=1, le=70)]


def _legs_match(stops: tuple[str, ...], leg_km: tuple[float, ...] | None) -> None:
    if leg_km is not None and len(leg_km) != len(stops) - 1:
        raise ValueError(f"leg_km needs {len(stops) - 1} numbers for {len(stops)} stops")


class AddRoute(Operation):
    """Add a mail route of any mode."""

    op: Literal["add_route"]
    mode: Literal["road", "rail", "air"]
    """How it travels; km come from the road links, the rail table or the great circle."""
    stops: Stops
    """Stops in order: place ids, or names of county seats and gateways; the first bases the vehicles."""
    per_week: PerWeek
    """Departures a week in each direction."""
    id: Annotated[str, Field(pattern=r"^[a-z]+-[\w-]+$", max_length=100)] | None = None
    """Route id for later changes; the next free number of the mode by default."""
    name: Text | None = None
    """Name shown in tables; made of the end points by default."""
    vehicle: VehicleName | None = None
    """Vehicle class; truck-6.8 by road, mail-car by rail, belly by air by default (assumed)."""
    vehicles_per_trip: Annotated[int, Field(ge=1, le=50)] = 1
    """Vehicles that travel together on each trip."""
    first_departure: Clock | None = None
    """Local time of the outward departure, "HH:MM"; set by the timetable rules by default."""
    leg_km: Lengths | None = None
    """km of each leg, for a line that no table holds; an assumption of the scenario."""
    carrier: Literal["shared", "post", "express"] = "shared"
    """Whose items it takes, where line-haul is not pooled (rule 6)."""

    @model_validator(mode="after")
    def _legs_match_stops(self) -> AddRoute:
        _legs_match(self.stops, self.leg_km)
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"stops": "stop"}

    def apply(self, network: Network) -> Network:
        """Return the network with the route."""
        return edit.add_route(
            network,
            mode=self.mode,
            stops=self.stops,
            per_week=self.per_week,
            route_id=self.id,
            name=self.name,
            vehicle=self.vehicle,
            vehicles_per_trip=self.vehicles_per_trip,
            first_departure_s=seconds_of(self.first_departure),
            leg_km=self.leg_km,
            carrier=self.carrier,
        )


class RemoveRoute(Operation):
    """Take a mail route out of the network; its vehicles become spares."""

    op: Literal["remove_route"]
    route: Text
    """Route id or name."""

    def apply(self, network: Network) -> Network:
        """Return the network without the route."""
        return edit.remove_route(network, self.route)


class RerouteRoute(Operation):
    """Lead a mail route along other stops, at the frequency and with the vehicles it has."""

    op: Literal["reroute_route"]
    route: Text
    """Route id or name; the id stays."""
    stops: Stops
    """All stops in their new order: place ids, or names of county seats and gateways."""
    leg_km: Lengths | None = None
    """km of each leg, for a line that no table holds; an assumption of the scenario."""
    first_departure: Clock | None = None
    """Local time of the outward departure, "HH:MM"; as before by default."""

    @model_validator(mode="after")
    def _legs_match_stops(self) -> RerouteRoute:
        _legs_match(self.stops, self.leg_km)
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"stops": "stop"}

    def apply(self, network: Network) -> Network:
        """Return the network with the route along its new stops."""
        departure_s = seconds_of(self.first_departure)
        return edit.reroute_route(network, self.route, self.stops, self.leg_km, departure_s)


class RetimeRoute(Operation):
    """Change how often a route runs, or when."""

    op: Literal["retime_route"]
    route: Text
    """Route id or name."""
    per_week: PerWeek | None = None
    """Departures a week in each direction; as before by default."""
    first_departure: Clock | None = None
    """Local time of the outward departure, "HH:MM"; as before by default."""

    @model_validator(mode="after")
    def _changes_something(self) -> RetimeRoute:
        if self.per_week is None and self.first_departure is None:
            raise ValueError("give per_week, first_departure or both")
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with the route at its new frequency or hour."""
        return edit.retime_route(network, self.route, self.per_week, seconds_of(self.first_departure))


class EquipRoute(Operation):
    """Give a route other vehicles."""

    op: Literal["equip_route"]
    route: Text
    """Route id or name."""
    vehicle: VehicleName | None = None
    """Vehicle class; as before by default."""
    vehicles_per_trip: Annotated[int, Field(ge=1, le=50)] | None = None
    """Vehicles on each trip; as before by default."""

    @model_validator(mode="after")
    def _changes_something(self) -> EquipRoute:
        if self.vehicle is None and self.vehicles_per_trip is None:
            raise ValueError("give vehicle, vehicles_per_trip or both")
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with other vehicles on the route."""
        return edit.equip_route(network, self.route, self.vehicle, self.vehicles_per_trip)
