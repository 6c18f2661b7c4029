"""Kinds of places, deliveries a week, and days counted as J+n."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.accessibility.service_standards import (
    WorkingDays,
    areas,
    deliveries_per_week,
    hard_to_reach,
    open_days,
)
from network.inputs.calendar import UncoveredDateError
from network.inputs.standards import AREAS
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.records import DAY_S

CALENDAR = load_region("xizang").calendar
MON_FRI, EVERY = range(5), range(7)
H = 3600


def second(first: dt.date, day: dt.date, hour: float) -> int:
    return (day - first).days * DAY_S + round(hour * H)


def count(
    first: dt.date,
    accepted: tuple[dt.date, float],
    ended: tuple[dt.date, float],
    holidays: str,
    **more: object,
) -> int:
    days = open_days(CALENDAR, first, 60, more.pop("weekdays", MON_FRI), holidays, **more)  # type: ignore[arg-type]
    working = WorkingDays(days, days, 16 * H)
    found = working.days([second(first, *accepted)], [second(first, *ended)])
    assert found.dtype == np.int32
    return int(found[0])


# ---------------------------------------------------------------- J+n, by hand


MAY = dt.date(2021, 5, 10)  # a Monday


@pytest.mark.parametrize(
    ("accepted", "ended", "n"),
    [
        ((0, 10), (0, 18), 0),  # Monday to Monday
        ((0, 10), (1, 9), 1),
        ((0, 16), (3, 9), 3),  # the very second of the last collection is in time
        ((0, 16.001), (3, 9), 2),  # after it J is Tuesday
        ((0, 17), (0, 20), 0),  # delivered before J: never less than 0
        ((4, 10), (7, 9), 1),  # Friday to Monday: Saturday and Sunday are not counted
        ((4, 17), (7, 9), 0),  # Friday evening: J is Monday
        ((5, 9), (8, 9), 1),  # Saturday: J is Monday
        ((4, 10), (6, 9), 0),  # delivered on a Sunday: no working day has passed
        ((4, 10), (14, 9), 6),
    ],
)
def test_days_are_counted_over_a_weekend(
    accepted: tuple[int, float], ended: tuple[int, float], n: int
) -> None:
    on = [(MAY + dt.timedelta(days=day), hour) for day, hour in (accepted, ended)]
    assert count(MAY, on[0], on[1], "none") == n


def test_days_off_by_law_are_not_counted() -> None:
    """Dragon Boat Festival 2021: Monday 14 June is off by law, the weekend before it only bridged."""
    first = dt.date(2021, 6, 1)
    friday, tuesday = dt.date(2021, 6, 11), dt.date(2021, 6, 15)
    assert count(first, (friday, 10), (tuesday, 9), "statutory", weekdays=EVERY) == 3  # Sat, Sun, Tue
    assert count(first, (friday, 10), (tuesday, 9), "none", weekdays=EVERY) == 4
    assert count(first, (friday, 10), (tuesday, 9), "statutory") == 1  # Tue
    assert count(first, (friday, 17), (tuesday, 9), "statutory") == 0  # J is Tuesday


def test_spring_festival_and_the_saturday_worked_for_it() -> None:
    """Spring Festival 11 to 17 and Losar 12 to 18 February 2021; Saturday the 20th is worked."""
    first = dt.date(2021, 2, 1)
    wednesday, monday = dt.date(2021, 2, 10), dt.date(2021, 2, 22)
    assert count(first, (wednesday, 10), (monday, 9), "all") == 3  # Fri 19, Sat 20, Mon 22
    assert count(first, (wednesday, 10), (monday, 9), "all", makeup_days=False) == 2
    assert count(first, (wednesday, 17), (monday, 9), "all") == 2  # J is Friday the 19th
    # Off by law are the 12th to the 14th; of the bridged days all Mondays to Fridays count.
    assert count(first, (wednesday, 10), (monday, 9), "statutory") == 7  # 11, 15–19, 22


def test_collection_and_delivery_days_differ() -> None:
    """Collected Monday to Friday, delivered on Wednesdays only."""
    collects = open_days(CALENDAR, MAY, 28, MON_FRI, "none")
    delivers = open_days(CALENDAR, MAY, 28, [2], "none")
    working = WorkingDays(collects, delivers, 16 * H)
    at = [second(MAY, MAY + dt.timedelta(days=day), hour) for day, hour in ((5, 9), (9, 9), (16, 9))]
    assert working.posting_day([at[0]]).tolist() == [7]  # Saturday: J is Monday the 17th
    assert working.days([at[0], at[0]], at[1:]).tolist() == [1, 2]


@given(
    collects=st.lists(st.booleans(), min_size=20, max_size=20),
    delivers=st.lists(st.booleans(), min_size=20, max_size=20),
    cutoff=st.integers(0, DAY_S),
    items=st.lists(st.tuples(st.integers(0, 12 * DAY_S), st.integers(0, 6 * DAY_S)), min_size=1, max_size=20),
)
def test_the_count_is_that_of_somebody_who_walks_through_the_days(
    collects: list[bool], delivers: list[bool], cutoff: int, items: list[tuple[int, int]]
) -> None:
    collects[-1] = True  # a day of collection is always left

    def walk(accepted: int, ended: int) -> int:
        day = accepted // DAY_S
        if accepted % DAY_S > cutoff:
            day += 1
        while not collects[day]:
            day += 1
        n = 0
        while day < ended // DAY_S:
            day += 1
            n += delivers[day]
        return n

    accepted = np.array([item[0] for item in items])
    ended = accepted + np.array([item[1] for item in items])
    working = WorkingDays(np.array(collects), np.array(delivers), cutoff)
    found = working.days(accepted, ended)
    assert found.tolist() == [walk(a, e) for a, e in zip(accepted.tolist(), ended.tolist(), strict=True)]


def test_what_the_table_does_not_hold_is_refused() -> None:
    week = np.array([True] * 5 + [False] * 2)
    working = WorkingDays(week, week, 16 * H)
    with pytest.raises(ValueError, match="last collection day"):
        working.days([4 * DAY_S + 17 * H], [6 * DAY_S])
    with pytest.raises(ValueError, match="last day of the table"):
        working.days([0], [7 * DAY_S])
    with pytest.raises(ValueError, match="as many"):
        WorkingDays(week, week[:-1], 0)


def test_a_date_without_known_holidays_is_refused_only_where_they_matter() -> None:
    with pytest.raises(UncoveredDateError, match="2019-01-01"):
        open_days(CALENDAR, dt.date(2019, 1, 1), 3, EVERY, "statutory")
    assert open_days(CALENDAR, dt.date(2019, 1, 1), 3, EVERY, "none").all()


# ---------------------------------------------------------------- places


@pytest.mark.slow
def test_areas_of_the_region(xizang_2021: Network) -> None:
    area, places = areas(xizang_2021), xizang_2021.places
    nobody = np.isin(places.kind, ("gateway", "county"))
    assert set(area[nobody]) == {""} and set(area[~nobody]) == set(AREAS)
    capitals = {
        str(places.prefecture[places.row(c.place)]) for c in xizang_2021.centres if c.tier == "region"
    }
    assert capitals == {"Lhasa"}
    city = area == "city"
    assert places.in_town[city].all() and places.in_town[area == "county_town"].all()
    seats = {c.place for c in xizang_2021.centres if c.tier in ("region", "prefecture")}
    assert set(places.county[city]) == seats  # centres stand at seats, whose id is the county's code
    out = area == "village"
    assert not places.in_town[out].any() and set(places.kind[out]) <= {"village", "committee"}
    assert set(places.kind[area == "township_seat"]) == {"township"}


def test_deliveries_are_the_weekdays_of_the_round(small_network: Network) -> None:
    per_week = deliveries_per_week(small_network)
    expected = dict.fromkeys(small_network.places.id.tolist(), 0)
    for round_ in small_network.rounds:
        for place in round_.places:
            expected[place] = len(round_.weekdays)
    assert per_week.tolist() == list(expected.values())
    assert per_week.max() == 7 and per_week.min() == 0


def test_hard_to_reach_is_told_by_the_tour_and_not_by_its_frequency(small_network: Network) -> None:
    places, row = small_network.places, small_network.places.row
    rural = [round_ for round_ in small_network.rounds if round_.kind == "rural"]
    far, long, foot, near = rural[:4]
    calm = {"km": 100.0, "intake_s": rural[0].depart_s + 3600, "vehicle": "van"}
    rounds = {
        far.id: replace(far, **{**calm, "km": 240.5}),
        long.id: replace(long, **{**calm, "intake_s": long.depart_s + DAY_S + 1}),
        foot.id: replace(foot, **{**calm, "vehicle": "foot"}),
        near.id: replace(near, **{**calm, "km": 240.0, "weekdays": (0,)}),
    }
    rest = tuple(replace(round_, km=500.0) for round_ in small_network.rounds if round_.kind == "town")
    network = replace(small_network, rounds=(*rounds.values(), *rest))
    hard = hard_to_reach(network, 240, 1)
    expected = {place for round_ in (far, long, foot) for place in round_.places}
    assert set(places.id[hard].tolist()) == expected
    assert not hard[row(near.places[0])] and not hard_to_reach(network, 240, 2)[row(long.places[0])]
