"""Who waits for whom on the last mile (rule 5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny import assumptions, make_network, make_places

from network.lastmile.handover import brand_shares, counters, handover_s
from network.model.network import Network
from network.model.records import Outlet
from network.model.settings import Settings

HOUR = 3600
BRANDS = [row["code"] for row in assumptions().table("brands")]
PLACES = ("town", "near", "far", "other")


def network(*outlets: tuple[str, str, str], year: int = 2021, handover_all: bool = False) -> Network:
    """Return two counties A and B: in A a place in town (township W), one in T, one in U; one in B.

    `outlets` are (kind, brand, township).
    """
    places = make_places({"A": ["town", "near", "far", "T", "U", "W"], "B": ["other", "V"]}, ["GW_XINING"])
    township = places.township.copy()
    for place, of in (("town", "W"), ("near", "T"), ("far", "U"), ("T", "T"), ("U", "U"), ("other", "V")):
        township[places.row(place)] = of
    in_town = np.isin(places.id, ["A", "town", "W"])
    prefecture = np.where(places.county == "A", "P", np.where(places.county == "B", "Q", ""))
    places = replace(places, township=township, in_town=in_town, prefecture=prefecture.astype(object))
    rows = [Outlet(f"E-{i}", place, kind, brand) for i, (kind, brand, place) in enumerate(outlets)]
    values = {"handover_h": 12, "bundle_h": 24}
    settings = Settings(handover_all=handover_all)
    made = make_network(places, [], [], [], outlets=rows, values=values, settings=settings)
    return replace(made, year=year)


def hours(net: Network, brand: str | None) -> list[float]:
    delay = handover_s(net)[0 if brand is None else BRANDS.index(brand) + 1]
    return [delay[net.places.row(place)] / HOUR for place in PLACES]


def test_the_post_never_waits() -> None:
    """Neither its own mail nor its own brand, with outlets or without."""
    assert hours(network(), None) == [0, 0, 0, 0]
    assert hours(network(), "EMS") == [0, 0, 0, 0]


def test_a_brand_without_an_outlet_hands_over_everywhere() -> None:
    assert hours(network(("express", "ZTO", "A")), "SF") == [12, 12, 12, 12]


def test_an_outlet_serves_its_township_and_bundles_for_the_rest_of_its_county() -> None:
    assert hours(network(("express", "SF", "T")), "SF") == [24, 0, 24, 12]


def test_an_outlet_in_town_serves_the_town() -> None:
    """Wherever in town: at the seat, in the same township."""
    for township in ("A", "W"):
        assert hours(network(("express", "SF", township)), "SF") == [0, 24, 24, 12]


def test_outlets_in_several_townships_each_serve_their_own() -> None:
    net = network(("express", "SF", "T"), ("express", "SF", "V"))
    assert hours(net, "SF") == [24, 0, 24, 0]


def test_a_postal_outlet_is_no_outlet_of_a_brand() -> None:
    assert hours(network(("postal", "", "T")), "SF") == [12, 12, 12, 12]


def test_handing_over_all_never_makes_an_item_later() -> None:
    """With the option a brand hands over where that is earlier than bundling."""
    assert hours(network(("express", "SF", "T"), handover_all=True), "SF") == [12, 0, 12, 12]
    slow = network(("express", "SF", "T"), handover_all=True)
    slow = replace(slow, assumptions=slow.assumptions.replace({"bundle_h": 6}))
    assert hours(slow, "SF") == [6, 0, 6, 12]


def test_counters_take_items_of_their_firm_in_the_county_else_in_the_prefecture() -> None:
    """SF has a counter in each prefecture's first county, ZTO one in A only, YTO none."""
    net = network(("counter", "SF", "T"), ("counter", "SF", "V"), ("counter", "ZTO", "T"), year=2012)
    found = counters(net)
    assert found is not None
    row = net.places.row

    def at(brand: str, place: str) -> str:
        return str(net.places.id[found[BRANDS.index(brand) + 1, row(place)]])

    assert [at("SF", place) for place in PLACES] == ["T", "T", "T", "V"]
    assert [at("ZTO", place) for place in PLACES] == ["T", "T", "T", "other"]
    assert [at("YTO", place) for place in PLACES] == list(PLACES)
    assert (found[0] == np.arange(len(net.places))).all()


def test_the_counter_in_the_county_goes_before_one_elsewhere_in_the_prefecture() -> None:
    net = network(("counter", "SF", "T"), ("counter", "SF", "V"), year=2012)
    one = replace(net.places, prefecture=np.where(net.places.county == "", "", "P").astype(object))
    found = counters(replace(net, places=one))
    assert found is not None
    ids = net.places.id[found[BRANDS.index("SF") + 1, [net.places.row(p) for p in PLACES]]]
    assert list(ids) == ["T", "T", "T", "V"]


def test_without_counters_items_are_accepted_where_they_are_posted() -> None:
    assert counters(network(("express", "SF", "T"))) is None


def test_market_shares_are_of_the_year() -> None:
    rows = assumptions().table("brands")
    for year, column in ((2021, "share"), (2012, "share_2012")):
        shares = brand_shares(network(year=year))
        assert shares.sum() == pytest.approx(1)
        assert shares[1] / shares[0] == pytest.approx(rows[1][column] / rows[0][column])
    assert (brand_shares(network(year=2012)) > 0).sum() == 6


def test_in_the_built_network_a_brand_serves_the_townships_of_its_outlets(xizang_2021: Network) -> None:
    places = xizang_2021.places
    delay = handover_s(xizang_2021)
    assert (delay[0] == 0).all()
    for outlet in xizang_2021.outlets:
        if outlet.network == "express":
            row = places.row(outlet.place)
            assert delay[BRANDS.index(outlet.brand) + 1, row] == 0
            assert (delay[BRANDS.index(outlet.brand) + 1, places.township == outlet.place] == 0).all()
    assert set((np.unique(delay) / HOUR).tolist()) <= {0.0, 12.0, 24.0}
