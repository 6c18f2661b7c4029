"""Changes of demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from network.edit import demand as edit
from network.edit.growth import follow_trend
from network.model.limits import FIRST_YEAR, LAST_YEAR, MOST_GROWTH, MOST_ITEMS_A_PERSON
from network.model.network import Network
from scenarios.changes.tables import Dates, Direction, Factor, Names, Operation, Text

__all__ = ["AddClass", "FollowTrend", "GrowDemand", "PeakDemand", "ScaleDemand", "SetInboundRatio"]


class ScaleDemand(Operation):
    """Multiply the items offered."""

    op: Literal["scale_demand"]
    factor: Factor
    """Multiplier of the daily number of items."""
    classes: Names | None = None
    """Item classes by code; all by default."""
    direction: Direction | None = None
    """Items accepted in the region only, or items from outside only; both by default."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"classes": "class"}

    def apply(self, network: Network) -> Network:
        """Return the network with the demand scaled."""
        return edit.scale_demand(network, self.factor, self.classes, self.direction)


class GrowDemand(Operation):
    """Let the items offered grow by the same share year after year."""

    op: Literal["grow_demand"]
    per_year: Annotated[float, Field(ge=-0.9, le=2)]
    """Growth a year: 0.1 is 10 % more, -0.05 is 5 % less."""
    years: Annotated[float, Field(gt=0, le=50)]
    """Years of growth."""
    classes: Names | None = None
    """Item classes by code; all by default."""
    direction: Direction | None = None
    """Items accepted in the region only, or items from outside only; both by default."""

    @model_validator(mode="after")
    def _stays_within_bounds(self) -> GrowDemand:
        factor = (1 + self.per_year) ** self.years
        if factor > MOST_GROWTH:
            raise ValueError(
                f"per_year and years that make at most {MOST_GROWTH:g} times the items, not {factor:.3g}"
            )
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"classes": "class"}

    def apply(self, network: Network) -> Network:
        """Return the network with the demand grown."""
        return edit.grow_demand(network, self.per_year, self.years, self.classes, self.direction)


class FollowTrend(Operation):
    """Bring the items offered to those of a later year on the region's trend (docs/growth.md)."""

    op: Literal["follow_trend"]
    to_year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    """Year whose demand is wanted; another follow_trend before this one no longer holds."""
    at: Literal["low", "mid", "high"] | None = None
    """Where in the trend's interval: its quartiles or its median; "mid" by default."""
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The same as a number, such as 0.9 for what is exceeded with one chance in ten."""

    @model_validator(mode="after")
    def _says_where_once(self) -> FollowTrend:
        if self.at is not None and self.quantile is not None:
            raise ValueError("give at or quantile, not both")
        return self

    def apply(self, network: Network) -> Network:
        """Return the network with the demand of the year."""
        return follow_trend(network, self.to_year, self.quantile or self.at or "mid")


class SetInboundRatio(Operation):
    """Set how many items come from outside for each one sent; the base network stays as fitted."""

    op: Literal["set_inbound_ratio"]
    ratio: Annotated[float, Field(ge=0, le=100)]
    """Inbound items for each originating one."""
    classes: Names = ("express",)
    """Item classes by code; those that have no items from outside in the base are refused."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"classes": "class"}

    def apply(self, network: Network) -> Network:
        """Return the network with the ratio set."""
        return edit.set_inbound_ratio(network, self.ratio, self.classes)


class PeakDemand(Dates):
    """Multiply the items accepted on some dates, on top of the year's number."""

    op: Literal["peak_demand"]
    factor: Factor
    """Multiplier of the items that the calendar gives these dates."""
    classes: Names | None = None
    """Item classes by code; by default all but newspapers, which are a bundle a day for each place."""
    direction: Direction | None = None
    """Items accepted in the region only, or items from outside only; both by default."""

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {**super().references(), "classes": "class"}

    def apply(self, network: Network) -> Network:
        """Return the network with the peak."""
        return edit.peak_demand(network, self.factor, self.first, self.last, self.classes, self.direction)


class AddClass(Operation):
    """Bring in a class of mail that the post carries beside the others."""

    op: Literal["add_class"]
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Short name, for later changes and for tables."""
    name: Text
    """Name shown in tables."""
    flow: Literal["head", "office"]
    """Sent and received where people live, or between government seats."""
    yearly: Annotated[float, Field(gt=0, le=1e8)]
    """Items accepted in the region in a year: for each person (head), or in all (office)."""
    inbound_ratio: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Items from outside for each one accepted in the region."""
    after: Text | None = None
    """Class behind which it boards (rule 11); behind all others by default."""
    mean_kg: Annotated[float, Field(ge=1e-3, le=50)] = 1.0
    """Mean weight, kg."""
    items_per_m3: Annotated[float, Field(ge=1, le=1e5)] = 130.0
    """Items to a cubic metre."""
    tariff_yuan: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    """Revenue of an item, yuan."""
    any_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share that may fly."""
    signed: bool = True
    """Whether it is delivered against signature, so that an attempt can fail."""
    private_ok: bool = False
    """Whether private carriers may carry it (rule 10)."""

    @model_validator(mode="after")
    def _suits_its_flow(self) -> AddClass:
        if self.flow == "head" and self.yearly > MOST_ITEMS_A_PERSON:
            raise ValueError(
                f"yearly = {self.yearly:g}: at most {MOST_ITEMS_A_PERSON:,.0f} items for each person (head)"
            )
        return self

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"after": "class"}

    def introduces(self) -> Mapping[str, str]:
        """Return the class, for later changes."""
        return {"class": self.code}

    def apply(self, network: Network) -> Network:
        """Return the network with the class."""
        return edit.add_class(network, self.model_dump(exclude={"op", "label", "after"}), self.after)
