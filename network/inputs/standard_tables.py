"""Service standards as editable tables, read and checked.

A standard is a TOML file, in the package (``data/standards``) or anywhere.  An
empty value, ``""``, is one that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from network.errors import InputErrors, Problem, UnknownNameError
from network.inputs.assumptions import Assumptions
from network.inputs.standards import (
    AREAS,
    CERTAINTIES,
    HARD,
    WAYS,
    Classes,
    DayRule,
    Frequency,
    HardToReach,
    Limit,
    Standard,
)
from network.inputs.texts import is_file, read_text
from network.inputs.validation import (
    Blank,
    Choice,
    Day,
    Flag,
    Note,
    Number,
    Row,
    Text,
    Whole,
    Wrong,
    read_toml,
    twice,
)

__all__ = ["bundled_standards", "load_standard", "parse_standard", "standards_of"]

_NOT_GIVEN = -1


@dataclass(frozen=True, kw_only=True)
class _Limit(Row):
    """A row of limits, in hours or in days."""

    code: Text
    classes: Classes
    directions: Annotated[tuple[Annotated[str, Choice(*WAYS)], ...], Field(min_length=1)]
    areas: tuple[Annotated[str, Choice(*AREAS)], ...]
    hours: Annotated[Annotated[Number, Field(ge=1, le=24 * 365)] | None, Blank()] = _NOT_GIVEN
    days: Annotated[Annotated[Whole, Field(ge=0, le=365)] | None, Blank()] = _NOT_GIVEN
    share: Annotated[Annotated[Number, Field(ge=0.01, le=1)] | None, Blank()]
    except_hard_to_reach: Flag
    certainty: Annotated[str, Choice(*CERTAINTIES)]
    source: Note
    note: Note

    @property
    def in_days(self) -> bool:
        return self.days != _NOT_GIVEN

    @property
    def value(self) -> float | None:
        return self.days if self.in_days else self.hours

    def limit(self) -> Limit:
        """Return the limit that the row says."""
        same = {f.name: getattr(self, f.name) for f in fields(Limit) if f.name != "unit"}
        return Limit(unit="days" if self.in_days else "hours", **same)


@dataclass(frozen=True, kw_only=True)
class _File(Row):
    """A file of a standard."""

    title: Text
    title_zh: Note
    regions: tuple[Text, ...]
    since: Annotated[Day | None, Blank()]
    source: Text
    hard_to_reach: HardToReach | None = None
    frequency: tuple[Frequency, ...] = ()
    days: tuple[DayRule, ...] = ()
    limit: tuple[_Limit, ...] = ()


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
    if is_file(path):
        return parse_standard(read_text(path), path.name, assumptions)
    name = str(reference)
    if name not in bundled_standards():
        raise UnknownNameError("standard", name, bundled_standards())
    entry = files("network").joinpath("data", "standards", f"{name}.toml")
    return parse_standard(read_text(entry), entry.name, assumptions)


def standards_of(region: str, assumptions: Assumptions) -> tuple[Standard, ...]:
    """Return the standards of the package that bind in a region."""
    every = (load_standard(name, assumptions) for name in bundled_standards())
    return tuple(standard for standard in every if region in standard.regions)


def parse_standard(text: str, file: str, assumptions: Assumptions) -> Standard:
    """Return the standard that a text says; errors as for `load_standard`."""
    classes = tuple(row["code"] for row in assumptions.table("classes"))
    content = read_toml(text, file, _File, {"classes": classes, "inputs": assumptions})
    if problems := [*_senseless(content, file), *_doubles(content, file)]:
        raise InputErrors(problems)
    return Standard(
        code=file.removesuffix(".toml"),
        title=content.title,
        title_zh=content.title_zh,
        regions=content.regions,
        since=str(content.since or ""),
        source=content.source,
        hard_to_reach=content.hard_to_reach,
        frequency=content.frequency,
        days=content.days,
        limits=tuple(row.limit() for row in content.limit),
    )


def _senseless(content: _File, file: str) -> Iterator[Problem]:
    """Yield what is wrong with rows though each value may stand."""
    tables: dict[str, Iterable[Any]] = {
        "frequency": content.frequency,
        "days": content.days,
        "limit": content.limit,
    }
    if content.hard_to_reach:
        yield from (Problem(file, HARD, *wrong) for wrong in _unexplained(content.hard_to_reach))
    counted = {cls for rule in content.days for cls in rule.classes}
    for table, rows in tables.items():
        for number, row in enumerate(rows):
            where = f"{table}[{number}]"
            wrong = [*_unexplained(row)]
            if isinstance(row, Frequency):
                wrong += _certain(row.certainty, row.per_week)
                needs_line = row.area == HARD
            elif isinstance(row, _Limit):
                wrong += _of_limit(row, counted)
                needs_line = row.except_hard_to_reach
            else:
                needs_line = False
            if needs_line and content.hard_to_reach is None:
                wrong.append((HARD, "missing", f"a table [{HARD}] that says where the line is"))
            yield from (Problem(file, where, *each) for each in wrong)


def _unexplained(row: Any) -> Iterator[Wrong]:
    if row.certainty in ("known", "unverified") and not row.source.strip():
        yield "source", row.source, "where the value is from"
    if row.certainty == "assumed" and not row.note.strip():
        yield "note", row.note, "the reason for the assumption"


def _certain(certainty: str, value: float | None) -> Iterator[Wrong]:
    if value is None and certainty != "unknown":
        yield "certainty", certainty, "unknown, for the value is empty"
    if value is not None and certainty == "unknown":
        yield "certainty", certainty, "known, unverified or assumed, for there is a value"


def _of_limit(row: _Limit, counted: set[str]) -> Iterator[Wrong]:
    if row.in_days == (row.hours != _NOT_GIVEN):
        yield "hours, days", "both" if row.in_days else "missing", "one of the two"
        return
    yield from _certain(row.certainty, row.value)
    for cls in sorted(set(row.classes) - counted) if row.in_days else ():
        yield "classes", cls, "a class with a row [[days]], which says how its days are counted"


def _doubles(content: _File, file: str) -> list[Problem]:
    return [
        *twice(file, "frequency", "area", [row.area for row in content.frequency]),
        *twice(file, "limit", "code", [row.code for row in content.limit]),
        *twice(file, "days", "classes", [cls for row in content.days for cls in row.classes]),
    ]
