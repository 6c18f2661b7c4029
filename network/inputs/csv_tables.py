"""Read a CSV table into frozen dataclasses, and list everything that is wrong with it.

The fields of the dataclass are the columns.  An empty cell is a value that is not given: the field's default
where it has one, such as None for *not known*, never zero.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import MISSING, fields
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from network.errors import Problem, nearest
from network.inputs.validation import checked

__all__ = ["Parts", "Printed", "read_csv"]

T = TypeVar("T")
_FLAGS = {"0": False, "1": True}

#: A flag of a CSV table.
Printed = Annotated[bool, BeforeValidator(_FLAGS.get), Field(description="0 or 1")]
#: Parts of a cell, separated by ``;``.
Parts = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda cell: [part.strip() for part in cell.split(";") if part.strip()]),
]


def read_csv(text: str, file: str, cls: type[T], unique: str = "") -> tuple[tuple[T, ...], list[Problem]]:
    """Return the rows that are right and the problems of the others.

    Parameters
    ----------
    text
        The table, with a header line.
    file
        Its name, for messages.
    cls
        A dataclass that inherits `validation.Row`; no other columns are allowed.
    unique
        Column in which no two rows may have the same value.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=None)))
    except csv.Error as error:
        return (), [
            Problem(file, "", "", str(error), f"cells of at most {csv.field_size_limit():,} characters")
        ]
    if not rows:
        return (), [Problem(file, "", "", "empty", "a header line and rows")]
    header = rows[0]
    default = {f.name: f.default for f in fields(cls)}  # type: ignore[arg-type]
    problems = _header_problems(file, header, list(default))
    if problems:
        return (), problems
    good: list[T] = []
    seen: set[str] = set()
    for number, cells in enumerate(rows[1:], start=2):
        if not cells:
            continue
        where = f"line {number}"
        if len(cells) != len(header):
            problems.append(Problem(file, where, "", f"{len(cells)} cells", f"{len(header)} cells"))
            continue
        given: dict[str, Any] = {
            name: cell.strip()
            for name, cell in zip(header, cells, strict=True)
            if cell.strip() or default[name] is MISSING
        }
        row, wrong = checked(cls, given, file, where)
        value = given.get(unique)
        if value in seen:
            wrong.append(Problem(file, where, unique, value, "a value that no other row has"))
        if value:
            seen.add(value)
        problems += wrong
        if row is not None and not wrong:
            good.append(row)
    return tuple(good), problems


def _header_problems(file: str, header: list[str], columns: list[str]) -> list[Problem]:
    problems = [
        Problem(file, "header", "column", name, "a known column", nearest(name, columns))
        for name in header
        if name not in columns
    ]
    problems += [Problem(file, "header", "column", n, "required") for n in columns if n not in header]
    twice = sorted(name for name, number in Counter(header).items() if number > 1)
    return problems + [Problem(file, "header", "column", name, "each column once") for name in twice]
