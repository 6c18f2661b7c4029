from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.numeric.apportion import largest_remainder

weights = st.lists(st.floats(0, 1e6), min_size=1, max_size=20)


@given(st.integers(0, 2000), weights)
def test_parts_sum_to_the_total_and_are_near_their_quota(total: int, weight: list[float]) -> None:
    parts = largest_remainder(total, weight)
    assert parts.sum() == total
    if sum(weight) > 0:
        quota = np.array(weight) / sum(weight) * total
        assert (np.abs(parts - quota) < 1 + 1e-6).all()


@given(st.integers(0, 500), weights, st.integers(0, 5))
def test_floors_and_ceilings_hold(total: int, weight: list[float], floor: int) -> None:
    n = len(weight)
    total += floor * n
    ceiling = np.full(n, -(-total // n) + 1)
    parts = largest_remainder(total, weight, floor=floor, ceiling=ceiling)
    assert parts.sum() == total
    assert (parts >= floor).all() and (parts <= ceiling).all()


def test_the_remainder_is_given_out_after_the_floor() -> None:
    assert largest_remainder(10, [8, 1, 1], floor=1).tolist() == [6, 2, 2]


def test_more_floors_than_total_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot split 2 between 3 and"):
        largest_remainder(2, [1, 1, 1], floor=1)


def test_a_smaller_total_than_the_ceilings_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot split"):
        largest_remainder(10, [1, 1], ceiling=[4, 4])
