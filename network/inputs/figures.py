"""Published figures: value, unit, date, printed precision and the words quoted.

A report file (``data/<region>/report-<year>.toml``) holds only what was
published.  Figures that follow from published ones by arithmetic, such as the
express share of revenue, are computed on loading and marked *derived*; they
name the figures they come from.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.derived import DERIVED, derive
from network.inputs.regions import regions

__all__ = ["UNITS", "Figure", "Report", "load_report", "load_report_file"]

#: Unit of every figure that a report may publish.
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "road_routes": "routes",
        "road_route_km": "km",
        "rail_routes": "routes",
        "rail_route_km": "km",
        "air_routes": "routes",
        "air_route_km": "km",
        "vehicles": "vehicles",
        "postal_outlets": "outlets",
        "postal_services": "services",
        "postal_outlets_full_service_share": "share",
        "village_stations": "stations",
        "villages_direct_mail_share": "share",
        "border_natural_villages_share": "share",
        "border_counties": "counties",
        "express_brands": "brands",
        "express_firms": "firms",
        "express_outlets": "outlets",
        "express_items": "items a year",
        "express_revenue_yuan": "yuan a year",
        "industry_revenue_yuan": "yuan a year",
        "business_volume_yuan": "yuan a year",
        "screening_subsidy_yuan": "yuan",
        "screening_levels": "levels",
        "safety_centres": "centres",
        "confidential_years": "years",
        "newspaper_reach_share": "share",
        "administrative_villages": "villages",
        "bank_desk_mode_3_2": "days a week",
        "bank_desk_mode_4_1": "days a week",
    }
)

_COUNTS = {
    "routes", "vehicles", "outlets", "services", "stations", "counties", "brands", "firms", "levels",
    "centres", "years", "villages", "days a week",
}  # fmt: skip
_TEXT = ("unit", "date", "quote", "meaning", "use")
_FIELDS = {"value", "precision", *_TEXT}
_HEAD = {"region", "year", "title", "date", "source", "note"}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class Figure:
    """One published number, or one that follows from published numbers.

    Parameters
    ----------
    name, unit
        As in `UNITS`; derived figures have names and units of their own.
    value
        In `unit`.
    date
        ISO date of what is counted: a day for a stock, a year for a flow.
    precision
        Half-width of the printed rounding, in `unit`: 18,300 km printed as
        1.83 万公里 is ± 50.  For a derived figure, what the precisions of its
        parents allow.
    quote
        The words quoted; ``""`` for a derived figure.
    meaning
        What is counted.
    use
        What the model does with it; begins with ``check`` when a built value
        is compared with it, else with ``input`` or ``context``.
    kind
        ``published`` or ``derived``.
    parents
        Names of the figures that a derived one comes from.
    """

    name: str
    value: float
    unit: str
    date: str
    precision: float
    quote: str
    meaning: str
    use: str
    kind: str = "published"
    parents: tuple[str, ...] = ()

    @property
    def checked(self) -> bool:
        """Whether `check` compares a built value with this figure."""
        return self.use.startswith("check")

    def agrees(self, built: float) -> bool:
        """Return whether a built value equals the figure within its printed precision."""
        return abs(built - self.value) <= self.precision + 1e-9 * abs(self.value)


@dataclass(frozen=True)
class Report:
    """The figures of one region and year, by name."""

    region: str
    year: int
    figures: Mapping[str, Figure]
    title: str = ""
    date: str = ""
    source: str = ""
    note: str = ""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "figures": dict(self.figures)}  # a read-only view does not pickle

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, figures=MappingProxyType(state["figures"]))

    def __getitem__(self, name: str) -> Figure:
        """Return a figure.

        Raises
        ------
        UnknownNameError
            If the report does not publish it.
        """
        try:
            return self.figures[name]
        except KeyError:
            raise UnknownNameError(f"figure of the {self.year} report", name, self.figures) from None

    def __contains__(self, name: object) -> bool:
        return name in self.figures

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def value(self, name: str) -> float:
        """Return the value of a figure; raises as ``report[name]``."""
        return self[name].value

    def count(self, name: str) -> int:
        """Return the value of a counted figure as an integer; raises as ``report[name]``."""
        return round(self[name].value)

    def published(self) -> tuple[Figure, ...]:
        """Return the published figures, in the order of the file."""
        return tuple(figure for figure in self.figures.values() if figure.kind == "published")


def load_report(region: str = "xizang", year: int = 2021) -> Report:
    """Read a report that comes with the package.

    Raises
    ------
    UnknownNameError
        If there is no such region, or no report of that year.
    InputErrors
        If the file is wrong; all problems together.

    Examples
    --------
    >>> report = load_report("xizang", 2021)
    >>> report["road_route_km"].value, report["road_route_km"].precision
    (18300.0, 50.0)
    """
    folder = files("network").joinpath("data", region)
    if not folder.is_dir():
        raise UnknownNameError("region", region, regions())
    path = folder.joinpath(f"report-{year}.toml")
    if not path.is_file():
        years = sorted(p.name[7:-5] for p in folder.iterdir() if re.fullmatch(r"report-\d+\.toml", p.name))
        raise UnknownNameError(f"report year of {region}", str(year), years)
    return _parse(path.name, path.read_text(encoding="utf-8"))


def load_report_file(path: str | Path) -> Report:
    """Read a report file of one's own; errors as for `load_report`."""
    path = Path(path)
    return _parse(path.name, path.read_text(encoding="utf-8"))


def _parse(file: str, text: str) -> Report:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid TOML")]) from None
    problems = [
        Problem(file, "", key, "…", "[report] or [figures.NAME]", nearest(key, ("report", "figures")))
        for key in data
        if key not in ("report", "figures")
    ]
    head = data.get("report", {})
    problems += _head_problems(file, head)
    figures: dict[str, Figure] = {}
    bodies = data.get("figures", {})
    if not isinstance(bodies, dict) or not bodies:
        problems.append(Problem(file, "figures", "", "missing", "at least one [figures.NAME]"))
        bodies = {}
    for name, body in bodies.items():
        found = _figure_problems(file, name, body)
        problems += found
        if not found:
            figures[name] = Figure(
                name, float(body["value"]), body["unit"], body["date"], float(body["precision"]),
                body["quote"], body["meaning"], body["use"],
            )  # fmt: skip
    if problems:
        raise InputErrors(problems)
    for derived in derive(figures):
        figures[derived["name"]] = Figure(**derived)
    rest = {key: head[key] for key in ("title", "date", "source", "note") if key in head}
    return Report(head["region"], head["year"], MappingProxyType(figures), **rest)


def _head_problems(file: str, head: Any) -> list[Problem]:
    if not isinstance(head, dict) or not head:
        return [Problem(file, "report", "", "missing", "[report] with region and year")]
    problems = [
        Problem(file, "report", key, value, f"one of {', '.join(sorted(_HEAD))}", nearest(key, _HEAD))
        for key, value in head.items()
        if key not in _HEAD
    ]
    if not isinstance(head.get("year"), int) or isinstance(head.get("year"), bool):
        problems.append(Problem(file, "report", "year", head.get("year", "missing"), "a year such as 2021"))
    for key in ("region", "title", "date", "source", "note"):
        if not isinstance(head.get(key, "" if key != "region" else None), str):
            problems.append(Problem(file, "report", key, head.get(key, "missing"), "some text"))
    return problems


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _figure_problems(file: str, name: str, body: Any) -> list[Problem]:
    table = f"figures.{name}"
    if name in DERIVED:
        return [Problem(file, table, "", name, "only published figures; this one is computed from others")]
    if name not in UNITS:
        return [
            Problem(
                file, table, "", name, "the name of a figure (network.figures.UNITS)", nearest(name, UNITS)
            )
        ]
    if not isinstance(body, dict):
        return [
            Problem(file, table, "", body, "a table with value, unit, date, precision, quote, meaning, use")
        ]
    problems = [
        Problem(file, table, key, value, f"one of {', '.join(sorted(_FIELDS))}", nearest(key, _FIELDS))
        for key, value in body.items()
        if key not in _FIELDS
    ]
    problems += [Problem(file, table, key, "missing", "required") for key in sorted(_FIELDS - body.keys())]
    unit = UNITS[name]
    value, precision = body.get("value", 0), body.get("precision", 0)
    if not _number(value) or value < 0:
        problems.append(Problem(file, table, "value", value, "a number, 0 or more"))
    elif unit == "share" and value > 1:
        problems.append(Problem(file, table, "value", value, "0 to 1"))
    elif unit in _COUNTS and value != round(value):
        problems.append(Problem(file, table, "value", value, "a whole number"))
    if not _number(precision) or precision < 0:
        problems.append(
            Problem(file, table, "precision", precision, "half-width of the printed rounding, 0 or more")
        )
    for key in _TEXT:
        if key in body and (not isinstance(body[key], str) or not body[key].strip()):
            problems.append(Problem(file, table, key, body[key], "some text"))
    if body.get("unit", unit) != unit:
        problems.append(Problem(file, table, "unit", body["unit"], repr(unit)))
    date = body.get("date", "2021")
    if isinstance(date, str) and date.strip() and not _DATE.fullmatch(date):
        problems.append(Problem(file, table, "date", date, "YYYY, YYYY-MM or YYYY-MM-DD in quotes"))
    use = body.get("use", "check")
    if (
        isinstance(use, str)
        and use.strip()
        and use.split(";")[0].split()[0] not in ("check", "input", "context")
    ):
        problems.append(Problem(file, table, "use", use, "text that begins with check, input or context"))
    return problems
