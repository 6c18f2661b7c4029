from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from network.errors import InputErrors
from network.geography.settlements import build_places
from network.inputs.assumptions import Assumptions
from network.inputs.tables import load_region
from network.lastmile.outlets import (
    place_counters,
    place_express_outlets,
    place_postal_outlets,
    place_stations,
)
from network.model.records import Places


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


@pytest.fixture(scope="module")
def places(assumptions: Assumptions) -> Places:
    return build_places(load_region("xizang"), assumptions, 2021)


@pytest.mark.parametrize("count", [0, 1, 300, 700, 701, 702, 754, 1324])
def test_exactly_as_many_postal_outlets_as_asked(
    places: Places, assumptions: Assumptions, count: int
) -> None:
    outlets = place_postal_outlets(places, count, assumptions)
    assert len(outlets) == len({o.id for o in outlets}) == count
    assert all(places.kind[places.row(o.place)] == "township" and o.reason for o in outlets)


def test_every_township_has_a_post_office_and_cities_have_more(
    places: Places, assumptions: Assumptions
) -> None:
    at = Counter(o.place for o in place_postal_outlets(places, 754, assumptions))
    assert set(at) == set(places.id[places.kind == "township"])
    extra = Counter({county: 0 for county in places.id[places.kind == "county"]})
    for place, n in at.items():
        extra[places.county[places.row(place)]] += n - 1
    # Worked from the census: 401,586 of the 749,660 people above 6,000 a township live in Chengguan.
    assert extra["540102"] == 28
    assert sum(extra.values()) == 53


def test_fewer_post_offices_than_townships_stand_where_people_are(
    places: Places, assumptions: Assumptions
) -> None:
    people = {
        town: places.population[places.township == town].sum()
        for town in places.id[places.kind == "township"]
    }
    chosen = {o.place for o in place_postal_outlets(places, 300, assumptions)}
    assert min(people[t] for t in chosen) >= max(n for t, n in people.items() if t not in chosen)


def test_a_negative_number_of_outlets_is_refused(places: Places, assumptions: Assumptions) -> None:
    with pytest.raises(InputErrors, match="postal_outlets = -1"):
        place_postal_outlets(places, -1, assumptions)


@pytest.mark.parametrize(
    ("count", "brands", "firms"), [(450, 11, 36), (36, 11, 36), (60, 6, 11), (2000, 11, 36)]
)
def test_exactly_as_many_express_outlets_brands_and_firms_as_asked(
    places: Places, assumptions: Assumptions, count: int, brands: int, firms: int
) -> None:
    outlets = place_express_outlets(places, count, brands, firms, assumptions)
    assert len(outlets) == len({o.id for o in outlets}) == count
    assert len({o.brand for o in outlets}) == brands
    assert len({o.firm for o in outlets}) == firms
    assert all(o.firm.startswith(f"{o.brand}-") for o in outlets)


def test_every_county_has_an_express_outlet_in_its_town(places: Places, assumptions: Assumptions) -> None:
    outlets = place_express_outlets(places, 450, 11, 36, assumptions)
    at = [places.row(o.place) for o in outlets]
    assert set(places.county[at]) == set(places.id[places.kind == "county"])
    assert places.in_town[at].all()
    assert Counter(places.county[at]).most_common(1)[0][0] == "540102"


def test_a_county_has_a_second_outlet_of_a_brand_only_when_the_others_are_used_up(
    places: Places, assumptions: Assumptions
) -> None:
    outlets = place_express_outlets(places, 450, 11, 36, assumptions)
    by_county: dict[str, Counter[str]] = {}
    for outlet in outlets:
        by_county.setdefault(outlet.place[:6], Counter())[outlet.brand] += 1
    small = [brands for brands in by_county.values() if brands.total() <= 4]
    assert small
    assert all(max(brands.values()) == 1 for brands in small)


def test_larger_shares_have_more_outlets(places: Places, assumptions: Assumptions) -> None:
    count = Counter(o.brand for o in place_express_outlets(places, 450, 11, 36, assumptions))
    shares = {row["code"]: row["share"] for row in assumptions.table("brands")}
    ranked = sorted(count, key=lambda brand: shares[brand])
    assert [count[brand] for brand in ranked] == sorted(count.values())


def test_no_express_outlet_at_all_is_no_error(places: Places, assumptions: Assumptions) -> None:
    assert place_express_outlets(places, 0, 6, 11, assumptions) == ()


@pytest.mark.parametrize(
    ("count", "brands", "firms", "message"),
    [
        (450, 12, 36, "1 to 11 named"),
        (450, 11, 10, "at least one a brand, 11"),
        (20, 11, 36, "one a firm, 36"),
    ],
)
def test_impossible_numbers_of_brands_and_firms_are_refused(
    places: Places, assumptions: Assumptions, count: int, brands: int, firms: int, message: str
) -> None:
    with pytest.raises(InputErrors, match=message):
        place_express_outlets(places, count, brands, firms, assumptions)


def test_the_counters_of_2012_show_all_brands_and_firms(places: Places, assumptions: Assumptions) -> None:
    seats = ("540102", "540202", "540302", "540402", "540502", "540602", "542523")
    counters = place_counters(places, seats, 6, 11, assumptions, 2012)
    assert {o.network for o in counters} == {"counter"}
    assert len({o.brand for o in counters}) == 6
    assert len({o.firm for o in counters}) == 11
    # Only the post's own brand is in every county.
    reach = {brand: len({o.place[:6] for o in counters if o.brand == brand}) for brand in ("EMS", "SF")}
    assert reach == {"EMS": 74, "SF": 7}


@pytest.mark.parametrize("count", [0, 1, 4626, 5535])
def test_exactly_as_many_village_stations_as_asked(places: Places, count: int) -> None:
    stations = place_stations(places, count)
    assert len(set(stations)) == len(stations) == count
    assert all(places.kind[places.row(s)] == "village" for s in stations)


def test_every_county_has_its_share_of_stations(places: Places) -> None:
    at = [places.row(s) for s in place_stations(places, 4626)]
    villages = places.kind == "village"
    for county in places.id[places.kind == "county"]:
        quota = 4626 * np.sum(villages & (places.county == county)) / villages.sum()
        assert abs(np.sum(places.county[at] == county) - quota) < 1


def test_more_stations_than_villages_are_refused(places: Places) -> None:
    with pytest.raises(InputErrors, match="0 to 5535"):
        place_stations(places, 5536)
