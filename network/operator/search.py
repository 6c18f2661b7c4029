"""The search for hours, calls and rounds: one at a time, kept where it is worth it (rule 7).

A local search over the queue-aware evaluator (`network.operator.follow`): where ways and queues follow the
hours, an exact programme over fixed ways optimises something else.  What carries most comes first.  Every
trial of one choice is evaluated before the best is taken, so that the answer does not depend on how many
processes evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from network.capacity.sizing import mean_loads, sources
from network.demand.rates import Rates, demand_of
from network.errors import FleetError
from network.model.network import Network
from network.model.records import DAY_S, MailRoute
from network.operator.choices import Choices, applied, passed, window_s
from network.operator.follow import followed
from network.operator.rounds import RoundHours
from network.routing.search import make_plan

__all__ = ["Cost", "Search", "Step", "search"]

#: A move is kept if it takes off this much of the mean, hours.
WORTH_H = 0.03
#: A route is tried if so much could be gained at best by half a day less for all that it carries, hours.
HALF_DAY_H = 12.0
#: Times that calls and hours of all routes are tried again.
PASSES = 2
HOUR_S = 3600
HALF_DAY_S = 12 * HOUR_S
#: The rounds of a base are moved if their mail gains so much, hours.
WORTH_ROUNDS_H = 0.5

Each = Callable[[Sequence[Choices]], Iterable[float]]


class Step(NamedTuple):
    """One choice that was tried, and whether it was kept."""

    what: str
    cost_h: float  # of the best so far
    trials: int  # so far
    kept: bool


@dataclass(frozen=True)
class Evaluation:
    """What a timetable does with a week of mean days.

    Parameters
    ----------
    mean_h
        Mean time from a base's intake, or from acceptance outside, to the round's visit or the exit gateway.
    charge_h
        What full legs and centres add to it: mean hours an item, of a wait for the next trip or shift.
    lost
        Items a week that no way leads for.
    rounds
        Seconds by which rounds set out later than by kind, by base and kind, where that is best.
    """

    mean_h: float
    charge_h: float
    lost: float
    rounds: Mapping[tuple[str, str], int]

    @property
    def cost_h(self) -> float:
        """What the operator makes small."""
        return self.mean_h + self.charge_h + 1e4 * (self.lost > 0)


@dataclass(frozen=True, eq=False)
class Cost:
    """The cost of choices on a network by kind; called in any process."""

    network: Network
    rates: Rates
    rounds: RoundHours

    @classmethod
    def of(cls, network: Network) -> Cost:
        """Return the cost of choices on a network."""
        rates = demand_of(network)
        return cls(network, rates, RoundHours.of(network, rates))

    def __call__(self, choices: Choices) -> float:
        """Return `Evaluation.cost_h`; infinite where the fleet is too small."""
        try:
            return self.evaluation(choices).cost_h
        except FleetError:
            return np.inf

    def evaluation(self, choices: Choices, move: bool = True) -> Evaluation:
        """Return the evaluation of hours and calls, with the best hours of rounds for them if they may move.

        Raises
        ------
        FleetError
            If they need more vehicles than there are.
        """
        network = applied(self.network, replace(choices, rounds={}))
        arriving, charge_h, lost = followed(network, self.rates)
        waits_s, rounds = self.rounds.waits_s(arriving, move)
        spent_s = sum(float(flow.items @ flow.spent_s) for flow in arriving)
        items = float(arriving[0].items.sum())
        mean_h = (spent_s + waits_s) / len(arriving) / items / HOUR_S
        return Evaluation(mean_h, charge_h / items, lost, rounds)


@dataclass
class Search:
    """A search under way."""

    network: Network
    each: Each
    tell: Callable[[Step], None]
    choices: Choices
    best_h: float
    trials: int = 0

    def take(self, what: str, options: Iterable[Choices], worth_h: float = WORTH_H) -> bool:
        """Try options, keep the best if it is worth it, and say whether one was kept."""
        tried = list(options)
        costs = list(self.each(tried))
        self.trials += len(tried)
        at = int(np.argmin(costs)) if tried else -1
        kept = bool(tried) and costs[at] <= self.best_h - worth_h
        if kept:
            self.choices, self.best_h = tried[at], float(costs[at])
        self.tell(Step(what, self.best_h, self.trials, kept))
        return kept


def search(
    network: Network,
    start: Choices | None = None,
    *,
    each: Each | None = None,
    tell: Callable[[Step], None] = lambda step: None,
) -> Choices:
    """Return the choices of a competent operator for a network by kind.

    Parameters
    ----------
    network
        The network by kind; its vehicles a trip, frequencies and lengths are kept.
    start
        Choices to begin with.
    each
        Evaluates choices, in their order, as `Cost` does; here by default, one after the other.
    tell
        Called after each choice that was tried.
    """
    cost = Cost.of(network)
    begin = start or Choices()
    run = Search(network, each or partial(map, cost), tell, begin, np.inf)
    run.take("as it is", [begin])
    flow = flows(network, cost.rates)
    roads = [route for route in network.routes if route.mode == "road"]
    routes = [route for route in roads if flow[route.id] * HALF_DAY_H >= WORTH_H]
    routes.sort(key=lambda route: (-flow[route.id], route.id))
    for route in routes:
        hours(run, route)
    for _ in range(PASSES):
        for route in routes:
            while calls(run, route):
                pass
            hours(run, route)
    return replace(run.choices, rounds=cost.evaluation(run.choices).rounds)


def hours(run: Search, route: MailRoute, steps_h: Sequence[int] = (3, 1)) -> None:
    """Try departures of a route all over its window, then around the best in smaller steps."""
    first, last = window_s(run.network, route)
    most = DAY_S
    for step_h in steps_h:
        now = run.choices.departs_s.get(route.id, route.services[0].starts_s[0] % DAY_S)
        step_s = step_h * HOUR_S
        most = most if step_h == 3 else 2 * step_s
        seconds = {(now + s) % DAY_S for s in range(-most, most + 1, step_s)} - {now}
        inside = sorted(second for second in seconds if first <= second <= last)
        if not run.take(f"hour of {route.name}", [run.choices.departing(route.id, s) for s in inside]):
            return


def calls(run: Search, route: MailRoute) -> bool:
    """Try a further call of a route at each of the seats that it passes."""
    called = run.choices.calls.get(route.id, ())
    seats = [seat for seat, _ in passed(run.network, route)]
    options = [tuple(s for s in seats if s in called or s == new) for new in seats if new not in called]
    if not options:
        return False
    return run.take(f"calls of {route.name}", [run.choices.calling(route.id, option) for option in options])


def flows(network: Network, rates: Rates) -> dict[str, float]:
    """Return the share of all items of a week that each route carries, on the fullest leg of its trips."""
    plan = make_plan(network)
    loads = mean_loads(network, rates, plan)
    table = plan.timetable
    trip = np.maximum.reduceat(loads.items, table.first[:-1])
    carried = np.bincount(table.route, trip, len(network.routes))
    total = float(sources(network, rates, plan).items.sum())
    return {route.id: float(n / total) for route, n in zip(network.routes, carried, strict=True)}
