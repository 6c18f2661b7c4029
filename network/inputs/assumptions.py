"""Every assumed value of a region: default, range, unit and reason, in one file.

The file ``data/<region>/assumptions.toml`` holds two kinds of entries.  A
scalar is a table ``[name]`` with ``default``, ``low``, ``high``, ``unit`` and
``why``, and ``source`` where the value is cited.  A list is an array of
tables ``[[name]]``, one row each with its ``why``.  Nothing assumed stands in
the code.
"""

from __future__ import annotations

import copy
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.assumed_lists import check_lists
from network.inputs.regions import regions

__all__ = ["Assumption", "Assumptions"]

_REQUIRED = {"default", "low", "high", "unit", "why"}
_OPTIONAL = {"source"}


@dataclass(frozen=True)
class Assumption:
    """One assumed number.

    `value` is the one in force; it equals `default` unless a scenario or a
    world replaced it.  All four numbers are in `unit`.
    """

    name: str
    value: float
    default: float
    low: float
    high: float
    unit: str
    why: str
    source: str = ""

    @property
    def changed(self) -> bool:
        """Whether the value in force differs from the default."""
        return self.value != self.default


class Assumptions(Mapping[str, float]):
    """The assumed values of a region, read-only.

    Parameters
    ----------
    region
        Name of the region, for messages.
    entries
        Scalars by name.
    tables
        Lists of rows by name.

    Examples
    --------
    >>> a = Assumptions.load("xizang")
    >>> a["target_load"]
    0.7
    >>> a.replace({"target_load": 0.6})["target_load"]
    0.6
    """

    def __init__(
        self,
        region: str,
        entries: Mapping[str, Assumption],
        tables: Mapping[str, list[dict[str, Any]]],
    ) -> None:
        self.region = region
        self._entries = dict(entries)
        self._tables = {name: copy.deepcopy(rows) for name, rows in tables.items()}

    @classmethod
    def load(cls, region: str = "xizang") -> Assumptions:
        """Read the assumptions that come with a region.

        Raises
        ------
        UnknownNameError
            If the package has no such region.
        InputErrors
            If the file is wrong; all problems together.
        """
        path = files("network").joinpath("data", region, "assumptions.toml")
        if not path.is_file():
            raise UnknownNameError("region", region, regions())
        return _bundled(region)

    @classmethod
    def load_folder(cls, folder: Traversable) -> Assumptions:
        """Read ``assumptions.toml`` of a region's folder; errors as for `load`."""
        path = folder.joinpath("assumptions.toml")
        if not path.is_file():
            raise InputErrors([Problem("assumptions.toml", "", "", "missing", "a table of the region")])
        return cls._parse(folder.name, "assumptions.toml", path.read_text(encoding="utf-8"))

    @classmethod
    def load_file(cls, path: str | Path, region: str = "") -> Assumptions:
        """Read an assumptions file of one's own; errors as for `load`."""
        path = Path(path)
        return cls._parse(region or path.parent.name, path.name, path.read_text(encoding="utf-8"))

    @classmethod
    def _parse(cls, region: str, file: str, text: str) -> Assumptions:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputErrors([Problem(file, "", "", str(error), "valid TOML")]) from None
        problems: list[Problem] = []
        entries: dict[str, Assumption] = {}
        tables: dict[str, list[dict[str, Any]]] = {}
        for name, body in data.items():
            if isinstance(body, list) and body and all(isinstance(row, dict) for row in body):
                tables[name] = body
            elif isinstance(body, dict):
                found = _scalar_problems(file, name, body)
                problems += found
                if not found:
                    entries[name] = _scalar(name, body)
            else:
                problems.append(Problem(file, "", name, body, "a table [name] or rows [[name]]"))
        problems += check_lists(tables, file)
        if problems:
            raise InputErrors(problems)
        return cls(region, entries, tables)

    def __getitem__(self, name: str) -> float:
        """Return the value in force, or raise `UnknownNameError`."""
        return self.entry(name).value

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Assumptions):
            return NotImplemented
        return (self.region, self._entries, self._tables) == (other.region, other._entries, other._tables)

    def __hash__(self) -> int:
        return hash((self.region, tuple(self._entries.values())))

    def __repr__(self) -> str:
        changed = ", ".join(f"{e.name}={e.value:g}" for e in self._entries.values() if e.changed)
        return f"Assumptions({self.region!r}, {len(self)} values{', ' if changed else ''}{changed})"

    def entry(self, name: str) -> Assumption:
        """Return a value with its range, unit, reason and source.

        Raises
        ------
        UnknownNameError
            If no assumption has this name.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownNameError("assumption", name, self._entries) from None

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the lists."""
        return tuple(self._tables)

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return a copy of the rows of a list such as ``classes`` or ``outside``.

        Raises
        ------
        UnknownNameError
            If no list has this name.
        """
        try:
            return copy.deepcopy(self._tables[name])
        except KeyError:
            raise UnknownNameError("assumption table", name, self._tables) from None

    def with_table(self, name: str, rows: list[dict[str, Any]], file: str = "assumptions") -> Assumptions:
        """Return a copy with other rows in a list such as ``classes``.

        Raises
        ------
        UnknownNameError
            If no list has this name.
        InputErrors
            If the rows are wrong.
        """
        self.table(name)
        tables = {**self._tables, name: rows}
        problems = check_lists(tables, file)
        if problems:
            raise InputErrors(problems)
        return Assumptions(self.region, self._entries, tables)

    def replace(self, values: Mapping[str, float], file: str = "assumptions") -> Assumptions:
        """Return a copy with some values replaced.

        Parameters
        ----------
        values
            New value by name, in the unit of the assumption.
        file
            What to call the place the values come from, for messages.

        Raises
        ------
        InputErrors
            If a name is unknown, or a value is no number or outside its range; all together.
        """
        problems: list[Problem] = []
        entries = dict(self._entries)
        for name, value in values.items():
            entry = entries.get(name)
            if entry is None:
                near = nearest(name, entries)
                problems.append(Problem(file, "assumptions", name, value, "the name of an assumption", near))
            elif not _is_number(value) or not entry.low <= value <= entry.high:
                allowed = f"{entry.low:g} to {entry.high:g} {entry.unit}"
                problems.append(Problem(file, "assumptions", name, value, allowed))
            else:
                entries[name] = replace(entry, value=float(value))
        if problems:
            raise InputErrors(problems)
        return Assumptions(self.region, entries, self._tables)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _scalar(name: str, body: Mapping[str, Any]) -> Assumption:
    default, low, high = (float(body[key]) for key in ("default", "low", "high"))
    return Assumption(name, default, default, low, high, body["unit"], body["why"], body.get("source", ""))


@cache
def _bundled(region: str) -> Assumptions:
    """Read the assumptions of the package once: they never change, and nothing can be written to them."""
    path = files("network").joinpath("data", region, "assumptions.toml")
    return Assumptions._parse(region, "assumptions.toml", path.read_text(encoding="utf-8"))


def _scalar_problems(file: str, name: str, body: Mapping[str, Any]) -> list[Problem]:
    known = _REQUIRED | _OPTIONAL
    problems = [
        Problem(file, name, key, value, f"one of {', '.join(sorted(known))}", nearest(key, known))
        for key, value in body.items()
        if key not in known
    ]
    problems += [Problem(file, name, key, "missing", "required") for key in sorted(_REQUIRED - body.keys())]
    for key in ("default", "low", "high"):
        if key in body and not _is_number(body[key]):
            problems.append(Problem(file, name, key, body[key], "a finite number"))
    for key in ("unit", "why", "source"):
        if key in body and (not isinstance(body[key], str) or not body[key].strip()):
            problems.append(Problem(file, name, key, body[key], "some text"))
    if not problems and not body["low"] <= body["default"] <= body["high"]:
        problems.append(Problem(file, name, "default", body["default"], f"{body['low']} to {body['high']}"))
    return problems
