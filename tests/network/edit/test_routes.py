"""Changes on routes and demand: what they add, what they note, and that the base stays as it was."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import pytest

from network.build import build_network
from network.edit.routes import (
    EditError,
    add_route,
    equip_route,
    find_place,
    hand_over_all,
    remove_route,
    reroute_route,
    retime_route,
    scale_demand,
)
from network.errors import UnknownNameError
from network.explain import explain
from network.fleet.vehicles import vehicles_for_route
from network.geography.roads import great_circle_km
from network.inputs.tables import load_region
from network.linehaul.legs import NoWayError, find_leg
from network.model.demand import DemandScale
from network.model.network import Changed, Network
from network.reconcile import reconcile

LHASA, XIGAZE, SHANNAN, NYINGCHI, NGARI = "540102", "540202", "540502", "540402", "542523"
NAGQU = "540602"


def duties(network: Network, duty: str) -> Counter[tuple[str, str]]:
    return Counter((v.vehicle, v.base) for v in network.vehicles if v.duty == duty)


def test_a_rail_route_takes_its_length_from_the_line(small_network: Network) -> None:
    changed = add_route(small_network, mode="rail", stops=(LHASA, SHANNAN, NYINGCHI), per_week=7)
    route = changed.routes[-1]
    assert (route.id, route.kind, route.vehicle, route.base) == ("rail-02", "rail", "mail-car", False)
    assert route.leg_km == (127.0, 308.0)
    assert [len(service.starts_s) for service in route.services] == [7, 7]
    assert [note.figure for note in changed.changed] == ["rail_routes", "rail_route_km"]
    assert "added rail-02" in changed.changed[0].label


def test_new_stops_get_a_centre_without_lanes_that_takes_every_mode_in(small_network: Network) -> None:
    changed = add_route(small_network, mode="rail", stops=(LHASA, NYINGCHI), per_week=7)
    assert changed.stops == (*small_network.stops, NYINGCHI)
    centre = changed.centres[-1]
    assert centre.lanes == 0
    assert set(centre.handling_s) == {"road", "rail", "air", "collect"}
    assert centre.handling_s["rail"] == 8 * 3600


def test_a_road_route_follows_the_shortest_road(small_network: Network) -> None:
    route = add_route(small_network, mode="road", stops=("Chengguan (Lhasa)", XIGAZE), per_week=3).routes[-1]
    assert route.kind == "trunk" and route.vehicle == "truck-6.8"
    roads = {f"{road.from_id}-{road.to_id}": road.road_km for road in load_region("xizang").roads}
    assert route.km == pytest.approx(sum(roads[link] for link in route.leg_links[0]))


@pytest.mark.parametrize(
    ("stops", "kind"),
    [
        ((LHASA, XIGAZE), "trunk"),
        ((XIGAZE, "540223"), "feeder"),
        ((XIGAZE, "540226", "540223"), "chain"),
        ((LHASA, "540104", SHANNAN), "inter-prefecture"),
        ((LHASA, "GW_GOLMUD"), "cross-border"),
        (("540223", "540223201"), "branch"),
    ],
)
def test_the_kind_of_a_road_route_follows_from_where_it_goes(
    small_network: Network, stops: tuple[str, ...], kind: str
) -> None:
    assert add_route(small_network, mode="road", stops=stops, per_week=3).routes[-1].kind == kind


def test_an_air_leg_is_the_great_circle_between_airports_of_the_year(small_network: Network) -> None:
    region, places, a = load_region("xizang"), small_network.places, small_network.assumptions
    assert find_leg(region, places, a, 2021, "air", LHASA, "GW_CHENGDU").km == pytest.approx(1263, abs=1)
    # Tingri's own airport opened in 2022; before, Xigaze's is the nearest, 260 km away
    with pytest.raises(NoWayError, match="no airport of 2021"):
        find_leg(region, places, a, 2021, "air", LHASA, "540223")
    assert find_leg(region, places, a, 2022, "air", LHASA, "540223").km > 400


def test_a_line_that_is_not_built_yet_is_no_way(small_network: Network) -> None:
    region, places, a = load_region("xizang"), small_network.places, small_network.assumptions
    with pytest.raises(NoWayError, match="no railway of 2012"):
        find_leg(region, places, a, 2012, "rail", LHASA, XIGAZE)
    with pytest.raises(NoWayError, match="no railway of 2021"):
        find_leg(region, places, a, 2021, "rail", LHASA, NGARI)
    with pytest.raises(NoWayError, match="share one airport"):
        find_leg(region, places, a, 2021, "air", LHASA, SHANNAN)


def test_given_lengths_stand_in_for_a_line_that_no_table_holds(small_network: Network) -> None:
    route = add_route(small_network, mode="rail", stops=(XIGAZE, NGARI), per_week=2, leg_km=(1100,)).routes[
        -1
    ]
    assert route.km == 1100.0
    assert route.km_given and route.reason.endswith("its km are given there")


def test_given_lengths_lie_between_the_great_circle_and_ten_times_it(small_network: Network) -> None:
    def add(mode: str, stops: tuple[str, ...], *leg_km: float) -> Network:
        return add_route(small_network, mode=mode, stops=stops, per_week=2, leg_km=leg_km)

    row, other = (small_network.places.row(stop) for stop in (LHASA, XIGAZE))
    lat, lon = small_network.places.lat, small_network.places.lon
    line = float(great_circle_km(lat[row], lon[row], lat[other], lon[other]))
    assert add("road", (LHASA, XIGAZE), line).routes[-1].km == line
    for mode in ("road", "rail", "air"):
        assert add(mode, (LHASA, XIGAZE), 10 * line + 100).routes[-1].km == 10 * line + 100
        for km in (math.nextafter(10 * line + 100, math.inf), 273_000.0, 1e12, math.inf, math.nan):
            with pytest.raises(EditError, match=r"up to [\d,]+ km, in km"):
                add(mode, (LHASA, XIGAZE), km)
    with pytest.raises(EditError, match="less than the"):
        add("road", (LHASA, XIGAZE), math.nextafter(line, 0.0))
    assert add("air", (LHASA, XIGAZE), line / 2).routes[-1].km == line / 2  # airports may lie between
    with pytest.raises(EditError, match="2 stops have 1 legs, not 2"):
        add("rail", (LHASA, XIGAZE), line, line)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"stops": (LHASA, LHASA)}, EditError, "passes no stop twice"),
        ({"stops": (LHASA, "Bayi (Nyingchy)")}, UnknownNameError, "did you mean 'Bayi"),
        ({"route_id": "road-001"}, EditError, "'road-001' is taken"),
        ({"vehicle": "truck-9"}, UnknownNameError, "did you mean 'truck-9.6'"),
        ({"stops": (LHASA, "M-drepung")}, (UnknownNameError, NoWayError), "monastery"),
    ],
)
def test_what_cannot_be_added_is_told(
    small_network: Network, given: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        add_route(small_network, **{"mode": "road", "stops": (LHASA, XIGAZE), "per_week": 7, **given})  # type: ignore[arg-type]


def test_an_added_road_route_takes_spares_and_the_fleet_stays_as_large(small_network: Network) -> None:
    stops = (LHASA, "540602")
    changed = add_route(small_network, mode="road", stops=stops, per_week=7, vehicles_per_trip=3)
    route = changed.routes[-1]
    needed = vehicles_for_route(route, changed.assumptions)
    assert len(changed.vehicles) == len(small_network.vehicles)
    assert [v.id for v in changed.vehicles] == [v.id for v in small_network.vehicles]
    spare = sum(v.duty == "spare" and v.vehicle == "truck-6.8" for v in small_network.vehicles)
    assert duties(changed, route.id) == Counter({("truck-6.8", LHASA): min(needed, spare)})


def test_removing_a_route_frees_its_vehicles_where_they_stand(small_network: Network) -> None:
    changed = remove_route(small_network, "road-002 by hand")
    assert "road-002" not in {route.id for route in changed.routes}
    assert duties(changed, "road-002") == Counter()
    freed = duties(small_network, "road-002")
    assert duties(changed, "spare") == duties(small_network, "spare") + freed
    assert (
        Changed("road_routes", "removed road-002 (road-002 by hand)", "removed", "road-002")
        in changed.changed
    )


def test_adding_and_removing_a_route_leaves_the_tables_as_they_were(small_network: Network) -> None:
    there = add_route(small_network, mode="air", stops=(XIGAZE, "GW_CHENGDU"), per_week=3, route_id="air-x")
    back = remove_route(there, "air-x")
    assert back.routes == small_network.routes
    assert back.centres == small_network.centres
    assert back.vehicles == small_network.vehicles


def test_retiming_keeps_what_is_not_given(small_network: Network) -> None:
    more = retime_route(small_network, "road-003", per_week=7).route("road-003")
    before = small_network.route("road-003").services[0].starts_s
    assert len(more.services[0].starts_s) == 7
    assert {start % 86_400 for start in more.services[0].starts_s} == {start % 86_400 for start in before}
    earlier = retime_route(small_network, "road-003", first_departure_s=6 * 3600)
    assert len(earlier.route("road-003").services[0].starts_s) == 5
    assert earlier.route("road-003").services[0].starts_s[0] == 6 * 3600
    assert earlier.changed == (Changed("timetable", "road-003 leaves at 06:00", "retimed", "road-003"),)


def test_equipping_keeps_what_is_not_given_and_changes_no_figure(small_network: Network) -> None:
    changed = equip_route(small_network, "road-001", vehicle="van")
    assert changed.route("road-001").vehicle == "van"
    assert changed.route("road-001").vehicles_per_trip == 1
    assert changed.route("road-001").services == small_network.route("road-001").services
    assert set(duties(changed, "road-001")) == {("van", LHASA)}
    assert {note.figure for note in changed.changed} == {"timetable"}
    doubled = equip_route(small_network, "road-001", vehicles_per_trip=2)
    assert vehicles_for_route(doubled.route("road-001"), doubled.assumptions) == 2 * vehicles_for_route(
        small_network.route("road-001"), small_network.assumptions
    )


def test_an_unknown_route_is_told_with_the_nearest_name(small_network: Network) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'road-003 by hand'"):
        retime_route(small_network, "road-003 by han", per_week=7)


def test_a_rerouted_route_keeps_id_frequency_hour_and_vehicles(small_network: Network) -> None:
    old = small_network.route("road-001")
    changed = reroute_route(small_network, "road-001", ("Chengguan (Lhasa)", NAGQU, SHANNAN))
    new = changed.route("road-001")
    assert new.stops == (LHASA, NAGQU, SHANNAN)
    assert (new.vehicle, new.vehicles_per_trip, new.carrier) == (old.vehicle, old.vehicles_per_trip, "shared")
    assert new.services[0].starts_s == old.services[0].starts_s
    assert new.services[0].stops == new.services[1].stops[::-1] == new.stops
    roads = {f"{road.from_id}-{road.to_id}": road.road_km for road in load_region("xizang").roads}
    assert [sum(roads[link] for link in leg) for leg in new.leg_links] == pytest.approx(new.leg_km)
    assert SHANNAN in changed.stops  # a new stop, without lanes
    assert [r for r in changed.routes if r.id != "road-001"] == list(small_network.routes[1:])
    assert [note.figure for note in changed.changed] == ["road_routes", "road_route_km"]
    assert "road_route_km" in {row.name for row in reconcile(changed) if row.ok is None}
    told = str(explain(changed, "route.road-001.km")) + str(explain(changed, "route.road-001.stops"))
    assert told.count("a change of the scenario: rerouted road-001") == 2


def test_a_rerouted_route_runs_at_the_speed_of_its_new_kind(small_network: Network) -> None:
    changed = reroute_route(small_network, "road-003", (XIGAZE, NAGQU), first_departure_s=6 * 3600)
    new = changed.route("road-003")
    assert (small_network.route("road-003").kind, new.kind) == ("feeder", "inter-prefecture")
    assert min(s % 86_400 for s in new.services[0].starts_s) == 6 * 3600
    assert duties(changed, "road-003").total() == vehicles_for_route(new, changed.assumptions)


def test_a_line_by_rail_or_air_can_be_rerouted_too(small_network: Network) -> None:
    rail = reroute_route(small_network, "rail-01", (LHASA, NAGQU, "GW_GOLMUD")).route("rail-01")
    assert rail.km == pytest.approx(1142.0) and rail.kind == "rail"
    air = reroute_route(small_network, "air-01", (LHASA, NYINGCHI, "GW_CHENGDU")).route("air-01")
    assert air.kind == "through" and len(air.leg_km) == 2
    given = reroute_route(small_network, "air-01", (LHASA, "540223"), leg_km=(430.0,)).route("air-01")
    assert given.km == 430.0  # to a place that has no airport yet
    with pytest.raises(NoWayError, match="no airport of 2021"):
        reroute_route(small_network, "air-01", (LHASA, "540223"))


def test_routes_that_cannot_be_rerouted_are_told(small_network: Network) -> None:
    with pytest.raises(EditError, match="along these stops already"):
        reroute_route(small_network, "road-001", (LHASA, XIGAZE))
    with pytest.raises(UnknownNameError, match="unknown route"):
        reroute_route(small_network, "road-009", (LHASA, XIGAZE))
    with pytest.raises(EditError, match="passes no stop twice"):
        reroute_route(small_network, "road-001", (LHASA, XIGAZE, LHASA))


def test_a_new_line_by_rail_or_air_may_end_where_no_station_is_yet(small_network: Network) -> None:
    changed = add_route(
        small_network, mode="air", stops=(XIGAZE, NGARI), per_week=3, leg_km=(800.0,), route_id="air-new"
    )
    centre = changed.centres[-1]
    assert centre.place == NGARI and "air" in centre.handling_s
    assert "the scenario gives them" in str(explain(changed, "route.air-new.km"))
    assert {row.name for row in reconcile(changed) if row.ok is None} == {"air_routes", "air_route_km"}
    gone = remove_route(changed, "air-new")
    assert [r.id for r in gone.routes] == [r.id for r in small_network.routes]
    later = retime_route(changed, "air-new", per_week=7).route("air-new")
    assert len(later.services[0].starts_s) == 7 and later.km == 800.0


def test_lines_of_the_express_firms_are_told_apart_from_the_published_routes(
    small_network: Network,
) -> None:
    changed = add_route(
        small_network, mode="road", stops=(LHASA, XIGAZE), per_week=3, carrier="express", route_id="road-x"
    )
    assert [note.figure for note in changed.changed] == ["express_lines"]


def test_scaling_demand_is_kept_for_the_simulation(small_network: Network) -> None:
    changed = scale_demand(small_network, 2.0, direction="inbound")
    assert changed.demand.scales == (DemandScale(2.0, None, "inbound"),)
    assert changed.changed == (
        Changed("demand", "all items inbound × 2"),
    )  # the report counts originating items
    again = scale_demand(changed, 1.5, classes=["express"])
    assert again.demand.scales == (*changed.demand.scales, DemandScale(1.5, ("express",)))
    assert again.changed[1:] == (Changed("express_items", "express items × 1.5"),)
    with pytest.raises(UnknownNameError, match="did you mean 'express'"):
        scale_demand(small_network, 2.0, classes=["expres"])
    with pytest.raises(UnknownNameError, match="did you mean 'inbound'"):
        scale_demand(small_network, 2.0, direction="inbond")


def test_handing_over_is_an_option_and_changes_no_figure(small_network: Network) -> None:
    changed = hand_over_all(small_network)
    assert changed.settings.handover_all
    assert changed.changed == ()
    assert not small_network.settings.handover_all


def test_places_are_found_by_id_and_by_name_in_two_languages(small_network: Network) -> None:
    places = small_network.places
    assert find_place(places, "540102") == find_place(places, "城关区") == LHASA
    assert find_place(places, "Xining") == "GW_XINING"
    with pytest.raises(UnknownNameError):
        find_place(places, "Atlantis")


@pytest.mark.slow
def test_added_legs_are_measured_as_the_fitted_ones() -> None:
    network = build_network()
    region, places, a = load_region("xizang"), network.places, network.assumptions
    for route in network.routes:
        if route.mode != "road":  # a chosen road route may bend away from the shortest road
            legs = [find_leg(region, places, a, 2021, route.mode, *ends).km for ends in pairwise(route.stops)]
            assert legs == pytest.approx(route.leg_km, abs=0.01), route.id
        elif route.kind == "branch":
            assert find_leg(region, places, a, 2021, "road", *route.stops).km == pytest.approx(route.km)
