"""The planner's problem as numbers alone: levers with levels, what they cost, and what they bring.

A *lever* is something that a plan can change, such as how often a route runs.  Its levels are ordered; level
0 is how things are, and of each lever one level is chosen.  A measure is a sum of tables over few levers
each, so that levers that act on the same places (a trunk, a feeder behind it, a round behind that) are
counted together, and of covers, which count once however many levers reach them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cover", "Expense", "Measure", "Pool", "Table", "up_to"]

Levels = Sequence[int]  # the level of each lever


@dataclass(frozen=True, eq=False)
class Pool:
    """Vehicles of one class at one base, shared by its rounds.

    As many are needed as are out on the busiest day; what stands there now is paid for already.

    Parameters
    ----------
    name
        Base and class.
    yuan
        What one more vehicle costs a year.
    out
        (days,) vehicles out on each weekday as things are.
    more
        (days,) vehicles out beyond that, by (lever, level).
    """

    name: str
    yuan: float
    out: NDArray[np.int64]
    more: Mapping[tuple[int, int], NDArray[np.int64]]

    def vehicles(self, levels: Levels) -> int:
        """Return how many vehicles must be bought."""
        out = self.out.copy()
        for (lever, level), more in self.more.items():
            if levels[lever] == level:
                out += more
        return max(0, int(out.max(initial=0)) - int(self.out.max(initial=0)))


@dataclass(frozen=True, eq=False)
class Expense:
    """What levers cost a year.

    Parameters
    ----------
    yuan
        Of each lever (levels,) beyond things as they are, its first number 0.
    pools
        Vehicles that several levers share.
    """

    yuan: tuple[NDArray[np.float64], ...]
    pools: tuple[Pool, ...] = ()

    @property
    def levers(self) -> int:
        """How many levers there are."""
        return len(self.yuan)

    def of(self, levels: Levels) -> float:
        """Return yuan a year of a choice of levels."""
        own = sum(float(yuan[level]) for yuan, level in zip(self.yuan, levels, strict=True))
        return own + sum(pool.yuan * pool.vehicles(levels) for pool in self.pools)

    @cached_property
    def pools_of(self) -> Mapping[int, tuple[Pool, ...]]:
        """The pools that each lever draws on."""
        by_lever: dict[int, list[Pool]] = {}
        for pool in self.pools:
            for lever in dict.fromkeys(lever for lever, _ in pool.more):
                by_lever.setdefault(lever, []).append(pool)
        return {lever: tuple(pools) for lever, pools in by_lever.items()}


@dataclass(frozen=True, eq=False)
class Table:
    """What some levers bring together.

    Parameters
    ----------
    scope
        The levers, each once.
    values
        One axis for each lever of the scope, one number for each level.
    """

    scope: tuple[int, ...]
    values: NDArray[np.float64]

    def at(self, levels: Levels) -> float:
        """Return the value at a choice of levels."""
        return float(self.values[tuple(levels[lever] for lever in self.scope)])


@dataclass(frozen=True)
class Cover:
    """A weight that counts once if any of some levers is at a level or above."""

    weight: float
    options: tuple[tuple[int, int], ...]  # lever, least level

    def at(self, levels: Levels) -> float:
        """Return the weight, or 0."""
        return self.weight if any(levels[lever] >= least for lever, least in self.options) else 0.0


@dataclass(frozen=True, eq=False)
class Measure:
    """A measure of which more is better.

    Parameters
    ----------
    base
        Its value that no lever changes.
    tables, covers
        What is added to it.
    """

    base: float = 0.0
    tables: tuple[Table, ...] = ()
    covers: tuple[Cover, ...] = field(default=())

    def of(self, levels: Levels) -> float:
        """Return the value of a choice of levels."""
        return self.base + sum(t.at(levels) for t in self.tables) + sum(c.at(levels) for c in self.covers)

    def merged(self) -> Measure:
        """Return the same measure with one table for each set of levers, and no axis that changes nothing."""
        base = self.base
        by_scope: dict[tuple[int, ...], NDArray[np.float64]] = {}
        for table in self.tables:
            order = np.argsort(table.scope)
            scope = [table.scope[i] for i in order]
            values = np.transpose(table.values, order)
            for axis in reversed(range(len(scope))):
                first = values.take([0], axis=axis)
                if np.array_equal(np.broadcast_to(first, values.shape), values):
                    values = first.squeeze(axis)
                    del scope[axis]
            if not scope:
                base += float(values)
                continue
            key = tuple(scope)
            by_scope[key] = by_scope[key] + values if key in by_scope else values
        return Measure(base, tuple(Table(key, by_scope[key]) for key in sorted(by_scope)), self.covers)


def up_to(expense: Expense, measure: Measure, levels: Levels) -> tuple[Expense, Measure]:
    """Return the problem with no level above those given; levers keep their numbers."""
    yuan = tuple(y[: level + 1] for y, level in zip(expense.yuan, levels, strict=True))
    pools = []
    for pool in expense.pools:
        more = {(lever, k): out for (lever, k), out in pool.more.items() if k <= levels[lever]}
        pools.append(Pool(pool.name, pool.yuan, pool.out, more))
    tables = tuple(
        Table(t.scope, t.values[tuple(slice(levels[lever] + 1) for lever in t.scope)]) for t in measure.tables
    )
    covers = []
    for cover in measure.covers:
        options = tuple((lever, least) for lever, least in cover.options if least <= levels[lever])
        if options:
            covers.append(Cover(cover.weight, options))
    return Expense(yuan, tuple(pools)), Measure(measure.base, tables, tuple(covers))
