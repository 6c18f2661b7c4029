"""Fitted air routes: totals exactly, the rules of the pool, and honest refusals."""

from __future__ import annotations

from itertools import combinations

import pytest

from network.fit import AirTotals, FitError, difference, fit_air
from network.geography.roads import great_circle_km
from network.geography.settlements import build_places
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region, load_region
from network.model.records import MailRoute, Places

PUBLISHED = AirTotals(14, 33_200, 50)
Network = tuple[MailRoute, ...]


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


@pytest.fixture(scope="module")
def places(region: Region, assumptions: Assumptions) -> Places:
    return build_places(region, assumptions, 2021)


@pytest.fixture(scope="module")
def best(region: Region, places: Places, assumptions: Assumptions) -> Network:
    return fit_air(region, places, PUBLISHED, assumptions, 2021)


def km(routes: Network) -> float:
    return sum(route.km for route in routes)


def test_number_and_length_are_the_published_ones(best: Network) -> None:
    assert [route.id for route in best] == [f"air-{n:02d}" for n in range(1, 15)]
    assert abs(km(best) - 33_200) <= 50
    assert {(route.mode, route.kind) for route in best} == {("air", "non-stop"), ("air", "through")}


@pytest.mark.parametrize(("routes", "length"), [(12, 28_000), (16, 36_000), (14, 25_000)])
def test_other_totals_fit_as_well(
    routes: int, length: int, region: Region, places: Places, assumptions: Assumptions
) -> None:
    built = fit_air(region, places, AirTotals(routes, length, 50), assumptions, 2021)
    assert len(built) == routes and abs(km(built) - length) <= 50


def test_stops_are_seats_and_gateways_with_the_capital_before_the_world(
    best: Network, region: Region
) -> None:
    seats = {"540102", "540202", "540302", "540402", "542523"}
    gateways = {gateway.id for gateway in region.gateways if "air" in gateway.modes}
    for route in best:
        assert route.stops[0] in seats
        assert set(route.stops[1:]) <= gateways | seats
        assert len(set(route.stops)) == len(route.stops)
    assert len({route.stops for route in best}) == len(best)


def test_through_routes_have_one_onward_leg_and_start_at_lhasa_or_xigaze(
    best: Network, assumptions: Assumptions
) -> None:
    through = [route for route in best if route.kind == "through"]
    assert through, "non-stop pairs alone fall short of the published length"
    for route in through:
        assert len(route.stops) == 3
        assert route.stops[0] in ("540102", "540202")
        assert all(stop.startswith("GW_") for stop in route.stops[1:])
    for row in assumptions.table("air_through"):
        start = {"LXA": "540102", "RKZ": "540202"}[row["airport"]]
        assert sum(route.stops[0] == start for route in through) <= row["most"]


def test_the_obvious_routes_are_there(best: Network) -> None:
    non_stop = {route.stops for route in best if route.kind == "non-stop"}
    assert ("540102", "GW_CHENGDU") in non_stop
    first_legs = {route.stops[:2] for route in best}
    for city in ("CHENGDU", "CHONGQING", "XIAN", "BEIJING", "XINING"):
        assert ("540102", f"GW_{city}") in first_legs
    flown = {stop for route in best for stop in route.stops}
    assert {"540102", "540202", "540302", "540402", "542523"} <= flown


def test_legs_are_great_circles_between_the_airports(best: Network, region: Region) -> None:
    airport = {a.iata: a for a in region.airports}
    route = next(r for r in best if r.stops == ("540102", "GW_CHENGDU"))
    a, b = airport["LXA"], airport["CTU"]
    assert route.km == pytest.approx(float(great_circle_km(a.lat, a.lon, b.lat, b.lon)))
    assert all(route.leg_links == ((),) * len(route.leg_km) for route in best)


def test_airports_of_one_city_are_one_and_later_ones_are_left_out(
    region: Region, places: Places, assumptions: Assumptions
) -> None:
    for year in (2012, 2021):
        built = fit_air(region, places, PUBLISHED, assumptions, year)
        said = " ".join(route.reason for route in built)
        assert "TFU" not in said
        assert not {"540223", "540529", "542521"} & {stop for route in built for stop in route.stops}


def test_every_route_says_why_in_one_sentence_with_numbers(best: Network) -> None:
    for route in best:
        assert route.reason.endswith(".") and f"{route.km:,.0f} km" in route.reason


def test_a_length_out_of_reach_is_refused_with_the_range(
    region: Region, places: Places, assumptions: Assumptions
) -> None:
    with pytest.raises(FitError, match="100,000 ± 50 km asked; in the way: ") as caught:
        fit_air(region, places, AirTotals(14, 100_000, 50), assumptions, 2021)
    assert caught.value.reach.low_km < 33_200 < caught.value.reach.high_km
    with pytest.raises(FitError, match="routes = 3; allowed: "):
        fit_air(region, places, AirTotals(3, 33_200, 50), assumptions, 2021)


def test_the_family_fits_and_differs(
    region: Region, places: Places, assumptions: Assumptions, best: Network
) -> None:
    family = [
        best,
        *(fit_air(region, places, PUBLISHED, assumptions, 2021, draw=k) for k in (1, 2, 3)),
    ]
    for routes in family:
        assert len(routes) == 14 and abs(km(routes) - 33_200) <= 50
    for a, b in combinations(family, 2):
        assert difference(a, b) >= 0.15


def test_the_same_call_gives_the_same_network(
    region: Region, places: Places, assumptions: Assumptions, best: Network
) -> None:
    assert fit_air(region, places, PUBLISHED, assumptions, 2021) == best
