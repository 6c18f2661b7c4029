"""Changes of outlets and village stations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from network.edit import outlets as edit
from network.edit import rounds as places_edit
from network.model.network import Network
from scenarios.changes.tables import (
    Clock,
    Operation,
    PlaceSelector,
    Text,
    Villages,
    Where,
    given_once,
    seconds_of,
    selector_references,
)

__all__ = [
    "CloseOutlets",
    "CloseStations",
    "MoveOutlet",
    "OpenOutlets",
    "OpenStations",
    "SetOutletHours",
]


class _Outlets(Operation):
    """Outlets of one network in chosen townships."""

    op: Text
    network: Literal["postal", "express"]
    """Postal outlets, or outlets of express brands."""
    where: Where
    """"every-township", a list of township ids, or a selector {prefecture, county, border}."""
    brand: Text | None = None
    """Express brand; all of them by default."""

    @model_validator(mode="after")
    def _brand_goes_with_express(self) -> Self:
        if self.network == "postal" and self.brand is not None:
            raise ValueError("postal outlets have no brand")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        brand = {} if self.brand in (None, "all") else {"brand": "brand"}
        where = {"where": "township"} if isinstance(self.where, tuple) else selector_references(self.where)
        return {**where, **brand}

    def townships(self, network: Network) -> tuple[str, ...]:
        """Return the ids of the townships chosen."""
        if isinstance(self.where, tuple):
            return self.where
        selector = self.where if isinstance(self.where, PlaceSelector) else PlaceSelector()
        return places_edit.select_townships(network, **selector.model_dump())


class OpenOutlets(_Outlets):
    """Open outlets, so that each place chosen has `per_place` of each brand chosen."""

    op: Literal["open_outlets"]
    brand: Text | None = None
    """Express brand, or "all"; must be given for express outlets."""
    per_place: Annotated[int, Field(ge=1, le=50)] = 1
    """Outlets (of each brand) a place shall have; places that have them already get none."""

    @model_validator(mode="after")
    def _express_needs_a_brand(self) -> Self:
        if self.network == "express" and self.brand is None:
            raise ValueError('express outlets need a brand, or brand = "all"')
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with the outlets."""
        brands: tuple[str, ...] = ()
        if self.brand == "all":
            brands = places_edit.brands_in(network)
        elif self.brand is not None:
            brands = (self.brand,)
        return places_edit.open_outlets(
            network, self.network, self.townships(network), brands, self.per_place
        )


class CloseOutlets(_Outlets):
    """Close outlets, so that no place chosen has more than `keep` of each brand chosen."""

    op: Literal["close_outlets"]
    keep: Annotated[int, Field(ge=0, le=50)] = 0
    """Outlets (of each brand) that may stay at a place, the lowest ids first."""

    def apply(self, network: Network) -> Network:
        """Return the network without the outlets."""
        brand = None if self.brand == "all" else self.brand
        return edit.close_outlets(network, self.network, self.townships(network), brand, self.keep)


class MoveOutlet(Operation):
    """Move an outlet to another township, or a village station to another village."""

    op: Literal["move_outlet"]
    to: Text
    """Id of the township, or of the village."""
    outlet: Text | None = None
    """Outlet by id, such as "P-0001"."""
    station: Text | None = None
    """Village station by the id of its village, such as "540102002-v01"."""

    @model_validator(mode="after")
    def _says_which_once(self) -> MoveOutlet:
        given_once(self, "outlet", "station")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given; villages are known only after the fit."""
        return {"to": "township"} if self.outlet else {}

    def apply(self, network: Network) -> Network:
        """Return the network with the outlet or station at its new place."""
        if self.outlet is not None:
            return edit.move_outlet(network, self.outlet, self.to)
        assert self.station is not None  # one of the two is given
        return edit.move_station(network, self.station, self.to)


class SetOutletHours(Operation):
    """Set until when the outlets of towns accept mail for the same day's collection."""

    op: Literal["set_outlet_hours"]
    cutoff: Clock
    """Local time, "HH:MM": what is accepted later counts from the next day (rule 13)."""
    intake: Clock | None = None
    """Local time at which the centre has what was collected; as before by default, never before cutoff."""
    where: PlaceSelector = PlaceSelector()
    """Which towns: {prefecture, county, border}; all by default.  Villages hand over as the round calls."""

    @model_validator(mode="after")
    def _in_order(self) -> SetOutletHours:
        if self.intake is not None and self.intake < self.cutoff:
            raise ValueError(f"intake = {self.intake} is before cutoff = {self.cutoff}")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return selector_references(self.where)

    def apply(self, network: Network) -> Network:
        """Return the network with the hours set."""
        where = self.where.model_dump()
        return edit.set_outlet_hours(network, seconds_of(self.cutoff), seconds_of(self.intake), **where)


class _Stations(Operation):
    """Village stations in chosen villages."""

    op: Text
    where: Villages
    """"every-village", a list of village ids, or {prefecture, county, border, share_of_villages}."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given; villages are known only after the fit."""
        return selector_references(self.where)

    def villages(self, network: Network, with_station: bool) -> tuple[str, ...]:
        """Return the ids of the villages chosen, among those with a station or without one."""
        if isinstance(self.where, tuple):
            return self.where
        selector = {} if isinstance(self.where, str) else self.where.model_dump()
        return edit.select_villages(network, **selector, with_station=with_station)


class OpenStations(_Stations):
    """Open village stations: what is brought there is delivered, without a failed attempt."""

    op: Literal["open_stations"]

    def apply(self, network: Network) -> Network:
        """Return the network with the stations."""
        return edit.open_stations(network, self.villages(network, with_station=False))


class CloseStations(_Stations):
    """Close village stations: items are delivered to hand, and attempts may fail."""

    op: Literal["close_stations"]

    def apply(self, network: Network) -> Network:
        """Return the network without the stations."""
        return edit.close_stations(network, self.villages(network, with_station=True))
