"""Vehicles stand at the start of a run so that the undisturbed timetable never lacks one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tiny import at, make_network, make_places, make_route, make_service

from network.fleet.positions import slots, stands
from network.fleet.vehicles import vehicles_for_route
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.records import WEEK_S, MailRoute, Vehicle

H = 3600
ASSUMPTIONS = load_region("xizang").assumptions  # a turnround takes 2 h
PLACES = make_places({"A": [], "B": [], "C": []})


def route(out: list[str], back: list[str], hours: float, each: int = 1) -> MailRoute:
    ways = [
        make_service(stops, [round(hours * H)], [at(start) for start in starts])
        for stops, starts in (("AB", out), ("BA", back))
    ]
    return make_route("r", "road", ways, per_trip=each)


def parked(way: MailRoute, vehicles: list[Vehicle], *more: MailRoute) -> Network:
    return replace(make_network(PLACES, [way, *more], [], []), vehicles=tuple(vehicles))


def fleet(n: int, duty: str = "r", base: str = "A") -> list[Vehicle]:
    return [Vehicle(f"C-{i}", "truck", base, duty) for i in range(n)]


def replay(way: MailRoute, weeks: int = 6) -> None:
    """Run the timetable by hand from the slots: every departure finds a set."""
    pause = round(ASSUMPTIONS["turnround_h"] * H)
    free = {stop: [] for stop in way.stops}
    for second, stop in slots(way, ASSUMPTIONS):
        free[stop].append(second)
    trips = [
        (start + week * WEEK_S, service)
        for week in range(weeks)
        for service in way.services
        for start in service.starts_s
    ]
    for start, service in sorted(trips, key=lambda trip: trip[0]):
        here = free[service.stops[0]]
        here.sort()
        assert here and here[0] <= start, (start, service.stops)
        here.pop(0)
        free[service.stops[-1]].append(start + service.arrive_s[-1] + pause)


def test_a_set_that_is_home_on_sunday_night_stands_at_the_first_stop() -> None:
    # Out 08-13, free 15:00, back 15-20, free 22:00: one set, at A at midnight.
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    daily = route([f"{day} 08:00" for day in days], [f"{day} 15:00" for day in days], 5)
    assert slots(daily, ASSUMPTIONS) == [(0, "A")]


def test_standing_sets_come_first_and_then_those_under_way_by_the_second_they_are_free() -> None:
    """20 h each way, out at 08:00 and back at 09:00.

    At Monday 00:00 the sets that left on Sunday are on the road, free at
    06:00 at B and 07:00 at A; there they leave at 09:00 and 08:00, so nobody
    need stand anywhere.
    """
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    way = route([f"{day} 08:00" for day in days], [f"{day} 09:00" for day in days], 20)
    assert slots(way, ASSUMPTIONS) == [(6 * H, "B"), (7 * H, "A")]
    # back at 05:00 it is an hour too early for Sunday's set: another must stand at B
    early = route([f"{day} 08:00" for day in days], [f"{day} 05:00" for day in days], 20)
    assert slots(early, ASSUMPTIONS) == [(0, "B"), (3 * H, "A"), (6 * H, "B")]


def test_who_is_free_in_the_second_of_a_departure_leaves_with_it() -> None:
    # Sunday's trip arrives Monday 04:00 and is free at 06:00, just in time.
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    way = route([f"{day} 08:00" for day in days], [f"{day} 06:00" for day in days], 20)
    assert slots(way, ASSUMPTIONS) == [(4 * H, "A"), (6 * H, "B")]
    # free at midnight itself: it stands
    mondays = route(["Mon 00:00"], ["Sun 12:00"], 10)
    assert slots(mondays, ASSUMPTIONS) == [(0, "A")]


def test_a_journey_of_more_than_a_week_has_several_sets_on_the_road() -> None:
    # busy 402 h from Monday 08:00: the sets of two weeks ago are free at 74 h, those of last week at 242 h
    way = route(["Mon 08:00"], ["Tue 08:00"], 400)
    road = [(74 * H, "B"), (98 * H, "A"), (242 * H, "B"), (266 * H, "A")]
    assert slots(way, ASSUMPTIONS) == [(0, "A"), (0, "B"), *road]
    replay(way)


def test_vehicles_fill_the_slots_in_their_order_and_the_rest_stand_at_the_first_stop() -> None:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    way = route([f"{day} 08:00" for day in days], [f"{day} 05:00" for day in days], 20, each=2)
    found = stands(parked(way, fleet(7)))
    assert found.line == {
        ("A", "truck"): ((0, 6), (3 * H, 2), (3 * H, 3)),
        ("B", "truck"): ((0, 0), (0, 1), (6 * H, 4), (6 * H, 5)),
    }
    few = stands(parked(way, fleet(3)))
    assert few.line == {("A", "truck"): ((3 * H, 2),), ("B", "truck"): ((0, 0), (0, 1))}
    assert found.rounds == few.rounds == {}


def test_spares_serve_trips_where_their_class_starts_or_ends_and_rounds_elsewhere() -> None:
    way = route(["Mon 08:00"], ["Tue 08:00"], 5)
    vehicles = [
        Vehicle("C-0", "truck", "C", "rounds"),
        Vehicle("C-1", "truck", "B", "spare"),
        Vehicle("C-2", "van", "B", "spare"),
        Vehicle("C-3", "truck", "C", "spare"),
        Vehicle("C-4", "truck", "A", "r"),
    ]
    found = stands(parked(way, vehicles))
    assert found.line == {("B", "truck"): ((0, 1),), ("A", "truck"): ((0, 4),)}
    assert found.rounds == {("C", "truck"): (0, 3), ("B", "van"): (2,)}


starts = st.lists(st.integers(0, 7 * 96 - 1), min_size=1, max_size=14, unique=True)


@given(starts, st.data(), st.integers(1, 1200), st.integers(1, 1200))
def test_the_slots_are_the_sets_that_the_route_needs(
    out: list[int], data: st.DataObject, there: int, home: int
) -> None:
    """Quarters of an hour: departures within the week, running times up to 300 h."""
    back = data.draw(st.lists(st.integers(0, 7 * 96 - 1), min_size=len(out), max_size=len(out), unique=True))
    ways = [
        make_service("AB", [there * 900], [start * 900 for start in out]),
        make_service("BA", [home * 900], [start * 900 for start in back]),
    ]
    way = make_route("r", "road", ways, per_trip=2)
    assert 2 * len(slots(way, ASSUMPTIONS)) == vehicles_for_route(way, ASSUMPTIONS)
    replay(way)


def test_the_routes_of_xizang_have_exactly_the_vehicles_that_they_need(xizang_2021: Network) -> None:
    a = xizang_2021.assumptions
    duties = Counter(vehicle.duty for vehicle in xizang_2021.vehicles)
    for way in xizang_2021.routes:
        if xizang_2021.vehicle_classes[way.vehicle].counted:
            assert len(slots(way, a)) * way.vehicles_per_trip == vehicles_for_route(way, a) == duties[way.id]
            replay(way)
    found = stands(xizang_2021)
    rows = [row for pool in found.line.values() for _, row in pool]
    rows += [row for pool in found.rounds.values() for row in pool]
    assert sorted(rows) == list(range(len(xizang_2021.vehicles)))
