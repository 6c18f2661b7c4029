"""The built network: everything reached, every route with its reason, totals as published."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from network.build import build_network, round_bases
from network.demand.rates import daily_delivery, make_rates
from network.errors import FleetError, InputErrors
from network.exchange.archive import dumps
from network.fit.refusal import FitError
from network.fleet.vehicles import vehicles_needed
from network.geography.roads import road_graph
from network.inputs.figures import Report
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.settings import Settings

PUBLISHED_ROADS, PUBLISHED_ROAD_KM, PRECISION_KM = 89, 18_300, 50


def report_with(**values: float) -> Report:
    """Return the report of 2021 with some figures replaced."""
    report = load_region("xizang").report(2021)
    changed = {name: replace(report[name], value=float(value)) for name, value in values.items()}
    return replace(report, figures={**report.figures, **changed})


def totals(network: Network, mode: str) -> tuple[int, float]:
    km = [route.km for route in network.routes if route.mode == mode]
    return len(km), sum(km)


@pytest.fixture(scope="module")
def xizang_2012() -> Network:
    return build_network("xizang", 2012)


def both(request: pytest.FixtureRequest, name: str) -> Network:
    network = request.getfixturevalue(name)
    assert isinstance(network, Network)
    return network


YEARS = pytest.mark.parametrize("name", ["xizang_2021", "xizang_2012"])


@pytest.mark.slow
@YEARS
def test_every_place_where_people_live_or_read_is_on_exactly_one_round(
    request: pytest.FixtureRequest, name: str
) -> None:
    """Townships, villages, committees, natural villages of the border counties and main monasteries."""
    network = both(request, name)
    places = network.places
    count = Counter(place for round_ in network.rounds for place in round_.places)
    on_rounds = places.id[~np.isin(places.kind, ["county", "gateway"])]
    assert set(count) == set(on_rounds)
    assert set(count.values()) == {1}


@YEARS
def test_every_round_can_be_run(request: pytest.FixtureRequest, name: str) -> None:
    """From a stop of the line-haul, out before it visits, back in after it has collected."""
    network = both(request, name)
    assert len({round_.id for round_ in network.rounds}) == len(network.rounds)
    for round_ in network.rounds:
        assert round_.base in network.stops
        assert len(round_.places) == len(round_.visit_s) == len(round_.cut_s)
        assert min(round_.visit_s) >= round_.depart_s >= 0 and round_.depart_s < 86_400
        assert round_.intake_s >= max(round_.cut_s)
        assert list(round_.weekdays) == sorted(set(round_.weekdays)) and round_.weekdays
        assert round_.vehicles > 0 and round_.vehicle in network.vehicle_classes
        assert round_.reason


@YEARS
def test_every_route_has_its_reason_its_trips_and_its_vehicles(
    request: pytest.FixtureRequest, name: str
) -> None:
    network = both(request, name)
    assert len({route.id for route in network.routes}) == len(network.routes)
    for route in network.routes:
        assert route.reason.strip(), route.id
        assert route.kind not in ("feeder", "chain") or route.serves, route.id
        assert network.vehicle_classes[route.vehicle] and route.vehicles_per_trip >= 1
        out, back = route.services
        assert out.stops == route.stops == back.stops[::-1]
        assert out.leg_km == route.leg_km == back.leg_km[::-1]
        assert len(out.starts_s) == len(back.starts_s) > 0
        assert route.km == sum(route.leg_km) > 0


@YEARS
def test_every_stop_has_a_centre_and_every_county_a_lane(request: pytest.FixtureRequest, name: str) -> None:
    network = both(request, name)
    assert set(network.stops) == {stop for route in network.routes for stop in route.stops}
    lanes = {centre.place for centre in network.centres if centre.lanes}
    counties = {str(place) for place in network.places.id[network.places.kind == "county"]}
    assert lanes == counties & set(network.stops)
    assert Counter(centre.tier for centre in network.centres)["region"] == 1


@YEARS
def test_all_vehicles_stand_somewhere_and_every_duty_has_its_own(
    request: pytest.FixtureRequest, name: str
) -> None:
    """908 vehicles; what a route or the rounds of a base need is there, the rest is spare."""
    network = both(request, name)
    assert len(network.vehicles) == 908
    assert len({vehicle.id for vehicle in network.vehicles}) == 908
    have = Counter((v.base, v.vehicle, v.duty) for v in network.vehicles if v.duty != "spare")
    need = vehicles_needed(network.routes, network.rounds, network.vehicle_classes, network.assumptions)
    assert dict(have) == {key: number for key, number in need.items() if number}
    assert all(network.vehicle_classes[v.vehicle].counted for v in network.vehicles)
    assert all(v.base in network.places.id for v in network.vehicles)


def test_the_counts_are_the_published_ones(xizang_2021: Network) -> None:
    roads, km = totals(xizang_2021, "road")
    assert roads == PUBLISHED_ROADS and abs(km - PUBLISHED_ROAD_KM) <= PRECISION_KM
    flights, air_km = totals(xizang_2021, "air")
    assert flights == 14 and abs(air_km - 33_200) <= PRECISION_KM
    assert totals(xizang_2021, "rail") == (1, pytest.approx(1972))
    networks = Counter(outlet.network for outlet in xizang_2021.outlets)
    assert networks == {"postal": 754, "express": 450}
    assert len({o.brand for o in xizang_2021.outlets if o.network == "express"}) == 11
    assert len({o.firm for o in xizang_2021.outlets if o.network == "express"}) == 36
    assert len(xizang_2021.stations) == len(set(xizang_2021.stations)) == 4626
    assert xizang_2021.carried_back == ()


def test_2012_says_what_it_carries_back_and_leaves_out(xizang_2012: Network) -> None:
    """The report of 2012 gives brands, firms, outlets and volumes; the rest is of 2021."""
    said = "\n".join(note.text for note in xizang_2012.carried_back)
    for figure in (
        "road_routes",
        "road_route_km",
        "air_routes",
        "postal_outlets",
        "vehicles",
        "village_stations",
    ):
        assert f"carried back: {figure}" in said
    assert "墨脱县 (2013)" in said
    assert "Medog has no road in 2012" in said
    assert "carried back: express" not in said


def test_2012_has_the_firms_counters_in_place_of_express_outlets(xizang_2012: Network) -> None:
    networks = Counter(outlet.network for outlet in xizang_2012.outlets)
    assert networks["express"] == 0 and networks["counter"] > 0
    counters = [outlet for outlet in xizang_2012.outlets if outlet.network == "counter"]
    assert len({outlet.brand for outlet in counters}) == 6
    assert len({outlet.firm for outlet in counters}) == 11
    places = xizang_2012.places
    assert all(places.in_town[places.row(outlet.place)] for outlet in counters)


def test_medog_is_served_on_foot_in_2012(xizang_2012: Network) -> None:
    places = xizang_2012.places
    (row,) = np.flatnonzero((places.kind == "county") & (places.name_en == "Medog"))
    medog = str(places.id[row])
    assert medog not in xizang_2012.stops
    rounds = [round_ for round_ in xizang_2012.rounds if places.county[places.row(round_.places[0])] == medog]
    assert rounds
    assert {str(places.name_en[places.row(round_.base)]) for round_ in rounds} == {"Bomi"}
    assert not any(xizang_2012.vehicle_classes[round_.vehicle].counted for round_ in rounds)


def test_no_route_of_2012_uses_a_road_that_was_opened_later(xizang_2012: Network) -> None:
    late = set()
    for link in load_region("xizang").roads:
        if link.opened_year is not None and link.opened_year > 2012:
            late |= {f"{link.from_id}-{link.to_id}", f"{link.to_id}-{link.from_id}"}
    assert late
    used = {link for route in xizang_2012.routes for leg in route.leg_links for link in leg}
    assert not used & late


@pytest.mark.slow
def test_other_totals_build_as_well() -> None:
    """80 road routes of 16,500 km and 12 air routes of 28,000 km."""
    network = build_network(
        report=report_with(road_routes=80, road_route_km=16_500, air_routes=12, air_route_km=28_000)
    )
    roads, km = totals(network, "road")
    assert roads == 80 and abs(km - 16_500) <= PRECISION_KM
    flights, air_km = totals(network, "air")
    assert flights == 12 and abs(air_km - 28_000) <= PRECISION_KM
    assert len(network.vehicles) == 908


def test_impossible_totals_are_refused_with_the_range_that_can_be_reached() -> None:
    with pytest.raises(FitError, match=r"89 routes reach [\d,]+–[\d,]+ km; 900 ± 50 km asked") as refusal:
        build_network(report=report_with(road_routes=89, road_route_km=900))
    assert isinstance(refusal.value, InputErrors)


@pytest.mark.slow
def test_a_fleet_that_is_too_small_is_refused_with_the_number_needed() -> None:
    with pytest.raises(FleetError, match=r"300 vehicles are too few: .* together \d+ or more") as refusal:
        build_network(report=report_with(vehicles=300))
    assert build_network(report=report_with(vehicles=refusal.value.needed)).vehicles


def test_all_wrong_options_are_told_at_once() -> None:
    with pytest.raises(InputErrors) as errors:
        Settings(fleet_scope="pst", express_linehaul="shard")  # type: ignore[arg-type]
    problems = errors.value.problems
    assert [(p.key, p.nearest) for p in problems] == [
        ("express_linehaul", "shared"),
        ("fleet_scope", "post"),
    ]


@pytest.mark.slow
def test_the_same_inputs_build_the_same_bytes(xizang_2021: Network) -> None:
    steps: list[str] = []
    again = build_network("xizang", 2021, progress=steps.append)
    assert dumps(again) == dumps(xizang_2021)
    assert steps == ["tables", "places", "routes", "rounds", "capacity", "fleet"]


@pytest.mark.slow
def test_another_draw_is_another_network_of_the_same_totals(xizang_2021: Network) -> None:
    other = build_network("xizang", 2021, settings=Settings(draw=1))
    roads, km = totals(other, "road")
    assert roads == PUBLISHED_ROADS and abs(km - PUBLISHED_ROAD_KM) <= PRECISION_KM
    mine, theirs = (
        {(r.stops, r.leg_links) for r in n.routes if r.mode == "road"} for n in (xizang_2021, other)
    )
    assert len(mine - theirs) >= 0.15 * PUBLISHED_ROADS
    assert other.settings.draw == 1
    assert (other.places.lat == xizang_2021.places.lat).all()


@pytest.mark.slow
def test_express_firms_with_lines_of_their_own_run_beside_the_post(xizang_2021: Network) -> None:
    """The other reading of rule 6: the published routes are the post's, the 908 are the post's alone."""
    network = build_network(settings=Settings(express_linehaul="own", fleet_scope="post"))
    carriers = Counter(route.carrier for route in network.routes)
    assert carriers == {"post": len(xizang_2021.routes), "express": len(xizang_2021.routes)}
    assert len(network.vehicles) == 908
    duties = {vehicle.duty for vehicle in network.vehicles}
    assert not any(duty.startswith("express-") for duty in duties)
    assert network.settings.own_lines and network.settings.post_only


def test_bases_of_rounds_are_the_stops_of_the_post(xizang_2021: Network) -> None:
    """Each county seat, and each township at which a branch ends."""
    bases = round_bases(load_region("xizang"), xizang_2021.places, xizang_2021.routes)
    assert {round_.base for round_ in xizang_2021.rounds} == set(bases.values())
    branches = {route.stops[-1] for route in xizang_2021.routes if route.kind == "branch"}
    assert branches and all(bases[place] == place for place in branches)


def test_rounds_are_not_over_full_on_the_mean_day(xizang_2021: Network) -> None:
    """What gathers for a round between two runs, at the mean, is within the target load in kg and m³."""
    rates = make_rates(
        xizang_2021.places,
        xizang_2021.report,
        xizang_2021.assumptions,
        road_graph(load_region("xizang"), 2021),
    )
    _, kg, m3 = daily_delivery(rates)
    target = xizang_2021.assumptions["target_load"]
    for round_ in xizang_2021.rounds:
        rows = [xizang_2021.places.row(place) for place in round_.places]
        vehicle = xizang_2021.vehicle_classes[round_.vehicle]
        runs = len(round_.weekdays) / 7 * round_.vehicles * target * (1 + 1e-9)
        assert kg[rows].sum() <= vehicle.payload_kg * runs, round_.id
        assert m3[rows].sum() <= vehicle.payload_m3 * runs, round_.id
