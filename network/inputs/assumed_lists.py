"""What the rows of the assumed lists must hold: one check for each list.

`Assumptions.load` runs these, so that a list that reaches the model is whole:
every column there, values in their ranges, shares that sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from network.errors import Problem, nearest

__all__ = ["CLASS_FLOWS", "ENTRY_GROUPS", "LISTS", "check_lists"]

#: How the volume of an item class is found; see the head of the list in assumptions.toml.
CLASS_FLOWS = ("report", "head", "place", "office")
#: Mode groups of an entry: open to every item, or only to items that may fly.
ENTRY_GROUPS = ("surface", "any")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Key:
    """A column of a list: its type, inclusive range, allowed values, and whether it may be left out."""

    kind: type
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[Any, ...] = ()
    optional: bool = False

    def allows(self, value: object) -> str:
        """Return what is allowed when `value` is not, else ``""``."""
        if self.kind is float:
            ok = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not ok or not self.low <= float(value) <= self.high:  # type: ignore[arg-type]
                return f"a number from {self.low:g} to {self.high:g}"
        elif self.kind is int:
            ok = isinstance(value, int) and not isinstance(value, bool)
            if not ok or not self.low <= value <= self.high:  # type: ignore[operator]
                return f"a whole number from {self.low:g} to {self.high:g}"
        elif not isinstance(value, self.kind):
            return {str: "some text", bool: "true or false", list: "a list"}[self.kind]
        elif self.kind is str and not str(value).strip():
            return "some text"
        if self.choices and value not in self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        return ""


_TEXT, _FLAG = Key(str), Key(bool)
_SHARE, _AMOUNT, _COUNT = Key(float, 0, 1), Key(float, 0), Key(int, 0)
_SOURCE = Key(str, optional=True)

_ENTRY: Mapping[str, Key] = {
    "gateway": _TEXT,
    "group": Key(str, choices=ENTRY_GROUPS),
    "km": _AMOUNT,
    "hours": Key(float, 0, 24 * 28),
    "low": Key(float, 0, 24 * 28),
    "high": Key(float, 0, 24 * 28),
}

#: Columns of each list.
LISTS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        "classes": {
            "code": _TEXT,
            "name": _TEXT,
            "name_zh": _TEXT,
            "priority": Key(int, 0, 99),
            "private_ok": _FLAG,
            "flow": Key(str, choices=CLASS_FLOWS),
            "yearly": _AMOUNT,
            "yearly_low": _AMOUNT,
            "yearly_high": _AMOUNT,
            "inbound_ratio": Key(float, 0, 100),
            "mean_kg": Key(float, 1e-3, 50),
            "items_per_m3": Key(float, 1, 1e5),
            "tariff_yuan": _AMOUNT,
            "any_share": _SHARE,
            "signed": _FLAG,
        },
        "outside": {
            "code": _TEXT,
            "name": _TEXT,
            "name_zh": _TEXT,
            "hub": _TEXT,
            "inbound_share": _SHARE,
            "inbound_low": _SHARE,
            "inbound_high": _SHARE,
            "outbound_share": _SHARE,
            "outbound_low": _SHARE,
            "outbound_high": _SHARE,
            "entries": Key(list),
        },
        "brands": {
            "code": _TEXT,
            "name": _TEXT,
            "name_zh": _TEXT,
            "share": _SHARE,
            "low": _SHARE,
            "high": _SHARE,
            "active_2012": _FLAG,
            "share_2012": _SHARE,
            "private": _FLAG,
        },
        "months": {"first": Key(int, 1, 12), "last": Key(int, 1, 12), "items": _COUNT, "source": _SOURCE},
        "weekdays": {
            "weekday": Key(int, 0, 6),
            "name": _TEXT,
            "factor": _AMOUNT,
            "low": _AMOUNT,
            "high": _AMOUNT,
        },
        "holidays": {"kind": _TEXT, "factor": _AMOUNT, "low": _AMOUNT, "high": _AMOUNT},
        "hours": {"hour": Key(int, 0, 23), "weight": _AMOUNT},
    }
)


def check_lists(tables: Mapping[str, Rows], file: str = "assumptions.toml") -> list[Problem]:
    """Return everything that is wrong with the lists; a list unknown here only needs its reasons."""
    problems = [
        Problem(file, name, "", "missing", "rows [[" + name + "]]") for name in LISTS if name not in tables
    ]
    for name, rows in tables.items():
        for number, row in enumerate(rows):
            where = f"{name}[{number}]"
            reason = row.get("why")
            if not isinstance(reason, str) or not reason.strip():
                problems.append(Problem(file, where, "why", reason, "a reason"))
        if name not in LISTS:
            continue
        found = check_rows(file, name, rows, {**LISTS[name], "why": Key(str, optional=True)})
        if name == "outside" and not found:
            for number, row in enumerate(rows):
                found += check_rows(file, f"outside[{number}].entries", row["entries"], _ENTRY)
        problems += found or [Problem(file, name, *wrong) for wrong in _SENSE[name](rows)]
    return problems


def check_rows(file: str, name: str, rows: Rows, columns: Mapping[str, Key]) -> list[Problem]:
    """Return unknown, missing and wrong columns of the rows of one list."""
    problems = []
    for number, row in enumerate(rows):
        where = f"{name}[{number}]"
        for key in row:
            if key not in columns:
                allowed = "one of " + ", ".join(columns)
                problems.append(Problem(file, where, key, row[key], allowed, nearest(key, columns)))
        for key, column in columns.items():
            if key not in row:
                if not column.optional:
                    problems.append(Problem(file, where, key, "missing", "required"))
                continue
            allowed = column.allows(row[key])
            if allowed:
                near = nearest(str(row[key]), [str(choice) for choice in column.choices])
                problems.append(Problem(file, where, key, row[key], allowed, near))
    return problems


_Wrong = tuple[str, object, str]  # key, value, allowed


def _unique(rows: Rows, key: str) -> Iterable[_Wrong]:
    values = [row[key] for row in rows]
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield key, value, "a value no other row has"


def _sums_to_one(rows: Rows, key: str) -> Iterable[_Wrong]:
    total = sum(row[key] for row in rows)
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        yield key, f"sum {total:.10g}", "shares that sum to 1"


def _in_range(rows: Rows, label: str, value: str, low: str, high: str) -> Iterable[_Wrong]:
    for row in rows:
        if not row[low] <= row[value] <= row[high]:
            yield f"{value} of {row[label]}", row[value], f"{row[low]:g} to {row[high]:g} ({low}, {high})"


def _all_of(rows: Rows, key: str, wanted: Iterable[int]) -> Iterable[_Wrong]:
    found, want = sorted(row[key] for row in rows), list(wanted)
    if found != want:
        yield key, found, f"{want[0]} to {want[-1]}, each once"


def _classes(rows: Rows) -> Iterable[_Wrong]:
    yield from _unique(rows, "code")
    yield from _unique(rows, "priority")
    yield from _in_range(rows, "code", "yearly", "yearly_low", "yearly_high")


def _outside(rows: Rows) -> Iterable[_Wrong]:
    yield from _unique(rows, "code")
    for way in ("inbound", "outbound"):
        yield from _sums_to_one(rows, f"{way}_share")
        yield from _in_range(rows, "code", f"{way}_share", f"{way}_low", f"{way}_high")
    for row in rows:
        yield from _in_range(row["entries"], "gateway", "hours", "low", "high")
        if not any(entry["group"] == "surface" for entry in row["entries"]):
            yield f"entries of {row['code']}", "none by surface", "at least one entry of group surface"


def _brands(rows: Rows) -> Iterable[_Wrong]:
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


def _months(rows: Rows) -> Iterable[_Wrong]:
    months = [month for row in rows for month in range(row["first"], row["last"] + 1)]
    if months != list(range(1, 13)):
        yield "first, last", months, "every month once, in order"
    if not sum(row["items"] for row in rows):
        yield "items", 0, "more than 0 in the year"


def _weekdays(rows: Rows) -> Iterable[_Wrong]:
    yield from _all_of(rows, "weekday", range(7))
    yield from _in_range(rows, "name", "factor", "low", "high")


def _holidays(rows: Rows) -> Iterable[_Wrong]:
    yield from _unique(rows, "kind")
    yield from _in_range(rows, "kind", "factor", "low", "high")


def _hours(rows: Rows) -> Iterable[_Wrong]:
    yield from _all_of(rows, "hour", range(24))
    yield from _sums_to_one(rows, "weight")


_SENSE: Mapping[str, Callable[[Rows], Iterable[_Wrong]]] = {
    "classes": _classes,
    "outside": _outside,
    "brands": _brands,
    "months": _months,
    "weekdays": _weekdays,
    "holidays": _holidays,
    "hours": _hours,
}
