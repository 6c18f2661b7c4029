"""The yearly express items that were published, and what is assumed of growth, of one region."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.assumed_lists import Key, check_rows
from network.inputs.regions import regions
from network.inputs.reports import load_report

__all__ = ["Assumed", "Growth", "Point", "load_growth", "parse_growth"]

_FILE = "growth.toml"
_FIGURE = "express_items"
_KINDS = ("known", "derived")
_WHAT = ("sent", "expected", "delivered")
_TEXT = Key(str)
_POINT: Mapping[str, Key] = {
    "year": Key(int, 1900, 2100),
    "items": Key(float, 1, 1e12),
    "precision": Key(float, 0, 1e12),
    "kind": Key(str, choices=_KINDS),
    "quote": _TEXT,
    "source": _TEXT,
    "why": _TEXT,
}
_ASSUMED: Mapping[str, Key] = {
    "default": Key(float, -1e9, 1e9),
    "low": Key(float, -1e9, 1e9),
    "high": Key(float, -1e9, 1e9),
    "unit": _TEXT,
    "why": _TEXT,
}
#: What a file must assume, with the values allowed.
NAMES: Mapping[str, tuple[float, float]] = {
    "universal_growth": (-0.5, 0.5),
    "damping": (0.0, 1.0),
    "lane_yuan_year": (0.0, 1e8),
    "sorter_yuan_year": (0.0, 1e8),
}


@dataclass(frozen=True)
class Point:
    """Express items sent in one year, as somebody printed them."""

    year: int
    items: float
    precision: float  # half-width of the rounding, items
    kind: str  # published (the report), known (another source) or derived
    source: str
    quote: str
    why: str = ""
    what: str = "sent"  # of later points: sent, expected or delivered


@dataclass(frozen=True)
class Assumed:
    """An assumed value with its range."""

    default: float
    low: float
    high: float
    unit: str
    why: str


@dataclass(frozen=True)
class Growth:
    """What a region's data say of growth.

    Parameters
    ----------
    points
        Express items sent, by year; the reports' own among them.
    later
        What was printed of later years: held out, never fitted (rule 21).
    assumed
        By name.
    """

    region: str
    points: tuple[Point, ...]
    later: tuple[Point, ...]
    assumed: Mapping[str, Assumed]

    def __getitem__(self, name: str) -> float:
        """Return the default of an assumed value.

        Raises
        ------
        UnknownNameError
            If there is none of this name.
        """
        try:
            return self.assumed[name].default
        except KeyError:
            raise UnknownNameError("assumed value of growth", name, self.assumed) from None


def load_growth(region: str = "xizang") -> Growth:
    """Read what a region's data say of growth.

    Raises
    ------
    UnknownNameError
        If there is no such region.
    InputErrors
        If it has no ``growth.toml``, or a wrong one; all problems together.

    Examples
    --------
    >>> [point.year for point in load_growth("xizang").points]
    [2012, 2016, 2017, 2019, 2020, 2021]
    """
    if region not in regions():
        raise UnknownNameError("region", region, regions())
    folder = files("network").joinpath("data", region)
    path = folder.joinpath(_FILE)
    if not path.is_file():
        allowed = "a region whose data hold growth.toml: points of demand by year"
        raise InputErrors([Problem(_FILE, "", "region", region, allowed)])
    years = sorted(
        int(entry.name[7:-5])
        for entry in folder.iterdir()
        if entry.name.startswith("report-") and entry.name.endswith(".toml")
    )
    return parse_growth(path.read_text(encoding="utf-8"), region, tuple(years))


def parse_growth(text: str, region: str = "xizang", years: tuple[int, ...] = (), file: str = _FILE) -> Growth:
    """Return what a text says, with the points of the region's reports of these years; errors as above."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid TOML")]) from None
    known = ("point", "later", "assumed")
    problems = [
        Problem(file, "", key, "…", f"one of {', '.join(known)}", nearest(key, known))
        for key in data
        if key not in known
    ]
    points, later = (_rows(file, data, table, problems) for table in ("point", "later"))
    assumed = _assumed(file, data.get("assumed", {}), problems)
    if problems:
        raise InputErrors(problems)
    own = [_of_report(region, year) for year in years]
    every = sorted([*own, *points], key=lambda point: point.year)
    twice = {a.year for a, b in pairwise(every) if a.year == b.year}
    problems += [Problem(file, "point", "year", year, "one point a year") for year in sorted(twice)]
    if len(every) < 3:
        problems.append(Problem(file, "point", "", len(every), "at least three points with the reports'"))
    early = [point.year for point in later if every and point.year <= every[-1].year]
    allowed = "a year after the last point, or a row [[point]]"
    problems += [Problem(file, "later", "year", year, allowed) for year in early]
    if problems:
        raise InputErrors(problems)
    return Growth(region, tuple(every), tuple(later), assumed)


def _rows(file: str, data: Mapping[str, Any], table: str, problems: list[Problem]) -> list[Point]:
    rows = data.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append(Problem(file, "", table, rows, f"rows [[{table}]]"))
        return []
    columns = {**_POINT, "what": Key(str, choices=_WHAT)} if table == "later" else _POINT
    found = check_rows(file, table, rows, columns)
    problems += found
    return [] if found else [Point(**row) for row in rows]


def _assumed(file: str, data: Any, problems: list[Problem]) -> Mapping[str, Assumed]:
    tables = data if isinstance(data, dict) else {}
    for name in sorted(tables.keys() - NAMES.keys()):
        problems.append(
            Problem(file, "assumed", name, "…", f"one of {', '.join(NAMES)}", nearest(name, NAMES))
        )
    values = {}
    for name, (least, most) in NAMES.items():
        row = tables.get(name)
        if not isinstance(row, dict):
            problems.append(Problem(file, "assumed", name, "missing", "default, low, high, unit, why"))
            continue
        found = check_rows(file, f"assumed.{name}", [row], _ASSUMED)
        if not found and not least <= row["low"] <= row["default"] <= row["high"] <= most:
            allowed = f"{least:g} ≤ low ≤ default ≤ high ≤ {most:g}"
            found = [Problem(file, f"assumed.{name}", "default", row["default"], allowed)]
        problems += found
        if not found:
            values[name] = Assumed(**row)
    return MappingProxyType(values)


def _of_report(region: str, year: int) -> Point:
    report = load_report(region, year)
    figure = report[_FIGURE]
    return Point(year, figure.value, figure.precision, "published", report.source, figure.quote)
