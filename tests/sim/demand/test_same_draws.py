"""A change leaves every draw elsewhere as it was, bit by bit (rule 19).

The draws themselves are compared, not only what came of them: a run could
hide a difference where nothing was waiting.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import simpy

from network.edit.demand import add_class, scale_demand
from network.edit.operations import add_vehicles, equip_centres, set_operations
from network.edit.outlets import close_stations
from network.edit.roads import add_road, close_road_yearly, improve_road
from network.edit.rounds import open_outlets, select_rounds, select_townships, set_rounds
from network.edit.routes import add_route, remove_route, reroute_route, retime_route
from network.linehaul.timetable import expand
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.operations import Operations
from network.numeric.streams import entity
from sim.chance.draws import Draws
from sim.chance.running import Running
from sim.chance.weather import Roads
from sim.demand.items import Items
from sim.fleet.line_haul_fleet import Fleet
from sim.fleet.round_vehicles import _in_repair
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import make_demand, simulate

MONDAY = dt.date(2021, 5, 10)
DAYS = 28
SEED, REPLICATION = 3, 2
PLAYED = Operations(running=True, weather=True, fleet=True, breakdowns=True, extra_trips=True, attempts=True)
NORTHERN = ("Chengguan (Lhasa)", "Seni (Nagqu)", "Baingoin", "Nyima", "Gerze", "Gar (Shiquanhe)")


@pytest.fixture(scope="module")
def base(xizang_2021: Network) -> Network:
    """Return the network of 2021 as a run plays it out, with a hundredth of its items."""
    network = set_operations(xizang_2021, **vars(PLAYED))
    return replace(network, demand=DemandSettings((DemandScale(0.01),)))


def in_ngari(network: Network) -> Network:
    return add_route(
        network, mode="road", stops=("Gar (Shiquanhe)", "Rutog"), per_week=7, route_id="road-extra"
    )


def to_ngari(network: Network) -> Network:
    """Add the second road to Ngari of the library."""
    return add_route(
        network, mode="road", stops=NORTHERN, per_week=4, vehicle="truck-9.6", route_id="road-ngari-north"
    )


# ------------------------------------------------------------------ the draws


def items(network: Network) -> Iterator[tuple[str, Items]]:
    demand = make_demand(network, SEED, REPLICATION)
    for day in (0, 5, 20):
        date = MONDAY + dt.timedelta(days=day)
        yield str(date), demand.day(date)


def closures(network: Network) -> dict[str, tuple[list[int], list[int]]]:
    """Return when chance closes each road link."""
    roads = Roads(network, Draws(SEED, REPLICATION), MONDAY, 200, weather=True)
    return {name: (closed.begins, closed.ends) for name, closed in roads._closed.items()}


def trips(network: Network) -> dict[tuple[str, int, int], tuple[list[int], int, bool]]:
    """Return the draws of each trip by route, way and departure: of driving by leg, lateness, cancelling."""
    table = expand(network)
    running = Running(network, table, Draws(SEED, REPLICATION), MONDAY, PLAYED)
    found = {}
    for week in (0, 3):
        running._draw(week)
        for trip, (first, end) in enumerate(pairwise(table.first.tolist())):
            route = network.routes[int(table.route[trip])].id
            key = route, int(table.direction[trip]), int(table.depart_s[first]) + week * 604_800
            found[key] = running._more[first : end - 1], running._late[trip], running._cancelled[trip]
    return found


def breakdowns(network: Network) -> dict[str, tuple[bytes, bytes]]:
    """Return the days on which each vehicle breaks down on the road, and is in repair at its base."""
    draws = Draws(SEED, REPLICATION)
    breaks = Fleet(simpy.Environment(), network, draws, MONDAY, DAYS, PLAYED)._breaks
    assert breaks is not None
    repair = _in_repair(network, network.vehicles, MONDAY, DAYS, draws)
    on_road = {i: bytes(i in today for today in breaks) for i in range(len(network.vehicles))}
    return {v.id: (on_road[i], repair[i].tobytes()) for i, v in enumerate(network.vehicles)}


def by_key(keys: np.ndarray, stops: tuple[str, ...]) -> list[bytes]:
    """Return the draws that items make on their way: recheck, attempts, times at lanes and sorters."""
    draws = Draws(SEED, REPLICATION)
    found = [draws.luck(keys)]
    found += [draws.attempt_fails(0.1, keys, np.full(len(keys), n)) for n in (1, 2)]
    found += [draws.service_s(what, 900, keys, entity(stop)) for what in ("lane", "sort") for stop in stops]
    return [values.tobytes() for values in found]


def assert_same_draws(before: Network, after: Network, but: frozenset[str] = frozenset()) -> None:
    """Check that all draws of a network are those of a changed one; `but` are routes it may change."""
    for (day, one), (_, two) in zip(items(before), items(after), strict=True):
        for name, values in vars(one).items():
            assert values.tobytes() == vars(two)[name].tobytes(), f"{name} of the items of {day}"
        assert by_key(one.key, before.stops) == by_key(two.key, before.stops)
    links = closures(after)
    assert closures(before).items() <= links.items()
    drawn = trips(after)
    old = {key: draw for key, draw in trips(before).items() if key[0] not in but}
    assert old.items() <= drawn.items() and len(old) > 100
    assert {key[0] for key in drawn} - {key[0] for key in old} <= but | {r.id for r in after.routes}
    vehicles = breakdowns(after)
    assert breakdowns(before).items() <= vehicles.items()


@pytest.mark.parametrize("change", [in_ngari, to_ngari])
def test_adding_a_route_in_ngari_leaves_every_draw_elsewhere_bit_identical(
    base: Network, change: object
) -> None:
    """Items, weather, breakdowns, and running times of all other routes."""
    changed = change(base)  # type: ignore[operator]
    assert_same_draws(base, changed)
    new = {key[0] for key in trips(changed)} - {key[0] for key in trips(base)}
    assert new == {changed.routes[-1].id}


def test_it_changes_the_draws_that_it_should(base: Network) -> None:
    """The comparison sees what it looks for: another seed, or one name more in a key."""
    moved = replace(base, routes=tuple(replace(r, id=r.id.replace("road", "way")) for r in base.routes))
    with pytest.raises(AssertionError):
        assert_same_draws(base, moved)
    renamed = replace(base, vehicles=tuple(replace(v, id=f"{v.id}-x") for v in base.vehicles))
    with pytest.raises(AssertionError):
        assert_same_draws(base, renamed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "but"),
    [
        (lambda n: remove_route(n, "road-020"), {"road-020"}),
        (lambda n: reroute_route(n, "road-020", ("Gar (Shiquanhe)", "Rutog", "Gerze")), {"road-020"}),
        (lambda n: retime_route(n, "road-020", 7, 3600), {"road-020"}),
        (
            lambda n: add_road(n, ("Gerze", "Rutog"), 460.0, speed_kmh=60.0),
            {"road-049", "road-020", "road-021"},
        ),
        (lambda n: close_road_yearly(n, "12-01", "02-29", route="road-020"), set()),
        (lambda n: add_vehicles(n, 5, "truck-9.6", "Gar (Shiquanhe)"), set()),
        (lambda n: equip_centres(n, tier="prefecture", more_lanes=2), set()),
        (lambda n: close_stations(n, n.stations[:500]), set()),
        (lambda n: set_rounds(n, select_rounds(n, prefecture="Ngari"), 7), set()),
        (lambda n: open_outlets(n, "express", select_townships(n, prefecture="Ngari"), ["SF"]), set()),
    ],
    ids=lambda value: "" if isinstance(value, set) else None,
)
def test_every_other_change_leaves_the_draws_elsewhere_too(
    base: Network, change: object, but: set[str]
) -> None:
    changed = change(base)  # type: ignore[operator]
    if {note.figure for note in changed.changed} == {"roads"}:  # announced closures come on top of chance
        changed = replace(changed, roads=replace(changed.roads, closures=()))
    assert_same_draws(base, changed, frozenset(but))


def test_faster_roads_leave_the_draws_of_all_routes_that_do_not_use_them(base: Network) -> None:
    changed = improve_road(base, 60.0, route="road-049")
    but = {new.id for old, new in zip(base.routes, changed.routes, strict=True) if old != new}
    assert 1 <= len(but) < 10
    assert_same_draws(base, changed, frozenset(but))


def test_a_new_class_and_more_mail_leave_the_items_there_were(base: Network) -> None:
    row = {
        "code": "medicine", "name": "Medicine", "flow": "head", "yearly": 50.0, "inbound_ratio": 1.0,
        "mean_kg": 0.5, "items_per_m3": 200.0, "tariff_yuan": 1.0, "any_share": 0.1, "signed": True,
        "private_ok": False,
    }  # fmt: skip
    more = scale_demand(add_class(base, row, after="ems"), 2.0, ["letter"])
    for (_, one), (_, two) in zip(items(base), items(more), strict=True):
        old = np.isin(two.key, one.key)
        assert old.sum() == len(one) and len(two) > len(one)
        for name, values in vars(one).items():
            assert values.tobytes() == vars(two)[name][old].tobytes()
        assert set(two.cls[~old].tolist()) == {4, 6}  # letters and the new class


# ------------------------------------------------------------------ what came of them


@pytest.fixture(scope="module")
def plain(base: Network) -> RunResult:
    return simulate(base, RunPlan(MONDAY, 0, 7))


def ends(network: Network, result: RunResult) -> tuple[np.ndarray, np.ndarray]:
    """Return the prefectures in which items begin and end, "" outside."""
    where = network.places.prefecture
    origin, dest = (result.items[name] for name in ("origin", "dest"))
    return tuple(np.where(row >= 0, where[np.maximum(row, 0)], "") for row in (origin, dest))  # type: ignore


def identical(one: RunResult, two: RunResult) -> np.ndarray:
    """Return which records are the same in every column; both hold the same items."""
    assert one.items["key"].tobytes() == two.items["key"].tobytes()
    return np.logical_and.reduce([values == two.items[name] for name, values in one.items.items()])


@pytest.mark.slow
def test_a_route_within_ngari_leaves_the_record_of_every_item_elsewhere(
    base: Network, plain: RunResult
) -> None:
    """With weather, missing vehicles, breakdowns and failed attempts, to the second.

    A route that also stops elsewhere, such as the northern trunk from Lhasa, changes when items come to
    the lanes that others use too: their draws stay, their times need not.
    """
    result = simulate(in_ngari(base), RunPlan(MONDAY, 0, 7))
    same = identical(plain, result)
    origin, dest = ends(base, plain)
    ngari = (origin == "Ngari") | (dest == "Ngari")
    assert same[~ngari].all() and (~ngari).sum() > 10_000
    assert not same[ngari].all()  # some used it
