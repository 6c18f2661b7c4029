"""Service standards as editable tables: how often, how fast, how days are counted.

A standard is a TOML file, in the package (``data/standards``) or anywhere.  An
empty value, ``""``, is one that is not known: it stays in the table, is shown
as not known, and judges nothing.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.assumed_lists import Key, check_rows
from network.inputs.assumptions import Assumptions

__all__ = [
    "AREAS",
    "CERTAINTIES",
    "HARD",
    "HOLIDAYS",
    "WAYS",
    "DayRule",
    "Frequency",
    "HardToReach",
    "Limit",
    "Standard",
    "bundled_standards",
    "load_standard",
    "parse_standard",
    "standards_of",
]

#: How sure a value is: the source says so; general knowledge, to be checked; ours; not known.
CERTAINTIES = ("known", "unverified", "assumed", "unknown")
#: Where items come from, as limits tell it apart; outbound mail leaves before its first attempt.
WAYS = ("same_prefecture", "within_region", "inbound")
#: Kinds of places that a standard tells apart.
AREAS = ("city", "county_town", "township_seat", "village", "natural_village", "monastery")
#: Which holidays of a calendar are no working days.
HOLIDAYS = ("none", "statutory", "all")
#: The area of places that are hard to reach, in the rows of frequency.
HARD = "hard_to_reach"
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class HardToReach:
    """Where the line is drawn; see `network.accessibility.service_standards.hard_to_reach`."""

    round_km: float
    round_days: int
    certainty: str
    source: str
    note: str


@dataclass(frozen=True)
class Frequency:
    """Deliveries a week asked for in an area, or at places hard to reach; None is not known."""

    area: str
    per_week: int | None
    certainty: str
    source: str
    note: str


@dataclass(frozen=True)
class DayRule:
    """How days are counted for some classes; see `network.accessibility.service_standards.working_days`."""

    classes: tuple[str, ...]
    cutoff_h: float | str  # hour of the day, or the name of an assumption that holds it
    collection: tuple[int, ...]  # weekdays, 0 for Monday
    delivery: tuple[int, ...]
    holidays: str
    makeup_days: bool
    certainty: str
    source: str
    note: str

    @property
    def says(self) -> str:
        """The rule in words."""
        collection, delivery = (
            "every day" if len(days) == 7 else " ".join(_WEEK[day] for day in sorted(days))
            for days in (self.collection, self.delivery)
        )
        days = collection if collection == delivery else f"collection {collection}, delivery {delivery}"
        off = {"none": "", "statutory": ", less days off by law", "all": ", less holidays"}[self.holidays]
        return f"{days}{off}; last collection {self.cutoff_h}"


@dataclass(frozen=True)
class Limit:
    """How fast items of some classes, ways and areas must be; None is not known."""

    code: str
    classes: tuple[str, ...]
    directions: tuple[str, ...]
    areas: tuple[str, ...]  # of destination; all when empty
    unit: str  # "hours" to the first attempt, or "days": J+n
    value: float | None
    share: float | None  # of the items that must be in time
    except_hard_to_reach: bool
    certainty: str
    source: str
    note: str

    @property
    def says(self) -> str:
        """The limit in words."""
        if self.value is None:
            return "not known"
        return f"J+{self.value:g}" if self.unit == "days" else f"{self.value:g} h"


@dataclass(frozen=True)
class Standard:
    """A service standard."""

    code: str
    title: str
    title_zh: str
    regions: tuple[str, ...]  # where it binds
    since: str  # date from which it is in force; "" is not known
    source: str
    hard_to_reach: HardToReach | None
    frequency: tuple[Frequency, ...]
    days: tuple[DayRule, ...]
    limits: tuple[Limit, ...]

    def day_rule(self, cls: str) -> DayRule:
        """Return how days are counted for a class; every class of a limit in days has a rule."""
        return next(rule for rule in self.days if cls in rule.classes)


def bundled_standards() -> tuple[str, ...]:
    """Return the names of the standards of the package."""
    folder = files("network").joinpath("data", "standards")
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")))


def load_standard(reference: str | Path, assumptions: Assumptions) -> Standard:
    """Return a standard of the package by name, or one of a file.

    Parameters
    ----------
    reference
        A bundled name or a path.
    assumptions
        Of the region: its item classes, and the assumptions that a cut-off may name.

    Raises
    ------
    UnknownNameError
        If there is neither a file nor a bundled standard of this name.
    InputErrors
        If the file is wrong; all problems together.
    """
    path = Path(reference)
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise InputErrors([Problem(path.name, "", "", str(error), "text in UTF-8")]) from None
        return parse_standard(text, path.name, assumptions)
    name = str(reference)
    if name not in bundled_standards():
        raise UnknownNameError("standard", name, bundled_standards())
    entry = files("network").joinpath("data", "standards", f"{name}.toml")
    return parse_standard(entry.read_text(encoding="utf-8"), entry.name, assumptions)


def standards_of(region: str, assumptions: Assumptions) -> tuple[Standard, ...]:
    """Return the standards of the package that bind in a region."""
    found = (load_standard(name, assumptions) for name in bundled_standards())
    return tuple(standard for standard in found if region in standard.regions)


def parse_standard(text: str, file: str, assumptions: Assumptions) -> Standard:
    """Return the standard that a text says; errors as for `load_standard`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid TOML")]) from None
    classes = tuple(str(row["code"]) for row in assumptions.table("classes"))
    problems = _problems(data, file, classes, assumptions)
    if problems:
        raise InputErrors(problems)
    hard = data.get(HARD)
    return Standard(
        code=file.removesuffix(".toml"),
        title=data["title"],
        title_zh=data["title_zh"],
        regions=tuple(data["regions"]),
        since=str(data["since"]),
        source=data["source"],
        hard_to_reach=HardToReach(**hard) if hard else None,
        frequency=tuple(
            Frequency(**{**row, "per_week": _blank(row["per_week"])}) for row in data.get("frequency", ())
        ),
        days=tuple(_day_rule(row) for row in data.get("days", ())),
        limits=tuple(_limit(row) for row in data.get("limit", ())),
    )


def _blank(value: Any) -> Any:
    return None if value == "" else value


def _day_rule(row: Mapping[str, Any]) -> DayRule:
    weekdays = {key: tuple(_WEEK.index(day) for day in row[key]) for key in ("collection", "delivery")}
    return DayRule(**{**row, "classes": tuple(row["classes"]), **weekdays})


def _limit(row: Mapping[str, Any]) -> Limit:
    unit = "days" if "days" in row else "hours"
    known = {key: value for key, value in row.items() if key not in ("days", "hours")}
    lists = {key: tuple(row[key]) for key in ("classes", "directions", "areas")}
    return Limit(
        **{**known, **lists, "unit": unit, "value": _blank(row[unit]), "share": _blank(row["share"])}
    )


# ---------------------------------------------------------------- checks


class _Open(Key):
    """A column whose value may be empty: not known."""

    def allows(self, value: object) -> str:
        wrong = "" if value == "" else super().allows(value)
        return f'{wrong}, or "" for not known' if wrong else ""


class _Text(Key):
    """A text that may be empty."""

    def allows(self, value: object) -> str:
        return "" if isinstance(value, str) else "some text, or none"


class _Hour(Key):
    """An hour of the day, or the name of an assumption."""

    def allows(self, value: object) -> str:
        if isinstance(value, str) and value.strip():
            return ""
        wrong = Key(float, 0, 24).allows(value)
        return f"{wrong}, or the name of an assumption" if wrong else ""


class _Date(Key):
    """A date, or nothing where it is not known."""

    def allows(self, value: object) -> str:
        right = value == "" or (isinstance(value, dt.date) and not isinstance(value, dt.datetime))
        return "" if right else 'a date such as 2017-03-01, or "" for not known'


class _Table(Key):
    """A table (of kind dict), or rows of tables."""

    def allows(self, value: object) -> str:
        if self.kind is dict:
            return "" if isinstance(value, dict) else "a table"
        rows = isinstance(value, list) and all(isinstance(row, dict) for row in value)
        return "" if rows else "rows of a table, each under its name in double brackets"


_SAID = {"certainty": Key(str, choices=CERTAINTIES), "source": _Text(str), "note": _Text(str)}
_HEAD = {
    "title": Key(str),
    "title_zh": _Text(str),
    "regions": Key(list),
    "since": _Date(str),
    "source": Key(str),
}
_COLUMNS: Mapping[str, Mapping[str, Key]] = {
    HARD: {"round_km": Key(float, 1, 10_000), "round_days": Key(int, 1, 60), **_SAID},
    "frequency": {"area": Key(str, choices=(*AREAS, HARD)), "per_week": _Open(int, 1, 7), **_SAID},
    "days": {
        "classes": Key(list),
        "cutoff_h": _Hour(str),
        "collection": Key(list),
        "delivery": Key(list),
        "holidays": Key(str, choices=HOLIDAYS),
        "makeup_days": Key(bool),
        **_SAID,
    },
    "limit": {
        "code": Key(str),
        "classes": Key(list),
        "directions": Key(list),
        "areas": Key(list),
        "hours": _Open(float, 1, 24 * 365, optional=True),
        "days": _Open(int, 0, 365, optional=True),
        "share": _Open(float, 0.01, 1),
        "except_hard_to_reach": Key(bool),
        **_SAID,
    },
}


def _problems(
    data: Mapping[str, Any], file: str, classes: Sequence[str], assumptions: Assumptions
) -> list[Problem]:
    tables = {name: _Table(list, optional=True) for name in _COLUMNS}
    tables[HARD] = _Table(dict, optional=True)
    problems = [replace(p, table="") for p in check_rows(file, "", [data], {**_HEAD, **tables})]
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for name, columns in _COLUMNS.items():
        if name in data and not tables[name].allows(data[name]):
            listed = data[name] if tables[name].kind is list else [data[name]]
            wrong = check_rows(file, name, listed, columns)
            problems += wrong
            if not wrong:
                rows[name] = listed
    allowed = {
        "classes": classes,
        "directions": WAYS,
        "areas": AREAS,
        "collection": _WEEK,
        "delivery": _WEEK,
    }
    for name, listed in rows.items():
        for number, row in enumerate(listed):
            where = f"{name}[{number}]"
            problems += [Problem(file, where, *wrong) for wrong in _wrong_lists(row, allowed)]
            problems += [Problem(file, where, *wrong) for wrong in _senseless(name, row, data, assumptions)]
    problems += _doubles(file, rows)
    if "days" in rows and "limit" in rows:
        counted = {cls for row in rows["days"] for cls in row["classes"]}
        for number, row in enumerate(rows["limit"]):
            for cls in sorted(set(row["classes"]) - counted) if "days" in row else ():
                allow = "a class with a row [[days]], which says how its days are counted"
                problems.append(Problem(file, f"limit[{number}]", "classes", cls, allow))
    elif any("days" in row for row in rows.get("limit", ())) and "days" not in data:
        problems.append(Problem(file, "days", "", "missing", "rows [[days]], for the limits in days"))
    return problems


_Wrong = tuple[str, object, str, str]  # key, value, allowed, nearest


def _wrong_lists(row: Mapping[str, Any], allowed: Mapping[str, Sequence[str]]) -> Iterable[_Wrong]:
    for key, names in allowed.items():
        for value in row.get(key, ()):
            if value not in names:
                yield key, value, f"one of {', '.join(names)}", nearest(str(value), names)
        if key in row and not row[key] and key != "areas":
            yield key, row[key], "at least one of " + ", ".join(names), ""


def _senseless(
    name: str, row: Mapping[str, Any], data: Mapping[str, Any], assumptions: Assumptions
) -> Iterable[_Wrong]:
    if name == "limit" and ("hours" in row) == ("days" in row):
        yield "hours, days", "both" if "hours" in row else "missing", "one of the two", ""
        return
    value = {"limit": row.get("hours", row.get("days")), "frequency": row.get("per_week")}.get(name)
    if (value == "") != (row["certainty"] == "unknown") and name in ("limit", "frequency"):
        known = "known, unverified or assumed, for there is a value"
        yield "certainty", row["certainty"], "unknown, for the value is empty" if value == "" else known, ""
    if row["certainty"] in ("known", "unverified") and not row["source"].strip():
        yield "source", row["source"], "where the value is from", ""
    if row["certainty"] == "assumed" and not row["note"].strip():
        yield "note", row["note"], "the reason for the assumption", ""
    hard = row.get("except_hard_to_reach") or (name == "frequency" and row["area"] == HARD)
    if hard and HARD not in data:
        yield HARD, "missing", f"a table [{HARD}] that says where the line is", ""
    cutoff = row.get("cutoff_h")
    if isinstance(cutoff, str) and cutoff not in assumptions:
        yield "cutoff_h", cutoff, "an hour, or the name of an assumption", nearest(cutoff, assumptions)


def _doubles(file: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Problem]:
    taken = {
        "frequency": [row["area"] for row in rows.get("frequency", ())],
        "limit": [row["code"] for row in rows.get("limit", ())],
        "days": [cls for row in rows.get("days", ()) for cls in row["classes"]],
    }
    keys = {"frequency": "area", "limit": "code", "days": "classes"}
    return [
        Problem(file, name, keys[name], value, "once only")
        for name, values in taken.items()
        for value in sorted({str(value) for value in values if values.count(value) > 1})
    ]
