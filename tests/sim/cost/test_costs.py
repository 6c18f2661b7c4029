"""Cost, CO2e and revenue: a week worked by hand, sums that must agree, and what moves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import (
    MONDAY,
    VEHICLES,
    Post,
    Scripted,
    Sizes,
    anyhow,
    assumptions,
    drawn_network,
    make_centre,
    make_class,
    make_demand,
    make_network,
    make_places,
    make_rates,
    make_round,
    make_route,
    make_service,
)

from network.errors import UnknownNameError
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S, Outlet, Vehicle
from sim.cost.costs import Costs, cost
from sim.cost.elements import INPUTS, ride_km
from sim.cost.prices import Prices, VehiclePrice, make_prices, revenue_yuan
from sim.cost.sharing import STAGES
from sim.engine.trips import CANCELLED, EXTRA
from sim.measures.transit import DIRECTIONS
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate

HOUR = 3600
CODES = [str(row["code"]) for row in assumptions().table("classes")]
SIGNED = {str(row["code"]): bool(row["signed"]) for row in assumptions().table("classes")}
CLASSES = [
    make_class(code, at, "report" if code == "express" else "head", signed=SIGNED[code])
    for at, code in enumerate(CODES)
]
PRICES = Prices(
    vehicles={
        **dict.fromkeys(VEHICLES, VehiclePrice(10.0, 1.0, 0.5, 0.25)),
        "crate": VehiclePrice(),
        "hold": VehiclePrice(),
    },
    driver_yuan_h=20.0,
    rail_yuan_t=100.0,
    rail_yuan_tkm=2.0,
    air_yuan_t=1000.0,
    air_yuan_tkm=4.0,
    rail_co2e_kg_tkm=0.1,
    air_co2e_kg_tkm=1.0,
    handling_yuan_item=0.5,
    loading_yuan_t=250.0,
    centre_co2e_kg_t=3.0,
    accept_yuan_item=1.0,
    attempt_yuan_item=1.25,
    drop_yuan_item=0.25,
    postal_outlet_yuan_day=6.0,
    express_outlet_yuan_day=8.0,
    station_yuan_day=2.0,
    round_least_km=200.0,  # beyond every village here: they all count as 200 km away
)


def every_day(hour: int) -> list[int]:
    return [day * DAY_S + hour * HOUR for day in range(7)]


def hand_made(**more: Any) -> Network:
    """Return seats A and B, 105 km of county road apart, and a gateway 500 km from A by rail.

    At 35 km/h the truck drives three hours: from A at 08:00 and from B at 16:00, one set a day.
    """
    places = make_places({"A": ["a1", "a2"], "B": ["b1"]}, ["GW_XINING"])
    road = [
        make_service(stops, [3 * HOUR], every_day(hour), leg_km=[105.0])
        for stops, hour in ((("A", "B"), 8), (("B", "A"), 16))
    ]
    rail = [
        make_service(stops, [10 * HOUR], every_day(hour), leg_km=[500.0])
        for stops, hour in ((("A", "GW_XINING"), 20), (("GW_XINING", "A"), 6))
    ]
    routes = [make_route("road-1", "road", road, "van"), make_route("rail-1", "rail", rail, "hold")]
    return make_network(
        places,
        routes,
        [make_centre(stop) for stop in ("A", "B", "GW_XINING")],
        [make_round("round-A", "A", ["a1", "a2"]), make_round("round-B", "B", ["b1"])],
        outlets=[Outlet("P-1", "A", "postal"), Outlet("E-1", "B", "express", "SF")],
        stations=["b1"],
        values={"kept_share": 0.5, "inbound_express_yuan": 16.0},
        **more,
    )


POSTS = [
    Post("Mon 10:00", "express", "a1", "b1", grams=2000),
    Post("Mon 10:00", "letter", "northwest", "a2", grams=1000),
]


def ran(network: Network, posts: Sequence[Post] = POSTS) -> RunResult:
    demand = Scripted(network.places, CLASSES, posts)
    return simulate(network, RunPlan(MONDAY, 0, 7), demand=demand)  # type: ignore[arg-type]


def priced(network: Network, result: RunResult, prices: Prices = PRICES) -> Costs:
    return cost(network, result.work, result.trips, result.items, result.plan.window_s, prices)


def row(columns: Mapping[str, np.ndarray], name: str, value: str) -> dict[str, Any]:
    at = np.flatnonzero(columns[name] == value)
    assert len(at) == 1, value
    return {key: column[at[0]] for key, column in columns.items()}


@pytest.fixture(scope="module")
def story() -> Costs:
    network = hand_made()
    return priced(network, ran(network))


# ------------------------------------------------------------------ by hand


def test_the_truck_costs_what_it_drives_and_stands(story: Costs) -> None:
    """14 trips of 105 km and 3 h in seven days, though one of them alone has mail aboard."""
    road = row(story.elements, "id", "road-1")
    assert (road["runs"], road["km"]) == (14, 1470.0)
    assert road["vehicles"] == 7 * 10.0  # one van
    assert road["fuel"] == 1470 * 1.0
    assert road["upkeep"] == 1470 * 0.5
    assert road["drivers"] == 14 * 3 * 20.0
    assert road["yuan"] == 70 + 1470 + 735 + 840 == 3115
    assert road["co2e_kg"] == 1470 * 0.25
    assert road["items"] == 1
    assert road["tkm"] == pytest.approx(0.002 * 105)


def test_rail_is_paid_by_weight_and_distance(story: Costs) -> None:
    """One kilogram over 500 km: 0.001 t × 100 + 0.5 tkm × 2."""
    rail = row(story.elements, "id", "rail-1")
    assert rail["freight"] == pytest.approx(0.1 + 1.0)
    assert rail["yuan"] == pytest.approx(1.1)
    assert rail["co2e_kg"] == pytest.approx(0.05)


def test_a_round_costs_its_tour_every_running_day(story: Costs) -> None:
    """10 km and a paid day of eight hours, seven times, and a truck for seven days."""
    day_yuan = 10 * 1.5 + 8 * 20 + 10
    for name in ("round-A", "round-B"):
        round_ = row(story.elements, "id", name)
        assert (round_["runs"], round_["km"]) == (7, 70.0)
        assert round_["yuan"] == 7 * day_yuan
        assert round_["co2e_kg"] == 7 * 2.5


def test_centres_and_outlets(story: Costs) -> None:
    """A sorts both items, B one; 2 kg are loaded at A and unloaded at B, 1 kg from the train at A."""
    a, b, gate = (
        {k: v[at] for k, v in story.elements.items()}
        for name in ("A", "B", "GW_XINING")
        for at in np.flatnonzero((story.elements["kind"] == "centre") & (story.elements["id"] == name))
    )
    assert a["handling"] == pytest.approx(2 * 0.5 + 0.003 * 250)
    assert b["handling"] == pytest.approx(0.5 + 0.002 * 250)
    assert gate["handling"] == pytest.approx(0.001 * 250)  # loaded there, sorted by others
    assert a["co2e_kg"] == pytest.approx(0.003 * 3)
    assert gate["co2e_kg"] == 0
    outlets = {
        str(story.elements["id"][at]): (story.elements["outlets"][at], story.elements["couriers"][at])
        for at in np.flatnonzero(story.elements["kind"] == "outlets")
    }
    # One item is accepted at A and attempted at B; a letter is dropped at A.
    assert outlets == {"A": (7 * 6.0, 1.0 + 0.25), "B": (7 * 8.0 + 7 * 2.0, 1.25)}


def test_each_item_pays_for_what_it_used(story: Costs) -> None:
    """b1's parcel has the truck and its round alone; of A's round it was two thirds of the tonne-km."""
    day_yuan = 10 * 1.5 + 8 * 20 + 10
    parcel = row(story.places, "place", "b1")
    assert (parcel["items"], parcel["kg"]) == (1, 2.0)
    assert parcel["road"] == pytest.approx(3115)
    assert parcel["rail"] == 0
    assert parcel["rounds"] == pytest.approx(7 * day_yuan * (1 + 2 / 3))
    assert parcel["outlets"] == pytest.approx(42 / 2 + 1.0 + 70 + 1.25)
    assert parcel["centres"] == pytest.approx(2 * 0.5 + 0.004 * 250)
    assert parcel["co2e_kg"] == pytest.approx(1470 * 0.25 + 7 * 2.5 * 5 / 3 + 0.004 * 3)
    letter = row(story.places, "place", "a2")
    assert letter["rail"] == pytest.approx(1.1)
    assert letter["rounds"] == pytest.approx(7 * day_yuan / 3)
    assert letter["outlets"] == pytest.approx(42 / 2 + 0.25)
    assert letter["centres"] == pytest.approx(0.5 + 0.002 * 250)
    assert row(story.places, "place", "a1")["items"] == 0  # its parcel is b1's


def test_items_earn_their_price_or_the_part_that_is_kept(story: Costs) -> None:
    """An express item within the region the report's 33.3 yuan; half a letter of 1.20 from outside."""
    express = load_region("xizang").report(2021)["express_revenue_per_item"].value
    assert express == pytest.approx(495e6 / 14.8517e6)
    assert row(story.places, "place", "b1")["revenue"] == pytest.approx(express)
    assert row(story.places, "place", "a2")["revenue"] == pytest.approx(0.6)
    assert story.totals["margin"] == pytest.approx(express + 0.6 - story.totals["yuan"])


def test_the_totals_tell_the_same(story: Costs) -> None:
    totals = story.totals
    assert (totals["days"], totals["items"], totals["kg"]) == (7, 2, 3.0)
    assert totals["yuan_per_item"] == pytest.approx(totals["yuan"] / 2)
    assert totals["by_stage"]["road"]["yuan_per_tkm"] == pytest.approx(3115 / 0.21)
    assert totals["by_stage"]["rail"]["co2e_kg_per_tkm"] == pytest.approx(0.1)
    assert totals["by_class"]["letter"]["items"] == 1
    assert totals["by_class"]["parcel"]["yuan_per_item"] is None
    assert totals["by_direction"]["inbound"]["revenue_per_item"] == pytest.approx(0.6)
    assert totals["road_km"] == 1470
    assert totals["road_loaded_share"] == pytest.approx(1 / 14)
    assert totals["not_carried_yuan"] == pytest.approx(0)


def test_revenue_goes_to_elements_by_their_usual_cost(story: Costs) -> None:
    """Only the letter rides the train, only the parcel the truck: at the mean cost of its own mode each."""
    touch = (42 + 70) / 3
    round_mean = 2 * 7 * 185 / (0.003 * 200 + 0.002 * 200)
    letter = {"rail": 1.1, "centre": 0.5 + 0.5, "outlets": touch + 0.25, "round": round_mean * 0.2}
    rail = row(story.elements, "id", "rail-1")
    assert rail["revenue"] == pytest.approx(0.6 * letter["rail"] / sum(letter.values()))


# ------------------------------------------------------------------ what carries nothing


def test_what_carries_nothing_stays_in_the_total_and_has_no_place() -> None:
    network = hand_made()
    costs = priced(network, ran(network, POSTS[1:]))
    idle = row(costs.places, "place", "")
    assert idle["road"] == 3115
    assert idle["rounds"] == 7 * 185  # B's
    assert idle["outlets"] == 70
    assert costs.totals["not_carried_yuan"] == pytest.approx(3115 + 7 * 185 + 70)
    assert costs.totals["yuan"] == pytest.approx(costs.places["yuan"].sum())


def test_spare_vehicles_are_paid_by_the_duties_of_their_base_and_class() -> None:
    """Two vans at A, where the route needs one; a cart at B that nothing needs."""
    vehicles = [Vehicle("1", "van", "A", "road-1"), Vehicle("2", "van", "A", "spare")]
    network = replace(hand_made(), vehicles=(*vehicles, Vehicle("3", "cart", "B", "spare")))
    costs = priced(network, ran(network))
    assert row(costs.elements, "id", "road-1")["vehicles"] == 2 * 7 * 10
    assert row(costs.elements, "kind", "idle")["vehicles"] == 7 * 10
    # The rounds' trucks are not among them: where the fleet is not played out they are hired.
    assert row(costs.elements, "id", "round-A")["vehicles"] == 7 * 10
    finite = replace(network, operations=Operations(fleet=True))
    result = ran(finite)
    assert result.work.rounds.tolist() == [[0, 0], [0, 0]]  # no trucks, no rounds
    assert row(priced(finite, result).elements, "id", "round-A")["yuan"] == 0


def test_a_refused_item_costs_and_earns_nothing() -> None:
    network = hand_made()
    nowhere = [*POSTS, Post("Mon 10:00", "express", "a1", "northwest", flies=False)]
    without = replace(network, routes=network.routes[:1])
    costs = priced(without, ran(without, nowhere))
    assert costs.totals["items"] == 1


def test_what_leaves_the_region_belongs_to_its_sender() -> None:
    """From b1 by truck and train, two kilograms: b1 pays for the whole way and keeps half the price."""
    network = hand_made()
    result = ran(network, [Post("Mon 10:00", "express", "b1", "northwest", grams=2000)])
    costs = priced(network, result)
    sender = row(costs.places, "place", "b1")
    assert sender["road"] == pytest.approx(3115)
    assert sender["rail"] == pytest.approx(0.002 * 100 + 0.002 * 500 * 2)
    assert sender["outlets"] == pytest.approx(70 + 1.0)  # accepted, and attempted elsewhere
    assert sender["rounds"] == pytest.approx(7 * 185)
    assert sender["revenue"] == pytest.approx(0.5 * 495e6 / 14.8517e6)
    assert costs.totals["not_carried_yuan"] == pytest.approx(7 * 185 + 42)  # A's round, A's outlet


def test_a_second_attempt_takes_the_round_and_the_courier_again() -> None:
    """Two kilograms collected, and one carried out twice: half of A's round each."""
    network = hand_made()
    result = ran(network)
    letter = result.items["dest"] == network.places.row("a2")
    attempts = np.where(letter, 2, result.items["attempts"])
    costs = priced(network, replace(result, items={**result.items, "attempts": attempts}))
    twice = row(costs.places, "place", "a2")
    assert twice["rounds"] == pytest.approx(7 * 185 / 2)
    assert twice["outlets"] == pytest.approx(42 / 2 + 2 * 0.25)


def test_a_ride_is_as_long_as_its_legs_either_way() -> None:
    """A–B 10 km, B–C 200 km: from C the long leg comes first."""
    stops = ("A", "B", "C")
    out = make_service(stops, [HOUR, HOUR], [0], leg_km=[10.0, 200.0])
    back = make_service(stops[::-1], [HOUR, HOUR], [0], leg_km=[200.0, 10.0])
    places = make_places({"A": ["a1"], "B": ["b1"], "C": ["c1"]})
    centres = [make_centre(stop) for stop in stops]
    network = make_network(places, [make_route("road-1", "road", [out, back])], centres, [])
    rides = [(0, 0, 1, 10.0), (0, 1, 2, 200.0), (0, 0, 2, 210.0), (1, 0, 1, 200.0), (1, 1, 2, 10.0)]
    names = ("direction", "from", "to", "km")
    columns = {name: np.array(column) for name, column in zip(names, zip(*rides, strict=True), strict=True)}
    km = columns.pop("km")
    assert ride_km(network, {"route": np.zeros(len(rides), dtype=int), **columns}).tolist() == km.tolist()


def test_an_extra_trip_comes_back_empty() -> None:
    """Counted twice in km, fuel and driving: there and back."""
    network = hand_made()
    result = ran(network)
    assert set(result.work.trips["fate"]) == {0}
    extra = {name: column[:1].copy() for name, column in result.work.trips.items()}
    extra["fate"][:] = EXTRA
    extra["trips"][:] = extra["vehicles"][:] = 1
    trips = {name: np.concatenate([column, extra[name]]) for name, column in result.work.trips.items()}
    before, after = (
        row(priced(network, replace(result, work=work)).elements, "id", "road-1")
        for work in (result.work, replace(result.work, trips=trips))
    )
    assert after["km"] - before["km"] == 210
    assert after["drivers"] - before["drivers"] == 2 * 3 * 20
    assert after["runs"] - before["runs"] == 1


# ------------------------------------------------------------------ sums that must agree


def drawn(seed: int, **more: Any) -> tuple[Network, RunResult]:
    sizes = Sizes(**{"seats": 4, "gateways": 2, "more_routes": 2, "items": 4.0, **more})
    network, rates = drawn_network(seed, sizes)
    rates = make_rates(network.places, CLASSES, np.random.default_rng(seed))
    demand = make_demand(rates, seed)
    return network, simulate(network, RunPlan(MONDAY, 0, 7, seed), demand=demand)


def near(a: float, b: float) -> bool:
    return a == pytest.approx(b, rel=1e-9, abs=1e-6)


@pytest.mark.slow
@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_all_shares_sum_to_the_total(seed: int) -> None:
    """By element, by place, by stage, by input and by kind of item: the same yuan, kg and revenue."""
    network, result = drawn(seed, fleet="short", extra_trips=True, attempts=True)
    costs = priced(network, result)
    totals, elements, places = costs.totals, costs.elements, costs.places
    for name in ("yuan", "co2e_kg", "revenue"):
        assert near(elements[name].sum(), totals[name]), name
        assert near(places[name].sum(), totals[name]), name
    assert near(sum(elements[name].sum() for name in INPUTS), totals["yuan"])
    assert near(sum(places[name].sum() for name in STAGES), totals["yuan"])
    assert near(sum(row["yuan"] for row in totals["by_stage"].values()), totals["yuan"])
    assert near(sum(row["co2e_kg"] for row in totals["by_stage"].values()), totals["co2e_kg"])
    for table in ("by_class", "by_direction"):
        kinds = [row for row in totals[table].values() if row["items"]]
        assert sum(row["items"] for row in kinds) == totals["items"]
        paid = sum(row["items"] * row["yuan_per_item"] for row in kinds)
        assert near(paid + totals["not_carried_yuan"], totals["yuan"])
    assert (places["yuan"] >= -1e-9).all() and (elements["yuan"] >= 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_rides_are_those_that_the_trips_logged(seed: int) -> None:
    """Items and kg that board on the measured days, by route and direction."""
    network, result = drawn(seed, fleet="short", extra_trips=True, attempts=True)
    begin, end = result.plan.window_s
    log, carried = result.trips, result.work.carried
    inside = (log["departs_s"] >= begin) & (log["departs_s"] < end)
    size = 2 * len(network.routes)

    def by_way(
        columns: Mapping[str, np.ndarray], weights: np.ndarray, rows: Any = slice(None)
    ) -> list[float]:
        way = columns["route"][rows].astype(int) * 2 + columns["direction"][rows]
        return np.bincount(way, weights[rows], size).tolist()

    assert by_way(carried, carried["items"]) == by_way(log, log["boarded"], inside)
    assert sum(carried["items"]) > 0
    two = np.array([len(route.stops) == 2 for route in network.routes])
    first = inside & (log["stop"] == 0) & (log["fate"] < CANCELLED)
    loaded = np.array(by_way(log, log["load_kg"], first)).reshape(-1, 2)
    rode = np.array(by_way(carried, carried["grams"] / 1000)).reshape(-1, 2)
    np.testing.assert_allclose(rode[two], loaded[two], rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_trips_and_rounds_are_those_of_the_timetable(seed: int) -> None:
    """Where nothing is lacking, each runs as often as a week of the timetable says."""
    network, result = drawn(seed)
    trips = result.work.trips
    for number, route in enumerate(network.routes):
        for way, service in enumerate(route.services):
            mine = (trips["route"] == number) & (trips["direction"] == way)
            assert trips["trips"][mine].sum() == len(service.starts_s)
            assert trips["vehicles"][mine].sum() == len(service.starts_s) * route.vehicles_per_trip
    runs = [[len(round_.weekdays), len(round_.weekdays) * round_.vehicles] for round_ in network.rounds]
    assert result.work.rounds.tolist() == runs


def test_chunks_give_the_costs_of_the_whole() -> None:
    network, result = drawn(3)
    whole = priced(network, result)

    def chunks(columns: Sequence[str]) -> Any:
        for part in np.array_split(np.arange(len(result.items["key"])), 7):
            yield {name: result.items[name][part] for name in columns}

    cut = cost(network, result.work, result.trips, chunks, result.plan.window_s, PRICES)
    np.testing.assert_allclose(cut.places["yuan"], whole.places["yuan"], rtol=1e-12)
    np.testing.assert_allclose(cut.elements["revenue"], whole.elements["revenue"], rtol=1e-12)


def test_double_prices_are_double_cost() -> None:
    network, result = drawn(5)
    rates = {name: 2 * value for name, value in vars(PRICES).items() if name.endswith(("_h", "_t", "_tkm"))}
    items = {name: 2 * value for name, value in vars(PRICES).items() if name.endswith(("_item", "_day"))}
    vehicles = {
        name: VehiclePrice(*(2 * value for value in vars(price).values()))
        for name, price in PRICES.vehicles.items()
    }
    once, twice = (
        priced(network, result),
        priced(network, result, replace(PRICES, vehicles=vehicles, **rates, **items)),
    )
    np.testing.assert_allclose(twice.elements["yuan"], 2 * once.elements["yuan"], rtol=1e-12)
    np.testing.assert_allclose(twice.places["co2e_kg"], 2 * once.places["co2e_kg"], rtol=1e-12)
    np.testing.assert_allclose(twice.elements["revenue"], once.elements["revenue"], rtol=1e-9, atol=1e-9)


# ------------------------------------------------------------------ rates


def test_rates_come_from_the_assumptions() -> None:
    prices = make_prices(anyhow(assumptions(), {"diesel_yuan_l": 8.0, "truck96_l_100km": 25.0}))
    assert prices.vehicle("truck-9.6").fuel_yuan_km == pytest.approx(2.0)
    assert prices.vehicle("belly") == VehiclePrice()
    with pytest.raises(UnknownNameError, match="vehicle class with a price"):
        prices.vehicle("lorry")


def test_carbon_of_trucks_is_the_factor_times_its_payload() -> None:
    """Defra's kg a tonne-km at the mean payloads of 1.0, 2.1 and 5.1 t."""
    prices = make_prices(assumptions())
    for name, per_tkm, tonnes in (
        ("truck-4.2", 0.710, 1.0),
        ("truck-6.8", 0.429, 2.1),
        ("truck-9.6", 0.233, 5.1),
    ):
        assert prices.vehicle(name).co2e_kg_km == pytest.approx(per_tkm * tonnes, abs=0.005)


def test_revenue_of_2012_is_that_of_its_report() -> None:
    earns = revenue_yuan(assumptions(), load_region("xizang").report(2012))
    express = earns[CODES.index("express")]
    assert express[DIRECTIONS.index("within_region")] == pytest.approx(118e6 / 2.8432e6)
    assert express[DIRECTIONS.index("outbound")] == pytest.approx(0.5 * 118e6 / 2.8432e6)
    assert express[DIRECTIONS.index("inbound")] == pytest.approx(0.5 * 15)
