"""Running times, departures and returns, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import at, make_centre, make_network, make_places, make_route, make_service, say

from network.inputs.assumptions import Assumptions
from network.inputs.tables import load_region
from network.linehaul.timetable import default_per_week, expand, first_departure_s, running, schedule, starts
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, MailRoute

MINUTE, HOUR = 60, 3600
TRUNK_KMH, COUNTY_KMH = 45, 35


@pytest.fixture(scope="module")
def a() -> Assumptions:
    return load_region("xizang").assumptions


def route(mode: str, kind: str, *leg_km: float) -> MailRoute:
    stops = tuple("ABCDEFGH"[: len(leg_km) + 1])
    return MailRoute("r", "r", mode, kind, stops, leg_km, ((),) * len(leg_km), (), "")


def hours(mail_route: MailRoute, a: Assumptions) -> tuple[list[float], list[float]]:
    arrive, depart = running(mail_route, mail_route.leg_km, a)
    return [s / HOUR for s in arrive], [s / HOUR for s in depart]


def test_a_short_leg_is_distance_over_speed_rounded_up_to_the_minute(a: Assumptions) -> None:
    """100 km at 35 km/h are 2:51:26, so 2:52."""
    arrive, depart = running(route("road", "feeder", 100), (100,), a)
    assert arrive == depart == (0, 2 * HOUR + 52 * MINUTE)


def test_no_rest_at_the_end_of_the_fourth_hour(a: Assumptions) -> None:
    assert hours(route("road", "trunk", 4 * TRUNK_KMH), a)[0] == [0, 4]


def test_a_driver_rests_after_four_hours(a: Assumptions) -> None:
    """Four hours, 20 minutes of rest, an hour."""
    assert hours(route("road", "trunk", 5 * TRUNK_KMH), a)[0] == [0, pytest.approx(5 + 1 / 3)]


def test_a_long_enough_stop_is_the_rest(a: Assumptions) -> None:
    """Three hours, half an hour at B, four hours: no rest on the way, as the stop was one."""
    arrive, depart = hours(route("road", "trunk", 3 * TRUNK_KMH, 4 * TRUNK_KMH), a)
    assert (arrive, depart) == ([0, 3, 7.5], [0, 3.5, 7.5])


def test_a_stop_shorter_than_a_rest_is_none(a: Assumptions) -> None:
    """Three hours, ten minutes at B, one hour, 20 minutes of rest, three hours."""
    short = a.replace({"stop_min": 10})
    arrive, depart = hours(route("road", "trunk", 3 * TRUNK_KMH, 4 * TRUNK_KMH), short)
    assert arrive == pytest.approx([0, 3, 3 + 1 / 6 + 4 + 1 / 3])
    assert depart[1] == pytest.approx(3 + 1 / 6)


def test_two_drivers_use_two_driver_days_before_the_night(a: Assumptions) -> None:
    """18 h at the wheel: 16 h with three rests, eight hours of night, two hours."""
    assert hours(route("road", "trunk", 18 * TRUNK_KMH), a)[0] == [0, pytest.approx(16 + 3 / 3 + 8 + 2)]


def test_one_driver_lies_over_every_driver_day(a: Assumptions) -> None:
    """8 h with one rest, a night, 8 h with one rest, a night, 2 h."""
    alone = a.replace({"drivers_per_long_trip": 1})
    assert hours(route("road", "trunk", 18 * TRUNK_KMH), alone)[0] == [0, pytest.approx(18 + 2 / 3 + 16)]


def test_a_trip_within_one_driver_day_has_one_driver_and_no_night(a: Assumptions) -> None:
    assert hours(route("road", "feeder", 8 * COUNTY_KMH), a)[0] == [0, pytest.approx(8 + 1 / 3)]


def test_the_driver_day_goes_on_over_the_stops(a: Assumptions) -> None:
    """Two legs of 9 h with two drivers: after 16 h of driving, in the second leg, comes the night.

    Leg 1: 9 h and two rests. At B half an hour, which counts as a rest. Leg 2: 4 h, rest, 3 h (16 in all),
    night, 2 h.
    """
    arrive, depart = hours(route("road", "trunk", 9 * TRUNK_KMH, 9 * TRUNK_KMH), a)
    first = 9 + 2 / 3
    assert arrive == pytest.approx([0, first, first + 0.5 + 9 + 1 / 3 + 8])
    assert depart[1] == pytest.approx(first + 0.5)


def test_rail_and_air_take_no_rest(a: Assumptions) -> None:
    """1,972 km at 74.7 km/h: 26:24. A flight of 700 km takes an hour, taxi and approach half an hour."""
    assert running(route("rail", "rail", 1972), (1972,), a)[0] == (0, 26 * HOUR + 24 * MINUTE)
    arrive, depart = hours(route("air", "through", 700, 1400), a)
    assert (arrive, depart) == ([0, 1.5, 5.25], [0, 2.75, 5.25])


def test_departures_are_spread_over_the_week() -> None:
    days = {n: [s // DAY_S for s in starts(n, HOUR)] for n in range(1, 8)}
    assert days == {
        1: [0],
        2: [0, 3],
        3: [0, 2, 4],
        4: [0, 1, 3, 5],
        5: [0, 1, 2, 4, 5],
        6: [0, 1, 2, 3, 4, 5],
        7: [0, 1, 2, 3, 4, 5, 6],
    }
    assert {s % DAY_S for n in days for s in starts(n, HOUR)} == {HOUR}


@pytest.mark.parametrize("per_week", [8, 14, 21, 50])
def test_more_than_daily_departures_are_even_through_the_week(per_week: int) -> None:
    found = starts(per_week, 23 * HOUR)
    assert len(set(found)) == per_week
    assert list(found) == sorted(found) and found[0] >= 0 and found[-1] < WEEK_S
    gaps = np.diff([*found, found[0] + WEEK_S])
    assert gaps.max() - gaps.min() <= MINUTE


def returns(a: Assumptions, per_week: int, *leg_km: float, kind: str = "feeder") -> list[str]:
    mode = {"rail": "rail", "non-stop": "air"}.get(kind, "road")
    return [say(s) for s in schedule(route(mode, kind, *leg_km), per_week, a).services[1].starts_s]


def test_a_return_in_daylight_leaves_after_the_turnround(a: Assumptions) -> None:
    """Out at 09:00, 4 h, two hours of turnround: back at 15:00."""
    assert returns(a, 2, 4 * COUNTY_KMH) == ["Mon 15:00", "Thu 15:00"]


def test_a_return_after_the_latest_hour_waits_for_the_morning(a: Assumptions) -> None:
    """Out at 09:00, 8 h at the wheel are 8:20 with a rest: ready at 19:20 and off."""
    assert returns(a, 1, 8 * COUNTY_KMH) == ["Mon 19:20"]
    # 9 h at the wheel: 9:40 with rests, ready at 20:40, so Tuesday at 07:00
    assert returns(a, 1, 9 * COUNTY_KMH) == ["Tue 07:00"]


@pytest.mark.parametrize(("leaves", "back"), [("14:00", "Mon 20:00"), ("14:01", "Tue 07:00")])
def test_the_latest_hour_of_a_return_is_one_of_its_hours(a: Assumptions, leaves: str, back: str) -> None:
    """4 h on the road and two of turnround: ready at 20:00, or a minute late."""
    mail_route = route("road", "feeder", 4 * COUNTY_KMH)
    services = schedule(mail_route, 1, a, first_departure=at(f"Mon {leaves}")).services
    assert [say(s) for s in services[1].starts_s] == [back]


def test_a_return_in_the_small_hours_waits_for_the_morning(a: Assumptions) -> None:
    """A trunk leaves at 01:00; 20 h at the wheel take 16 + 1 of rests + 8 of night + 4: until Tue 06:00."""
    assert returns(a, 1, 20 * TRUNK_KMH, kind="trunk") == ["Tue 08:00"]
    # 18 h: Tue 04:00, ready at 06:00, off at 07:00
    assert returns(a, 1, 18 * TRUNK_KMH, kind="trunk") == ["Tue 07:00"]


def test_a_return_past_the_end_of_the_week_is_one_of_the_next_monday(a: Assumptions) -> None:
    """Out daily at 09:00 and back the next morning: Sunday's goes home on Monday."""
    back = returns(a, 7, 9 * COUNTY_KMH)
    assert back == [f"{day} 07:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]


def test_trains_and_aircraft_return_at_any_hour(a: Assumptions) -> None:
    """The train is there at Tue 16:24 and leaves at 18:24; the flight of 11:00 goes back at 13:45."""
    assert returns(a, 1, 1972, kind="rail") == ["Tue 18:24"]
    assert returns(a, 1, 700, kind="non-stop") == ["Mon 13:45"]


def test_the_way_back_has_its_own_rests(a: Assumptions) -> None:
    """5 h and 1 h: outwards the rest falls into the first leg, back into the second."""
    services = schedule(route("road", "trunk", 5 * TRUNK_KMH, TRUNK_KMH), 1, a).services
    assert [s / HOUR for s in services[0].arrive_s] == pytest.approx([0, 5 + 1 / 3, 5 + 1 / 3 + 1.5])
    assert [s / HOUR for s in services[1].arrive_s] == pytest.approx([0, 1, 1.5 + 5 + 1 / 3])
    assert services[1].stops == services[0].stops[::-1]
    assert services[1].leg_km == services[0].leg_km[::-1]


@pytest.mark.parametrize(
    ("kind", "km", "per_week", "departs_h"),
    [
        ("trunk", 899, 7, 1),
        ("trunk", 901, 4, 1),
        ("feeder", 200, 5, 9),
        ("chain", 200, 5, 9),
        ("branch", 60, 3, 9),
        ("inter-prefecture", 300, 3, 9),
        ("cross-border", 800, 7, 6),
        ("rail", 1972, 7, 14),
        ("non-stop", 1200, 7, 11),
        ("through", 2600, 7, 11),
    ],
)
def test_each_kind_of_route_has_its_frequency_and_hour(
    a: Assumptions, kind: str, km: float, per_week: int, departs_h: float
) -> None:
    mode = "rail" if kind == "rail" else "air" if kind in ("non-stop", "through") else "road"
    assert default_per_week(route(mode, kind, km), a) == per_week
    assert first_departure_s(route(mode, kind, km), a) == departs_h * HOUR


def test_expanding_lists_every_call_of_every_weekly_trip() -> None:
    network = make_network(
        make_places({"A": [], "B": [], "C": []}),
        [
            make_route(
                "r",
                "road",
                [
                    make_service("ABC", [HOUR, 2 * HOUR], [at("Mon 08:00"), at("Sun 23:30")], 600),
                    make_service("CA", [HOUR], [at("Tue 08:00")]),
                ],
            )
        ],
        [make_centre(place) for place in "ABC"],
        [],
    )
    table = expand(network)
    assert table.stops == ("A", "B", "C")
    assert (table.route.tolist(), table.direction.tolist(), table.first.tolist()) == (
        [0, 0, 0],
        [0, 0, 1],
        [0, 3, 6, 8],
    )
    calls = [
        ("ABC"[s], say(x), say(y)) for s, x, y in zip(table.stop, table.arrive_s, table.depart_s, strict=True)
    ]
    assert calls == [
        ("A", "Mon 08:00", "Mon 08:00"),
        ("B", "Mon 09:00", "Mon 09:10"),
        ("C", "Mon 11:10", "Mon 11:10"),
        ("A", "Sun 23:30", "Sun 23:30"),
        ("B", "Mon+1 00:30", "Mon+1 00:40"),
        ("C", "Mon+1 02:40", "Mon+1 02:40"),
        ("C", "Tue 08:00", "Tue 08:00"),
        ("A", "Tue 09:00", "Tue 09:00"),
    ]
    assert table.leg_km.tolist() == [1, 1, 0, 1, 1, 0, 1, 0]


def test_no_built_trip_drives_longer_than_the_law_allows(xizang_2021: Network) -> None:
    """Every road leg of the built network takes at least its driving time and the rests within it."""
    a = xizang_2021.assumptions
    for mail_route in xizang_2021.routes:
        if mail_route.mode != "road":
            continue
        speed = TRUNK_KMH if mail_route.kind in ("trunk", "cross-border") else COUNTY_KMH
        for service in mail_route.services:
            assert service.depart_s[0] == service.arrive_s[0] == 0
            legs = zip(service.leg_km, service.depart_s, service.arrive_s[1:], strict=False)
            for km, leaves, arrives in legs:
                driving = km / speed
                rests = max(0, int(np.ceil(driving / a["drive_block_h"] - 1e-9)) - 1)
                assert arrives - leaves >= (driving + rests * a["rest_min"] / 60) * HOUR - 1
            earliest, latest = a["earliest_return_h"] * HOUR, a["latest_return_h"] * HOUR
        assert all(earliest <= start % DAY_S <= latest for start in mail_route.services[1].starts_s)
        assert len(mail_route.services[0].starts_s) == len(mail_route.services[1].starts_s)
