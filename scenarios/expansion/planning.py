"""Where to expand: from a network and a question to a plan, its cost–benefit frontier, and their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from network.fleet.requirements import needs
from network.model.network import Network
from scenarios.expansion.aims import Aim, Standard
from scenarios.expansion.effects import Effects, expense, total
from scenarios.expansion.levers import Lever, levers
from scenarios.expansion.portfolio import Row, applied, changes_of, fleet_changes, rows
from scenarios.expansion.problem import Expense, Measure
from scenarios.expansion.solve import Phases, Requirement, Solution, best, least, phases
from sim.cost.planned import PlannedCost, planned_cost

__all__ = ["GAP", "Plan", "Point", "Question", "answer"]

GAP = 1e-3  # of a plan's gain, between it and the bound
SHARES = (0.2, 0.5, 1.0, 2.0, 4.0)  # of the budget, along the frontier


@dataclass(frozen=True)
class Question:
    """What is asked of a planner.

    Parameters
    ----------
    aim
        The measure to improve.
    kinds
        What may be changed: keys of `scenarios.expansion.levers.KINDS`.
    budget
        Yuan a year; None if not asked.
    standards
        What must be met at the least cost.
    yearly_budgets
        Yuan that all in force may cost in each year; none if not asked.
    shares
        Points of the cost–benefit frontier, as shares of the budget.
    gap
        Where the search may stop.
    """

    aim: Aim
    kinds: tuple[str, ...]
    budget: float | None = None
    standards: tuple[Standard, ...] = ()
    yearly_budgets: tuple[float, ...] = ()
    shares: tuple[float, ...] = SHARES
    gap: float = GAP


@dataclass(frozen=True, eq=False)
class Point:
    """A plan: what it costs, and what it brings by the tables and by the whole timetable.

    Parameters
    ----------
    name
        Of its scenario.
    budget
        It was made for; None of one that meets a standard.
    yuan
        Cost a year by the programme; `spending` counts it again on the network as it would be.
    predicted, exact
        The measure by the tables of effects, and by the timetable of the network as it would be.
    bound
        No plan within the budget is better than this by the tables; for a standard, none is cheaper (yuan).
    """

    name: str
    budget: float | None
    levels: tuple[int, ...]
    yuan: float
    spending: PlannedCost
    predicted: float
    exact: float
    bound: float
    vehicles: dict[str, int]
    drivers: int
    changes: tuple[Any, ...]
    how: str
    met: dict[str, float] = field(default_factory=dict)  # of standards: the exact value

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON."""
        return {
            "name": self.name,
            "budget": self.budget,
            "yuan": self.yuan,
            "spending": asdict(self.spending),
            "predicted": self.predicted,
            "exact": self.exact,
            "bound": self.bound,
            "vehicles": self.vehicles,
            "drivers": self.drivers,
            "changed": sum(level > 0 for level in self.levels),
            "solved": self.how,
            "met": self.met,
        }


@dataclass(frozen=True, eq=False)
class Plan:
    """What was asked, and the answers."""

    question: Question
    network: Network
    levers: tuple[Lever, ...]
    base: float  # the measure as things are
    chosen: Point | None = None
    rows: tuple[Row, ...] = ()
    frontier: tuple[Point, ...] = ()
    cheapest: Point | None = None
    cheapest_rows: tuple[Row, ...] = ()
    years: tuple[Point, ...] = ()
    years_bound: float = 0.0  # of the sum over years of the measure

    @property
    def points(self) -> list[Point]:
        """All plans, each once."""
        points = [*self.frontier, *([self.cheapest] if self.cheapest else []), *self.years]
        return list({point.name: point for point in points}.values())

    def gain(self, value: float) -> float:
        """Return by how much a value is better than things are."""
        return self.question.aim.sign * (value - self.base)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``plan.json``."""
        aim = self.question.aim
        kinds: dict[str, int] = {}
        for lever in self.levers:
            kinds[lever.kind] = kinds.get(lever.kind, 0) + 1
        content: dict[str, Any] = {
            "measure": {"key": aim.key, "meaning": aim.says, "unit": aim.unit, "better": aim.sign},
            "base": self.base,
            "candidates": kinds,
            "levels": sum(len(lever.levels) for lever in self.levers),
            "gap": self.question.gap,
        }
        if self.chosen:
            content["chosen"] = {**self.chosen.as_dict(), "changes": [asdict(row) for row in self.rows]}
            content["cost_benefit_frontier"] = [point.as_dict() for point in self.frontier]
        if self.cheapest:
            changes = [asdict(row) for row in self.cheapest_rows]
            asked = [standard.says for standard in self.question.standards]
            content["standard"] = {"asked": asked, **self.cheapest.as_dict(), "changes": changes}
        if self.years:
            gained = sum(self.gain(year.predicted) for year in self.years)
            bound = aim.sign * (self.years_bound - len(self.years) * self.base)
            content["years"] = {
                "gain": gained,
                "bound": bound,
                "years": [year.as_dict() for year in self.years],
            }
        return content


def answer(
    network: Network,
    question: Question,
    name: str = "plan",
    progress: Callable[[str], object] = lambda text: None,
) -> Plan:
    """Return the answer to a question about a network.

    Parameters
    ----------
    network
        As it is.
    question
        What is asked.
    name
        Of the scenarios that the plans become.
    progress
        Told what goes on.

    Raises
    ------
    PlanError
        If a standard cannot be met.
    """
    return _Planner(network, question, name, progress).answer()


class _Planner:
    def __init__(
        self, network: Network, question: Question, name: str, progress: Callable[[str], object]
    ) -> None:
        self.network, self.question, self.name, self.progress = network, question, name, progress
        self.levers = levers(network, question.kinds, _brands(question))
        self.expense: Expense = expense(network, self.levers)
        self.effects = Effects(network, self.levers, progress)
        self.before = planned_cost(network)
        self.drivers = needs(network).drivers
        self.measures: dict[str, Measure] = {}

    def answer(self) -> Plan:
        asked = self.question
        base = total(self.network, asked.aim)
        answers: dict[str, Any] = {}
        if asked.budget is not None:
            points = []
            for share in sorted({*asked.shares, 1.0}):
                budget = share * asked.budget
                self.progress(f"searching plans for {budget:,.0f} yuan a year")
                points.append(self._point(budget, self._best(budget)))
            chosen = next(p for p in points if p.budget == asked.budget)
            answers |= {
                "chosen": chosen,
                "frontier": tuple(points),
                "rows": tuple(self._rows(chosen)),
            }
        if asked.standards:
            cheapest = self._cheapest()
            answers |= {"cheapest": cheapest, "cheapest_rows": tuple(self._rows(cheapest))}
        if asked.yearly_budgets:
            plan = self._phases()
            years = tuple(
                self._point(budget, year, f"year-{number}")
                for number, (budget, year) in enumerate(
                    zip(asked.yearly_budgets, plan.years, strict=True), start=1
                )
            )
            answers |= {"years": years, "years_bound": asked.aim.sign * plan.bound}
        return Plan(asked, self.network, self.levers, base, **answers)

    def _measure(self, aim: Aim) -> Measure:
        if aim.key not in self.measures:
            self.measures[aim.key] = self.effects.measure(aim)
        return self.measures[aim.key]

    def _best(self, budget: float) -> Solution:
        return best(self.expense, self._measure(self.question.aim), budget, gap=self.question.gap)

    def _phases(self) -> Phases:
        self.progress("searching what comes first")
        measure = self._measure(self.question.aim)
        return phases(self.expense, measure, self.question.yearly_budgets, gap=self.question.gap)

    def _cheapest(self) -> Point:
        asked = [
            Requirement(self._measure(standard.aim), standard.aim.sign * standard.asked)
            for standard in self.question.standards
        ]
        self.progress("searching the cheapest plan that meets the standard")
        solution = least(self.expense, asked, gap=self.question.gap)
        return self._point(None, solution, "standard")

    def _point(self, budget: float | None, solution: Solution, label: str = "") -> Point:
        """Build the network of a solution and measure it as a whole."""
        changes, vehicles = fleet_changes(self.network, changes_of(self.levers, solution.levels))
        after = applied(self.network, changes)
        sign = self.question.aim.sign
        aim = self.question.standards[0].aim if budget is None else self.question.aim
        met = {s.says: total(after, s.aim) for s in self.question.standards} if budget is None else {}
        label = label or _short(budget)
        bound = solution.bound if budget is None else sign * solution.bound
        return Point(
            name=f"{self.name}-{label}",
            budget=budget,
            levels=solution.levels,
            yuan=solution.yuan,
            spending=planned_cost(after).minus(self.before),
            predicted=aim.sign * solution.value,
            exact=total(after, aim),
            bound=bound,
            vehicles=vehicles,
            drivers=needs(after).drivers - self.drivers,
            changes=tuple(changes),
            how=solution.how,
            met=met,
        )

    def _rows(self, point: Point) -> Sequence[Row]:
        aim = self.question.aim if point.budget is not None else self.question.standards[0].aim
        return rows(self.levers, self.expense, self._measure(aim), point.levels)


def _brands(question: Question) -> Sequence[int]:
    """For access alone one outlet is enough; for times more brands bring more."""
    kinds = {question.aim.kind, *(standard.aim.kind for standard in question.standards)}
    return (1,) if kinds == {"express"} else (2, 5, 99)


def _short(budget: float | None) -> str:
    """Return a budget as part of a name: 5m, 2.5m, 800k."""
    amount = budget or 0.0
    return f"{amount / 1e6:g}m" if amount >= 1e6 else f"{amount / 1e3:g}k"
