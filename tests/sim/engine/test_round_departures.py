"""Rounds: which days they run, what they collect, what they take along."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import Sizes, at, calendar, drawn_network, make_centre, make_network, make_places, make_round

from network.model.network import Network
from network.model.records import DAY_S, Round
from sim.chance.draws import Draws
from sim.engine.round_days import RoundDays

STARTS = (dt.date(2021, 2, 8), dt.date(2021, 9, 27), dt.date(2021, 5, 10))
DAYS = 40
DRAWS = Draws(1, 0)


def runs(round_: Round, date: dt.date) -> bool:
    rests = calendar().rounds_rest(date) and not round_.runs_on_holidays
    return date.weekday() in round_.weekdays and not rests


@settings(
    max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 10**6), st.sampled_from(STARTS))
def test_mail_is_collected_by_the_first_run_whose_cut_off_it_meets(seed: int, start: dt.date) -> None:
    """For any place and moment: day by day through the calendar, the plain way."""
    network, _ = drawn_network(seed, Sizes(seats=3))
    round_days = RoundDays(network, start, DAYS, DRAWS)
    rng = np.random.default_rng(seed)
    for round_ in network.rounds:
        for place, cut_s in zip(round_.places, round_.cut_s, strict=True):
            edges = [day * DAY_S + cut_s + step for day in range(4) for step in (0, 1)]
            moments = np.array([*edges, *rng.integers(0, 14 * DAY_S, 20).tolist()])
            row = np.full(len(moments), network.places.row(place))
            got = round_days.collected(row, moments)
            for moment, second in zip(moments.tolist(), got.tolist(), strict=True):
                day = next(
                    d
                    for d in range(DAYS)
                    if d * DAY_S + cut_s >= moment and runs(round_, start + dt.timedelta(days=d))
                )
                assert second == day * DAY_S + round_.intake_s
                assert second >= moment


@pytest.mark.parametrize("start", STARTS)
def test_the_table_of_running_days_is_the_calendar(start: dt.date) -> None:
    network, _ = drawn_network(11, Sizes(seats=5))
    round_days = RoundDays(network, start, DAYS, DRAWS)
    for day in range(DAYS):
        date = start + dt.timedelta(days=day)
        assert round_days.runs(day).tolist() == [runs(round_, date) for round_ in network.rounds]


def test_the_next_run_is_today_or_the_first_day_after() -> None:
    """A round on Tuesdays and Saturdays, of which that of 1 May 2021 is Labour Day."""
    round_ = make_round("r", "A", ["a1"], weekdays=(1, 5), runs_on_holidays=False)
    network = make_network(make_places({"A": ["a1"]}), [], [make_centre("A")], [round_])
    round_days = RoundDays(network, dt.date(2021, 4, 26), 14, DRAWS)
    days = np.arange(14)
    following = round_days.next_run(np.zeros(14, dtype=int), days).tolist()
    assert following == [1, 1, 8, 8, 8, 8, 8, 8, 8, 12, 12, 12, 12, 14]  # day 14 stands for never


def test_tables_hold_the_rounds_place_by_place() -> None:
    round_ = make_round(
        "r",
        "A",
        ["a1", "a2"],
        visit_s=(at("Mon 10:00"), at("Mon 11:00")),
        cut_s=(at("Mon 10:30"), at("Mon 11:30")),
        vehicle="cart",
        vehicles=3,
    )
    network = make_network(make_places({"A": ["a1", "a2"]}), [], [make_centre("A")], [round_])
    round_days = RoundDays(network, dt.date(2021, 5, 10), 7, DRAWS)
    rows = [network.places.row(place) for place in ("a1", "a2")]
    assert round_days.table.round_row[rows].tolist() == [0, 0] and round_days.table.base[rows].tolist() == [
        0,
        0,
    ]
    assert round_days.table.visit_s[rows].tolist() == [36_000, 39_600]
    assert round_days.table.cut_s[rows].tolist() == [37_800, 41_400]
    assert [column.tolist() for column in round_days.capacity(0)] == [[12_000], [90_000]]
    assert round_days.table.round_row[network.places.row("A")] == -1


def test_every_place_that_sends_or_gets_mail_has_a_round(xizang_2021: Network) -> None:
    round_days = RoundDays(xizang_2021, dt.date(2021, 5, 10), 7, DRAWS)
    lived = ~np.isin(xizang_2021.places.kind, ["county", "gateway"])
    assert (round_days.table.round_row[lived] >= 0).all() and (round_days.table.round_row[~lived] == -1).all()
