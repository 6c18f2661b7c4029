"""The plain model itself: where every item goes, one process each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import simpy

from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from obvious.centre import make_lanes
from obvious.clock import DAY, HOUR
from obvious.fleet import Fleet
from obvious.lastmile import LastMile
from obvious.roads import Roads
from obvious.router import Router
from obvious.trips import Trips
from sim.chance.draws import Draws
from sim.demand.items import Demand

UPSTREAM, COLLECT, HANDLE, WAIT, RIDE, DELIVER = range(6)


class Item:
    """One item: what it is, and what has become of it."""

    __slots__ = (
        "accepted_s",
        "attempts",
        "brand",
        "cancelled",
        "cm3",
        "dest",
        "ended_s",
        "fails",
        "final_s",
        "grams",
        "group",
        "key",
        "luck",
        "missed_dispatches",
        "origin",
        "outcome",
        "priority",
        "spent",
        "stages",
    )  # fmt: skip

    def __init__(
        self,
        key: int,
        priority: int,
        group: int,
        brand: int,
        origin: int,
        dest: int,
        accepted_s: int,
        grams: int,
        cm3: int,
        luck: int,
        fails: tuple[bool, ...],
    ) -> None:
        self.key, self.priority, self.group, self.brand = key, priority, group, brand
        self.origin, self.dest, self.accepted_s = origin, dest, accepted_s
        self.grams, self.cm3, self.luck = grams, cm3, luck
        self.fails = fails  # whether its first, second … delivery attempt would fail; () if none can
        self.spent = [0] * 6  # seconds in each stage so far
        self.outcome = "under way"
        self.ended_s = self.final_s = -1  # first attempt or hand-over; when it left the books
        self.stages: tuple[int, ...] | None = None  # of the time to its end
        self.attempts = self.missed_dispatches = self.cancelled = 0

    def end(self, now: int) -> None:
        """Write down that transit ends: the first attempt, or the hand-over."""
        self.ended_s, self.stages = now, tuple(self.spent)

    def leave(self, outcome: str, now: int) -> None:
        """Write down how and when it leaves the books."""
        self.outcome, self.final_s = outcome, now


class Obvious:
    """Run the plain model and keep what became of every item."""

    def __init__(self, network: Network, demand: Demand, start: dt.date, days: int) -> None:
        a = network.assumptions
        self.network, self.demand, self.start, self.days = network, demand, start, days
        self.operations = operations = network.operations
        self.env = env = simpy.Environment()
        self.draws = draws = Draws(demand.seed, demand.replication)
        self.router = Router(network)
        fleet = Fleet(env, network, draws, start)
        roads = Roads(network, draws, start, days)
        self.trips = Trips(env, network, self.router, fleet, roads, draws, start)
        self.last_mile = LastMile(env, network, fleet, start, days)
        share, recheck_s = a["recheck_share"], round(a["recheck_min"] * 60)
        self.centres = {centre.place: centre for centre in network.centres}
        self.lanes = {
            centre.place: make_lanes(env, centre, share, recheck_s, operations, draws)
            for centre in network.centres
            if centre.lanes
        }
        self.handover = handover_s(network).tolist()
        found = counters(network)
        self.counters = None if found is None else found.tolist()
        self.attempt_limit = round(a["attempt_limit"])
        self.attempt_gap_s = round(a["attempt_gap_h"] * HOUR)
        stations = set(network.stations)
        self.attended = [str(place) in stations for place in network.places.id]
        self.items: dict[int, Item] = {}

    def run(self) -> dict[int, Item]:
        """Return all items by key, with what has become of them by the midnight that closes the run."""
        self.env.process(self._source())
        self.env.run(until=self.days * DAY)
        return self.items

    def prepare(self) -> None:
        """Solve all routing beforehand, so that a benchmark times the simulation alone."""
        for dest in self.centres:
            for group in range(len(self.router.groups)):
                self.router.table(dest, group)

    def _source(self) -> Iterator[simpy.Event]:
        kinds = self.demand.rates.classes
        own_lines = len(self.router.groups) == 4
        for day in range(self.days):
            items = self.demand.day(self.start + dt.timedelta(days=day))
            columns = (
                items.key,
                items.cls,
                items.flies,
                items.brand,
                items.origin,
                items.dest,
                items.accepted_s.astype("int64") + day * DAY,
                items.grams,
                items.cm3,
                self.draws.luck(items.key),
            )
            rows = zip(*(column.tolist() for column in columns), self._failing(items.key), strict=True)
            for key, cls, flies, brand, origin, dest, *rest, fails in rows:
                kind = kinds[cls]
                group = int(flies) + (2 if kind.private_ok and own_lines else 0)
                if not kind.signed or dest < 0 or self.attended[dest]:
                    fails = ()
                item = Item(key, kind.priority, group, brand, origin, dest, *rest, fails)
                self.items[key] = item
                self.env.process(self._life(item))
            yield self.env.timeout(DAY)

    def _failing(self, keys) -> list[tuple[bool, ...]]:
        """Return for each item which of its attempts would fail."""
        if not self.operations.attempts:
            return [()] * len(keys)
        share = self.network.assumptions["failed_attempt_share"]
        numbers = range(1, self.attempt_limit + 1)
        return list(zip(*(self.draws.attempt_fails(share, keys, n).tolist() for n in numbers), strict=True))

    # ------------------------------------------------------------ the life of an item

    def _life(self, item: Item) -> Iterator[simpy.Event]:
        env, router, spent = self.env, self.router, item.spent
        round_, index = self.last_mile.place[item.dest] if item.dest >= 0 else (None, None)
        if item.origin < 0:
            goal = round_.base
            gate = router.gate(-1 - item.origin, goal, item.group, True)
            stop, upstream = gate or (None, 0)
        else:
            sender = item.origin if self.counters is None else self.counters[item.brand + 1][item.origin]
            home, at = self.last_mile.place[sender]
            stop = home.base
            goal = round_.base if round_ else self._exit(-1 - item.dest, stop, item.group)
        if stop is None or goal is None or not router.reaches(stop, goal, item.group):
            item.end(item.accepted_s)
            item.leave("refused", item.accepted_s)
            return

        if item.origin < 0:
            spent[UPSTREAM] = upstream
            yield env.timeout(item.accepted_s + upstream - env.now)
        else:
            taken = self.last_mile.collected(home, at, item.accepted_s)
            if taken is None:
                return  # no round comes by for as long as anybody can tell
            spent[COLLECT] = taken - item.accepted_s
            yield env.timeout(taken - env.now)
            yield from self._take_in(item, stop)
        yield from self._travel(item, stop, goal)
        if round_ is None:
            item.end(env.now)
            item.leave("handed over", env.now)
            return

        ready = env.now
        goes = ready + self.handover[item.brand + 1][item.dest]
        while True:
            midnight = yield self.last_mile.wait(item, round_, index, goes)
            yield env.timeout(midnight + round_.visit_s[index] - env.now)
            item.attempts += 1
            if item.attempts == 1:
                spent[DELIVER] = env.now - ready
                item.end(env.now)
            if not item.fails or not item.fails[item.attempts - 1]:
                item.leave("delivered", env.now)
                return
            back = max(midnight + round_.intake_s, env.now)
            if item.attempts == self.attempt_limit:
                break
            goes = max(back, env.now + self.attempt_gap_s)

        # Back to the sender, or out by the gateway for one outside.
        yield env.timeout(back - env.now)
        sender_stop = stop if item.origin >= 0 else self._exit(-1 - item.origin, goal, item.group)
        if sender_stop is not None and router.reaches(goal, sender_stop, item.group):
            yield from self._take_in(item, goal)
            yield from self._travel(item, goal, sender_stop)
        item.leave("returned", env.now)

    def _exit(self, outside: int, stop: str, group: int) -> str | None:
        """Return the gateway by which items leave the region, if there is one."""
        gate = self.router.gate(outside, stop, group, False)
        return gate and gate[0]

    def _take_in(self, item: Item, stop: str) -> Iterator[simpy.Event]:
        """Take in at a centre what a round has brought."""
        since = self.env.now
        yield self.env.timeout(self.centres[stop].handling_s.get("collect", 0))
        yield from self._sort(item, stop)
        item.spent[HANDLE] += self.env.now - since

    def _sort(self, item: Item, stop: str) -> Iterator[simpy.Event]:
        if stop in self.lanes:
            yield self.lanes[stop].join(item.priority, item.key, item.luck)

    def _travel(self, item: Item, stop: str, goal: str) -> Iterator[simpy.Event]:
        """Go on from where an item is ready until it is so at its goal; at a gateway, until it is there."""
        env, router, spent = self.env, self.router, item.spent
        while stop != goal:
            ready = env.now
            aboard = None
            while aboard is None:
                trip, call, alight = router.choose(stop, goal, item.group, env.now)
                aboard = yield self.trips.wait(item, ready, trip, call, alight)
                if aboard is None:  # left behind: it chooses again in the next second
                    yield env.timeout(1)
            spent[WAIT] += env.now - ready
            since = env.now
            yield aboard
            spent[RIDE] += env.now - since
            route, _, service, _ = router.trips[trip]
            stop = service.stops[alight]
            if stop == goal and self.centres[stop].tier == "gateway":
                return
            since = env.now
            yield env.timeout(self.centres[stop].handling_s[route.mode])
            yield from self._sort(item, stop)
            spent[HANDLE] += env.now - since
