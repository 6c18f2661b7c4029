"""Trips as SimPy processes: take vehicles, ride, unload, board, leave."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import simpy

from network.graph import MailNetwork
from network.model import MODES, WEEK_S
from network.search import Plan
from sim.clock import end_of_second
from sim.custody import BOARDED, UNLOADED, Custody
from sim.fleet import Fleet
from sim.items import Pool, ride
from sim.running import Running
from sim.stops import Stop
from sim.weather import Roads
from sim.work import WorkLog

__all__ = ["CANCELLED", "EXTRA", "NO_VEHICLE", "TIMETABLED", "Load", "TripLog", "TripTables", "Trips"]

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
    "left_behind": np.int32,
}


class TripLog:
    """One row a departure, with the columns of `_LOG`."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the log as columns, in order of departure."""
        table = np.array(self.rows, dtype=np.float64).reshape(-1, len(_LOG))
        found = {name: table[:, i].astype(kind) for i, (name, kind) in enumerate(_LOG.items())}
        order = np.lexsort(
            (found["fate"], found["stop"], found["direction"], found["route"], found["departs_s"])
        )
        return {name: column[order] for name, column in found.items()}


class TripTables:
    """What all trips read: calls, capacities, and the line of each departure at its stop."""

    def __init__(self, network: MailNetwork, plan: Plan) -> None:
        table = plan.timetable
        self.first = table.first.tolist()
        self.stop = table.stop.tolist()
        self.arrive_s = table.arrive_s.tolist()
        self.depart_s = table.depart_s.tolist()
        self.route = table.route.tolist()
        self.direction = table.direction.tolist()
        classes = network.vehicle_classes
        self.mode = [MODES.index(route.mode) for route in network.routes]
        self.vehicles = [route.vehicles_per_trip for route in network.routes]
        self.payload_g = [round(classes[route.vehicle].payload_kg * 1000) for route in network.routes]
        self.payload_cm3 = [round(classes[route.vehicle].payload_m3 * 1e6) for route in network.routes]
        # A departure that no item would ever choose has no line, and -1 here.
        self.line = [-1] * len(self.stop)
        for stop in plan.stops:
            for line, call in enumerate(stop.call.tolist()):
                self.line[call] = line


class Block(NamedTuple):
    """Items that boarded together and alight together."""

    slots: np.ndarray
    boarded_s: int
    grams: int
    cm3: int
    confidential: np.ndarray  # slots of those that are


class Load:
    """What is aboard one vehicle (or convoy) on its way."""

    __slots__ = ("aboard", "mass", "on_board", "room_cm3", "room_g", "space")

    def __init__(self, room_g: int, room_cm3: int) -> None:
        self.room_g, self.room_cm3 = room_g, room_cm3
        self.aboard: dict[int, list[Block]] = {}
        self.mass = 0
        self.space = 0
        self.on_board = 0


class Trips:
    """All trips of a network, each run of one a SimPy process.

    Parameters
    ----------
    env
        The clock.
    tables
        Calls and capacities.
    stops, pool
        Where items wait, and the items.
    running, roads, fleet
        How trips really run, what is closed, and who drives them.
    ended
        Called with slots and seconds of items that alight where they end, at a gateway.
    custody
        Told of every confidential item that boards or is unloaded.
    work
        Told of every ride and every trip that sets out.
    """

    def __init__(
        self,
        env: simpy.Environment,
        tables: TripTables,
        stops: list[Stop],
        pool: Pool,
        running: Running,
        roads: Roads,
        fleet: Fleet,
        ended: Callable[[np.ndarray, np.ndarray], None],
        custody: Custody,
        work: WorkLog,
    ) -> None:
        self._env, self._tables, self._stops, self._pool = env, tables, stops, pool
        self._running, self._roads, self._fleet = running, roads, fleet
        self._ended, self._custody, self._work = ended, custody, work
        self.log = TripLog()
        self.on_road: set[Load] = set()

    def timetabled(self, trip: int) -> Generator[simpy.Event, None, None]:
        """Start the trip of this number every week, as a process of its own.

        A trip of an earlier week that is under way at the start of the run goes on, empty.
        """
        env, tables = self._env, self._tables
        start = tables.depart_s[tables.first[trip]]
        ends = tables.arrive_s[tables.first[trip + 1] - 1]
        for weeks in range(ends // WEEK_S, 0, -1):
            env.process(self._go_on(trip, start - weeks * WEEK_S))
        yield env.timeout(start)
        while True:
            env.process(self.run(trip, int(env.now)))
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
            yield from self._ride(trip, start, begin, legs, TIMETABLED, number, closures=False)

    def run(self, trip: int, start: int) -> Generator[simpy.Event, None, None]:
        """Run the trip that is due at second `start`: get vehicles, call at every stop, give them back."""
        env, running, fleet = self._env, self._running, self._fleet
        route, way = self._tables.route[trip], self._tables.direction[trip]
        if running.cancelled(trip, start):
            yield from self._cancel(trip, start, CANCELLED)
            return
        late = running.late_s(trip, start)
        if late:
            yield env.timeout(late)
        taken = fleet.take(route, way)
        if taken is None:
            taken = yield fleet.wait(route, way, trip, start)
        if taken is None:
            yield from self._cancel(trip, start, NO_VEHICLE)
        else:
            yield from self._drive(trip, start, taken, TIMETABLED)

    def _drive(
        self, trip: int, start: int, taken: list[int], fate: int
    ) -> Generator[simpy.Event, None, None]:
        """Run a trip that sets out now, with these vehicles, and give them back."""
        tables, fleet = self._tables, self._fleet
        route, way = tables.route[trip], tables.direction[trip]
        legs = self._running.legs_s(trip, start, fate == EXTRA)
        broken = fleet.broken(taken, int(self._env.now))
        roadside_s = fleet.roadside_s if any(broken) else 0
        number = len(taken) or tables.vehicles[route]
        self._work.set_out((route, way), fate, number, int(self._env.now))
        yield from self._ride(trip, start, tables.first[trip], legs, fate, number, roadside_s)
        if taken:
            last = tables.first[trip + 1] - 1
            back_s = tables.arrive_s[last] - tables.depart_s[tables.first[trip]] if fate == EXTRA else 0
            fleet.give_back(route, way, taken, broken, back_s)

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
            self._note(trip, call, now, now - due, fate, 0, Load(0, 0), left)

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
    ) -> Generator[simpy.Event, None, None]:
        """Call at every stop from `begin` on: unload what alights, then board what waits, up to capacity.

        The trip departs from there now.  It leaves every other stop by the timetable of a trip that starts
        at second `start`, or a stop's length after it has come.
        """
        env, tables = self._env, self._tables
        first, last = tables.first[trip], tables.first[trip + 1] - 1
        offset = start - tables.depart_s[first]
        route, way = tables.route[trip], tables.direction[trip]
        load = Load(tables.payload_g[route] * vehicles, tables.payload_cm3[route] * vehicles)
        self.on_road.add(load)
        for call in range(begin, last):
            now = int(env.now)
            stop, line = self._stops[tables.stop[call]], tables.line[call]
            boarded, left = 0, 0
            found = None
            if line >= 0 and (fate != EXTRA or call == first):
                found = stop.board(line, now, load.room_g - load.mass, load.room_cm3 - load.space)
            if found is not None:
                slots, mass, space, behind = found
                boarded, left = len(slots), len(behind)
                self._stow(
                    load, Block(slots, now, mass, space, self._custody.confidential(slots)), call, trip
                )
                if left:
                    first_of_all = call == first and fate == TIMETABLED
                    yield from self._leave(trip, stop, line, behind, first_of_all and closures)
            if load.on_board or left:
                due = tables.depart_s[call] + offset
                self._note(trip, call, now, now - due, fate, boarded, load, left)
            running = legs[call - first]
            if closures:
                running += self._roads.delay_s(route, way, call - first, now, running)
            if call == first:
                running += roadside_s
            yield env.timeout(running)
            now = int(env.now)
            self._unload(load, call + 1, now, self._stops[tables.stop[call + 1]], tables.mode[route])
            if call + 1 < last:
                stops_s = tables.depart_s[call + 1] - tables.arrive_s[call + 1]
                departs = max(tables.depart_s[call + 1] + offset, now + stops_s)
                if departs > now:
                    yield env.timeout(departs - now)
        self.on_road.discard(load)

    def _leave(
        self, trip: int, stop: Stop, line: int, behind: np.ndarray, may_call: bool
    ) -> Generator[simpy.Event, None, None]:
        """Order an extra trip for those left behind, if it is worth while and can be had."""
        tables, fleet, pool, now = self._tables, self._fleet, self._pool, int(self._env.now)
        route, way = tables.route[trip], tables.direction[trip]
        if may_call and fleet.may_double(route):
            grams, cm3 = int(pool.grams[behind].sum()), int(pool.cm3[behind].sum())
            share = fleet.backlog * tables.vehicles[route]
            if grams >= share * tables.payload_g[route] or cm3 >= share * tables.payload_cm3[route]:
                stop.hold(line, behind)
                yield end_of_second(self._env, now)
                taken = fleet.order(route, way, self._running.driving_s(trip), now)
                if taken is not None:
                    stop.left[line].add(len(behind), len(behind) * fleet.extra_after_s)
                    self._env.process(self._extra(trip, now + fleet.extra_after_s, taken))
                    return
                stop.let_go(line, behind)
        stop.choose_again(line, behind, now)

    def _extra(self, trip: int, start: int, taken: list[int]) -> Generator[simpy.Event, None, None]:
        yield self._env.timeout(start - self._env.now)
        yield from self._drive(trip, start, taken, EXTRA)

    def _note(
        self,
        trip: int,
        call: int,
        departs: int,
        late: int,
        fate: int,
        boarded: int,
        load: Load,
        left: int,
    ) -> None:
        tables = self._tables
        route = tables.route[trip]
        self.log.rows.append(
            (
                route,
                tables.direction[trip],
                call - tables.first[trip],
                departs,
                late,
                fate,
                boarded,
                load.on_board,
                load.mass / 1000,
                load.space / 1e6,
                load.room_g / 1000,
                load.room_cm3 / 1e6,
                left,
            )
        )

    def _stow(self, load: Load, block: Block, call: int, trip: int) -> None:
        """Put boarded items aboard, by the call at which they alight."""
        slots, now, grams, cm3, confidential = block
        if not len(slots):
            return
        route = self._tables.route[trip]
        if len(confidential):
            self._custody.note_confidential(confidential, BOARDED, now, route)
        load.mass += grams
        load.space += cm3
        load.on_board += len(slots)
        pool = self._pool
        alight = pool.alight[slots]
        least = int(alight[0])
        if np.count_nonzero(alight == least) == len(slots):
            load.aboard.setdefault(call + least, []).append(block)
            self._carry(trip, call, least, now, slots)
            return
        for calls in np.flatnonzero(np.bincount(alight)).tolist():
            part = slots[alight == calls]
            self._carry(trip, call, calls, now, part)
            mass, space = int(np.add.reduce(pool.grams[part])), int(np.add.reduce(pool.cm3[part]))
            secret = self._custody.confidential(part) if len(confidential) else confidential
            load.aboard.setdefault(call + calls, []).append(Block(part, now, mass, space, secret))

    def _carry(self, trip: int, call: int, calls: int, now: int, slots: np.ndarray) -> None:
        """Note a ride over so many calls."""
        tables, pool = self._tables, self._pool
        at = call - tables.first[trip]
        way = tables.route[trip], tables.direction[trip]
        self._work.ride(way, (at, at + calls), now, pool.account[slots], pool.grams[slots])

    def _unload(self, load: Load, call: int, now: int, stop: Stop, mode: int) -> None:
        pool = self._pool
        for slots, boarded_s, grams, cm3, confidential in load.aboard.pop(call, ()):
            pool.journey[slots] += ride(1, now - boarded_s) + boarded_s - pool.ready[slots]
            load.mass -= grams
            load.space -= cm3
            load.on_board -= len(slots)
            if len(confidential):
                self._custody.note_confidential(confidential, UNLOADED, now, stop.row)
            stop.arrive(slots, now, mode, self._ended)

    def close(self) -> None:
        """Count what items that are aboard at close have waited; a trip counts when it has ended."""
        pool = self._pool
        for load in self.on_road:
            for block in (block for blocks in load.aboard.values() for block in blocks):
                pool.journey[block.slots] += block.boarded_s - pool.ready[block.slots]
