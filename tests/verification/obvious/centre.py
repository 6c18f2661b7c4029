"""Centres: screening lanes and sorters, item by item, in working time (rule 14)."""

from __future__ import annotations

import heapq
from collections import deque

import simpy

from network.model.operations import Operations
from network.model.records import Centre
from network.numeric.streams import entity
from obvious.clock import HOUR, LANES, Hours, later
from sim.chance.draws import Draws

ODD, MASK = 0xD6E8FEB86659FD93, (1 << 64) - 1


class Lanes:
    """One queue before the lanes; when an item starts is settled in an open second, after all have joined."""

    def __init__(self, env: simpy.Environment, centre: Centre, share: float, recheck_s: int) -> None:
        self.env, self.centre = env, centre
        self.hours = Hours(centre.shifts_s)
        self.salt = entity(centre.place)
        self.threshold, self.recheck_s = round(share * 2**32) << 32, recheck_s
        self.queue: list[tuple[int, int, int, int, simpy.Event]] = []
        self.looks: set[int] = set()
        self.joined = -1  # working second at which the last item joined

    def join(self, priority: int, key: int, luck: int) -> simpy.Event:
        """Return the event that the item is ready."""
        done = self.env.event()
        now = self.env.now
        heapq.heappush(self.queue, (priority, now, key, luck, done))
        self.joined = self.hours.worked(now)
        self._look(self.hours.opens(now))
        return done

    def _look(self, when: int) -> None:
        if when not in self.looks:
            self.looks.add(when)
            later(self.env, LANES, when - self.env.now).callbacks.append(self._looked)

    def _look_at_work(self, worked: int) -> None:
        self._look(self.hours.opens(self.hours.earliest(worked)))

    def _looked(self, _event: simpy.Event) -> None:
        self.looks.remove(self.env.now)
        self._start(self.hours.worked(self.env.now))

    def _start(self, now: int) -> None:
        raise NotImplementedError

    def _rechecked(self, luck: int) -> bool:
        return (luck ^ self.salt) * ODD & MASK < self.threshold  # the keyed draw of sim.draws

    def _finish(self, done: simpy.Event, worked: int) -> None:
        done._ok, done._value = True, None
        self.env.schedule(done, delay=self.hours.earliest(worked) - self.env.now)


class Conveyor(Lanes):
    """Deterministic service in exact fractions of a second; rechecks aside, after sorting."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.lanes = deque([0] * self.centre.lanes)  # exact finish * rate, the one to be taken next first
        self.sorters = deque([0] * self.centre.sorters)

    def _start(self, now: int) -> None:
        rate, speed = self.centre.lane_rate_per_h, self.centre.sorter_rate_per_h
        if self.joined == now:  # a lane free at this second starts a new busy period
            for i, exact in enumerate(self.lanes):
                if exact < now * rate:
                    self.lanes[i] = now * rate
        while self.queue:
            if -(-self.lanes[0] // rate) > now:
                self._look_at_work(-(-self.lanes[0] // rate))
                return
            _, _, _, luck, done = heapq.heappop(self.queue)
            exact = self.lanes.popleft() + HOUR
            self.lanes.append(exact)
            released = -(-exact // rate)
            exact = max(released * speed, self.sorters.popleft()) + HOUR
            self.sorters.append(exact)
            self._finish(done, -(-exact // speed) + (self.recheck_s if self._rechecked(luck) else 0))


class Servers(Lanes):
    """Service times that differ, in whole seconds: exponential, or with rechecks on the lane."""

    def __init__(self, *args, operations: Operations, draws: Draws) -> None:
        super().__init__(*args)
        self.exponential = operations.service == "exponential"
        self.on_lane = operations.recheck == "lane"
        self.draws = draws
        self.lanes = [0] * self.centre.lanes  # when each is free
        self.sorters = [0] * self.centre.sorters
        self.released: list[tuple[int, int, int, int, simpy.Event]] = []
        self.started = 0

    def _service_s(self, purpose: str, rate: int, key: int) -> int:
        if self.exponential:
            return int(self.draws.service_s(purpose, rate, key, self.salt))
        return -(-HOUR // rate)

    def _start(self, now: int) -> None:
        while self.released and self.released[0][0] <= now:
            _, _, key, luck, done = heapq.heappop(self.released)
            finish = max(now, self.sorters[0]) + self._service_s("sort", self.centre.sorter_rate_per_h, key)
            heapq.heapreplace(self.sorters, finish)
            aside = not self.on_lane and self._rechecked(luck)
            self._finish(done, finish + (self.recheck_s if aside else 0))
        while self.queue and self.lanes[0] <= now:
            _, _, key, luck, done = heapq.heappop(self.queue)
            service = self._service_s("lane", self.centre.lane_rate_per_h, key)
            finish = now + service + (self.recheck_s if self.on_lane and self._rechecked(luck) else 0)
            heapq.heapreplace(self.lanes, finish)
            heapq.heappush(self.released, (finish, self.started, key, luck, done))
            self.started += 1
            self._look_at_work(finish)
        if self.queue:
            self._look_at_work(self.lanes[0])


def make_lanes(
    env: simpy.Environment,
    centre: Centre,
    share: float,
    recheck_s: int,
    operations: Operations,
    draws: Draws,
) -> Lanes:
    """Return the lanes of a centre."""
    if operations.recheck == "aside" and operations.service == "deterministic":
        return Conveyor(env, centre, share, recheck_s)
    return Servers(env, centre, share, recheck_s, operations=operations, draws=draws)
