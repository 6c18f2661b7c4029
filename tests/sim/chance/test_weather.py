"""Spans of seconds in which something is closed."""

from __future__ import annotations

import pytest

from sim.chance.weather import Closed


@pytest.mark.parametrize(
    ("spans", "opens"),
    [
        ([(10, 20), (40, 50)], {9: 0, 10: 20, 19: 20, 20: 0, 39: 0, 40: 50}),
        ([(30, 50), (10, 40)], {9: 0, 10: 50, 30: 50, 49: 50, 50: 0}),  # they overlap
        ([(10, 50), (20, 30)], {10: 50, 25: 50, 35: 50, 50: 0}),  # one lies in the other
        ([(10, 20), (20, 30)], {10: 30, 20: 30, 30: 0}),  # one begins where the other ends
    ],
)
def test_it_opens_when_all_that_closes_it_is_over(
    spans: list[tuple[int, int]], opens: dict[int, int]
) -> None:
    closed = Closed(spans)
    assert {second: closed.until(second) for second in opens} == opens


def test_a_stretch_of_time_meets_a_closure_that_it_touches() -> None:
    """Closed in the seconds 10 to 19; both ends of the stretch count."""
    closed = Closed([(10, 20)])
    stretches = [(0, 9), (0, 10), (12, 15), (19, 30), (20, 30)]
    assert [closed.meets(*stretch) for stretch in stretches] == [False, True, True, True, False]
