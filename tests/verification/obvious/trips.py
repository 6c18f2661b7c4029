"""Trips: the weekly timetable as it is really run, and the queues for it (rules 11, 15 and 16)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import simpy

from network.fleet.requirements import spare_driving_s
from network.model.network import Network
from network.model.records import MailRoute
from network.numeric.streams import entity
from obvious.clock import DAY, HOUR, WEEK, Turns
from obvious.fleet import Fleet, Pool
from obvious.roads import Roads
from obvious.router import Router, Trip
from sim.chance.draws import Draws
from sim.demand.items import day_number

if TYPE_CHECKING:
    from obvious.model import Item

# priority, ready, key, the item, the call where it alights, and the event that it boards or must choose again
Waiting = tuple[int, int, int, "Item", int, simpy.Event]


@dataclass
class Journey:
    """One run of a trip of the week."""

    number: int
    trip: Trip
    start: int  # timetabled departure from the first stop
    vehicles: Sequence[int] = ()
    extra: bool = False
    under_way: bool = False  # since before the run: keeps the timetable
    legs_s: Sequence[int] = ()  # running times
    broken: Sequence[bool] = ()  # which vehicles broke down


class Trips:
    """All trips, one process each."""

    def __init__(
        self,
        env: simpy.Environment,
        network: Network,
        router: Router,
        fleet: Fleet,
        roads: Roads,
        draws: Draws,
        start: dt.date,
    ) -> None:
        self.env, self.network, self.router = env, network, router
        self.fleet, self.roads, self.draws = fleet, roads, draws
        self.operations = network.operations
        self.assumptions = network.assumptions
        self.midnight = day_number(start) * DAY  # of the first day, counted as the keys of trips are
        self.turns = Turns(env)
        self.lines: dict[tuple[int, int], list[Waiting]] = defaultdict(list)  # (trip of the week, call)
        self.spare_s = spare_driving_s(network) if self.operations.extra_trips else {}
        self.driven: dict[tuple[str, int], int] = defaultdict(int)  # (route, week) -> extra driving
        for number in range(len(router.trips)):
            env.process(self._weekly(number))

    def wait(self, item: Item, ready: int, trip: int, call: int, alight: int) -> simpy.Event:
        """Return the event that an item boards; it brings the arrival to wait for, or None: choose again."""
        boards = self.env.event()
        self.lines[trip, call].append((item.priority, ready, item.key, item, alight, boards))
        return boards

    # ------------------------------------------------------------ how a trip comes about

    def _weekly(self, number: int) -> Iterator[simpy.Event]:
        start = self.router.trips[number].start
        for weeks in range(1, 5):
            self.env.process(self._under_way(number, start - weeks * WEEK))
        yield self.env.timeout(start)
        while True:
            self.env.process(self._timetabled(number, self.env.now))
            yield self.env.timeout(WEEK)

    def _under_way(self, number: int, start: int) -> Iterator[simpy.Event]:
        """Let a trip that left before the run go on, empty, from its first departure in the run."""
        trip = self.router.trips[number]
        for call, offset in enumerate(trip.service.depart_s[:-1]):
            if start + offset >= 0:
                yield self.env.timeout(start + offset)
                yield from self._drive(Journey(number, trip, start, under_way=True), call)
                return

    def _timetabled(self, number: int, start: int) -> Iterator[simpy.Event]:
        trip = self.router.trips[number]
        route, way, service, _ = trip
        a, keys = self.assumptions, (entity(route.id), way, self.midnight + start)
        weather = self.operations.weather
        if weather and route.mode == "air" and self.draws.flight_cancelled(a["flight_cancel_share"], *keys):
            self._cancel(number, start)
            return
        if weather and route.mode == "rail":
            late = self.draws.rail_late_s(a["rail_late_share"], a["rail_late_max_h"], *keys)
            yield self.env.timeout(int(late))
        vehicles: Sequence[int] | None = ()
        if self.fleet.limits(route):
            pool = self.fleet.pool(route, service.stops[0])
            until = max(start + round(a["vehicle_wait_h"] * HOUR), self.env.now)
            vehicles = yield pool.ask(start, number, route.vehicles_per_trip, until)
            if vehicles is None:
                self._cancel(number, start)
                return
        journey = Journey(number, trip, start, vehicles)
        yield from self._drive(journey)
        self._park(journey, self.fleet.pool(route, service.stops[-1]))

    def _extra(self, number: int, vehicles: list[int]) -> Iterator[simpy.Event]:
        """Run an extra trip, whose vehicles come back by themselves."""
        trip = self.router.trips[number]
        yield self.env.timeout(round(self.assumptions["extra_trip_after_h"] * HOUR))
        journey = Journey(number, trip, self.env.now, vehicles, extra=True)
        yield from self._drive(journey)
        pool = self.fleet.pool(trip.route, trip.service.stops[0])
        self._park(journey, pool, way_back_s=trip.service.arrive_s[-1])

    def _park(self, journey: Journey, pool: Pool, way_back_s: int = 0) -> None:
        for vehicle, broken in zip(journey.vehicles, journey.broken, strict=True):
            repair_s = self.fleet.repair_s if broken else 0
            pool.put(vehicle, self.env.now + self.fleet.turnround_s + way_back_s + repair_s)

    def _cancel(self, number: int, start: int) -> None:
        """Let nothing leave at the trip's calls: at its timetabled departures, or now where that is later."""
        offsets = self.router.trips[number].service.depart_s[:-1]
        for call, offset in enumerate(offsets):
            self.env.process(self._cancel_call(number, start, call, max(start + offset, self.env.now)))

    def _cancel_call(self, number: int, start: int, call: int, when: int) -> Iterator[simpy.Event]:
        yield self.env.timeout(when - self.env.now)
        yield self.turns.turn(start, number)
        for _, _, _, item, _, boards in self.lines.pop((number, call), ()):
            item.cancelled += 1
            boards.succeed(None)

    # ------------------------------------------------------------ on the way

    def _drive(self, journey: Journey, call: int = 0) -> Iterator[simpy.Event]:
        """Go from a call to the last one, taking in and letting out."""
        env, service = self.env, journey.trip.service
        limited = self.fleet.limits(journey.trip.route) and not journey.under_way
        number = len(journey.vehicles) if limited else journey.trip.route.vehicles_per_trip
        room_g, room_cm3 = self._capacity(journey.trip.route, number)
        aboard: dict[int, list[tuple[simpy.Event, int, int]]] = defaultdict(list)
        while call < len(service.stops) - 1:
            yield self.turns.turn(journey.start, journey.number)
            if call == 0 or not journey.extra:
                for alight, load in self._board(journey, call, room_g, room_cm3).items():
                    aboard[alight].append(load)
                    room_g, room_cm3 = room_g - load[1], room_cm3 - load[2]
            yield env.timeout(self._leg_s(journey, call))
            call += 1
            for arrived, grams, cm3 in aboard.pop(call, ()):
                room_g, room_cm3 = room_g + grams, room_cm3 + cm3
                arrived.succeed()
            if call < len(service.stops) - 1:
                stay = service.depart_s[call] - service.arrive_s[call]
                yield env.timeout(max(journey.start + service.depart_s[call] - env.now, stay))

    def _leg_s(self, journey: Journey, call: int) -> int:
        """Return how long the vehicle that leaves now takes to the next call."""
        route, way, service, _ = journey.trip
        if journey.under_way:
            return service.arrive_s[call + 1] - service.depart_s[call]
        now, roadside_s = self.env.now, 0
        if call == 0:
            journey.legs_s = self.roads.running_s(route, way, service, self.midnight + journey.start)
            journey.broken = self.fleet.broken(journey.vehicles, now)
            if any(journey.broken):
                roadside_s = self.fleet.roadside_s
        running = journey.legs_s[call]
        return running + self.roads.delay_s(route, way, call, now, running) + roadside_s

    def _capacity(self, route: MailRoute, vehicles: int) -> tuple[int, int]:
        """Return what so many vehicles of a route hold, in grams and cubic centimetres."""
        kind = self.network.vehicle_classes[route.vehicle]
        return round(kind.payload_kg * 1000) * vehicles, round(kind.payload_m3 * 1e6) * vehicles

    def _board(
        self, journey: Journey, call: int, room_g: int, room_cm3: int
    ) -> dict[int, tuple[simpy.Event, int, int]]:
        """Let items board in order while they fit; return by call of arrival: the event, grams and cm³."""
        waiting = self.lines.pop((journey.number, call), [])
        waiting.sort(key=lambda row: row[:3])
        loads: dict[int, tuple[simpy.Event, int, int]] = {}
        boarded = 0
        for _, _, _, item, alight, boards in waiting:
            if item.grams > room_g or item.cm3 > room_cm3:
                break  # nothing jumps the queue
            boarded += 1
            room_g, room_cm3 = room_g - item.grams, room_cm3 - item.cm3
            arrival, grams, cm3 = loads.get(alight) or (self.env.event(), 0, 0)
            loads[alight] = arrival, grams + item.grams, cm3 + item.cm3
            boards.succeed(arrival)
        left = waiting[boarded:]
        for _, _, _, item, _, _ in left:
            item.missed_dispatches += 1
        if left and call == 0 and not journey.extra and self._ordered_extra(journey, left):
            self.lines[journey.number, 0] = left
        else:
            for _, _, _, _, _, boards in left:
                boards.succeed(None)
        return loads

    def _ordered_extra(self, journey: Journey, left: list[Waiting]) -> bool:
        """Order an extra trip for what is left behind, if it is worth it and can be had."""
        route, way, service, _ = journey.trip
        if not self.operations.extra_trips or route.mode != "road" or not self.fleet.limits(route):
            return False
        holds_g, holds_cm3 = self._capacity(route, route.vehicles_per_trip)
        backlog = self.assumptions["extra_trip_backlog"]
        grams, cm3 = sum(row[3].grams for row in left), sum(row[3].cm3 for row in left)
        if grams < backlog * holds_g and cm3 < backlog * holds_cm3:
            return False
        # There and back, for each vehicle, out of what the drivers have to spare in this calendar week.
        driving = 2 * sum(self.roads.driving_s(route, way))
        week = route.id, self.env.now // WEEK
        manned = max(0, self.spare_s[route.id] - self.driven[week]) // driving
        pool = self.fleet.pool(route, service.stops[0])
        vehicles = pool.take(min(route.vehicles_per_trip, manned))
        if not vehicles:
            return False
        self.driven[week] += driving * len(vehicles)
        self.env.process(self._extra(journey.number, vehicles))
        return True
