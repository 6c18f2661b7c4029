"""Days off by date, and the published split of the year kept exactly."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.errors import InputErrors
from network.inputs.assumptions import Assumptions
from network.inputs.calendar import Calendar, UncoveredDateError
from network.inputs.tables import load_region

CALENDAR = load_region("xizang").calendar


@pytest.mark.parametrize("year", [2012, 2021])
def test_the_year_keeps_the_published_split(year: int) -> None:
    """Jan–Sep 10.40, Oct 1.39, Nov 1.55, Dec 1.51 of 14.85 million; assumed for 2012 too."""
    weights = CALENDAR.day_weights(year)
    assert len(weights) == (366 if year == 2012 else 365)
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    first = [(date(year, m, 1) - date(year, 1, 1)).days for m in (1, 10, 11, 12)]
    split = np.add.reduceat(weights, first) * 14.85
    assert split == pytest.approx([10.40, 1.39, 1.55, 1.51], abs=1e-12)
    assert (weights > 0).all()


def test_within_a_period_days_of_a_kind_are_alike() -> None:
    start = date(2021, 1, 1)
    factors = CALENDAR.day_factors(start, 273)
    tuesdays = [
        f
        for i, f in enumerate(factors)
        if (start + timedelta(i)).weekday() == 1 and not CALENDAR.is_holiday(start + timedelta(i))
    ]
    assert len(tuesdays) > 30 and np.ptp(tuesdays) < 1e-12


def test_factors_are_weights_times_the_days_of_the_year() -> None:
    assert CALENDAR.day_factors(date(2021, 1, 1), 365) == pytest.approx(CALENDAR.day_weights(2021) * 365)
    assert CALENDAR.day_factors(date(2021, 1, 1), 365).mean() == pytest.approx(1)


@given(st.integers(0, 700), st.integers(0, 30))
def test_factors_do_not_depend_on_where_one_begins(offset: int, days: int) -> None:
    start = date(2020, 12, 1)
    whole = CALENDAR.day_factors(start, 731)
    assert CALENDAR.day_factors(start + timedelta(offset), days) == pytest.approx(
        whole[offset : offset + days]
    )


def test_a_run_may_cross_the_end_of_the_year() -> None:
    factors = CALENDAR.day_factors(date(2021, 12, 30), 4)
    assert factors[1] > factors[2]  # 31 December is a Friday of the high season, 1 January a holiday


def test_demand_falls_on_holidays() -> None:
    around = CALENDAR.day_factors(date(2021, 2, 8), 10)
    assert around[3:10].max() < around[:3].min() / 2


@pytest.mark.parametrize(
    ("day", "kind", "statutory"),
    [
        (date(2012, 1, 23), "spring_festival", True),
        (date(2012, 2, 22), "losar", True),
        (date(2012, 2, 28), "losar", False),
        (date(2012, 10, 7), "public", False),
        (date(2021, 2, 11), "spring_festival", False),
        (date(2021, 3, 28), "public", True),
        (date(2021, 10, 1), "public", True),
    ],
)
def test_days_off(day: date, kind: str, statutory: bool) -> None:
    found = CALENDAR.holiday(day)
    assert found is not None and (found.kind, found.statutory, found.day) == (kind, statutory, day)
    assert CALENDAR.is_holiday(day) and CALENDAR.rounds_rest(day) == statutory
    assert found.source and found.name_zh


def test_losar_and_spring_festival_of_2021_fall_on_one_day() -> None:
    """The kind with less demand counts, both are named, and a statutory day of either is one."""
    found = CALENDAR.holiday(date(2021, 2, 12))
    assert found is not None
    assert (found.kind, found.statutory, found.name) == ("spring_festival", True, "Spring Festival, Losar")


def test_an_ordinary_day_is_none() -> None:
    assert CALENDAR.holiday(date(2021, 6, 1)) is None
    assert not CALENDAR.is_holiday(date(2021, 6, 1)) and not CALENDAR.rounds_rest(date(2021, 6, 1))


def test_a_make_up_saturday_is_worked() -> None:
    worked, free = (
        CALENDAR.day_factors(date(2021, 10, 9), 1)[0],
        CALENDAR.day_factors(date(2021, 10, 16), 1)[0],
    )
    assert worked > free


def test_public_holidays_number_what_the_law_says() -> None:
    """Eleven statutory days, one day of the region's own, and three of Losar, one year with both together."""
    for year, losar in ((2012, 3), (2013, 2), (2021, 0), (2022, 3)):
        days = [h for d, h in CALENDAR.holidays.items() if d.year == year and h.statutory]
        assert len(days) == 11 + 1 + losar, year


def test_hours_of_acceptance_are_those_of_outlets() -> None:
    hours = np.array(CALENDAR.hour_weight)
    assert len(hours) == 24 and hours.sum() == pytest.approx(1)
    assert hours[9:18].sum() > 0.85 and hours[:8].sum() == 0


@pytest.mark.parametrize("year", [2011, 2019, 2020, 2023])
def test_a_year_whose_holidays_are_unknown_is_refused(year: int) -> None:
    with pytest.raises(UncoveredDateError, match="2020-11-01"):
        CALENDAR.day_weights(year)


@pytest.mark.parametrize("year", [2012, 2021])
def test_known_weights_of_a_covered_year_are_its_weights(year: int) -> None:
    assert CALENDAR.known_weights(year).tolist() == CALENDAR.day_weights(year).tolist()


def test_known_weights_leave_out_periods_whose_holidays_are_unknown() -> None:
    """Of 2020 November and December are covered: their shares are those of any year, the rest is nan."""
    weights = CALENDAR.known_weights(2020)
    november = (date(2020, 11, 1) - date(2020, 1, 1)).days
    assert len(weights) == 366 and np.isnan(weights[:november]).all()
    shares = [share for first, _, share in CALENDAR.periods if first >= 11]
    assert np.nansum(weights) == pytest.approx(sum(shares))
    assert CALENDAR.day_factors(date(2020, 11, 30), 32) / 366 == pytest.approx(weights[november + 29 :])


def test_the_profile_comes_from_the_given_assumptions() -> None:
    usual = load_region().assumptions
    assert CALENDAR.under(usual) == CALENDAR
    lowest = [{**row, "factor": row["low"]} for row in usual.table("weekdays")]
    other = CALENDAR.under(usual.with_table("weekdays", lowest, "scenario"))
    assert other.weekday_factor == tuple(row["low"] for row in lowest) != CALENDAR.weekday_factor
    assert other.holidays == CALENDAR.holidays and other.hour_weight == CALENDAR.hour_weight


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[covered]]", "[[coverd]]", "did you mean 'covered'"),
        ("last = 2013-12-31", "last = 2010-12-31", "or later"),
        ("last = 2013-12-31", "last = 2013", "a date such as"),
        ("date = 2011-12-31", "date = 2011-12-30", "a Saturday or Sunday"),
        ("statutory = [2012-01-01]", "statutory = [2012-05-01]", "dates from"),
        ('kind = "public"', 'kind = "publik"', "did you mean 'public'"),
        ('name_zh = "元旦"', 'name_cn = "元旦"', "name_zh = 'missing'"),
        ("[[covered]]", "[[covered]", "valid TOML"),
    ],
)
def test_a_wrong_calendar_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with as_file(files("network").joinpath("data", "xizang")) as source:
        for name in ("calendar.toml", "assumptions.toml"):
            shutil.copy(source / name, tmp_path / name)
    path = tmp_path / "calendar.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputErrors, match=message):
        Calendar.from_folder(tmp_path, Assumptions.load_folder(tmp_path))
