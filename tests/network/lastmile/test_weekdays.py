from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from network.lastmile.weekdays import Duty, days_out, evenly, round_vehicles, stagger, weekday_use
from network.model.records import Round

H = 3600


def round_(
    name: str, weekdays: tuple[int, ...], vehicles: int = 1, intake_h: float = 18, base: str = "A"
) -> Round:
    return Round(
        name, base, "rural", "middle", ("V",), (10 * H,), (10 * H,), round(intake_h * H), 30_600,
        weekdays, 100.0, "van", vehicles, False,
    )  # fmt: skip


def test_weekdays_are_evenly_spread() -> None:
    assert [evenly(n, 0) for n in range(1, 8)] == [
        (0,),
        (0, 3),
        (0, 2, 4),
        (0, 1, 3, 5),
        (0, 1, 2, 4, 5),
        (0, 1, 2, 3, 4, 5),
        (0, 1, 2, 3, 4, 5, 6),
    ]


@given(st.integers(1, 7), st.integers(0, 6))
def test_gaps_between_weekdays_differ_by_at_most_a_day(per_week: int, first: int) -> None:
    days = evenly(per_week, first)
    gaps = np.diff([*days, days[0] + 7])
    assert len(set(days)) == per_week
    assert gaps.max() - gaps.min() <= 1


def test_seven_weekly_rounds_share_one_vehicle() -> None:
    days = stagger([Duty(1, 1, 1)] * 7)
    assert sorted(days) == [(i,) for i in range(7)]


def test_two_rounds_of_three_days_share_one_vehicle() -> None:
    days = stagger([Duty(3, 1, 1)] * 2)
    assert not set(days[0]) & set(days[1])


def test_a_round_of_two_days_keeps_its_vehicle_on_both() -> None:
    use = weekday_use([round_("a", (6,), intake_h=24 + 18)])
    assert use["A", "van"].tolist() == [1, 0, 0, 0, 0, 0, 1]


def test_a_run_longer_than_a_week_overlaps_with_itself() -> None:
    assert round_vehicles([round_("a", (0,), intake_h=8 * 24 + 18)]) == {"A": {"van": 2}}


def test_the_busiest_weekday_counts() -> None:
    rounds = [round_("a", (0, 2), 2), round_("b", (2, 4), 1), round_("c", (0,), 1, base="B")]
    assert round_vehicles(rounds) == {"A": {"van": 3}, "B": {"van": 1}}


def test_back_for_the_morning_intake_is_one_day_out() -> None:
    assert days_out(30_600, 18 * H) == 1
    assert days_out(30_600, 32 * H) == 1
    assert days_out(30_600, 42 * H) == 2


def test_no_shift_at_all_where_choosing_one_by_one_ends_worse() -> None:
    duties = [Duty(1, 1, 2), Duty(5, 2, 1), Duty(6, 2, 1)]
    assert stagger(duties) == [evenly(1, 0), evenly(5, 0), evenly(6, 0)]


@example([(1, 1, 2), (5, 2, 1), (6, 2, 1)])
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=15))
def test_staggering_is_never_worse_than_all_on_one_day_and_never_better_than_even(
    duties: list[tuple[int, int, int]],
) -> None:
    chosen = stagger([Duty(*duty) for duty in duties])
    assert [len(days) for days in chosen] == [per_week for per_week, _, _ in duties]
    rounds = [
        round_(str(i), days, vehicles, intake_h=24 * (out - 1) + 18)
        for i, (days, (_, out, vehicles)) in enumerate(zip(chosen, duties, strict=True))
    ]
    need = round_vehicles(rounds)["A"]["van"]
    together = round_vehicles(
        [
            round_(str(i), evenly(n, 0), vehicles, intake_h=24 * (out - 1) + 18)
            for i, (n, out, vehicles) in enumerate(duties)
        ]
    )["A"]["van"]
    assert -(-sum(n * out * v for n, out, v in duties) // 7) <= need <= together
