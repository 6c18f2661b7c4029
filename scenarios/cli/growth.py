"""``yizhan growth``: when and where a network breaks as demand grows, and what delays it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import check_folder, examples, guarded, print_json
from scenarios.cli.options import NoPlots, ScenarioFile, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from network.model.network import Network
    from scenarios.definition.resolve import Resolved
    from scenarios.growth.check import CheckRow
    from scenarios.growth.expansions import Candidate
    from scenarios.growth.years import Study
    from scenarios.support.progress import Progress

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


@guarded
def command(
    scenario: ScenarioFile,
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
    out: Annotated[Path | None, out_option("Folder for growth.json, tables and charts.")] = None,
    as_json: Annotated[bool, json_of("growth.json")] = False,
    no_plots: NoPlots = False,
) -> None:
    """Say when and where a network breaks as demand grows, and which expansion delays it most.

    Demand follows the trend through the points that were published, with its
    intervals. A mean day of each year is sent over the timetable as a fluid:
    what a week cannot take is full. --simulate sets simulations beside it.
    """
    from scenarios.cli.growth_tables import print_growth
    from scenarios.definition.resolve import build_base, load_scenario
    from scenarios.growth.check import check
    from scenarios.growth.expansions import expansions, ranked
    from scenarios.growth.folder import as_json as whole
    from scenarios.growth.folder import draw_study, write_study
    from scenarios.growth.years import study

    span = _years(years)
    check_folder(out)
    for one in factor or ():
        if not one > 0:
            from network.errors import InputErrors, Problem

            raise InputErrors([Problem("command line", "", "--factor", one, "above 0")])
    resolved = load_scenario(scenario)
    wanted = [load_scenario(name) for name in [*(others or ()), *(_library(resolved) if library else ())]]
    with shown_progress() as progress:
        fitted = build_base(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))
        network = _changed(resolved, fitted)
        progress.step("filling the network")
        growth = study(network, resolved.name, resolved.title, span, level)
        rows = ranked(
            expansions(growth, _candidates(growth, resolved, wanted, fitted, progress), progress.step)
        )
        checks: tuple[CheckRow, ...] = ()
        if simulated or factor:
            checks = check(growth, resolved.plan, factor or _around(growth), _simulating(progress))
        files = []
        if out is not None:
            files = write_study(growth, rows, checks, out)
            if not no_plots:
                progress.step("drawing the charts")
                files += draw_study(growth, out)
    if as_json:
        print_json(whole(growth, rows, checks))
        return
    print_growth(growth, rows, checks, top)
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
    from scenarios.definition.resolve import library, load_scenario

    names = []
    for name, entry in library().items():
        if entry.base != base.name:
            continue
        other = load_scenario(name)
        changes = {change.op for change in other.scenario.change}
        same_demand = not changes & {"scale_demand", "grow_demand", "follow_trend", "set_inbound_ratio"}
        if other.fit_key == base.fit_key and same_demand and changes - UNSEEN - {"peak_demand"}:
            names.append(name)
    return names


def _changed(resolved: Resolved, fitted: Network) -> Network:
    from scenarios.definition.apply import apply_scenario

    return apply_scenario(fitted, resolved.scenario, resolved.name)


def _candidates(
    growth: Study,
    base: Resolved,
    wanted: Sequence[Resolved],
    fitted: Network,
    progress: Progress,
) -> list[Candidate]:
    """Return the scenarios that were asked for, then those of any network."""
    from scenarios.definition.resolve import build_base
    from scenarios.growth.expansions import Candidate, generic

    made = []
    networks = {base.fit_key: fitted}
    for other in wanted:
        if other.fit_key not in networks:
            progress.step(f"fitting {other.name}")
            networks[other.fit_key] = build_base(other)
        made.append(Candidate(other.name, other.title, _changed(other, networks[other.fit_key])))
    year = growth.base.first.year
    until = [] if year is None else [year - 1 + more for more in HOLD if year - 1 + more < growth.years[-1]]
    return [*made, *generic(growth, until)]


def _around(growth: Study) -> list[float]:
    least = min(row.factor for row in growth.resources)
    return [share * least for share in FACTORS]


def _simulating(progress: Progress):  # type: ignore[no-untyped-def]
    shown = [""]

    def said(text: str, share: float) -> None:
        if text != shown[0]:
            shown[0] = text
            progress.replications(text.removeprefix("simulating "), 1)
        progress.simulated(0, share)

    return said
