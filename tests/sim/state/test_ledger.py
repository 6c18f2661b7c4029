"""The ledger closes at every midnight, and shows when items are lost or made."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from tiny import Sizes, drawn_network, make_demand

from network.demand.rates import Rates
from network.model.network import Network
from network.model.records import DAY_S
from sim.engine.departures import HOME
from sim.engine.rounds import Rounds
from sim.engine.stops import Stop
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import simulate
from sim.state.ledger import Ledger, LedgerError, astray, ledger_columns
from sim.state.pool import Pool
from sim.state.records import DELIVERED, HANDED_OVER, REFUSED

START = dt.date(2021, 5, 10)
SEED = 2


COLUMNS = ("route", "direction", "stop", "departs_s", "boarded", "on_board")


def drawn() -> tuple[Network, Rates]:
    """Return a drawn network in which every kind of queue is used."""
    return drawn_network(SEED, Sizes(seats=4, gateways=3, more_routes=2, items=12.0))


def crowded(days: int = 14) -> RunResult:
    network, rates = drawn()
    return simulate(network, RunPlan(START, 0, days, SEED), demand=make_demand(rates, SEED))


@pytest.fixture(scope="module")
def result() -> RunResult:
    return crowded()


def test_it_closes_at_every_midnight(result: RunResult) -> None:
    """One ledger a midnight, from the empty one at the start."""
    assert [ledger.time_s for ledger in result.ledgers] == [day * DAY_S for day in range(len(result.ledgers))]
    assert result.ledgers[0].accepted == 0
    assert [ledger.difference for ledger in result.ledgers] == [0] * len(result.ledgers)
    assert result.ledger.accepted == result.total_items


def test_every_kind_of_queue_is_walked(result: RunResult) -> None:
    """The run puts something into each term at some midnight."""
    terms = ("delivered", "handed_over", "outside", "collecting", "lanes", "sorters", "waiting")
    for term in (*terms, "riding", "for_round"):
        assert max(getattr(ledger, term) for ledger in result.ledgers) > 0, term


def test_its_ends_are_those_of_the_records(result: RunResult) -> None:
    """At each midnight of the window: what the records say has ended by then."""
    items = result.items
    for day in range(1, result.plan.measured_days + 1):
        ledger = result.ledgers[day]
        ended = (items["ended_s"] >= 0) & (items["ended_s"] <= ledger.time_s)
        accepted = items["accepted_s"] < ledger.time_s
        assert ledger.accepted == accepted.sum()
        for term, outcome in (
            ("delivered", DELIVERED),
            ("handed_over", HANDED_OVER),
            ("refused", REFUSED),
        ):
            rows = accepted & (items["outcome"] == outcome)
            # what is refused is counted on the day on which it would have been accepted
            assert getattr(ledger, term) == (rows if outcome == REFUSED else rows & ended).sum(), (day, term)


def test_riding_items_are_those_on_board_by_the_trip_records(result: RunResult) -> None:
    """Between stops what left with the trip; while it stands, what does not board anew at its departure."""
    network, _ = drawn()
    trips = {name: column.tolist() for name, column in result.trips.items()}
    rows = list(zip(*(trips[name] for name in COLUMNS), strict=True))
    known = {row[:4]: row for row in rows}
    compared = 0
    for ledger in result.ledgers:
        now, riding, unsure = ledger.time_s, 0, False
        for route, way, stop, departs, _, on_board in rows:
            service = network.routes[route].services[way]
            arrives = departs + service.arrive_s[stop + 1] - service.depart_s[stop]
            again = departs + service.depart_s[stop + 1] - service.depart_s[stop]
            # what departs or arrives in the very second may be counted before or after
            unsure |= now in (departs, arrives, again)
            if departs < now < arrives:
                riding += on_board
            elif arrives < now < again and (route, way, stop + 1, again) in known:
                *_, boarded, then = known[route, way, stop + 1, again]
                riding += then - boarded
        if not unsure:
            assert ledger.riding == riding, now
            compared += riding > 0
    assert compared > 10


def test_a_ledger_that_does_not_close_is_an_error() -> None:
    whole = Ledger(60, 11, 1, 2, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1)
    assert whole.in_transit == 7
    whole.check()
    for change in ({"riding": 0}, {"delivered": 2}, {"accepted": 12}, {"returned": 0}):
        with pytest.raises(LedgerError, match=r"off by -?1 items at second 60"):
            replace(whole, **change).check()


def test_the_ledgers_of_a_run_are_columns(result: RunResult) -> None:
    """One row a midnight, in which opening + accepted is all that is told beside it."""
    columns = ledger_columns(result.ledgers)
    assert (columns["time_s"] == np.arange(len(result.ledgers)) * DAY_S).all()
    rest = sum(columns[name] for name in columns if name not in ("time_s", "opening", "accepted"))
    assert (columns["opening"] + columns["accepted"] == rest).all()
    assert (columns["opening"] == 0).all()


def test_a_breach_names_the_items_concerned() -> None:
    """Of items 10 to 14 one is nowhere, one is in two queues, one in a queue although it has ended."""
    pool = Pool(8)
    slots = pool.take(np.zeros(5, dtype=np.int8), np.arange(5))
    pool.key[slots] = np.arange(10, 15)
    pool.give_back(slots[4:])
    told = astray(pool, [("lanes at A", slots[1:3]), ("riding", slots[[2, 4]]), ("for_round", slots[3:4])])
    assert sorted(told) == [
        "item 10: nowhere",
        "item 12: lanes at A and riding",
        "item 14: ended, and riding",
    ]
    assert len(astray(pool, [], most=2)) == 2


def _drop(slots: np.ndarray) -> np.ndarray:
    return slots[:-1] if len(slots) > 1 else slots


def test_items_that_fall_out_of_a_line_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One item of a departure is neither aboard nor left behind."""
    board = Stop.board

    def losing(self: Stop, line: int, now: int, room_g: int, room_cm3: int):
        found = board(self, line, now, room_g, room_cm3)
        return found if found is None else (_drop(found[0]), *found[1:])

    monkeypatch.setattr(Stop, "board", losing)
    with pytest.raises(LedgerError, match="off by"):
        crowded()


def test_items_that_never_join_the_lanes_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    take_in = Stop.take_in
    monkeypatch.setattr(Stop, "take_in", lambda self, time, slots: take_in(self, time, _drop(slots)))
    with pytest.raises(LedgerError, match="off by"):
        crowded()


def test_items_that_never_come_to_their_round_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    accept = Rounds.accept
    monkeypatch.setattr(Rounds, "accept", lambda self, slots: accept(self, _drop(slots)))
    with pytest.raises(LedgerError, match=r"off by.*item \d+: nowhere"):
        crowded()


def test_items_that_are_in_two_lines_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    wait = Stop._wait

    def twice(self: Stop, line: int, slots: np.ndarray) -> None:
        wait(self, line, slots)
        if line != HOME:
            self.lines[line].append(slots[:1])

    monkeypatch.setattr(Stop, "_wait", twice)
    with pytest.raises(LedgerError, match=r"off by -.*item \d+: waiting at S\d and waiting at S\d"):
        crowded()


def test_slots_are_used_again_and_never_twice_at_once() -> None:
    """Whatever is taken and given back, in whatever order."""
    rng = np.random.default_rng(3)
    pool, held, taken = Pool(4), np.zeros(0, dtype=np.int64), 0
    for _ in range(200):
        n = int(rng.integers(0, 9))
        new = pool.take(np.zeros(n, dtype=np.int8), taken + np.arange(n))
        assert pool.rank[new].tolist() == list(range(taken, taken + n))
        taken += n
        held = np.concatenate([held, new])
        assert len(np.unique(held)) == len(held) == len(pool)
        assert not np.isin(pool.free_slots, held).any()
        gone = rng.random(len(held)) < 0.5
        pool.give_back(held[gone])
        held = held[~gone]
    assert len(pool.key) < 60
