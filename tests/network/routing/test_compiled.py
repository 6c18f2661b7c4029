"""Compiled loops find what numpy finds, to the byte, and nothing needs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from random import Random

import numpy as np
import pytest
from tiny import Sizes, drawn_network

from network.model.network import Network
from network.model.records import WEEK_S
from network.routing import compiled
from network.routing.journeys import Journeys
from network.routing.search import StopPlan


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    compiled._loaded.cache_clear()
    yield
    compiled._loaded.cache_clear()


def both(network: Network, monkeypatch: pytest.MonkeyPatch) -> list[Journeys]:
    made = []
    for choice in ("0", "1"):
        monkeypatch.setenv(compiled.VARIABLE, choice)
        made.append(Journeys(network))
    return made


def assert_same(network: Network, monkeypatch: pytest.MonkeyPatch, seed: int) -> int:
    """Compare all routing, and arrivals at some moments; return how many."""
    pytest.importorskip("numba", reason="the compiled loops are in the extra 'fast'")
    plain, fast = both(network, monkeypatch)
    assert plain.plan.mean_s.tobytes() == fast.plan.mean_s.tobytes()
    for a, b in zip(plain.plan.stops, fast.plan.stops, strict=True):
        for field in fields(StopPlan):
            x, y = getattr(a, field.name), getattr(b, field.name)
            assert x.dtype == y.dtype and x.tobytes() == y.tobytes(), field.name
    rng, places, compared = Random(seed), np.arange(0, len(network.places), 1 + seed % 5), 0
    for group in range(len(plain.plan.groups)):
        brand, when = rng.randrange(-1, len(plain.last_mile.delay_s) - 1), rng.randrange(WEEK_S)
        found = []
        for choice, search in (("0", plain), ("1", fast)):
            monkeypatch.setenv(compiled.VARIABLE, choice)
            found.append(search.arrivals(places, when, group, brand))
        assert found[0].attempt_s.dtype == found[1].attempt_s.dtype
        assert found[0].attempt_s.tobytes() == found[1].attempt_s.tobytes()
        compared += found[0].attempt_s.size
    return compared


def test_drawn_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    for seed in range(60):
        rng = Random(seed)
        sizes = Sizes(
            seats=rng.randint(2, 5), gateways=rng.randint(0, 2), more_routes=rng.randint(0, 4),
            own=seed % 3 == 0, hours=seed % 2 == 0, slow=seed % 5 == 0,
        )  # fmt: skip
        compared += assert_same(drawn_network(seed, sizes)[0], monkeypatch, seed)
    assert compared > 1000


def test_the_region(xizang_2021: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assert_same(xizang_2021, monkeypatch, 4) > 1_000_000


@pytest.mark.parametrize("choice", ["", "1", "0"])
def test_without_numba_numpy_does_the_work(choice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "network.routing.loops", raising=False)
    monkeypatch.setenv(compiled.VARIABLE, choice)
    assert compiled.loops(10**12) is None
    assert len(Journeys(drawn_network(1, Sizes())[0]).plan.stops) > 0


def test_short_work_does_not_load_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(compiled.VARIABLE, raising=False)
    monkeypatch.setattr(compiled, "_loaded", lambda: pytest.fail("loaded"))
    assert compiled.loops(1000) is None
