"""Gateways of least mean time, against all ways tried one by one."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import Sizes, drawn_network

from network.routing.gateways import gates
from network.routing.search import make_plan

HOUR = 3600


@pytest.mark.parametrize("seed", range(6))
def test_gates_are_the_gateways_of_least_mean_time(seed: int) -> None:
    network, _ = drawn_network(seed, Sizes(seats=3, gateways=4, more_routes=3, own=seed % 2 == 1))
    plan = make_plan(network)
    found = gates(network, plan)
    stops = list(network.stops)
    for g, group in enumerate(plan.groups):
        for k, row in enumerate(network.assumptions.table("outside")):
            ways = [
                (round(option["hours"] * HOUR), stops.index(option["gateway"]))
                for option in row["entries"]
                if option["gateway"] in stops and (option["group"] == "surface" or "air" in group.modes)
            ]
            for b in range(len(stops)):
                inward = min(
                    ((up + plan.mean_s[g, at, b], up, at) for up, at in ways), default=(np.inf, 0, -1)
                )
                outward = min((up + plan.mean_s[g, b, at] for up, at in ways), default=np.inf)
                assert found.mean_entry_s[g, k, b] == inward[0]
                if np.isinf(inward[0]):
                    assert found.entry[g, k, b] == -1
                else:
                    assert (found.entry_s[g, k, b], found.entry[g, k, b]) == inward[1:]
                gate = found.exit[g, k, b]
                assert (gate == -1) == np.isinf(outward)
                if gate >= 0:
                    assert outward in [up + plan.mean_s[g, b, gate] for up, at in ways if at == gate]
