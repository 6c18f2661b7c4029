"""Columns of tables, declared once: the written table, its readers and the documentation come from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Column", "meanings"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        In files and in code.
    dtype
        NumPy's name of the kind of its values, such as ``int64`` or ``float64``; ``str`` for text.
    unit
        Of its values, such as ``h``; empty for text, counts of nothing in particular, and flags.
    meaning
        In one line.
    empty
        Whether a cell of a table of numbers may be empty.
    within
        Least and greatest value, where the numbers stand for something else.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    empty: bool = False
    within: tuple[int, int] | None = None

    @property
    def is_text(self) -> bool:
        """Whether its values are text."""
        return self.dtype == "str"


def meanings(columns: Iterable[Column]) -> dict[str, str]:
    """Return what the columns mean by name, with their unit, for documentation.

    Examples
    --------
    >>> meanings([Column("base_h", "float64", "h", "mean of the base")])
    {'base_h': 'mean of the base [h]'}
    """
    return {
        column.name: f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        for column in columns
    }
