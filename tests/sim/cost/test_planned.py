"""What a network costs a year by its plan, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from network.edit.operations import set_hours
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.records import DAY_S
from sim.cost.planned import outlet_yuan, planned_cost, round_yuan, route_yuan
from sim.cost.prices import make_prices


def test_a_route_a_round_and_outlets_by_hand(small_network: Network) -> None:
    """A feeder of 240 km at 35 km/h five times a week, and a round of one van three days a week."""
    a = small_network.assumptions
    prices = make_prices(a)
    feeder = small_network.route("road-003")
    assert feeder.vehicle == "truck-6.8" and a["county_speed_kmh"] == 35
    fuel = a["truck68_l_100km"] / 100 * a["diesel_yuan_l"]
    per_km = fuel + a["truck68_upkeep_yuan_km"] + a["toll_yuan_km"]
    trip = 240 * per_km + 240 / 35 * a["driver_yuan_h"]
    yuan = 365 / 7 * 10 * trip + 1 * 365 * a["truck68_day_yuan"]
    assert route_yuan(feeder, a, prices) == pytest.approx(yuan, rel=1e-5)
    round_ = next(t for t in small_network.rounds if len(t.weekdays) == 3 and t.vehicles == 1)
    km = a["van_l_100km"] / 100 * a["diesel_yuan_l"] + a["van_upkeep_yuan_km"] + a["toll_yuan_km"]
    yuan = 365 / 7 * 3 * (round_.km * km + 8 * 63)
    assert round_yuan(round_, a, prices) == pytest.approx(yuan)
    assert outlet_yuan("express", prices) == 365 * 300
    assert outlet_yuan("postal", prices) == 365 * 250


def test_the_whole_is_what_its_parts_cost(small_network: Network) -> None:
    a, prices = small_network.assumptions, make_prices(small_network.assumptions)
    cost = planned_cost(small_network)
    assert cost.routes == pytest.approx(sum(route_yuan(r, a, prices) for r in small_network.routes))
    assert cost.rounds == pytest.approx(sum(round_yuan(r, a, prices) for r in small_network.rounds))
    assert cost.total == pytest.approx(
        cost.routes + cost.rounds + cost.round_vehicles + cost.outlets + cost.centres
    )
    assert cost.minus(cost).total == 0


def test_a_second_vehicle_a_trip_costs_as_much_again(small_network: Network) -> None:
    (first, *rest) = small_network.routes
    doubled = replace(
        small_network, routes=(replace(first, vehicles_per_trip=2 * first.vehicles_per_trip), *rest)
    )
    a = small_network.assumptions
    more = planned_cost(doubled).minus(planned_cost(small_network))
    assert more.total == more.routes == pytest.approx(route_yuan(first, a, make_prices(a)))


@pytest.fixture
def usual(small_network: Network) -> Network:
    """Return the network with every centre in its usual hours, which the mail pays for."""
    a = small_network.assumptions
    network = small_network
    for centre in small_network.centres:
        if centre.lanes:
            hours = (round(3600 * a[f"{centre.tier}_{end}_h"]) for end in ("opens", "closes"))
            network = set_hours(network, *hours, centres=(centre.place,))
    assert planned_cost(network).centres == 0
    return network


def test_lanes_have_a_price_where_one_is_given(usual: Network) -> None:
    growth = load_region().published_growth()
    centres = tuple(replace(c, lanes=c.lanes + bool(c.lanes)) for c in usual.centres)
    wider = replace(usual, centres=centres)
    more = sum(bool(c.lanes) for c in centres)
    assert more > 0
    assert planned_cost(wider).minus(planned_cost(usual)).total == 0
    priced = planned_cost(wider, growth=growth).minus(planned_cost(usual, growth=growth))
    assert priced.total == priced.centres == pytest.approx(more * growth["lane_yuan_year"])


def test_people_are_paid_in_hours_beyond_the_usual_and_shorter_days_save_none(usual: Network) -> None:
    """A county's centre works from 6:00 to 22:00 less a pause of half an hour."""
    centre = next(c for c in usual.centres if c.tier == "county" and c.lanes)
    night = set_hours(usual, 0, DAY_S, centres=(centre.place,))
    more = planned_cost(night).minus(planned_cost(usual))
    assert more.total == pytest.approx(365 * 8.5 * (centre.lanes + centre.sorters) * 126)
    morning = set_hours(usual, 8 * 3600, 12 * 3600, centres=(centre.place,))
    assert planned_cost(morning).minus(planned_cost(usual)).total == 0
