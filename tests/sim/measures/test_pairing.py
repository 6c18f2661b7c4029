"""Differences of many measures: against scipy, and how often they err."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.measures.pairing import holm, pairs, unpaired
from sim.measures.statistics import paired


@pytest.fixture(scope="module")
def both() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    shared = rng.normal(size=(6, 40))
    return 10 + shared + 0.2 * rng.normal(size=(6, 40)), 11 + shared + 0.3 * rng.normal(size=(6, 40))


def test_paired_intervals_are_those_of_scipy_and_of_a_single_measure(both: tuple[np.ndarray, ...]) -> None:
    a, b = both
    found = pairs(a, b, 0.9)
    test = stats.ttest_rel(b, a)
    low, high = test.confidence_interval(0.9)
    np.testing.assert_allclose(found.difference - found.half_width, low)
    np.testing.assert_allclose(found.difference + found.half_width, high)
    np.testing.assert_allclose(found.p, test.pvalue)
    mean, half = paired(a[:, 3], b[:, 3], 0.9)
    assert (found.difference[3], found.half_width[3]) == pytest.approx((mean, half))
    np.testing.assert_allclose(found.correlation[3], np.corrcoef(a[:, 3], b[:, 3])[0, 1])


def test_unpaired_intervals_are_welchs(both: tuple[np.ndarray, ...]) -> None:
    a, b = both
    found, test = unpaired(a[:4], b), stats.ttest_ind(b, a[:4], equal_var=False)
    low, high = test.confidence_interval(0.95)
    np.testing.assert_allclose(found.difference - found.half_width, low)
    np.testing.assert_allclose(found.difference + found.half_width, high)
    np.testing.assert_allclose(found.p, test.pvalue)
    np.testing.assert_allclose(pairs(a, b).unpaired, unpaired(a, b).half_width)
    assert np.median(pairs(a, b).ratio) > 3  # the shared part is gone from the differences


def test_what_never_varies_is_certain_and_one_replication_gives_no_interval() -> None:
    found = pairs([[1.0, 2.0], [3.0, 5.0]], [[1.0, 3.0], [3.0, 6.0]])
    assert found.p.tolist() == [1.0, 0.0] and found.half_width.tolist() == [0.0, 0.0]
    single = pairs([1.0], [2.0])
    assert single.difference.tolist() == [1.0] and np.isnan(single.half_width).all() and np.isnan(single.p)
    with pytest.raises(ValueError, match="as many on both sides"):
        pairs([1.0, 2.0], [1.0])


def test_holm_is_the_step_down_rule_and_leaves_out_what_is_not_measured() -> None:
    p = np.array([0.001, np.nan, 0.02, 0.02, 0.9])
    adjusted = holm(p)
    assert np.isnan(adjusted[1])
    assert adjusted[[0, 2, 3, 4]].tolist() == pytest.approx([0.004, 0.06, 0.06, 0.9])


def test_intervals_read_together_err_together_no_more_often_than_they_say() -> None:
    """Twenty measures without any difference: at 95 % one set in twenty has a finding, alone most have."""
    rng = np.random.default_rng(11)
    sets, alone, bonferroni, stepwise = 600, 0, 0, 0
    for _ in range(sets):
        found = pairs(rng.normal(size=(5, 20)), rng.normal(size=(5, 20)))
        alone += bool((np.abs(found.difference) > found.half_width).any())
        bonferroni += bool((np.abs(found.difference) > found.together(0.95)).any())
        stepwise += bool((holm(found.p) < 0.05).any())
    assert alone > 0.5 * sets
    assert stats.binomtest(bonferroni, sets, 0.05, "greater").pvalue > 0.01
    assert bonferroni <= stepwise
    assert stats.binomtest(stepwise, sets, 0.05, "greater").pvalue > 0.01
