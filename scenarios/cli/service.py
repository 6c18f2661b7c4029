"""``yizhan service``: a run against service standards, the worst places first, and their causes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import check_folder, examples, guarded, print_json
from scenarios.cli.options import Days, NoPlots, Replications, Scenario, Seed, Workers, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import print_feet, title, window
from scenarios.cli.tables import percent, print_rows, print_table

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
MET = ("places met", "people met", "met as hard to reach")
LEAST_ITEMS = 30  # below, a share of a single place says little


class Level(StrEnum):
    """Groups of places for the list of the worst."""

    area = "area"
    prefecture = "prefecture"
    county = "county"
    place = "place"


@guarded
def command(
    scenario: Scenario,
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
        out_option("Folder for service.json, time.csv, frequency.csv and charts; RUN/service by default."),
    ] = None,
    replications: Replications = None,
    workers: Workers = None,
    seed: Seed = None,
    days: Days = None,
    as_json: Annotated[bool, json_of("service.json")] = False,
    no_plots: NoPlots = False,
) -> None:
    """Judge a run by service standards: how often mail is delivered, and how fast.

    A scenario is run first, into a fresh folder under runs/; a run folder is
    asked as it is. The worst come first, with what would mend them: more
    frequent rounds and trips, or less distance and handling.
    """
    from scenarios.assessment.service import FOLDER, draw_service, serve, write_service
    from scenarios.assessment.standards import standards_for
    from scenarios.runs.recorded import recorded
    from scenarios.runs.references import scenario_of

    check_folder(out)
    standards = standards_for(scenario_of(scenario), standard or ())
    with shown_progress() as progress:
        run = recorded(
            scenario,
            progress=progress,
            replications=replications,
            workers=workers,
            seed=seed,
            measured_days=days,
        )
        service = serve(run, standards, share, progress)
        files = write_service(service, out or run.path / FOLDER)
        if not no_plots:
            progress.step("drawing the charts")
            files += draw_service(service, files[0].parent)
    if as_json:
        print_json(service.as_dict())
        return
    _print(service, by, top, classes)
    print_feet(run, files)


def _print(service: Service, by: Level, top: int, apart: bool) -> None:
    year = service.run.summary["year"]
    print(title(service.run))
    print(f"{window(service.run)}; {service.basis}")
    for standard in service.standards:
        print(f"\n{standard.title} ({standard.code})")
        if standard.since > f"{year}-12-31":
            print(f"note: in force since {standard.since}, after the year of the scenario")
        if standard.frequency:
            _print_frequency(service, standard, by, top)
        if standard.limits:
            _print_times(service, standard, by, top, apart)
    if not service.standards:
        print("no standard of the package binds in this region; name one with --standard")


def _print_frequency(service: Service, standard: Standard, by: Level, top: int) -> None:
    from scenarios.assessment.frequency import worst_groups, worst_places

    rows = {(row.level, row.id): row for row in service.frequency_rows if row.standard == standard.code}
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
        ("deliveries a week", "asked", "certainty", "places", "people", *MET),
        table,
        least=("certainty", "people", "people met"),
    )
    line = standard.hard_to_reach
    if line is not None:
        print(
            f"met as hard to reach: by a round of more than {line.round_km:g} km or "
            f"{line.round_days} day{'s' if line.round_days > 1 else ''}, or on foot ({line.certainty})"
        )
    if by is Level.place:
        _print_places(worst_places(service.frequency_places, standard.code), top)
    else:
        _print_groups(worst_groups(service.frequency_rows, standard.code, by.value), by, top)


def _print_places(missed: list[FrequencyPlace], top: int) -> None:
    if not missed:
        return
    print_rows(
        missed[:top],
        {
            "too seldom, worst first": lambda place: place.name or place.place,
            "county": lambda place: place.county_name,
            "prefecture": lambda place: place.prefecture,
            "area": lambda place: place.area.replace("_", " "),
            "people": lambda place: round(place.people),
            "a week": lambda place: place.per_week,
            "asked": lambda place: place.asked,
        },
        least=("area", "prefecture", "people"),
    )
    if len(missed) > top:
        print(f"… and {len(missed) - top:,} more places in frequency.csv")


def _print_groups(missed: list[FrequencyRow], by: Level, top: int) -> None:
    if not missed:
        return
    print_rows(
        missed[:top],
        {
            "too seldom, worst first": lambda row: row.name,
            "places": lambda row: row.places,
            "places met": lambda row: percent(row.met_places / row.places),
            "people": lambda row: round(row.people),
            "people met": lambda row: percent(row.met_people / row.people if row.people else None),
            "days a week missing": lambda row: row.more,
        },
    )
    if len(missed) > top:
        print(f"… and {len(missed) - top:,} more; --by place lists the places, frequency.csv all")


def _frequency_cells(row: FrequencyRow) -> tuple[str | int, ...]:
    return (
        row.places,
        round(row.people),
        percent(row.met_places / row.places),
        percent(row.met_people / row.people if row.people else None),
        row.only_as_hard,
    )


def _print_times(service: Service, standard: Standard, by: Level, top: int, apart: bool) -> None:
    from scenarios.assessment.service import class_level, worst

    rows_of_standard = [row for row in service.times if row.standard == standard.code]
    known = [limit for limit in standard.limits if limit.value is not None]
    if known:
        print_table(
            ("limit", "within", "of", "items", "in time", "±", "in transit", "by agreement", "result"),
            [cells for limit in known for cells in _limit_cells(limit, rows_of_standard, service.share)],
            least=("±", "in transit", "by agreement"),
        )
    unknown = [limit.code for limit in standard.limits if limit.value is None]
    if unknown:
        print(f"not known, so not judged: {', '.join(unknown)}")
    if any(limit.share is None for limit in known):
        print(f"of {percent(service.share)} (assumed): the standard's share is not known; --share sets it")
    for limit in known:
        level = class_level(by.value) if apart and len(limit.classes) > 1 else by.value
        rows = worst(rows_of_standard, standard.code, limit.code, level, LEAST_ITEMS)
        if rows:
            _print_worst(limit, rows, by, top)


def _limit_cells(limit: Limit, rows: list[TimeRow], share: float) -> list[tuple[str, ...]]:
    """Return a line for the limit, and one for each class and way where there are several."""
    asked = percent(share if limit.share is None else limit.share)
    levels = ["all"]
    levels += ["class"] if len(limit.classes) > 1 else []
    levels += ["way"] if len(limit.directions) > 1 else []
    service = [row for level in levels for row in rows if (row.limit, row.level) == (limit.code, level)]
    if not service:
        return [(limit.code, limit.says, asked, "0", "–", "", "", "", "no items")]
    return [
        (
            limit.code if row.level == "all" else f"  {row.name}",
            limit.says,
            asked,
            f"{row.items:,}",
            percent(row.in_time),
            _half(row.half_width),
            f"{row.not_arrived:,}",
            f"{row.excepted_items:,}" if limit.except_hard_to_reach else "",
            row.verdict,
        )
        for row in service
    ]


def _print_worst(limit: Limit, rows: list[TimeRow], by: Level, top: int) -> None:
    from scenarios.assessment.service import MENDS

    print_rows(
        rows[:top],
        {
            f"{limit.code}, worst first": lambda row: row.name or row.id,
            "prefecture": lambda row: "" if by is Level.prefecture else row.prefecture,
            "items": lambda row: row.items,
            "in time": lambda row: percent(row.in_time),
            "±": lambda row: _half(row.half_width),
            "daily rounds": lambda row: percent(row.daily_round),
            "waits halved": lambda row: percent(row.halved_waits),
            "no waits": lambda row: percent(row.no_waits),
            "moving": lambda row: percent(row.moving),
            "what would mend it": lambda row: MENDS[row.mend],
        },
        least=("±", "moving", "no waits", "waits halved", "daily rounds", "prefecture"),
    )
    if len(rows) > top:
        print(f"… and {len(rows) - top:,} more in time.csv")


def _half(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f}"
