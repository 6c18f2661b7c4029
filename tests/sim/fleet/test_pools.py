"""Vehicles at a stop: longest free first, nothing jumps the queue, a trip gives up in its second."""

from __future__ import annotations

import simpy

from sim.fleet.pools import Depot


def asks(env: simpy.Environment, depot: Depot, at: int, name: str, number: int, give_up: int, told: list):
    """Ask for vehicles as a trip does, and note who got which and when."""
    yield env.timeout(at)
    taken = depot.take(number)
    if not taken:
        taken = yield depot.wait((at,), number, give_up)
    told.append((int(env.now), name, taken))


def play(vehicles, asked, released=()) -> list:
    env, told = simpy.Environment(), []
    depot = Depot(env, vehicles)
    for at, name, number, give_up in asked:
        env.process(asks(env, depot, at, name, number, give_up, told))

    def gives(at: int, free: list[tuple[int, int]]):
        yield env.timeout(at)
        depot.release(free)

    for at, free in released:
        env.process(gives(at, free))
    env.run()
    return told


def test_the_vehicle_that_is_free_longest_goes_first() -> None:
    told = play([(5, 1), (0, 7), (0, 3)], [(10, "a", 1, 99), (10, "b", 1, 99), (11, "c", 1, 99)])
    assert told == [(10, "a", [3]), (10, "b", [7]), (11, "c", [1])]


def test_a_convoy_sets_out_with_the_vehicles_there_are() -> None:
    """Of two vehicles one stands here: it goes alone, and the next trip has the one that comes at 40."""
    told = play([(0, 1), (40, 2)], [(10, "convoy", 2, 100), (20, "single", 1, 100)])
    assert told == [(10, "convoy", [1]), (40, "single", [2])]


def test_nothing_jumps_the_queue() -> None:
    """Both vehicles come at 40: the convoy, which asked first, takes them."""
    told = play([(40, 1), (40, 2)], [(10, "convoy", 2, 100), (20, "single", 1, 100)], [(50, [(70, 9)])])
    assert told == [(40, "convoy", [1, 2]), (70, "single", [9])]


def test_who_asks_in_the_second_in_which_a_vehicle_comes_is_behind_who_waits() -> None:
    assert play([(40, 1)], [(10, "a", 1, 100), (40, "b", 1, 100)]) == [(40, "a", [1]), (100, "b", None)]


def test_a_trip_gives_up_in_its_second_and_the_next_has_what_comes_later() -> None:
    told = play([(35, 1)], [(10, "convoy", 2, 30), (20, "single", 1, 60)])
    assert told == [(30, "convoy", None), (35, "single", [1])]


def test_a_vehicle_that_is_free_in_the_second_of_giving_up_is_still_in_time() -> None:
    assert play([(30, 4)], [(10, "a", 1, 30)]) == [(30, "a", [4])]


def test_without_patience_a_trip_gives_up_at_once() -> None:
    assert play([(11, 4)], [(10, "a", 1, 10)]) == [(10, "a", None)]
