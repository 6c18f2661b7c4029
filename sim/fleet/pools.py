"""Vehicles are somewhere: a trip starts only with free ones of its class at its first stop (rule 16)."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import simpy

from sim.state.clock import end_of_second

__all__ = ["Depot"]

Order = tuple[int, ...]


class Depot:
    """The vehicles of one class at one stop, and the trips that wait for them.

    The first trip in the queue leaves as soon as a vehicle is free, with as
    many of those it should have as are; nothing jumps the queue.

    Parameters
    ----------
    env
        The clock.
    vehicles
        (second from which it is free, row of the vehicle) of those that stand here.
    """

    def __init__(self, env: simpy.Environment, vehicles: Iterable[tuple[int, int]] = ()) -> None:
        self._env = env
        self._free = list(vehicles)
        heapify(self._free)
        self._queue: list[tuple[Order, int, int, simpy.Event]] = []
        self._due: set[int] = set()

    def take(self, number: int) -> list[int]:
        """Return the rows of up to `number` vehicles free now, longest free first; none while others wait."""
        taken: list[int] = []
        if not self._queue:
            now, free = self._env.now, self._free
            while len(taken) < number and free and free[0][0] <= now:
                taken.append(heappop(free)[1])
        return taken

    def wait(self, order: Order, number: int, give_up_s: int) -> simpy.Event:
        """Queue for vehicles; the event brings their rows, or None at second `give_up_s`."""
        event = self._env.event()
        heappush(self._queue, (order, number, give_up_s, event))
        self._look(give_up_s)
        for free, _ in self._free:
            if free > self._env.now:
                self._look(free)
        return event

    def release(self, vehicles: Iterable[tuple[int, int]]) -> None:
        """Take in vehicles: second from which each is free, and its row."""
        for vehicle in vehicles:
            heappush(self._free, vehicle)
            if self._queue:
                self._look(vehicle[0])

    def _look(self, second: int) -> None:
        """Serve the queue at the end of a second."""
        if second in self._due:
            return
        self._due.add(second)
        end_of_second(self._env, second).callbacks.append(self._settle)

    def _settle(self, _event: simpy.Event) -> None:
        now = int(self._env.now)
        self._due.discard(now)
        self._serve()
        left = [request for request in self._queue if request[2] <= now]
        if left:
            self._queue = [request for request in self._queue if request[2] > now]
            heapify(self._queue)
            for request in sorted(left):
                request[3].succeed(None)
            self._serve()

    def _serve(self) -> None:
        now, free = self._env.now, self._free
        while self._queue and free and free[0][0] <= now:
            _, number, _, event = heappop(self._queue)
            taken: list[int] = []
            while len(taken) < number and free and free[0][0] <= now:
                taken.append(heappop(free)[1])
            event.succeed(taken)
