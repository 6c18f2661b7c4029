from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from network.inputs.tables import load_region
from network.lastmile.visits import Pace, clock, on_foot, on_wheels, short_loop

H = 3600
VAN = Pace(county_kmh=35, village_kmh=20, block_s=4 * H, rest_s=1200, day_s=8 * H, night_s=8 * H)


def test_a_visit_of_the_length_of_a_rest_counts_as_one() -> None:
    # 3.5 h out, 20 min there, 3.5 h back: no other rest.
    legs = [[(122.5, False)], [(122.5, False)]]
    assert clock(legs, [1200], 8 * H, VAN) == ((int(11.5 * H),), int(11.5 * H) + 1200 + int(3.5 * H))


def test_a_driver_rests_after_four_hours_at_the_wheel() -> None:
    # 3.5 h out, 15 min there; half an hour later 20 minutes of rest; 3 h more.
    arrivals, back = clock([[(122.5, False)], [(122.5, False)]], [900], 8 * H, VAN)
    assert arrivals == (int(11.5 * H),)
    assert back == int(11.5 * H) + 900 + int(0.5 * H) + 1200 + 3 * H


def test_no_rest_when_the_journey_ends_with_the_block() -> None:
    assert clock([[(140.0, False)], []], [900], 8 * H, VAN) == ((12 * H,), 12 * H + 900)


def test_the_night_is_spent_where_the_day_ends_and_morning_comes_at_the_hour_of_departure() -> None:
    # 10 h of driving: 4 h, rest, 4 h -> 16:50; night until 08:30, then the last 2 h.
    arrivals, back = clock([[(350.0, False)], []], [900], 8 * H + 1800, VAN)
    assert arrivals == (24 * H + 8 * H + 1800 + 2 * H,)
    assert back == arrivals[0] + 900


def test_a_short_night_is_made_up_in_the_morning() -> None:
    # At work until 02:00: eight hours later is past the usual departure.
    slow = Pace(35, 20, 24 * H, 0, 8 * H, 8 * H)
    arrivals, _ = clock([[(280.0, False)], [(35.0, False)], []], [9 * H + 1800, 0], 8 * H + 1800, slow)
    assert arrivals == (16 * H + 1800, 24 * H + 10 * H + H)


def test_village_roads_are_slower_than_county_roads() -> None:
    arrivals, _ = clock([[(35.0, False), (10.0, True)], []], [0], 0, VAN)
    assert arrivals == (H + 1800,)


def test_a_carrier_walks_the_hours_of_a_day() -> None:
    # 40 km at 4 km/h: 8 h on the first day, 2 h on the next.
    pace = on_foot(load_region("xizang").assumptions)
    arrivals, _ = clock([[(40.0, False)], []], [0], 8 * H, pace)
    assert arrivals == (24 * H + 8 * H + 2 * H,)


def test_the_pace_of_a_van_is_that_of_the_assumptions() -> None:
    assert on_wheels(load_region("xizang").assumptions) == VAN


@given(st.lists(st.floats(0, 400), min_size=2, max_size=8))
def test_times_never_run_backwards_and_driving_takes_at_least_its_time(kms: list[float]) -> None:
    arrivals, back = clock([[(km, False)] for km in kms], [900] * (len(kms) - 1), 8 * H, VAN)
    times = [8 * H, *arrivals, back]
    assert all(b - a >= round(km / 35 * H) for a, b, km in zip(times, times[1:], kms, strict=False))


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=7))
def test_a_loop_visits_every_point_once_and_has_no_crossing_left(points: list[tuple[float, float]]) -> None:
    xy = np.array(points)
    km = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
    order = short_loop(km)
    assert sorted(order) == list(range(1, len(points)))
    round_ = [0, *order, 0]
    for i in range(1, len(round_) - 2):
        for j in range(i + 1, len(round_) - 1):
            old = km[round_[i - 1], round_[i]] + km[round_[j], round_[j + 1]]
            assert km[round_[i - 1], round_[j]] + km[round_[i], round_[j + 1]] >= old - 1e-6
