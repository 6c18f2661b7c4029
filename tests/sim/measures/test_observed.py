"""What the model says where something was observed: chosen items, times, daily numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from tiny import at, make_class, make_network, make_places

from network.inputs.observed import Fact
from network.model.network import Network
from network.model.records import DAY_S
from sim.demand.items import INBOUND, may_fly
from sim.measures.compliance import Batches
from sim.measures.observed import STEP_S, Observed, Towns, observe
from sim.measures.statistics import interval
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import make_demand, simulate

MONDAY = dt.date(2021, 5, 10)
PLAN = RunPlan(MONDAY, 7, 14, seed=5)


def quantiles(values: ArrayLike, q: ArrayLike) -> np.ndarray:
    """Return the smallest values that at least these shares do not exceed."""
    ordered = np.sort(np.ravel(values))
    return ordered[np.maximum(np.ceil(np.round(np.multiply(q, ordered.size), 9)).astype(int) - 1, 0)]


def fact(**more: Any) -> Fact:
    known = {
        "code": "x",
        "about": "x",
        "kind": "usual",
        "unit": "days",
        "low": 4.0,
        "high": 7.0,
        "year": 2021,
    }
    rest = {"printed": "x", "means": "x", "source": "x", "classes": ("express",)}
    return Fact(**{**known, **rest, **more})


@pytest.fixture(scope="module")
def run(small_network: Network) -> RunResult:
    return simulate(small_network, PLAN)


def ask(network: Network, items: dict[str, np.ndarray], one: Fact, batches: Batches) -> Observed:
    items = {"replication": np.zeros(len(items["key"]), dtype=np.int16), **items}

    def chunks(columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        for first in range(0, len(items["key"]), 777):
            yield {name: items[name][first : first + 777] for name in columns}

    classes = make_demand(network, PLAN.seed, 0).rates.classes
    (answer,) = observe(network, classes, [one], chunks, batches, PLAN.seed)
    assert isinstance(answer, Observed)
    return answer


def test_items_that_may_fly_are_those_that_were_drawn_so(small_network: Network) -> None:
    demand = make_demand(small_network, 5, 2)
    drawn = demand.day(MONDAY)
    assert 0 < drawn.flies.mean() < 1
    for number, kind in enumerate(demand.rates.classes):
        mine = (drawn.cls == number) & (kind.flow != "place")
        assert np.array_equal(may_fly(drawn.key[mine], kind, 5, 2), drawn.flies[mine])


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        {},
        {"direction": "inbound"},
        {"direction": "inbound", "origin": "central"},
        {"county": "540223", "town": False},
        {"county": "540223", "town": True, "classes": ("letter", "parcel")},
        {"township": "540223200"},
        {"direction": "inbound", "way": "land"},
        {"direction": "inbound", "way": "air"},
    ],
)
def test_the_items_are_those_that_fit_every_key(
    small_network: Network, run: RunResult, where: dict[str, Any]
) -> None:
    """The same choice item by item."""
    places, items = small_network.places, run.items
    codes = [row["code"] for row in small_network.assumptions.table("classes")]
    outside = [row["code"] for row in small_network.assumptions.table("outside")]
    demand = make_demand(small_network, PLAN.seed, 0)
    flying = set()
    for day in range(7, 21):
        drawn = demand.day(MONDAY + dt.timedelta(days=day))
        flying |= set(drawn.key[drawn.flies].tolist())
    days = []
    for row in range(len(items["key"])):
        dest, origin = int(items["dest"][row]), int(items["origin"][row])
        fits = codes[items["cls"][row]] in where.get("classes", ("express",)) and dest >= 0
        fits = fits and (where.get("direction") is None or items["direction"][row] == INBOUND)
        fits = fits and (where.get("origin") is None or (origin < 0 and outside[-1 - origin] == "central"))
        fits = fits and places.county[dest] == where.get("county", places.county[dest])
        fits = fits and (where.get("town") is None or bool(places.in_town[dest]) == where["town"])
        in_township = "540223200" in (places.township[dest], places.id[dest])
        fits = fits and (where.get("township") is None or in_township)
        flies = int(items["key"][row]) in flying
        fits = fits and (where.get("way") is None or flies == (where["way"] == "air"))
        if fits:
            arrived = items["ended_s"][row] >= 0 and items["outcome"][row] != 2
            took = (items["ended_s"][row] - items["accepted_s"][row]) / DAY_S
            days.append(took if arrived else math.inf)
    found = ask(small_network, items, fact(**where), Batches("weeks", 2))
    assert found.items == len(days) > 5
    assert sum(map(math.isfinite, days)) > 4
    exact = quantiles(days, [0.1, 0.5, 0.9])
    told = np.array([found.quantile_days(q) for q in (0.1, 0.5, 0.9)])
    come = np.isfinite(exact)
    over = told[come] - exact[come]  # rounded up to ten minutes
    assert (over >= -1e-9).all() and (over < STEP_S / DAY_S).all()
    assert np.array_equal(np.isinf(told), np.isinf(exact))
    for low, high in ((4, 7), (5, math.inf), (0, 6)):
        inside = sum(low < day <= high and math.isfinite(day) for day in days) / len(days)
        assert found.share_between(low, high) == pytest.approx(inside)


def test_intervals_are_over_batches(small_network: Network, run: RunResult) -> None:
    items = run.items
    where = {"direction": "inbound", "county": "540102"}  # three counties in four have no stop here
    found = ask(small_network, items, fact(**where), Batches.of(1, PLAN.window_s))
    codes = [row["code"] for row in small_network.assumptions.table("classes")]
    mine = (items["direction"] == INBOUND) & (items["cls"] == codes.index("express"))
    mine &= small_network.places.county[items["dest"]] == "540102"
    week = (items["accepted_s"] - 7 * DAY_S) // (7 * DAY_S)
    took = np.where(items["ended_s"] >= 0, (items["ended_s"] - items["accepted_s"]) / DAY_S, np.inf)
    medians = [float(quantiles(took[mine & (week == w)], 0.5)) for w in (0, 1)]
    mean, half = found.quantile_interval(0.5)
    assert mean == pytest.approx(float(quantiles(took[mine], 0.5)), abs=STEP_S / DAY_S)
    assert half == pytest.approx(interval(medians).half_width, abs=12.71 * STEP_S / DAY_S)
    a_day = found.a_day([7, 7], 14)
    assert a_day.mean == pytest.approx(mine.sum() / 14)
    by_week = [(mine & (week == w)).sum() / 7 for w in (0, 1)]
    assert a_day.half_width == pytest.approx(interval(by_week).half_width)


def test_what_never_came_is_later_than_any_time() -> None:
    counts = np.zeros((1, 100), dtype=np.int64)
    counts[0, 0], counts[0, 10], counts[0, -1] = 1, 5, 4
    told = Observed(counts, np.zeros(100, dtype=np.int64))
    assert told.quantile_days(0.6) == 10 * STEP_S / DAY_S
    assert math.isinf(told.quantile_days(0.61))
    assert told.share_between(0, 1) == 0.6
    assert math.isnan(told.quantile_interval(0.5).half_width)  # one batch
    empty = Observed(counts * 0, np.zeros(100, dtype=np.int64))
    assert math.isnan(empty.quantile_days(0.5)) and math.isnan(empty.share_between(0, 1))


def by_hand(posts: Sequence[tuple[str, str, str, str]], weeks: int = 1, **where: Any) -> Towns:
    """Return what items say by county: (class, accepted, ended or "", destination), all accepted at A."""
    places = make_places({"A": ("a",), "B": ("b", "out"), "C": ()})
    in_town = np.isin(places.id, ("A", "a", "B", "b", "C"))
    network = make_network(replace(places, in_town=in_town), (), (), ())
    row = {str(name): number for number, name in enumerate(places.id)}
    classes = [make_class("newspaper", 1), make_class("letter", 2)]
    came = [bool(ended) for _, _, ended, _ in posts]
    items = {
        "replication": np.zeros(len(posts), np.int16),
        "key": np.arange(len(posts)),
        "cls": np.array([("newspaper", "letter").index(cls) for cls, _, _, _ in posts], np.int8),
        "direction": np.ones(len(posts), np.int8),
        "origin": np.full(len(posts), row["a"], np.int32),
        "dest": np.array([row[dest] for _, _, _, dest in posts], np.int32),
        "outcome": np.where(came, 0, 3).astype(np.int8),
        "accepted_s": np.array([at(accepted) for _, accepted, _, _ in posts], np.int32),
        "ended_s": np.array([at(ended) if ended else -1 for _, _, ended, _ in posts], np.int32),
    }
    asked = fact(**{"kind": "towns", "classes": ("newspaper",), "town": True, **where})

    def chunks(columns: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        for first in range(0, len(posts), 2):
            yield {name: items[name][first : first + 2] for name in columns}

    (towns,) = observe(network, classes, [asked], chunks, Batches("weeks", weeks, 0), 1)
    assert isinstance(towns, Towns)
    return towns


PAPERS = (
    ("newspaper", "Mon 03:00", "Mon 15:00", "a"),  # half a day, on the day
    ("newspaper", "Tue 23:00", "Wed 11:00", "a"),  # half a day too, and on the next
    ("newspaper", "Mon 00:00", "Wed 12:00", "b"),  # two days and a half
    ("newspaper", "Tue 00:00", "", "b"),  # never came: no time, and not on the day
    ("newspaper", "Mon 00:00", "Mon 12:00", "out"),  # not in town
    ("letter", "Mon 00:00", "Mon 12:00", "C"),  # no paper
)


def test_every_town_weighs_the_same_however_many_items_it_has() -> None:
    towns = by_hand(PAPERS)
    assert sorted(towns.means_days()) == [0.5, 2.5]
    assert towns.mean_days().mean == 1.5  # of all items it would be 7 / 6
    assert towns.items.sum() == 4 and towns.arrived.sum() == 3
    every = by_hand(PAPERS, classes=("newspaper", "letter"), town=None)
    assert sorted(every.means_days()) == [0.5, 0.5, 1.5]  # B with its village: 2.5 and 0.5


def test_a_town_is_reached_on_the_day_when_half_of_its_papers_are() -> None:
    assert by_hand(PAPERS).on_the_day().mean == 1  # a: one of two; b: none
    assert by_hand(PAPERS[1:]).on_the_day().mean == 0
    late = (*PAPERS, ("newspaper", "Thu 00:00", "Fri 00:00", "a"))  # midnight is the next day
    assert by_hand(late).on_the_day().mean == 0
    assert by_hand((*PAPERS, ("newspaper", "Thu 00:00", "Thu 23:59:59", "a"))).on_the_day().mean == 1


def test_towns_have_intervals_over_weeks() -> None:
    second = (
        ("newspaper", "Mon+1 00:00", "Tue+1 12:00", "a"),  # a day and a half
        ("newspaper", "Mon+1 00:00", "Thu+1 12:00", "b"),  # three and a half
        ("newspaper", "Mon+2 00:00", "Mon+2 12:00", "b"),  # in no whole week, and of all items none the less
    )
    towns = by_hand((*PAPERS, *second), weeks=2)
    mean, half = towns.mean_days()
    assert mean == pytest.approx((2.5 / 3 + 6.5 / 3) / 2)
    assert half == pytest.approx(interval([1.5, 2.5]).half_width)
    day = towns.on_the_day()
    assert day.mean == 0 and day.half_width == pytest.approx(interval([1, 0]).half_width)
    assert math.isnan(by_hand(PAPERS).mean_days().half_width)  # one week
    assert math.isnan(by_hand(PAPERS, classes=("letter",), county="A").mean_days().mean)


def test_items_accepted_in_one_county_only() -> None:
    assert by_hand(PAPERS, from_county="A").items.sum() == 4
    assert by_hand(PAPERS, from_county="B").items.sum() == 0
