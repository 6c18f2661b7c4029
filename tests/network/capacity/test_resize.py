"""What a changed network would need at the target load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from network.capacity.resize import at_target
from network.demand.rates import ItemClass, scaled
from network.edit.routes import equip_route, scale_demand
from network.fleet.requirements import needs
from network.model.network import Network


def test_a_network_at_its_target_stays_as_it_is(small_network: Network) -> None:
    sized = at_target(small_network)
    again = at_target(sized)
    assert again.routes == sized.routes and again.rounds == sized.rounds
    assert sized.vehicles == small_network.vehicles


def test_more_demand_needs_more_and_the_scenario_itself_keeps_its_vehicles(
    small_network: Network,
) -> None:
    base = at_target(small_network)
    doubled = scale_demand(base, 20.0, direction="inbound")
    assert needs(doubled) == needs(base)
    assert needs(at_target(doubled)).vehicles > needs(base).vehicles


def test_too_much_room_is_taken_back_on_routes(small_network: Network) -> None:
    base = at_target(small_network)
    roomy = equip_route(base, "road-004", "truck-9.6", 4)
    assert at_target(roomy).route("road-004") == base.route("road-004")


@pytest.mark.parametrize(
    ("scales", "originating", "inbound"),
    [
        ((), 100.0, 300.0),
        (({"factor": 2.0, "classes": None, "direction": None},), 200.0, 600.0),
        (({"factor": 2.0, "classes": None, "direction": "inbound"},), 100.0, 600.0),
        (({"factor": 2.0, "classes": ("letter",), "direction": None},), 100.0, 300.0),
        (
            (
                {"factor": 2.0, "classes": ("express",), "direction": "originating"},
                {"factor": 0.5, "classes": None, "direction": None},
            ),
            100.0,
            150.0,
        ),
    ],
)
def test_factors_multiply_where_they_apply(
    scales: tuple[dict[str, object], ...], originating: float, inbound: float
) -> None:
    kind = ItemClass("express", "Express", 2, "report", True, 100.0, 300.0, 1.0, 0.008, 0.1, 30.0)
    got = scaled(kind, scales)
    assert (got.originating, got.inbound) == (originating, inbound)
    assert replace(got, originating=100.0, inbound=300.0) == kind
