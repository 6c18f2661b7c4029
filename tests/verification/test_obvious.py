"""The kernel gives every item the times that the one-process-per-item model gives it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from compare import Row, by_kernel, by_obvious, differing, disagreements
from features import FEATURES, flat
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tiny import Sizes, drawn_network, make_demand

from network.demand.rates import Rates
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.operations import Operations
from sim import run
from sim.run import RunPlan, RunResult, simulate
from sim.state.pool import STAGES

# Mondays: of the Spring Festival's week, of National Day's, without a holiday, of landslides, of snow.
FESTIVAL, AUTUMN, SPRING, SUMMER, WINTER = STARTS = (
    dt.date(2021, 2, 8),
    dt.date(2021, 10, 4),
    dt.date(2021, 5, 10),
    dt.date(2021, 6, 28),
    dt.date(2021, 11, 29),
)
CHUNKS = 10
SCENARIOS = 30  # in a chunk
FEW = 5  # in the chunk of the quick tests
DAYS = 8
ENOUGH = 7  # scenarios of a chunk in which a feature matters: no more are looked for
RERUNS = 6  # features taken away from a scenario, at most


def drawn_sizes(rng: Random, busy: bool) -> Sizes:
    """Return the size and the operation of a scenario; in a busy one rules meet that seldom do."""
    sizes = Sizes(
        seats=rng.randint(2, 5),
        gateways=rng.randint(0, 3),
        more_routes=rng.randint(0, 3),
        items=rng.choice([12.0, 6.0, 2.0]),
        tight=rng.random() < 0.75,
        slow=rng.random() < 0.5,
        own=rng.random() < 0.4,
        hours=rng.random() < 0.6,
        recheck=rng.choice(["aside", "lane"]),
        service=rng.choice(["deterministic", "deterministic", "exponential"]),
        running=rng.random() < 0.5,
        weather=rng.random() < 0.6,
        announced=rng.random() < 0.4,
        fleet=rng.choice(["", "", "", "ample", "exact", "short", "short"]),
        breakdowns=rng.random() < 0.5,
        extra_trips=rng.random() < 0.75,
        attempts=rng.random() < 0.6,
    )
    if not busy:
        return sizes
    crowded = replace(sizes, items=12.0, tight=True, slow=True, hours=True, running=False, breakdowns=False)
    return replace(crowded, extra_trips=True, fleet="ample" if sizes.fleet == "ample" else "exact")


def changes(
    name: str, network: Network, rates: Rates, plan: RunPlan, rows: dict[int, Row], sizes: Sizes
) -> bool:
    """Return whether taking a feature away changes what becomes of an item."""
    feature = FEATURES[name]
    with_it, without = feature.both(network)
    if with_it is not network:
        rows = by_kernel(simulate(with_it, plan, demand=make_demand(rates, plan.seed)))
    other = flat(rates) if name == "class priority" else rates
    return by_kernel(simulate(without, plan, demand=make_demand(other, plan.seed))) != rows


@pytest.mark.parametrize(
    ("chunk", "scenarios"),
    [(CHUNKS, FEW), *(pytest.param(chunk, SCENARIOS, marks=pytest.mark.slow) for chunk in range(CHUNKS))],
)
def test_every_item_of_drawn_networks_has_the_times_of_the_obvious_model(
    chunk: int,
    scenarios: int,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Outcome, ends, six stages and counters, over networks that put every feature to the test."""
    monkeypatch.setattr("sim.engine.kernel.DRAIN_DAYS", 10)  # crowded networks never come to rest
    totals: Counter[str] = Counter()
    changed: Counter[str] = Counter(dict.fromkeys(FEATURES, 0))

    @seed(chunk)
    @settings(
        max_examples=scenarios,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a smaller scenario is not worth the minutes of the search for it
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64 - 1))  # alone: of several values it likes to keep all but one
    def check(drawn: int) -> None:
        rng = Random(f"{chunk} {drawn}")
        number, sizes, start = rng.getrandbits(31), drawn_sizes(rng, chunk % 2 == 1), rng.choice(STARTS)
        network, rates = drawn_network(number, sizes, start)
        plan = RunPlan(start, warmup_days=0, measured_days=DAYS, seed=number)
        demand = make_demand(rates, number)
        result = simulate(network, plan, demand=demand)
        rows = by_kernel(result)
        found = differing(rows, by_obvious(network, demand, result))
        assert found == []
        totals["scenarios"] += 1
        totals["items"] += len(rows)
        totals["stage times"] += len(STAGES) * sum(row.stages is not None for row in rows.values())
        totals["differences"] += len(found)
        wanted = [name for name in FEATURES if changed[name] < ENOUGH and FEATURES[name].where(sizes)]
        wanted.sort(key=lambda name: (not FEATURES[name].calm, changed[name]))  # what is rare goes first
        for name in wanted[:RERUNS]:
            changed[name] += changes(name, network, rates, plan, rows, sizes)

    check()
    record_property("features", dict(changed))
    record_property("compared", dict(totals))
    assert totals["scenarios"] == scenarios


def differences_on(
    network: Network, start: dt.date = SPRING
) -> tuple[RunResult, list[tuple[int, Row | None, Row | None]]]:
    plan = RunPlan(start, warmup_days=0, measured_days=2)
    result = simulate(network, plan)
    demand = run.make_demand(network, plan.seed, plan.replication)
    return result, disagreements(network, demand, result)


def thinned(network: Network, factor: float = 0.01, operations: Operations | None = None) -> Network:
    demand = DemandSettings(scales=(DemandScale(factor),))
    return replace(network, demand=demand, operations=operations or network.operations)


@pytest.mark.slow
def test_every_item_of_xizang_has_the_times_of_the_obvious_model(xizang_2021: Network) -> None:
    result, found = differences_on(thinned(xizang_2021))
    assert found == []
    assert len(result.items["key"]) > 3000
    assert result.items["missed_dispatches"].max() == 0


@pytest.mark.slow
def test_every_item_of_a_crowded_xizang_has_the_times_of_the_obvious_model(xizang_2021: Network) -> None:
    """Vehicles and centres at a few thousandths of their size: trips and rounds fill, lanes queue."""
    vehicles = {
        name: replace(kind, payload_kg=kind.payload_kg * 0.002, payload_m3=kind.payload_m3 * 0.002)
        for name, kind in xizang_2021.vehicle_classes.items()
    }
    centres = tuple(
        replace(c, lanes=min(c.lanes, 2), lane_rate_per_h=17, sorters=min(c.sorters, 1), sorter_rate_per_h=23)
        for c in xizang_2021.centres
    )
    network = replace(thinned(xizang_2021, 0.005), vehicle_classes=vehicles, centres=centres)
    result, found = differences_on(network)
    assert found == []
    left = Counter()
    for row in result.bottlenecks:
        left[row["kind"]] += row["items"]
    assert left["leg"] > 10_000
    assert left["round"] > 1000
    assert result.waiting.max() > 100


@pytest.mark.slow
def test_every_item_of_xizang_in_winter_has_the_times_of_the_obvious_model(xizang_2021: Network) -> None:
    """The whole operation: snow on the roads, vehicles that lack and break down, doors that stay shut."""
    switches = ("running", "weather", "fleet", "breakdowns", "extra_trips", "attempts")
    network = thinned(xizang_2021, operations=Operations(**dict.fromkeys(switches, True)))
    snow = network.assumptions.replace({"snow_closures_per_100km": 0.3})
    result, found = differences_on(replace(network, assumptions=snow), WINTER)
    assert found == []
    assert len(result.items["key"]) > 3000
    assert result.items["attempts"].max() > 1
    assert result.items["cancelled"].max() > 0
