"""What the change operations share: tables, selectors and the forms of values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, overload

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from network.inputs.texts import unseen
from network.model.limits import MOST_LEG_KM
from network.model.network import Network

__all__ = [
    "CLOCK",
    "MOST_STOPS",
    "Clock",
    "Count",
    "CountedVehicle",
    "Dates",
    "Direction",
    "Ends",
    "Factor",
    "Lengths",
    "Names",
    "Operation",
    "PlaceSelector",
    "RoundSelector",
    "Share",
    "Table",
    "Text",
    "VehicleName",
    "VillageSelector",
    "Villages",
    "Where",
    "given_once",
    "seconds_of",
    "selector_references",
]

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"

#: Stops of a mail route.
MOST_STOPS = 100


def _without_controls(text: str) -> str:
    """Return a text of one line as it is; raise `ValueError` if it holds a control character."""
    if name := unseen(text):
        raise ValueError(f"text of one line without {name}")
    return text


CountedVehicle = Literal["van", "truck-4.2", "truck-6.8", "truck-9.6"]
VehicleName = Literal["van", "truck-4.2", "truck-6.8", "truck-9.6", "mail-car", "belly"]
Direction = Literal["originating", "inbound"]
Clock = Annotated[str, Field(pattern=CLOCK)]
Count = Annotated[int, Field(ge=1, le=500)]
Text = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_without_controls)]
Leg = Annotated[float, Field(gt=0, le=MOST_LEG_KM)]
Lengths = Annotated[tuple[Leg, ...], Field(strict=False, min_length=1, max_length=MOST_STOPS - 1)]
Names = Annotated[tuple[Text, ...], Field(strict=False, min_length=1, max_length=20_000)]
Ends = Annotated[tuple[Text, ...], Field(strict=False, min_length=2, max_length=2)]
Factor = Annotated[float, Field(ge=0, le=20)]
Share = Annotated[float, Field(gt=0, le=1)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, nothing is coerced, nothing is written to."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
    )


class Operation(Table):
    """A change: what it does, and what to call it."""

    op: Text
    label: Annotated[str, Field(pattern=r"^[A-Za-z][\w-]*$", max_length=100)] | None = None
    """Name of this change, by which a sweep or a message can point at it."""

    def apply(self, network: Network) -> Network:
        """Return the network with the change made.

        Raises
        ------
        YizhanError
            If it cannot be made.
        """
        raise NotImplementedError

    def references(self) -> Mapping[str, str]:
        """Return what kind of name each key holds, for `scenarios.changes.known_names`; dots lead inside."""
        return {}

    def introduces(self) -> Mapping[str, str]:
        """Return names that later changes may use, by kind."""
        return {}


class Dates(Operation):
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

    def references(self) -> Mapping[str, str]:
        """Return the kinds of the names given."""
        return {"from": "date", "until": "date"}


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
    share_of_villages: Share | None = None
    """Of these the rounds with most people first, until they hold this share of the villages; rural \
rounds alone, unless kind says otherwise."""
    rounds: Names | None = None
    """Rounds by id."""


class VillageSelector(PlaceSelector):
    """Villages by where they lie; all that is given must hold."""

    share_of_villages: Share | None = None
    """This share of them: where stations open those with most people, where they close those with fewest."""


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
Villages = Annotated[
    Annotated[Literal["every-village"], Tag("name")]
    | Annotated[Names, Tag("ids")]
    | Annotated[VillageSelector, Tag("selector")],
    Discriminator(_form_of_where),
]


def given_once(table: Table, *names: str) -> None:
    """Raise `ValueError` unless exactly one of some keys is given."""
    if sum(getattr(table, name) is not None for name in names) != 1:
        raise ValueError(f"give one of {', '.join(names[:-1])} and {names[-1]}")


@overload
def seconds_of(clock: str) -> int: ...
@overload
def seconds_of(clock: str | None) -> int | None: ...
def seconds_of(clock: str | None) -> int | None:
    """Return seconds after midnight of an "HH:MM"; None of None."""
    if clock is None:
        return None
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


def selector_references(where: object) -> dict[str, str]:
    """Return the kinds of the names in a selector of places; none in other forms of `where`."""
    if not isinstance(where, PlaceSelector):
        return {}
    return {"where.prefecture": "prefecture", "where.county": "county"}
