"""Where the fluid says that something is full, a simulated queue begins to grow: D/D/1 by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny import (
    DAYS,
    MONDAY,
    Post,
    Scripted,
    at,
    make_centre,
    make_class,
    make_network,
    make_places,
    make_rates,
    make_round,
    make_route,
    make_service,
)

from network.capacity.overflow import Overflow
from network.capacity.utilisation import loads_by_class, utilisation
from network.demand.rates import Rates
from network.model.network import Network
from network.routing.search import make_plan
from sim.engine.kernel import Kernel
from sim.plan import RunPlan

HOUR = 3600
LETTER = make_class("letter", 4, "report", originating=2 * 365.0, inbound=0.0)  # one a day each way


def seats(vehicle: str = "truck", van: str = "truck", rate: int = 3600) -> Network:
    """Return two seats: a trip each way at 20:00, a round at 09:00, one lane of this rate an hour."""
    services = [make_service(way, [2 * HOUR], [at(f"{day} 20:00") for day in DAYS]) for way in ("AB", "BA")]
    return make_network(
        make_places({"A": ["a1"], "B": ["b1"]}),
        [make_route("r", "road", services, vehicle)],
        [make_centre("A", lanes=(1, rate)), make_centre("B", lanes=(1, rate))],
        [make_round("round-A", "A", ["a1"], vehicle=van), make_round("round-B", "B", ["b1"], vehicle=van)],
        rechecks=False,
    )


def across(network: Network) -> Rates:
    """Return one item a day from each seat's village to the other's."""
    rates = make_rates(network.places, [LETTER])
    return replace(rates, stay_share=1.0, region_share=0.0, near=np.array([[0.0, 1.0], [1.0, 0.0]]))


def grown(network: Network, daily: int) -> float:
    """Return how many items a day longer the queues of the two seats get, `daily` items a day each way."""
    posts = [
        Post(f"{DAYS[day % 7]}+{day // 7} {8 + k // 60:02}:{k % 60:02}", "letter", a, b, 1000, 10_000)
        for day in range(42)
        for k in range(daily)
        for a, b in (("a1", "b1"), ("b1", "a1"))
    ]
    demand = Scripted(network.places, [LETTER], posts)
    result = Kernel(network, RunPlan(MONDAY, 14, 21), demand, None).run(None)  # type: ignore[arg-type]
    waiting = (result.waiting + result.waiting_rounds)[:35].sum(axis=1)
    return float(waiting[34] - waiting[13]) / 21


@pytest.mark.parametrize(
    ("what", "network", "holds"),
    [
        ("r A – B", seats(vehicle="cart"), 3),  # 30 l a day for items of 10 l
        ("lanes of A", seats(rate=1), 12),  # 24 a day, and each seat handles what it sends and what comes
        ("round round-A of A", seats(van="cart"), 3),
    ],
)
def test_queues_grow_above_the_break_by_the_excess_and_not_below(
    what: str, network: Network, holds: int
) -> None:
    rates, plan = across(network), make_plan(network)
    use = utilisation(network, rates, plan, loads_by_class(network, rates, plan))
    breaks = dict(zip(use.name, use.breaks_at(np.array([True])).tolist(), strict=True))
    assert breaks[what] == pytest.approx(holds)
    assert min(breaks.values()) == pytest.approx(holds)
    assert grown(network, holds - 1) == 0
    assert grown(network, holds) == 0
    one_more = grown(network, holds + 1)
    if what.startswith("lanes"):
        assert one_more > 0  # what waits there longer comes later to the other seat's lanes
    else:
        assert one_more == 2  # one a day at each seat


def test_the_fluid_with_full_trips_grows_as_the_simulation_does() -> None:
    network = seats(vehicle="cart")
    flow = Overflow(network, across(network), make_plan(network))
    for daily in (2, 3, 4, 6):
        fluid = float(flow.grow(np.array([float(daily)])).kg.sum()) / 7
        assert fluid == pytest.approx(grown(network, daily), abs=1e-9)
