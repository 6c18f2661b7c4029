import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.accessibility import coverage as c

TIMES = [10.0, 30.0, float("nan"), 24.0]
PEOPLE = [50, 20, 20, 10]


def test_coverage_is_the_share_of_people_reached_in_time():
    assert c.coverage(TIMES, PEOPLE, [9, 10, 24, 48, 1000]).tolist() == [0.0, 0.5, 0.6, 0.8, 0.8]


def test_a_place_never_reached_stays_in_the_denominator():
    assert c.coverage([float("nan"), float("inf"), 1.0], [1, 1, 2], 1e9) == 0.5


def test_coverage_of_villages_takes_a_weight_of_one():
    assert c.coverage(TIMES, np.ones(4), 24) == 0.5


def test_curve_and_coverage_agree_at_every_step():
    hours, share = c.coverage_curve(TIMES, PEOPLE)
    assert hours.tolist() == [10.0, 24.0, 30.0]
    assert share.tolist() == c.coverage(TIMES, PEOPLE, hours).tolist()
    assert c.coverage(TIMES, PEOPLE, hours - 1e-6).tolist() == [0.0, *share[:-1]]


def test_nobody_reached_gives_an_empty_curve_and_no_coverage():
    hours, share = c.coverage_curve([float("nan")], [5])
    assert hours.size == share.size == 0
    assert c.coverage([float("nan")], [5], 100) == 0.0


@given(
    st.lists(
        st.tuples(st.one_of(st.just(float("nan")), st.floats(0, 500)), st.integers(0, 1000)), min_size=1
    ).filter(lambda rows: sum(people for _, people in rows) > 0)
)
def test_coverage_equals_the_definition_and_never_falls(rows):
    times, people = zip(*rows, strict=True)
    hours = [0, 24, 48, 72, 168, 500]
    got = c.coverage(times, people, hours)
    want = [sum(p for t, p in rows if t <= h) / sum(people) for h in hours]
    assert got == pytest.approx(want)
    assert np.all(np.diff(got) >= 0) and got[-1] <= 1.0


@pytest.mark.parametrize("people", [[1, 1], [1, -1, 1, 1], [0, 0, 0, 0], [1, 1, math.nan, 1]])
def test_wrong_people_are_refused(people):
    with pytest.raises(ValueError, match=r"people|nobody|number"):
        c.coverage(TIMES, people, 24)


def test_frequency_coverage_counts_people_served_often_enough():
    got = c.frequency_coverage([7, 3, float("nan"), 0, 1], [40, 30, 10, 10, 10], [1, 3, 5, 8])
    assert got.tolist() == [0.8, 0.7, 0.4, 0.0]
    assert c.frequency_coverage([7, 3], [1, 1], 5) == 0.5
    with pytest.raises(ValueError, match="above 0"):
        c.frequency_coverage([7], [1], 0)


def test_even_services_wait_half_a_gap_and_uneven_ones_longer():
    for per_week in range(1, 8):
        assert c.expected_wait(np.full(per_week, 7 / per_week)) == pytest.approx(7 / (2 * per_week))
    assert c.expected_wait([1, 6]) == pytest.approx(37 / 14)
    assert math.isnan(c.expected_wait([]))
    with pytest.raises(ValueError, match="gaps"):
        c.expected_wait([-1, 2])


def test_expected_wait_is_the_mean_over_the_minutes_of_a_week():
    at = [8.0, 32.0, 128.5]
    moments = np.arange(0, 168, 1 / 60) + 1 / 120
    wait = [(min((t - m) % 168 for t in at)) for m in moments]
    assert c.expected_wait(c.weekly_gaps(at)) == pytest.approx(np.mean(wait), rel=1e-3)


def test_gaps_go_round_the_week():
    assert c.weekly_gaps([152.0, 8.0, 80.0]).tolist() == [72.0, 72.0, 24.0]
    assert c.weekly_gaps([8.0]).tolist() == [168.0]
    assert c.weekly_gaps([]).size == 0


def test_reach_counts_people_places_and_areas_by_hand():
    found = c.reach(
        [10.0, 30.0, np.inf, np.nan],
        [50, 0, 30, 20],
        {"villages": [True, True, False, True], "natural_villages": [False] * 4},
        {"townships": [10.0, 40.0], "counties": [10.0, np.inf], "border_counties": []},
        (24, 48),
    )
    assert found["within"]["24"] == {
        "people": 0.5,
        "villages": 1 / 3,
        "natural_villages": None,
        "townships": 0.5,
        "counties": 1,
        "border_counties": 0,
    }
    assert (found["within"]["48"]["villages"], found["within"]["48"]["townships"]) == (2 / 3, 1)
    assert (found["p50_person_h"], found["p80_person_h"]) == (10, None)  # the others are never reached


def test_reach_holds_at_the_hour_itself():
    """Whoever is reached in exactly 24 hours is reached within 24 hours: people, places and areas alike."""
    areas = {"townships": [24.0, np.nextafter(24.0, 25)], "counties": [24.0, np.nextafter(24.0, 25)]}
    within = c.reach([24.0, np.nextafter(24.0, 25)], [30, 10], {"villages": [True, True]}, areas, (24,))[
        "within"
    ]["24"]
    assert within == {"people": 0.75, "villages": 0.5, "townships": 0.5, "counties": 1}


def test_areas_to_which_nothing_is_sent_are_not_measured():
    unsent = {"townships": [np.nan], "counties": [np.nan, np.nan]}
    assert c.reach([], [], {}, unsent, (24,))["within"]["24"] == {
        "people": None,
        "townships": None,
        "counties": None,
    }
    never = {"townships": [np.inf, np.nan], "counties": [np.inf, np.nan]}
    within = c.reach([np.inf], [1], {}, never, (24,))["within"]["24"]
    assert within == {"people": 0.0, "townships": 0.0, "counties": 0}
