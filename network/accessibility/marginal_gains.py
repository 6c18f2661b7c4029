"""Which single unit of frequency would gain most: one more departure a week, one more running day of a round.

By the timetable alone.  What a unit of capacity would gain shows only where queues are: `bottlenecks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from network.accessibility.effects import Aim, Effect, effects
from network.accessibility.scheduled_times import Ends, ScheduledTimes, scheduled
from network.linehaul.timetable import schedule
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S, MailRoute, Round
from network.routing.search import make_plan

__all__ = ["Gain", "more_days", "more_departures", "one_more_day", "one_more_departure", "with_collection"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Gain:
    """What one unit more would do."""

    kind: str  # departure | day
    id: str  # of the route or round
    name: str
    unit: str  # when: the departure, or the weekday
    km: float  # vehicle-km a week that it takes
    effect: Effect


def one_more_departure(route: MailRoute, network: Network) -> MailRoute:
    """Return a route with one more trip a week each way; all other trips stay.

    It leaves in the middle of the longest gap between departures, at the time of day at which the trip before
    it leaves; where trips leave every day, twelve hours later.  The way back follows as on other trips.
    """
    out, back = route.services
    starts = np.array(out.starts_s)
    gaps = np.diff(np.append(starts, starts[0] + WEEK_S))
    row = int(np.argmax(gaps))
    days = int(gaps[row]) // DAY_S // 2
    start = int(starts[row]) + (days * DAY_S if days else int(gaps[row]) // 2 // 60 * 60)
    day, second = divmod(start, DAY_S)
    alone = schedule(route, 1, network.assumptions, second)
    returns = (alone.services[1].starts_s[0] + day * DAY_S) % WEEK_S
    services = (
        replace(out, starts_s=tuple(sorted((*out.starts_s, start % WEEK_S)))),
        replace(back, starts_s=tuple(sorted((*back.starts_s, returns)))),
    )
    return replace(route, services=services)


def more_departures(
    network: Network,
    aim: Aim,
    ends: Ends | None = None,
    before: ScheduledTimes | None = None,
    routes: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> list[Gain]:
    """Return what one more departure a week of each route would gain, in the order of routes."""
    ends = Ends.of(network) if ends is None else ends
    before = scheduled(network, ends=ends, bases=(aim.basis,)) if before is None else before
    chosen = [r for r in network.routes if r.services and (routes is None or r.id in set(routes))]
    gains = []
    for done, route in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen))
        more = one_more_departure(route, network)
        changed = replace(network, routes=tuple(more if r.id == route.id else r for r in network.routes))
        after = scheduled(changed, ends=ends, bases=(aim.basis,))
        start = next(s for s in more.services[0].starts_s if s not in route.services[0].starts_s)
        effect = effects(network.places, before, after, aim).of()
        gains.append(Gain("departure", route.id, route.name, _moment(start), 2 * route.km, effect))
    return gains


def one_more_day(round_: Round, day: int) -> Round:
    """Return a round that runs on one more weekday."""
    return replace(round_, weekdays=tuple(sorted({*round_.weekdays, day})))


def more_days(
    network: Network,
    aim: Aim,
    ends: Ends | None = None,
    before: ScheduledTimes | None = None,
    progress: Progress | None = None,
) -> list[Gain]:
    """Return what one more running day would gain the people of each round that does not run daily.

    Of the free weekdays the one that gains most hours.  What comes to a place depends on its own round alone,
    so that one search serves the same day of all rounds; what their places send is picked up as before (see
    `with_collection`).
    """
    ends = Ends.of(network) if ends is None else ends
    plan = make_plan(network)
    before = scheduled(network, plan, ends, (aim.basis,)) if before is None else before
    rows = [[network.places.row(place) for place in round_.places] for round_ in network.rounds]
    best: dict[int, tuple[Effect, int]] = {}
    for day in range(7):
        if progress is not None:
            progress(day, 7)
        more = replace(network, rounds=tuple(one_more_day(round_, day) for round_ in network.rounds))
        after = scheduled(more, plan, ends.with_rounds(more), (aim.basis,))
        by_place = effects(network.places, before, after, aim)
        for number, round_ in enumerate(network.rounds):
            if day not in round_.weekdays:
                effect = by_place.of(np.array(rows[number], dtype=np.int64))
                if number not in best or effect.mean_h < best[number][0].mean_h:
                    best[number] = effect, day
    return [
        Gain("day", network.rounds[n].id, network.rounds[n].reason, _DAYS[day], network.rounds[n].km, effect)
        for n, (effect, day) in sorted(best.items())
    ]


def with_collection(network: Network, gain: Gain, aim: Aim, before: ScheduledTimes) -> Effect:
    """Return the whole effect of one more running day: what the round's places receive and what they send."""
    day = _DAYS.index(gain.unit)
    rounds = tuple(one_more_day(round_, day) if round_.id == gain.id else round_ for round_ in network.rounds)
    after = scheduled(replace(network, rounds=rounds), bases=(aim.basis,))
    return effects(network.places, before, after, aim).of()


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _moment(second: int) -> str:
    day, rest = divmod(second, DAY_S)
    return f"{_DAYS[day]} {rest // 3600:02}:{rest % 3600 // 60:02}"
