"""The named mixed-integer programme under the fits."""

from __future__ import annotations

import numpy as np
import pytest

from network.fit.programme import COUNT, LENGTH, RouteProgramme
from network.fit.refusal import Totals, reach, refusal


@pytest.fixture
def programme() -> RouteProgramme:
    """Five routes of 10, 20, 30, 40 and 50 km; two of them, at most one of the two shortest."""
    p = RouteProgramme(
        [f"r{n}" for n in range(5)], np.array([10.0, 20, 30, 40, 50]), np.array([1.0, 2, 3, 4, 5])
    )
    p.add(COUNT, range(5), 2, 2)
    p.add(LENGTH, range(5), 1, 1, p.km)
    p.add("one short route", [0, 1], 0, 1)
    p.add("the longest route", [4], 1, 1)
    return p


def test_the_cheapest_choice_that_obeys(programme: RouteProgramme) -> None:
    x = programme.solve(without=(LENGTH,))
    assert x is not None and programme.chosen(x).tolist() == [0, 4]
    x = programme.solve(without=(LENGTH, "the longest route"))
    assert x is not None and programme.chosen(x).tolist() == [0, 2]
    assert programme.solve() is None


def test_reach_gives_lengths_at_the_number_and_numbers_at_all(programme: RouteProgramme) -> None:
    found = reach(programme)
    assert (found.low_km, found.high_km, found.fewest, found.most) == (60, 90, 1, 4)


def test_the_refusal_blames_the_rule_whose_absence_changes_least(programme: RouteProgramme) -> None:
    error = refusal(programme, "road", Totals(2, 35, 6))
    assert error.binding == "the longest route"
    assert "2 routes reach 60–90 km; 35 ± 6 km asked; in the way: the longest route" in str(error)
    error = refusal(programme, "road", Totals(2, 33, 3))
    assert error.binding == "the longest route" and "even without it least 40 km" in str(error)
