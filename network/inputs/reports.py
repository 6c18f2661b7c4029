"""Reports of published figures, read and checked.

A report file (``data/<region>/report-<year>.toml``) holds only what was
published.  Figures that follow from published ones by arithmetic, such as the
express share of revenue, are computed on loading and marked *derived*; they
name the figures they come from.
"""

from __future__ import annotations

import math
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.derived import DERIVED, derive
from network.inputs.figures import UNITS, Figure, Report
from network.inputs.regions import regions

__all__ = ["load_report", "load_report_file"]

_COUNTS = {
    "routes", "vehicles", "outlets", "services", "stations", "counties", "brands", "firms", "levels",
    "centres", "years", "villages", "days a week",
}  # fmt: skip
_TEXT = ("unit", "date", "quote", "meaning", "use")
_FIELDS = {"value", "precision", *_TEXT}
_HEAD = {"region", "year", "title", "date", "source", "note"}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


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
    figures |= {derived.name: derived for derived in derive(figures)}
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
                file,
                table,
                "",
                name,
                "a name of network.inputs.figures.UNITS",
                nearest(name, UNITS),
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
