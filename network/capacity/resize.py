"""What a changed network would need to keep its mean load at the target (rule 7).

A scenario keeps the base's vehicles; this is the other side of the account:
the same routes, hours and rounds with as many vehicles as their mean load
asks for.
"""

from __future__ import annotations

import math
from dataclasses import replace

from network.capacity.sizing import size_routes
from network.demand.rates import Rates, daily_delivery, demand_of
from network.model.network import Network
from network.model.records import Round

__all__ = ["at_target"]


def at_target(network: Network) -> Network:
    """Return the network with vehicles for its mean-day demand at ``target_load``.

    Routes get the smallest vehicles that do, at the frequencies they have, as
    for the base.  Rounds get more vehicles where a run would carry too much,
    and never fewer.
    """
    rates = demand_of(network)
    routes, _, _ = size_routes(network, rates)
    return replace(network, routes=routes, rounds=_rounds(network, rates))


def _rounds(network: Network, rates: Rates) -> tuple[Round, ...]:
    _, kg, m3 = daily_delivery(rates)
    target = network.assumptions["target_load"]
    rounds = []
    for round_ in network.rounds:
        kind = network.vehicle_classes[round_.vehicle]
        rows = [network.places.row(place) for place in round_.places]
        share = max(kg[rows].sum() / kind.payload_kg, m3[rows].sum() / kind.payload_m3)
        needed = math.ceil(share * 7 / len(round_.weekdays) / target - 1e-9)
        rounds.append(replace(round_, vehicles=max(round_.vehicles, needed)))
    return tuple(rounds)
