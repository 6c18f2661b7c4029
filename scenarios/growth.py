"""When and where a network breaks as demand grows: the fluid calculation, year by year.

Demand follows a quantile of the region's trend (`network.growth`), the mean
day's fluid fills resources (`network.utilisation`), and what is full has mail
and people behind it (`network.affected`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.affected import Affected, affected
from network.calendar import Calendar
from network.edit_growth import ungrown
from network.flows import Rates
from network.graph import MailNetwork
from network.growth import Path, Trend, alternatives
from network.growth_points import Growth, load_growth
from network.needs import needs
from network.resize import rates_of
from network.search import Plan, make_plan
from network.sizing import Loads, size_centres, sized_for
from network.utilisation import KINDS, Utilisation, loads_by_class, summed, utilisation

__all__ = [
    "Break",
    "Course",
    "DemandRow",
    "Outlook",
    "ResourceRow",
    "Study",
    "YearRow",
    "calendar_year",
    "outlook",
    "study",
]

STEPS = 50  # a year is cut into
HALF = 0.5  # of the people
BANDS = (0.5, 0.8)  # shown of the trend
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """Factors on the items of the classes through the years, at one quantile of the trend."""

    q: float
    times: Float
    factors: Float  # (times, classes)

    @classmethod
    def of(cls, growth: Growth, flows: Sequence[str], until: int, q: float) -> Course:
        """Return the course from the trend's last year until another."""
        path = Path.of(growth, q)
        since = path.trend.year
        times = since + np.arange((until - since) * STEPS + 1) / STEPS
        return cls(q, times, np.array([path.factors(flows, time) for time in times]))

    def at(self, year: float) -> Float:
        """Return the factors of a year on the course."""
        found: Float = self.factors[min(round((year - self.times[0]) * STEPS), len(self.times) - 1)]
        return found


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
    full_at, full_in_peak
        (resources,) when each is full in the mean week, and in that of the busiest month, on the middle
        of the trend.
    first, first_in_peak
        The first of them.
    half
        When half of the people get most of their mail through something full.
    behind
        Mail and people behind something full, by year.
    """

    network: MailNetwork
    plan: Plan
    rates: Rates
    loads: tuple[Loads, ...]
    use: Utilisation
    full_at: Float
    full_in_peak: Float
    first: Break
    first_in_peak: Break
    half: Break
    behind: Affected


@dataclass(frozen=True)
class DemandRow:
    """Express items sent in a year: the trend, its intervals, and other methods."""

    year: int
    mid: float
    intervals: Mapping[str, tuple[float, float]]  # by level
    others: Mapping[str, tuple[float, float, float]]  # middle, low, high


@dataclass(frozen=True)
class YearRow:
    """The network in one year, on the middle of the trend."""

    year: int
    factor: float  # on the express items of the trend's last point
    full: Mapping[str, int]  # resources by kind, mean week
    full_in_peak: Mapping[str, int]
    mail: float  # share behind something full, mean week
    people: float
    mail_in_peak: float
    people_in_peak: float
    vehicles_at_target: int  # needed for a mean load at the target
    fleet: int
    lanes_at_target: int
    sorters_at_target: int


@dataclass(frozen=True)
class ResourceRow:
    """One resource, and when it is full."""

    kind: str
    id: str
    name: str
    place: str
    prefecture: str
    units: int
    load: float  # on the mean day of the trend's last year
    factor: float  # on express items, at which it is full
    when: float  # on the middle of the trend
    year: int | None
    early: int | None  # at the ends of the interval
    late: int | None
    in_peak: int | None  # first year whose busiest month fills it


@dataclass(frozen=True, eq=False)
class Study:
    """A network and the demand of coming years."""

    name: str
    title: str
    growth: Growth
    trend: Trend
    level: float
    years: tuple[int, ...]
    peak: float  # busiest month over the mean day
    peak_month: str
    course: Course  # the middle of the trend
    base: Outlook
    early: Outlook  # at the upper end of the interval: more demand, earlier
    late: Outlook
    demand: tuple[DemandRow, ...]
    by_year: tuple[YearRow, ...]
    resources: tuple[ResourceRow, ...]  # the first to be full first
    lanes: int  # there are
    sorters: int

    @property
    def fleet_short(self) -> int | None:
        """First year in which the fleet is too small for the target load; None: not within the years."""
        return next((row.year for row in self.by_year if row.vehicles_at_target > row.fleet), None)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``growth.json``."""
        trend = self.trend
        return {
            "scenario": self.name,
            "title": self.title,
            "trend": {**asdict(trend), "yearly_growth": trend.yearly, "points": len(self.growth.points)},
            "points": [asdict(point) for point in self.growth.points],
            "held_out": [
                asdict(point)
                | {
                    "trend_mid": trend.quantile(point.year),
                    "chance_below": trend.chance_below(point.year, point.items),
                }
                for point in self.growth.later
                if point.what != "delivered"
            ],
            "delivered": [asdict(point) for point in self.growth.later if point.what == "delivered"],
            "assumed": {name: asdict(value) for name, value in self.growth.assumed.items()},
            "level": self.level,
            "peak": {"month": self.peak_month, "factor": self.peak},
            "break": {
                "year": self.base.first.year,
                "early": self.early.first.year,
                "late": self.late.first.year,
                "name": self.base.first.name,
                "in_peak_month": self.base.first_in_peak.year,
                "name_in_peak_month": self.base.first_in_peak.name,
                "half_of_people": self.base.half.year,
                "half_of_people_early": self.early.half.year,
                "half_of_people_late": self.late.half.year,
                "fleet_short_at_target": self.fleet_short,
            },
            "demand": [asdict(row) for row in self.demand],
            "years": [asdict(row) for row in self.by_year],
        }


def calendar_year(when: float) -> int | None:
    """Return the first calendar year whose demand is at least that of a moment on the trend; None for inf."""
    return math.ceil(when - 1e-9) if math.isfinite(when) else None


def study(network: MailNetwork, name: str, title: str, years: tuple[int, int], level: float = 0.5) -> Study:
    """Return when and where a network breaks.

    Parameters
    ----------
    network
        The network; its demand is taken as that of its report's year, with what its scenario scales
        besides.
    name, title
        Of the scenario.
    years
        First and last, both included; nothing before the trend's last point.
    level
        Of the interval for years, such as 0.5 for the quartiles.

    Raises
    ------
    GrowthError
        If the trend does not start from the network's year, or the years lie before it.
    InputErrors
        If the region's data say nothing of growth.
    """
    growth = load_growth(network.region)
    network = ungrown(network)
    flows = [row["flow"] for row in network.assumptions.table("classes")]
    Path.of(growth).factors(flows, years[0], network.year)
    shown = tuple(range(years[0], years[1] + 1))
    peak, month = _peak(network)
    low, high = (1 - level) / 2, (1 + level) / 2
    middle, less, more = (Course.of(growth, flows, years[1], q) for q in (0.5, low, high))
    base = outlook(network, middle, shown, peak)
    early, late = (outlook(network, course, shown, peak, base) for course in (more, less))
    trend = Path.of(growth).trend
    return Study(
        name=name,
        title=title,
        growth=growth,
        trend=trend,
        level=level,
        years=shown,
        peak=peak,
        peak_month=month,
        course=middle,
        base=base,
        early=early,
        late=late,
        demand=tuple(_demand(growth, trend, year) for year in shown),
        by_year=_by_year(base, middle, shown, peak),
        resources=_resources(base, early, late, flows),
        lanes=sum(centre.lanes for centre in network.centres),
        sorters=sum(centre.sorters for centre in network.centres),
    )


def outlook(
    network: MailNetwork,
    course: Course,
    years: Sequence[int],
    peak: float,
    like: Outlook | None = None,
) -> Outlook:
    """Return what happens to a network on a course of demand.

    Parameters
    ----------
    like
        An outlook of a network with the same timetable, hours and demand, whose fluid will do.
    """
    if like is None:
        rates, plan = rates_of(network), make_plan(network)
        loads = loads_by_class(network, rates, plan)
    else:
        rates, plan, loads = like.rates, like.plan, like.loads
    same = like is not None and like.network is network
    use = like.use if like is not None and same else utilisation(network, rates, plan, loads)
    full = use.full_at(course.times, course.factors)
    busy = use.full_at(course.times, course.factors * _in_peak(rates, peak))
    behind = affected(network, rates, plan, use, full, course.times)
    some = behind.people >= HALF
    wanted = np.searchsorted(course.times, np.array(years) - 1e-9)
    return Outlook(
        network, plan, rates, loads, use, full, busy, _first(use, full), _first(use, busy),
        Break(float(course.times[some.argmax()]) if some.any() else math.inf),
        replace(behind, times=behind.times[wanted], mail=behind.mail[wanted], people=behind.people[wanted],
                places=behind.places[:, wanted]),
    )  # fmt: skip


def _first(use: Utilisation, full: Float) -> Break:
    at = int(full.argmin())
    return Break(float(full[at]), use.name[at] if np.isfinite(full[at]) else "")


def _in_peak(rates: Rates, peak: float) -> Float:
    """Return the factors of the busiest month: newspapers come every day alike."""
    return np.array([1.0 if kind.flow == "place" else peak for kind in rates.classes])


def _peak(network: MailNetwork) -> tuple[float, str]:
    """Return the busiest period of the year over its mean day, and its name."""
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    )  # fmt: skip
    days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    best, name = 0.0, ""
    for first, last, share in Calendar.load(network.region, network.assumptions).periods:
        factor = share * 365 / sum(days[first - 1 : last])
        if factor > best:
            best = factor
            name = months[first - 1] if first == last else f"{months[first - 1]} to {months[last - 1]}"
    return best, name


def _demand(growth: Growth, trend: Trend, year: int) -> DemandRow:
    bands = {
        f"{level:g}": (trend.quantile(year, (1 - level) / 2), trend.quantile(year, (1 + level) / 2))
        for level in BANDS
    }
    return DemandRow(year, trend.quantile(year), bands, alternatives(growth, year, BANDS[-1]))


def _by_year(base: Outlook, course: Course, years: Sequence[int], peak: float) -> tuple[YearRow, ...]:
    express = next(at for at, kind in enumerate(base.rates.classes) if kind.flow == "report")
    busy = affected(base.network, base.rates, base.plan, base.use, base.full_in_peak, np.array(years, float))
    kinds = np.array([base.use.kind(row) for row in range(len(base.use))])
    rows = []
    for at, year in enumerate(years):
        factors = course.at(year)
        routes = sized_for(base.network, base.plan, summed(base.loads, factors))
        sized = replace(_at_target_rounds(base, factors), routes=routes)
        centres = size_centres(
            base.network.centres, summed(base.loads, factors).handled, base.network.assumptions
        )
        counted = needs(sized)
        rows.append(
            YearRow(
                year=year,
                factor=float(factors[express]),
                full=_counts(kinds, base.full_at <= year + 1e-9),
                full_in_peak=_counts(kinds, base.full_in_peak <= year + 1e-9),
                mail=float(base.behind.mail[at]),
                people=float(base.behind.people[at]),
                mail_in_peak=float(busy.mail[at]),
                people_in_peak=float(busy.people[at]),
                vehicles_at_target=counted.vehicles,
                fleet=counted.fleet,
                lanes_at_target=sum(centre.lanes for centre in centres),
                sorters_at_target=sum(centre.sorters for centre in centres),
            )
        )
    return tuple(rows)


def _at_target_rounds(base: Outlook, factors: Float) -> MailNetwork:
    """Return the network with as many vehicles on each round as its demand at the target load needs."""
    target = base.network.assumptions["target_load"]
    wanted = dict(zip(base.use.owners, base.use.needed(factors, target).tolist(), strict=True))
    more = {owner.id: number for owner, number in wanted.items() if owner.kind == "round"}
    rounds = tuple(replace(tour, vehicles=max(tour.vehicles, more[tour.id])) for tour in base.network.rounds)
    return replace(base.network, rounds=rounds)


def _counts(kinds: NDArray[np.str_], full: NDArray[np.bool_]) -> dict[str, int]:
    return {kind: int((full & (kinds == kind)).sum()) for kind in KINDS}


def _resources(base: Outlook, early: Outlook, late: Outlook, flows: Sequence[str]) -> tuple[ResourceRow, ...]:
    use, places = base.use, base.network.places
    load = use.load(np.ones(len(flows)))
    factor = use.breaks_at(np.array([flow == "report" for flow in flows]))
    rows = []
    for row in np.lexsort((np.arange(len(use)), factor, base.full_at)).tolist():
        owner = use.owners[use.owner[row]]
        rows.append(
            ResourceRow(
                kind=owner.kind,
                id=owner.id,
                name=use.name[row],
                place=use.place[row],
                prefecture=str(places.prefecture[places.row(use.place[row])]),
                units=owner.units,
                load=float(load[row]),
                factor=float(factor[row]),
                when=float(base.full_at[row]),
                year=calendar_year(base.full_at[row]),
                early=calendar_year(early.full_at[row]),
                late=calendar_year(late.full_at[row]),
                in_peak=calendar_year(base.full_in_peak[row]),
            )
        )
    return tuple(rows)
