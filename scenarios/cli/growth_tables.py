"""The tables of ``yizhan growth``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from scenarios.cli.tables import number, print_table
from scenarios.growth.check import bracket

if TYPE_CHECKING:
    from scenarios.growth.check import CheckRow
    from scenarios.growth.expansions import ExpansionRow
    from scenarios.growth.years import Study

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
    print_table(
        ("express items sent", "million", "a year", "kind", "source"),
        [
            (
                str(point.year),
                f"{point.items / MILLION:.3f}",
                "" if gain is None else _signed(gain),
                point.kind,
                point.source,
            )
            for point, gain in zip(points, gains, strict=True)
        ],
    )
    trend = growth.trend
    print(
        f"trend: {_signed(trend.yearly)} a year from {trend.items / MILLION:.3f} million in {trend.year}; "
        f"a year's logarithm scatters by {trend.sigma:.2f} around {log(1 + trend.yearly):.2f} "
        f"({len(points)} points, {trend.freedom} degrees of freedom)"
    )
    later = [point for point in growth.growth.later if point.what != "delivered"]
    if later:
        print_table(
            ("held out", "million", "trend", "chance of less", "what", "source"),
            [
                (
                    str(point.year),
                    f"{point.items / MILLION:.2f}",
                    f"{trend.quantile(point.year) / MILLION:.2f}",
                    f"{100 * trend.chance_below(point.year, point.items):.0f} %",
                    point.what,
                    point.source,
                )
                for point in later
            ],
        )


def _print_demand(growth: Study) -> None:
    levels = list(growth.demand[0].intervals)
    print_table(
        (
            "million a year",
            "trend",
            *(f"{100 * float(level):.0f} % interval" for level in levels),
            "log-linear",
            f"{100 * float(levels[-1]):.0f} % interval",
            "damped",
            "its range",
            "from each point on",
        ),
        [
            (
                str(row.year),
                _million(row.mid),
                *(_range(*row.intervals[level]) for level in levels),
                _million(row.others["log-linear"][0]),
                _range(*row.others["log-linear"][1:]),
                _million(row.others["damped"][0]),
                _range(*row.others["damped"][1:]),
                _range(*row.others["pairs"][1:]),
            )
            for row in growth.demand
        ],
    )


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
    print_table(
        (
            "full in a mean week",
            "× demand",
            "legs",
            "lanes",
            "sorters",
            "rounds",
            "of the mail",
            "of the people",
            f"in {growth.peak_month}",
            "vehicles at target",
            f"lanes ({growth.lanes})",
            f"sorters ({growth.sorters})",
        ),
        [
            (
                str(row.year),
                f"{row.factor:.2f}",
                *(f"{row.full[kind]:,}" for kind in ("route", "lanes", "sorters", "round")),
                f"{100 * row.mail:.0f} %",
                f"{100 * row.people:.0f} %",
                f"{sum(row.full_in_peak.values()):,}",
                f"{row.vehicles_at_target:,}",
                f"{row.lanes_at_target:,}",
                f"{row.sorters_at_target:,}",
            )
            for row in growth.by_year
        ],
    )


def _print_resources(growth: Study, top: int) -> None:
    print_table(
        (
            "full first",
            "prefecture",
            "units",
            f"load {growth.trend.year}",
            "full at ×",
            "and its queue grows ×",
            "year",
            "interval",
            f"in {growth.peak_month}",
        ),
        [
            (
                row.name,
                row.prefecture or "outside",
                str(row.units),
                f"{100 * row.load:.0f} %",
                f"{row.alone:.2f}",
                f"{row.factor:.2f}",
                _year(row.year, growth),
                _between(row.early, row.late, growth),
                _year(row.in_peak, growth),
            )
            for row in growth.resources[:top]
        ],
    )
    never = sum(row.year is None for row in growth.resources)
    print(
        f"{len(growth.resources):,} resources (legs by direction, lanes, sorters, rounds), {never:,} of them "
        f"not full by {growth.years[-1]}; resources.csv of --out has all"
    )


def _print_expansions(growth: Study, rows: Sequence[ExpansionRow]) -> None:
    print_table(
        (
            "expansion, longest delay first",
            "first full",
            "years gained",
            "half the people",
            "years gained",
            "vehicles",
            "lanes",
            "sorters",
            "million yuan a year",
            "a year gained",
        ),
        [
            (
                row.title,
                _year(row.year, growth),
                ("" if row.in_time else "≥ ") + f"{row.gain:+.2f}",
                _year(row.half_year, growth),
                f"{row.half_gain:+.2f}",
                f"{row.vehicles:+,}",
                f"{row.lanes:+,}",
                f"{row.sorters:+,}",
                f"{row.yuan_a_year / MILLION:.2f}",
                "" if row.yuan_a_year_gained is None else f"{row.yuan_a_year_gained / MILLION:.2f}",
            )
            for row in rows
        ],
    )
    print(
        "gains on the middle of the trend, without extra trips; yuan are those of the plan, beyond the base: "
        "mail cars, bellies and handling are paid by weight and item, so they are not in it"
    )


def _print_checks(growth: Study, checks: Sequence[CheckRow]) -> None:
    print_table(
        (
            "simulated: express ×",
            "year",
            "queues at full resources",
            "queues that grow",
            "both",
            "worst",
            "items a day",
        ),
        [
            (
                f"{row.factor:.3f}",
                _year(row.year, growth),
                f"{len(row.fluid):,}",
                f"{len(row.simulated):,}",
                f"{row.both:,}",
                row.worst,
                number(round(row.worst_items_a_day), 0) if row.worst else "",
            )
            for row in checks
        ],
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
