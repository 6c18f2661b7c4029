"""What is read from files of results is checked against what was declared of it, before anything uses it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from network.errors import YizhanError
from network.numeric.columns import Column
from scenarios.support.folders import damaged, read_json
from scenarios.support.tables import read_rows

__all__ = ["check_columns", "check_within", "checked_json", "checked_rows", "reading"]

_SHOWN = 3  # wrong values named in a message


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of whatever the content of a file raises that the file is damaged.

    Raises
    ------
    StoreError
        In the place of errors of libraries and of `ValueError`.
    """
    try:
        yield
    except YizhanError:
        raise
    except (pa.ArrowException, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        raise damaged(path, error) from None


def checked_json(path: Path, shape: TypeAdapter[Any]) -> Any:
    """Return the content of a JSON file that has a shape.

    Raises
    ------
    StoreError
        If it is damaged: what is wrong where.
    """
    content = read_json(path)
    try:
        shape.validate_python(content)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, each['loc'])) or 'all of it'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        more = [f"{len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise damaged(path, ValueError("; ".join([*wrong[:_SHOWN], *more]))) from None
    return content


def checked_rows(path: Path, declared: Iterable[Column]) -> list[dict[str, Any]]:
    """Return the rows of a CSV table that has the declared columns, with a number wherever one is declared.

    Raises
    ------
    StoreError
        If it is damaged.
    """
    declared = list(declared)
    with reading(path):
        rows = read_rows(path, declared)
        for column in declared:
            if rows and column.name not in rows[0]:
                raise ValueError(f"no column {column.name}")
            if not column.is_text and not column.empty and any(row[column.name] is None for row in rows):
                raise ValueError(f"{column.name} has an empty cell")
    return rows


def check_columns(columns: Mapping[str, NDArray[Any]], declared: Iterable[Column]) -> None:
    """Raise `ValueError` unless there are the declared columns, each of its kind and within its bounds."""
    for column in declared:
        values = columns.get(column.name)
        if values is None:
            raise ValueError(f"no column {column.name}")
        kind = "str" if values.dtype.kind == "U" else str(values.dtype)
        if kind != column.dtype:
            raise ValueError(f"{column.name} is of {kind}, not {column.dtype}")
        if column.within is not None:
            check_within(column.name, values, *column.within)


def check_within(name: str, values: NDArray[Any], least: int, most: NDArray[Any] | int) -> None:
    """Raise `ValueError` if a number is less or more than it can be, or none."""
    if not np.all((values >= least) & (values <= most)):
        raise ValueError(f"{name} has numbers beyond {least} to {np.max(most, initial=least)}")
