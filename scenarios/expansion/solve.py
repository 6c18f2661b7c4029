"""Three questions to the planner: the most for a budget, the least for a standard, and what comes first.

`best`, `least` and `phases` are exact up to the gap that they state.  `greedy` is for problems that are too
large for that, or to have an answer at once: it raises the lever that brings most for its yuan, over and
over.  Where levers only ever take from each other's gain (covers alone) its answer is known to be good;
where one helps another, as a daily round does a daily feeder, it is a heuristic.  The bound that it comes
with holds in any case: it is that of the relaxed programme.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from network.numeric.milp import GAP, NODES, Programme
from scenarios.expansion.problem import Cover, Expense, Measure, Table, up_to
from scenarios.expansion.programme import Block, PlanError

__all__ = ["Phases", "Requirement", "Solution", "best", "greedy", "least", "phases"]

_CENT = 0.01  # budgets are kept to the cent
_TINY = 1e-9


@dataclass(frozen=True)
class Solution:
    """A choice of levels.

    Parameters
    ----------
    levels
        Of each lever.
    value
        Of the measure that was asked for.
    yuan
        A year, beyond things as they are.
    bound
        No choice within the budget has a greater value; of `least`, none that meets the standard costs less.
    how
        "exact" or "greedy".
    """

    levels: tuple[int, ...]
    value: float
    yuan: float
    bound: float
    how: str

    @property
    def changed(self) -> tuple[int, ...]:
        """The levers that are not at level 0."""
        return tuple(lever for lever, level in enumerate(self.levels) if level)


@dataclass(frozen=True)
class Requirement:
    """A measure that must reach a number."""

    measure: Measure
    least: float


@dataclass(frozen=True)
class Phases:
    """What is in force in each year, and what no order of years can beat in sum."""

    years: tuple[Solution, ...]
    bound: float

    @property
    def value(self) -> float:
        """The sum of the measure over the years."""
        return sum(year.value for year in self.years)


def best(
    expense: Expense, measure: Measure, budget: float, *, gap: float = GAP, nodes: int = NODES
) -> Solution:
    """Return the choice of greatest value within a budget.

    Parameters
    ----------
    expense, measure
        The problem.
    budget
        Yuan a year.
    gap, nodes
        Where the search may stop: at this share of the gain between answer and bound, or after so many nodes.
    """
    programme = Programme()
    block = Block(programme, expense)
    terms, added = block.value(measure)
    for column, factor in terms:
        programme.cost[column] -= factor
    programme.row(block.spent, -np.inf, budget + _CENT / 2)
    answer = programme.minimise(gap=gap, nodes=nodes)
    quick = greedy(expense, measure, budget, bound=False)
    bound = added - answer.bound
    levels = quick.levels if answer.x is None else block.chosen(answer.x)
    if measure.of(levels) < quick.value:
        levels = quick.levels
    return _solution(expense, measure, levels, bound, "exact")


def _solution(
    expense: Expense, measure: Measure, levels: tuple[int, ...], bound: float, how: str
) -> Solution:
    value = measure.of(levels)
    return Solution(levels, value, expense.of(levels), max(bound, value), how)


def least(
    expense: Expense, asked: Sequence[Requirement], *, gap: float = GAP, nodes: int = NODES
) -> Solution:
    """Return the cheapest choice that meets all that is asked; its value is that of the first measure.

    Raises
    ------
    PlanError
        If no choice meets it, or none was found in so many nodes.
    """
    programme = Programme()
    block = Block(programme, expense)
    for requirement in asked:
        terms, added = block.value(requirement.measure)
        programme.row(terms, requirement.least - added - _slack(requirement), np.inf)
    for column, yuan in block.spent:
        programme.cost[column] += yuan
    answer = programme.minimise(gap=gap, nodes=nodes)
    if not answer.feasible:
        raise PlanError("all candidates together do not meet the standard")
    if answer.x is None:
        raise PlanError(f"no plan found that meets the standard within {nodes} nodes of the search")
    levels = block.chosen(answer.x)
    yuan = expense.of(levels)
    return Solution(levels, asked[0].measure.of(levels), yuan, min(answer.bound, yuan), "exact")


def _slack(requirement: Requirement) -> float:
    return _TINY * max(1.0, abs(requirement.least))


def phases(
    expense: Expense,
    measure: Measure,
    budgets: Sequence[float],
    *,
    gap: float = GAP,
    nodes: int = NODES,
    most_cells: int = 50_000,
) -> Phases:
    """Return what to have in each year, each year's at least the last one's, for the greatest sum of values.

    Parameters
    ----------
    budgets
        Yuan that what is in force may cost, year by year.
    most_cells
        Combinations of levels, all years together, up to which all years are searched at once.  Beyond that
        the last year's best plan is found first and the years before it choose from it; the bound is then the
        sum of what each year could have by itself.
    """
    cells = sum(table.values.size for table in measure.merged().tables) * len(budgets)
    plans = [_forward(expense, measure, budgets)]
    how = "exact"
    if cells <= most_cells:
        together, bound = _at_once(expense, measure, budgets, gap, nodes)
        plans += together
    else:
        how = "within the last year's"
        alone = [best(expense, measure, budget, gap=gap, nodes=nodes) for budget in budgets]
        bound = sum(year.bound for year in alone)
        part = up_to(expense, measure, alone[-1].levels)
        plans += _at_once(*part, budgets, gap, nodes)[0]
    chosen = max(plans, key=lambda plan: sum(measure.of(levels) for levels in plan))
    years = tuple(_solution(expense, measure, levels, measure.of(levels), how) for levels in chosen)
    return Phases(years, max(bound, sum(year.value for year in years)))


def _at_once(
    expense: Expense, measure: Measure, budgets: Sequence[float], gap: float, nodes: int
) -> tuple[list[list[tuple[int, ...]]], float]:
    """Return at most one plan for all years, and the bound of their sum."""
    programme = Programme()
    blocks: list[Block] = []
    added = 0.0
    for budget in budgets:
        block = Block(programme, expense)
        terms, constant = block.value(measure)
        for column, factor in terms:
            programme.cost[column] -= factor
        programme.row(block.spent, -np.inf, budget + _CENT / 2)
        if blocks:
            _never_back(programme, blocks[-1], block)
        blocks.append(block)
        added += constant
    answer = programme.minimise(gap=gap, nodes=nodes)
    plan = [] if answer.x is None else [[block.chosen(answer.x) for block in blocks]]
    return plan, added - answer.bound


def _never_back(programme: Programme, before: Block, after: Block) -> None:
    """Keep every lever at least at the level of the year before."""
    for earlier, later in zip(before.level, after.level, strict=True):
        for k in range(len(earlier)):
            up = [(column, 1.0) for column in later[k:]]
            programme.row([*up, *((column, -1.0) for column in earlier[k:])], 0.0, np.inf)


def _forward(expense: Expense, measure: Measure, budgets: Sequence[float]) -> list[tuple[int, ...]]:
    levels = (0,) * expense.levers
    plan = []
    for budget in budgets:
        levels = greedy(expense, measure, budget, start=levels, bound=False).levels
        plan.append(levels)
    return plan


def greedy(
    expense: Expense,
    measure: Measure,
    budget: float,
    *,
    start: Sequence[int] | None = None,
    bound: bool = True,
) -> Solution:
    """Return a choice within a budget by raising what brings most for its yuan.

    Gains are looked up again only for the best of a heap (lazy evaluation).

    Parameters
    ----------
    start
        Levels to begin with; none is lowered.
    bound
        Whether to solve the relaxed programme for a bound; the value itself stands for it otherwise.
    """
    search = _Search(expense, measure, start)
    heap = [move for lever in range(expense.levers) for move in search.moves(lever)]
    heapq.heapify(heap)
    while heap:
        _, lever, level = heapq.heappop(heap)
        now = search.move(lever, level)
        if now is None or search.spent + search.price(lever, level) > budget + _CENT / 2:
            continue
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        search.raise_to(lever, level)
        for other in search.touched(lever):
            for move in search.moves(other):
                heapq.heappush(heap, move)
    levels = tuple(search.levels)
    limit = _relaxed(expense, measure, budget) if bound else measure.of(levels)
    return _solution(expense, measure, levels, limit, "greedy")


def _relaxed(expense: Expense, measure: Measure, budget: float) -> float:
    programme = Programme()
    block = Block(programme, expense)
    terms, added = block.value(measure)
    for column, factor in terms:
        programme.cost[column] -= factor
    programme.row(block.spent, -np.inf, budget + _CENT / 2)
    return added - programme.minimise(relaxed=True).bound


class _Search:
    """Levels so far, and what one lever more would bring and cost."""

    def __init__(self, expense: Expense, measure: Measure, start: Sequence[int] | None) -> None:
        self.expense = expense
        self.levels = list(start or (0,) * expense.levers)
        self.parts: list[list[int]] = [[] for _ in range(expense.levers)]
        small = measure.merged()
        self.all: list[Table | Cover] = [*small.tables, *small.covers]
        scopes = [t.scope for t in small.tables]
        scopes += [tuple(dict.fromkeys(lever for lever, _ in c.options)) for c in small.covers]
        self.scopes = scopes
        for at, scope in enumerate(scopes):
            for lever in scope:
                self.parts[lever].append(at)
        self.spent = expense.of(self.levels)

    def gain(self, lever: int, level: int) -> float:
        now = self.levels[lever]
        before = sum(self.all[at].at(self.levels) for at in self.parts[lever])
        self.levels[lever] = level
        after = sum(self.all[at].at(self.levels) for at in self.parts[lever])
        self.levels[lever] = now
        return after - before

    def price(self, lever: int, level: int) -> float:
        now = self.levels[lever]
        pools = self.expense.pools_of.get(lever, ())
        before = sum(pool.yuan * pool.vehicles(self.levels) for pool in pools)
        self.levels[lever] = level
        after = sum(pool.yuan * pool.vehicles(self.levels) for pool in pools)
        self.levels[lever] = now
        yuan = self.expense.yuan[lever]
        return float(yuan[level] - yuan[now]) + after - before

    def move(self, lever: int, level: int) -> tuple[float, int, int] | None:
        """Return a move with its gain for a yuan, negative; None where it brings nothing."""
        if level <= self.levels[lever]:
            return None
        gain = self.gain(lever, level)
        if gain <= _TINY:
            return None
        return -gain / max(self.price(lever, level), _CENT), lever, level

    def moves(self, lever: int) -> list[tuple[float, int, int]]:
        levels = range(self.levels[lever] + 1, len(self.expense.yuan[lever]))
        return [move for level in levels if (move := self.move(lever, level)) is not None]

    def raise_to(self, lever: int, level: int) -> None:
        self.spent += self.price(lever, level)
        self.levels[lever] = level

    def touched(self, lever: int) -> list[int]:
        """Return the levers whose gain or price may have changed, the lever itself included."""
        levers = {lever: None}
        for at in self.parts[lever]:
            levers.update(dict.fromkeys(self.scopes[at]))
        for pool in self.expense.pools_of.get(lever, ()):
            levers.update(dict.fromkeys(other for other, _ in pool.more))
        return list(levers)
