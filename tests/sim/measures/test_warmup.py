"""The start-up of a run: MSER-5 and Welch against their definitions, the series by day against the ledger."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Sizes, drawn_network, make_demand

from network.model.records import DAY_S
from sim.measures.warmup import by_day, by_replication, mser5, settled, welch
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate


def plain_mser5(series: list[float]) -> int:
    """White's rule in plain loops, as the papers write it."""
    z = [sum(series[5 * j : 5 * j + 5]) / 5 for j in range(len(series) // 5)]
    best, least = 0, math.inf
    for d in range(len(z) - 4):
        kept = z[d:]
        mean = sum(kept) / len(kept)
        error = sum((value - mean) ** 2 for value in kept) / len(kept) ** 2
        if error < least:
            best, least = d, error
    return 5 * best


@given(st.lists(st.integers(-1000, 1000), min_size=50, max_size=140), st.integers(0, 9))
def test_mser5_is_whites_rule(series: list[int], ramp: int) -> None:
    # Whole multiples of 5: batch means are whole numbers, so that equal errors are equal on both sides.
    values = [5.0 * value - 1000 * max(0, 5 * ramp - at) for at, value in enumerate(series)]
    assert mser5(values) == plain_mser5(values)


def test_mser5_by_hand() -> None:
    # Twelve batches, 0 and then 6: at d = 0 it is 11 · 0.5² + 5.5² = 33, over 144; from d = 1 on 0.
    assert mser5([0.0] * 5 + [6.0] * 55) == 5
    # A single batch off, the 8th: 33 over 144 at d = 0 is less than at any other d, such as 36 · 4/5 over 25
    # at d = 7.  What lies behind it would be perfect, but is fewer than five batches.
    assert mser5([6.0] * 35 + [0.0] * 5 + [6.0] * 20) == 0


def test_mser5_finds_the_end_of_a_ramp_under_noise() -> None:
    rng = np.random.default_rng(4)
    found = [mser5(np.minimum(np.arange(200) / 40, 1) + rng.normal(0, 0.1, 200)) for _ in range(50)]
    assert 20 <= np.median(found) <= 45


def test_a_series_that_never_settles_is_cut_beyond_its_middle() -> None:
    # A straight line: the error falls with every batch left out, down to the last candidate.
    assert mser5(np.arange(100.0)) == 75


def test_a_short_or_broken_series_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 50 finite values, got 49"):
        mser5([1.0] * 49)
    with pytest.raises(ValueError, match="finite"):
        mser5([1.0] * 60 + [math.nan])


def test_welch_by_hand() -> None:
    two = [[0, 2, 4, 6, 8, 10, 100], [2, 4, 6, 8, 10, 12, 200]]  # mean 1 3 5 7 9 11 150
    assert welch(two, 0).tolist() == [1, 3, 5, 7, 9, 11, 150]
    assert welch(two, 1).tolist() == [1, 3, 5, 7, 9, pytest.approx(170 / 3)]
    assert welch(two, 2).tolist() == [1, 3, 5, 7, pytest.approx(182 / 5)]


def test_a_week_around_takes_the_rhythm_of_the_week_away() -> None:
    week = np.tile([3.0, 9, 1, 4, 4, 0, 7], 8)
    assert welch(week, 3)[3:] == pytest.approx(4.0)


def test_a_window_must_fit_the_series() -> None:
    with pytest.raises(ValueError, match="0 to 2"):
        welch([1.0, 2.0, 3.0, 4.0], 3)


@pytest.fixture(scope="module")
def result() -> RunResult:
    network, rates = drawn_network(7, Sizes(seats=4, gateways=3, more_routes=2, items=12.0))
    return simulate(network, RunPlan(dt.date(2021, 5, 10), 0, 28, 7), demand=make_demand(rates, 7))


def test_days_say_what_the_records_of_a_run_without_warm_up_say(result: RunResult) -> None:
    days, items = by_day(result), result.items
    # Until the measured days are over the records hold every item there is.
    for day in range(28):
        midnight = (day + 1) * DAY_S
        ended = items["outcome"] < 2
        on_day = ended & (items["ended_s"] > midnight - DAY_S) & (items["ended_s"] <= midnight)
        assert days["ended"][day] == on_day.sum()
        begun = items["accepted_s"] + items["upstream_s"] + items["collect_s"]
        assert days["accepted"][day] == (items["accepted_s"] // DAY_S == day).sum()
        if on_day.any():
            assert days["mean_h"][day] == pytest.approx((items["ended_s"] - begun)[on_day].mean() / 3600)
        else:
            assert math.isnan(days["mean_h"][day])
        refused = (items["outcome"] == 2) & (items["accepted_s"] < midnight)
        gone = ended & (items["ended_s"] <= midnight)
        accepted = items["accepted_s"] < midnight
        assert days["in_transit"][day] == accepted.sum() - refused.sum() - gone.sum()
    assert len(days["day"]) == result.seconds_run // DAY_S
    assert days["in_transit"][-1] == result.ledger.in_transit


def table(*replications: list[float]) -> dict[str, Any]:
    return {
        "replication": np.repeat(np.arange(len(replications)), [len(row) for row in replications]),
        "mean_h": np.concatenate([np.array(row) for row in replications]),
    }


def test_replications_are_cut_to_the_shortest() -> None:
    assert by_replication(table([1, 2, 3], [4, 5]), "mean_h").tolist() == [[1, 2], [4, 5]]


def test_the_start_up_is_counted_from_the_first_day_of_the_run() -> None:
    nothing, steady = [math.nan] * 2, [10.0, 12.0] * 30
    found = settled(table([*nothing, *[0.0] * 10, *steady], [*nothing, *[2.0] * 10, *steady, 10.0]))
    assert found == (12, True)


def test_a_run_that_is_too_short_or_too_uneven_is_not_judged() -> None:
    assert settled(table([math.nan, *[1.0] * 49])) is None
    assert settled(table([*[1.0] * 30, math.nan, *[1.0] * 30])) is None
    assert settled(table([math.nan] * 60)) is None
    drifting = settled(table(np.arange(60.0).tolist()))
    assert drifting is not None and not drifting.conclusive
