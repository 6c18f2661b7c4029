"""The yearly express items that were published, and what is assumed of growth, of one region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from network.errors import InputErrors, Problem, UnknownNameError
from network.inputs.figures import Report
from network.inputs.texts import read_text
from network.inputs.validation import Choice, Number, Row, Text, Whole, among, read_toml

__all__ = ["Assumed", "Growth", "Point", "load_growth", "parse_growth"]

_FILE = "growth.toml"
_FIGURE = "express_items"
#: What a file must assume, with the values allowed.
NAMES: Mapping[str, tuple[float, float]] = {
    "universal_growth": (-0.5, 0.5),
    "damping": (0.0, 1.0),
    "lane_yuan_year": (0.0, 1e8),
    "sorter_yuan_year": (0.0, 1e8),
}


@dataclass(frozen=True)
class Point(Row):
    """Express items sent in one year, as somebody printed them."""

    year: Annotated[Whole, Field(ge=1900, le=2100)]
    items: Annotated[Number, Field(ge=1, le=1e12)]
    precision: Annotated[Number, Field(ge=0, le=1e12)]  # half-width of the rounding, items
    kind: Annotated[str, Choice("known", "derived")]  # another source, or derived; "published": the report
    source: Text
    quote: Text
    why: Text = ""
    what: Annotated[str, Choice("sent", "expected", "delivered")] = "sent"


@dataclass(frozen=True)
class Assumed(Row):
    """An assumed value with its range."""

    default: Number
    low: Number
    high: Number
    unit: Text
    why: Text


@dataclass(frozen=True)
class _File(Row):
    """The file ``growth.toml``."""

    assumed: dict[Annotated[str, among("names")], Assumed]
    point: tuple[Point, ...] = ()
    later: tuple[Point, ...] = ()


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


def load_growth(folder: Traversable, reports: Mapping[int, Report]) -> Growth | None:
    """Read ``growth.toml`` of a region's folder; None where there is none.

    Raises
    ------
    InputErrors
        If it is wrong; all problems together.
    """
    path = folder.joinpath(_FILE)
    return parse_growth(read_text(path), folder.name, reports) if path.is_file() else None


def parse_growth(text: str, region: str, reports: Mapping[int, Report], file: str = _FILE) -> Growth:
    """Return what a text says, with the points of the region's reports; errors as above."""
    content = read_toml(text, file, _File, {"names": NAMES})
    if problems := [Problem(file, *wrong) for wrong in _senseless(content)]:
        raise InputErrors(problems)
    points, later = content.point, content.later
    own = [_of_report(report) for report in reports.values()]
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
    return Growth(region, tuple(every), later, content.assumed)


def _senseless(content: _File) -> Iterator[tuple[str, str, object, str]]:
    """Yield table, key, value and what is allowed instead."""
    for table in ("point", "later"):
        for number, row in enumerate(getattr(content, table)):
            if not row.why:
                yield f"{table}[{number}]", "why", "missing", "required"
            if table == "point" and row.what != "sent":
                yield f"point[{number}]", "what", row.what, "sent; others are rows [[later]]"
    for name, (least, most) in NAMES.items():
        value = content.assumed.get(name)
        if value is None:
            yield "assumed", name, "missing", "default, low, high, unit, why"
        elif not least <= value.low <= value.default <= value.high <= most:
            allowed = f"{least:g} ≤ low ≤ default ≤ high ≤ {most:g}"
            yield f"assumed.{name}", "default", value.default, allowed


def _of_report(report: Report) -> Point:
    figure = report[_FIGURE]
    return Point(report.year, figure.value, figure.precision, "published", report.source, figure.quote)
