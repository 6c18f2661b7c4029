"""Changes of outlets, village stations and delivery rounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.changes.tables import (
    CLOCK,
    Operation,
    PlaceSelector,
    RoundSelector,
    Text,
    Villages,
    Where,
    given_once,
)

__all__ = [
    "CloseOutlets",
    "CloseStations",
    "HandOver",
    "MoveOutlet",
    "OpenOutlets",
    "OpenStations",
    "SetOutletHours",
    "SetRounds",
]


class OpenOutlets(Operation):
    """Open outlets, so that each place chosen has `per_place` of each brand chosen."""

    op: Literal["open_outlets"]
    network: Literal["postal", "express"]
    """Postal outlets, or outlets of express brands."""
    where: Where
    """"every-township", a list of township ids, or a selector {prefecture, county, border}."""
    brand: Text | None = None
    """Express brand, or "all"; must be given for express outlets."""
    per_place: Annotated[int, Field(ge=1, le=50)] = 1
    """Outlets (of each brand) a place shall have; places that have them already get none."""

    @model_validator(mode="after")
    def _brand_goes_with_express(self) -> OpenOutlets:
        if self.network == "express" and self.brand is None:
            raise ValueError('express outlets need a brand, or brand = "all"')
        if self.network == "postal" and self.brand is not None:
            raise ValueError("postal outlets have no brand")
        return self


class CloseOutlets(Operation):
    """Close outlets, so that no place chosen has more than `keep` of each brand chosen."""

    op: Literal["close_outlets"]
    network: Literal["postal", "express"]
    """Postal outlets, or outlets of express brands."""
    where: Where
    """"every-township", a list of township ids, or a selector {prefecture, county, border}."""
    brand: Text | None = None
    """Express brand; all of them by default."""
    keep: Annotated[int, Field(ge=0, le=50)] = 0
    """Outlets (of each brand) that may stay at a place, the lowest ids first."""

    @model_validator(mode="after")
    def _brand_goes_with_express(self) -> CloseOutlets:
        if self.network == "postal" and self.brand is not None:
            raise ValueError("postal outlets have no brand")
        return self


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


class SetOutletHours(Operation):
    """Set until when the outlets of towns accept mail for the same day's collection."""

    op: Literal["set_outlet_hours"]
    cutoff: Annotated[str, Field(pattern=CLOCK)]
    """Local time, "HH:MM": what is accepted later counts from the next day (rule 13)."""
    intake: Annotated[str, Field(pattern=CLOCK)] | None = None
    """Local time at which the centre has what was collected; as before by default, never before cutoff."""
    where: PlaceSelector = PlaceSelector()
    """Which towns: {prefecture, county, border}; all by default.  Villages hand over as the round calls."""

    @model_validator(mode="after")
    def _in_order(self) -> SetOutletHours:
        if self.intake is not None and self.intake < self.cutoff:
            raise ValueError(f"intake = {self.intake} is before cutoff = {self.cutoff}")
        return self


class OpenStations(Operation):
    """Open village stations: what is brought there is delivered, without a failed attempt."""

    op: Literal["open_stations"]
    where: Villages
    """"every-village", a list of village ids, or {prefecture, county, border, share_of_villages}."""


class CloseStations(Operation):
    """Close village stations: items are delivered to hand, and attempts may fail."""

    op: Literal["close_stations"]
    where: Villages
    """"every-village", a list of village ids, or {prefecture, county, border, share_of_villages}."""


class SetRounds(Operation):
    """Set how many days a week the chosen delivery rounds run."""

    op: Literal["set_rounds"]
    per_week: Annotated[int, Field(ge=1, le=7)]
    """Running days a week."""
    where: RoundSelector = RoundSelector()
    """Which: {prefecture, county, border, terrain, kind, share_of_villages, rounds}; all by default."""
    only_more: bool = True
    """Leave rounds as they are that run more often already."""
    within_fleet: bool = False
    """Raise frequencies only as far as the vehicles that stand at each base are free."""
    on_holidays: bool | None = None
    """Whether the chosen rounds run on public holidays too; as before by default."""


class HandOver(Operation):
    """Hand village items over to the post at the county instead of bundling them (rule 5)."""

    op: Literal["hand_over"]
    brands: Literal["all"] = "all"
    """Brands that hand over."""
