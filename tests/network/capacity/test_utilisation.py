"""When something is full: hand-worked weeks, and what more capacity does."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tiny import (
    DAYS,
    Sizes,
    at,
    drawn_network,
    make_centre,
    make_class,
    make_network,
    make_places,
    make_rates,
    make_round,
    make_route,
    make_service,
)

from network.capacity.affected import affected
from network.capacity.overflow import Overflow
from network.capacity.relief import add_where_first_full, enlarged, vehicles_a_unit
from network.capacity.utilisation import Owner, Utilisation, loads_by_class, summed, utilisation
from network.demand.rates import Rates
from network.model.network import Network
from network.model.operations import Operations
from network.routing.search import make_plan

HOUR = 3600
ALL = np.array([True])


def two_seats(routes: dict[str, tuple[list[str], str]], **more: object) -> Network:
    """Return seats A and B, a village each; routes by name with their departures, 2 h, and a vehicle."""
    made = []
    for name, (starts, vehicle) in routes.items():
        services = [make_service(way, [2 * HOUR], [at(s) for s in starts]) for way in ("AB", "BA")]
        made.append(make_route(name, "road", services, vehicle))
    return make_network(
        make_places({"A": ["a1"], "B": ["b1"]}),
        made,
        [make_centre("A"), make_centre("B")],
        [
            make_round("round-A", "A", ["a1"], vehicle="van"),
            make_round("round-B", "B", ["b1"], vehicle="van"),
        ],
        rechecks=False,
        **more,  # type: ignore[arg-type]
    )


def letters(network: Network, daily: float = 100.0, **more: float) -> Rates:
    """Return 100 items a day of 1 kg and 10 l: half sent from A, of which 35 a day stay, 17.5 for B."""
    return make_rates(
        network.places, [make_class("letter", 4, "report", originating=365 * daily, inbound=0.0, **more)]
    )


def resources(network: Network, rates: Rates) -> Utilisation:
    plan = make_plan(network)
    return utilisation(network, rates, plan, loads_by_class(network, rates, plan))


def by_name(use: Utilisation, values: np.ndarray) -> dict[str, float]:
    return dict(zip(use.name, values.tolist(), strict=True))


def test_loads_are_what_a_week_brings_over_what_a_week_takes() -> None:
    """A day: 17.5 items of 10 l for B on a cart of 30 l; 35 sent and 17.5 come are handled in each centre;
    35 delivered by a van of 400 l.
    """
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "cart")})
    load = by_name(*(lambda use: (use, use.load(np.ones(1))))(resources(network, letters(network))))
    assert math.isclose(load["r A – B"], 17.5 / 3)
    assert math.isclose(load["lanes of A"], 52.5 / (24 * 3600))
    assert math.isclose(load["sorters of B"], 52.5 / (24 * 3600))
    assert math.isclose(load["round round-A of A"], 35 / 40)


def test_rarer_trips_and_rounds_and_shorter_hours_take_less() -> None:
    network = two_seats({"r": (["Mon 20:00", "Thu 20:00"], "van")})
    day = ((6 * HOUR, 12 * HOUR),)
    centres = tuple(replace(centre, shifts_s=day) for centre in network.centres)
    rounds = tuple(replace(round_, weekdays=(0, 2, 4)) for round_ in network.rounds)
    network = replace(network, centres=centres, rounds=rounds)
    load = by_name(*(lambda use: (use, use.load(np.ones(1))))(resources(network, letters(network))))
    assert math.isclose(load["r A – B"], 7 * 17.5 / (2 * 40))
    assert math.isclose(load["lanes of A"], 52.5 / (6 * 3600))
    assert math.isclose(load["round round-A of A"], 7 * 35 / (3 * 40))


def test_attempts_that_fail_load_the_rounds_again() -> None:
    """Half of the attempts fail and three are made: 1.75 for each item, where no station takes it."""
    values = {"failed_attempt_share": 0.5, "attempt_limit": 3}
    network = two_seats(
        {"r": (["Mon 20:00"], "truck")}, values=values, operations=Operations(attempts=True), stations=["b1"]
    )
    load = by_name(*(lambda use: (use, use.load(np.ones(1))))(resources(network, letters(network))))
    assert math.isclose(load["round round-A of A"], 1.75 * 35 / 40)
    assert math.isclose(load["round round-B of B"], 35 / 40)


def test_full_is_where_the_load_is_one_also_beside_mail_that_does_not_grow() -> None:
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "van")})
    kinds = [
        make_class("express", 2, "report", originating=36500, inbound=0.0),
        make_class("letter", 4, originating=18250, inbound=0.0, kg=0.1, m3=0.001),
    ]
    use = resources(network, make_rates(network.places, kinds))
    grows = np.array([True, False])
    breaks = use.breaks_at(grows)
    assert math.isclose(by_name(use, breaks)["r A – B"], (400 - 8.75 * 1) / (17.5 * 10))
    for row, factor in enumerate(breaks.tolist()):
        assert math.isclose(use.load(np.array([factor, 1.0]))[row], 1.0)


def test_times_are_read_between_the_steps() -> None:
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "van")})
    use = resources(network, letters(network))
    times = np.array([2021.0, 2022.0, 2023.0])
    found = by_name(use, use.full_at(times, np.array([[1.0], [1.1], [3.1]])))
    assert math.isclose(found["round round-A of A"], 2022 + (40 / 35 - 1.1) / 2)  # full at 40 of 35 a day
    assert math.isclose(found["r A – B"], 2022 + (40 / 17.5 - 1.1) / 2)
    assert found["lanes of A"] == math.inf
    assert by_name(use, use.full_at(times, np.full((3, 1), 9.0)))["r A – B"] == 2021.0


def one_resource(kg: list[float]) -> Utilisation:
    """Return a single resource that classes use by these shares."""
    none = np.full(1, -1)
    owner = (Owner("lanes", "A", "lanes of A", 1),)
    shares = np.array(kg)[:, None]
    return Utilisation(owner, np.zeros(1, np.int64), ("lanes of A",), ("A",), shares, shares, *[none] * 4)


def test_a_load_of_one_exactly_is_full() -> None:
    use, times = one_resource([0.5]), np.array([2021.0, 2022.0, 2023.0])
    assert use.full_at(times, np.array([[1.0], [2.0], [2.0]])).tolist() == [2022.0]
    almost = math.nextafter(2.0, 0.0)
    assert use.full_at(times, np.array([[1.0], [almost], [almost]])).tolist() == [math.inf]


def test_what_the_others_fill_exactly_is_full_at_nothing_more() -> None:
    """Also where the growing class does not use it; a little room left, and it never fills."""
    grows = np.array([True, False])
    assert one_resource([0.0, 1.0]).breaks_at(grows).tolist() == [0.0]
    assert one_resource([0.0, math.nextafter(1.0, 0.0)]).breaks_at(grows).tolist() == [math.inf]


@pytest.mark.parametrize("seed", range(12))
def test_more_capacity_is_never_full_earlier(seed: int) -> None:
    network, rates = drawn_network(seed, Sizes(seats=4, gateways=2, more_routes=3))
    use = resources(network, rates)
    grows = np.array([kind.flow == "report" for kind in rates.classes])
    rng = np.random.default_rng(seed)
    units = np.array([owner.units for owner in use.owners]) + rng.integers(0, 3, len(use.owners))
    assert (use.with_units(units).breaks_at(grows) >= use.breaks_at(grows) - 1e-12).all()
    larger = enlarged(network, use, units)
    again = resources(larger, rates)
    assert np.allclose(
        again.load(np.ones(len(rates.classes))), use.with_units(units).load(np.ones(len(rates.classes)))
    )


def test_what_is_needed_holds_and_one_less_does_not() -> None:
    network, rates = drawn_network(3, Sizes(seats=4, gateways=2, more_routes=3))
    use = resources(network, rates)
    grown = np.full(len(rates.classes), 3.0)
    needed = use.needed(grown)
    assert (use.with_units(np.maximum(needed, 1)).load(grown) <= 1 + 1e-9).all()
    for owner, number in enumerate(needed.tolist()):
        if number > 1:
            fewer = np.maximum(needed, 1)
            fewer[owner] -= 1
            assert use.with_units(fewer).load(grown)[use.owner == owner].max() > 1


def test_classes_add_up() -> None:
    network, rates = drawn_network(5, Sizes(seats=4, gateways=2, more_routes=3))
    plan = make_plan(network)
    loads = loads_by_class(network, rates, plan)
    factors = np.array([1.0, 2.0, 0.5, 3.0, 0.0])
    kinds = tuple(
        replace(kind, originating=kind.originating * f, inbound=kind.inbound * f)
        for kind, f in zip(rates.classes, factors.tolist(), strict=True)
    )
    (whole,) = loads_by_class(network, replace(rates, classes=kinds[:1]), plan)
    assert np.allclose(summed(loads, np.array([1.0, 0, 0, 0, 0])).kg, whole.kg)
    parts = loads_by_class(network, replace(rates, classes=kinds), plan)
    assert np.allclose(summed(loads, factors).m3, sum(part.m3 for part in parts))


def test_vehicles_go_where_the_least_demand_fills() -> None:
    """The route is full at 2.3 times the demand, the rounds at 1.14: two vans go to the two rounds first."""
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "van")})
    use = resources(network, letters(network))
    assert vehicles_a_unit(network, use.owners[0]) == ("van", 2)  # one set each way by this timetable
    added = add_where_first_full(network, use, ALL, 2)
    assert added.vehicles == {"van": 2}
    names = {owner.id: number for owner, number in zip(use.owners, added.units.tolist(), strict=True)}
    assert names["round-A"] == names["round-B"] == 2 and names["r"] == 1
    assert add_where_first_full(network, use, ALL, 9, {"van": 1}).vehicles == {"van": 1}
    assert add_where_first_full(network, use, ALL, 9, {}).vehicles == {}


# ------------------------------------------------------------------ overflow


def test_a_queue_grows_by_what_a_week_brings_beyond_what_it_takes() -> None:
    """A cart of 30 l a day for 17.5 items of 10 l: 14.5 kg a day stay; of a tenth of them none does."""
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "cart")})
    rates = letters(network)
    flow = Overflow(network, rates, make_plan(network))
    found = flow.grow(np.array([1.0]))
    assert np.allclose(found.kg, 7 * 14.5)
    assert np.allclose(found.come, 7 * 17.5)
    assert np.allclose(flow.grow(np.array([0.1])).kg, 0.0)
    grid = [0.1, 0.15, 0.3, 0.5]
    assert np.allclose(flow.grows_from([np.array([f]) for f in grid], grid), 3 / 17.5)


def test_a_full_route_overflows_onto_a_later_one() -> None:
    """Alone the cart at 20:00 is over-full at 3 of 17.5; a van at 22:00 takes the rest, until 43 of 17.5."""
    network = two_seats(
        {"r": ([f"{day} 20:00" for day in DAYS], "cart"), "s": ([f"{day} 22:00" for day in DAYS], "van")}
    )
    rates = letters(network)
    alone = resources(network, rates).breaks_at(ALL)
    assert math.isclose(alone.min(), 3 / 17.5)
    grid = [1.0, 2.0, 2.4, 2.6, 3.0]
    found = Overflow(network, rates, make_plan(network)).grows_from([np.array([f]) for f in grid], grid)
    assert np.allclose(found, 43 / 17.5)


def test_other_vehicles_are_the_same_as_another_network() -> None:
    network, rates = drawn_network(7, Sizes(seats=4, gateways=2, more_routes=3))
    routes = tuple(replace(route, vehicles_per_trip=3) for route in network.routes)
    larger = replace(network, routes=routes)
    plan, ones = make_plan(network), np.full(len(rates.classes), 4.0)
    first = Overflow(network, rates, plan)
    before = first.grow(ones).kg
    assert np.allclose(
        first.equipped(larger).grow(ones).kg, Overflow(larger, rates, make_plan(larger)).grow(ones).kg
    )
    assert np.allclose(first.grow(ones).kg, before)  # the first one is as it was


def test_trips_with_room_leave_no_queue_and_none_takes_more_than_it_holds() -> None:
    for seed in range(6):
        network, rates = drawn_network(seed, Sizes(seats=4, gateways=2, more_routes=3, tight=False))
        found = Overflow(network, rates, make_plan(network)).grow(np.ones(len(rates.classes)), weeks=12)
        assert (np.abs(found.kg) <= 1e-6 * (1 + found.come)).all()


# ------------------------------------------------------------------ who is behind


def test_behind_a_full_leg_is_what_passes_it() -> None:
    """Of the 35 delivered at B half come from A; all of them go on B's round."""
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "cart")})
    rates, plan = letters(network), make_plan(network)
    use = resources(network, rates)
    full = np.full(len(use), np.inf)
    full[use.name.index("r A – B")] = 2023.0
    full[use.name.index("round round-B of B")] = 2025.0
    times = np.array([2022.0, 2023.0, 2024.0, 2025.0])
    found = affected(network, rates, plan, use, full, times)
    b1 = network.places.row("b1")
    assert np.allclose(found.places[b1], [0, 0.5, 0.5, 1])
    assert np.allclose(found.mail, [0, 0.25, 0.25, 0.5])
    assert np.allclose(found.people, [0, 0, 0, 0.5])  # half of the mail is not most of it


def test_behind_full_lanes_is_all_that_is_handled_there() -> None:
    network = two_seats({"r": ([f"{day} 20:00" for day in DAYS], "cart")})
    rates, plan = letters(network), make_plan(network)
    use = resources(network, rates)
    full = np.full(len(use), np.inf)
    full[use.name.index("lanes of A")] = 2023.0
    found = affected(network, rates, plan, use, full, np.array([2023.0]))
    assert np.allclose(found.places[network.places.row("a1")], 1.0)
    assert np.allclose(found.places[network.places.row("b1")], 0.5)
