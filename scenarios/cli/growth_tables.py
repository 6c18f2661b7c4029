"""The tables of ``yizhan growth``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from scenarios.cli.tables import Cell, print_rows
from scenarios.growth.check import bracket

if TYPE_CHECKING:
    from scenarios.growth.check import CheckRow
    from scenarios.growth.expansions import ExpansionRow
    from scenarios.growth.years import DemandRow, Study

__all__ = ["print_growth"]

MILLION = 1e6


def print_growth(growth: Study, rows: Sequence[ExpansionRow], checks: Sequence[CheckRow], top: int) -> None:
    """Print what a study growth: demand, the break, resources, expansions and simulations."""
    print(f"{growth.name}: {growth.title}")
    _print_points(growth)
    _print_demand(growth)
    _print_break(growth)
    _print_years(growth)
    _print_resources(growth, top)
    _print_expansions(growth, rows)
    if checks:
        _print_checks(growth, checks)


def _print_points(growth: Study) -> None:
    points = growth.growth.points
    gains = [None] + [(b.items / a.items) ** (1 / (b.year - a.year)) - 1 for a, b in pairwise(points)]
    print_rows(
        zip(points, gains, strict=True),
        {
            "express items sent": lambda row: str(row[0].year),
            "million": lambda row: f"{row[0].items / MILLION:.3f}",
            "a year": lambda row: "" if row[1] is None else _signed(row[1]),
            "kind": lambda row: row[0].kind,
            "source": lambda row: row[0].source,
        },
    )
    trend = growth.trend
    print(
        f"trend: {_signed(trend.yearly)} a year from {trend.items / MILLION:.3f} million in {trend.year}; "
        f"a year's logarithm scatters by {trend.sigma:.2f} around {log(1 + trend.yearly):.2f} "
        f"({len(points)} points, {trend.freedom} degrees of freedom)"
    )
    later = [point for point in growth.growth.later if point.what != "delivered"]
    if later:
        print_rows(
            later,
            {
                "held out": lambda point: str(point.year),
                "million": lambda point: f"{point.items / MILLION:.2f}",
                "trend": lambda point: f"{trend.quantile(point.year) / MILLION:.2f}",
                "chance of less": lambda point: f"{100 * trend.chance_below(point.year, point.items):.0f} %",
                "what": lambda point: point.what,
                "source": lambda point: point.source,
            },
        )


def _print_demand(growth: Study) -> None:
    levels = list(growth.demand[0].intervals)
    columns: dict[str, Callable[[DemandRow], Cell]] = {
        "million a year": lambda row: str(row.year),
        "trend": lambda row: _million(row.mid),
    }
    for level in levels:
        columns[f"{100 * float(level):.0f} % interval"] = partial(_interval, level)
    print_rows(
        growth.demand,
        columns
        | {
            "log-linear": lambda row: _million(row.others["log-linear"][0]),
            f"its {100 * float(levels[-1]):.0f} %": lambda row: _range(*row.others["log-linear"][1:]),
            "damped": lambda row: _million(row.others["damped"][0]),
            "its range": lambda row: _range(*row.others["damped"][1:]),
            "from each point on": lambda row: _range(*row.others["pairs"][1:]),
        },
    )


def _interval(level: str, row: DemandRow) -> str:
    return _range(*row.intervals[level])


def _print_break(growth: Study) -> None:
    base = growth.base
    share = f"{100 * growth.level:.0f} % interval"
    print(
        f"first full: {base.first.name or 'nothing'}, {_year(base.first.year, growth)} "
        f"({share} {_between(growth.early.first.year, growth.late.first.year, growth)}); "
        f"in {growth.peak_month}, {growth.peak:.2f} times the mean day, "
        f"already in {_year(base.first_in_peak.year, growth)}"
    )
    print(
        f"most mail of half of the people passes a full resource: {_year(base.half.year, growth)} "
        f"({share} {_between(growth.early.half.year, growth.late.half.year, growth)})"
    )
    short = growth.fleet_short
    print(
        f"vehicles for the target load of {100 * base.network.assumptions['target_load']:.0f} %: "
        f"{growth.by_year[0].vehicles_at_target:,} of {growth.by_year[0].fleet:,} in {growth.years[0]}, "
        f"more than the fleet {'not before ' + str(growth.years[-1]) if short is None else f'from {short}'}"
    )


def _print_years(growth: Study) -> None:
    print_rows(
        growth.by_year,
        {
            "full in a mean week": lambda row: str(row.year),
            "× demand": lambda row: f"{row.factor:.2f}",
            "legs": lambda row: row.full["route"],
            "lanes": lambda row: row.full["lanes"],
            "sorters": lambda row: row.full["sorters"],
            "rounds": lambda row: row.full["round"],
            "of the mail": lambda row: f"{100 * row.mail:.0f} %",
            "of the people": lambda row: f"{100 * row.people:.0f} %",
            f"in {growth.peak_month}": lambda row: sum(row.full_in_peak.values()),
            "vehicles at target": lambda row: row.vehicles_at_target,
            f"lanes ({growth.lanes})": lambda row: row.lanes_at_target,
            f"sorters ({growth.sorters})": lambda row: row.sorters_at_target,
        },
    )


def _print_resources(growth: Study, top: int) -> None:
    print_rows(
        growth.resources[:top],
        {
            "full first": lambda row: row.name,
            "prefecture": lambda row: row.prefecture or "outside",
            "units": lambda row: str(row.units),
            f"load {growth.trend.year}": lambda row: f"{100 * row.load:.0f} %",
            "full at ×": lambda row: f"{row.alone:.2f}",
            "and its queue grows ×": lambda row: f"{row.factor:.2f}",
            "year": lambda row: _year(row.year, growth),
            "interval": lambda row: _between(row.early, row.late, growth),
            f"in {growth.peak_month}": lambda row: _year(row.in_peak, growth),
        },
        least=("units", "full at ×", "prefecture", f"in {growth.peak_month}"),
    )
    never = sum(row.year is None for row in growth.resources)
    print(
        f"{len(growth.resources):,} resources (legs by direction, lanes, sorters, rounds), {never:,} of them "
        f"not full by {growth.years[-1]}; resources.csv of --out has all"
    )


def _print_expansions(growth: Study, rows: Sequence[ExpansionRow]) -> None:
    print_rows(
        rows,
        {
            "expansion, longest delay first": lambda row: row.title,
            "first full": lambda row: _year(row.year, growth),
            "years gained": lambda row: ("" if row.in_time else "≥ ") + f"{row.gain:+.2f}",
            "half the people": lambda row: _year(row.half_year, growth),
            "years gained there": lambda row: f"{row.half_gain:+.2f}",
            "vehicles": lambda row: f"{row.vehicles:+,}",
            "lanes": lambda row: f"{row.lanes:+,}",
            "sorters": lambda row: f"{row.sorters:+,}",
            "million yuan a year": lambda row: f"{row.yuan_a_year / MILLION:.2f}",
            "a year gained": lambda row: (
                "" if row.yuan_a_year_gained is None else f"{row.yuan_a_year_gained / MILLION:.2f}"
            ),
        },
        least=("lanes", "sorters", "years gained there", "half the people"),
    )
    print(
        "gains on the middle of the trend, without extra trips; yuan are those of the plan, beyond the base: "
        "mail cars, bellies and handling are paid by weight and item, so they are not in it"
    )


def _print_checks(growth: Study, checks: Sequence[CheckRow]) -> None:
    print_rows(
        checks,
        {
            "simulated: express ×": lambda row: f"{row.factor:.3f}",
            "year": lambda row: _year(row.year, growth),
            "queues at full resources": lambda row: len(row.fluid),
            "queues that grow": lambda row: len(row.simulated),
            "both": lambda row: row.both,
            "worst": lambda row: row.worst,
            "items a day": lambda row: round(row.worst_items_a_day) if row.worst else "",
        },
    )
    calm, grows = bracket(checks)
    least = min(row.factor for row in growth.resources)
    between = (
        f"above {calm:.3f}" if grows is None else f"at {grows:.3f} or below" if calm is None else
        f"between {calm:.3f} and {grows:.3f}"
    )  # fmt: skip
    print(
        f"a queue begins to grow {between} times the express items of {growth.trend.year}; "
        f"by the fluid at {least:.3f}"
    )


def _signed(share: float) -> str:
    return f"{100 * share:+.1f} %"


def _million(items: float) -> str:
    value = items / MILLION
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _range(low: float, high: float) -> str:
    return f"{_million(low)}–{_million(high)}"


def _year(year: int | None, growth: Study) -> str:
    return f"after {growth.years[-1]}" if year is None else str(year)


def _between(early: int | None, late: int | None, growth: Study) -> str:
    return _year(early, growth) if early == late else f"{_year(early, growth)}–{_year(late, growth)}"
