"""Times of any number of items by group, exact to the second, from two walks through their records.

The first walk counts items by cell and block of time, an hour each.  A share within whole hours is then a
sum of counts, and the counts tell in which block each quantile lies.  The second walk keeps the items of
these blocks alone, and among them the quantile is looked up.  Memory follows cells and blocks; of the items
only some per cent are ever held at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from network.numeric.quantiles import reached

__all__ = ["HOUR_S", "NEVER", "GroupTimes", "Grouping", "Times"]

NEVER = np.int32(2**31 - 1)
HOUR_S = 3600
LONG_H = 720  # hours with a block of their own; all that took longer shares one block
_TIME = 0xFFFFFFFF


class Grouping(NamedTuple):
    """Cells put together for one table."""

    group: NDArray[Any]  # of each cell; -1 leaves a cell out
    groups: int
    quantiles: Sequence[float]


@dataclass(frozen=True, eq=False)
class GroupTimes:
    """What is known of the times of each group."""

    n: NDArray[np.int64]
    arrived: NDArray[np.int64]
    mean_h: NDArray[np.float64]  # of what arrived; nan for a group where nothing has
    within: Mapping[int, NDArray[np.int64]]  # items that arrived within so many hours
    quantile_h: dict[float, NDArray[np.float64]]
    """Hours that at least this share of the group does not exceed; nan for an empty group, infinity where
    that share has not arrived."""

    def with_rows(self, rows: NDArray[np.int64], other: GroupTimes) -> GroupTimes:
        """Return a copy without quantiles, with some groups as in another, in their order."""
        within = {hours: _with_rows(self.within[hours], rows, other.within[hours]) for hours in self.within}
        return GroupTimes(
            _with_rows(self.n, rows, other.n),
            _with_rows(self.arrived, rows, other.arrived),
            _with_rows(self.mean_h, rows, other.mean_h),
            within,
            {},
        )


def _with_rows(column: NDArray[Any], rows: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    changed = column.copy()
    changed[rows] = values
    return changed


class _Aim(NamedTuple):
    """Where a quantile lies: which of the times of a block of each group, in order, from 1."""

    q: float
    block: NDArray[np.int64]
    rank: NDArray[np.int64]

    def with_rows(self, rows: NDArray[np.int64], other: _Aim) -> _Aim:
        """Return a copy with some groups as in another, in their order."""
        block, rank = _with_rows(self.block, rows, other.block), _with_rows(self.rank, rows, other.rank)
        return _Aim(self.q, block, rank)


class Times:
    """Collects the times of items by cell: `count` them all, `aim`, `pick` from them all again.

    An item has two times: the one it took, and the one it would have taken had it arrived at close.
    They differ where it is still in transit.

    Parameters
    ----------
    cells
        Number of cells.
    groupings
        The tables wanted, by name.
    hours
        Whole hours for `GroupTimes.within`.
    """

    def __init__(self, cells: int, groupings: Mapping[str, Grouping], hours: Sequence[int]) -> None:
        self._groupings, self._hours = groupings, hours
        self._later = max(LONG_H, *hours) + 1  # block of the times beyond
        self._never = self._later + 1
        self._count: NDArray[np.int32] = np.zeros((cells, self._never + 1), dtype=np.int32)
        self._sum_s: NDArray[np.float64] = np.zeros(cells)
        self._picked: list[NDArray[np.int64]] = []
        self._open: list[NDArray[np.int64]] = []  # what is in transit, with its times at close
        self._found: dict[tuple[str, bool], GroupTimes] = {}
        self._aims: dict[tuple[str, bool], list[_Aim]] = {}

    def _block(self, times_s: NDArray[np.int32]) -> NDArray[np.intp]:
        """Return the block of each time: the hours within which it lies."""
        block = np.minimum((times_s - 1) // HOUR_S + 1, self._later)
        return np.where(times_s == NEVER, self._never, block).astype(np.intp, copy=False)

    def count(self, cell: NDArray[Any], times_s: NDArray[np.int32], at_close_s: NDArray[np.int32]) -> None:
        """Count items on the first walk.

        Parameters
        ----------
        cell
            Cell of each item; those with a negative one are left out.
        times_s
            int32, at least 0; `NEVER` for what has not arrived.
        at_close_s
            The same, but of what was in transit when the run closed the time until then.
        """
        known = cell >= 0
        if not known.all():
            cell, times_s, at_close_s = cell[known], times_s[known], at_close_s[known]
        flat = cell.astype(np.intp) * self._count.shape[1] + self._block(times_s)
        np.add.at(self._count.reshape(-1), flat, np.int32(1))
        counted = np.where(times_s == NEVER, 0, times_s)
        self._sum_s += np.bincount(cell, weights=counted, minlength=len(self._sum_s))
        late = np.flatnonzero(times_s != at_close_s)
        self._open.append(_packed(cell[late], at_close_s[late]))

    def aim(self) -> None:
        """Work out all that the counts tell, and which blocks the second walk must look into."""
        wanted = np.zeros(self._count.shape, dtype=bool)
        open_cell, open_s = _unpacked(self._open)
        open_block = self._block(open_s)
        for name, (group, groups, quantiles) in self._groupings.items():
            cells = np.flatnonzero(group >= 0)
            ones = np.ones(len(cells), dtype=np.int32)
            fold = sparse.csr_array((ones, (group[cells], cells)), shape=(groups, len(group)))
            counts: NDArray[np.int32] = np.asarray(fold @ self._count)
            total_s: NDArray[np.float64] = np.asarray(fold @ self._sum_s)
            grouped = np.flatnonzero(group[open_cell] >= 0)
            of_open = group[open_cell[grouped]].astype(np.intp)
            upto = np.cumsum(counts, axis=1, dtype=np.int64)
            self._found[name, False] = before = self._told(upto, total_s)
            self._aims[name, False] = aims = [self._aimed(upto, q) for q in quantiles]
            # at close only groups with something in transit differ
            late, row = np.unique(of_open, return_inverse=True)
            later = counts[late]
            np.add.at(later, (row, open_block[grouped]), 1)
            later[:, self._never] -= np.bincount(row, minlength=len(late))
            late_s = total_s[late] + np.bincount(row, open_s[grouped], len(late))
            upto = np.cumsum(later, axis=1, dtype=np.int64)
            self._found[name, True] = before.with_rows(late, self._told(upto, late_s))
            self._aims[name, True] = [aim.with_rows(late, self._aimed(upto, aim.q)) for aim in aims]
            for aim in (*aims, *self._aims[name, True]):
                wanted[cells, aim.block[group[cells]]] = True
        wanted[:, self._never] = False  # nothing to be looked up among what has not arrived
        self._wanted = wanted.reshape(-1)

    def _told(self, upto: NDArray[np.int64], total_s: NDArray[np.float64]) -> GroupTimes:
        n, arrived = upto[:, self._never].copy(), upto[:, self._later].copy()
        mean_h = np.divide(total_s, arrived * HOUR_S, out=np.full(len(n), np.nan), where=arrived > 0)
        return GroupTimes(n, arrived, mean_h, {h: upto[:, h].copy() for h in self._hours}, {})

    def _aimed(self, upto: NDArray[np.int64], q: float) -> _Aim:
        n = upto[:, self._never]
        rank = np.maximum(np.ceil(reached(q, n)).astype(np.int64), 1)
        block = np.argmax(upto >= rank[:, np.newaxis], axis=1)
        before = np.where(block > 0, upto[np.arange(len(n)), block - 1], 0)
        block[n == 0] = self._never
        return _Aim(q, block, rank - before)

    def pick(self, cell: NDArray[Any], times_s: NDArray[np.int32]) -> None:
        """Keep, on the second walk, the times that a quantile may be; the same items as in `count`."""
        flat = cell.astype(np.intp) * self._count.shape[1] + self._block(times_s)
        chosen = np.flatnonzero((cell >= 0) & self._wanted[flat])
        self._picked.append(_packed(cell[chosen], times_s[chosen]))

    def tables(self) -> dict[str, tuple[GroupTimes, GroupTimes]]:
        """Return, after both walks, the times of each table's groups, and the same at close."""
        seen = {False: _unpacked(self._picked), True: _unpacked([*self._picked, *self._open])}
        blocks = {at_close: self._block(times_s) for at_close, (_, times_s) in seen.items()}
        for (name, at_close), aims in self._aims.items():
            (cell, times_s), block = seen[at_close], blocks[at_close]
            times = self._found[name, at_close]
            group = self._groupings[name].group[cell]
            for aim in aims:
                in_block = np.flatnonzero((group >= 0) & (aim.block[group] == block))
                key = _packed(group[in_block], times_s[in_block])
                key.sort()
                there = np.flatnonzero(aim.block <= self._later)
                at = np.searchsorted(key, there << 32) + aim.rank[there] - 1
                hours = np.where(times.n > 0, np.inf, np.nan)
                hours[there] = (key[at] & _TIME) / HOUR_S
                times.quantile_h[aim.q] = hours
        return {name: (self._found[name, False], self._found[name, True]) for name in self._groupings}


def _packed(code: NDArray[Any], times_s: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return code and time as one integer, which sorts several times faster than two."""
    return code.astype(np.int64) << 32 | times_s


def _unpacked(packed: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    whole = np.concatenate([*packed, np.zeros(0, dtype=np.int64)])
    return whole >> 32, (whole & _TIME).astype(np.int32)
