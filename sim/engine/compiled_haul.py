"""The line-haul in compiled loops: lays out what they read and write, and speaks as `sim.engine.haul` does.

It is made where numba is installed (`sim.engine.hauls`).  What the loops do is in `sim.engine.compiled`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.chance.draws import recheck_limit
from sim.engine import compiled as c
from sim.engine.centres import Station
from sim.engine.haul import Haul
from sim.engine.stops import Left, Stop
from sim.engine.trip_tables import TripTables
from sim.state.custody import Custody
from sim.state.pool import Pool
from sim.state.work import WorkLog

__all__ = ["CompiledHaul"]

_NONE = np.zeros(0, dtype=np.int64)
_FIRST_LINE = c.LEFT + 1
_ROOM = 64  # batches and pieces of queues beyond one an item


class CompiledLoad:
    """What is aboard one vehicle on its way; see the rows of `sim.engine.compiled`."""

    __slots__ = ("first", "room_cm3", "room_g", "rows", "trip")

    def __init__(self, trip: int, first: int, room_g: int, room_cm3: int, rows: np.ndarray) -> None:
        self.trip, self.first, self.room_g, self.room_cm3, self.rows = trip, first, room_g, room_cm3, rows

    def leaving(self, call: int) -> tuple[int, int, int, int, int]:
        """As `sim.engine.haul.Load.leaving`."""
        items, mass, space = self.rows[c.ITEMS :, call - self.first].tolist()
        return items, mass, space, self.room_g, self.room_cm3


class _Served:
    """What a station tells at close."""

    def __init__(self, row: np.ndarray) -> None:
        self.waited, self.waited_s = int(row[c.WAITED]), int(row[c.WAITED_S])


class CompiledStop:
    """One stop; as much of `sim.engine.stops.Stop` as is asked for one by one."""

    def __init__(self, haul: CompiledHaul, stop: Stop) -> None:
        self.row, self._haul, self._lines = stop.row, haul, len(stop.lines)

    @property
    def station(self) -> _Served | None:
        row = self._haul.at[self.row]
        return _Served(row) if row[c.LANES] else None

    def _queue(self, line: int) -> int:
        return int(self._haul.at[self.row, c.LINES]) + line

    @property
    def lines(self) -> list[list[np.ndarray]]:
        """Slots that wait for each line."""
        first = self._queue(0)
        return [self._haul.blocks(q) for q in range(first, first + self._lines)]

    @property
    def left(self) -> list[Left]:
        """What each line kept waiting."""
        first = self._queue(0)
        found = []
        for items, item_s in self._haul.left[first : first + self._lines, :2].tolist():
            found.append(Left())
            found[-1].add(items, item_s)
        return found

    def keep_waiting(self, line: int, items: int, item_s: int) -> None:
        self._haul.left[self._queue(line), :2] += items, item_s

    def hold(self, line: int, behind: np.ndarray) -> None:
        q = self._queue(line)
        self._haul.relink(q, np.concatenate([*self._haul.blocks(q), behind]))

    def let_go(self, line: int, behind: np.ndarray) -> None:
        q = self._queue(line)
        slots = np.concatenate(self._haul.blocks(q))
        self._haul.relink(q, slots[~np.isin(slots, behind)])

    def choose_again(self, line: int, behind: np.ndarray, now: int) -> None:
        self._haul.call(c.choose_again, self.row, line, behind, now + 1)

    def cancel(self, line: int, now: int) -> int:
        haul, q = self._haul, self._queue(line)
        haul.call(c.advance, self.row, now, now)
        slots = np.concatenate([*haul.blocks(q), _NONE])
        if len(slots):
            haul.relink(q, _NONE)
            haul.pool.cancelled[slots] += 1
            self.choose_again(line, slots, now)
        return len(slots)

    def held(self) -> dict[str, list[np.ndarray]]:
        haul, row = self._haul, self._haul.at[self.row]
        first = int(row[c.QUEUES])
        lanes = [block for q in range(c.PRIORITIES) for block in haul.blocks(first + c.WAITING + q)]
        waiting = [block for line in self.lines for block in line]
        return {
            "collecting": haul.calendar(self.row, c.DUE),
            "outside": haul.blocks(first + c.STREAM),
            "lanes": lanes,
            "sorters": haul.blocks(first + c.SORTING),
            "waiting": waiting + haul.calendar(self.row, c.AGAIN),
        }


class CompiledHaul(Haul):
    """All stops and the loads between them, in a few arrays that compiled loops share.

    Parameters
    ----------
    tables
        Calls and capacities of the trips.
    stops
        Stops as `sim.engine.haul` would have them, in which nothing waits yet.
    pool, ended, custody, work
        As for `sim.engine.haul.Haul`.
    """

    def __init__(
        self,
        tables: TripTables,
        stops: Sequence[Stop],
        pool: Pool,
        ended: Callable[[np.ndarray, np.ndarray], None],
        custody: Custody,
        work: WorkLog,
    ) -> None:
        self.pool, self._tables, self._custody, self._work = pool, tables, custody, work
        self._ended, self._at_home = ended, stops[0].at_home
        self._trips()
        self._lay_out(stops)
        self._fit()
        self.stops = [CompiledStop(self, stop) for stop in stops]  # type: ignore[misc]

    # ------------------------------------------------------------ layout

    def _lay_out(self, stops: Sequence[Stop]) -> None:
        """Lay out the tables of the stops, and their queues."""
        n = len(stops)
        self.at = np.zeros((n, c.STOP_COLUMNS), dtype=np.int64)
        fixed: list[int] = []
        servers = 0
        salts = np.zeros((n, 2), dtype=np.uint64)
        table, queue = 0, _FIRST_LINE
        for s, stop in enumerate(stops):
            row, station, departures = self.at[s], stop.station, stop.departures
            if isinstance(station, Station):
                lanes, sorters = station.lanes, station.sorters
                row[c.LANES], row[c.LANE_RATE], row[c.LANE_AT] = lanes.count, lanes.rate, servers
                servers += lanes.count
                row[c.SORTERS], row[c.SORTER_RATE], row[c.SORTER_AT] = sorters.count, sorters.rate, servers
                servers += sorters.count
                if station.hours is not None:
                    windows = station.hours.table
                    row[c.HOURS_AT], row[c.WINDOWS] = len(fixed), len(windows)
                    row[c.WORKED_DAY_S] = station.hours.day_s
                    fixed += [value for window in windows for value in window]
            row[[c.DUE, c.COMING, c.AGAIN]] = -1
            row[c.DONE_S] = c.NEVER_S
            row[c.RECHECK_S] = stop.recheck_s
            salts[s] = stop.salt, recheck_limit(stop.share)
            row[c.GATEWAY] = stop.groups + 1 if stop.is_gateway else 0
            row[c.HANDLING :] = stop.handling_s
            row[c.TIMES_AT], row[c.TIMES] = len(fixed), departures.times.size
            fixed += departures.times.tolist()
            row[c.TABLE_AT], row[c.CODES] = table, stop.departures.codes
            row[c.AFTER] = row[c.UNTIL] = -1
            table += departures.line.size
            row[c.LINES], queue = queue, queue + len(stop.lines)
        self._lines = np.array([len(stop.lines) for stop in stops], dtype=np.int64)
        self.at[:, c.QUEUES] = queue + c.STOP_QUEUES * np.arange(n)
        self.queue = np.zeros((queue + c.STOP_QUEUES * n, 3), dtype=np.int64)
        self.left = np.zeros((queue, 3), dtype=np.int64)
        for s, stop in enumerate(stops):
            self.left[self.at[s, c.LINES] :][: len(stop.lines), 2] = stop.leaves_s
        self._counters = np.array([-1, 0, 0, -1, 0], dtype=np.int64)
        self._batch = np.zeros((0, 8), dtype=np.int64)
        self._pieces = np.zeros((0, c.PIECE), dtype=np.int32)
        self._constant = (
            np.array([*fixed, 0], dtype=np.int64),
            np.zeros(servers, dtype=np.int64),
            np.concatenate([stop.departures.line.ravel() for stop in stops]),
            np.concatenate([stop.departures.alight.ravel() for stop in stops]),
            salts,
        )

    def _trips(self) -> None:
        """Number all pairs of stops between which one can ride, and get room for what they carry."""
        tables = self._tables
        self._ways: dict[tuple[int, int], tuple[int, int]] = {}  # first pair, and stops of the way
        pairs = 0
        for trip in range(len(tables.route)):
            way = tables.route[trip], tables.direction[trip]
            if way not in self._ways:
                stops = tables.first[trip + 1] - tables.first[trip]
                self._ways[way] = pairs, stops
                pairs += stops * stops
        # Position, route, mode and first pair of each call.
        self._calls: list[tuple[int, int, int, int]] = []
        for trip in range(len(tables.route)):
            route, way = tables.route[trip], tables.direction[trip]
            pair, width = self._ways[route, way]
            for at in range(tables.first[trip + 1] - tables.first[trip]):
                self._calls.append((at, route, tables.mode[route], pair + at * width + at))
        self._empty = {}  # loads, by number of stops
        for _, width in self._ways.values():
            self._empty[width] = np.zeros((5, width), dtype=np.int64)
            self._empty[width][c.BATCH] = -1
        # Memory is taken as it is used.
        self._carried = np.zeros((pairs, self._work.accounts, 2), dtype=np.int64)
        self._stop_of = np.array(tables.stop, dtype=np.int64)

    def _fit(self) -> None:
        """Make the state fit the pool, which may have grown."""
        pool, size = self.pool, len(self.pool.key)
        batch = np.zeros((size + _ROOM, 8), dtype=np.int64)
        used = int(self._counters[c.USED])
        batch[:used] = self._batch[:used]
        self._batch = batch
        pieces = np.zeros((size + _ROOM, c.PIECE), dtype=np.int32)
        used = int(self._counters[c.USED_PIECES])
        pieces[:used] = self._pieces[:used]
        self._pieces = pieces
        self._notes, self._many_notes = np.empty((4 * size, 4), dtype=np.int64), 2 * size
        self._columns = (
            pool.key, pool.rank, pool.luck, pool.aim, pool.ready, pool.alight, pool.grams, pool.cm3,
            pool.account, pool.journey, pool.confidential,
        )  # fmt: skip
        fixed, servers, lines, calls, salts = self._constant
        self._state = (
            batch, self.queue, self.at, self._counters, fixed, servers, lines, calls, salts, self._notes,
            self.left, self._carried, self._stop_of, pieces,
        )  # fmt: skip

    # ------------------------------------------------------------ queues one by one

    def call(self, loop: Callable[..., int | None], *args: object) -> int | None:
        """Call a compiled loop."""
        return loop(self._columns, self._state, *args)

    def blocks(self, q: int) -> list[np.ndarray]:
        """Return the slots of a queue."""
        return [c.slots_of(self._columns, self._state, q, False)] if self.queue[q, c.COUNT] else []

    def calendar(self, row: int, calendar: int) -> list[np.ndarray]:
        """Return the slots of a calendar of a stop."""
        found, b = [], int(self.at[row, calendar])
        while b >= 0:
            found.append(c.slots_of_batch(self._columns, self._state, b))
            b = int(self._batch[b, c.NEXT])
        return found

    def relink(self, q: int, slots: np.ndarray) -> None:
        """Make a queue of these slots."""
        self.call(c.relink, q, slots)

    def _taken(self, q: int) -> np.ndarray:
        """Return the slots of a queue and empty it."""
        return c.slots_of(self._columns, self._state, q, True)

    # ------------------------------------------------------------ as in sim.haul

    def advance(self, now: int, arrived: int | None = None) -> None:
        self.call(c.advance_all, now, now if arrived is None else arrived)
        home, ended = self._taken(c.AT_HOME), self._taken(c.ENDED)
        if len(home):
            self._at_home(home)
        if len(ended):
            self._ended(ended, self.pool.ready[ended].astype(np.int64))
        self._tell()

    def _tell(self) -> None:
        """Tell who had confidential items since the last time."""
        n = int(self._counters[c.NOTES])
        if n:
            slots, hands, times, where = self._notes[:n].T
            self._custody.note_hands(slots, hands, times, where)
            self._counters[c.NOTES] = 0

    def take_in(self, slots: np.ndarray, times: np.ndarray, first: np.ndarray) -> None:
        if self._columns[0] is not self.pool.key:
            self._fit()
        self.call(c.take_in, slots, times.astype(np.int64, copy=False), first.astype(np.int64, copy=False))

    def expect(self, slots: np.ndarray, ready: np.ndarray, first: np.ndarray) -> None:
        if self._columns[0] is not self.pool.key:
            self._fit()
        for stop in np.unique(first).tolist():
            mine = np.flatnonzero(first == stop)
            mine = mine[ready[mine].argsort(kind="stable")]
            self.call(c.expect, stop, slots[mine], ready[mine].astype(np.int64, copy=False))

    def count(self) -> dict[str, list[int]]:
        counts = c.lengths(self._columns, self._state, self._lines).T.tolist()
        return dict(zip(("outside", "collecting", "lanes", "sorters", "waiting"), counts, strict=True))

    def load(  # type: ignore[override]
        self, trip: int, vehicles: int, arrive_s: Sequence[int]
    ) -> CompiledLoad:
        tables = self._tables
        route = tables.route[trip]
        rows = self._empty[len(arrive_s)].copy()
        rows[c.ARRIVE] = arrive_s
        room = tables.payload_g[route] * vehicles, tables.payload_cm3[route] * vehicles
        return CompiledLoad(trip, tables.first[trip], *room, rows)

    def board(  # type: ignore[override]
        self, load: CompiledLoad, call: int, line: int, now: int
    ) -> tuple[int, np.ndarray]:
        position, route, mode, ride = self._calls[call]
        if self._counters.item(c.NOTES) > self._many_notes:
            self._tell()
        found = c.board(
            self._columns,
            self._state,
            load.rows,
            call,
            position,
            line,
            now,
            load.room_g,
            load.room_cm3,
            route,
            mode,
            ride,
            self._work.counts(now),
        )
        left = found & 0xFFFF_FFFF
        if not left:
            return found >> 32, _NONE
        behind = self._taken(c.LEFT)
        self.pool.left_behind[behind] += 1
        return found >> 32, behind

    def riding(self) -> list[np.ndarray]:
        return [block for stop in self.stops for block in self.calendar(stop.row, c.COMING)]

    def close(self) -> None:
        """Hand what was carried to the log of work; what items aboard have waited is counted already."""
        for way, (pair, width) in self._ways.items():
            for a in range(width):
                for b in range(a + 1, width):
                    self._work.add_rides(way, (a, b), self._carried[pair + a * width + b].T)
