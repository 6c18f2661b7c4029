"""Capacity for the mean day: loads worked by hand, the smallest vehicles that hold them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny import (
    DAYS,
    Sizes,
    assumptions,
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

from network.capacity.sizing import LADDER, Loads, group_of, mean_loads, size_centres, size_routes
from network.demand.rates import ItemClass, Rates
from network.demand.rates import make_rates as real_rates
from network.geography.roads import road_graph
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.records import Centre
from network.model.vehicle_classes import vehicle_classes
from network.routing.search import make_plan

HOUR = 3600


def line(starts: list[str], *, kind: str = "road") -> Network:
    """Return two seats with a village each and a route between them.

    Mail is in at 18:00, handled at 18:30 and ready two seconds later: one on a lane, one on a sorter.
    """
    services = [make_service("AB", [2 * HOUR], [at(s) for s in starts])]
    services.append(make_service("BA", [2 * HOUR], [at(s) for s in starts]))
    network = make_network(
        make_places({"A": ["a1"], "B": ["b1"]}),
        [make_route("r", kind, services)],
        [make_centre("A"), make_centre("B")],
        [make_round("round-A", "A", ["a1"]), make_round("round-B", "B", ["b1"])],
    )
    return replace(network, vehicle_classes=vehicle_classes(assumptions()))


def letters(network: Network, daily: float = 100.0, **more: float) -> Rates:
    """Return rates of one class: half of it sent from A; 30 % near and 40 % far, both evenly to A and B."""
    kind = make_class("letter", 4, originating=365 * daily, inbound=0.0, **more)
    return make_rates(network.places, [kind])


def loads(network: Network, rates: Rates) -> Loads:
    return mean_loads(network, rates, make_plan(network))


def test_daily_trips_carry_a_day_each() -> None:
    """100 a day, half from A, 0.7 inside, half of that to B: 17.5 a trip; kilograms and litres alike."""
    found = loads(*(lambda n: (n, letters(n, kg=2.0, m3=0.02)))(line([f"{day} 20:00" for day in DAYS])))
    assert np.allclose(found.items, [17.5, 0] * 14)
    assert np.allclose(found.kg, [35, 0] * 14)
    assert np.allclose(found.m3, [0.35, 0] * 14)
    assert found.lost == 0


def test_rare_trips_carry_what_has_gathered_since_the_last() -> None:
    """Mon, Wed and Sat at 20:00 take the mail of two (Sunday, Monday), two and three evenings."""
    network = line(["Mon 20:00", "Wed 20:00", "Sat 20:00"])
    assert np.allclose(loads(network, letters(network)).items.reshape(-1, 2)[:3, 0], [35, 35, 52.5])


def test_what_is_ready_after_the_departure_waits_for_the_next() -> None:
    """Monday's at 18:00 takes five evenings, Wednesday to Sunday; Tuesday's Monday's and its own.

    A second earlier and Tuesday's own are not sorted yet: they wait for Monday's.
    """
    for tuesday, evenings in (("18:30:02", [5, 2]), ("18:30:01", [6, 1])):
        network = line(["Mon 18:00", f"Tue {tuesday}"])
        found = loads(network, letters(network)).items.reshape(-1, 2)
        assert np.allclose(found[:2, 0], 17.5 * np.array(evenings))


def test_what_comes_when_lanes_rest_goes_on_after_they_open() -> None:
    """Handled at 18:30, for the trip of 20:00 while A works till 22:00; if till 18:00, for that of 07:00."""
    evening = [f"{day} {clock}" for day in DAYS for clock in ("07:00", "20:00")]
    network = line(evening)
    for closes, rows in ((22, [0, 17.5]), (18, [17.5, 0])):
        first = replace(network.centres[0], shifts_s=((6 * HOUR, closes * HOUR),))
        found = loads(*(lambda n: (n, letters(n)))(replace(network, centres=(first, network.centres[1]))))
        assert np.allclose(found.items.reshape(-1, 2)[:14, 0], rows * 7)


def test_centres_handle_what_is_sent_and_what_arrives() -> None:
    """At A 50 come in, of which 15 would leave the region and find no gateway; 17.5 arrive from B."""
    network = line([f"{day} 20:00" for day in DAYS])
    assert np.allclose(loads(network, letters(network)).handled, [52.5, 52.5])


def test_mail_without_a_way_is_counted_as_lost() -> None:
    network = line([f"{day} 20:00" for day in DAYS], kind="air")
    assert loads(network, letters(network)).lost == pytest.approx(35)


def test_a_chain_is_loaded_on_every_leg_that_is_ridden() -> None:
    """A – B – C daily: on the first leg what goes from A to B and to C, on the second what goes to C."""
    services = [
        make_service(path, [2 * HOUR, HOUR], [at(f"{d} 20:00") for d in DAYS]) for path in ("ABC", "CBA")
    ]
    network = make_network(
        make_places({"A": ["a1"], "B": ["b1"], "C": ["c1"]}),
        [make_route("r", "road", services)],
        [make_centre(place) for place in "ABC"],
        [make_round(f"round-{place}", place, [f"{place.lower()}1"]) for place in "ABC"],
    )
    one = 90 * 0.7 / 9  # from each place to each
    found = loads(network, letters(network, 90.0)).items.reshape(-1, 3)
    assert np.allclose(found[:7], [2 * one, 2 * one, 0])
    assert found.sum() == pytest.approx(14 * 4 * one)


@pytest.mark.parametrize(
    ("starts", "daily", "vehicle", "count"),
    [
        # 17.5 kg for each 100 items a day; target 0.7: a van of 1,000 kg holds a mean load of 700 kg
        ([f"{day} 20:00" for day in DAYS], 4000, "van", 1),
        ([f"{day} 20:00" for day in DAYS], 4001, "truck-4.2", 1),
        ([f"{day} 20:00" for day in DAYS], 40_000, "truck-9.6", 1),
        # 84,000 kg a day, twelve tonnes at 0.7 are 8,400: ten
        ([f"{day} 20:00" for day in DAYS], 480_000, "truck-9.6", 10),
        # two trips: one takes six days' mail, the other one day's; six days of 952 a day are a van's 1,000 kg
        (["Mon 20:00", "Sun 20:00"], 950, "van", 1),
        (["Mon 20:00", "Sun 20:00"], 960, "truck-4.2", 1),
    ],
)
def test_a_route_gets_the_smallest_vehicle_that_holds_its_mail(
    starts: list[str], daily: float, vehicle: str, count: int
) -> None:
    """By the mean over its trips at the target load, and no trip over-full."""
    network = line(starts)
    routes, _, _ = size_routes(network, letters(network, daily, m3=1e-6))
    assert (routes[0].vehicle, routes[0].vehicles_per_trip) == (vehicle, count)


def test_volume_decides_when_it_is_the_scarcer() -> None:
    """4,000 letters a day are 700 kg in the mean; at 10 litres 7 m³ of a van's 8, at the target 5.6."""
    network = line([f"{day} 20:00" for day in DAYS])
    routes, _, _ = size_routes(network, letters(network, 4000, m3=0.01))
    assert routes[0].vehicle == "truck-4.2"


def centre(tier: str) -> Centre:
    return Centre("X", tier, {})


def test_a_centre_has_the_fewest_lanes_at_the_target_load() -> None:
    """900 an hour, 16 hours, 0.7: 10,080 a day and lane. By hand 300 an hour: 3,360 a day and worker."""
    a = assumptions()
    daily = np.array([0.0, 3360.0, 3361.0, 10_080.0, 10_081.0])
    sized = size_centres((centre("county"),) * 5, daily, a)
    assert [(c.lanes, c.sorters) for c in sized] == [(1, 1), (1, 1), (1, 2), (1, 3), (2, 4)]
    rates = {c.tier: c.sorter_rate_per_h for c in size_centres(tuple(map(centre, TIERS)), np.ones(5), a)}
    assert rates == {"region": 6000, "prefecture": 2500, "county": 300, "township": 0, "gateway": 0}


TIERS = ("region", "prefecture", "county", "township", "gateway")


def test_only_private_classes_ride_the_express_firms_own_lines() -> None:
    def group(own: bool, private: bool, flies: bool) -> str:
        plan = make_plan(drawn_network(1, Sizes(own=own))[0])
        kind: ItemClass = make_class("x", 1, "report", private_ok=private)
        return plan.groups[group_of(plan, kind, flies)].name

    assert [group(False, private, flies) for private in (False, True) for flies in (False, True)] == [
        "surface", "any", "surface", "any",
    ]  # fmt: skip
    assert [group(True, private, flies) for private in (False, True) for flies in (False, True)] == [
        "surface", "any", "express surface", "express any",
    ]  # fmt: skip


# ------------------------------------------------------------------ the built network


@pytest.fixture(scope="module")
def built(xizang_2021: Network) -> tuple[Network, Loads]:
    roads = road_graph(load_region("xizang"), 2021)
    rates = real_rates(xizang_2021.places, xizang_2021.report, xizang_2021.assumptions, roads)
    return xizang_2021, loads(xizang_2021, rates)


def by_leg(network: Network, load: np.ndarray) -> list[list[np.ndarray]]:
    """Return for each route and direction an array (trips, legs) of the load of every trip on every leg."""
    found, at_call = [], 0
    for route in network.routes:
        ways = []
        for service in route.services:
            n = len(service.starts_s) * len(service.stops)
            ways.append(load[at_call : at_call + n].reshape(-1, len(service.stops))[:, :-1])
            at_call += n
        found.append(ways)
    assert at_call == len(load)
    return found


def test_no_built_route_is_over_its_target_or_over_full(built: tuple[Network, Loads]) -> None:
    """Mean over the trips of the fullest leg within 70 % of kg and m³, and no weekly trip above the whole."""
    network, found = built
    target = network.assumptions["target_load"]
    for unit, payload in (("kg", "payload_kg"), ("m3", "payload_m3")):
        for route, ways in zip(network.routes, by_leg(network, getattr(found, unit)), strict=True):
            room = getattr(network.vehicle_classes[route.vehicle], payload) * route.vehicles_per_trip
            for way in ways:
                assert way.mean(axis=0).max() <= room * target * (1 + 1e-9), route.id
                assert way.max() <= room * (1 + 1e-9), route.id


def test_no_built_route_could_do_with_less(built: tuple[Network, Loads]) -> None:
    """The next smaller vehicle, or one vehicle less, would be over the target or over-full."""
    network, found = built
    target = network.assumptions["target_load"]
    kg, m3 = by_leg(network, found.kg), by_leg(network, found.m3)
    for number, route in enumerate(network.routes):
        ladder = LADDER[route.mode]
        step = ladder.index(route.vehicle)
        if route.vehicles_per_trip > 1:
            assert step == len(ladder) - 1
            room = network.vehicle_classes[route.vehicle], route.vehicles_per_trip - 1
        elif step:
            room = network.vehicle_classes[ladder[step - 1]], 1
        else:
            continue
        need = [
            max(max(way.mean(axis=0).max() / target, way.max()) for way in ways)
            for ways in (kg[number], m3[number])
        ]
        assert need[0] > room[0].payload_kg * room[1] or need[1] > room[0].payload_m3 * room[1], route.id


def test_built_centres_are_at_the_target_or_under(built: tuple[Network, Loads]) -> None:
    network, found = built
    hours = network.assumptions["centre_hours_per_day"] * network.assumptions["target_load"]
    assert found.lost == 0
    for centre, daily in zip(network.centres, found.handled, strict=True):
        assert (centre.lanes > 0) == (centre.tier in ("region", "prefecture", "county")), centre.place
        if centre.lanes:
            assert daily <= centre.lanes * centre.lane_rate_per_h * hours * (1 + 1e-9)
            assert daily <= centre.sorters * centre.sorter_rate_per_h * hours * (1 + 1e-9)
            assert centre.lanes == 1 or daily > (centre.lanes - 1) * centre.lane_rate_per_h * hours
            assert centre.sorters == 1 or daily > (centre.sorters - 1) * centre.sorter_rate_per_h * hours
