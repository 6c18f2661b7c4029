"""Trips as SimPy processes: take vehicles, set out, call at stops.

When a trip sets out, all seconds at which it will come and leave are known: running times, closures and
breakdowns hang on nothing that happens on its way.  So the stops are told at once when what boards will
alight, and the trip itself wakes up only where items may wait for it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import pairwise

import numpy as np
import simpy

from network.model.records import WEEK_S
from sim.chance.running import Running
from sim.chance.weather import Roads
from sim.engine.haul import Haul, Load
from sim.engine.stops import Stop
from sim.engine.trip_tables import TripTables
from sim.fleet.line_haul_fleet import Fleet
from sim.state.clock import end_of_second
from sim.state.pool import Pool
from sim.state.work import WorkLog

__all__ = ["CANCELLED", "EXTRA", "NO_VEHICLE", "TIMETABLED", "TripLog", "Trips"]

#: What became of a trip, as the column ``fate`` says.
TIMETABLED, EXTRA, CANCELLED, NO_VEHICLE = range(4)

_LOG = {
    "route": np.int16,
    "direction": np.int8,
    "stop": np.int8,
    "departs_s": np.int32,
    "late_s": np.int32,
    "fate": np.int8,
    "boarded": np.int32,
    "on_board": np.int32,
    "load_kg": np.float32,
    "load_m3": np.float32,
    "capacity_kg": np.float32,
    "capacity_m3": np.float32,
    "missed_dispatches": np.int32,
}


class TripLog:
    """One row a departure, with the columns of `_LOG`."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    def arrays(self, until_s: int) -> dict[str, np.ndarray]:
        """Return the log as columns, in order of departure; what departs from `until_s` on is left out."""
        table = np.array(self.rows, dtype=np.float64).reshape(-1, len(_LOG))
        table = table[table[:, list(_LOG).index("departs_s")] < until_s]
        columns = {name: table[:, i].astype(kind) for i, (name, kind) in enumerate(_LOG.items())}
        order = np.lexsort(
            (columns["fate"], columns["stop"], columns["direction"], columns["route"], columns["departs_s"])
        )
        return {name: column[order] for name, column in columns.items()}


class Trips:
    """All trips of a network; what one cannot do in the second of its timetable is a process of its own.

    Parameters
    ----------
    env
        The clock.
    tables
        Calls and capacities.
    haul, pool
        Stops and loads, and the items.
    running, roads, fleet
        How trips really run, what is closed, and who drives them.
    work
        Told of every trip that sets out.
    """

    def __init__(
        self,
        env: simpy.Environment,
        tables: TripTables,
        haul: Haul,
        pool: Pool,
        running: Running,
        roads: Roads,
        fleet: Fleet,
        work: WorkLog,
    ) -> None:
        self._env, self._tables, self._pool = env, tables, pool
        self._haul, self._stops = haul, haul.stops
        self._running, self._roads, self._fleet = running, roads, fleet
        self._work = work
        self.log = TripLog()

    def timetabled(self, trip: int) -> Generator[simpy.Event, None, None]:
        """Start the trip of this number every week.

        A trip of an earlier week that is in transit at the start of the run goes on, empty.
        """
        env, tables = self._env, self._tables
        start = tables.depart_s[tables.first[trip]]
        ends = tables.arrive_s[tables.first[trip + 1] - 1]
        for weeks in range(ends // WEEK_S, 0, -1):
            env.process(self._go_on(trip, start - weeks * WEEK_S))
        yield env.timeout(start)
        while True:
            self._run(trip, int(env.now))
            yield env.timeout(WEEK_S)

    def _go_on(self, trip: int, start: int) -> Generator[simpy.Event, None, None]:
        """Finish by the timetable a trip that left before the run."""
        env, tables = self._env, self._tables
        first, last = tables.first[trip], tables.first[trip + 1] - 1
        offset = start - tables.depart_s[first]
        begin = next((call for call in range(first, last) if tables.depart_s[call] + offset >= env.now), last)
        departs = tables.depart_s[begin] + offset
        if begin < last:
            yield env.timeout(departs - env.now)
            legs = [tables.arrive_s[b] - tables.depart_s[a] for a, b in pairwise(range(first, last + 1))]
            number = tables.vehicles[tables.route[trip]]
            self._ride(trip, start, begin, legs, TIMETABLED, number, closures=False)

    def _run(self, trip: int, start: int) -> None:
        """Run the trip that is due now, at second `start`."""
        env, running = self._env, self._running
        if running.cancelled(trip, start):
            env.process(self._cancel(trip, start, CANCELLED))
            return
        late = running.late_s(trip, start)
        taken = None if late else self._fleet.take(self._tables.route[trip], self._tables.direction[trip])
        if taken is None:
            env.process(self._run_later(trip, start, late))
        else:
            self._drive(trip, start, taken, TIMETABLED)

    def _run_later(self, trip: int, start: int, late: int) -> Generator[simpy.Event, None, None]:
        """Run a trip that is late, or finds no vehicle."""
        env, fleet = self._env, self._fleet
        route, way = self._tables.route[trip], self._tables.direction[trip]
        taken = None
        if late:
            yield env.timeout(late)
            taken = fleet.take(route, way)
        if taken is None:
            taken = yield fleet.wait(route, way, trip, start)
        if taken is None:
            yield from self._cancel(trip, start, NO_VEHICLE)
        else:
            self._drive(trip, start, taken, TIMETABLED)

    def _drive(self, trip: int, start: int, taken: list[int], fate: int) -> None:
        """Let a trip set out now with these vehicles, and say when they are back."""
        tables, fleet, now = self._tables, self._fleet, int(self._env.now)
        route, way = tables.route[trip], tables.direction[trip]
        legs = self._running.legs_s(trip, start, fate == EXTRA)
        broken = fleet.broken(taken, now)
        roadside_s = fleet.roadside_s if any(broken) else 0
        number = len(taken) or tables.vehicles[route]
        self._work.set_out((route, way), fate, number, now)
        arrives = self._ride(trip, start, tables.first[trip], legs, fate, number, roadside_s)
        if taken:
            last = tables.first[trip + 1] - 1
            back_s = tables.arrive_s[last] - tables.depart_s[tables.first[trip]] if fate == EXTRA else 0
            fleet.give_back(route, way, taken, broken, arrives, back_s)

    def _cancel(self, trip: int, start: int, fate: int) -> Generator[simpy.Event, None, None]:
        """Let those that wait for a trip that does not run choose again, where it would have called."""
        env, tables = self._env, self._tables
        first, last = tables.first[trip], tables.first[trip + 1] - 1
        offset = start - tables.depart_s[first]
        for call in range(first, last):
            due = tables.depart_s[call] + offset
            if due > env.now:
                yield env.timeout(due - env.now)
            line, now = tables.line[call], int(env.now)
            left = self._stops[tables.stop[call]].cancel(line, now) if line >= 0 else 0
            self._note(trip, call, now, now - due, fate, 0, (0, 0, 0, 0, 0), left)

    def _ride(
        self,
        trip: int,
        start: int,
        begin: int,
        legs: Sequence[int],
        fate: int,
        vehicles: int,
        roadside_s: int = 0,
        closures: bool = True,
    ) -> int:
        """Let a trip leave its stop `begin` now; return when it comes to its last.

        It leaves every other stop by the timetable of a trip that starts at second `start`, or a stop's
        length after it has come.
        """
        tables, roads = self._tables, self._roads
        first, last = tables.first[trip], tables.first[trip + 1] - 1
        offset = start - tables.depart_s[first]
        route, way = tables.route[trip], tables.direction[trip]
        second = int(self._env.now)
        arrive, depart = [0] * (begin + 1 - first), [second] * (begin + 1 - first)  # by position on the way
        for call in range(begin, last):
            running = legs[call - first]
            if closures:
                running += roads.delay_s(route, way, call - first, second, running)
            if call == first:
                running += roadside_s
            second += running
            arrive.append(second)
            if call + 1 < last:
                stops_s = tables.stays_s[call + 1]
                second = max(tables.depart_s[call + 1] + offset, second + stops_s)
                depart.append(second)
        boards = [begin]
        if fate != EXTRA:
            boards += tables.boards[trip] if begin == first else [c for c in tables.boards[trip] if c > begin]
        load = self._haul.load(trip, vehicles, arrive)
        self._call(load, boards, 0, offset, depart, fate, fate == TIMETABLED and closures)
        if len(boards) > 1:
            self._env.process(self._calls(load, boards, offset, depart, fate))
        return second

    def _calls(
        self, load: Load, boards: Sequence[int], offset: int, depart: Sequence[int], fate: int
    ) -> Generator[simpy.Event, None, None]:
        """Board at the later stops at which items may wait."""
        first = self._tables.first[load.trip]
        for number in range(1, len(boards)):
            yield self._env.timeout(depart[boards[number] - first] - self._env.now)
            self._call(load, boards, number, offset, depart, fate, False)

    def _call(
        self,
        load: Load,
        boards: Sequence[int],
        number: int,
        offset: int,
        depart: Sequence[int],
        fate: int,
        may_double: bool,
    ) -> None:
        """Board at one of the stops at which items may wait; note all departures up to the next of them."""
        tables, call, trip = self._tables, boards[number], load.trip
        first, line = tables.first[trip], tables.line[call]
        boarded, left = 0, 0
        if line >= 0:
            boarded, behind = self._haul.board(load, call, line, depart[call - first])
            left = len(behind)
            if left:
                self._leave(trip, self._stops[tables.stop[call]], line, behind, may_double and call == first)
        end = boards[number + 1] if number + 1 < len(boards) else tables.first[trip + 1] - 1
        for at in range(call, end):
            leaving = load.leaving(at)
            if leaving[0] or left:
                departs = depart[at - first]
                late = departs - tables.depart_s[at] - offset
                self._note(trip, at, departs, late, fate, boarded, leaving, left)
            boarded, left = 0, 0

    def _leave(self, trip: int, stop: Stop, line: int, behind: np.ndarray, may_double: bool) -> None:
        """Let those left behind choose again, unless an extra trip is worth while and can be had."""
        tables, fleet, pool, now = self._tables, self._fleet, self._pool, int(self._env.now)
        route = tables.route[trip]
        if may_double and fleet.may_double(route):
            grams, cm3 = int(pool.grams[behind].sum()), int(pool.cm3[behind].sum())
            share = fleet.backlog * tables.vehicles[route]
            if grams >= share * tables.payload_g[route] or cm3 >= share * tables.payload_cm3[route]:
                stop.hold(line, behind)
                self._env.process(self._double(trip, stop, line, behind, now))
                return
        stop.choose_again(line, behind, now)

    def _double(
        self, trip: int, stop: Stop, line: int, behind: np.ndarray, now: int
    ) -> Generator[simpy.Event, None, None]:
        """Order an extra trip for those left behind at the end of the second, if it can be had."""
        tables, fleet = self._tables, self._fleet
        yield end_of_second(self._env, now)
        route, way = tables.route[trip], tables.direction[trip]
        taken = fleet.order(route, way, self._running.driving_s(trip), now)
        if taken is None:
            stop.let_go(line, behind)
            stop.choose_again(line, behind, now)
            return
        start = now + fleet.extra_after_s
        stop.keep_waiting(line, len(behind), len(behind) * fleet.extra_after_s)
        yield self._env.timeout(fleet.extra_after_s)
        self._drive(trip, start, taken, EXTRA)

    def _note(
        self,
        trip: int,
        call: int,
        departs: int,
        late: int,
        fate: int,
        boarded: int,
        load: tuple[int, int, int, int, int],
        left: int,
    ) -> None:
        tables = self._tables
        items, mass, space, room_g, room_cm3 = load
        self.log.rows.append(
            (
                tables.route[trip],
                tables.direction[trip],
                call - tables.first[trip],
                departs,
                late,
                fate,
                boarded,
                items,
                mass / 1000,
                space / 1e6,
                room_g / 1000,
                room_cm3 / 1e6,
                left,
            )
        )
