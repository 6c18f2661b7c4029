"""Small planning problems drawn at random, and their answers by trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from scenarios.expansion.problem import Cover, Expense, Measure, Pool, Table

SLACK = 1e-6


def drawn(seed: int) -> tuple[Expense, Measure, Measure]:
    """Return the expense and two measures of three to six levers that act together."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 4, size=rng.integers(3, 7))
    yuan = tuple(np.concatenate([[0.0], np.sort(rng.integers(1, 60, size=n - 1))]) * 1000.0 for n in sizes)
    levers = len(sizes)
    pools = []
    for number in range(rng.integers(0, 3)):
        mine = rng.choice(levers, size=min(3, levers), replace=False)
        more = {(int(lv), k): rng.integers(-1, 3, size=7) for lv in mine for k in range(1, sizes[lv])}
        pools.append(Pool(f"pool {number}", 7000.0, rng.integers(0, 4, size=7), more))

    def measure() -> Measure:
        tables = []
        for _ in range(rng.integers(2, 8)):
            scope = tuple(int(lv) for lv in rng.choice(levers, size=rng.integers(1, 4), replace=False))
            tables.append(Table(scope, rng.normal(1.0, 2.0, size=[sizes[lv] for lv in scope])))
        covers = []
        for _ in range(rng.integers(0, 5)):
            near = rng.choice(levers, size=rng.integers(1, levers), replace=False)
            options = tuple((int(lv), int(rng.integers(1, sizes[lv]))) for lv in near)
            covers.append(Cover(float(rng.integers(1, 9)), options))
        return Measure(float(rng.normal()), tuple(tables), tuple(covers))

    return Expense(yuan, tuple(pools)), measure(), measure()


def choices(expense: Expense) -> Iterator[tuple[int, ...]]:
    """Yield every choice of levels."""
    yield from itertools.product(*(range(len(yuan)) for yuan in expense.yuan))


def best_by_trying(expense: Expense, measure: Measure, budget: float) -> float:
    """Return the greatest value within a budget."""
    return max(measure.of(c) for c in choices(expense) if expense.of(c) <= budget + SLACK)


def least_by_trying(expense: Expense, asked: Sequence[tuple[Measure, float]]) -> float:
    """Return the least cost that meets all that is asked; infinity where nothing does."""
    meets = (c for c in choices(expense) if all(m.of(c) >= least - SLACK for m, least in asked))
    return min((expense.of(c) for c in meets), default=np.inf)


def phases_by_trying(expense: Expense, measure: Measure, budgets: Sequence[float]) -> float:
    """Return the greatest sum of values over years that never go back."""
    every = np.array(list(choices(expense)))
    values = np.array([measure.of(c) for c in every])
    yuan = np.array([expense.of(c) for c in every])
    sums = np.where(yuan <= budgets[0] + SLACK, values, -np.inf)
    for budget in budgets[1:]:
        before = np.full(len(every), -np.inf)
        for row, levels in enumerate(every):
            before[row] = sums[(every <= levels).all(axis=1)].max()
        sums = np.where(yuan <= budget + SLACK, before + values, -np.inf)
    return float(sums.max())
