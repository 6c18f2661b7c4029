"""Observed facts of a region, kept apart to test the model (rule 21).

The file ``data/<region>/observed.toml`` holds them: what was printed, by whom and when, which items, rounds
or trips of the model it speaks of, which half it belongs to, and which assumed inputs govern its path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field

from network.errors import InputErrors, Problem
from network.inputs.assumptions import Assumptions
from network.inputs.standards import WAYS, Classes
from network.inputs.tables import Region
from network.inputs.texts import read_text
from network.inputs.validation import (
    Blank,
    Choice,
    Flag,
    Number,
    Row,
    Text,
    Whole,
    Wrong,
    among,
    one_of,
    read_toml,
    twice,
)

__all__ = [
    "HALVES",
    "KINDS",
    "OFFERED",
    "OF_ITEMS",
    "Fact",
    "RestsOn",
    "load_facts",
    "parse_facts",
    "range_of",
]

#: Unit of each kind of fact that items answer; how it is set beside the model: see the head of the file.
OF_ITEMS = {
    "usual": "days",
    "quickest": "days",
    "one": "days",
    "towns": "days",
    "counties": "counties",
    "daily": "items a day",
}
#: The same of those that rounds, trips and roads answer.
OFFERED = {"rounds": "a week", "trips": "a week", "ride": "hours"}
UNITS = OF_ITEMS | OFFERED
KINDS = (*UNITS, "apart")
#: One half may serve a named calibration, the other says how good that was (rule 21).
HALVES = ("calibration", "held out")
OUTSIDE = "outside"
_FILE = "observed.toml"


@dataclass(frozen=True)
class RestsOn(Row):
    """An assumed input that governs the path of a fact's items, and how."""

    key: Annotated[Text, among("inputs")]
    how: Text


_End = Annotated[Number, Field(ge=0, le=1e9)]


@dataclass(frozen=True)
class Fact(Row):
    """One observed fact; `low` and `high` are infinite where the range is open."""

    code: Text
    about: Text
    kind: Annotated[str, Choice(*KINDS)]
    unit: Annotated[str, Choice(*dict.fromkeys(UNITS.values()))]
    low: Annotated[_End, Blank(-math.inf, "where the range is open")]
    high: Annotated[_End, Blank(math.inf, "where the range is open")]
    year: Annotated[Whole, Field(ge=1900, le=2100)]
    printed: Text
    means: Text
    source: Text
    classes: Classes = ()
    rests_on: tuple[RestsOn, ...] = ()
    direction: Annotated[str, Choice(*WAYS)] = ""
    origin: Annotated[Text, among(OUTSIDE)] = ""
    from_county: Annotated[Text, among("counties")] = ""
    county: Annotated[Text, among("counties")] = ""
    township: Annotated[Text, among("townships")] = ""
    town: Flag | None = None
    at: Annotated[str, Choice("township", "village")] = ""
    way: Annotated[str, Choice("land", "air")] = ""
    why_not: Text = ""
    half: Annotated[str, Choice(*HALVES)] = ""
    seen: Annotated[str, Choice("again", "once")] = "again"
    read: Text = ""

    @property
    def judged(self) -> bool:
        """Whether the model is judged by it: it is compared, and could be looked up again."""
        return self.kind != "apart" and self.seen == "again"

    def place(self, value: float) -> str:
        """Return where a value lies: "inside" the observed range, "above" or "below" it."""
        if math.isnan(value):
            return "unknown"
        return "below" if value < self.low else "above" if value > self.high else "inside"

    @property
    def observed(self) -> str:
        """The observed range in words."""
        if self.high == self.low:
            return f"{self.low:g} {self.unit}"
        if math.isinf(self.high):
            return f"{self.low:g} {self.unit} and more"
        if math.isinf(self.low):
            return f"up to {self.high:g} {self.unit}"
        return f"{self.low:g}–{self.high:g} {self.unit}"

    def as_dict(self) -> dict[str, Any]:
        """Return what was observed, ready for JSON; None for an open end."""
        return {
            "code": self.code,
            "about": self.about,
            "kind": self.kind,
            "half": self.half,
            "seen": self.seen,
            "judged": self.judged,
            "source": self.source,
            "read": self.read,
            "year": self.year,
            "printed": self.printed,
            "means": self.means,
            "unit": self.unit,
            "observed_low": None if math.isinf(self.low) else self.low,
            "observed_high": None if math.isinf(self.high) else self.high,
            "why_not": self.why_not,
        }


@dataclass(frozen=True)
class _File(Row):
    """The file ``observed.toml``."""

    fact: tuple[Fact, ...] = ()


def load_facts(region: Region, assumptions: Assumptions) -> tuple[Fact, ...]:
    """Return the observed facts of a region; none where it has no file.

    Parameters
    ----------
    region, assumptions
        The places, item classes and assumptions that facts may name.

    Raises
    ------
    InputErrors
        If the file is wrong; all problems together.
    """
    path = files("network").joinpath("data", region.name, _FILE)
    return parse_facts(read_text(path), region, assumptions) if path.is_file() else ()


def parse_facts(text: str, region: Region, assumptions: Assumptions, file: str = _FILE) -> tuple[Fact, ...]:
    """Return the facts that a text says; errors as for `load_facts`."""
    known = {
        "classes": [row["code"] for row in assumptions.table("classes")],
        "inputs": [*assumptions, OUTSIDE],
        OUTSIDE: [row["code"] for row in assumptions.table(OUTSIDE)],
        "counties": [county.code for county in region.counties],
        "townships": [township.code for township in region.townships],
    }
    facts = read_toml(text, file, _File, known).fact
    problems = [
        Problem(file, f"fact[{number}]", *wrong)
        for number, fact in enumerate(facts)
        for wrong in _senseless(fact)
    ]
    problems += twice(file, "fact", "code", [fact.code for fact in facts])
    if problems:
        raise InputErrors(problems)
    return facts


def range_of(key: str, fact: Fact, assumptions: Assumptions) -> str:
    """Return the value in force and the range of an input that a fact rests on, in words.

    Of the list ``outside`` those are the hours of all entries that the fact's items may take.
    """
    if key != OUTSIDE:
        entry = assumptions.entry(key)
        return f"{entry.value:g}, {entry.low:g}–{entry.high:g} {entry.unit}"
    entries = [
        entry
        for row in assumptions.table(OUTSIDE)
        if fact.origin in ("", row["code"])
        for entry in row["entries"]
        if fact.way != "land" or entry["group"] == "surface"
    ]
    low, high = min(entry["low"] for entry in entries), max(entry["high"] for entry in entries)
    hours = [entry["hours"] for entry in entries]
    return f"{min(hours):g}–{max(hours):g}, {low:g}–{high:g} h"


def _senseless(fact: Fact) -> Iterator[Wrong]:
    high = "" if math.isinf(fact.high) else fact.high
    if math.isinf(fact.low) and math.isinf(fact.high):
        yield "low, high", "", "at least one of the two"
    elif fact.low > fact.high:
        yield "high", high, f"{fact.low:g} or more"
    if fact.kind == "one" and fact.low != fact.high:
        yield "high", high, f"{fact.low:g}, the same as low, for one item"
    if fact.unit != UNITS.get(fact.kind, fact.unit):
        yield "unit", fact.unit, UNITS[fact.kind]
    if fact.kind == "apart" and not fact.why_not:
        yield "why_not", "missing", "why it is not compared"
    if fact.kind != "apart" and not fact.half:
        yield "half", "missing", one_of(HALVES)
    if fact.origin and fact.direction != "inbound":
        yield "direction", fact.direction or "missing", "inbound, with an origin outside"
    if fact.kind in OF_ITEMS and not fact.classes:
        yield "classes", "missing", "at least one class of items"
    if fact.from_county and fact.kind in OF_ITEMS and fact.direction == "inbound":
        yield "from_county", fact.from_county, "no county of the region, for mail from outside it"
    if fact.kind == "rounds" and not fact.at:
        yield "at", "missing", "township or village, for days of rounds"
    if fact.kind in OFFERED and not (fact.county or fact.township):
        yield "county", "missing", "a county or township that is served"
    if fact.kind == "ride" and not fact.from_county:
        yield "from_county", "missing", "where the ride begins"
