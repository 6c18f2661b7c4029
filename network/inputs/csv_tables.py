"""Read a CSV table into frozen dataclasses, and list everything that is wrong with it.

The fields of the dataclass are the columns: ``str``, ``int``, ``float``,
``bool`` (printed 0 or 1), ``tuple[str, ...]`` (parts separated by ``;``), or
one of these with ``| None``, where an empty cell means *not known*, never
zero.  `Column` adds a range, a choice or uniqueness.
"""

from __future__ import annotations

import csv
import io
import math
import types
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from network.errors import Problem, nearest

__all__ = ["Column", "read_csv"]

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """What a column allows beyond its type; written ``Annotated[float, Column(-90, 90)]``.

    Parameters
    ----------
    low, high
        Inclusive range of a number.
    choices
        Allowed values of a text.
    key
        No two rows may have the same value.
    optional
        A text may be empty.
    """

    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    key: bool = False
    optional: bool = False


def read_csv(text: str, file: str, cls: type[T]) -> tuple[tuple[T, ...], list[Problem]]:
    """Return the rows that are right and the problems of the others.

    Parameters
    ----------
    text
        The table, with a header line.
    file
        Its name, for messages.
    cls
        A dataclass whose fields are the columns; no others are allowed.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if not rows:
        return (), [Problem(file, "", "", "empty", "a header line and rows")]
    header, body = rows[0], rows[1:]
    hints = get_type_hints(cls, include_extras=True)
    columns = {f.name: _split(hints[f.name]) for f in fields(cls)}  # type: ignore[arg-type]
    problems = [
        Problem(file, "header", "column", name, "a known column", nearest(name, columns))
        for name in header
        if name not in columns
    ]
    problems += [
        Problem(file, "header", "column", name, "required") for name in columns if name not in header
    ]
    problems += [
        Problem(file, "header", "column", name, "each column once")
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    if problems:
        return (), problems
    good: list[T] = []
    seen: dict[str, set[str]] = {name: set() for name, (_, spec) in columns.items() if spec.key}
    for number, cells in enumerate(body, start=2):
        if not cells:
            continue
        where = f"line {number}"
        if len(cells) != len(header):
            problems.append(Problem(file, where, "", f"{len(cells)} cells", f"{len(header)} cells"))
            continue
        values: dict[str, Any] = {}
        before = len(problems)
        for name, cell in zip(header, (cell.strip() for cell in cells), strict=True):
            try:
                values[name] = _value(cell, *columns[name])
            except ValueError as error:
                near = nearest(cell, columns[name][1].choices)
                problems.append(Problem(file, where, name, cell, str(error), near))
                continue
            if name in seen:
                if cell in seen[name]:
                    problems.append(Problem(file, where, name, cell, "a value no other row has"))
                seen[name].add(cell)
        if len(problems) == before:
            good.append(cls(**values))
    return tuple(good), problems


def _split(hint: Any) -> tuple[Any, Column]:
    """Separate a type from what its column allows."""
    if get_origin(hint) is Annotated:
        kind, spec = get_args(hint)
        return kind, spec
    return hint, Column()


def _value(cell: str, hint: Any, spec: Column) -> Any:
    """Convert one cell; raises ValueError with what is allowed."""
    if get_origin(hint) in (Union, types.UnionType):
        if not cell:
            return None
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    if hint is str:
        if spec.choices and cell not in spec.choices:
            raise ValueError("one of " + ", ".join(spec.choices))
        if not cell and not spec.optional:
            raise ValueError("some text")
        return cell
    if hint is bool:
        if cell not in ("0", "1"):
            raise ValueError("0 or 1")
        return cell == "1"
    if get_origin(hint) is tuple:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    return _number(cell, "whole number" if hint is int else "number", spec)


def _number(cell: str, what: Literal["whole number", "number"], spec: Column) -> float | int:
    low, high = spec.low, spec.high
    allowed = f"a {what}"
    if low is not None or high is not None:
        low_text = "" if low is None else f" from {low:g}"
        high_text = "" if high is None else f" to {high:g}"
        allowed += low_text + high_text
    try:
        number: float | int = int(cell) if what == "whole number" else float(cell)
    except ValueError:
        raise ValueError(allowed) from None
    too_low = low is not None and number < low
    too_high = high is not None and number > high
    if not math.isfinite(number) or too_low or too_high:
        raise ValueError(allowed)
    return number
