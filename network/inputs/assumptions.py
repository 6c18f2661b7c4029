"""Every assumed value of a region: default, range, unit and reason, in one file.

The file ``data/<region>/assumptions.toml`` holds two kinds of entries.  A
scalar is a table ``[name]`` with ``default``, ``low``, ``high``, ``unit`` and
``why``, and ``source`` where the value is cited.  A list is an array of
tables ``[[name]]``, one row each with its ``why``.  Nothing assumed stands in
the code.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import Annotated, Any

from pydantic import Field

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.assumed_lists import check_lists
from network.inputs.texts import parse_toml, read_text
from network.inputs.validation import Number, Row, Text, checked

__all__ = ["Assumption", "Assumptions"]

_Value = Annotated[Number, Field(ge=0, le=1e9)]  # nothing assumed is below zero


@dataclass(frozen=True)
class _Scalar(Row):
    """A table of the file."""

    default: _Value
    low: _Value
    high: _Value
    unit: Text
    why: Text
    source: Text = ""


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
    >>> from network.inputs.tables import load_region
    >>> a = load_region("xizang").assumptions
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
    def load_folder(cls, folder: Traversable) -> Assumptions:
        """Read ``assumptions.toml`` of a region's folder.

        Raises
        ------
        InputErrors
            If the file is wrong; all problems together.
        """
        path = folder.joinpath("assumptions.toml")
        if not path.is_file():
            raise InputErrors([Problem("assumptions.toml", "", "", "missing", "a table of the region")])
        return cls._parse(folder.name, "assumptions.toml", read_text(path))

    @classmethod
    def _parse(cls, region: str, file: str, text: str) -> Assumptions:
        problems: list[Problem] = []
        entries: dict[str, Assumption] = {}
        tables: dict[str, list[dict[str, Any]]] = {}
        for name, body in parse_toml(text, file).items():
            if isinstance(body, list) and body and all(isinstance(row, dict) for row in body):
                tables[name] = body
            elif isinstance(body, dict):
                scalar, wrong = checked(_Scalar, body, file, name)
                problems += wrong
                if scalar is None:
                    continue
                entries[name] = entry = Assumption(name, scalar.default, **vars(scalar))
                if not entry.low <= entry.default <= entry.high:
                    problems.append(
                        Problem(file, name, "default", entry.default, f"{entry.low} to {entry.high}")
                    )
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
    return isinstance(value, int | float) and not isinstance(value, bool)
