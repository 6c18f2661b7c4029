"""Search of a sorted table for very many numbers at once."""

from __future__ import annotations

import numpy as np

__all__ = ["Guide"]

_UNKNOWN = -1


class Guide:
    """Answers ``np.searchsorted(table, x, side="right")`` for x in [0, units), mostly without a search.

    An equal division of the range tells for most x where they belong; the rest are looked for
    (the guide table of Chen & Asau, "On generating random variates from an empirical distribution", AIIE
    Transactions 6(2), 1974).

    Parameters
    ----------
    table
        (n,) float, ascending.
    units
        End of the range.
    parts
        Into how many each unit is divided, a power of two, so that no rounding moves a number.
    """

    def __init__(self, table: np.ndarray, units: int = 1, parts: int = 1 << 14) -> None:
        self._table, self._parts = table, float(parts)
        rows = np.searchsorted(table, np.arange(units * parts + 1) / parts, side="right")
        self._row = np.where(rows[1:] == rows[:-1], rows[:-1], _UNKNOWN).astype(np.int32)

    def find(self, x: np.ndarray) -> np.ndarray:
        """Return how many numbers of the table are at most each x; int32."""
        row = self._row[(x * self._parts).astype(np.int32)]
        left = np.flatnonzero(row == _UNKNOWN)
        row[left] = np.searchsorted(self._table, x[left], side="right")
        return row
