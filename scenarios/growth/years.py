"""When and where a network breaks as demand grows: the fluid calculation, year by year.

Demand follows a quantile of the region's trend (`network.demand.growth`), the mean
day's fluid fills resources (`network.capacity.utilisation`), full trips overflow onto
others (`network.capacity.overflow`), and what is full has mail and people behind it
(`network.capacity.affected`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.capacity.affected import affected
from network.capacity.sizing import size_centres, sized_for
from network.capacity.utilisation import KINDS, summed
from network.demand.growth import Path, Trend, alternatives
from network.edit.growth import ungrown
from network.fleet.requirements import needs
from network.inputs.published_volumes import Growth
from network.model.network import Network
from scenarios.growth.outlook import Course, Outlook, calendar_year, growing, outlook

__all__ = ["DemandRow", "ResourceRow", "Study", "YearRow", "study"]

BANDS = (0.5, 0.8)  # shown of the trend
Float = NDArray[np.float64]


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
    alone: float  # factor on express items at which it is full by itself
    factor: float  # of a leg, from which on the queue at its stop grows besides
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


def study(network: Network, name: str, title: str, years: tuple[int, int], level: float = 0.5) -> Study:
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
    growth = network.region.published_growth()
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
        resources=_resources(base, early, late),
        lanes=sum(centre.lanes for centre in network.centres),
        sorters=sum(centre.sorters for centre in network.centres),
    )


def _peak(network: Network) -> tuple[float, str]:
    """Return the busiest period of the year over its mean day, and its name."""
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    )  # fmt: skip
    days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    best, name = 0.0, ""
    for first, last, share in network.calendar.periods:
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
    express = int(growing(base.rates).argmax())
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


def _at_target_rounds(base: Outlook, factors: Float) -> Network:
    """Return the network with as many vehicles on each round as its demand at the target load needs."""
    target = base.network.assumptions["target_load"]
    wanted = dict(zip(base.use.owners, base.use.needed(factors, target).tolist(), strict=True))
    more = {owner.id: number for owner, number in wanted.items() if owner.kind == "round"}
    rounds = tuple(
        replace(round_, vehicles=max(round_.vehicles, more[round_.id])) for round_ in base.network.rounds
    )
    return replace(base.network, rounds=rounds)


def _counts(kinds: NDArray[np.str_], full: NDArray[np.bool_]) -> dict[str, int]:
    return {kind: int((full & (kinds == kind)).sum()) for kind in KINDS}


def _resources(base: Outlook, early: Outlook, late: Outlook) -> tuple[ResourceRow, ...]:
    use, places = base.use, base.network.places
    load = use.load(np.ones(len(base.rates.classes)))
    rows = []
    for row in np.lexsort((np.arange(len(use)), base.factor, base.full_at)).tolist():
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
                alone=float(base.alone[row]),
                factor=float(base.factor[row]),
                when=float(base.full_at[row]),
                year=calendar_year(base.full_at[row]),
                early=calendar_year(early.full_at[row]),
                late=calendar_year(late.full_at[row]),
                in_peak=calendar_year(base.full_in_peak[row]),
            )
        )
    return tuple(rows)
