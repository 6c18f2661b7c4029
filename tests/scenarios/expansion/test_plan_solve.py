"""The planner against trying everything, and against another library where the problem is a pure one."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.expansion.problem import Cover, Expense, Measure, Pool, Table
from scenarios.expansion.programme import PlanError
from scenarios.expansion.solve import Requirement, best, greedy, least, phases
from tests.scenarios.expansion.plan_cases import best_by_trying, drawn, least_by_trying, phases_by_trying

EXACT = 1e-9
CASES = range(50)


def total(expense: Expense) -> float:
    return float(sum(yuan.max() for yuan in expense.yuan))


@pytest.mark.slow
@pytest.mark.parametrize("seed", CASES)
def test_best_for_a_budget_is_what_trying_everything_finds(seed: int) -> None:
    expense, measure, _ = drawn(seed)
    for share in (0.0, 0.3, 0.6):
        budget = share * total(expense)
        found = best(expense, measure, budget, gap=0.0)
        assert found.value == pytest.approx(best_by_trying(expense, measure, budget), abs=EXACT)
        assert found.value == pytest.approx(measure.of(found.levels))
        assert found.yuan == pytest.approx(expense.of(found.levels)) and found.yuan <= budget + 0.01


@pytest.mark.parametrize("seed", CASES)
def test_least_for_a_standard_is_what_trying_everything_finds(seed: int) -> None:
    expense, measure, other = drawn(seed)
    top = best_by_trying(expense, measure, np.inf)
    bottom = measure.of((0,) * expense.levers)
    asked = [(measure, bottom + 0.7 * (top - bottom)), (other, other.of((0,) * expense.levers))]
    cheapest = least_by_trying(expense, asked)
    requirements = [Requirement(m, value) for m, value in asked]
    if np.isinf(cheapest):
        with pytest.raises(PlanError, match="do not meet"):
            least(expense, requirements)
        return
    found = least(expense, requirements, gap=0.0)
    assert found.yuan == pytest.approx(cheapest, abs=1e-3)
    assert found.bound <= cheapest + 1e-3
    assert all(m.of(found.levels) >= value - 1e-6 for m, value in asked)


@pytest.mark.slow
@pytest.mark.parametrize("seed", CASES)
def test_phases_are_what_trying_everything_finds(seed: int) -> None:
    expense, measure, _ = drawn(seed)
    budgets = [share * total(expense) for share in (0.2, 0.4, 0.6)]
    found = phases(expense, measure, budgets, gap=0.0)
    sought = phases_by_trying(expense, measure, budgets)
    assert found.value == pytest.approx(sought, abs=1e-6)
    assert found.bound >= sought - 1e-6
    for before, after in zip(found.years, found.years[1:], strict=False):
        assert all(a <= b for a, b in zip(before.levels, after.levels, strict=True))
    for year, budget in zip(found.years, budgets, strict=True):
        assert year.yuan <= budget + 0.01


@pytest.mark.slow
@pytest.mark.parametrize("seed", CASES)
def test_no_choice_beats_the_bound(seed: int) -> None:
    expense, measure, _ = drawn(seed)
    budget = 0.4 * total(expense)
    optimum = best_by_trying(expense, measure, budget)
    quick = greedy(expense, measure, budget)
    assert quick.value <= optimum + EXACT <= quick.bound + 1e-6
    assert quick.yuan <= budget + 0.01
    stopped = best(expense, measure, budget, nodes=1)
    assert stopped.value <= optimum + EXACT <= stopped.bound + 1e-6
    loose = best(expense, measure, budget, gap=0.2)
    assert loose.value <= optimum + EXACT <= loose.bound + 1e-6


def test_greedy_comes_near_the_best_where_levers_only_take_from_each_other() -> None:
    """Covers alone are submodular: with equal prices greedy reaches 1 - 1/e of the best (Nemhauser 1978)."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        levers = 8
        covers = tuple(
            Cover(
                float(rng.integers(1, 20)),
                tuple((int(lv), 1) for lv in np.flatnonzero(rng.random(levers) < 0.3)),
            )
            for _ in range(30)
        )
        expense = Expense((np.array([0.0, 1000.0]),) * levers)
        measure = Measure(0.0, (), covers)
        quick = greedy(expense, measure, 3000.0)
        assert quick.value >= (1 - 1 / np.e) * best_by_trying(expense, measure, 3000.0)


def test_more_money_never_buys_less() -> None:
    expense, measure, _ = drawn(3)
    values = [best(expense, measure, budget).value for budget in (0.0, 2e4, 4e4, 8e4, 1e9)]
    assert values == sorted(values)
    assert values[0] >= measure.of((0,) * expense.levers)


def test_a_vehicle_out_on_other_days_is_bought_once() -> None:
    """Two rounds of one base, one on Mondays and one on Tuesdays, share the vehicle that each would need."""
    monday, tuesday = np.eye(7, dtype=np.int64)[:2]
    pool = Pool("base", 16_425.0, np.zeros(7, dtype=np.int64), {(0, 1): monday, (1, 1): tuesday})
    expense = Expense((np.array([0.0, 100.0]), np.array([0.0, 100.0])), (pool,))
    assert expense.of((1, 0)) == expense.of((0, 1)) == 16_525.0
    assert expense.of((1, 1)) == 16_625.0
    measure = Measure(0.0, (Table((0,), np.array([0.0, 1.0])), Table((1,), np.array([0.0, 1.0]))))
    assert best(expense, measure, 16_625.0).levels == (1, 1)
    assert best(expense, measure, 16_624.0).levels in {(1, 0), (0, 1)}
    assert greedy(expense, measure, 16_625.0).levels == (1, 1)


def test_a_pair_that_helps_only_together_is_found() -> None:
    """A daily feeder and a daily round gain nothing alone: the search sees it, step by step does not."""
    both = Table((0, 1), np.array([[0.0, 0.0], [0.0, 10.0]]))
    expense = Expense((np.array([0.0, 5.0]),) * 2)
    assert best(expense, Measure(0.0, (both,)), 10.0).levels == (1, 1)
    quick = greedy(expense, Measure(0.0, (both,)), 10.0)
    assert quick.value == 0.0 and quick.bound >= 10.0


def test_the_answer_is_the_same_every_time() -> None:
    expense, measure, _ = drawn(7)
    assert best(expense, measure, 5e4) == best(expense, measure, 5e4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PuLP's, of what spopt calls
@pytest.mark.parametrize("seed", range(8))
def test_outlet_location_equals_maximal_covering_of_spopt(seed: int) -> None:
    """Choosing p sites so that most people live within reach is Church and ReVelle's problem of 1974."""
    pulp = pytest.importorskip("pulp")
    locate = pytest.importorskip("spopt.locate")
    rng = np.random.default_rng(seed)
    homes, sites = rng.random((60, 2)) * 100, rng.random((15, 2)) * 100
    people = rng.integers(1, 500, size=60).astype(float)
    km = np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1))
    chosen, reach = 4, 18.0
    theirs = locate.MCLP.from_cost_matrix(km, people, reach, chosen)
    theirs = theirs.solve(pulp.PULP_CBC_CMD(msg=False))
    covers = tuple(
        Cover(float(weight), tuple((int(site), 1) for site in np.flatnonzero(row <= reach)))
        for weight, row in zip(people, km, strict=True)
        if (row <= reach).any()
    )
    expense = Expense((np.array([0.0, 1.0]),) * 15)
    ours = best(expense, Measure(0.0, (), covers), float(chosen), gap=0.0)
    assert ours.value == pytest.approx(pulp.value(theirs.problem.objective))
    assert ours.yuan <= chosen
