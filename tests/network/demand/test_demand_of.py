"""One demand: planner, scheduled times and simulation weigh the same items in every scenario."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import numpy as np
import pytest

from network.accessibility.ends import Ends
from network.accessibility.increments import Increments
from network.demand.rates import Rates, demand_of
from network.model.network import Network
from scenarios.definition.resolve import build, build_base, library, load_scenario, resolve
from sim.run import make_demand

SOME_CLASSES = {
    "base": "xizang-2025",
    "change": [
        {"op": "scale_demand", "factor": 0.5, "classes": ["express", "letter"], "direction": "inbound"},
        {"op": "peak_demand", "factor": 2.0, "from": dt.date(2021, 11, 11), "until": dt.date(2021, 11, 13)},
    ],
}


@pytest.fixture(scope="module")
def bases(xizang_2021: Network) -> dict[str, Network]:
    return {load_scenario("xizang-2021").fit_key: xizang_2021}


def equal(one: Rates, other: Rates) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(Rates))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*library(), "some classes"])
def test_all_weigh_the_same_items(name: str, bases: dict[str, Network]) -> None:
    resolved = resolve(SOME_CLASSES) if name == "some classes" else load_scenario(name)
    if resolved.fit_key not in bases:
        bases[resolved.fit_key] = build_base(resolved)
    network = build(resolved, fitted=bases[resolved.fit_key])
    rates = demand_of(network)
    scheduled = Ends.of(network)
    assert equal(scheduled.rates, rates) and scheduled.classes == rates.classes
    assert equal(make_demand(network, 1, 0).rates, rates)
    assert equal(Increments(network).ends[0].rates, rates)  # what a plan weighs by


def test_growth_to_2025_is_in_the_demand(bases: dict[str, Network], xizang_2021: Network) -> None:
    """31.0 million express items sent, as docs/growth.md has it, and three from outside for each of them."""
    network = build(load_scenario("xizang-2025"), fitted=xizang_2021)
    (express,) = (kind for kind in demand_of(network).classes if kind.code == "express")
    assert express.originating == pytest.approx(31.0e6, rel=0.002)
    assert express.inbound == pytest.approx(92.9e6, rel=0.002)


def test_a_class_is_scaled_on_top_of_the_trend(xizang_2021: Network) -> None:
    before, after = (
        {kind.code: kind for kind in demand_of(build(scenario, fitted=xizang_2021)).classes}
        for scenario in (load_scenario("xizang-2025"), resolve(SOME_CLASSES))
    )
    for code, kind in after.items():
        factor = 0.5 if code in ("express", "letter") else 1.0
        assert kind.inbound == pytest.approx(factor * before[code].inbound)
        assert kind.originating == before[code].originating
