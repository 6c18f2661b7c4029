"""What a network takes: counted from routes and rounds, whatever the fleet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from network.edit.rounds import set_rounds
from network.edit.routes import add_route, remove_route
from network.fleet.requirements import needs, spare_driving_s
from network.fleet.vehicles import vehicles_for_route
from network.model.network import Network
from network.model.settings import Settings

LHASA, XIGAZE = "540102", "540202"


def test_an_added_route_adds_its_vehicles_kilometres_and_drivers(small_network: Network) -> None:
    before = needs(small_network)
    changed = add_route(
        small_network, mode="road", stops=(LHASA, XIGAZE), per_week=7, vehicles_per_trip=2, leg_km=(270,)
    )
    after = needs(changed)
    route = changed.routes[-1]
    assert after.vehicles - before.vehicles == vehicles_for_route(route, changed.assumptions)
    assert after.linehaul_km_per_week - before.linehaul_km_per_week == pytest.approx(270 * 2 * 7 * 2)
    # 6 h at the wheel a way, 14 ways, 2 vehicles: 21 driver days of 8 h, 5 a week
    assert after.drivers - before.drivers == 5
    assert after.round_km_per_week == before.round_km_per_week


def test_trains_and_aircraft_are_counted_apart(small_network: Network) -> None:
    changed = add_route(small_network, mode="rail", stops=(LHASA, XIGAZE), per_week=7, vehicles_per_trip=3)
    before, after = needs(small_network), needs(changed)
    assert (after.vehicles, after.drivers) == (before.vehicles, before.drivers)
    assert after.vehicle_km_per_week == before.vehicle_km_per_week
    assert after.train_km_per_week - before.train_km_per_week == pytest.approx(251 * 14)


def test_daily_rounds_need_more_than_the_fleet_may_have(small_network: Network) -> None:
    rounds = [round_.id for round_ in small_network.rounds]
    changed = set_rounds(small_network, rounds, 7)
    after = needs(changed)
    assert after.vehicles_rounds > needs(small_network).vehicles_rounds
    assert after.over == after.vehicles - after.fleet < 0
    short = replace(changed, vehicles=changed.vehicles[:10])
    assert needs(short).over == after.vehicles - 10 > 0
    assert needs(short).as_dict()["over"] == needs(short).over


def test_lines_of_the_express_firms_do_not_count_in_a_fleet_of_the_post(small_network: Network) -> None:
    post = replace(small_network, settings=Settings(fleet_scope="post"))
    added = add_route(post, mode="road", stops=(LHASA, XIGAZE), per_week=7, carrier="express")
    before, after = needs(post), needs(added)
    assert replace(after, firms=before.firms) == before
    assert (before.firms.vehicles, before.firms.drivers, before.firms.vehicle_km_per_week) == (0, 0, 0)
    assert after.firms.vehicles == vehicles_for_route(added.routes[-1], added.assumptions)
    assert after.firms.drivers > 0
    assert after.firms.vehicle_km_per_week == pytest.approx(added.routes[-1].km * 2 * 7)
    assert after.as_dict()["firms"]["vehicles"] == after.firms.vehicles
    industry = needs(replace(added, settings=small_network.settings))
    assert industry.vehicles == before.vehicles + after.firms.vehicles
    assert industry.firms == before.firms
    assert added.vehicles == post.vehicles
    assert needs(remove_route(post, "road-001")).vehicles < needs(post).vehicles


def test_drivers_have_to_spare_what_the_timetable_leaves_of_their_week(small_network: Network) -> None:
    changed = add_route(
        small_network, mode="road", stops=(LHASA, XIGAZE), per_week=7, vehicles_per_trip=2, leg_km=(270,)
    )
    route = changed.routes[-1]
    # a trunk of 6 h a way: 168 h a week at the wheel need 4.2 drivers of 5 x 8 h, so 5: 200 h
    assert route.kind == "trunk"
    assert spare_driving_s(changed)[route.id] == (200 - 168) * 3600
    assert "rail-01" not in spare_driving_s(changed)
    assert all(spare >= 0 for spare in spare_driving_s(changed).values())
