"""Items of a day: exact totals, keys in order, draws that belong to the item alone, shares as assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Sizes, drawn_network, make_class, make_places, make_rates
from tiny import make_demand as tiny_demand

from network.demand.rates import offered
from network.edit.rounds import open_outlets
from network.edit.routes import add_route, remove_route
from network.errors import YizhanError
from network.inputs.calendar import UncoveredDateError
from network.inputs.tables import load_region
from network.model.demand import DemandPeak, DemandScale, DemandSettings
from network.model.network import Network
from sim.demand.items import INBOUND, LOCAL, OUTBOUND, REGIONAL, Demand, Items, day_number, unpack
from sim.run import make_demand

DAY = dt.date(2021, 5, 11)  # a Tuesday like any other
SIGMAS = 5.0
COLUMNS = [field.name for field in fields(Items)]


@pytest.fixture(scope="module")
def demand(xizang_2021: Network) -> Demand:
    return make_demand(xizang_2021, 1, 0)


@pytest.fixture(scope="module")
def items(demand: Demand) -> Items:
    """Return a day at full volume: some 160,000 items."""
    return demand.day(DAY)


def days_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=i) for i in range((dt.date(year + 1, 1, 1) - first).days)]


def row_of(demand: Demand, code: str) -> int:
    return [kind.code for kind in demand.rates.classes].index(code)


def same(one: Items, other: Items) -> bool:
    return all((getattr(one, name) == getattr(other, name)).all() for name in COLUMNS)


def scaled(network: Network, *scales: DemandScale, seed: int = 1, replication: int = 0) -> Demand:
    return make_demand(replace(network, demand=DemandSettings(scales)), seed, replication)


# ------------------------------------------------------------------ totals


def test_the_days_of_a_year_hold_exactly_the_published_number(demand: Demand) -> None:
    """Originating express items as published, inbound ones three times as many."""
    express = row_of(demand, "express")
    totals = [demand.totals(day) for day in days_of(2021)]
    assert sum(int(own[express]) for own, _ in totals) == 14_851_700
    assert sum(int(inward[express]) for _, inward in totals) == 3 * 14_851_700


def test_every_class_holds_its_yearly_total_to_the_item(demand: Demand) -> None:
    own, inward = (sum(column) for column in zip(*(demand.totals(day) for day in days_of(2021)), strict=True))
    for row, kind in enumerate(demand.rates.classes):
        assert abs(int(own[row]) - kind.originating) <= 0.5
        assert abs(int(inward[row]) - kind.inbound) <= 0.5


def test_a_leap_year_holds_its_total_as_well(demand: Demand) -> None:
    express = row_of(demand, "express")
    assert len(days_of(2012)) == 366
    assert sum(int(demand.totals(day)[0][express]) for day in days_of(2012)) == 14_851_700


def test_the_weeks_before_a_year_are_drawn_by_its_volumes_and_their_own_calendar(demand: Demand) -> None:
    """November and December of 2020 hold their periods' shares of the yearly total; October is not known."""
    express = row_of(demand, "express")
    calendar = load_region("xizang").calendar
    shares = {first: share for first, _, share in calendar.periods}
    for month in (11, 12):
        days = [dt.date(2020, month, 1) + dt.timedelta(days=day) for day in range(30 + month // 12)]
        total = sum(int(demand.totals(day)[0][express]) for day in days)
        assert abs(total - shares[month] * 14_851_700) <= 1
    with pytest.raises(UncoveredDateError, match="2020-10-01"):
        demand.totals(dt.date(2020, 10, 31))


def test_the_items_that_are_drawn_are_the_totals(demand: Demand, items: Items) -> None:
    """Full counts: each item of each class is there, those from outside too."""
    own, inward = demand.totals(DAY)
    inside = items.origin >= 0
    for row, kind in enumerate(demand.rates.classes):
        mine = items.cls == row
        if kind.flow == "place":
            assert mine.sum() == len(demand.rates.readers)
        else:
            assert ((mine & inside).sum(), (mine & ~inside).sum()) == (own[row], inward[row])


def test_a_year_drawn_item_by_item_is_the_year_published(xizang_2021: Network) -> None:
    """At a five-hundredth of the volume: 29,703 items, and three times as many from outside."""
    thin = scaled(xizang_2021, DemandScale(0.002), DemandScale(0.0, ("newspaper", "letter", "ems")))
    express = row_of(thin, "express")
    count = np.zeros(2, dtype=int)
    for day in days_of(2021):
        found = thin.day(day)
        mine = found.cls == express
        count += ((mine & (found.origin >= 0)).sum(), (mine & (found.origin < 0)).sum())
    assert count.tolist() == [round(14_851_700 * 0.002), round(3 * 14_851_700 * 0.002)]


def test_days_differ_as_the_calendar_says(demand: Demand) -> None:
    express = row_of(demand, "express")
    weights = load_region("xizang").calendar.day_weights(2021)
    counts = np.array([demand.totals(day)[0][express] for day in days_of(2021)])
    assert np.abs(counts - weights * 14_851_700).max() <= 1


# ------------------------------------------------------------------ keys


def test_keys_are_unique_and_ascending_over_days(demand: Demand, items: Items) -> None:
    assert (np.diff(items.key) > 0).all()
    assert demand.day(DAY + dt.timedelta(days=1)).key[0] > items.key[-1]


def test_a_key_names_day_class_origin_and_ordinal(demand: Demand, items: Items) -> None:
    """Ordinals of one origin count from nought; origins outside stand behind the places."""
    day, cls, origin, ordinal = unpack(items.key)
    places = len(demand.rates.weight)
    assert (day == day_number(DAY)).all()
    assert (cls == items.cls).all()
    assert (np.where(items.origin >= 0, items.origin, places - 1 - items.origin) == origin).all()
    first = np.r_[True, (np.diff(origin) != 0) | (np.diff(cls) != 0)]
    assert (ordinal[first] == 0).all()
    assert (np.diff(ordinal)[~first[1:]] == 1).all()


def test_too_many_places_for_a_key_are_refused() -> None:
    places = make_places({"A": [f"v{i}" for i in range(1 << 16)]})
    with pytest.raises(YizhanError, match="holds 65536 origins"):
        tiny_demand(make_rates(places, [make_class("x", 1)]))


# ------------------------------------------------------------------ draws belong to the item


def test_the_same_day_is_the_same_whatever_was_drawn_before(demand: Demand, items: Items) -> None:
    other = Demand.__new__(Demand)
    other.__dict__.update(demand.__dict__)
    other.day(DAY + dt.timedelta(days=3))
    assert same(other.day(DAY), items)


@pytest.mark.parametrize("how", ["seed", "replication"])
def test_another_seed_or_replication_has_other_items_in_the_same_numbers(
    xizang_2021: Network, items: Items, how: str
) -> None:
    other = make_demand(xizang_2021, 2 if how == "seed" else 1, 1 if how == "replication" else 0).day(DAY)
    assert len(other) == len(items)
    common = np.intersect1d(other.key, items.key, return_indices=True)[1:]
    assert (other.accepted_s[common[0]] == items.accepted_s[common[1]]).mean() < 0.05


def assert_prefixes(less: Items, more: Items, factor: float) -> None:
    """What two volumes have in common is equal in every column; ordinals only are added or dropped."""
    _, a, b = np.intersect1d(less.key, more.key, return_indices=True)
    for name in COLUMNS:
        assert (getattr(less, name)[a] == getattr(more, name)[b]).all(), name
    origins = [np.unique(items.key >> 24, return_counts=True) for items in (less, more)]
    counts = [dict(zip(*(column.tolist() for column in found), strict=True)) for found in origins]
    for origin, n in counts[0].items():
        # an expectation e gives e - 1 < n < e + 1, and the factor times e likewise (systematic sampling)
        assert counts[1].get(origin, 0) > factor * (n - 1) - 1
    for items in (less, more):  # prefixes: 0, 1, 2, ...
        _, _, _, ordinal = unpack(items.key)
        assert int(ordinal.sum()) == sum(n * (n - 1) // 2 for n in counts[items is more].values())


def test_scaling_adds_or_drops_ordinals_only(xizang_2021: Network, items: Items) -> None:
    """Twice the demand: every item that both have is the same, and nearly all of the smaller day are in both.

    An origin whose expectation is below one half may have an item at one volume and none at the double, since
    the systematic sample of a day's origins falls otherwise.
    """
    double = scaled(xizang_2021, DemandScale(2.0, ("express", "parcel"))).day(DAY)
    some = np.isin(items.cls, [2, 5])
    kept, more = some_of(items, some), some_of(double, np.isin(double.cls, [2, 5]))
    assert_prefixes(kept, more, 2.0)
    assert np.isin(kept.key, more.key).mean() > 0.97
    assert same(some_of(items, ~some), some_of(double, ~np.isin(double.cls, [2, 5])))


def some_of(items: Items, rows: np.ndarray) -> Items:
    return Items(*(getattr(items, name)[rows] for name in COLUMNS))


@settings(max_examples=30, derandomize=True, deadline=None, database=None)
@given(st.integers(0, 1000), st.floats(1.0, 4.0), st.integers(1, 60))
def test_scaling_any_small_demand_keeps_what_is_common(seed: int, factor: float, daily: int) -> None:
    _, rates = drawn_network(seed, Sizes(items=float(daily)))
    scale = DemandScale(factor, ("parcel", "bulky", "slow", "first"))
    more = offered(rates, DemandSettings((scale,)))
    assert_prefixes(tiny_demand(rates, seed).day(DAY), tiny_demand(more, seed).day(DAY), 1.0)


def test_scaling_one_class_leaves_the_others_bit_by_bit(xizang_2021: Network, items: Items) -> None:
    other = scaled(xizang_2021, DemandScale(0.0, ("express",))).day(DAY)
    rest = items.cls != 2
    assert same(other, some_of(items, rest))


def test_scaling_what_comes_in_leaves_what_goes_out(xizang_2021: Network, items: Items) -> None:
    other = scaled(xizang_2021, DemandScale(2.0, direction="inbound")).day(DAY)
    assert same(some_of(other, other.origin >= 0), some_of(items, items.origin >= 0))
    assert (other.origin < 0).sum() == pytest.approx(2 * (items.origin < 0).sum(), abs=8)


def test_routes_and_outlets_do_not_touch_the_items(xizang_2021: Network, items: Items) -> None:
    added = add_route(xizang_2021, mode="rail", stops=["540102", "540402"], leg_km=[435.0], per_week=7)
    removed = remove_route(xizang_2021, xizang_2021.routes[3].id)
    opened = open_outlets(xizang_2021, "express", ["540102002"], ["SF"])
    for changed in (added, removed, opened):
        assert same(make_demand(changed, 1, 0).day(DAY), items)


# ------------------------------------------------------------------ shares


def assert_shares(found: Sequence[int] | np.ndarray, expected: np.ndarray) -> None:
    """Counts agree with probabilities within `SIGMAS` binomial deviations each."""
    found, n = np.asarray(found), int(np.sum(found))
    deviation = np.sqrt(n * expected * (1 - expected)) + 1e-9
    assert (np.abs(found - n * expected) <= SIGMAS * deviation + 1).all()


def express_of(demand: Demand, items: Items, own: bool = True) -> np.ndarray:
    return (items.cls == row_of(demand, "express")) & ((items.origin >= 0) == own)


def test_directions_have_the_assumed_shares(demand: Demand, items: Items) -> None:
    """0.25 in the prefecture, 0.15 in another, 0.60 out of the region."""
    mine = express_of(demand, items)
    counts = np.bincount(items.direction[mine], minlength=4)[[LOCAL, REGIONAL, OUTBOUND]]
    assert_shares(counts, np.array([0.25, 0.15, 0.60]))


def test_directions_are_what_origin_and_destination_say(demand: Demand, items: Items) -> None:
    prefecture = np.array([demand.rates.near[i] > 0 for i in range(len(demand.rates.counties))])
    county = demand.rates.county
    inside = (items.origin >= 0) & (items.dest >= 0)
    home = np.zeros(len(items), dtype=bool)
    home[inside] = prefecture[county[items.origin[inside]], county[items.dest[inside]]]
    assert (items.direction[items.origin < 0] == INBOUND).all()
    assert (items.direction[items.dest < 0] == OUTBOUND).all()
    assert (items.direction[inside] == np.where(home[inside], LOCAL, REGIONAL)).all()


def test_origins_are_within_one_of_their_expectation(demand: Demand, items: Items) -> None:
    """Systematic sampling: the day's items fall on the places as evenly as whole items can."""
    mine = express_of(demand, items)
    counts = np.bincount(items.origin[mine], minlength=len(demand.rates.weight))
    assert np.abs(counts - demand.rates.weight * mine.sum()).max() < 1 + 1e-6


def test_destinations_follow_gravity_and_people(demand: Demand, items: Items) -> None:
    """Counties of items within the region by the rows of the rates, places by their weight."""
    rates, mine = demand.rates, express_of(demand, items)
    for way, matrix in ((LOCAL, rates.near), (REGIONAL, rates.far)):
        rows = mine & (items.direction == way)
        expected = matrix[rates.county[items.origin[rows]]].mean(axis=0)
        counts = np.bincount(rates.county[items.dest[rows]], minlength=len(rates.counties))
        assert_shares(counts, expected)
    inward = express_of(demand, items, own=False)
    largest = np.argsort(rates.weight)[-200:]
    counts = np.bincount(items.dest[inward], minlength=len(rates.weight))
    assert_shares(
        np.r_[counts[largest], inward.sum() - counts[largest].sum()],
        np.r_[rates.weight[largest], 1 - rates.weight[largest].sum()],
    )


def test_nothing_goes_to_a_place_without_people(demand: Demand, items: Items) -> None:
    rates = demand.rates
    for row, kind in enumerate(rates.classes):
        if kind.flow != "place":
            mine = items.cls == row
            used = np.unique(np.r_[items.origin[mine], items.dest[mine]])
            assert (rates.spread(kind)[used[used >= 0]] > 0).all()


def test_outside_classes_have_their_shares(demand: Demand, items: Items) -> None:
    rates = demand.rates
    inward = express_of(demand, items, own=False)
    counts = np.bincount(-1 - items.origin[inward], minlength=len(rates.outside))
    assert np.abs(counts - rates.inbound_share * inward.sum()).max() < 1 + 1e-6
    outward = express_of(demand, items) & (items.direction == OUTBOUND)
    assert_shares(np.bincount(-1 - items.dest[outward], minlength=len(rates.outside)), rates.outbound_share)


def test_brands_have_their_market_shares_and_the_post_has_none(
    demand: Demand, items: Items, xizang_2021: Network
) -> None:
    mine = items.cls == row_of(demand, "express")
    shares = np.array([row["share"] for row in xizang_2021.assumptions.table("brands")])
    # twelve bits decide: a share is met to 1/4096
    counts = np.bincount(items.brand[mine])
    assert np.abs(counts / mine.sum() - shares / shares.sum()).max() < 1 / 4096 + SIGMAS * 0.5 / np.sqrt(
        mine.sum()
    )
    assert (items.brand[~mine] == -1).all()


def test_those_who_may_fly_have_their_share(demand: Demand, items: Items) -> None:
    for row, kind in enumerate(demand.rates.classes):
        mine = items.cls == row
        share = items.flies[mine].mean()
        assert share == pytest.approx(kind.any_share, abs=1 / 4096 + SIGMAS * 0.5 / np.sqrt(mine.sum()))


def test_items_are_accepted_by_the_hours_of_the_profile(
    demand: Demand, items: Items, xizang_2021: Network
) -> None:
    """Newspapers are handed in at midnight; all others by the table."""
    weights = np.array([row["weight"] for row in xizang_2021.assumptions.table("hours")])
    papers = items.cls == row_of(demand, "newspaper")
    assert (items.accepted_s[papers] == 0).all()
    assert_shares(np.bincount(items.accepted_s[~papers] // 3600, minlength=24), weights / weights.sum())
    within = items.accepted_s[~papers] % 3600
    assert within.mean() == pytest.approx(1799.5, abs=SIGMAS * 3600 / np.sqrt(12 * len(within)))


def test_weights_are_exponential_and_volumes_follow(demand: Demand, items: Items) -> None:
    """Mean and standard deviation are the class's mean weight; volume is weight over the mean density."""
    mine = items.cls == row_of(demand, "express")
    grams = items.grams[mine].astype(float)
    error = SIGMAS * 1000 / np.sqrt(len(grams))
    assert grams.mean() == pytest.approx(1000, abs=error + 0.5)
    assert grams.std() == pytest.approx(1000, abs=3 * error)
    assert np.abs(items.cm3[mine] - grams * 1e6 / 130 / 1000).max() <= 1
    assert items.grams.min() >= 1 and items.cm3.min() >= 1


def test_the_draws_of_an_item_are_independent_of_each_other(demand: Demand, items: Items) -> None:
    """Moment, wings, brand, weight, direction and destination are uncorrelated, pair by pair."""
    mine = express_of(demand, items) & (items.direction == OUTBOUND)
    names = ("accepted_s", "flies", "brand", "grams", "dest")
    columns = [getattr(items, name)[mine].astype(float) for name in names]
    ways = express_of(demand, items)
    found = np.corrcoef(columns) - np.eye(len(names))
    assert np.abs(found).max() < SIGMAS / np.sqrt(mine.sum())
    far = ways & (items.direction == REGIONAL)
    county = demand.rates.county[items.dest[far]]
    for name in names[:4]:
        found = np.corrcoef(getattr(items, name)[far].astype(float), county)[0, 1]
        assert abs(found) < SIGMAS / np.sqrt(far.sum())
        column = getattr(items, name)[ways].astype(float)
        assert abs(np.corrcoef(column, items.direction[ways])[0, 1]) < SIGMAS / np.sqrt(ways.sum())


def test_newspapers_go_from_the_press_to_every_reader(demand: Demand, items: Items) -> None:
    mine = items.cls == row_of(demand, "newspaper")
    assert (items.origin[mine] == demand.rates.press).all()
    assert sorted(items.dest[mine]) == sorted(demand.rates.readers)
    assert set(items.grams[mine].tolist()) == {800}


def test_on_fewer_publication_days_a_share_of_the_readers_gets_a_bundle() -> None:
    """Five a week: on an even year every reader gets 5/7 of the days, drawn evenly along the table."""
    places = make_places({"A": [f"v{i}" for i in range(70)]})
    kind = make_class("paper", 3, "place", originating=70 * 365 * 5 / 7, inbound=0.0)
    demand = tiny_demand(make_rates(places, [kind]))
    days = [demand.day(DAY + dt.timedelta(days=i)) for i in range(70)]
    assert {len(day) for day in days} == {50}
    per_reader = np.bincount(np.concatenate([day.dest for day in days]))
    assert per_reader[per_reader > 0].min() > 35 and per_reader.max() < 65


# ------------------------------------------------------------------ peaks


def test_a_peak_multiplies_its_dates_and_no_other(xizang_2021: Network, demand: Demand) -> None:
    last = DAY + dt.timedelta(days=1)
    peaks = (
        DemandPeak(1.5, ("express",), None, DAY, last),
        DemandPeak(2.0, ("express",), "inbound", last, last),
    )
    network = replace(xizang_2021, demand=DemandSettings(peaks=peaks))
    raised = make_demand(network, 1, 0)
    express = row_of(demand, "express")
    for day, own, inward in ((-1, 1, 1), (0, 1.5, 1.5), (1, 1.5, 3), (2, 1, 1)):
        date = DAY + dt.timedelta(days=day)
        for here, there, factor in zip(demand.totals(date), raised.totals(date), (own, inward), strict=True):
            assert abs(there[express] - factor * here[express]) <= 0.5
            assert (np.delete(there, express) == np.delete(here, express)).all()


@settings(max_examples=30, derandomize=True, deadline=None, database=None)
@given(st.integers(0, 1000), st.floats(1.0, 4.0), st.integers(1, 60))
def test_a_peak_only_adds_items(seed: int, factor: float, daily: int) -> None:
    """Rule 19: those of the plain day are all there, each as it was."""
    _, rates = drawn_network(seed, Sizes(items=float(daily)))
    plain = tiny_demand(rates, seed)
    raising = DemandSettings(peaks=(DemandPeak(factor, first=DAY, last=DAY),))
    raised = tiny_demand(offered(rates, raising), seed)
    assert_prefixes(plain.day(DAY), raised.day(DAY), 1.0)
    if len(plain.day(DAY)):
        assert np.isin(plain.day(DAY).key, raised.day(DAY).key).mean() > 0.9
    after = DAY + dt.timedelta(days=1)
    assert same(plain.day(after), raised.day(after))
