"""Reports of published figures, read and checked.

A report file (``data/<region>/report-<year>.toml``) holds only what was
published.  Figures that follow from published ones by arithmetic, such as the
express share of revenue, are computed on loading and marked *derived*; they
name the figures they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from network.errors import InputErrors, Problem, nearest
from network.inputs.derived import DERIVED, derive
from network.inputs.figures import UNITS, Figure, Report
from network.inputs.texts import read_text
from network.inputs.validation import Note, Number, Row, Text, Whole, Wrong, read_toml

__all__ = ["load_reports", "parse_report"]

_NAME = re.compile(r"report-\d+\.toml")
_COUNTS = {
    "routes", "vehicles", "outlets", "services", "stations", "counties", "brands", "firms", "levels",
    "centres", "years", "villages", "days a week",
}  # fmt: skip
_DATE = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
_USE = r"^(check|input|context)\b"


@dataclass(frozen=True, kw_only=True)
class _Head(Row):
    """What a report is."""

    region: Text
    year: Annotated[Whole, Field(ge=1900, le=2200, description="a year such as 2021")]
    title: Note = ""
    date: Note = ""
    source: Note = ""
    note: Note = ""


@dataclass(frozen=True, kw_only=True)
class _Published(Row):
    """A figure of the file; see `network.inputs.figures.Figure`."""

    value: Annotated[Number, Field(ge=0, le=1e15)]
    unit: Text
    date: Annotated[Note, Field(pattern=_DATE, description="YYYY, YYYY-MM or YYYY-MM-DD in quotes")]
    precision: Annotated[
        Number, Field(ge=0, le=1e15, description="half-width of the printed rounding, 0 to 1e15")
    ]
    quote: Text
    meaning: Text
    use: Annotated[Note, Field(pattern=_USE, description="text that begins with check, input or context")]


@dataclass(frozen=True)
class _File(Row):
    """A report file."""

    report: _Head
    figures: dict[str, _Published]


def load_reports(folder: Traversable) -> dict[int, Report]:
    """Read the reports of a region's folder, by year ascending.

    Raises
    ------
    InputErrors
        If a file is wrong; all problems of all files together.
    """
    paths = {path.name: path for path in folder.iterdir() if _NAME.fullmatch(path.name)}
    reports: dict[int, Report] = {}
    problems: list[Problem] = []
    for name in sorted(paths):
        try:
            report = parse_report(name, read_text(paths[name]))
        except InputErrors as error:
            problems += error.problems
            continue
        if report.year in reports:
            problems.append(Problem(name, "report", "year", report.year, "a year that no other report has"))
        reports[report.year] = report
    if problems:
        raise InputErrors(problems)
    return dict(sorted(reports.items()))


def parse_report(file: str, text: str) -> Report:
    """Return the report that the text of a file says; errors as for `load_reports`."""
    content = read_toml(text, file, _File)
    problems = (
        [] if content.figures else [Problem(file, "figures", "", "missing", "at least one [figures.NAME]")]
    )
    figures: dict[str, Figure] = {}
    for name, figure in content.figures.items():
        problems += [Problem(file, f"figures.{name}", *wrong) for wrong in _senseless(name, figure)]
        figures[name] = Figure(name, **vars(figure))
    if problems:
        raise InputErrors(problems)
    figures |= {derived.name: derived for derived in derive(figures)}
    return Report(figures=MappingProxyType(figures), **vars(content.report))


def _senseless(name: str, figure: _Published) -> Iterator[Wrong]:
    if name in DERIVED:
        yield "", name, "only published figures; this one is computed from others"
    elif name not in UNITS:
        yield "", name, "a name of network.inputs.figures.UNITS", nearest(name, UNITS)
    elif figure.unit != UNITS[name]:
        yield "unit", figure.unit, repr(UNITS[name])
    elif figure.unit == "share" and figure.value > 1:
        yield "value", figure.value, "0 to 1"
    elif figure.unit in _COUNTS and figure.value != round(figure.value):
        yield "value", figure.value, "a whole number"
