"""Observed facts of a region, kept apart to test the model (rule 21).

The file ``data/<region>/observed.toml`` holds them: what was printed, by whom and when, which items of the
model it speaks of, and which assumed inputs govern their path.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from network.errors import InputErrors, Problem, nearest
from network.inputs.assumed_lists import Key, check_rows
from network.inputs.assumptions import Assumptions
from network.inputs.standard_tables import WAYS
from network.inputs.tables import Region

__all__ = ["KINDS", "Fact", "RestsOn", "load_facts", "parse_facts", "range_of"]

#: How a fact is set beside the model; see the head of the file.
KINDS = ("usual", "one", "daily", "apart")
UNITS = {"usual": "days", "one": "days", "daily": "items a day"}
OUTSIDE = "outside"
_FILE = "observed.toml"


@dataclass(frozen=True)
class RestsOn:
    """An assumed input that governs the path of a fact's items, and how."""

    key: str
    how: str


@dataclass(frozen=True)
class Fact:
    """One observed fact; `low` and `high` are infinite where the range is open."""

    code: str
    about: str
    kind: str
    unit: str
    low: float
    high: float
    year: int
    printed: str
    means: str
    source: str
    classes: tuple[str, ...]
    rests_on: tuple[RestsOn, ...] = ()
    direction: str = ""
    origin: str = ""
    county: str = ""
    township: str = ""
    town: bool | None = None
    way: str = ""
    why_not: str = ""

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
    return parse_facts(path.read_text(encoding="utf-8"), region, assumptions) if path.is_file() else ()


def parse_facts(text: str, region: Region, assumptions: Assumptions, file: str = _FILE) -> tuple[Fact, ...]:
    """Return the facts that a text says; errors as for `load_facts`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid TOML")]) from None
    problems = [
        Problem(file, "", key, "…", "rows [[fact]]", nearest(key, ["fact"])) for key in data if key != "fact"
    ]
    rows = data.get("fact", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputErrors([*problems, Problem(file, "", "fact", rows, "rows [[fact]]")])
    found = check_rows(file, "fact", rows, _columns(region, assumptions))
    problems += found
    if not found:
        for number, row in enumerate(rows):
            where = f"fact[{number}]"
            problems += [Problem(file, where, *wrong) for wrong in _senseless(row, assumptions)]
        codes = [row["code"] for row in rows]
        problems += [
            Problem(file, "fact", "code", code, "once only")
            for code in sorted({code for code in codes if codes.count(code) > 1})
        ]
    if problems:
        raise InputErrors(problems)
    return tuple(_fact(row) for row in rows)


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


def _fact(row: Mapping[str, Any]) -> Fact:
    rests_on = tuple(RestsOn(**entry) for entry in row.get("rests_on", ()))
    low = -math.inf if row["low"] == "" else float(row["low"])
    high = math.inf if row["high"] == "" else float(row["high"])
    return Fact(**{**row, "classes": tuple(row["classes"]), "rests_on": rests_on, "low": low, "high": high})


class _Edge(Key):
    """An end of a range, or nothing where it is open."""

    def allows(self, value: object) -> str:
        wrong = "" if value == "" else super().allows(value)
        return f'{wrong}, or "" where the range is open' if wrong else ""


def _columns(region: Region, assumptions: Assumptions) -> Mapping[str, Key]:
    counties = tuple(county.code for county in region.counties)
    townships = tuple(township.code for township in region.townships)
    text = Key(str)
    return {
        "code": text,
        "about": text,
        "kind": Key(str, choices=KINDS),
        "unit": Key(str, choices=tuple(dict.fromkeys(UNITS.values()))),
        "low": _Edge(float, 0, 1e9),
        "high": _Edge(float, 0, 1e9),
        "year": Key(int, 1900, 2100),
        "printed": text,
        "means": text,
        "source": text,
        "classes": Key(list),
        "rests_on": Key(list, optional=True),
        "direction": Key(str, choices=WAYS, optional=True),
        "origin": Key(str, choices=_codes(assumptions, OUTSIDE), optional=True),
        "county": _Code(str, choices=counties, optional=True),
        "township": _Code(str, choices=townships, optional=True),
        "town": Key(bool, optional=True),
        "way": Key(str, choices=("land", "air"), optional=True),
        "why_not": Key(str, optional=True),
    }


class _Code(Key):
    """A code of a long list, which a message does not print whole."""

    def allows(self, value: object) -> str:
        return "" if value in self.choices else f"a code of the region, such as {self.choices[0]}"


def _codes(assumptions: Assumptions, table: str) -> tuple[str, ...]:
    return tuple(str(row["code"]) for row in assumptions.table(table))


def _senseless(
    row: Mapping[str, Any], assumptions: Assumptions
) -> Iterable[tuple[str, object, str] | tuple[str, object, str, str]]:
    classes = _codes(assumptions, "classes")
    for cls in row["classes"] or [""]:
        if cls not in classes:
            yield "classes", cls, f"one of {', '.join(classes)}", nearest(str(cls), classes)
    low, high = row["low"], row["high"]
    if low == "" and high == "":
        yield "low, high", "", "at least one of the two"
    elif "" not in (low, high) and low > high:
        yield "high", high, f"{low:g} or more"
    if row["kind"] == "one" and low != high:
        yield "high", high, f"{low}, the same as low, for one item"
    if row["unit"] != UNITS.get(row["kind"], row["unit"]):
        yield "unit", row["unit"], UNITS[row["kind"]]
    if row["kind"] == "apart" and "why_not" not in row:
        yield "why_not", "missing", "why it is not compared"
    if "origin" in row and row.get("direction") != "inbound":
        yield "direction", row.get("direction", "missing"), "inbound, with an origin outside"
    for entry in row.get("rests_on", ()):
        if not isinstance(entry, dict) or set(entry) != {"key", "how"}:
            yield "rests_on", entry, "a table with key and how"
        elif entry["key"] != OUTSIDE and entry["key"] not in assumptions:
            yield "rests_on", entry["key"], "the name of an assumption", nearest(entry["key"], assumptions)
