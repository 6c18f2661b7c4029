"""The search for hours and calls: what it keeps, what it may not touch, and that workers decide nothing."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from network.build import build_network
from network.errors import FleetError
from network.fleet.requirements import needs
from network.linehaul.timetable import schedule
from network.model.network import Network
from network.model.records import DAY_S
from network.operator.choices import Choices, applied, passed, window_s
from network.operator.planned import choices_of, planned, rows_of
from network.operator.search import WORTH_H, Cost, Step, search

HOUR = 3600
LHASA, QAMDO, NAGQU, DAMXUNG = "540102", "540302", "540602", "540122"


def cost_of(network: Network, choices: Choices) -> float:
    return Cost.of(network)(choices)


@pytest.fixture(scope="module")
def badly_timed(small_network: Network) -> Network:
    """Return a network whose feeder leaves an hour before the trunk that feeds it comes in."""
    routes = tuple(
        schedule(r, len(r.services[0].starts_s), small_network.assumptions, hour * HOUR)
        for r, hour in zip(small_network.routes, (6, 6, 11, 12, 14, 11), strict=True)
    )
    return replace(small_network, routes=routes)


def test_it_ends_better_and_says_what_it_kept(badly_timed: Network) -> None:
    steps: list[Step] = []
    choices = search(badly_timed, tell=steps.append)
    assert steps[0].cost_h == pytest.approx(cost_of(badly_timed, Choices()))
    kept = [step for step in steps if step.kept]
    assert len(kept) > 1 and all(a.cost_h - b.cost_h >= WORTH_H for a, b in pairwise(kept))
    assert cost_of(badly_timed, choices) == pytest.approx(steps[-1].cost_h)
    assert steps[-1].cost_h < steps[0].cost_h - 2
    for name, second in choices.departs_s.items():
        first, last = window_s(badly_timed, badly_timed.route(name))
        assert first <= second <= last


def _cost(choices: Choices) -> float:
    return _COST(choices)


def _begin(network: Network) -> None:
    global _COST
    _COST = Cost.of(network)


@pytest.mark.slow
def test_workers_decide_nothing(badly_timed: Network) -> None:
    with ProcessPoolExecutor(2, initializer=_begin, initargs=(badly_timed,)) as pool:
        by_two = search(badly_timed, each=lambda options: pool.map(_cost, options))
    assert by_two == search(badly_timed)


def test_calls_split_legs_and_change_nothing_else(xizang_2021: Network) -> None:
    route = next(r for r in xizang_2021.routes if r.kind == "trunk" and r.stops == (LHASA, NAGQU))
    assert (DAMXUNG, 0) in passed(xizang_2021, route)
    network = applied(xizang_2021, Choices(calls={route.id: (DAMXUNG,)}))
    new = network.route(route.id)
    assert new.stops == (LHASA, DAMXUNG, NAGQU)
    assert new.km == pytest.approx(route.km) and sum(new.leg_links, ()) == sum(route.leg_links, ())
    # 14 + 150 km to Damxung by the road table, at the speed of trunks, and a rest after four hours
    speed = xizang_2021.assumptions["trunk_speed_kmh"]
    out = new.services[0]
    assert new.leg_km[0] == pytest.approx(164.0)
    assert out.arrive_s[1] == 60 * math.ceil(164 / speed * 60)
    assert out.depart_s[1] - out.arrive_s[1] == 60 * xizang_2021.assumptions["stop_min"]
    assert [s % DAY_S for s in out.starts_s] == [s % DAY_S for s in route.services[0].starts_s]
    before, after = needs(xizang_2021), needs(network)
    assert after.vehicle_km_per_week == pytest.approx(before.vehicle_km_per_week)
    assert after.drivers == before.drivers and len(network.vehicles) == 908


def test_a_fleet_that_is_too_small_costs_without_end(xizang_2021: Network) -> None:
    small = replace(xizang_2021, vehicles=xizang_2021.vehicles[:600])
    with pytest.raises(FleetError):
        applied(small, Choices(departs_s={"road-001": 0}))
    assert cost_of(small, Choices()) == math.inf


def test_the_planned_timetable_keeps_every_total(xizang_2021: Network) -> None:
    network = planned(xizang_2021)
    before, after = needs(xizang_2021), needs(network)
    assert network.routes != xizang_2021.routes
    for old, new in zip(xizang_2021.routes, network.routes, strict=True):
        assert new.km == pytest.approx(old.km) and set(old.stops) <= set(new.stops)
        assert (new.vehicle, new.vehicles_per_trip) == (old.vehicle, old.vehicles_per_trip)
        assert len(new.services[0].starts_s) == len(old.services[0].starts_s)
    assert after.vehicle_km_per_week == pytest.approx(before.vehicle_km_per_week)
    assert after.drivers <= before.drivers and after.vehicles <= 908


def test_rows_are_the_choices_again(xizang_2021: Network) -> None:
    choices = choices_of(xizang_2021)
    routes, rounds = rows_of(xizang_2021, choices)
    region = replace(xizang_2021.region, planned_routes=tuple(routes), planned_rounds=tuple(rounds))
    assert choices_of(replace(xizang_2021, region=region)) == choices
    assert choices_of(replace(xizang_2021, year=1999)) == Choices()


@pytest.mark.slow
def test_no_other_hour_of_a_main_trunk_is_better() -> None:
    network = build_network("xizang", 2021)
    choices, cost = choices_of(network), Cost.of(network)
    best = cost(choices)
    assert best < cost(Choices()) - 10
    route = next(r for r in network.routes if r.kind == "trunk" and r.name == "Lhasa–Nyingchi")
    for hour in range(0, 24, 3):
        assert cost(choices.departing(route.id, hour * HOUR)) > best - WORTH_H
