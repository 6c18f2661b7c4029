"""The planner's problem as a 0-1 programme for HiGHS.

A column for each level above 0 of each lever; for a table of several levers a column for each combination,
tied to them by its marginals (whole as soon as the levels are); for a pool the vehicles bought; for a cover
whether it is reached.  Searches stop by gap or by nodes, never by time, so that answers do not depend on the
machine.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from network.errors import YizhanError
from scenarios.expansion.problem import Expense, Measure

__all__ = ["GAP", "NODES", "Answer", "Block", "PlanError", "Programme"]

GAP = 1e-4  # between the answer and the bound, of the bound's amount beyond things as they are
NODES = 20_000
# One thread and a fixed seed: the same answer every time.
_SOLVER: dict[str, Any] = {"threads": 1, "parallel": False, "random_seed": 0}
_LIMIT, _INFEASIBLE, _FAILED = 1, 2, 4
Terms = list[tuple[int, float]]


class PlanError(YizhanError, ValueError):
    """A question to which there is no plan."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Columns of a solved programme, and what no solution can beat."""

    x: NDArray[np.float64] | None
    bound: float
    feasible: bool


class Programme:
    """Columns and rows, gathered one after the other."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self._upper: list[float] = []
        self._whole: list[int] = []
        self._rows: list[tuple[Terms, float, float]] = []

    def column(self, cost: float = 0.0, upper: float = 1.0, whole: bool = False) -> int:
        """Add a variable from 0 to `upper`, and return its number."""
        self.cost.append(cost)
        self._upper.append(upper)
        self._whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Terms, low: float, high: float) -> None:
        """Add a rule: the sum of factor times variable lies between two numbers."""
        self._rows.append((terms, low, high))

    def solve(self, *, relaxed: bool = False, gap: float = GAP, nodes: int = NODES) -> Answer:
        """Minimise the cost.

        Parameters
        ----------
        relaxed
            Whether levels may be taken in part: gives the bound only.
        gap, nodes
            Where the search may stop.
        """
        counts = [len(terms) for terms, _, _ in self._rows]
        columns = [column for terms, _, _ in self._rows for column, _ in terms]
        factors = [factor for terms, _, _ in self._rows for _, factor in terms]
        shape = (len(self._rows), len(self.cost))
        matrix = sp.csr_array((factors, (np.repeat(np.arange(len(counts)), counts), columns)), shape=shape)
        rows = LinearConstraint(
            matrix, [low for _, low, _ in self._rows], [high for _, _, high in self._rows]
        )
        problem: dict[str, Any] = {
            "c": np.array(self.cost),
            "integrality": np.zeros(shape[1]) if relaxed else np.array(self._whole),
            "bounds": Bounds(np.zeros(shape[1]), np.array(self._upper)),
            "constraints": rows,
        }
        options: dict[str, Any] = {"mip_rel_gap": gap, "node_limit": nodes}
        found = _run(problem, {**options, **_SOLVER})
        if found.status == _FAILED and "nfeasible" not in found.message:
            # HiGHS refuses another number of threads than its first user in this process asked for.
            found = _run(problem, {**options, **_SOLVER, "threads": 0})
        if found.status == _INFEASIBLE or "nfeasible" in found.message:
            return Answer(None, np.inf, False)
        if found.x is None and found.status != _LIMIT:
            raise PlanError(f"the solver gave up: {found.message}")
        bound = found.fun if relaxed else found.mip_dual_bound
        return Answer(None if found.x is None else np.asarray(found.x), float(bound), True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what HiGHS writes past its own switches from the output, which may be JSON."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _run(problem: dict[str, Any], options: Any) -> Any:
    with warnings.catch_warnings(), _quiet():
        # scipy passes HiGHS's own options on as they are, and warns of it.
        warnings.filterwarnings("ignore", message="Unrecognized options", category=RuntimeWarning)
        return milp(**problem, options=options)


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

    def _pool(self, yuan: float, out: NDArray[np.int64], more: Any) -> None:
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
        found: dict[int, None] = {}
        for lever, least in options:
            found.update(dict.fromkeys(self.level[lever][max(least, 1) - 1 :]))
        return list(found)

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
