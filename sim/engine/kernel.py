"""The kernel: everything that a run holds while it goes on."""

from __future__ import annotations

import datetime as dt
import gc
import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import numpy as np
import simpy

from network.inputs.calendar import Calendar
from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S
from network.routing.gateways import Gates, gates
from network.routing.search import Plan, make_plan
from sim.chance.attempts import Attempts
from sim.chance.draws import Draws
from sim.chance.running import Running
from sim.chance.weather import Roads
from sim.demand.items import INBOUND, OUTBOUND, Demand, Items
from sim.engine.bottlenecks import bottlenecks
from sim.engine.haul import Haul, make_stops
from sim.engine.round_tables import RoundTables
from sim.engine.rounds import Rounds
from sim.engine.trip_tables import TripTables
from sim.engine.trips import Trips
from sim.engine.unresolved import unresolved
from sim.fleet.line_haul_fleet import Fleet
from sim.plan import RunPlan
from sim.result import RunResult
from sim.state.clock import start_of_second
from sim.state.custody import ACCEPTED, TAKEN_IN, Custody
from sim.state.ledger import UNDER_WAY, Ledger, astray
from sim.state.pool import Pool
from sim.state.records import DELIVERED, HANDED_OVER, RETURNED, Columns, ItemLog
from sim.state.work import WorkLog

__all__ = ["Kernel"]

Ends = list[tuple[np.ndarray, np.ndarray]]  # slots, and second of the end

RESOLVED_SHARE = 0.999  # rule 17: the run ends when this share of the cohort is resolved
DRAIN_DAYS = 28  # or after so many more days


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the search for cycles of references meanwhile: what trips leave behind forms none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Kernel:
    """All that a run holds while it goes on."""

    def __init__(
        self,
        network: Network,
        plan: RunPlan,
        demand: Demand,
        sink: Callable[[Columns], None] | None = None,
    ) -> None:
        self.network, self.plan, self.demand = network, plan, demand
        self.draws = Draws(plan.seed, plan.replication)
        operations = Operations.of(network)
        self.pool = Pool()
        self.custody = Custody(self.pool)
        self.routing: Plan = make_plan(network)
        self.gates: Gates = gates(network, self.routing)
        self.days = plan.warmup_days + plan.measured_days + DRAIN_DAYS
        calendar = Calendar.load(network.region)
        self.round_tables = RoundTables(network, calendar, plan.start, self.days + 60, self.draws)
        self.attempts = Attempts(network, demand.rates.classes, self.draws) if operations.attempts else None
        self.rounds = Rounds(
            self.round_tables,
            self.pool,
            handover_s(network),
            self._on_round,
            self.custody,
            self.attempts,
            self._failed,
            self._returned,
        )
        self.counters = counters(network)
        self.log = ItemLog(plan.warmup_days, plan.warmup_days + plan.measured_days, sink)
        self.env = simpy.Environment()
        self.ended: Ends = []
        self.handed: Ends = []
        self.returned: Ends = []
        self.going_back: Ends = []  # on a round, and when they are back with it
        self.count = {"accepted": 0, "delivered": 0, "handed_over": 0, "refused": 0, "returned": 0}
        self.collect_handling_s = np.array(
            [centre.handling_s.get("collect", 0) for centre in network.centres]
        )
        kinds = len(self.routing.groups)
        self.classes = len(demand.rates.classes)
        self.work = WorkLog(plan.window_s, len(network.stops) * self.classes)
        chance = self.draws, plan.start
        tables = TripTables(network, self.routing)
        self.stops = make_stops(network, self.routing, self.pool, self.draws, operations, self.rounds.accept)
        self.haul = Haul(tables, self.stops, self.pool, self._handed_over, self.custody, self.work)
        self.trips = Trips(
            self.env,
            tables,
            self.haul,
            self.pool,
            Running(network, self.routing.timetable, *chance, operations),
            Roads(network, *chance, self.days + 1, operations.weather),
            Fleet(self.env, network, *chance, self.days + 1, operations),
            self.work,
        )
        self.reach = np.isfinite(self.routing.mean_s)  # (groups, from, to)
        self.priority = np.array([kind.priority for kind in demand.rates.classes], dtype=np.int8)
        self.own = np.array([kind.private_ok for kind in demand.rates.classes]) & (kinds == 4)
        self.ledgers: list[Ledger] = []
        self.spent_s: list[int] = []
        self.waiting: list[list[int]] = []
        self.waiting_rounds: list[np.ndarray] = []

    def run(self, progress: Callable[[float], None] | None) -> RunResult:
        env = self.env
        for trip in range(len(self.routing.timetable.route)):
            env.process(self.trips.timetabled(trip))
        for number in range(len(self.rounds.hours)):
            env.process(self._rounds(env, number))
        with _uncollected():
            result = env.run(until=env.process(self._midnights(env, progress)))
        assert isinstance(result, RunResult)
        return result

    def _midnights(
        self, env: simpy.Environment, progress: Callable[[float], None] | None
    ) -> Generator[simpy.Event, None, RunResult]:
        """At each midnight, before all else: close the day, then accept all items of the next."""
        last_measured = self.plan.warmup_days + self.plan.measured_days
        for day in itertools.count():
            self._close_day(int(env.now))
            resolved = self.log.ended >= RESOLVED_SHARE * len(self.log)
            if day == self.days or (day > last_measured and resolved):
                break
            if progress is not None:
                progress(day / self.days)
            self._take_back()
            self._accept(self.demand.day(self.plan.start + dt.timedelta(days=day)), day)
            yield start_of_second(env, (day + 1) * DAY_S)
        return self._result(int(env.now))

    def _rounds(self, env: simpy.Environment, number: int) -> Generator[simpy.Event, None, None]:
        """Let the rounds of one hour of departure leave every day."""
        yield env.timeout(self.rounds.hours[number])
        while True:
            now = int(env.now)
            self.haul.advance(now)
            self.rounds.depart(number, now // DAY_S)
            yield env.timeout(DAY_S)

    # ------------------------------------------------------------ acceptance

    def _accept(self, items: Items, day: int) -> None:
        """Give items their stops and first queue; refuse those that have no way."""
        round_tables = self.round_tables
        n = len(items)
        accepted = items.accepted_s.astype(np.int64) + day * DAY_S
        group = 2 * self.own[items.cls] + items.flies
        inbound, outbound = items.direction == INBOUND, items.direction == OUTBOUND
        sender = np.where(inbound, 0, items.origin)
        if self.counters is not None:
            sender = self.counters[items.brand + 1, sender]
        base = round_tables.base[sender]
        last = np.where(outbound, 0, round_tables.base[np.where(outbound, 0, items.dest)])
        dest = np.where(outbound, self.gates.exit[group, -1 - np.where(outbound, items.dest, -1), base], last)
        first = np.where(
            inbound, self.gates.entry[group, -1 - np.where(inbound, items.origin, -1), last], base
        )
        ok = (first >= 0) & (dest >= 0)
        ok &= self.reach[group, first, dest]
        kept = np.flatnonzero(ok)
        pool = self.pool
        order = self.count["accepted"]
        slots = pool.take(self.priority[items.cls[kept]], order + kept)
        pool.key[slots] = items.key[kept]
        pool.luck[slots] = self.draws.luck(items.key[kept])
        pool.brand[slots] = items.brand[kept]
        pool.dest[slots] = items.dest[kept]
        if self.attempts is not None:
            pool.sender[slots] = np.where(inbound, items.origin, sender)[kept]
        pool.aim[slots] = dest[kept] * len(self.routing.groups) + group[kept]
        here = np.where(outbound, round_tables.base[np.maximum(items.origin, 0)], last)
        here = np.where(here < 0, base, here)  # posted at a counter, where no round goes
        pool.account[slots] = here[kept] * self.classes + items.cls[kept]
        pool.grams[slots] = items.grams[kept]
        pool.cm3[slots] = items.cm3[kept]
        self.custody.note(slots, ACCEPTED, accepted[kept], items.origin[kept])

        # From here, collected by rounds; from other provinces, on the way to the entry gateway.
        upstream, collect = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        inside, outside = kept[~inbound[kept]], kept[inbound[kept]]
        collect[inside] = self.round_tables.collected(sender[inside], accepted[inside]) - accepted[inside]
        upstream[outside] = self.gates.entry_s[group[outside], -1 - items.origin[outside], last[outside]]
        begin = (accepted + upstream + collect)[kept]
        pool.begin[slots] = begin
        self.custody.note(slots, TAKEN_IN, begin, first[kept])
        here = ~inbound[kept]
        self._collect(slots[here], begin[here], first[inside])
        self.haul.expect(slots[~here], begin[~here], first[outside])
        self.log.accept(day, order, items, accepted, upstream, collect, ~ok)
        self.count["accepted"] += n
        self.count["refused"] += n - len(kept)

    def _collect(self, slots: np.ndarray, intake: np.ndarray, first: np.ndarray) -> None:
        """Let centres take in what rounds bring."""
        self.haul.take_in(slots, intake + self.collect_handling_s[first], first)

    # ------------------------------------------------------------ ends

    def _on_round(self, slots: np.ndarray, when: np.ndarray) -> None:
        self.ended.append((slots, when))

    def _handed_over(self, slots: np.ndarray, when: np.ndarray) -> None:
        back = self.pool.attempts[slots] > 0
        if np.count_nonzero(back):
            self.returned.append((slots[back], when[back]))
            slots, when = slots[~back], when[~back]
        self.handed.append((slots, when))

    def _returned(self, slots: np.ndarray, when: np.ndarray) -> None:
        self.returned.append((slots, when))

    def _failed(self, slots: np.ndarray, when: np.ndarray, back: np.ndarray) -> None:
        """Write first attempts, and send back to the sender what has had its last; `back` with the round."""
        assert self.attempts is not None
        pool = self.pool
        first = pool.attempts[slots] == 1
        self.log.attempt(pool, slots[first], when[first])
        last = pool.attempts[slots] >= self.attempts.limit
        slots, back = slots[last], back[last]
        kinds = len(self.routing.groups)
        group = pool.aim[slots] % kinds
        here, sender = self.round_tables.base[pool.dest[slots]], pool.sender[slots]
        outside, inside = np.maximum(-1 - sender, 0), np.maximum(sender, 0)
        goal = np.where(sender < 0, self.gates.exit[group, outside, here], self.round_tables.base[inside])
        ok = (goal >= 0) & self.reach[group, here, goal]
        pool.aim[slots[ok]] = goal[ok] * kinds + group[ok]
        self.returned.append((slots[~ok], back[~ok]))
        self.going_back.append((slots[ok], back[ok]))
        self._take_back()

    def _take_back(self) -> None:
        """Let bases take in like collected mail what comes back before the next midnight, to be sent on."""
        if not self.going_back:
            return
        slots, back = (np.concatenate(column) for column in zip(*self.going_back, strict=True))
        today = back <= (int(self.env.now) // DAY_S + 1) * DAY_S
        self._collect(slots[today], back[today], self.round_tables.base[self.pool.dest[slots[today]]])
        self.going_back = [] if today.all() else [(slots[~today], back[~today])]

    def _close_day(self, now: int) -> None:
        """Write out what has ended, walk the ledger, note the queues."""
        self.haul.advance(now, arrived=now - 1)
        self.rounds.settle(now)
        self.spent_s.append(0)
        self.handed = self._write(self.handed, now, HANDED_OVER, "handed_over")
        self.ended = self._write(self.ended, now, DELIVERED, "delivered")
        self.returned = self._write(self.returned, now, RETURNED, "returned")
        self.log.hand_over()
        stops, moving = self.haul.count(), self._moving()
        terms = {term: sum(counts) for term, counts in stops.items()}
        terms |= {term: sum(map(len, blocks)) for term, blocks in moving.items()}
        ledger = Ledger(time_s=now, **self.count, **terms)
        ledger.check(lambda: astray(self.pool, self._queues()))
        self.ledgers.append(ledger)
        at_stops = (stops[term] for term in ("lanes", "sorters", "waiting"))
        self.waiting.append([sum(counts) for counts in zip(*at_stops, strict=True)])
        rounds = np.concatenate([*moving["for_round"], np.zeros(0, dtype=np.int64)])
        base = self.round_tables.base[self.pool.dest[rounds]]
        self.waiting_rounds.append(np.bincount(base, minlength=len(self.stops)))

    def _moving(self) -> dict[str, list[np.ndarray]]:
        """Return the slots of what is not at a stop, or there for a round."""
        on_round = [slots for ends in (self.ended, self.returned, self.going_back) for slots, _ in ends]
        return {
            "riding": self.haul.riding(),
            "for_round": self.rounds.held(),
            "on_round": [*on_round, *self.rounds.coming_back()],
        }

    def _queues(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name every queue that the ledger walks."""
        for stop in self.stops:
            for term, blocks in stop.held().items():
                yield from ((f"{term} at {self.network.stops[stop.row]}", block) for block in blocks)
        for term, blocks in self._moving().items():
            yield from ((term, block) for block in blocks)

    def _write(self, ends: Ends, now: int, outcome: int, term: str) -> Ends:
        """Record the ends before `now`, free their slots, and return the later ones."""
        if not ends:
            return []
        slots = np.concatenate([block[0] for block in ends])
        when = np.concatenate([block[1] for block in ends])
        past = when < now
        done = slots[past]
        self.log.end(self.pool, done, when[past], outcome)
        self.count[term] += len(done)
        self.spent_s[-1] += int((when[past] - self.pool.begin[done]).sum())
        self.pool.give_back(done)
        return [(slots[~past], when[~past])] if len(done) < len(slots) else []

    # ------------------------------------------------------------ result

    def _result(self, now: int) -> RunResult:
        self._hold(now)
        self.log.close()
        round_ = self.round_tables.round_row[
            np.maximum(self.pool.dest, 0)
        ]  # of items for other provinces it is not read
        return RunResult(
            plan=self.plan,
            items=self.log.columns(),
            trips=self.trips.log.arrays(now),
            custody=self.custody.arrays(),
            ledgers=tuple(self.ledgers),
            spent_s=np.array(self.spent_s),
            waiting=np.array(self.waiting),
            waiting_rounds=np.array(self.waiting_rounds),
            bottlenecks=bottlenecks(self.network, self.routing, self.stops, self.rounds),
            unresolved=unresolved(self.network, self.routing, self.stops, round_, self._moving()),
            work=self.work.result(
                self.round_tables.worked(*(second // DAY_S for second in self.plan.window_s))
            ),
            total_items=self.count["accepted"],
            seconds_run=now,
        )

    def _hold(self, now: int) -> None:
        """Record where the items under way are; an attempt still to come is not counted."""
        pool = self.pool
        for slots, when in self.ended:
            pool.tried[slots] = when
        self.haul.close()
        for term, blocks in self._moving().items():
            slots = np.concatenate([*blocks, np.zeros(0, dtype=np.int64)])
            if term == "on_round":
                pool.attempts[slots] -= (pool.attempts[slots] > 0) & (pool.tried[slots] >= now)
            at = self.round_tables.base[pool.dest[slots]] if term == "for_round" else -1
            self.log.hold(pool, slots, UNDER_WAY.index(term), at)
        for stop in self.stops:
            for term, blocks in stop.held().items():
                if blocks:
                    self.log.hold(pool, np.concatenate(blocks), UNDER_WAY.index(term), stop.row)
