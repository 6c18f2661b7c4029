"""A scenario carried out on the fitted network of its base."""

from __future__ import annotations

from network.edit import operations as edit_operations
from network.edit import routes as edit
from network.model.network import Network
from scenarios.changes.apply import apply_changes
from scenarios.definition.schema import Scenario

__all__ = ["apply_scenario"]


def apply_scenario(network: Network, scenario: Scenario, file: str = "scenario") -> Network:
    """Return the network with the scenario's operations, demand factors and changes.

    Parameters
    ----------
    network
        The fitted base.
    scenario
        Its `operations`, `demand` and `change` are read.
    file
        What to call the scenario in messages.

    Raises
    ------
    InputErrors
        If changes cannot be made: all that fail, each by itself.
    """
    network = edit_operations.set_operations(network, **scenario.operations.model_dump())
    for direction, factor in scenario.demand.model_dump().items():
        if factor != 1.0:
            network = edit.scale_demand(network, factor, direction=direction)
    return apply_changes(network, scenario.change, file)
