"""The obvious model: one SimPy process for every item, as plain as the rules read.

It shares with the kernel the network's tables, the items and the keyed
draws, and nothing else: it expands the services, finds the earliest arrivals
and keeps its queues itself.  It is slow on purpose and fast by no trick, but
no straw man either: nothing is searched twice, and an item costs about a
dozen events.
"""

from __future__ import annotations

import datetime as dt
import heapq
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator

import simpy

from network.calendar import Calendar
from network.graph import MailNetwork
from network.handover import counters, handover_s
from network.streams import bits, entity
from sim.demand import Demand

DAY, WEEK, HOUR = 86_400, 604_800, 3_600
LATE, LAST = 3, 5  # event priorities: after all arrivals of the second; after the lanes too
NEVER = (1 << 60, 0)
ODD, MASK = 0xD6E8FEB86659FD93, (1 << 64) - 1


class Router:
    """Earliest arrival by plain backward induction over five weeks of departures."""

    def __init__(self, network: MailNetwork) -> None:
        self.network = network
        self.tier = {centre.place: centre.tier for centre in network.centres}
        self.handling = {centre.place: centre.handling_s for centre in network.centres}
        own = network.options.get("express_linehaul", "shared") == "own"
        surface, every = {"road", "rail"}, {"road", "rail", "air"}
        self.groups = [(surface, "post"), (every, "post")]
        if own:
            self.groups += [(surface, "express"), (every, "express")]
        # (departure, trip number, call, route, service, start), trips numbered by route, direction, start.
        self.trips = []
        for route in network.routes:
            for way, service in enumerate(route.services):
                for start in service.starts_s:
                    self.trips.append((route, way, service, start))
        self.tables: dict[tuple[str, int], dict] = {}
        self.means: dict[tuple[str, int], dict[str, float]] = {}

    def table(self, dest: str, group: int) -> dict:
        """Return for each stop: useful departures of a week as (time, trip, call, alight call)."""
        key = (dest, group)
        if key not in self.tables:
            self.tables[key] = self._solve(dest, group)
        return self.tables[key]

    def _solve(self, dest: str, group: int) -> dict:
        modes, carrier = self.groups[group]
        legs = []
        for week in range(-1, 6):
            for number, (route, _, service, start) in enumerate(self.trips):
                if route.mode in modes and route.carrier in ("shared", carrier):
                    base = start + week * WEEK
                    for call in range(len(service.stops) - 1):
                        departs = base + service.depart_s[call]
                        if 0 <= departs < 5 * WEEK:
                            legs.append((departs, -number, -call, base))
        legs.sort(reverse=True)
        later: dict[str, tuple[list[int], list[tuple[int, int]]]] = defaultdict(lambda: ([], []))
        riding: dict[tuple[int, int, int], tuple[int, int]] = {}
        choices: dict[str, list[tuple[int, int, int, int, int]]] = defaultdict(list)
        for departs, minus_number, minus_call, base in legs:
            number, call = -minus_number, -minus_call
            route, _, service, _ = self.trips[number]
            stop, next_stop = service.stops[call], service.stops[call + 1]
            arrives = base + service.arrive_s[call + 1]
            if next_stop == dest:
                unloading = 0 if self.tier[dest] == "gateway" else self.handling[dest][route.mode]
                value = (arrives + unloading, 1)  # when ready, and trips taken
            else:
                times, values = later[next_stop]
                ready = arrives + self.handling[next_stop][route.mode]
                at = bisect_left(times, -ready + 1) - 1  # the last added that leaves at or after `ready`
                value = (values[at][0], values[at][1] + 1) if at >= 0 else NEVER
            alight = call + 1
            stay = riding.get((number, call + 1, base))
            if stay is not None and stay[0] <= value:
                value, alight = stay
            riding[number, call, base] = (value, alight)
            times, values = later[stop]
            if departs < WEEK and value < NEVER:
                choices[stop].append((departs, value, number, call, alight))
            times.append(-departs)
            values.append(min(value, values[-1]) if values else value)
        return {stop: self._useful(found) for stop, found in choices.items()}

    @staticmethod
    def _useful(found: list[tuple[int, int, int, int, int]]) -> tuple:
        """Keep departures that no later one equals or beats, in order of time."""
        found = sorted(found)
        kept = []
        for lap in (1, 0):  # the next week's departures come after all of this week's
            for departs, value, number, call, alight in reversed(found):
                moment, arrival = departs + lap * WEEK, (value[0] + lap * WEEK, value[1])
                if not kept or arrival <= kept[-1][1]:
                    if kept and kept[-1][0] == moment and arrival == kept[-1][1]:
                        kept.pop()  # the same moment and arrival: the lower trip, met last
                    elif kept and kept[-1][0] == moment:
                        kept.pop()
                    kept.append((moment, arrival, number, call, alight))
        week = [k for k in reversed(kept) if k[0] < WEEK]
        return [k[0] for k in week], week

    def choose(self, stop: str, dest: str, group: int, now: int) -> tuple[int, int, int, int]:
        """Return (second of departure, trip, call, alight call) of the earliest arrival."""
        times, rows = self.table(dest, group)[stop]
        of_week = now % WEEK
        at = bisect_left(times, of_week)
        lap = 0
        if at == len(times):
            at, lap = 0, WEEK
        departs, _, number, call, alight = rows[at]
        return now - of_week + departs + lap, number, call, alight

    def mean(self, stop: str, dest: str, group: int) -> float:
        """Return the mean time from `stop` to ready at `dest` over the week; inf if there is no way."""
        if stop == dest:
            return 0.0
        found = self.table(dest, group).get(stop)
        if not found or not found[1]:
            return float("inf")
        rows, total = found[1], 0.0
        for i, (departs, (arrives, _), *_) in enumerate(rows):
            gap = departs - (rows[i - 1][0] if i else rows[-1][0] - WEEK)
            total += gap * (arrives - departs + gap / 2)
        return total / WEEK


class Lanes:
    """Screening lanes and sorters of one centre, item by item."""

    def __init__(self, env: simpy.Environment, centre, share: float, recheck_s: int) -> None:
        self.env, self.centre = env, centre
        self.salt = entity(centre.place)
        self.threshold, self.recheck_s = round(share * 2**32) << 32, recheck_s
        self.lanes = deque([0] * centre.lanes)  # exact finish * rate, the one to be taken next first
        self.sorters = deque([0] * centre.sorters)
        self.queue: list = []
        self.kicked: dict[int, bool] = {}
        self.joined = -1

    def join(self, priority: int, key: int, luck: int) -> simpy.Event:
        done = self.env.event()
        now = self.env.now
        heapq.heappush(self.queue, (priority, now, key, luck, done))
        self.joined = now
        self._kick(now)
        return done

    def _kick(self, when: int) -> None:
        """Look at the queue at this second, once all arrivals of the second have joined."""
        if when in self.kicked:
            return
        self.kicked[when] = True
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        event.callbacks.append(self._start)
        self.env.schedule(event, priority=LATE, delay=when - self.env.now)

    def _start(self, _event: simpy.Event) -> None:
        now, rate = self.env.now, self.centre.lane_rate_per_h
        del self.kicked[now]
        if self.joined == now:  # a lane free at this second starts a new busy period
            for i, exact in enumerate(self.lanes):
                if exact < now * rate:
                    self.lanes[i] = now * rate
        while self.queue:
            if -(-self.lanes[0] // rate) > now:
                self._kick(-(-self.lanes[0] // rate))
                return
            _, _, _, luck, done = heapq.heappop(self.queue)
            exact = self.lanes.popleft() + HOUR
            self.lanes.append(exact)
            released = -(-exact // rate)
            speed = self.centre.sorter_rate_per_h
            finish = max(released * speed, self.sorters.popleft()) + HOUR
            self.sorters.append(finish)
            ready = -(-finish // speed)
            if (luck ^ self.salt) * ODD & MASK < self.threshold:  # the keyed draw of sim.chance
                ready += self.recheck_s
            done._ok, done._value = True, None
            self.env.schedule(done, delay=ready - now)


class Obvious:
    """Run the plain model and keep, for every item, when it ended and its six stages."""

    def __init__(self, network: MailNetwork, demand: Demand, start: dt.date, days: int) -> None:
        self.network, self.demand, self.start, self.days = network, demand, start, days
        self.env = env = simpy.Environment()
        self.router = Router(network)
        self.calendar = Calendar.load(network.region)
        share = network.assumptions["recheck_share"]
        recheck_s = round(network.assumptions["recheck_min"] * 60)
        self.centres = {c.place: c for c in network.centres}
        self.lanes = {c.place: Lanes(env, c, share, recheck_s) for c in network.centres if c.lanes}
        self.lines: dict[tuple[int, int, int], list] = defaultdict(list)  # (trip, call, departs) -> waiting
        self.tours: dict[str, list] = {tour.id: [] for tour in network.rounds}
        self.tour_of = {}
        for tour in network.rounds:
            for i, place in enumerate(tour.places):
                self.tour_of[network.places.row(place)] = (tour, i)
        self.handover = handover_s(network).tolist()
        found = counters(network)
        self.counters = None if found is None else found.tolist()
        self.outside = network.assumptions.table("outside")
        self.gate_memo: dict = {}
        self.ended: dict[int, tuple] = {}  # key -> (outcome, second, stages)
        self.dates = [start + dt.timedelta(days=day) for day in range(days + 200)]
        self.works = {}

    def run(self) -> dict[int, tuple]:
        """Return for every item key: (outcome, second, six stages); items still under way are missing."""
        env = self.env
        for number in range(len(self.router.trips)):
            env.process(self._weekly(number))
        for tour in self.network.rounds:
            env.process(self._tour(tour))
        env.process(self._source())
        env.run(until=self.days * DAY + 1)
        return self.ended

    def prepare(self) -> None:
        """Solve all routing beforehand, so that a benchmark times the simulation alone."""
        for dest in self.centres:
            for group in range(len(self.router.groups)):
                self.router.table(dest, group)

    def _late(self, priority: int) -> simpy.Event:
        event = simpy.Event(self.env)
        event._ok, event._value = True, None
        self.env.schedule(event, priority=priority)
        return event

    # ------------------------------------------------------------ items

    def _source(self) -> Iterator[simpy.Event]:
        env = self.env
        kinds = self.demand.rates.classes
        for day in range(self.days):
            items = self.demand.day(self.start + dt.timedelta(days=day))
            luck = bits(self.demand.seed, self.demand.replication, "recheck", items.key)
            columns = zip(
                items.key.tolist(),
                items.cls.tolist(),
                items.brand.tolist(),
                items.origin.tolist(),
                items.dest.tolist(),
                items.flies.tolist(),
                (items.accepted_s.astype("int64") + day * DAY).tolist(),
                items.grams.tolist(),
                items.cm3.tolist(),
                luck.tolist(),
                strict=True,
            )
            for key, cls, brand, origin, dest, flies, accepted, grams, cm3, own_luck in columns:
                kind = kinds[cls]
                group = int(flies) + (2 if kind.private_ok and len(self.router.groups) == 4 else 0)
                env.process(
                    self._item(key, kind.priority, brand, origin, dest, group, accepted, grams, cm3, own_luck)
                )
            yield env.timeout(DAY)

    def _gate(self, outside: int, stop: str, group: int, inward: bool) -> tuple[str, int] | None:
        """Return the gateway of least mean time over the week, and the seconds outside."""
        memo = (outside, stop, group, inward)
        if memo not in self.gate_memo:
            best = (float("inf"), None)
            for option in self.outside[outside]["entries"]:
                gateway = option["gateway"]
                if gateway not in self.centres:
                    continue
                if option["group"] == "any" and "air" not in self.router.groups[group][0]:
                    continue
                a, b = (gateway, stop) if inward else (stop, gateway)
                upstream = round(option["hours"] * HOUR)
                total = self.router.mean(a, b, group) + upstream
                if total < best[0]:
                    best = (total, (gateway, upstream))
            self.gate_memo[memo] = best[1]
        return self.gate_memo[memo]

    def _item(
        self, key, priority, brand, origin, dest, group, accepted, grams, cm3, luck
    ) -> Iterator[simpy.Event]:
        env, router = self.env, self.router
        upstream = collect = handle = wait = ride = 0
        tour = index = None
        if dest >= 0:
            tour, index = self.tour_of[dest]
        if origin < 0:
            goal = tour.base
            gate = self._gate(-1 - origin, goal, group, True)
            if gate is None:
                self.ended[key] = ("refused", accepted, (0, 0, 0, 0, 0, 0))
                return
            stop, upstream = gate
        else:
            sender = origin if self.counters is None else self.counters[brand + 1][origin]
            home, at = self.tour_of[sender]
            stop = home.base
            goal = (
                tour.base if tour is not None else (self._gate(-1 - dest, stop, group, False) or (None,))[0]
            )
            if goal is None or (goal != stop and not router.table(goal, group).get(stop, ((),))[0]):
                self.ended[key] = ("refused", accepted, (0, 0, 0, 0, 0, 0))
                return
        if origin < 0:
            yield env.timeout(accepted + upstream - env.now)
        else:
            taken = self._collected(home, at, accepted)
            collect = taken - accepted
            yield env.timeout(taken + self.centres[stop].handling_s.get("collect", 0) - env.now)
            since = taken
            if stop in self.lanes:
                yield self.lanes[stop].join(priority, key, luck)
            handle += env.now - since
        ready = env.now
        while stop != goal:
            choose_from = ready
            while True:
                departs, trip, call, alight = router.choose(stop, goal, group, choose_from)
                boards = env.event()
                self.lines[trip, call, departs].append((priority, ready, key, grams, cm3, alight, boards))
                aboard = yield boards
                if aboard is not None:
                    break
                choose_from = env.now + 1
            wait += env.now - ready
            left = env.now
            yield aboard
            ride += env.now - left
            stop = router.trips[trip][2].stops[alight]
            since = env.now
            if stop == goal and router.tier[stop] == "gateway":
                self.ended[key] = ("handed over", env.now, (upstream, collect, handle, wait, ride, 0))
                return
            yield env.timeout(self.centres[stop].handling_s[router.trips[trip][0].mode])
            if stop in self.lanes:
                yield self.lanes[stop].join(priority, key, luck)
            handle += env.now - since
            ready = env.now
        goes = ready + self.handover[brand + 1][dest]
        delivered = env.event()
        self.tours[tour.id].append((priority, goes, key, grams, cm3, index, delivered))
        end = yield delivered
        self.ended[key] = ("delivered", end, (upstream, collect, handle, wait, ride, end - ready))

    def _runs(self, tour, day: int) -> bool:
        memo = (tour.weekdays, tour.runs_on_holidays, day)
        if memo not in self.works:
            date = self.dates[day]
            self.works[memo] = date.weekday() in tour.weekdays and (
                tour.runs_on_holidays or not self.calendar.rounds_rest(date)
            )
        return self.works[memo]

    def _collected(self, tour, index: int, accepted: int) -> int:
        """Return when the base takes in what was accepted: by the first run that still collects it."""
        day = max(0, (accepted - tour.cut_s[index]) // DAY)
        while day * DAY + tour.cut_s[index] < accepted or not self._runs(tour, day):
            day += 1
        return day * DAY + tour.intake_s

    # ------------------------------------------------------------ trips and rounds

    def _weekly(self, number: int) -> Iterator[simpy.Event]:
        start = self.router.trips[number][3]
        for weeks in range(1, 5):  # what left before the run and is still under way goes on, empty
            self.env.process(self._trip(number, start - weeks * WEEK))
        yield self.env.timeout(start)
        while True:
            self.env.process(self._trip(number, self.env.now))
            yield self.env.timeout(WEEK)

    def _trip(self, number: int, base: int) -> Iterator[simpy.Event]:
        env = self.env
        route, _, service, _ = self.router.trips[number]
        vehicle = self.network.vehicle_classes[route.vehicle]
        room_g = round(vehicle.payload_kg * 1000) * route.vehicles_per_trip
        room_cm3 = round(vehicle.payload_m3 * 1e6) * route.vehicles_per_trip
        unloads: dict[int, list] = {}
        for call in range(len(service.stops)):
            if base + service.depart_s[call] < env.now:
                continue
            if base + service.arrive_s[call] > env.now:
                yield env.timeout(base + service.arrive_s[call] - env.now)
            for arrived, mass, space in unloads.pop(call, ()):
                room_g += mass
                room_cm3 += space
                arrived.succeed()
            if call == len(service.stops) - 1:
                return
            if base + service.depart_s[call] > env.now:
                yield env.timeout(base + service.depart_s[call] - env.now)
            yield self._late(LAST)
            waiting = self.lines.pop((number, call, env.now), None)
            if not waiting:
                continue
            waiting.sort(key=lambda row: row[:3])
            arrivals: dict[int, list] = {}
            full = False
            for _, _, _, grams, cm3, alight, boards in waiting:
                full = full or grams > room_g or cm3 > room_cm3
                if full:
                    boards.succeed(None)
                    continue
                room_g -= grams
                room_cm3 -= cm3
                if alight not in arrivals:
                    arrivals[alight] = [env.event(), 0, 0]
                arrivals[alight][1] += grams
                arrivals[alight][2] += cm3
                boards.succeed(arrivals[alight][0])
            for alight, row in arrivals.items():
                unloads.setdefault(alight, []).append(row)

    def _tour(self, tour) -> Iterator[simpy.Event]:
        env = self.env
        vehicle = self.network.vehicle_classes[tour.vehicle]
        room_g = round(vehicle.payload_kg * 1000) * tour.vehicles
        room_cm3 = round(vehicle.payload_m3 * 1e6) * tour.vehicles
        waiting = self.tours[tour.id]
        yield env.timeout(tour.depart_s)
        while True:
            day = int(env.now) // DAY
            if self._runs(tour, day):
                yield self._late(LAST)
                here = sorted((row for row in waiting if row[1] <= env.now), key=lambda row: row[:3])
                later = [row for row in waiting if row[1] > env.now]
                mass = space = 0
                full = False
                for row in here:
                    mass += row[3]
                    space += row[4]
                    full = full or mass > room_g or space > room_cm3
                    if full:
                        later.append(row)
                    else:
                        row[6].succeed(day * DAY + tour.visit_s[row[5]])
                waiting[:] = later
            yield env.timeout(day * DAY + DAY + tour.depart_s - env.now)
