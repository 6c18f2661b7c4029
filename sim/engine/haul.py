"""The stops of the line-haul and what rides between them, in arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from network.model.network import Network
from network.model.operations import Operations
from network.model.records import MODES
from network.numeric.streams import entity
from network.routing.search import Plan
from sim.chance.draws import Draws
from sim.engine.centres import make_station
from sim.engine.ends import Ends
from sim.engine.stops import Stop
from sim.engine.trip_tables import TripTables
from sim.state.custody import BOARDED, UNLOADED, Custody
from sim.state.pool import Pool, ride
from sim.state.work import WorkLog

__all__ = ["Haul", "Load", "make_stops"]

_NONE = np.zeros(0, dtype=np.int64)


class Block(NamedTuple):
    """Items that boarded together and alight together."""

    slots: np.ndarray
    boarded_s: int
    grams: int
    cm3: int
    confidential: np.ndarray  # slots of those that are


class Load:
    """What is aboard one vehicle (or convoy) on its way.

    Parameters
    ----------
    trip
        Number of its trip.
    room_g, room_cm3
        What it holds.
    arrive_s
        When it comes to each stop on its way.
    """

    __slots__ = ("aboard", "arrive_s", "room_cm3", "room_g", "trip")

    def __init__(self, trip: int, room_g: int, room_cm3: int, arrive_s: Sequence[int]) -> None:
        self.trip, self.room_g, self.room_cm3, self.arrive_s = trip, room_g, room_cm3, arrive_s
        self.aboard: dict[int, list[Block]] = {}  # by the call at which they alight

    def leaving(self, call: int) -> tuple[int, int, int, int, int]:
        """Return items, g and cm3 aboard on departure from a call, and the g and cm3 that it holds."""
        items = mass = space = 0
        for alight, blocks in self.aboard.items():
            if alight > call:
                for block in blocks:
                    items += len(block.slots)
                    mass += block.grams
                    space += block.cm3
        return items, mass, space, self.room_g, self.room_cm3


class Haul:
    """All stops, and the loads of the trips between them.

    Parameters
    ----------
    tables
        Calls and capacities of the trips.
    stops, pool
        Where items wait, and the items.
    ends
        Told of items that alight where they end, at a gateway.
    custody
        Told of every confidential item that boards or is unloaded.
    work
        Told of every ride.
    """

    def __init__(
        self,
        tables: TripTables,
        stops: Sequence[Stop],
        pool: Pool,
        ends: Ends,
        custody: Custody,
        work: WorkLog,
    ) -> None:
        self._tables, self.stops, self._pool = tables, stops, pool
        self._ends, self._custody, self._work = ends, custody, work
        self._on_road: set[Load] = set()  # with something aboard

    def advance(self, now: int, arrived: int | None = None) -> None:
        """Do all that happens at the stops up to `now`, arrivals of trips up to `arrived` if given."""
        for stop in self.stops:
            stop.advance(now, arrived)

    def take_in(self, slots: np.ndarray, times: np.ndarray, first: np.ndarray) -> None:
        """Let items join the lanes of their first stops at these seconds."""
        whole = first.astype(np.int64) << 32 | times
        order = np.argsort(whole)
        whole, slots = whole[order], slots[order]
        edges = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), len(whole)]
        for a, b in pairwise(edges):
            if a < b:
                self.stops[int(whole[a] >> 32)].take_in(int(whole[a] & 0xFFFF_FFFF), slots[a:b])

    def expect(self, slots: np.ndarray, ready: np.ndarray, first: np.ndarray) -> None:
        """Let items accepted outside be ready at their entry gateways."""
        for stop in np.unique(first).tolist():
            from_stop = first == stop
            self.stops[stop].expect(ready[from_stop], slots[from_stop])

    def count(self) -> dict[str, list[int]]:
        """Return how many items each stop holds, by term of the ledger, each queue counted for itself."""
        held = [stop.held() for stop in self.stops]
        return {term: [sum(map(len, terms[term])) for terms in held] for term in held[0]}

    def load(self, trip: int, vehicles: int, arrive_s: Sequence[int]) -> Load:
        """Return the empty load of a trip that sets out with so many vehicles."""
        tables = self._tables
        route = tables.route[trip]
        room = tables.payload_g[route] * vehicles, tables.payload_cm3[route] * vehicles
        return Load(trip, *room, arrive_s)

    def board(self, load: Load, call: int, line: int, now: int) -> tuple[int, np.ndarray]:
        """Let what waits board, up to capacity; return how many do, and the slots of those left behind."""
        _, mass, space, room_g, room_cm3 = load.leaving(call)
        stop = self.stops[self._tables.stop[call]]
        boarded = stop.board(line, now, room_g - mass, room_cm3 - space)
        if boarded is None:
            return 0, _NONE
        slots, mass, space, behind = boarded
        self._stow(load, Block(slots, now, mass, space, self._custody.confidential(slots)), call)
        return len(slots), behind

    def _stow(self, load: Load, block: Block, call: int) -> None:
        """Put boarded items aboard, by the call at which they alight."""
        slots, now, _, _, confidential = block
        if not len(slots):
            return
        if len(confidential):
            route = self._tables.route[load.trip]
            self._custody.note_confidential(confidential, BOARDED, now, route)
        pool = self._pool
        alight = pool.alight[slots]
        least = int(alight[0])
        if np.count_nonzero(alight == least) == len(slots):
            self._take_along(load, call, least, block)
            return
        for calls in np.flatnonzero(np.bincount(alight)).tolist():
            part = slots[alight == calls]
            mass, space = int(np.add.reduce(pool.grams[part])), int(np.add.reduce(pool.cm3[part]))
            secret = self._custody.confidential(part) if len(confidential) else confidential
            self._take_along(load, call, calls, Block(part, now, mass, space, secret))

    def _take_along(self, load: Load, call: int, calls: int, block: Block) -> None:
        """Note a ride over so many calls, and tell the stop at which it ends."""
        tables, pool, slots = self._tables, self._pool, block.slots
        at, end = call - tables.first[load.trip], call + calls
        way = tables.route[load.trip], tables.direction[load.trip]
        self._work.ride(way, (at, at + calls), block.boarded_s, pool.account[slots], pool.grams[slots])
        blocks = load.aboard.get(end)
        if blocks is not None:
            blocks.append(block)
            return
        load.aboard[end] = [block]
        self._on_road.add(load)
        self.stops[tables.stop[end]].await_trip(load.arrive_s[at + calls], partial(self._unload, load, end))

    def _unload(self, load: Load, call: int, now: int) -> None:
        pool, tables = self._pool, self._tables
        stop, mode = self.stops[tables.stop[call]], tables.mode[tables.route[load.trip]]
        for slots, boarded_s, _, _, confidential in load.aboard.pop(call):
            pool.journey[slots] += ride(1, now - boarded_s) + boarded_s - pool.ready[slots]
            if len(confidential):
                self._custody.note_confidential(confidential, UNLOADED, now, stop.row)
            done = stop.arrive(slots, now, mode)
            if len(done):
                self._ends.hand_over(done, np.full(len(done), now))
        if not load.aboard:
            self._on_road.discard(load)

    def riding(self) -> list[np.ndarray]:
        """Return the slots of what is aboard."""
        return [block.slots for load in self._on_road for blocks in load.aboard.values() for block in blocks]

    def close(self) -> None:
        """Count what items that are aboard at close have waited; a trip counts when it has ended."""
        pool = self._pool
        for load in self._on_road:
            for block in (block for blocks in load.aboard.values() for block in blocks):
                pool.journey[block.slots] += block.boarded_s - pool.ready[block.slots]


def make_stops(
    network: Network,
    routing: Plan,
    pool: Pool,
    draws: Draws,
    operations: Operations,
    at_home: Callable[[np.ndarray], None],
) -> list[Stop]:
    """Return the stops of a network, each with its station.

    Parameters
    ----------
    at_home
        Called with the slots of items that are sorted at the stop of their round.
    """
    share, recheck_s = network.assumptions["recheck_share"], round(network.assumptions["recheck_min"] * 60)
    return [
        Stop(
            row,
            entity(centre.place),
            pool,
            routing.stops[row],
            len(routing.groups),
            make_station(centre, operations, pool, draws, (share, recheck_s)),
            tuple(centre.handling_s[mode] for mode in MODES),
            (share if operations.recheck == "aside" else 0.0, recheck_s),
            centre.tier == "gateway",
            at_home,
        )
        for row, centre in enumerate(network.centres)
    ]
