from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.errors import FleetError
from network.fleet.vehicles import place_fleet, vehicles_for_route
from network.inputs.tables import load_region
from network.model.records import WEEK_S, MailRoute, Round, Service
from network.model.vehicle_classes import vehicle_classes

H, DAY = 3600, 86_400
ASSUMPTIONS = load_region("xizang").assumptions
CLASSES = vehicle_classes(ASSUMPTIONS)


def route(
    out: list[int],
    back: list[int],
    hours: float = 5,
    vehicle: str = "truck-6.8",
    each: int = 1,
    name: str = "road-001",
) -> MailRoute:
    """Return a route A–B with departures at these seconds of the week and this running time each way."""
    run = round(hours * H)

    def way(stops: tuple[str, str], starts: list[int]) -> Service:
        return Service(stops, (200.0,), (0, run), (0, run), tuple(sorted(s % WEEK_S for s in starts)))

    return MailRoute(
        name, "A–B", "road", "feeder", ("A", "B"), (200.0,), (("A-B",),), ("B",), "", vehicle=vehicle,
        vehicles_per_trip=each, services=(way(("A", "B"), out), way(("B", "A"), back)),
    )  # fmt: skip


def daily(hour: float, days: range | list[int] = range(7)) -> list[int]:
    return [round(day * DAY + hour * H) for day in days]


def round_(base: str, vehicles: int, vehicle: str = "van") -> Round:
    return Round(
        f"R-{base}", base, "rural", "near", ("V",), (10 * H,), (10 * H,), 18 * H, 8 * H,
        (0, 2, 4), 50.0, vehicle, vehicles, False,
    )  # fmt: skip


def test_one_set_goes_out_and_back_within_a_day() -> None:
    # Out 08–13, free 15:00, back 15–20, free 22:00.
    assert vehicles_for_route(route(daily(8), daily(15)), ASSUMPTIONS) == 1


def test_a_set_that_is_not_free_in_time_makes_a_second_one_needed() -> None:
    # Out 08–13; the trip back at 14:00 leaves before the turnround is over, so yesterday's set takes it.
    assert vehicles_for_route(route(daily(8), daily(14)), ASSUMPTIONS) == 2


def test_a_cycle_of_three_days_takes_three_sets_daily_and_one_or_two_less_often() -> None:
    # 30 h out, 2 h turnround, 30 h back, 2 h turnround: 64 h.
    assert vehicles_for_route(route(daily(8), daily(16), 30), ASSUMPTIONS) == 3
    # Twice a week, Monday and Thursday: back on Tuesday and Friday, home on Wednesday and Saturday.
    assert vehicles_for_route(route(daily(8, [0, 3]), daily(16, [1, 4]), 30), ASSUMPTIONS) == 1
    # On Monday and Tuesday the second trip cannot wait for the first to come home.
    assert vehicles_for_route(route(daily(8, [0, 1]), daily(16, [1, 2]), 30), ASSUMPTIONS) == 2


def test_vehicles_a_trip_multiply_the_sets() -> None:
    assert vehicles_for_route(route(daily(8), daily(14), each=3), ASSUMPTIONS) == 6


@given(st.integers(1, 14), st.floats(0.5, 80))
def test_evenly_spaced_trips_need_the_cycle_over_the_interval(per_week: int, hours: float) -> None:
    """Trips that turn round at once: ceil(cycle × trips a week / week), and exactly that."""
    out = [i * WEEK_S // per_week for i in range(per_week)]
    occupied = round(hours * H) + 2 * H
    need = vehicles_for_route(route(out, [s + occupied for s in out], hours), ASSUMPTIONS)
    cycle = 2 * occupied
    assert need in (-(-cycle * per_week // WEEK_S), -(-cycle * per_week // WEEK_S) + 1)
    interval = WEEK_S / per_week
    assert (need - 1) * interval < cycle + per_week


def test_a_route_without_a_timetable_is_refused() -> None:
    bare = MailRoute("r", "", "road", "feeder", ("A", "B"), (1.0,), ((),), (), "")
    with pytest.raises(ValueError, match="route r has no timetable"):
        vehicles_for_route(bare, ASSUMPTIONS)


def test_more_trips_out_than_back_are_refused() -> None:
    with pytest.raises(ValueError, match="7 trips out and 1 back"):
        vehicles_for_route(route(daily(8), daily(15, [0])), ASSUMPTIONS)


def test_every_vehicle_is_placed_and_spares_follow_the_use() -> None:
    routes = [route(daily(8), daily(14), each=2)]  # 4 at A
    rounds = [round_("A", 2), round_("B", 2)]
    fleet = place_fleet(routes, rounds, 16, CLASSES, ASSUMPTIONS)
    assert [v.id for v in fleet] == [f"C-{i:04d}" for i in range(1, 17)]
    assert Counter((v.base, v.vehicle, v.duty) for v in fleet) == {
        ("A", "truck-6.8", "road-001"): 4,
        ("A", "van", "rounds"): 2,
        ("B", "van", "rounds"): 2,
        ("A", "truck-6.8", "spare"): 4,
        ("A", "van", "spare"): 2,
        ("B", "van", "spare"): 2,
    }


@given(st.integers(4, 2000))
def test_exactly_the_published_number_stands_somewhere(total: int) -> None:
    fleet = place_fleet(
        [route(daily(8), daily(15))], [round_("A", 2), round_("C", 1)], total, CLASSES, ASSUMPTIONS
    )
    assert len(fleet) == len({v.id for v in fleet}) == total


def test_mail_cars_bellies_and_carriers_on_foot_are_not_among_the_vehicles() -> None:
    routes = [route(daily(8), daily(15), vehicle=name, name=name) for name in ("mail-car", "belly", "van")]
    fleet = place_fleet(routes, [round_("A", 5, "foot")], 3, CLASSES, ASSUMPTIONS)
    assert Counter(v.duty for v in fleet) == {"van": 1, "spare": 2}


def test_too_few_vehicles_are_refused_with_the_number_needed() -> None:
    with pytest.raises(
        FleetError, match=r"need 3 vehicles \(1 on mail routes, 2 on rounds\) and there are 2"
    ) as e:
        place_fleet([route(daily(8), daily(15))], [round_("A", 2)], 2, CLASSES, ASSUMPTIONS)
    assert (e.value.needed, e.value.total) == (3, 2)
