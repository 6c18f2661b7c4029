import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import statistics as s


def test_interval_by_hand():
    # mean 12, s = 2, t(0.975, 2) = 4.30265: 4.30265 * 2 / sqrt(3)
    mean, half = s.interval([10, 12, 14])
    assert mean == 12
    assert half == pytest.approx(4.30265273 * 2 / math.sqrt(3))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_interval_is_the_one_of_scipy(level):
    values = np.random.default_rng(7).normal(100, 5, 12)
    got = s.interval(values, level)
    low, high = stats.t.interval(level, 11, loc=values.mean(), scale=stats.sem(values))
    assert (got.low, got.high) == pytest.approx((low, high))


def test_paired_interval_is_the_one_of_the_paired_t_test():
    rng = np.random.default_rng(8)
    base = rng.normal(100, 20, 10)
    other = base - 3 + rng.normal(0, 0.5, 10)
    got = s.paired(base, other)
    want = stats.ttest_rel(other, base).confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((want.low, want.high))
    assert got.high < 0
    # Common draws: far narrower than two unpaired intervals would be.
    assert got.half_width < s.interval(base).half_width / 5


def test_interval_covers_as_often_as_it_says():
    draws = np.random.default_rng(9).normal(0, 1, (2000, 5))
    hits = sum(abs(s.interval(row).mean) <= s.interval(row).half_width for row in draws)
    # Binomial with p = 0.95: four standard deviations.
    assert abs(hits / 2000 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 2000)


def test_one_value_has_a_mean_and_no_interval():
    got = s.interval([5.0])
    assert got.mean == 5.0 and math.isnan(got.half_width)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        s.interval([])
    with pytest.raises(ValueError, match="level"):
        s.interval([1, 2], 95)
    with pytest.raises(ValueError, match="as many"):
        s.paired([1, 2], [1, 2, 3])


def test_quantile_is_an_observed_value_that_enough_others_do_not_exceed():
    assert s.quantiles([5, 1, 4, 2, 3], [0, 0.2, 0.21, 0.5, 0.8, 0.81, 1]).tolist() == [1, 1, 2, 3, 4, 5, 5]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from([0.05, 0.5, 0.8, 0.95, 1.0]))
def test_quantiles_are_those_of_numpy_inverted_cdf(values, q):
    assert s.quantiles(values, q) == np.quantile(np.array(values, float), q, method="inverted_cdf")


def test_weighted_quantile_is_the_quantile_of_the_repeated_values():
    values, weights = [30.0, 10.0, 20.0], [5, 2, 0]
    assert s.weighted_quantile(values, weights, [0.2, 0.3, 1]).tolist() == [10, 30, 30]
    assert s.weighted_quantile(values, weights, 0.29) == s.quantiles([10] * 2 + [30] * 5, 0.29)


def test_what_has_not_come_counts_as_greatest():
    assert s.quantiles([1, 2, np.inf], [0.5, 0.9]).tolist() == [2, np.inf]


def test_weighted_quantile_refuses_what_it_cannot_rank():
    assert math.isnan(s.weighted_quantile([1.0], [0.0], 0.5))
    wrong = [([1, math.nan], [1, 1], 0.5), ([1], [-1], 0.5), ([1], [1], 1.5), ([1], [1, 2], 0)]
    for values, weights, q in wrong:
        with pytest.raises(ValueError, match=r"weights|numbers|shares"):
            s.weighted_quantile(values, weights, q)
