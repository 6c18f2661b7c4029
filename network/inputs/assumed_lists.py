"""What the rows of the assumed lists must hold: one table and one check for each list.

`Assumptions.load` runs these, so that a list that reaches the model is whole:
every column there, values in their ranges, shares that sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from network.errors import Problem
from network.inputs.validation import Choice, Flag, Number, Row, Share, Text, Whole, Wrong, checked, repeated

__all__ = ["CLASS_FLOWS", "ENTRY_GROUPS", "LISTS", "check_lists"]

#: How the volume of an item class is found; see the head of the list in assumptions.toml.
CLASS_FLOWS = ("report", "head", "place", "office")
#: Mode groups of an entry: open to every item, or only to items that may fly.
ENTRY_GROUPS = ("surface", "any")

Rows = Sequence[Mapping[str, Any]]
Amount = Annotated[Number, Field(ge=0, le=1e12)]
Hours = Annotated[Number, Field(ge=0, le=24 * 28)]
Month = Annotated[Whole, Field(ge=1, le=12)]


@dataclass(frozen=True, kw_only=True)
class Listed(Row):
    """A row of a list, with its reason."""

    why: Annotated[Text, Field(description="a reason")]


@dataclass(frozen=True, kw_only=True)
class ListedClass(Listed):
    """A class of items."""

    code: Text
    name: Text
    name_zh: Text
    priority: Annotated[Whole, Field(ge=0, le=99)]
    private_ok: Flag
    flow: Annotated[str, Choice(*CLASS_FLOWS)]
    yearly: Amount
    yearly_low: Amount
    yearly_high: Amount
    inbound_ratio: Annotated[Number, Field(ge=0, le=100)]
    mean_kg: Annotated[Number, Field(ge=1e-3, le=50)]
    items_per_m3: Annotated[Number, Field(ge=1, le=1e5)]
    tariff_yuan: Amount
    any_share: Share
    signed: Flag


@dataclass(frozen=True, kw_only=True)
class ListedEntry(Row):
    """A gateway by which mail from an outside origin comes in."""

    gateway: Text
    group: Annotated[str, Choice(*ENTRY_GROUPS)]
    km: Amount
    hours: Hours
    low: Hours
    high: Hours


@dataclass(frozen=True, kw_only=True)
class ListedOutside(Listed):
    """An origin of mail outside the region."""

    code: Text
    name: Text
    name_zh: Text
    hub: Text
    inbound_share: Share
    inbound_low: Share
    inbound_high: Share
    outbound_share: Share
    outbound_low: Share
    outbound_high: Share
    entries: tuple[ListedEntry, ...]


@dataclass(frozen=True, kw_only=True)
class ListedBrand(Listed):
    """An express brand and its share of items."""

    code: Text
    name: Text
    name_zh: Text
    share: Share
    low: Share
    high: Share
    active_2012: Flag
    share_2012: Share
    private: Flag


@dataclass(frozen=True, kw_only=True)
class ListedMonths(Listed):
    """A period of the year and its items."""

    first: Month
    last: Month
    items: Annotated[Whole, Field(ge=0, le=10**12)]
    source: Text = ""


@dataclass(frozen=True, kw_only=True)
class ListedWeekday(Listed):
    """Demand of a weekday beside a mean one."""

    weekday: Annotated[Whole, Field(ge=0, le=6)]
    name: Text
    factor: Amount
    low: Amount
    high: Amount


@dataclass(frozen=True, kw_only=True)
class ListedHoliday(Listed):
    """Demand of a kind of holiday beside a mean weekday."""

    kind: Text
    factor: Amount
    low: Amount
    high: Amount


@dataclass(frozen=True, kw_only=True)
class ListedHour(Listed):
    """Weight of an hour of acceptance."""

    hour: Annotated[Whole, Field(ge=0, le=23)]
    weight: Amount


@dataclass(frozen=True, kw_only=True)
class ListedTerrain(Listed):
    """The terrain of a prefecture; names its circuity."""

    prefecture: Text
    terrain: Annotated[str, Choice("central", "plateau", "gorge")]


@dataclass(frozen=True, kw_only=True)
class ListedSeat(Listed):
    """The seat of a prefecture, with the airport that serves it."""

    prefecture: Text
    county: Text
    airport: Text = ""
    capital: Flag = False


@dataclass(frozen=True, kw_only=True)
class ListedCensus(Listed):
    """A county that the census of 2010 counted inside another."""

    county: Text
    inside: Text


@dataclass(frozen=True, kw_only=True)
class ListedDistance(Listed):
    """A timetable distance between two stations of a line."""

    line: Text
    from_: Annotated[Text, Field(alias="from")]
    to: Text
    km: Annotated[Number, Field(ge=1, le=20_000)]
    source: Text = ""


@dataclass(frozen=True, kw_only=True)
class ListedAirCity(Listed):
    """A city outside that flights of the region reach."""

    gateway: Text
    role: Annotated[str, Choice("hub", "end", "other")]
    people_million: Annotated[Number, Field(ge=0, le=1000)]


@dataclass(frozen=True, kw_only=True)
class ListedAirPair(Listed):
    """A pair of airports that is flown."""

    pair: Annotated[Text, Field(pattern=r"^[^-]+-[^-]+$", description="two airports such as LXA-CTU")]


@dataclass(frozen=True, kw_only=True)
class ListedThrough(Listed):
    """The most through routes that start at an airport."""

    airport: Text
    low: Whole
    most: Annotated[Whole, Field(ge=0, le=1000)]
    high: Whole


#: What each list holds that a region must have.
LISTS: Mapping[str, type[Listed]] = MappingProxyType(
    {
        "classes": ListedClass,
        "outside": ListedOutside,
        "brands": ListedBrand,
        "months": ListedMonths,
        "weekdays": ListedWeekday,
        "holidays": ListedHoliday,
        "hours": ListedHour,
    }
)
#: What lists hold that a region may have.
OPTIONAL: Mapping[str, type[Listed]] = MappingProxyType(
    {
        "terrain": ListedTerrain,
        "seats": ListedSeat,
        "census_2010_inside": ListedCensus,
        "rail_timetable": ListedDistance,
        "air_cities": ListedAirCity,
        "air_required": ListedAirPair,
        "air_through": ListedThrough,
    }
)


def check_lists(tables: Mapping[str, Rows], file: str = "assumptions.toml") -> list[Problem]:
    """Return everything that is wrong with the lists; a list unknown here only needs its reasons."""
    problems = [
        Problem(file, name, "", "missing", "rows [[" + name + "]]") for name in LISTS if name not in tables
    ]
    for name, rows in tables.items():
        cls: type[Listed] | None = {**LISTS, **OPTIONAL}.get(name)
        wrong: list[Problem] = []
        for number, row in enumerate(rows):
            kept = row if cls else {"why": row.get("why", "")}
            wrong += checked(cls or Listed, kept, file, f"{name}[{number}]")[1]
        if name in _SENSE and not wrong:
            wrong = [Problem(file, name, *sense) for sense in _SENSE[name](rows)]
        problems += wrong
    return problems


def _unique(rows: Rows, key: str) -> Iterable[Wrong]:
    for value in repeated(row[key] for row in rows):
        yield key, value, "a value no other row has"


def _sums_to_one(rows: Rows, key: str) -> Iterable[Wrong]:
    total = sum(row[key] for row in rows)
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        yield key, f"sum {total:.10g}", "shares that sum to 1"


def _in_range(rows: Rows, label: str, value: str, low: str, high: str) -> Iterable[Wrong]:
    for row in rows:
        if not row[low] <= row[value] <= row[high]:
            yield f"{value} of {row[label]}", row[value], f"{row[low]:g} to {row[high]:g} ({low}, {high})"


def _all_of(rows: Rows, key: str, wanted: Iterable[int]) -> Iterable[Wrong]:
    given, want = sorted(row[key] for row in rows), list(wanted)
    if given != want:
        yield key, given, f"{want[0]} to {want[-1]}, each once"


def _classes(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "code")
    yield from _unique(rows, "priority")
    yield from _in_range(rows, "code", "yearly", "yearly_low", "yearly_high")


def _outside(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "code")
    for way in ("inbound", "outbound"):
        yield from _sums_to_one(rows, f"{way}_share")
        yield from _in_range(rows, "code", f"{way}_share", f"{way}_low", f"{way}_high")
    for row in rows:
        yield from _in_range(row["entries"], "gateway", "hours", "low", "high")
        if not any(entry["group"] == "surface" for entry in row["entries"]):
            yield f"entries of {row['code']}", "none by surface", "at least one entry of group surface"


def _brands(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "code")
    yield from _sums_to_one(rows, "share")
    yield from _sums_to_one(rows, "share_2012")
    yield from _in_range(rows, "code", "share", "low", "high")
    for row in rows:
        if row["active_2012"] != (row["share_2012"] > 0):
            yield (
                f"share_2012 of {row['code']}",
                row["share_2012"],
                "above 0 for brands active in 2012, else 0",
            )


def _months(rows: Rows) -> Iterable[Wrong]:
    months = [month for row in rows for month in range(row["first"], row["last"] + 1)]
    if months != list(range(1, 13)):
        yield "first, last", months, "every month once, in order"
    if not sum(row["items"] for row in rows):
        yield "items", 0, "more than 0 in the year"


def _weekdays(rows: Rows) -> Iterable[Wrong]:
    yield from _all_of(rows, "weekday", range(7))
    yield from _in_range(rows, "name", "factor", "low", "high")


def _holidays(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "kind")
    yield from _in_range(rows, "kind", "factor", "low", "high")


def _hours(rows: Rows) -> Iterable[Wrong]:
    yield from _all_of(rows, "hour", range(24))
    yield from _sums_to_one(rows, "weight")


def _terrain(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "prefecture")


def _air_cities(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "gateway")


def _air_through(rows: Rows) -> Iterable[Wrong]:
    yield from _unique(rows, "airport")
    yield from _in_range(rows, "airport", "most", "low", "high")


_SENSE: Mapping[str, Callable[[Rows], Iterable[Wrong]]] = {
    "terrain": _terrain,
    "air_cities": _air_cities,
    "air_through": _air_through,
    "classes": _classes,
    "outside": _outside,
    "brands": _brands,
    "months": _months,
    "weekdays": _weekdays,
    "holidays": _holidays,
    "hours": _hours,
}
