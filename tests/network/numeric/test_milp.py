"""Mixed-integer programmes against trying everything."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from network.numeric.milp import Programme, Row


def _knapsack(worth: np.ndarray, weight: np.ndarray, most: float) -> Programme:
    programme = Programme()
    columns = [programme.column(-float(value), whole=True) for value in worth]
    programme.row(zip(columns, weight.tolist(), strict=True), -np.inf, most)
    return programme


@pytest.mark.parametrize("seed", range(10))
def test_a_knapsack_is_what_enumeration_says_and_its_relaxation_bounds_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    worth, weight = rng.integers(1, 30, 8).astype(float), rng.integers(1, 20, 8).astype(float)
    programme = _knapsack(worth, weight, 40.0)
    best = max(
        float(worth @ choice) for choice in product((0.0, 1.0), repeat=8) if float(weight @ choice) <= 40
    )
    answer = programme.minimise()
    assert answer.x is not None
    assert -float(np.array(programme.cost) @ answer.x) == pytest.approx(best, rel=1e-4)
    assert -answer.bound >= best - 1e-9
    assert -programme.minimise(relaxed=True).bound >= best - 1e-9


def test_what_no_point_obeys_is_not_feasible_and_a_further_row_holds_for_one_solve_only() -> None:
    programme = _knapsack(np.array([2.0, 1.0]), np.array([1.0, 1.0]), 1.0)
    both = programme.minimise(extra=[Row.of([(0, 1.0), (1, 1.0)], 2.0, 2.0)])
    assert not both.feasible and both.x is None
    answer = programme.minimise()
    assert answer.x is not None and np.round(answer.x).tolist() == [1, 0]
    answer = programme.minimise(cost=[-1.0, -2.0])
    assert answer.x is not None and np.round(answer.x).tolist() == [0, 1]


def test_another_user_of_the_solver_with_other_threads_does_no_harm() -> None:
    """HiGHS keeps one set of threads a process and refuses another number."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import numpy as np\n"
        "from scipy.optimize import milp\n"
        "milp(np.ones(2), integrality=[1, 1], options={'threads': 2})\n"
        "from network.numeric.milp import Programme\n"
        "p = Programme()\n"
        "a, b = p.column(2.0, whole=True), p.column(1.0, whole=True)\n"
        "p.row([(a, 1.0), (b, 1.0)], 1, 1)\n"
        "print(p.minimise().x.round().tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[0.0, 1.0]"
