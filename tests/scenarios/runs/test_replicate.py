"""Replications: the same bytes whatever the number of workers, and other chance in each."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tiny import digest

from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from scenarios.runs.replicate import replicate
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate
from sim.state.records import Columns

PLAN = RunPlan(dt.date(2021, 5, 10), warmup_days=0, measured_days=2, seed=4)


@pytest.fixture(scope="module")
def network(xizang_2021: Network) -> Network:
    scales = DemandScale(0.0005), DemandScale(0.0, ("newspaper",))
    return replace(xizang_2021, demand=DemandSettings(scales))


@pytest.fixture(scope="module")
def alone(network: Network) -> dict[int, str]:
    return dict(replicate(network, PLAN, range(3), digest))


@pytest.mark.slow
def test_two_workers_give_the_bytes_of_one(network: Network, alone: dict[int, str]) -> None:
    told: list[tuple[int, float]] = []
    two = dict(replicate(network, PLAN, range(3), digest, workers=2, progress=lambda *row: told.append(row)))
    assert two == alone
    assert sorted(told) == [(0, 1.0), (1, 1.0), (2, 1.0)]
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_replications_differ_and_seeds_differ(network: Network, alone: dict[int, str]) -> None:
    other = dict(replicate(network, replace(PLAN, seed=5), range(1), digest))
    assert len({*alone.values(), other[0]}) == 4


@pytest.mark.slow
def test_a_replication_is_the_run_of_its_number(network: Network, alone: dict[int, str]) -> None:
    """Whatever else is asked for, and in whatever order."""
    assert digest(simulate(network, replace(PLAN, replication=2))) == alone[2]
    backwards = list(replicate(network, PLAN, [2, 0], digest))
    assert backwards == [(2, alone[2]), (0, alone[0])]


@dataclass(frozen=True)
class Shelf:
    """Keeps the keys of each replication's records in a file of its own, with a word when all came."""

    folder: Path

    @contextmanager
    def sink(self, number: int) -> Iterator[Callable[[Columns], None]]:
        keys: list[int] = []
        yield lambda columns: keys.extend(columns["key"].tolist())
        (self.folder / str(number)).write_text(" ".join(map(str, keys)))

    def read(self, result: RunResult) -> tuple[int, str]:
        return len(result.items["key"]), (self.folder / str(result.plan.replication)).read_text()


@pytest.mark.slow
def test_a_sink_takes_the_records_of_each_replication(network: Network, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = dict(replicate(network, PLAN, range(2), shelf.read, sink=shelf.sink))
    for number in range(2):
        keys = simulate(network, replace(PLAN, replication=number)).items["key"]
        assert kept[number] == (0, " ".join(map(str, keys.tolist())))


def test_demand_in_total_is_the_same_in_every_replication(network: Network) -> None:
    """Chance moves items about; it makes no more of them."""

    def accepted(result: RunResult) -> int:
        return len(result.items["key"])

    counts = {kept for _, kept in replicate(network, PLAN, range(3), accepted)}
    assert len(counts) == 1


def test_what_is_finished_is_kept_when_the_rest_is_not_wanted(
    network: Network, alone: dict[int, str]
) -> None:
    """Results come one by one; to stop asking ends the workers."""
    found = replicate(network, PLAN, range(3), digest, workers=2)
    number, kept = next(found)
    found.close()  # type: ignore[attr-defined]
    assert kept == alone[number]
    assert multiprocessing.active_children() == []


def test_progress_of_one_worker_is_told_by_midnight(network: Network) -> None:
    told: list[tuple[int, float]] = []
    list(replicate(network, PLAN, [1], digest, progress=lambda *row: told.append(row)))
    assert {number for number, _ in told} == {1}
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 7
