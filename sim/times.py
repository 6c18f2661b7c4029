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
    quantile_h: Mapping[float, NDArray[np.float64]]
    """Hours that at least this share of the group does not exceed; nan for an empty group, infinity where
    that share has not arrived."""


class Times:
    """Collects the times of items by cell: `count` them all, `aim`, `pick` from them all again.

    Parameters
    ----------
    cells
        Number of cells.
    groupings
        The tables wanted, by name.
    hours
        Whole hours for `GroupTimes.within`.
    """

    _count: NDArray[np.int32]
    _sum_s: NDArray[np.float64]

    def __init__(self, cells: int, groupings: Mapping[str, Grouping], hours: Sequence[int]) -> None:
        self._groupings, self._hours = groupings, hours
        self._later = max(LONG_H, *hours) + 1  # block of the times beyond, behind it the one of `NEVER`
        self._count = np.zeros((cells, self._later + 2), dtype=np.int32)
        self._sum_s = np.zeros(cells)
        self._found: dict[str, GroupTimes] = {}
        self._aims: dict[str, list[tuple[float, NDArray[np.int64], NDArray[np.int64]]]] = {}
        self._picked: list[NDArray[np.int64]] = []

    def _block(self, times_s: NDArray[np.int32]) -> NDArray[np.intp]:
        """Return the block of each time: the hours within which it lies."""
        block = np.minimum((times_s - 1) // HOUR_S + 1, self._later)
        return np.where(times_s == NEVER, self._later + 1, block).astype(np.intp, copy=False)

    def _kept(
        self, cell: NDArray[Any], times_s: NDArray[np.int32]
    ) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.intp]]:
        """Return cells and times without the items of no cell, and the row of each in the flat counts."""
        mine = cell >= 0
        if not mine.all():
            cell, times_s = cell[mine], times_s[mine]
        cell = cell.astype(np.intp, copy=False)
        return cell, times_s, cell * self._count.shape[1] + self._block(times_s)

    def count(self, cell: NDArray[Any], times_s: NDArray[np.int32]) -> None:
        """Count items on the first walk.

        Parameters
        ----------
        cell
            Cell of each item; those with a negative one are left out.
        times_s
            int32, at least 0; `NEVER` for what has not arrived.
        """
        cell, times_s, flat = self._kept(cell, times_s)
        np.add.at(self._count.reshape(-1), flat, np.int32(1))
        counted = np.where(times_s == NEVER, 0, times_s)
        self._sum_s += np.bincount(cell, weights=counted, minlength=len(self._sum_s))

    def aim(self) -> None:
        """Work out all that the counts tell, and which blocks the second walk must look into."""
        wanted = np.zeros(self._count.shape, dtype=bool)
        for name, (group, groups, quantiles) in self._groupings.items():
            cells = np.flatnonzero(group >= 0)
            ones = np.ones(len(cells), dtype=np.int32)
            fold = sparse.csr_array((ones, (group[cells], cells)), shape=(groups, len(group)))
            upto: NDArray[np.int64] = np.cumsum(np.asarray(fold @ self._count), axis=1)
            n, arrived = upto[:, -1].copy(), upto[:, self._later].copy()
            total_s = np.asarray(fold @ self._sum_s)
            mean_h = np.divide(total_s, arrived * HOUR_S, out=np.full(groups, np.nan), where=arrived > 0)
            within = {h: upto[:, h].copy() for h in self._hours}
            self._found[name] = GroupTimes(n, arrived, mean_h, within, {})
            self._aims[name] = []
            for q in quantiles:
                rank = np.maximum(np.ceil(q * n * (1 - 1e-12)).astype(np.int64), 1)
                block = np.argmax(upto >= rank[:, np.newaxis], axis=1)
                before = np.where(block > 0, upto[np.arange(groups), block - 1], 0)
                block[n == 0] = self._later + 1
                wanted[cells, block[group[cells]]] = True
                self._aims[name].append((q, block, rank - before))
        wanted[:, self._later + 1] = False  # nothing to be looked up among what has not arrived
        self._wanted = wanted.reshape(-1)

    def pick(self, cell: NDArray[Any], times_s: NDArray[np.int32]) -> None:
        """Keep, on the second walk, the times that a quantile may be; the same items as in `count`."""
        cell, times_s, flat = self._kept(cell, times_s)
        chosen = np.flatnonzero(self._wanted[flat])
        self._picked.append(cell[chosen].astype(np.int64) << 32 | times_s[chosen])

    def tables(self) -> dict[str, GroupTimes]:
        """Return the times of each table's groups, after both walks."""
        picked = np.concatenate([*self._picked, np.zeros(0, dtype=np.int64)])
        times_s = (picked & _TIME).astype(np.int32)
        block, cell = self._block(times_s), picked >> 32
        for name, aims in self._aims.items():
            grouping, found = self._groupings[name], self._found[name]
            of_item = grouping.group[cell]
            for q, aimed, rank in aims:
                mine = np.flatnonzero((of_item >= 0) & (aimed[of_item] == block))
                key = of_item[mine].astype(np.int64) << 32 | times_s[mine]
                key.sort()
                hours = np.where(found.n > 0, np.inf, np.nan)
                here = np.flatnonzero(aimed <= self._later)
                at = np.searchsorted(key, here << 32) + rank[here] - 1
                hours[here] = (key[at] & _TIME) / HOUR_S
                found.quantile_h[q] = hours  # type: ignore[index]
        return self._found
