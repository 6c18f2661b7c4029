"""Records leave a run day by day, and are the same however they leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from tiny import Sizes, drawn_network, make_demand

from network.demand.rates import Rates
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S
from sim.demand.items import unpack
from sim.engine.kernel import Kernel
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate
from sim.state.ledger import IN_TRANSIT
from sim.state.pool import STAGES
from sim.state.records import CENSORED, DELIVERED, HANDED_OVER, REFUSED, RETURNED, Columns

MONDAY = dt.date(2021, 3, 1)
SEED = 7
PLAN = RunPlan(MONDAY, 7, 21, SEED)


def tried(seed: int = SEED, **sizes: object) -> tuple[Network, Rates]:
    """Return a drawn network in which three attempts in ten fail."""
    usual = {"seats": 4, "gateways": 3, "more_routes": 2, "items": 12.0, "tight": False, "slow": False}
    network, rates = drawn_network(seed, Sizes(**{**usual, **sizes}))  # type: ignore[arg-type]
    values = {"failed_attempt_share": 0.3, "attempt_limit": 2, "attempt_gap_h": 8}
    changed = network.assumptions.replace(values)
    return replace(network, assumptions=changed, operations=Operations(attempts=True)), rates


def run(plan: RunPlan = PLAN, sink=None) -> RunResult:
    network, rates = tried()
    return simulate(network, plan, demand=make_demand(rates, plan.seed), sink=sink)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run()


def test_a_sink_gets_the_days_one_by_one_and_all_of_them(
    result: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.state.records.PATIENCE_DAYS", 100)
    days: list[Columns] = []
    streamed = run(sink=days.append)
    assert len(streamed.items["key"]) == 0
    assert streamed.items.keys() == result.items.keys()
    assert len(days) == PLAN.measured_days
    for day in days:
        assert len(np.unique(unpack(day["key"])[0])) == 1
    for name, column in result.items.items():
        joined = np.concatenate([day[name] for day in days])
        assert joined.dtype == column.dtype == streamed.items[name].dtype
        assert (joined == column).all(), name


def test_a_day_leaves_as_soon_as_it_and_those_before_have_left_the_books(
    result: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The midnight at which each day is handed over follows from the records alone."""
    monkeypatch.setattr("sim.state.records.PATIENCE_DAYS", 100)
    network, rates = tried()
    midnights: list[int] = []
    kernel = Kernel(
        network, PLAN, make_demand(rates, SEED), lambda day: midnights.append(int(kernel.env.now))
    )
    kernel.run(None)
    day = unpack(result.items["key"])[0]
    final = np.where(result.items["outcome"] == CENSORED, result.seconds_run, result.items["final_s"])
    expected, latest = [], 0
    for number in np.unique(day):
        mine = day == number
        accepted = int(result.items["accepted_s"][mine][0]) // DAY_S
        latest = max(latest, -(-int(final[mine].max()) // DAY_S), accepted + 1)
        expected.append(latest * DAY_S)
    assert midnights == expected


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, 2, 5])
def test_a_day_that_waits_too_long_leaves_and_its_last_items_come_once_more(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Crowded, so that items stay for weeks: with what comes again, all records are the same as ever."""
    network, rates = tried(11, tight=True, slow=True)
    plan = RunPlan(MONDAY, 7, 14, 11)
    whole = simulate(network, plan, demand=make_demand(rates, 11)).items
    monkeypatch.setattr("sim.state.records.PATIENCE_DAYS", days)
    parts: list[Columns] = []
    open_days: list[int] = []
    kernel = Kernel(network, plan, make_demand(rates, 11), parts.append)
    hand_over = kernel.log.hand_over

    def counted() -> None:
        hand_over()
        open_days.append(len(kernel.log._known))

    monkeypatch.setattr(kernel.log, "hand_over", counted)
    kernel.run(None)
    assert max(open_days) == days
    new, again, found = [], [], {}
    for part in parts:
        assert (np.diff(part["key"]) > 0).all()
        (again if part["key"][0] in found else new).append(part)
        rows = zip(*(column.tolist() for column in part.values()), strict=True)
        found.update(zip(part["key"].tolist(), rows, strict=True))
    assert len(new) == plan.measured_days
    assert (np.diff(np.concatenate([part["key"] for part in new])) > 0).all()
    twice = np.concatenate([part["key"] for part in again])
    assert len(np.unique(twice)) == len(twice) > 20
    asked = np.concatenate([part["key"][part["outcome"] == CENSORED] for part in new])
    assert set(twice.tolist()) <= set(asked.tolist())
    ends = np.concatenate([part["outcome"] for part in again])
    assert (ends == CENSORED).any() and (ends == DELIVERED).any()
    for i, (name, column) in enumerate(whole.items()):
        assert [found[key][i] for key in whole["key"].tolist()] == column.tolist(), name


@pytest.mark.slow
def test_memory_follows_the_items_under_way_and_not_the_length_of_the_run() -> None:
    """Three months and nine of the same demand: the columns are no longer."""
    network, rates = drawn_network(3, Sizes(seats=3, gateways=2, items=12.0, tight=False, slow=False))
    rooms, peaks = [], []
    for months in (3, 9):
        plan = RunPlan(MONDAY, 0, 30 * months, 3)
        taken: set[int] = set()
        kernel = Kernel(
            network, plan, make_demand(rates, 3), lambda day, t=taken: t.update(day["key"].tolist())
        )
        kernel.run(None)
        assert len(taken) == len(kernel.log)
        rooms.append(kernel.log.capacity)
        peaks.append(len(kernel.pool.key))
    assert rooms[1] <= rooms[0] * 1.5
    assert rooms[1] < len(taken) / 3
    assert peaks[1] <= peaks[0] * 1.5


def test_an_attempt_ends_the_stages_and_the_books_close_later(result: RunResult) -> None:
    items = result.items
    outcome, attempts = items["outcome"], items["attempts"]
    reached = items["ended_s"] >= 0
    sums = np.stack([items[stage] for stage in STAGES]).sum(axis=0)
    assert (sums == items["ended_s"] - items["accepted_s"])[reached].all()
    assert (items["final_s"] >= items["ended_s"])[outcome != CENSORED].all()
    assert (items["final_s"][outcome == CENSORED] == -1).all()
    once = np.isin(outcome, [HANDED_OVER, REFUSED]) | ((outcome == DELIVERED) & (attempts == 1))
    assert (items["final_s"] == items["ended_s"])[once].all()
    assert set(attempts[outcome == RETURNED].tolist()) == {2}
    assert set(attempts[outcome == DELIVERED].tolist()) == {1, 2}
    assert (attempts[np.isin(outcome, [HANDED_OVER, REFUSED])] == 0).all()
    gap = items["final_s"] - items["ended_s"]
    assert (gap[(outcome == DELIVERED) & (attempts == 2)] >= 8 * 3600).all()


def test_attempts_fail_as_often_as_the_share_says(result: RunResult) -> None:
    """Of all first attempts that may fail three in ten, and as many of the second ones."""
    network, rates = tried()
    items = result.items
    attempts = items["attempts"]
    signed = np.array([kind.signed for kind in rates.classes])[items["cls"]]
    station = np.isin(network.places.id, network.stations)[np.maximum(items["dest"], 0)]
    known = np.isin(items["outcome"], [DELIVERED, RETURNED]) & signed & ~station
    first = (attempts[known] > 1).mean()
    second = (items["outcome"][known & (attempts > 1)] == RETURNED).mean()
    n = int(known.sum())
    assert n > 800
    assert abs(first - 0.3) < 4 * np.sqrt(0.21 / n)
    assert abs(second - 0.3) < 4 * np.sqrt(0.21 / (0.3 * n))


def test_failing_attempts_change_no_first_attempt_where_there_is_room(result: RunResult) -> None:
    """With large vehicles and fast lanes, mail of other people does not hold anybody up."""
    network, rates = tried()
    calm = replace(network, operations=Operations())
    other = simulate(calm, PLAN, demand=make_demand(rates, SEED)).items
    mine = result.items
    both = (mine["ended_s"] >= 0) & (other["ended_s"] >= 0)
    assert (mine["ended_s"] == other["ended_s"])[both].mean() > 0.97
    assert (other["attempts"] <= 1).all()


def test_items_that_come_back_are_neither_lost_nor_made() -> None:
    """Crowded trips, rounds and lanes: the ledger closes at every midnight, and at close by its records."""
    network, rates = tried(11, tight=True, slow=True)
    found = simulate(network, RunPlan(MONDAY, 0, 14, 11), demand=make_demand(rates, 11))
    ledger = found.ledger
    assert ledger.returned > 20 and ledger.difference == 0
    assert sum(found.unresolved["items"].tolist()) == ledger.in_transit
    for term in filter(None, IN_TRANSIT):
        rows = found.unresolved["term"] == term
        assert found.unresolved["items"][rows].sum() == getattr(ledger, term), term
    items = found.items
    waits = np.isin(items["held"], [IN_TRANSIT.index(term) for term in ("riding", "on_round", "")])
    assert ((items["held_at"] == -1) == waits).all()
