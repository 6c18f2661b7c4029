"""The planner's problem as a 0-1 programme.

A column for each level above 0 of each lever; for a table of several levers a column for each combination,
tied to them by its marginals (whole as soon as the levels are); for a pool the vehicles bought; for a cover
whether it is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from network.errors import YizhanError
from network.numeric.milp import Programme
from scenarios.expansion.problem import Expense, Measure

__all__ = ["Block", "PlanError"]

Terms = list[tuple[int, float]]


class PlanError(YizhanError, ValueError):
    """A question to which there is no plan."""


class Block:
    """One choice of levels within a programme: a year of a plan, or the whole of it.

    Parameters
    ----------
    programme
        Where its columns go.
    expense
        What the levers cost.
    """

    def __init__(self, programme: Programme, expense: Expense) -> None:
        self.programme, self.expense = programme, expense
        self.level = [
            [programme.column(whole=True) for _ in range(1, len(yuan))] for yuan in expense.yuan
        ]  # of each lever, its levels above 0
        for columns in self.level:
            if len(columns) > 1:
                programme.row([(c, 1.0) for c in columns], 0.0, 1.0)
        self.spent: Terms = [
            (column, float(yuan[k]))
            for yuan, columns in zip(expense.yuan, self.level, strict=True)
            for k, column in enumerate(columns, start=1)
        ]
        for pool in expense.pools:
            self._pool(pool.yuan, pool.out, pool.more)

    def _pool(
        self, yuan: float, out: NDArray[np.int64], more: Mapping[tuple[int, int], NDArray[np.int64]]
    ) -> None:
        stands = int(out.max(initial=0))
        most = stands + sum(int(m.max(initial=0)) for m in more.values() if m.max(initial=0) > 0)
        bought = self.programme.column(upper=float(most))
        self.spent.append((bought, yuan))
        for day in range(len(out)):
            terms = [
                (self.level[lever][level - 1], float(m[day])) for (lever, level), m in more.items() if m[day]
            ]
            if terms:
                self.programme.row([*terms, (bought, -1.0)], -np.inf, float(stands - out[day]))

    def value(self, measure: Measure) -> tuple[Terms, float]:
        """Return a measure as factors of columns, and what is added to their sum."""
        terms: Terms = []
        small = measure.merged()
        added = small.base
        for table in small.tables:
            added += self._table(table.scope, table.values, terms)
        for cover in measure.covers:
            reached = self.programme.column()
            terms.append((reached, cover.weight))
            over = [(c, -1.0) for c in self._reaching(cover.options)]
            self.programme.row([(reached, 1.0), *over], -np.inf, 0.0)
        return terms, added

    def _reaching(self, options: Iterable[tuple[int, int]]) -> list[int]:
        """Return the columns of levels of which any reaches a cover, each once."""
        columns: dict[int, None] = {}
        for lever, least in options:
            columns.update(dict.fromkeys(self.level[lever][max(least, 1) - 1 :]))
        return list(columns)

    def _table(self, scope: Sequence[int], values: NDArray[np.float64], terms: Terms) -> float:
        if len(scope) == 1:
            base = float(values[0])
            terms += [
                (column, float(v) - base)
                for column, v in zip(self.level[scope[0]], values[1:], strict=True)
                if v != base
            ]
            return base
        base = float(values.flat[0])
        shape = values.shape
        columns = np.array([self.programme.column() for _ in range(values.size)]).reshape(shape)
        terms += [
            (int(c), float(v) - base) for c, v in zip(columns.flat, values.flat, strict=True) if v != base
        ]
        self.programme.row([(int(c), 1.0) for c in columns.flat], 1.0, 1.0)
        for axis, lever in enumerate(scope):
            for k, column in enumerate(self.level[lever], start=1):
                together = [(int(c), 1.0) for c in columns.take(k, axis=axis).flat]
                self.programme.row([*together, (column, -1.0)], 0.0, 0.0)
        return base

    def chosen(self, x: NDArray[np.float64]) -> tuple[int, ...]:
        """Return the level of each lever in a solution."""
        return tuple(
            next((k for k, column in enumerate(columns, start=1) if x[column] > 0.5), 0)
            for columns in self.level
        )
