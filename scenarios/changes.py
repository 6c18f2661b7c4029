"""The change operations of a scenario file, as pydantic models.

One model for each `op`.  They only say what may be written; `network.edit`
does the work.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

__all__ = [
    "AddRoute",
    "Change",
    "CloseRoad",
    "EquipRoute",
    "GrowDemand",
    "HandOver",
    "OpenOutlets",
    "PeakDemand",
    "PlaceSelector",
    "RemoveRoute",
    "RetimeRoute",
    "RoundSelector",
    "ScaleDemand",
    "ScaleFleet",
    "SetHours",
    "SetRounds",
    "Table",
]

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
VEHICLES = ("van", "truck-4.2", "truck-6.8", "truck-9.6", "mail-car", "belly")

CountedVehicle = Literal["van", "truck-4.2", "truck-6.8", "truck-9.6"]
VehicleName = Literal["van", "truck-4.2", "truck-6.8", "truck-9.6", "mail-car", "belly"]
Direction = Literal["originating", "inbound"]
Text = Annotated[str, Field(min_length=1)]
Lengths = Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(strict=False, min_length=1)]
Names = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, nothing is coerced, nothing is written to."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True, serialize_by_alias=True
    )


class Dates(Table):
    """A change of whole days, from one date until another, both included."""

    op: Text
    first: Annotated[dt.date, Field(alias="from")]
    """First day, such as 2022-01-05."""
    last: Annotated[dt.date, Field(alias="until")]
    """Last day, included."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"until = {self.last} is before from = {self.first}")
        return self


class PlaceSelector(Table):
    """Places by where they lie; all that is given must hold."""

    prefecture: Text | None = None
    """Prefecture, English name."""
    county: Text | None = None
    """County: code, English or Chinese name."""
    border: bool | None = None
    """Whether the county is one of the border counties."""


class RoundSelector(PlaceSelector):
    """Delivery rounds by where their base lies and by kind; all that is given must hold."""

    terrain: Literal["town", "near", "middle", "remote"] | None = None
    """Terrain class of the round."""
    kind: Literal["town", "rural"] | None = None
    """Address rounds of a town, or rounds to villages."""


def _form_of_where(value: Any) -> str:
    if isinstance(value, str):
        return "name"
    return "ids" if isinstance(value, list | tuple) else "selector"


Where = Annotated[
    Annotated[Literal["every-township"], Tag("name")]
    | Annotated[Names, Tag("ids")]
    | Annotated[PlaceSelector, Tag("selector")],
    Discriminator(_form_of_where),
]


class AddRoute(Table):
    """Add a mail route of any mode."""

    op: Literal["add_route"]
    mode: Literal["road", "rail", "air"]
    """How it travels; km come from the road links, the rail table or the great circle."""
    stops: Annotated[tuple[Text, ...], Field(strict=False, min_length=2)]
    """Stops in order: place ids, or names of county seats and gateways; the first bases the vehicles."""
    per_week: Annotated[int, Field(ge=1, le=70)]
    """Departures a week in each direction."""
    id: Annotated[str, Field(pattern=r"^[a-z]+-[\w-]+$")] | None = None
    """Route id for later changes; the next free number of the mode by default."""
    name: Text | None = None
    """Name shown in tables; made of the end points by default."""
    vehicle: VehicleName | None = None
    """Vehicle class; truck-6.8 by road, mail-car by rail, belly by air by default (assumed)."""
    vehicles_per_trip: Annotated[int, Field(ge=1, le=50)] = 1
    """Vehicles that travel together on each trip."""
    first_departure: Annotated[str, Field(pattern=CLOCK)] | None = None
    """Local time of the outward departure, "HH:MM"; set by the timetable rules by default."""
    leg_km: Lengths | None = None
    """km of each leg, for a line that no table holds; an assumption of the scenario."""
    carrier: Literal["shared", "post", "express"] = "shared"
    """Whose items it takes, where line-haul is not pooled (rule 6)."""

    @model_validator(mode="after")
    def _legs_match_stops(self) -> AddRoute:
        if self.leg_km is not None and len(self.leg_km) != len(self.stops) - 1:
            raise ValueError(f"leg_km needs {len(self.stops) - 1} numbers for {len(self.stops)} stops")
        return self


class RemoveRoute(Table):
    """Take a mail route out of the network; its vehicles become spares."""

    op: Literal["remove_route"]
    route: Text
    """Route id or name."""


class RetimeRoute(Table):
    """Change how often a route runs, or when."""

    op: Literal["retime_route"]
    route: Text
    """Route id or name."""
    per_week: Annotated[int, Field(ge=1, le=70)] | None = None
    """Departures a week in each direction; as before by default."""
    first_departure: Annotated[str, Field(pattern=CLOCK)] | None = None
    """Local time of the outward departure, "HH:MM"; as before by default."""

    @model_validator(mode="after")
    def _changes_something(self) -> RetimeRoute:
        if self.per_week is None and self.first_departure is None:
            raise ValueError("give per_week, first_departure or both")
        return self


class EquipRoute(Table):
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


class OpenOutlets(Table):
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


class SetRounds(Table):
    """Set how many days a week the chosen delivery rounds run."""

    op: Literal["set_rounds"]
    per_week: Annotated[int, Field(ge=1, le=7)]
    """Running days a week."""
    where: RoundSelector = RoundSelector()
    """Which rounds: {prefecture, county, border, terrain, kind}; all by default."""
    only_more: bool = True
    """Leave rounds as they are that run more often already."""
    within_fleet: bool = False
    """Raise frequencies only as far as the vehicles that stand at each base are free."""


class ScaleDemand(Table):
    """Multiply the items offered."""

    op: Literal["scale_demand"]
    factor: Annotated[float, Field(ge=0, le=20)]
    """Multiplier of the daily number of items."""
    classes: Names | None = None
    """Item classes by code; all by default."""
    direction: Direction | None = None
    """Items accepted in the region only, or items from outside only; both by default."""


class GrowDemand(Table):
    """Bring the items offered to those of a later year on the region's trend (docs/growth.md)."""

    op: Literal["grow_demand"]
    to_year: Annotated[int, Field(ge=1900, le=2200)]
    """Year whose demand is wanted; another grow_demand before this one no longer holds."""
    at: Literal["low", "mid", "high"] | None = None
    """Where in the trend's interval: its quartiles or its median; "mid" by default."""
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The same as a number, such as 0.9 for what is exceeded with one chance in ten."""

    @model_validator(mode="after")
    def _says_where_once(self) -> GrowDemand:
        if self.at is not None and self.quantile is not None:
            raise ValueError("give at or quantile, not both")
        return self


class PeakDemand(Dates):
    """Multiply the items accepted on some dates, on top of the year's number."""

    op: Literal["peak_demand"]
    factor: Annotated[float, Field(ge=0, le=20)]
    """Multiplier of the items that the calendar gives these dates."""
    classes: Names | None = None
    """Item classes by code; by default all but newspapers, which are a bundle a day for each place."""
    direction: Direction | None = None
    """Items accepted in the region only, or items from outside only; both by default."""


class CloseRoad(Dates):
    """Announce that roads are closed; give links, between or route."""

    op: Literal["close_road"]
    links: Names | None = None
    """Road links by id, such as "540302-540323"."""
    between: Annotated[tuple[Text, ...], Field(strict=False, min_length=2, max_length=2)] | None = None
    """Two places, ids or names: every link of the shortest road between them."""
    route: Text | None = None
    """Route id or name: every link of a mail route by road."""

    @model_validator(mode="after")
    def _says_which_once(self) -> CloseRoad:
        if sum(given is not None for given in (self.links, self.between, self.route)) != 1:
            raise ValueError("give one of links, between and route")
        return self


class ScaleFleet(Table):
    """Multiply the vehicles there are: of fewer the spares go first, then each duty gives its share."""

    op: Literal["scale_fleet"]
    factor: Annotated[float, Field(ge=0, le=20)]
    """Multiplier of the number of vehicles chosen; what is beyond 1 stands by as spares."""
    where: PlaceSelector = PlaceSelector()
    """Which bases: {prefecture, county, border}; all by default."""
    vehicles: Annotated[tuple[CountedVehicle, ...], Field(strict=False, min_length=1)] | None = None
    """Vehicle classes; all by default."""
    duty: Literal["routes", "rounds", "spare"] | None = None
    """Vehicles of mail routes, of delivery rounds, or spare ones; all by default."""


class SetHours(Table):
    """Set when the lanes and sorters of centres work, the same every day; give tier or centres."""

    op: Literal["set_hours"]
    opens: Annotated[str, Field(pattern=CLOCK)]
    """Local time of opening, "HH:MM"."""
    closes: Annotated[str, Field(pattern=f"{CLOCK}|^24:00$")]
    """Local time of closing, after the opening; "24:00" is midnight."""
    tier: Literal["region", "prefecture", "county"] | None = None
    """All centres of this level."""
    centres: Names | None = None
    """Places of centres: ids, or names of county seats."""

    @model_validator(mode="after")
    def _says_where_and_when(self) -> SetHours:
        if (self.tier is None) == (self.centres is None):
            raise ValueError("give one of tier and centres")
        if self.closes <= self.opens:
            raise ValueError(f"closes = {self.closes} is not after opens = {self.opens}")
        return self


class HandOver(Table):
    """Hand village items over to the post at the county instead of bundling them (rule 5)."""

    op: Literal["hand_over"]
    brands: Literal["all"] = "all"
    """Brands that hand over."""


Change = Annotated[
    AddRoute
    | RemoveRoute
    | RetimeRoute
    | EquipRoute
    | OpenOutlets
    | SetRounds
    | ScaleDemand
    | GrowDemand
    | PeakDemand
    | HandOver
    | CloseRoad
    | ScaleFleet
    | SetHours,
    Field(discriminator="op"),
]
