"""Inequality over people, against what the words say and against people counted one by one."""

from __future__ import annotations

import numpy as np
import pytest

from network.accessibility.equity import equity, gini, palma, quantile_ratio, tail_mean


@pytest.fixture(scope="module", params=range(5))
def drawn(request):
    """Return hours and whole people of some places, and the hours of each person."""
    rng = np.random.default_rng(request.param)
    hours, people = rng.uniform(1, 300, 30).round(1), rng.integers(0, 40, 30)
    people[0] += 10 - people.sum() % 10  # whole tenths of the people
    return hours, people, np.sort(np.repeat(hours, people))


def test_gini_is_half_the_relative_mean_difference_of_all_pairs(drawn):
    hours, people, each = drawn
    pairs = np.abs(each[:, None] - each[None, :]).mean()
    assert gini(hours, people) == pytest.approx(pairs / (2 * each.mean()), rel=1e-12)


def test_palma_and_the_worst_decile_are_sums_over_ranked_people(drawn):
    hours, people, each = drawn
    tenth = len(each) // 10
    assert palma(hours, people) == pytest.approx(each[-tenth:].sum() / each[: 4 * tenth].sum(), rel=1e-12)
    assert tail_mean(hours, people) == pytest.approx(each[-tenth:].mean(), rel=1e-12)
    assert quantile_ratio(hours, people) == each[9 * tenth - 1] / each[tenth - 1]


def test_the_unit_and_the_order_of_places_do_not_matter(drawn):
    hours, people, _ = drawn
    for measure in (gini, palma, quantile_ratio):
        assert measure(60 * hours[::-1], 3 * people[::-1]) == pytest.approx(measure(hours, people), rel=1e-12)


def test_equal_hours_are_no_inequality():
    assert gini([7.0, 7.0], [3, 5]) == pytest.approx(0, abs=1e-12)
    assert palma([7.0, 7.0], [3, 5]) == pytest.approx(0.25)
    assert (quantile_ratio([7.0, 7.0], [3, 5]), tail_mean([7.0, 7.0], [3, 5])) == (1, pytest.approx(7))


def test_the_border_is_held_against_the_interior():
    found = equity([10.0, 20.0, 60.0, np.inf, np.nan], [1, 3, 2, 9, 9], [True, True, False, True, False])
    assert found["border_h"] == pytest.approx(17.5)
    assert found["interior_h"] == 60
    assert found["border_interior"] == pytest.approx(17.5 / 60)
    assert set(equity([np.nan], [1], [True]).values()) == {None}


def test_what_cannot_be_ranked_is_refused():
    for values, people in (([1.0], [1, 2]), ([1.0], [0]), ([-1.0], [1]), ([1.0], [-1]), ([np.nan], [1])):
        with pytest.raises(ValueError, match=r"people|values"):
            gini(values, people)
