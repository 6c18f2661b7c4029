"""Verdicts over worlds, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from scenarios.uncertainty.verdicts import agreement, beats, clopper_pearson, range_of, regrets


def test_a_share_counts_the_worlds_in_which_it_is_better() -> None:
    one = [10.0, 12.0, 9.0, 8.0, np.nan]
    other = [11.0, 11.0, 9.0, 10.0, 1.0]
    less = beats(one, other, -1)
    assert (less.worlds, less.better, less.equal, less.worse) == (4, 2, 1, 1)
    assert less.share == 0.5 and less.mean == pytest.approx((-1 + 1 + 0 - 2) / 4)
    more = beats(one, other, 1)
    assert (more.better, more.equal, more.worse) == (1, 1, 2)
    assert beats([np.nan], [1.0], 1).worlds == 0


@pytest.mark.parametrize("wins, n", [(0, 10), (3, 10), (10, 10), (186, 200)])
def test_the_interval_of_a_share_is_the_exact_one(wins: int, n: int) -> None:
    theirs = stats.binomtest(wins, n).proportion_ci(0.95, "exact")
    assert clopper_pearson(wins, n) == pytest.approx((theirs.low, theirs.high))


def test_regret_is_against_the_best_of_each_world() -> None:
    values = {"a": [3.0, 1.0, np.nan], "b": [2.0, 5.0, 1.0], "c": [4.0, 1.0, 1.0]}
    found = regrets(values, -1)
    assert [found[name].worlds for name in values] == [2, 2, 2]
    assert [found[name].best for name in values] == [1, 1, 1]  # a and c are both best in the second
    assert [found[name].mean for name in values] == [0.5, 2.0, 1.0]
    assert [found[name].most for name in values] == [1.0, 4.0, 2.0]
    assert regrets({"a": [1.0], "b": [3.0]}, 1)["a"].most == 2.0


def test_a_range_leaves_out_what_has_no_value() -> None:
    row = range_of([*range(101), np.nan])
    assert (row.worlds, row.least, row.p5, row.p50, row.p95, row.most) == (101, 0, 5, 50, 95, 100)
    assert range_of([np.nan]).worlds == 0


def test_the_shortcut_is_judged_by_rank_and_side() -> None:
    base = np.zeros(5)
    short, long = np.array([-1.0, -2.0, -3.0, 1.0, 0.0]), np.array([-10.0, -20.0, -30.0, -1.0, 0.0])
    row = agreement((base, short), (base, long))
    assert row.worlds == 5 and row.same_sign == 4 and row.share == 0.8
    assert row.rank == pytest.approx(stats.spearmanr(short, long).statistic)
    assert np.isnan(agreement((base, base), (base, long)).rank)  # one that never moves has no ranks
