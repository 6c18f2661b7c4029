"""The named mixed-integer programme under the fits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from network.fit.programme import COUNT, LENGTH, Programme
from network.fit.refusal import Totals, reach, refusal


@pytest.fixture
def programme() -> Programme:
    """Five routes of 10, 20, 30, 40 and 50 km; two of them, at most one of the two shortest."""
    p = Programme([f"r{n}" for n in range(5)], np.array([10.0, 20, 30, 40, 50]), np.array([1.0, 2, 3, 4, 5]))
    p.add(COUNT, range(5), 2, 2)
    p.add(LENGTH, range(5), 1, 1, p.km)
    p.add("one short route", [0, 1], 0, 1)
    p.add("the longest route", [4], 1, 1)
    return p


def test_the_cheapest_choice_that_obeys(programme: Programme) -> None:
    x = programme.solve(without=(LENGTH,))
    assert x is not None and programme.chosen(x).tolist() == [0, 4]
    x = programme.solve(without=(LENGTH, "the longest route"))
    assert x is not None and programme.chosen(x).tolist() == [0, 2]
    assert programme.solve() is None


def test_reach_gives_lengths_at_the_number_and_numbers_at_all(programme: Programme) -> None:
    found = reach(programme)
    assert (found.low_km, found.high_km, found.fewest, found.most) == (60, 90, 1, 4)


def test_the_refusal_blames_the_rule_whose_absence_changes_least(programme: Programme) -> None:
    error = refusal(programme, "road", Totals(2, 35, 6))
    assert error.binding == "the longest route"
    assert "2 routes reach 60–90 km; 35 ± 6 km asked; in the way: the longest route" in str(error)
    error = refusal(programme, "road", Totals(2, 33, 3))
    assert error.binding == "the longest route" and "even without it least 40 km" in str(error)


def test_another_user_of_the_solver_with_other_threads_does_no_harm() -> None:
    """HiGHS keeps one set of threads a process and refuses another number."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import numpy as np\n"
        "from scipy.optimize import milp\n"
        "milp(np.ones(2), integrality=[1, 1], options={'threads': 2})\n"
        "from network.fit.programme import Programme\n"
        "p = Programme(['a', 'b'], np.array([1., 2.]), np.array([2., 1.]))\n"
        "p.add('', [0, 1], 1, 1)\n"
        "print(p.chosen(p.solve()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1]"
