"""Trips as SimPy processes: ride, unload, board, leave."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
import simpy

from network.graph import MailNetwork
from network.model import MODES, WEEK_S
from network.search import Plan
from sim.custody import BOARDED, UNLOADED, Custody
from sim.items import HOP, Pool
from sim.stops import Stop

__all__ = ["Load", "TripLog", "TripTables", "Trips"]


_LOG = {
    "route": np.int16,
    "direction": np.int8,
    "stop": np.int8,
    "departs_s": np.int32,
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
        order = np.lexsort((found["stop"], found["direction"], found["route"], found["departs_s"]))
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
        self.capacity_g = [
            round(classes[r.vehicle].payload_kg * 1000) * r.vehicles_per_trip for r in network.routes
        ]
        self.capacity_cm3 = [
            round(classes[r.vehicle].payload_m3 * 1e6) * r.vehicles_per_trip for r in network.routes
        ]
        # A departure that no item would ever choose has no line, and -1 here.
        self.line = [-1] * len(self.stop)
        for stop in plan.stops:
            for line, call in enumerate(stop.call.tolist()):
                self.line[call] = line


class Load:
    """What is aboard one vehicle (or convoy) on its way."""

    __slots__ = ("aboard", "mass", "on_board", "space")

    def __init__(self) -> None:
        self.aboard: dict[int, list[tuple[np.ndarray, int, int, int]]] = {}
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
    ended
        Called with slots and seconds of items handed over at a gateway.
    custody
        Told of every confidential item that boards or is unloaded.
    """

    def __init__(
        self,
        env: simpy.Environment,
        tables: TripTables,
        stops: list[Stop],
        pool: Pool,
        ended: Callable[[np.ndarray, np.ndarray], None],
        custody: Custody,
    ) -> None:
        self._env, self._tables, self._stops, self._pool = env, tables, stops, pool
        self._ended, self._custody = ended, custody
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
            env.process(self.run(trip, start - weeks * WEEK_S))
        yield env.timeout(start)
        while True:
            env.process(self.run(trip, int(env.now)))
            yield env.timeout(WEEK_S)

    def run(self, trip: int, start: int) -> Generator[simpy.Event, None, None]:
        """Call at every stop in turn: unload what alights, then board what waits, up to capacity.

        `start` is the second at which the trip leaves its first stop, or has left it before the run.
        """
        env, tables = self._env, self._tables
        first, last = tables.first[trip], tables.first[trip + 1] - 1
        offset = start - tables.depart_s[first]
        begin = next((call for call in range(first, last) if tables.depart_s[call] + offset >= env.now), last)
        route = tables.route[trip]
        room_g, room_cm3 = tables.capacity_g[route], tables.capacity_cm3[route]
        load = Load()
        self.on_road.add(load)
        for call in range(begin, last + 1):
            stop = self._stops[tables.stop[call]]
            if call > begin:
                yield env.timeout(tables.arrive_s[call] + offset - env.now)
                self._unload(load, call, int(env.now), stop, tables.mode[route])
            if call == last:
                break
            departs = tables.depart_s[call] + offset
            if departs > env.now:
                yield env.timeout(departs - env.now)
            line = tables.line[call]
            if line < 0 and not load.on_board:
                continue
            boarded, left = 0, 0
            found = None if line < 0 else stop.board(line, departs, room_g - load.mass, room_cm3 - load.space)
            if found is not None:
                slots, mass, space, left = found
                boarded = len(slots)
                self._custody.note(slots, BOARDED, departs, route)
                _stow(load, slots, mass, space, call, last, departs, self._pool)
            if load.on_board or left:
                self.log.rows.append(
                    (
                        route,
                        tables.direction[trip],
                        call - first,
                        departs,
                        boarded,
                        load.on_board,
                        load.mass / 1000,
                        load.space / 1e6,
                        room_g / 1000,
                        room_cm3 / 1e6,
                        left,
                    )
                )
        self.on_road.discard(load)

    def _unload(self, load: Load, call: int, now: int, stop: Stop, mode: int) -> None:
        for slots, boarded_at, mass, space in load.aboard.pop(call, ()):
            self._pool.ride[slots] += now - boarded_at + HOP
            load.mass -= mass
            load.space -= space
            load.on_board -= len(slots)
            self._custody.note(slots, UNLOADED, now, stop.row)
            stop.arrive(slots, now, mode, self._ended)


def _stow(
    load: Load, slots: np.ndarray, mass: int, space: int, call: int, last: int, now: int, pool: Pool
) -> None:
    """Put boarded items aboard, by the call at which they alight."""
    if not len(slots):
        return
    load.mass += mass
    load.space += space
    load.on_board += len(slots)
    least = most = 1
    if call + 1 < last:
        alight = pool.alight[slots]
        least, most = int(alight.min()), int(alight.max())
    if least == most:
        load.aboard.setdefault(call + least, []).append((slots, now, mass, space))
        return
    for ride in range(least, most + 1):
        part = slots[alight == ride]
        if len(part):
            block = (part, now, int(pool.grams[part].sum()), int(pool.cm3[part].sum()))
            load.aboard.setdefault(call + ride, []).append(block)
