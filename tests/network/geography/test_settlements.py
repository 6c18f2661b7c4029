from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from network.errors import InputErrors
from network.geography.roads import great_circle_km
from network.geography.settlements import build_places, circuity, link_km
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region, load_region
from network.model.records import PLACE_KINDS, Places


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


@pytest.fixture(scope="module")
def places(region: Region, assumptions: Assumptions) -> Places:
    return build_places(region, assumptions, 2021)


def rows(places: Places, *kinds: str) -> np.ndarray:
    return np.flatnonzero(np.isin(places.kind, kinds))


def nearest(places: Places, points: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    km = great_circle_km(
        places.lat[points][:, None], places.lon[points][:, None], places.lat[anchors], places.lon[anchors]
    )
    return anchors[km.argmin(axis=1)]


def test_every_place_of_the_tables_has_one_row(places: Places, region: Region) -> None:
    kinds = dict(zip(*np.unique(places.kind, return_counts=True), strict=True))
    assert kinds["county"] == 74
    assert kinds["township"] == 701
    assert (kinds["village"], kinds["committee"]) == (5535, 41)
    assert kinds["natural_village"] == 3 * np.sum(places.border & (places.kind == "village"))
    assert kinds["monastery"] == len(region.monasteries)
    assert kinds["gateway"] == len(region.gateways)
    assert len(set(places.id)) == len(places)


def test_rows_are_in_the_order_of_the_kinds(places: Places) -> None:
    rank = np.array([PLACE_KINDS.index(kind) for kind in places.kind])
    rank[places.kind == "committee"] = PLACE_KINDS.index("village")  # one block, township by township
    assert (np.diff(rank) >= 0).all()


@pytest.mark.parametrize(("year", "total"), [(2021, 3_630_975), (2012, 3_002_165)])
def test_people_sum_to_the_census(region: Region, assumptions: Assumptions, year: int, total: int) -> None:
    places = build_places(region, assumptions, year)
    assert places.population.sum() == pytest.approx(total, abs=1e-3)
    living = places.population > 0
    assert set(places.kind[living]) == {"village", "committee"}
    for county in region.counties:
        census = county.population_2020 if year == 2021 else county.population_2010
        if county.name_en in ("Nyima", "Shuanghu") and year == 2012:
            continue
        assert places.population[places.county == county.code].sum() == pytest.approx(census)


def test_shuanghu_has_its_share_of_nyima_in_the_census_of_2010(
    region: Region, assumptions: Assumptions
) -> None:
    places = build_places(region, assumptions, 2012)
    shuanghu, nyima = (places.population[places.county == code].sum() for code in ("540630", "540629"))
    assert shuanghu + nyima == pytest.approx(region.county("540629").population_2010)
    now = region.county("540630").population_2020, region.county("540629").population_2020
    assert shuanghu / nyima == pytest.approx(now[0] / now[1])


def test_a_committee_weighs_as_much_as_assumed(places: Places, assumptions: Assumptions) -> None:
    here = places.county == "540102"
    committee = places.population[here & (places.kind == "committee")]
    village = places.population[here & (places.kind == "village")]
    assert committee.max() / village.min() == pytest.approx(assumptions["committee_weight"])


def test_committees_are_in_the_largest_streets(places: Places, region: Region) -> None:
    size = {t.code: t.villages for t in region.townships if t.kind == "street"}
    with_some = set(places.township[places.kind == "committee"])
    assert with_some <= set(size)
    without = set(size) - with_some
    assert min(size[code] for code in with_some) >= max(size[code] for code in without)


def test_a_published_number_of_villages_makes_the_rest_committees(
    region: Region, assumptions: Assumptions
) -> None:
    places = build_places(region, assumptions, 2021, administrative_villages=5500)
    assert np.sum(places.kind == "village") == 5500
    assert np.sum(places.kind == "committee") == 76


def test_more_committees_than_places_under_streets_are_refused(
    region: Region, assumptions: Assumptions
) -> None:
    with pytest.raises(InputErrors, match=r"5464 to 5576.*112 lie under streets"):
        build_places(region, assumptions, 2021, administrative_villages=5000)


def test_the_nearest_seat_of_a_synthetic_township_is_its_own(places: Places) -> None:
    towns = rows(places, "township")
    towns = towns[places.synthetic[towns]]
    assert (
        nearest(places, towns, rows(places, "county")) == [places.row(c) for c in places.county[towns]]
    ).all()


def test_the_nearest_known_point_of_every_synthetic_point_is_of_its_county(places: Places) -> None:
    known = np.flatnonzero(np.isin(places.kind, ("county", "township")) & ~places.synthetic)
    points = np.flatnonzero(places.synthetic)
    assert (places.county[nearest(places, points, known)] == places.county[points]).all()


def test_nearly_every_village_is_nearest_to_its_own_township(places: Places) -> None:
    villages = rows(places, "village", "committee")
    own = places.id[nearest(places, villages, rows(places, "township"))] == places.township[villages]
    assert own.mean() > 0.98


def test_points_lie_within_their_radius(places: Places, assumptions: Assumptions) -> None:
    villages = rows(places, "village", "committee")
    home = [places.row(t) for t in places.township[villages]]
    km = great_circle_km(places.lat[villages], places.lon[villages], places.lat[home], places.lon[home])
    assert km.max() <= assumptions["village_radius_km"] + 0.01
    hamlets = rows(places, "natural_village")
    home = [places.row(str(i).rpartition("-")[0]) for i in places.id[hamlets]]
    km = great_circle_km(places.lat[hamlets], places.lon[hamlets], places.lat[home], places.lon[home])
    assert km.max() <= assumptions["natural_village_radius_km"] + 0.01


def test_every_county_has_a_town_at_its_seat(places: Places, assumptions: Assumptions) -> None:
    towns = rows(places, "township")
    seats = np.array([places.row(c) for c in places.county[towns]])
    km = great_circle_km(places.lat[towns], places.lon[towns], places.lat[seats], places.lon[seats])
    assert (places.in_town[towns] == (km <= assumptions["town_radius_km"])).all()
    assert set(places.county[towns[places.in_town[towns]]]) == set(places.id[places.kind == "county"])


def test_villages_of_a_town_are_in_town_and_their_hamlets_are_not(places: Places) -> None:
    towns = set(places.id[(places.kind == "township") & places.in_town])
    villages = rows(places, "village", "committee")
    assert (places.in_town[villages] == np.isin(places.township[villages], list(towns))).all()
    assert not places.in_town[rows(places, "natural_village")].any()


def test_natural_villages_are_only_in_border_counties(places: Places) -> None:
    hamlets = rows(places, "natural_village")
    assert places.border[hamlets].all()
    assert len(set(places.county[hamlets])) == 21


def test_the_same_seed_gives_the_same_points_and_another_gives_others(
    region: Region, assumptions: Assumptions, places: Places
) -> None:
    again, other = build_places(region, assumptions, 2021), build_places(region, assumptions, 2021, seed=1)
    assert (again.lat == places.lat).all() and (again.id == places.id).all()
    towns = (places.kind == "township") & places.synthetic
    assert np.mean(other.lat[towns] != places.lat[towns]) > 0.9
    known = ~places.synthetic
    assert (other.lat[known] == places.lat[known]).all()


def test_the_year_moves_no_point(region: Region, assumptions: Assumptions, places: Places) -> None:
    early = build_places(region, assumptions, 2012)
    assert (early.lat == places.lat).all() and (early.lon == places.lon).all()


def test_points_know_no_published_total(region: Region, assumptions: Assumptions, places: Places) -> None:
    """Another number of villages renames some places under streets and moves nothing else."""
    other = build_places(region, assumptions, 2021, administrative_villages=5530)
    streets = {t.code for t in region.townships if t.kind == "street"}
    here = ~np.isin(places.township, list(streets)) | (places.kind == "township")
    assert (other.lat[here] == places.lat[here]).all()


def test_dropping_a_township_moves_no_other_township(
    region: Region, assumptions: Assumptions, places: Places
) -> None:
    gone = next(t for t in reversed(region.townships) if t.county_code == "540223" and t.kind == "township")
    fewer = build_places(
        replace(region, townships=tuple(t for t in region.townships if t.code != gone.code)),
        assumptions,
        2021,
    )
    towns = [row for row in rows(places, "township") if places.id[row] != gone.code]
    there = [fewer.row(str(places.id[row])) for row in towns]
    assert (fewer.lat[there] == places.lat[towns]).all()


def test_road_lengths_of_synthetic_links_follow_the_terrain(places: Places, assumptions: Assumptions) -> None:
    bayi, medog, lhasa, nagqu = (places.row(code) for code in ("540402", "540423", "540102", "540602"))
    km = great_circle_km(places.lat[bayi], places.lon[bayi], places.lat[medog], places.lon[medog])
    assert float(link_km(places, bayi, medog, assumptions)) == pytest.approx(float(km) * 1.67)
    # Of two terrains the more winding, either way round.
    ways = link_km(places, [lhasa, bayi, nagqu], [bayi, lhasa, bayi], assumptions)
    gc = great_circle_km(
        places.lat[[lhasa, bayi, nagqu]], places.lon[[lhasa, bayi, nagqu]], places.lat[bayi], places.lon[bayi]
    )
    assert ways[0] == ways[1] == pytest.approx(1.67 * gc[0])
    assert ways[2] == pytest.approx(1.67 * gc[2])


def test_every_prefecture_has_a_terrain(places: Places, assumptions: Assumptions) -> None:
    inside = places.kind != "gateway"
    assert not np.isnan(circuity(places.prefecture[inside], assumptions)).any()
    assert np.isnan(circuity(places.prefecture[~inside], assumptions)).all()


def test_places_are_built_quickly(region: Region, assumptions: Assumptions) -> None:
    start = time.perf_counter()
    build_places(region, assumptions, 2021)
    assert time.perf_counter() - start < 2
