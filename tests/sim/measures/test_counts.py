"""Whole counts by share: exact totals, and none that falls when the total rises."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.demand.items import _counts


@given(
    st.lists(st.floats(0.001, 100.0), min_size=1, max_size=40),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 5000), min_size=2, max_size=6),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_counts_are_exact_and_only_grow_with_the_total(
    weights: list[float], seed: int, totals: list[int]
) -> None:
    shares = np.array(weights) / np.sum(weights)
    luck = np.random.default_rng(seed).random(len(shares))
    found = [_counts(shares, luck, total) for total in sorted(totals)]
    assert [int(counts.sum()) for counts in found] == sorted(totals)
    for fewer, more in itertools.pairwise(found):
        assert (more >= fewer).all()


def test_equal_shares_with_equal_luck_are_still_exact() -> None:
    assert _counts(np.full(4, 0.25), np.full(4, 0.5), 6).tolist() == [2, 2, 1, 1]
    assert _counts(np.full(5, 0.2), np.zeros(5), 5).tolist() == [1, 1, 1, 1, 1]
