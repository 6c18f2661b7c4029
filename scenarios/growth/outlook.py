"""What happens to one network on one course of demand: what is full when, and who is behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from network.capacity.affected import Affected, affected
from network.capacity.overflow import Overflow
from network.capacity.sizing import Loads
from network.capacity.utilisation import Utilisation, loads_by_class, utilisation
from network.demand.growth import Path, Trend
from network.demand.rates import Rates, demand_of
from network.inputs.published_volumes import Growth
from network.model.network import Network
from network.routing.search import Plan, make_plan

__all__ = ["Break", "Course", "Outlook", "calendar_year", "growing", "outlook"]

STEPS = 50  # a year is cut into
HALF = 0.5  # of the people
# Demands at which queues are looked at, times the one at which a leg is first over-full by itself.
LOOKED_AT = (1.0, 1.06, 1.15, 1.3, 1.6, 2.2, 3.5)
Float = NDArray[np.float64]


def calendar_year(when: float) -> int | None:
    """Return the first calendar year whose demand is at least that of a moment on the trend; None for inf."""
    return math.ceil(when - 1e-9) if math.isfinite(when) else None


@dataclass(frozen=True, eq=False)
class Course:
    """Factors on the items of the classes through the years, at one quantile of the trend."""

    trend: Trend
    q: float
    times: Float
    factors: Float  # (times, classes)

    @classmethod
    def of(cls, growth: Growth, flows: Sequence[str], until: int, q: float) -> Course:
        """Return the course from the trend's last year until another."""
        path = Path.of(growth, q)
        since = path.trend.year
        times = since + np.arange((until - since) * STEPS + 1) / STEPS
        return cls(path.trend, q, times, np.array([path.factors(flows, time) for time in times]))

    def at(self, year: float) -> Float:
        """Return the factors of a year on the course."""
        factors: Float = self.factors[min(round((year - self.times[0]) * STEPS), len(self.times) - 1)]
        return factors


@dataclass(frozen=True)
class Break:
    """When something happens for the first time: a moment on the trend, and what it is."""

    when: float  # inf: not within the years looked at
    name: str = ""

    @property
    def year(self) -> int | None:
        """The first calendar year with so much demand; None: not within the years looked at."""
        return calendar_year(self.when)


@dataclass(frozen=True, eq=False)
class Outlook:
    """What happens to one network as demand grows.

    Parameters
    ----------
    use
        Its resources.
    alone
        (resources,) factor on express items at which each is full by itself, other mail as it is.
    factor
        (resources,) the same, of a leg the one from which on the queue at its stop grows besides: what is
        left behind takes the next departure by whatever route.
    full_at, full_in_peak
        (resources,) when that is, in the mean week and in that of the busiest month.
    first, first_in_peak
        The first of them.
    half
        When half of the people get most of their mail through something full.
    behind
        Mail and people behind something full, by year.
    """

    network: Network
    plan: Plan
    rates: Rates
    loads: tuple[Loads, ...]
    overflow: Overflow
    lines: Float  # (stops,) factor on express items from which on the queue grows
    use: Utilisation
    alone: Float
    factor: Float
    full_at: Float
    full_in_peak: Float
    first: Break
    first_in_peak: Break
    half: Break
    behind: Affected


def outlook(
    network: Network,
    course: Course,
    years: Sequence[int],
    peak: float,
    like: Outlook | None = None,
) -> Outlook:
    """Return what happens to a network on a course of demand.

    Parameters
    ----------
    network
        With the demand of the trend's last year.
    course
        Of demand.
    years
        For what is behind something full.
    peak
        Demand of the busiest month over the mean day.
    like
        An outlook of a network with the same timetable, hours and demand, whose fluid will do.
    """
    if like is None:
        rates, plan = demand_of(network), make_plan(network)
        loads, overflow = loads_by_class(network, rates, plan), Overflow(network, rates, plan)
    else:
        rates, plan, loads, overflow = like.rates, like.plan, like.loads, like.overflow
    grows = growing(rates)
    if like is not None and like.network is network:
        use, alone, lines, factor = like.use, like.alone, like.lines, like.factor
    else:
        use = utilisation(network, rates, plan, loads)
        alone = use.breaks_at(grows)
        legs = _legs(use)
        overflow = overflow.equipped(network)
        looked = [by * _from(alone[legs], like) for by in LOOKED_AT]
        lines = overflow.grows_from([np.where(grows, by, 1.0) for by in looked], looked)
        factor = alone.copy()
        factor[legs] = _with_queue(alone[legs], lines[_stops(network, use)[legs]], looked[-1])
    wait = np.array([course.trend.year_of(by, course.q) for by in factor])
    wait_in_peak = np.array([course.trend.year_of(by / peak, course.q) for by in factor])
    legs = _legs(use)
    full = use.full_at(course.times, course.factors)
    busy = use.full_at(course.times, course.factors * _in_peak(rates, peak))
    full[legs], busy[legs] = np.maximum(full, wait)[legs], np.maximum(busy, wait_in_peak)[legs]
    last = course.times[-1]
    full, busy = np.where(full > last, np.inf, full), np.where(busy > last, np.inf, busy)
    behind = affected(network, rates, plan, use, full, course.times)
    half_behind = behind.people >= HALF
    wanted = np.searchsorted(course.times, np.array(years) - 1e-9)
    return Outlook(
        network, plan, rates, loads, overflow, lines, use, alone, factor, full, busy,
        _first(use, full), _first(use, busy),
        Break(float(course.times[half_behind.argmax()]) if half_behind.any() else math.inf),
        replace(behind, times=behind.times[wanted], mail=behind.mail[wanted], people=behind.people[wanted],
                places=behind.places[:, wanted]),
    )  # fmt: skip


def growing(rates: Rates) -> NDArray[np.bool_]:
    """Return which classes follow the trend; (classes,)."""
    return np.array([kind.flow == "report" for kind in rates.classes])


def _legs(use: Utilisation) -> NDArray[np.bool_]:
    kinds = np.array([owner.kind == "route" for owner in use.owners], dtype=bool)
    return kinds[use.owner]


def _stops(network: Network, use: Utilisation) -> NDArray[np.int64]:
    return np.array([network.stop_row[place] for place in use.place], dtype=np.int64)


def _from(alone: Float, like: Outlook | None) -> float:
    """Return the demand from which on queues are looked at: where the base's first leg is over-full.

    An expansion is looked at from there on too, so that its first leg may be over-full before.
    """
    if like is not None:
        alone = like.alone[_legs(like.use)]
    return max(1.0, float(alone.min(initial=math.inf))) if np.isfinite(alone).any() else 1.0


def _with_queue(alone: Float, lines: Float, last: float) -> Float:
    """Return when legs are over-full and the queue at their stop grows.

    A leg that is over-full by itself at the greatest demand looked at, with no growing queue, is taken to
    have one from there on: no more is known.
    """
    return np.maximum(alone, np.minimum(lines, np.maximum(alone, last)))


def _first(use: Utilisation, full: Float) -> Break:
    at = int(full.argmin())
    return Break(float(full[at]), use.name[at] if np.isfinite(full[at]) else "")


def _in_peak(rates: Rates, peak: float) -> Float:
    """Return the factors of the busiest month: newspapers come every day alike."""
    return np.array([1.0 if kind.flow == "place" else peak for kind in rates.classes])
