"""Little's law at every queue: what the kernel holds at any second is what the times of its items say.

One side walks the kernel's own queues, vehicles and rounds while it runs, as the ledger does, at seconds
drawn at random.  The other side knows only what is told of each item: its record, the log of the hands
through which it went (all classes are confidential here, so that all are in it), and since when it could
go on when it boarded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np
import pytest
import simpy
from features import flat
from scipy import stats
from test_ciw import RATE_PER_H, SEATS, open_network
from theory import HOUR_S, LEVEL, FromOutside, agrees
from tiny import MONDAY, make_class

from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S
from network.model.working_hours import Hours
from network.routing.search import make_plan
from sim.demand.items import Demand, Items
from sim.engine.ends import GOING_BACK
from sim.engine.kernel import Kernel
from sim.engine.stops import Stop
from sim.plan import RunPlan
from sim.result import RunResult
from sim.run import make_demand
from sim.state.custody import ACCEPTED, BOARDED, OUT, TAKEN_IN, UNLOADED
from sim.state.records import CENSORED, RETURNED

#: Queues, each of them at every stop; riding and on round count at the stop where the item's round starts.
TERMS = ("outside", "collecting", "centre", "lanes", "waiting", "riding", "for_round", "on_round")
OUTSIDE, COLLECTING, CENTRE, LANES, WAITING, RIDING, FOR_ROUND, ON_ROUND = range(len(TERMS))

Spells = tuple[np.ndarray, np.ndarray, np.ndarray]  # stop, first second, first second after


class Watched:
    """A run during which everything is counted at one random second of every stretch of `every_s`."""

    def __init__(self, network: Network, plan: RunPlan, demand: object, every_s: int, seed: int = 1) -> None:
        self.network = network
        self.kernel = Kernel(network, plan, demand)  # type: ignore[arg-type]
        self.every_s = every_s
        self._rng = np.random.default_rng(seed)
        self._boarded: list[tuple[np.ndarray, int, np.ndarray]] = []
        self._counts: list[np.ndarray] = []
        self._times: list[int] = []
        for stop in self.kernel.stops:
            stop.board = self._noting(stop, stop.board)  # type: ignore[method-assign]
        self.kernel.env.process(self._count())
        self.result: RunResult = self.kernel.run(None)
        self.times, self.counts = np.array(self._times), np.stack(self._counts)

    def _noting(self, stop: Stop, board: Callable) -> Callable:
        """Let a stop tell who boards, and since when each could go on."""

        def boards(line: int, now: int, room_g: int, room_cm3: int) -> tuple | None:
            found: tuple | None = board(line, now, room_g, room_cm3)
            if found is not None:
                pool, slots = self.kernel.pool, found[0]
                self._boarded.append((pool.key[slots], now, pool.ready[slots]))
            return found

        return boards

    def _count(self) -> Generator[simpy.Event, None, None]:
        """Count after all that happens in a second."""
        kernel, env = self.kernel, self.kernel.env
        begin = 0
        while True:
            second = begin + int(self._rng.integers(self.every_s))
            yield env.timeout(second + 0.5 - env.now)
            kernel.rounds.settle(second)
            for stop in kernel.stops:
                stop.advance(second)
            kernel.rounds.settle(second)
            self._times.append(second)
            self._counts.append(self._held(second))
            begin += self.every_s

    def _held(self, second: int) -> np.ndarray:
        """Return how many are in each queue at each stop."""
        kernel = self.kernel
        found = np.zeros((len(TERMS), len(kernel.stops)), dtype=np.int64)
        for stop in kernel.stops:
            held = {term: sum(map(len, blocks)) for term, blocks in stop.held().items()}
            at = found[:, stop.row]
            at[OUTSIDE], at[COLLECTING], at[WAITING] = held["outside"], held["collecting"], held["waiting"]
            at[LANES], at[CENTRE] = held["lanes"], held["lanes"] + held["sorters"]
        moving = kernel.daily.moving()
        again = [(slots, back) for _, slots, back in kernel.rounds._again]
        out = [slots[when > second] for slots, when in [*kernel.ends.to_come("delivered"), *again]]
        out += [slots for slots, _ in kernel.ends.to_come(GOING_BACK)]
        for term, blocks in ((RIDING, moving["riding"]), (FOR_ROUND, moving["for_round"]), (ON_ROUND, out)):
            slots = np.concatenate([*blocks, np.zeros(0, dtype=np.int64)])
            found[term] = np.bincount(self._where(kernel.pool.dest[slots]), minlength=len(kernel.stops))
        return found

    def _where(self, dest: np.ndarray) -> np.ndarray:
        """Return the stop of the round of each destination; for one outside that of the first place."""
        return np.where(dest >= 0, self.kernel.table.base[np.maximum(dest, 0)], 0)

    def spells(self) -> list[Spells]:
        """Return for each term the spells of all items in it."""
        items, custody, centres = self.result.items, self.result.custody, self.network.centres
        assert not (items["outcome"] == CENSORED).any()
        key, hand, where = (custody[name] for name in ("key", "hand", "where"))
        since = custody["from_s"].astype(np.int64)
        row = np.searchsorted(items["key"], key)
        assert (items["key"][row] == key).all()
        inbound, home = (items["origin"] < 0)[row], self._where(items["dest"])[row]
        going_on = np.r_[key[1:] == key[:-1], False]
        before, after = np.roll(hand, 1), np.where(going_on, np.roll(hand, -1), -1)
        until, to = np.roll(since, -1), np.roll(where, -1)
        found: list[list[Spells]] = [[_nothing()] for _ in TERMS]

        def add(term: int, rows: np.ndarray, stop: np.ndarray, begin: np.ndarray, end: np.ndarray) -> None:
            found[term].append((stop[rows], begin[rows], end[rows]))

        # From the midnight before it is accepted an item is on the books.
        midnight = since - since % DAY_S
        add(OUTSIDE, (hand == ACCEPTED) & inbound, to, midnight, until)
        add(COLLECTING, (hand == ACCEPTED) & ~inbound, to, midnight, until)
        add(RIDING, hand == BOARDED, home, since, until)

        # Back from a failed attempt it waits for the next, or it is sent back: then it is no longer counted
        # on its round, but with what the base will take in, on the day that it comes back.
        back = (hand == TAKEN_IN) & (before == OUT)
        again, sent_back = back & (after == OUT), back & (after != OUT)
        add(FOR_ROUND, again, home, since, until)
        that_day = np.maximum(since, until - 1 - (until - 1) % DAY_S)
        for_good = np.roll(sent_back, -1)
        add(ON_ROUND, hand == OUT, home, since, np.where(for_good, that_day, until))
        add(COLLECTING, (hand == OUT) & for_good, home, that_day, until)

        # At a stop: handled, then screened and sorted until ready, then waiting until it leaves.
        entering = (hand == TAKEN_IN) & (before == ACCEPTED) & inbound
        gateway = np.array([centre.tier == "gateway" for centre in centres])
        ended = (hand == UNLOADED) & (after < 0) & gateway[np.where(hand == UNLOADED, where, 0)]
        here = ((hand == UNLOADED) & ~ended) | ((hand == TAKEN_IN) & ~again & ~entering)
        joined = since.copy()
        for i in np.flatnonzero(here).tolist():
            by = self.network.routes[where[i - 1]].mode if hand[i] == UNLOADED else "collect"
            joined[i] += centres[where[i]].handling_s[by]
        ready = np.where(
            after == BOARDED, self._ready(key, until), (items["ended_s"] - items["deliver_s"])[row]
        )
        ready = np.where(after < 0, items["final_s"][row], ready).astype(np.int64)
        add(COLLECTING, here, where, since, joined)
        add(CENTRE, here, where, joined, ready)
        add(WAITING, (here | entering) & (after == BOARDED), where, ready, until)
        add(FOR_ROUND, (here | entering) & (after == OUT), home, ready, until)
        return [tuple(map(np.concatenate, zip(*parts, strict=True))) for parts in found]  # type: ignore[misc]

    def _ready(self, key: np.ndarray, until: np.ndarray) -> np.ndarray:
        """Return since when items that boarded at `until` could go on; -1 for others."""
        keys, times, ready = (
            np.concatenate(column)
            for column in zip(
                *((keys, np.full(len(keys), now), ready) for keys, now, ready in self._boarded), strict=True
            )
        )
        order = np.lexsort((times, keys))
        keys, times, ready = keys[order], times[order], ready[order]
        day = 1 << 24  # more than the seconds of a run
        codes, ours = np.unique(keys), np.searchsorted(np.unique(keys), key)
        code = np.searchsorted(codes, keys) * day + times
        at = np.minimum(np.searchsorted(code, ours * day + until), len(code) - 1)
        same = code[at] == ours * day + until
        return np.where(same, ready[at], -1).astype(np.int64)


def _nothing() -> Spells:
    return np.zeros(0, dtype=np.int16), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


def covering(spells: Spells, times: np.ndarray, stops: int) -> np.ndarray:
    """Return how many spells hold each second, by stop; (times, stops)."""
    where, begin, end = spells
    assert (begin <= end).all()
    found = np.zeros((len(times), stops), dtype=np.int64)
    for stop in np.unique(where).tolist():
        mine = where == stop
        for column, sign in ((begin, 1), (end, -1)):
            found[:, stop] += sign * np.searchsorted(np.sort(column[mine]), times, side="right")
    return found


class FewDays:
    """The items of a demand on its first days, and none after."""

    def __init__(self, demand: Demand, days: int) -> None:
        self.rates = flat(demand.rates)  # all of priority 0: confidential
        self._demand, self._end = demand, MONDAY + dt.timedelta(days=days)

    def day(self, date: dt.date) -> Items:
        items = self._demand.day(date)
        return items if date < self._end else Items(*(column[:0] for column in vars(items).values()))


OPERATIONS = Operations(
    running=True, weather=True, fleet=True, breakdowns=True, extra_trips=True, attempts=True
)


def small(network: Network, factor: float) -> Network:
    """Return a network with this share of its demand and lanes, and less of what vehicles hold."""
    return replace(
        network,
        vehicle_classes={
            name: replace(
                kind,
                payload_kg=max(30.0, kind.payload_kg * factor / 3),
                payload_m3=max(0.3, kind.payload_m3 * factor / 3),
            )
            for name, kind in network.vehicle_classes.items()
        },
        centres=tuple(
            replace(
                centre,
                lane_rate_per_h=round(centre.lane_rate_per_h * factor),
                sorter_rate_per_h=round(centre.sorter_rate_per_h * factor),
            )
            for centre in network.centres
        ),
        demand=DemandSettings(scales=(DemandScale(factor),)),
        operations=OPERATIONS,
    )


@pytest.fixture(scope="module")
def region(xizang_2021: Network) -> Watched:
    """Return three days of items of a small and crowded region, with all that can happen to them."""
    network = small(xizang_2021, 0.02)
    demand = FewDays(make_demand(network, 1, 0), 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.engine.kernel.RESOLVED_SHARE", 1.0)  # go on until the last has ended
        patch.setattr("sim.engine.kernel.DRAIN_DAYS", 100)
        watched = Watched(network, RunPlan(MONDAY, 0, 3), demand, 600)
    items = watched.result.items
    assert len(items["key"]) > 10_000
    assert (
        items["missed_dispatches"].max() > 1 and items["cancelled"].max() > 0 and items["attempts"].max() > 1
    )
    assert (items["outcome"] == RETURNED).any()
    return watched


def test_every_queue_of_the_region_holds_what_the_times_of_its_items_say(region: Watched) -> None:
    """At every second looked at, every queue at every stop, to the item; so the integrals are equal too."""
    stops = len(region.network.stops)
    for term, spells in enumerate(region.spells()):
        if term != LANES:
            assert (region.counts[:, term] == covering(spells, region.times, stops)).all(), TERMS[term]
            assert region.counts[:, term].any()


def mean_number(counts: np.ndarray) -> tuple[float, float]:
    """Return the mean over all seconds of what was counted at one of each stretch, and its half-width.

    What differs between two stretches that follow one another bounds what differs within one.
    """
    error = np.sqrt(np.sum(np.diff(counts.astype(float)) ** 2) / 2) / len(counts)
    return float(counts.mean()), float(stats.norm.ppf((1 + LEVEL) / 2) * error)


def test_numbers_are_rates_times_times_in_the_region(region: Watched) -> None:
    """Little's law for each kind of queue, over all stops and from the first item to the last.

    The mean number is known from the seconds looked at, to within five per cent; rate and stay exactly.
    """
    seconds = region.result.seconds_run
    assert seconds == len(region.times) * region.every_s
    spells = region.spells()
    for term, (_, begin, end) in enumerate(spells):
        if term == LANES:
            continue
        rate, stay = len(begin) / seconds, float((end - begin).mean())
        number, half_width = mean_number(region.counts[:, term].sum(axis=1))
        assert abs(number - rate * stay) <= half_width
        assert half_width < 0.05 * number


def test_the_hours_of_bottlenecks_are_those_of_items_before_the_lanes(region: Watched) -> None:
    """In the hours of work, with the second in which an item starts: it is still counted before the lane."""
    at_lanes = np.zeros(len(region.times), dtype=np.int64)
    waited_s = 0
    passed = np.bincount(region.spells()[CENTRE][0], minlength=len(region.network.stops))
    for row, (centre, stop) in enumerate(zip(region.network.centres, region.kernel.stops, strict=True)):
        if stop.station is not None:
            hours = Hours(centre.shifts_s)
            working = hours.worked(region.times + 1) > hours.worked(region.times)
            at_lanes += region.counts[:, LANES, row] * working
            waited_s += stop.station.waited_s + int(passed[row])
    number, half_width = mean_number(at_lanes)
    assert abs(number - waited_s / region.result.seconds_run) <= half_width
    assert half_width < 0.05 * number


# ------------------------------------------------------------------ a network in its steady state


def test_numbers_are_rates_times_times_in_a_steady_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The open network that is held against Ciw, on its third to fifth day, where rates are known.

    At every centre, and before every trip: the difference between the mean number and the known rate
    times the mean stay has mean 0 over replications; with a rate ten per cent higher it has not.
    """
    network = open_network("aside", "deterministic")
    routing = make_plan(network)
    monkeypatch.setattr("sim.engine.kernel.make_plan", lambda network: routing)  # once is enough
    queues = [(CENTRE, seat) for seat in "ABC"] + [(WAITING, stop) for stop in ("GW_XINING", "A", "B")]
    shares = {"GW_XINING": 1.0, "A": 1.0, "B": 0.8, "C": 0.5}  # of all items
    leaving = {"GW_XINING": 1.0, "A": 0.8, "B": 0.5}
    first, last = 2 * DAY_S, 5 * DAY_S
    found: list[list[tuple[float, float]]] = [[] for _ in queues]
    for replication in range(10):
        rng = np.random.default_rng(replication)
        n = rng.poisson(RATE_PER_H * last / HOUR_S)
        accepted = np.floor(np.sort(rng.uniform(0, last, n))).astype(np.int64)
        rows = [network.places.row(seat.lower()) for seat in SEATS]
        dest = rng.choice(rows, n, p=list(SEATS.values()))
        kind = make_class("secret", 0)
        demand = FromOutside(network.places, kind, "northwest", accepted, dest, replication)
        plan = RunPlan(MONDAY, 0, last // DAY_S, replication=replication)
        watched = Watched(network, plan, demand, 600, seed=replication)
        looked = (watched.times >= first) & (watched.times < last)
        spells = watched.spells()
        for (term, place), rates in zip(queues, found, strict=True):
            stop = network.stops.index(place)
            where, begin, end = spells[term]
            mine = (where == stop) & (begin >= first) & (begin < last)
            rate = RATE_PER_H / HOUR_S * (shares if term == CENTRE else leaving)[place]
            number = watched.counts[looked, term, stop].mean()
            rates.append((number, rate * (end - begin)[mine].mean()))
    for pairs in found:
        numbers, products = np.array(pairs).T
        agrees(numbers - products, 0.0, 0.1 * products.mean())
