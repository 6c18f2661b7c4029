"""Changes of roads."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from network.edit import roads as edit
from network.model.network import Network
from scenarios.changes.tables import Dates, Ends, Names, Operation, Text, given_once

__all__ = ["AddRoad", "CloseRoad", "CloseRoadYearly", "ImproveRoad"]

DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


class _Roads(Operation):
    """Road links, chosen in one of three ways."""

    op: Text
    links: Names | None = None
    """Road links by id, such as "540302-540323"."""
    between: Ends | None = None
    """Two places, ids or names: every link of the shortest road between them."""
    route: Text | None = None
    """Route id or name: every link of a mail route by road."""

    @model_validator(mode="after")
    def _says_which_once(self) -> Self:
        given_once(self, "links", "between", "route")
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"links": "link", "between": "stop", **super().references()}

    @property
    def chosen(self) -> dict[str, Any]:
        """Which links, as `network.edit.roads` takes them."""
        return {"links": self.links or (), "between": self.between or (), "route": self.route or ""}


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

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"between": "stop"}

    def introduces(self) -> Mapping[str, str]:
        """Return the link, for later changes."""
        return {"link": "-".join(self.between)}

    def apply(self, network: Network) -> Network:
        """Return the network with the road."""
        return edit.add_road(network, self.between, self.km, self.terrain, self.speed_kmh, self.lead_routes)


class ImproveRoad(_Roads):
    """Make roads faster; give links, between or route."""

    op: Literal["improve_road"]
    speed_kmh: Annotated[float, Field(ge=10, le=120)]
    """Least speed on them, km/h; routes that are faster already stay so."""

    def apply(self, network: Network) -> Network:
        """Return the network with the roads improved."""
        return edit.improve_road(network, self.speed_kmh, **self.chosen)


class CloseRoad(_Roads, Dates):
    """Announce that roads are closed; give links, between or route."""

    op: Literal["close_road"]

    def apply(self, network: Network) -> Network:
        """Return the network with the roads closed."""
        return edit.close_road(network, self.first, self.last, **self.chosen)


class CloseRoadYearly(_Roads):
    """Close roads in one season of every year; give links, between or route, and months or two days."""

    op: Literal["close_road_yearly"]
    months: (
        Annotated[
            tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, min_length=1, max_length=12)
        ]
        | None
    ) = None
    """Months in which they are closed from the first day to the last, such as [12, 1, 2]."""
    first_day: Annotated[str, Field(pattern=DAY_OF_YEAR)] | None = None
    """First closed day of every year, "MM-DD"."""
    last_day: Annotated[str, Field(pattern=DAY_OF_YEAR)] | None = None
    """Last closed day, "MM-DD", included; in the next year if it comes before the first."""

    @model_validator(mode="after")
    def _says_when_once(self) -> Self:
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
        seasons = []
        for month in sorted(m for m in chosen if (m - 2) % 12 + 1 not in chosen):
            last = month
            while last % 12 + 1 in chosen:
                last = last % 12 + 1
            seasons.append((f"{month:02d}-01", f"{last:02d}-{monthrange(2000, last)[1]}"))
        return seasons

    def apply(self, network: Network) -> Network:
        """Return the network with the roads closed every year."""
        for first, last in self.seasons:
            network = edit.close_road_yearly(network, first, last, **self.chosen)
        return network
