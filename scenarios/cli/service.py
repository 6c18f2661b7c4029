"""``yizhan service``: how a run keeps service standards, the worst first, and what would mend it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import (
    check_folder,
    examples,
    guarded,
    print_json,
    print_table,
    rests_on,
    shown_progress,
)

if TYPE_CHECKING:
    from network.inputs.standards import Limit, Standard
    from scenarios.assessment.frequency import FrequencyPlace, FrequencyRow
    from scenarios.assessment.service import Service, TimeRow

__all__ = ["EXAMPLES", "Level", "command"]

EXAMPLES = examples(
    "yizhan service xizang-2021",
    "yizhan service xizang-2021 --replications 3 --by prefecture",
    "yizhan service runs/xizang-2021-20260101-120000 --standard eu-97-67-ec",
    "yizhan service runs/xizang-2021-20260101-120000 --by county --classes",
    "yizhan service runs/xizang-2021-20260101-120000 --standard my-standard.toml --top 20",
    "yizhan list --standards",
)
LEAST_ITEMS = 30  # below, a share of a single place says little


class Level(StrEnum):
    """Groups of places for the list of the worst."""

    area = "area"
    prefecture = "prefecture"
    county = "county"
    place = "place"


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    standard: Annotated[
        list[str] | None,
        typer.Option(
            "--standard",
            metavar="NAME | FILE",
            help="A standard of the package (yizhan list --standards) or a file of one's own; those that "
            "bind in the region by default. May be repeated.",
        ),
    ] = None,
    share: Annotated[
        float,
        typer.Option(
            "--share", min=0.01, max=1, help="Share that must be in time where a standard does not say."
        ),
    ] = 0.8,
    by: Annotated[Level, typer.Option("--by", help="Whose worst are listed.")] = Level.county,
    top: Annotated[int, typer.Option("--top", min=1, help="How many of the worst are listed.")] = 5,
    classes: Annotated[
        bool, typer.Option("--classes", help="Keep the classes of a limit apart among the worst.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for service.json, time.csv, frequency.csv and charts; RUN/service by default.",
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", "-n", help="Runs under different random streams.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes; one a processor by default.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", "-s", help="Seed of the random streams.")] = None,
    days: Annotated[int | None, typer.Option("--days", "-d", help="Measured days.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print service.json for programs.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no charts.")] = False,
) -> None:
    """Judge a run by service standards: how often mail is delivered, and how fast.

    A scenario is run first, into a fresh folder under runs/; a run folder is
    asked as it is. The worst come first, with what would mend them: more
    frequent rounds and trips, or less distance and handling.
    """
    from scenarios.assessment.service import FOLDER, draw_service, serve, write_service
    from scenarios.runs.recorded import recorded

    check_folder(out)
    standards = _standards(scenario, standard)
    with shown_progress() as progress:
        run = recorded(
            scenario,
            progress=progress,
            replications=replications,
            workers=workers,
            seed=seed,
            measured_days=days,
        )
        found = serve(run, standards, share, progress)
        files = write_service(found, out or run.path / FOLDER)
        if not no_plots:
            progress.step("drawing the charts")
            files += draw_service(found, files[0].parent)
    if as_json:
        print_json(found.as_dict())
        return
    _print(found, by, top, classes)
    assumed = run.summary["assumed"]
    print(rests_on(assumed, len(assumed["changed"]), "the scenario", run.path))
    print(f"written to {files[0].parent}: " + ", ".join(file.name for file in files))


def _standards(scenario: str, names: list[str] | None) -> list[Standard]:
    """Return the standards that are asked for, before anything is run."""
    from network.errors import InputErrors, Problem
    from network.inputs.standard_tables import load_standard, standards_of
    from scenarios.definition.resolve import load_scenario
    from scenarios.runs.folder import open_run

    ran = bool(scenario) and Path(scenario).is_dir()
    resolved = open_run(scenario).scenario if ran else load_scenario(scenario)
    if not names:
        return list(standards_of(resolved.report.region, resolved.assumptions))
    found, problems = [], list[Problem]()
    for name in names:
        try:
            found.append(load_standard(name, resolved.assumptions))
        except InputErrors as error:
            problems += error.problems
    if problems:
        raise InputErrors(problems)
    codes = [standard.code for standard in found]
    double = sorted({code for code in codes if codes.count(code) > 1})
    if double:
        raise InputErrors(Problem("command line", "", "--standard", code, "each once") for code in double)
    return found


def _print(found: Service, by: Level, top: int, apart: bool) -> None:
    summary, plan = found.run.summary, found.run.scenario.plan
    n = summary["replications"]
    print(f"{summary['scenario']}: {summary['title']}")
    print(
        f"{plan.measured_days} measured days, seed {plan.seed}, {n} replication{'s' if n > 1 else ''}; "
        f"{found.basis}"
    )
    for standard in found.standards:
        print(f"\n{standard.title} ({standard.code})")
        if standard.since > f"{summary['year']}-12-31":
            print(f"note: in force since {standard.since}, after the year of the scenario")
        if standard.frequency:
            _print_frequency(found, standard, by, top)
        if standard.limits:
            _print_times(found, standard, by, top, apart)
    if not found.standards:
        print("no standard of the package binds here; name one with --standard")


def _print_frequency(found: Service, standard: Standard, by: Level, top: int) -> None:
    from scenarios.assessment.frequency import worst_groups, worst_places

    rows = {(row.level, row.id): row for row in found.frequency_rows if row.standard == standard.code}
    rules = [(rule.area, rule.per_week, rule.certainty) for rule in standard.frequency]
    table = []
    for area, per_week, certainty in rules:
        asked = "not known" if per_week is None else f"{per_week}"
        row = rows.get(("area", area))
        said = _frequency_cells(row) if row else ("",) * 5
        table.append((area.replace("_", " "), asked, certainty, *said))
    whole = rows.get(("all", "all"))
    if whole is not None:
        table.append(("all", "", "", *_frequency_cells(whole)))
    print_table(
        (
            "deliveries a week",
            "asked",
            "certainty",
            "places",
            "people",
            "places met",
            "people met",
            "as hard",
        ),
        table,
        right=(1, 3, 4, 5, 6, 7),
    )
    line = standard.hard_to_reach
    if line is not None:
        print(
            f"as hard: met only as hard to reach: a round_ of more than {line.round_km:g} km or "
            f"{line.round_days} day{'s' if line.round_days > 1 else ''}, or on foot ({line.certainty})"
        )
    if by is Level.place:
        _print_places(worst_places(found.frequency_places, standard.code), top)
    else:
        _print_groups(worst_groups(found.frequency_rows, standard.code, by.value), by, top)


def _print_places(missed: list[FrequencyPlace], top: int) -> None:
    if not missed:
        return
    print_table(
        ("served too seldom, worst first", "county", "prefecture", "area", "people", "a week", "asked"),
        [
            (
                place.name or place.place,
                place.county_name,
                place.prefecture,
                place.area.replace("_", " "),
                f"{place.people:,.0f}",
                f"{place.per_week}",
                f"{place.asked}",
            )
            for place in missed[:top]
        ],
        right=(4, 5, 6),
    )
    if len(missed) > top:
        print(f"… and {len(missed) - top:,} places more in frequency.csv")


def _print_groups(missed: list[FrequencyRow], by: Level, top: int) -> None:
    if not missed:
        return
    print_table(
        ("served too seldom, worst first", "places", "met", "people", "met", "days a week missing"),
        [
            (
                row.name,
                f"{row.places:,}",
                _percent(row.met_places / row.places),
                f"{row.people:,.0f}",
                _percent(row.met_people / row.people) if row.people else "–",
                f"{row.more:,}",
            )
            for row in missed[:top]
        ],
        right=range(1, 6),
    )
    if len(missed) > top:
        print(f"… and {len(missed) - top:,} more; --by place lists the places, frequency.csv all")


def _frequency_cells(row: FrequencyRow) -> tuple[str, ...]:
    return (
        f"{row.places:,}",
        f"{row.people:,.0f}",
        _percent(row.met_places / row.places),
        _percent(row.met_people / row.people) if row.people else "–",
        f"{row.only_as_hard:,}",
    )


def _print_times(found: Service, standard: Standard, by: Level, top: int, apart: bool) -> None:
    from scenarios.assessment.service import class_level, worst

    mine = [row for row in found.times if row.standard == standard.code]
    known = [limit for limit in standard.limits if limit.value is not None]
    if known:
        print_table(
            ("limit", "within", "of", "items", "in time", "±", "not arrived", "by agreement", "result"),
            [cells for limit in known for cells in _limit_cells(limit, mine, found.share)],
            right=(2, 3, 4, 5, 6, 7),
        )
    unknown = [limit.code for limit in standard.limits if limit.value is None]
    if unknown:
        print(f"not known, so not judged: {', '.join(unknown)}")
    if any(limit.share is None for limit in known):
        print(f"of {_percent(found.share)} (assumed): the standard's share is not known; --share sets it")
    for limit in known:
        level = class_level(by.value) if apart and len(limit.classes) > 1 else by.value
        rows = worst(mine, standard.code, limit.code, level, LEAST_ITEMS)
        if rows:
            _print_worst(limit, rows, by, top)


def _limit_cells(limit: Limit, rows: list[TimeRow], share: float) -> list[tuple[str, ...]]:
    """Return a line for the limit, and one for each class and way where there are several."""
    asked = _percent(share if limit.share is None else limit.share)
    levels = ["all"]
    levels += ["class"] if len(limit.classes) > 1 else []
    levels += ["way"] if len(limit.directions) > 1 else []
    found = [row for level in levels for row in rows if (row.limit, row.level) == (limit.code, level)]
    if not found:
        return [(limit.code, limit.says, asked, "0", "–", "", "", "", "no items")]
    return [
        (
            limit.code if row.level == "all" else f"  {row.name}",
            limit.says,
            asked,
            f"{row.items:,}",
            _percent(row.in_time),
            _half(row.half_width),
            f"{row.not_arrived:,}",
            f"{row.excepted_items:,}" if limit.except_hard_to_reach else "",
            row.verdict,
        )
        for row in found
    ]


def _print_worst(limit: Limit, rows: list[TimeRow], by: Level, top: int) -> None:
    from scenarios.assessment.service import MENDS

    print_table(
        (
            f"{limit.code}, worst first",
            "prefecture",
            "items",
            "in time",
            "±",
            "daily rounds",
            "waits halved",
            "no waits",
            "moving",
            "what would mend it",
        ),
        [
            (
                row.name or row.id,
                "" if by is Level.prefecture else row.prefecture,
                f"{row.items:,}",
                _percent(row.in_time),
                _half(row.half_width),
                _percent(row.daily_round),
                _percent(row.halved_waits),
                _percent(row.no_waits),
                _percent(row.moving),
                MENDS[row.mend],
            )
            for row in rows[:top]
        ],
        right=range(2, 9),
    )
    if len(rows) > top:
        print(f"… and {len(rows) - top:,} more in time.csv")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _half(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"
