"""``yizhan growth``: when and where a network breaks as demand grows, and what delays it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, number, print_json, print_table, shown_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.graph import MailNetwork
    from scenarios.growth import Study
    from scenarios.growth_check import CheckRow
    from scenarios.growth_expansions import Candidate, ExpansionRow
    from scenarios.progress import Progress
    from scenarios.resolve import Resolved

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan growth xizang-2021",
    "yizhan growth xizang-2021 --years 2021-2030 --level 0.8 --out growth",
    "yizhan growth xizang-2021 --with xizang-rail-xigaze --with my-expansion.toml",
    "yizhan growth xizang-2021 --library",
    "yizhan growth xizang-2021 --simulate --factor 1.3 --factor 1.5",
)
FACTORS = (0.9, 1.0, 1.1)  # simulated, times the one at which the first resource is full
# Changes that the fluid does not see: vehicles that stand by, and what is closed for a time.
UNSEEN = {"scale_fleet", "add_vehicles", "close_road", "close_road_yearly"}
HOLD = (1, 2, 4)  # years that packages hold beyond the break
MILLION = 1e6


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name or scenario file.")],
    years: Annotated[
        str, typer.Option("--years", metavar="FIRST-LAST", help="Years looked at, both included.")
    ] = "2021-2035",
    level: Annotated[
        float, typer.Option("--level", min=0.1, max=0.99, help="Of the interval for years; 0.5: quartiles.")
    ] = 0.5,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="SCENARIO", help="An expansion to judge: library name or file. May be repeated."
        ),
    ] = None,
    library: Annotated[
        bool, typer.Option("--library", help="Judge every scenario of the library that changes this one.")
    ] = False,
    simulated: Annotated[
        bool, typer.Option("--simulate", help="Simulate demands around the break: do queues grow?")
    ] = False,
    factor: Annotated[
        list[float] | None,
        typer.Option(
            "--factor",
            help="Factor on express items to simulate; by default 0.9, 1 and 1.1 times that of the break. "
            "May be repeated.",
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many resources are listed.")] = 12,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for growth.json, tables and charts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print growth.json for programs.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no charts.")] = False,
) -> None:
    """Say when and where a network breaks as demand grows, and which expansion delays it most.

    Demand follows the trend through the points that were published, with its
    intervals. A mean day of each year is sent over the timetable as a fluid:
    what a week cannot take is full. --simulate sets simulations beside it.
    """
    from scenarios.growth import study
    from scenarios.growth_check import check
    from scenarios.growth_expansions import expansions, ranked
    from scenarios.growth_files import as_json as whole
    from scenarios.growth_files import draw_study, write_study
    from scenarios.resolve import build_base, load_scenario

    span = _years(years)
    resolved = load_scenario(scenario)
    wanted = [load_scenario(name) for name in [*(others or ()), *(_library(resolved) if library else ())]]
    with shown_progress() as progress:
        fitted = build_base(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))
        network = _changed(resolved, fitted)
        progress.step("filling the network")
        found = study(network, resolved.name, resolved.title, span, level)
        rows = ranked(
            expansions(found, _candidates(found, resolved, wanted, fitted, progress), progress.step)
        )
        checks: tuple[CheckRow, ...] = ()
        if simulated or factor:
            checks = check(found, resolved.plan, factor or _around(found), _simulating(progress))
        files = []
        if out is not None:
            files = write_study(found, rows, checks, out)
            if not no_plots:
                progress.step("drawing the charts")
                files += draw_study(found, out)
    if as_json:
        print_json(whole(found, rows, checks))
        return
    _print(found, rows, checks, top)
    if files:
        print(f"written to {out}: " + ", ".join(file.name for file in files))


def _wrong(key: str, value: object, allowed: str) -> Exception:
    from network.errors import InputErrors, Problem

    return InputErrors([Problem("command line", "", key, value, allowed)])


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit()) or not 0 <= int(last) - int(first) <= 60:
        raise _wrong("--years", text, "two years such as 2021-2035, at most 60 apart")
    return int(first), int(last)


def _library(base: Resolved) -> list[str]:
    """Return the scenarios of the library that change this one's network, as far as the fluid sees it."""
    from scenarios.resolve import library, load_scenario

    found = []
    for name, entry in library().items():
        if entry.base != base.name:
            continue
        other = load_scenario(name)
        changes = {change.op for change in other.scenario.change}
        same_demand = not changes & {"scale_demand", "grow_demand", "follow_trend", "set_inbound_ratio"}
        if other.fit_key == base.fit_key and same_demand and changes - UNSEEN - {"peak_demand"}:
            found.append(name)
    return found


def _changed(resolved: Resolved, fitted: MailNetwork) -> MailNetwork:
    from scenarios.apply import apply_changes

    return apply_changes(fitted, resolved.scenario, resolved.name)


def _candidates(
    found: Study,
    base: Resolved,
    wanted: Sequence[Resolved],
    fitted: MailNetwork,
    progress: Progress,
) -> list[Candidate]:
    """Return the scenarios that were asked for, then those of any network."""
    from scenarios.growth_expansions import Candidate, generic
    from scenarios.resolve import build_base

    made = []
    networks = {base.fit_key: fitted}
    for other in wanted:
        if other.fit_key not in networks:
            progress.step(f"fitting {other.name}")
            networks[other.fit_key] = build_base(other)
        made.append(Candidate(other.name, other.title, _changed(other, networks[other.fit_key])))
    year = found.base.first.year
    until = [] if year is None else [year - 1 + more for more in HOLD if year - 1 + more < found.years[-1]]
    return [*made, *generic(found, until)]


def _around(found: Study) -> list[float]:
    least = min(row.factor for row in found.resources)
    return [share * least for share in FACTORS]


def _simulating(progress: Progress):  # type: ignore[no-untyped-def]
    shown = [""]

    def said(text: str, share: float) -> None:
        if text != shown[0]:
            shown[0] = text
            progress.replications(text.removeprefix("simulating "), 1)
        progress.simulated(0, share)

    return said


def _print(found: Study, rows: Sequence[ExpansionRow], checks: Sequence[CheckRow], top: int) -> None:
    print(f"{found.name}: {found.title}")
    _print_points(found)
    _print_demand(found)
    _print_break(found)
    _print_years(found)
    _print_resources(found, top)
    _print_expansions(found, rows)
    if checks:
        _print_checks(found, checks)


def _print_points(found: Study) -> None:
    from itertools import pairwise
    from math import log

    points = found.growth.points
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
        right=(1, 2),
    )
    trend = found.trend
    print(
        f"trend: {_signed(trend.yearly)} a year from {trend.items / MILLION:.3f} million in {trend.year}; "
        f"a year's logarithm scatters by {trend.sigma:.2f} around {log(1 + trend.yearly):.2f} "
        f"({len(points)} points, {trend.freedom} degrees of freedom)"
    )
    later = [point for point in found.growth.later if point.what != "delivered"]
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
            right=(1, 2, 3),
        )


def _print_demand(found: Study) -> None:
    levels = list(found.demand[0].intervals)
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
            for row in found.demand
        ],
        right=range(1, 7 + len(levels)),
    )


def _print_break(found: Study) -> None:
    base = found.base
    share = f"{100 * found.level:.0f} % interval"
    print(
        f"first full: {base.first.name or 'nothing'}, {_year(base.first.year, found)} "
        f"({share} {_between(found.early.first.year, found.late.first.year, found)}); in {found.peak_month}, "
        f"{found.peak:.2f} times the mean day, already in {_year(base.first_in_peak.year, found)}"
    )
    print(
        f"half of the people get most of their mail through something full: {_year(base.half.year, found)} "
        f"({share} {_between(found.early.half.year, found.late.half.year, found)})"
    )
    short = found.fleet_short
    print(
        f"vehicles for the target load of {100 * base.network.assumptions['target_load']:.0f} %: "
        f"{found.by_year[0].vehicles_at_target:,} of {found.by_year[0].fleet:,} in {found.years[0]}, "
        f"more than there are {'not before ' + str(found.years[-1]) if short is None else f'from {short}'}"
    )


def _print_years(found: Study) -> None:
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
            f"in {found.peak_month}",
            "vehicles at target",
            f"lanes ({found.lanes})",
            f"sorters ({found.sorters})",
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
            for row in found.by_year
        ],
        right=range(1, 12),
    )


def _print_resources(found: Study, top: int) -> None:
    print_table(
        (
            "full first",
            "prefecture",
            "units",
            f"load {found.trend.year}",
            "full at ×",
            "and its queue grows ×",
            "year",
            "interval",
            f"in {found.peak_month}",
        ),
        [
            (
                row.name,
                row.prefecture or "outside",
                str(row.units),
                f"{100 * row.load:.0f} %",
                f"{row.alone:.2f}",
                f"{row.factor:.2f}",
                _year(row.year, found),
                _between(row.early, row.late, found),
                _year(row.in_peak, found),
            )
            for row in found.resources[:top]
        ],
        right=(2, 3, 4, 5),
    )
    never = sum(row.year is None for row in found.resources)
    print(
        f"{len(found.resources):,} resources (legs by direction, lanes, sorters, rounds), {never:,} of them "
        f"not full by {found.years[-1]}; resources.csv of --out has all"
    )


def _print_expansions(found: Study, rows: Sequence[ExpansionRow]) -> None:
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
                _year(row.year, found),
                ("" if row.in_time else "≥ ") + f"{row.gain:+.2f}",
                _year(row.half_year, found),
                f"{row.half_gain:+.2f}",
                f"{row.vehicles:+,}",
                f"{row.lanes:+,}",
                f"{row.sorters:+,}",
                f"{row.yuan_a_year / MILLION:.2f}",
                "" if row.yuan_a_year_gained is None else f"{row.yuan_a_year_gained / MILLION:.2f}",
            )
            for row in rows
        ],
        right=(2, 4, 5, 6, 7, 8, 9),
    )
    print(
        "gains on the middle of the trend, without extra trips; yuan are those of the plan, beyond the base: "
        "mail cars, bellies and handling are paid by weight and item, so they are not in it"
    )


def _print_checks(found: Study, checks: Sequence[CheckRow]) -> None:
    from scenarios.growth_check import bracket

    print_table(
        (
            "simulated: express ×",
            "year",
            "queues with something full",
            "queues that grow",
            "both",
            "worst",
            "items a day",
        ),
        [
            (
                f"{row.factor:.3f}",
                _year(row.year, found),
                f"{len(row.fluid):,}",
                f"{len(row.simulated):,}",
                f"{row.both:,}",
                row.worst,
                number(round(row.worst_items_a_day), 0) if row.worst else "",
            )
            for row in checks
        ],
        right=(0, 2, 3, 4, 6),
    )
    calm, grows = bracket(checks)
    least = min(row.factor for row in found.resources)
    between = (
        f"above {calm:.3f}" if grows is None else f"at {grows:.3f} or below" if calm is None else
        f"between {calm:.3f} and {grows:.3f}"
    )  # fmt: skip
    print(
        f"a queue begins to grow {between} times the express items of {found.trend.year}; "
        f"by the fluid at {least:.3f}"
    )


def _signed(share: float) -> str:
    return f"{100 * share:+.1f} %"


def _million(items: float) -> str:
    value = items / MILLION
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _range(low: float, high: float) -> str:
    return f"{_million(low)}–{_million(high)}"


def _year(year: int | None, found: Study) -> str:
    return f"after {found.years[-1]}" if year is None else str(year)


def _between(early: int | None, late: int | None, found: Study) -> str:
    return _year(early, found) if early == late else f"{_year(early, found)}–{_year(late, found)}"
