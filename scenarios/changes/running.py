"""Changes of roads, vehicles and centres."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.changes.tables import (
    CLOCK,
    CountedVehicle,
    Dates,
    Ends,
    Factor,
    Names,
    Operation,
    PlaceSelector,
    Text,
    given_once,
)

__all__ = [
    "AddRoad",
    "AddVehicles",
    "CloseRoad",
    "CloseRoadYearly",
    "EquipCentres",
    "ImproveRoad",
    "ScaleFleet",
    "SetHours",
]

DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
Count = Annotated[int, Field(ge=1, le=500)]
Rate = Annotated[int, Field(ge=1, le=100_000)]


class CloseRoad(Dates):
    """Announce that roads are closed; give links, between or route."""

    op: Literal["close_road"]
    links: Names | None = None
    """Road links by id, such as "540302-540323"."""
    between: Ends | None = None
    """Two places, ids or names: every link of the shortest road between them."""
    route: Text | None = None
    """Route id or name: every link of a mail route by road."""

    @model_validator(mode="after")
    def _says_which_once(self) -> CloseRoad:
        given_once(self, "links", "between", "route")
        return self


class CloseRoadYearly(Operation):
    """Close roads in one season of every year; give links, between or route, and months or two days."""

    op: Literal["close_road_yearly"]
    links: Names | None = None
    """Road links by id, such as "540302-540323"."""
    between: Ends | None = None
    """Two places, ids or names: every link of the shortest road between them."""
    route: Text | None = None
    """Route id or name: every link of a mail route by road."""
    months: (
        Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1)] | None
    ) = None
    """Months in which they are closed from the first day to the last, such as [12, 1, 2]."""
    first_day: Annotated[str, Field(pattern=DAY_OF_YEAR)] | None = None
    """First closed day of every year, "MM-DD"."""
    last_day: Annotated[str, Field(pattern=DAY_OF_YEAR)] | None = None
    """Last closed day, "MM-DD", included; in the next year if it comes before the first."""

    @model_validator(mode="after")
    def _says_which_and_when_once(self) -> CloseRoadYearly:
        given_once(self, "links", "between", "route")
        if (self.first_day is None) != (self.last_day is None):
            raise ValueError("first_day and last_day go together")
        if (self.months is None) == (self.first_day is None):
            raise ValueError("give months, or first_day and last_day")
        for key in ("first_day", "last_day"):
            day = getattr(self, key)
            if day is not None:
                try:
                    dt.date.fromisoformat(f"2000-{day}")
                except ValueError:
                    raise ValueError(f"{key} = {day} is no day of the year") from None
        return self

    @property
    def seasons(self) -> list[tuple[str, str]]:
        """First and last closed day of every year, "MM-DD"; months that follow each other are one season."""
        if self.first_day is not None and self.last_day is not None:
            return [(self.first_day, self.last_day)]
        chosen = set(self.months or ())
        if len(chosen) == 12:
            return [("01-01", "12-31")]
        found = []
        for month in sorted(m for m in chosen if (m - 2) % 12 + 1 not in chosen):
            last = month
            while last % 12 + 1 in chosen:
                last = last % 12 + 1
            found.append((f"{month:02d}-01", f"{last:02d}-{monthrange(2000, last)[1]}"))
        return found


class AddRoad(Operation):
    """Build a road between two county seats or gateways."""

    op: Literal["add_road"]
    between: Ends
    """Its two ends: county seats or gateways, ids or names."""
    km: Annotated[float, Field(gt=0, le=3000)]
    """Length, km."""
    terrain: Literal["central", "plateau", "gorge", "gateway"] | None = None
    """Ground that it crosses, which sets how weather closes it; that of its first end by default."""
    speed_kmh: Annotated[float, Field(ge=10, le=120)] | None = None
    """Least speed on it, km/h; that of the kind of route by default."""
    lead_routes: bool = True
    """Lead the mail routes over it whose shortest way it becomes."""


class ImproveRoad(Operation):
    """Make roads faster; give links, between or route."""

    op: Literal["improve_road"]
    speed_kmh: Annotated[float, Field(ge=10, le=120)]
    """Least speed on them, km/h; routes that are faster already stay so."""
    links: Names | None = None
    """Road links by id, such as "540302-540323"."""
    between: Ends | None = None
    """Two places, ids or names: every link of the shortest road between them."""
    route: Text | None = None
    """Route id or name: every link of a mail route by road."""

    @model_validator(mode="after")
    def _says_which_once(self) -> ImproveRoad:
        given_once(self, "links", "between", "route")
        return self


class ScaleFleet(Operation):
    """Multiply the vehicles there are: of fewer the spares go first, then each duty gives its share."""

    op: Literal["scale_fleet"]
    factor: Factor
    """Multiplier of the number of vehicles chosen; what is beyond 1 stands by as spares."""
    where: PlaceSelector = PlaceSelector()
    """Which bases: {prefecture, county, border}; all by default."""
    vehicles: Annotated[tuple[CountedVehicle, ...], Field(strict=False, min_length=1)] | None = None
    """Vehicle classes; all by default."""
    duty: Literal["routes", "rounds", "spare"] | None = None
    """Vehicles of mail routes, of delivery rounds, or spare ones; all by default."""


class AddVehicles(Operation):
    """Buy vehicles and place them."""

    op: Literal["add_vehicles"]
    number: Count
    """How many."""
    vehicle: CountedVehicle
    """Vehicle class."""
    base: Text | None = None
    """Where they stand: a place id, or the name of a county seat; the route's first stop for a route."""
    duty: Text = "spare"
    """"spare", "rounds", or the id or name of a mail route."""

    @model_validator(mode="after")
    def _has_a_base(self) -> AddVehicles:
        if (self.base is None) == (self.duty in ("spare", "rounds")):
            raise ValueError("give base for spares and rounds, and none for a route")
        return self


class SetHours(Operation):
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
        given_once(self, "tier", "centres")
        if self.closes <= self.opens:
            raise ValueError(f"closes = {self.closes} is not after opens = {self.opens}")
        return self


class EquipCentres(Operation):
    """Give centres other lanes and sorters; give tier or centres."""

    op: Literal["equip_centres"]
    tier: Literal["region", "prefecture", "county"] | None = None
    """All centres of this level."""
    centres: Names | None = None
    """Places of centres: ids, or names of county seats."""
    lanes: Count | None = None
    """X-ray lanes that each shall have; as before by default."""
    more_lanes: Annotated[int, Field(ge=-500, le=500)] | None = None
    """X-ray lanes more (or fewer) for each; at least one stays."""
    lane_rate_per_h: Rate | None = None
    """Items that a lane screens in an hour; as before by default."""
    sorters: Count | None = None
    """Sorters that each shall have; as before by default."""
    more_sorters: Annotated[int, Field(ge=-500, le=500)] | None = None
    """Sorters more (or fewer) for each; at least one stays."""
    sorter_rate_per_h: Rate | None = None
    """Items that a sorter handles in an hour; as before by default."""

    @model_validator(mode="after")
    def _says_where_and_what(self) -> EquipCentres:
        given_once(self, "tier", "centres")
        for key in ("lanes", "sorters"):
            if getattr(self, key) is not None and getattr(self, f"more_{key}") is not None:
                raise ValueError(f"give {key} or more_{key}")
        if not self.model_dump(exclude_none=True, exclude={"op", "label", "tier", "centres"}):
            raise ValueError("give lanes, sorters, more of them, or their rates")
        return self
