"""What a changed network would need at the target load."""

from __future__ import annotations

from network.capacity.resize import at_target
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
