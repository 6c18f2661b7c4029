"""Compiled loops change no result, and are used where they can be had."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import numpy as np
import pytest
from compare import same

from network.model.network import Network
from network.model.operations import Operations
from sim.engine import hauls
from sim.engine.hauls import COMPILED, compiles
from sim.engine.kernel import Kernel
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import make_demand, simulate
from sim.state.pool import Pool

EVERYTHING = {field.name: True for field in fields(Operations) if field.default is False}
WINTER = RunPlan(dt.date(2021, 11, 29), warmup_days=2, measured_days=8)


def crowded(network: Network, items: float, holds: float) -> Network:
    """Return the network with everything played out, a part of its items, and smaller vehicles."""
    classes = {
        name: replace(kind, payload_kg=kind.payload_kg * holds, payload_m3=kind.payload_m3 * holds)
        for name, kind in network.vehicle_classes.items()
    }
    options = {"operations": EVERYTHING, "demand_scale": ({"factor": items},)}
    return replace(network, vehicle_classes=classes, options={**network.options, **options})


def both(network: Network, plan: RunPlan, monkeypatch: pytest.MonkeyPatch) -> list[RunResult]:
    """Return the run in arrays and the run in compiled loops."""
    pytest.importorskip("numba")
    found = []
    for switch in ("0", "1"):
        monkeypatch.setenv(COMPILED, switch)
        kernel = Kernel(network, plan, make_demand(network, plan.seed, plan.replication))
        assert (type(kernel.haul).__name__ == "CompiledHaul") == (switch == "1")
        found.append(kernel.run(None))
    return found


def test_compiled_loops_leave_the_same_bytes_behind(
    xizang_2021: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trips and rounds that leave items behind, extra trips, cancelled ones, confidential mail, returns."""
    arrays, loops = both(crowded(xizang_2021, 0.005, 0.002), WINTER, monkeypatch)
    assert same(arrays, loops)
    assert len(arrays.items["key"]) > 3000
    assert set(arrays.trips["fate"]) == {0, 1, 2, 3}
    assert arrays.items["left_behind"].max() > 5
    assert arrays.items["attempts"].max() > 1
    assert len(arrays.custody["key"]) > 100


def test_what_tells_results_apart_would_notice(xizang_2021: Network) -> None:
    network = crowded(xizang_2021, 0.0005, 1)
    one = simulate(network, RunPlan(WINTER.start, 0, 1))
    assert same(one, one)
    items = {**one.items, "wait_s": one.items["wait_s"] + np.int32(1)}
    assert not same(one, replace(one, items=items))
    assert not same(one, replace(one, ledgers=one.ledgers[1:]))
    assert not same(one, replace(one, work=replace(one.work, rounds=one.work.rounds + 1)))


@pytest.mark.parametrize("switch", [None, "0", "1"])
@pytest.mark.parametrize("installed", [True, False])
def test_loops_are_compiled_where_numba_is_and_nobody_forbids_it(
    switch: str | None, installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(COMPILED)
    if switch is not None:
        monkeypatch.setenv(COMPILED, switch)
    monkeypatch.setattr(hauls, "find_spec", lambda name: name if installed else None)
    assert compiles(Operations()) == (installed and switch != "0")
    assert not compiles(Operations(recheck="lane"))
    assert not compiles(Operations(service="exponential"))


def test_a_packed_pool_keeps_what_it_holds_as_it_grows() -> None:
    pool = Pool(4, packed=True)
    slots = pool.take(np.array([0, 1, 2], dtype=np.int8), np.arange(3))
    pool.grams[slots], pool.key[slots] = [7, 8, 9], [1, 2, 3]
    more = pool.take(np.full(1000, 3, dtype=np.int8), np.arange(3, 1003))
    assert len(pool) == 1003
    assert len({*slots.tolist(), *more.tolist()}) == 1003
    assert pool.grams[slots].tolist() == [7, 8, 9]
    assert pool.key[slots].tolist() == [1, 2, 3]
    assert pool.confidential[slots].tolist() == [True, False, False]
    assert pool.rank.ctypes.data % 64 == pool.journey.ctypes.data % 64 + 8
