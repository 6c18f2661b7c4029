"""The kernel: builds what a run needs, lets trips, rounds and midnights go on, and hands out the result."""

from __future__ import annotations

import datetime as dt
import gc
import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import numpy as np
import simpy

from network.lastmile.handover import handover_s
from network.model.network import Network
from network.model.records import DAY_S
from network.routing.search import make_plan
from sim.chance.attempts import Attempts
from sim.chance.draws import Draws
from sim.chance.running import Running
from sim.chance.weather import Roads
from sim.demand.items import Demand
from sim.engine.acceptance import Acceptance
from sim.engine.bottlenecks import bottlenecks, unresolved
from sim.engine.daily_close import DailyClose
from sim.engine.endpoints import Ways
from sim.engine.ends import Ends
from sim.engine.haul import Haul, make_stops
from sim.engine.round_days import RoundDays
from sim.engine.rounds import Rounds
from sim.engine.trip_tables import TripTables
from sim.engine.trips import Trips
from sim.fleet.line_haul_fleet import Fleet
from sim.plan import DRAIN_DAYS, RESOLVED_SHARE, RunPlan
from sim.result import RunResult
from sim.state.clock import start_of_second
from sim.state.custody import Custody
from sim.state.pool import Pool
from sim.state.records import Columns, ItemLog
from sim.state.work import WorkLog

__all__ = ["Kernel"]


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
    """One run: its parts, and the processes that move them."""

    def __init__(
        self,
        network: Network,
        plan: RunPlan,
        demand: Demand,
        sink: Callable[[Columns], None] | None = None,
    ) -> None:
        self.network, self.plan, self.demand = network, plan, demand
        self.days = plan.warmup_days + plan.measured_days + DRAIN_DAYS
        self.env = simpy.Environment()
        operations, classes = network.operations, demand.rates.classes
        draws = Draws(plan.seed, plan.replication)

        self.pool = Pool()
        self.custody = Custody(self.pool)
        self.log = ItemLog(plan.warmup_days, plan.warmup_days + plan.measured_days, sink)
        self.work = WorkLog(plan.window_s, len(network.stops) * len(classes))

        self.routing = make_plan(network)
        self.round_days = RoundDays(network, plan.start, self.days + 60, draws)
        self.table = self.round_days.table
        ways = Ways(network, self.routing, self.round_days, classes)
        self.ends = Ends(self.pool, self.log, ways, self.table.base)
        self.rounds = Rounds(
            self.round_days,
            self.pool,
            handover_s(network),
            self.ends,
            self.custody,
            Attempts(network, classes, draws) if operations.attempts else None,
        )
        self.stops = make_stops(network, self.routing, self.pool, draws, operations, self.rounds.accept)
        tables = TripTables(network, self.routing)
        self.haul = Haul(tables, self.stops, self.pool, self.ends, self.custody, self.work)
        chance = draws, plan.start
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
        self.acceptance = Acceptance(
            network, classes, ways, self.haul, self.pool, self.log, self.custody, draws
        )
        self.daily = DailyClose(network.stops, self.haul, self.rounds, self.ends, self.pool, self.table.base)

    def run(self, progress: Callable[[float], None] | None) -> RunResult:
        """Let everything happen until the cohort is resolved; `progress` hears the share of the days done."""
        env = self.env
        for trip in range(len(self.routing.timetable.route)):
            env.process(self.trips.timetabled(trip))
        for number in range(len(self.rounds.hours)):
            env.process(self._rounds(number))
        with _uncollected():
            result = env.run(until=env.process(self._midnights(progress)))
        assert isinstance(result, RunResult)
        return result

    def _midnights(self, progress: Callable[[float], None] | None) -> Generator[simpy.Event, None, RunResult]:
        """At each midnight, before all else: close the day, then accept all items of the next."""
        last_measured = self.plan.warmup_days + self.plan.measured_days
        for day in itertools.count():
            self.daily.close(int(self.env.now), self.acceptance.count)
            resolved = self.log.ended >= RESOLVED_SHARE * len(self.log)
            if day == self.days or (day > last_measured and resolved):
                break
            if progress is not None:
                progress(day / self.days)
            self._take_back(day)
            self.acceptance.accept(self.demand.day(self.plan.start + dt.timedelta(days=day)), day)
            yield start_of_second(self.env, (day + 1) * DAY_S)
        return self._result(int(self.env.now))

    def _rounds(self, number: int) -> Generator[simpy.Event, None, None]:
        """Let the rounds of one hour of departure leave every day."""
        yield self.env.timeout(self.rounds.hours[number])
        while True:
            now = int(self.env.now)
            self.haul.advance(now)
            self.rounds.depart(number, now // DAY_S)
            self._take_back(now // DAY_S)
            yield self.env.timeout(DAY_S)

    def _take_back(self, day: int) -> None:
        """Let bases take in like collected mail what comes back up to the end of a day, to be sent on."""
        block = self.ends.take_back((day + 1) * DAY_S)
        if block is not None:
            slots, back_s = block
            self.acceptance.collect(slots, back_s, self.table.base[self.pool.dest[slots]])

    def _result(self, now: int) -> RunResult:
        self.daily.hold(now, self.log)
        self.log.close()
        # of items for other provinces it is not read
        round_ = self.table.round_row[np.maximum(self.pool.dest, 0)]
        window_days = (second // DAY_S for second in self.plan.window_s)
        return RunResult(
            plan=self.plan,
            items=self.log.columns(),
            trips=self.trips.log.arrays(now),
            custody=self.custody.arrays(),
            ledgers=tuple(self.daily.ledgers),
            spent_s=np.array(self.daily.spent_s),
            waiting=np.array(self.daily.waiting),
            waiting_rounds=np.array(self.daily.waiting_rounds),
            bottlenecks=bottlenecks(self.network, self.routing, self.stops, self.rounds),
            unresolved=unresolved(self.network, self.routing, self.stops, round_, self.daily.moving()),
            work=self.work.result(self.round_days.worked(*window_days)),
            total_items=self.daily.ledgers[-1].accepted,
            seconds_run=now,
        )
