"""The guide table against numpy's own search."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.demand.lookup import Guide


@given(
    st.integers(1, 3),
    st.lists(st.integers(0, 96), max_size=12),
    st.lists(st.integers(0, 95), min_size=1, max_size=20),
)
def test_it_finds_what_a_search_finds(units: int, table: list[int], asked: list[int]) -> None:
    """Numbers between, on and beside the divisions: a unit has 8 of them, the table and x lie in 32nds."""
    numbers = np.sort(np.array(table)) / 32
    x = np.array(asked) % (32 * units) / 32
    found = Guide(numbers, units, 8).find(x)
    assert found.tolist() == [sum(number <= one for number in numbers.tolist()) for one in x.tolist()]
