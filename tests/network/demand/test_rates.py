"""Rates of demand: the published total, shares, gravity, and nothing lost between sending and receiving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from network.demand.rates import (
    DAYS,
    Rates,
    county_km,
    daily_delivery,
    make_rates,
    offered,
    received,
    yearly_express,
)
from network.geography.roads import road_graph
from network.inputs.tables import load_region
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network

PUBLISHED = 14_851_700  # 1,485.17 万 items in 2021


@pytest.fixture(scope="module")
def rates(xizang_2021: Network) -> Rates:
    roads = road_graph(load_region("xizang"), 2021)
    return make_rates(xizang_2021.places, xizang_2021.report, xizang_2021.assumptions, roads)


def kind_of(rates: Rates, code: str):
    return next(kind for kind in rates.classes if kind.code == code)


def test_express_is_the_published_number_and_inbound_a_multiple_of_it(
    rates: Rates, xizang_2021: Network
) -> None:
    express = kind_of(rates, "express")
    assert express.originating == yearly_express(rates) == PUBLISHED
    assert express.inbound == PUBLISHED * xizang_2021.assumptions["inbound_ratio"] == 3 * PUBLISHED


def test_shares_sum_to_one(rates: Rates) -> None:
    for share in (rates.weight, rates.people, rates.office, rates.inbound_share, rates.outbound_share):
        assert share.sum() == pytest.approx(1) and share.min() >= 0
    for matrix in (rates.near, rates.far):
        assert np.allclose(matrix.sum(axis=1), 1) and matrix.min() >= 0


def test_near_stays_in_the_prefecture_and_far_leaves_it(rates: Rates, xizang_2021: Network) -> None:
    places = xizang_2021.places
    prefecture = np.array([places.prefecture[places.row(code)] for code in rates.counties])
    same = prefecture[:, None] == prefecture[None, :]
    assert (rates.near[~same] == 0).all() and (rates.near[same] > 0).all()
    assert (rates.far[same] == 0).all() and (rates.far[~same] > 0).all()


def test_the_assumed_shares_of_directions_are_kept(rates: Rates) -> None:
    """A quarter stay in their prefecture; a fifth of the others go to another one: 0.25, 0.15, 0.60."""
    assert rates.stay_share == 0.25
    assert rates.region_share == pytest.approx(0.15)


def test_gravity_is_weight_over_distance_and_offset(rates: Rates, xizang_2021: Network) -> None:
    """Row by row the pulls are as w / (km + 50)."""
    roads = road_graph(load_region("xizang"), 2021)
    km = county_km(xizang_2021.places, roads, rates.counties)
    inside = rates.county >= 0
    share = np.bincount(rates.county[inside], weights=rates.weight[inside])
    pull = share / (km + xizang_2021.assumptions["gravity_offset_km"])
    for matrix in (rates.near, rates.far):
        for row in (0, 17, 73):
            to = np.flatnonzero(matrix[row])
            assert np.allclose(matrix[row, to] / matrix[row, to[0]], pull[row, to] / pull[row, to[0]])


def test_km_between_counties_is_the_shortest_road(xizang_2021: Network, rates: Rates) -> None:
    roads = road_graph(load_region("xizang"), 2021)
    km = county_km(xizang_2021.places, roads, rates.counties)
    assert (km == km.T).all() and (np.diag(km) == 0).all()
    assert np.isfinite(km).all()
    for a, b, data in roads.edges(data=True):
        if a in rates.counties and b in rates.counties:
            assert km[rates.counties.index(a), rates.counties.index(b)] <= data["length_km"]


def test_a_county_without_a_road_is_as_far_as_the_farthest(xizang_2021: Network, rates: Rates) -> None:
    """Medog in 2012."""
    km = county_km(xizang_2021.places, road_graph(load_region("xizang"), 2012), rates.counties)
    medog = rates.counties.index(county_code(xizang_2021, "Medog"))
    others = np.arange(len(km)) != medog
    assert (km[medog, others] == km[np.ix_(others, others)].max()).all()


def county_code(network: Network, name: str) -> str:
    places = network.places
    (row,) = np.flatnonzero((places.kind == "county") & (places.name_en == name))
    return str(places.id[row])


def test_one_in_town_sends_as_much_as_three_in_villages(rates: Rates, xizang_2021: Network) -> None:
    places = xizang_2021.places
    lived = places.population > 0
    per_head = rates.weight[lived] / places.population[lived]
    town, village = per_head[places.urban[lived]], per_head[~places.urban[lived]]
    assert np.ptp(town) < 1e-12 and np.ptp(village) < 1e-12
    assert town[0] / village[0] == pytest.approx(3)


def test_what_is_received_is_what_is_sent(rates: Rates) -> None:
    """Of every class: originating items that stay in the region, and inbound ones."""
    for kind in rates.classes:
        got = received(rates, kind)
        kept = 1.0 if kind.flow == "place" else rates.stay_share + rates.region_share
        assert got.sum() == pytest.approx(kind.originating * kept + kind.inbound)
        assert got.min() >= 0


def test_in_a_county_mail_falls_on_places_by_the_shares_of_its_class(rates: Rates) -> None:
    """Express by weight, letters by people, confidential mail to the seat."""
    for code in ("express", "letter", "confidential"):
        kind = kind_of(rates, code)
        spread, got = rates.spread(kind), received(rates, kind)
        for county in (0, 5, 40):
            mine = (rates.county == county) & (spread > 0)
            assert mine.any() and np.allclose(got[mine] / spread[mine], (got[mine] / spread[mine])[0])
            assert (got[(rates.county == county) & (spread == 0)] == 0).all()


def test_every_reader_gets_one_bundle_a_day(rates: Rates, xizang_2021: Network) -> None:
    """All townships, villages, committees and main monasteries; nobody else."""
    places = xizang_2021.places
    got = received(rates, kind_of(rates, "newspaper"))
    reads = np.isin(places.kind, ["township", "village", "committee", "monastery"])
    assert np.allclose(got[reads], 365) and (got[~reads] == 0).all()


def test_confidential_mail_runs_between_the_seats(rates: Rates, xizang_2021: Network) -> None:
    """One office a county, in a township of the county; the papers come from the regional capital."""
    places = xizang_2021.places
    rows = np.flatnonzero(rates.office)
    assert sorted(places.county[rows]) == sorted(rates.counties)
    assert set(places.kind[rows]) == {"township"}
    assert places.prefecture[rates.press] == "Lhasa"
    assert not kind_of(rates, "confidential").private_ok


def test_the_mean_day_is_a_year_over_its_days(rates: Rates) -> None:
    items, kg, m3 = daily_delivery(rates)
    assert items.sum() == pytest.approx(sum(received(rates, kind).sum() for kind in rates.classes) / DAYS)
    express = replace(rates, classes=(kind_of(rates, "express"),))
    items, kg, m3 = daily_delivery(express)
    assert np.allclose(kg, items * 1.0) and np.allclose(m3, items / 130)


def test_universal_mail_stays_within_the_revenue_that_is_not_express(
    rates: Rates, xizang_2021: Network
) -> None:
    """Rule 10: 826 less 495 million yuan bound what the assumed volumes can earn."""
    report = xizang_2021.report
    bound = report["industry_revenue_yuan"].value - report["express_revenue_yuan"].value
    earned = sum(kind.originating * kind.tariff_yuan for kind in rates.classes if kind.flow != "report")
    assert 0 < earned < bound


@pytest.mark.parametrize(
    ("scales", "own", "inward"),
    [
        ([], 1, 1),
        ([DemandScale(2)], 2, 2),
        ([DemandScale(2, direction="inbound")], 1, 2),
        ([DemandScale(2, direction="originating"), DemandScale(3)], 6, 3),
        ([DemandScale(2, ("express",), "originating"), DemandScale(0.5)], 1, 0.5),
        ([DemandScale(2, ("letter",))], 1, 1),
        ([DemandScale(0.5, ("express", "ems"))], 0.5, 0.5),
    ],
)
def test_scales_multiply_the_classes_and_directions_they_name(
    rates: Rates, scales: list[DemandScale], own: float, inward: float
) -> None:
    express = kind_of(rates, "express")
    after = kind_of(offered(rates, DemandSettings(scales=tuple(scales))), "express")
    assert after.originating == express.originating * own
    assert after.inbound == express.inbound * inward
    assert replace(after, originating=express.originating, inbound=express.inbound) == express
