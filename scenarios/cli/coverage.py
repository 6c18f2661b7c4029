"""``yizhan coverage``: who is reached how fast by the timetable, what is critical, what gains most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json
from scenarios.cli.options import AsJson, NoPlots, Scenario
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import print_files, replications, rests_on
from scenarios.cli.tables import number, percent, print_rows, print_table

if TYPE_CHECKING:
    from scenarios.assessment.coverage import CoverageReport

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan coverage xizang-2021",
    "yizhan coverage xizang-2021 --from Lhasa --quantile 0.5 --hours 24 --hours 96",
    "yizhan coverage xizang-2021 --from GW_XINING --out coverage-xining",
    "yizhan coverage runs/xizang-2021-20260101-120000 --from gateway",
    "yizhan coverage xizang-2021 --critical --bottlenecks --top 20",
)
SHARES = ("people", "villages", "natural_villages", "townships")
EFFECT = ("mean h", "person h", "points")
COUNTS = ("counties", "border_counties")


@guarded
def command(
    scenario: Scenario,
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="outside (other provinces), gateway (the same, gateway to door), region (all places of "
            "the region), or one place or gateway by id or name.",
        ),
    ] = "outside",
    quantile: Annotated[
        float, typer.Option("--quantile", "-q", min=0.01, max=0.99, help="Share that must be in time.")
    ] = 0.8,
    hours: Annotated[
        list[int] | None, typer.Option("--hours", "-H", min=1, help="Within so many hours. May be repeated.")
    ] = None,
    critical: Annotated[
        bool, typer.Option("--critical", help="Close every leg and road link in turn: minutes.")
    ] = False,
    bottlenecks: Annotated[
        bool,
        typer.Option("--bottlenecks", help="Add a departure to every route, a day to every round: minutes."),
    ] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many rows of each ranking.")] = 10,
    out: Annotated[
        Path | None,
        out_option("Folder for tables, maps and curves; RUN/coverage for a run."),
    ] = None,
    as_json: AsJson = False,
    no_plots: NoPlots = False,
) -> None:
    """Show which people, villages and counties are reached within hours, scheduled and simulated.

    No queues, no chance, no holidays: mail is accepted over a week as demand is, and takes the earliest way.
    A run folder's own coverage stands beside it. --critical ranks legs and roads by what is lost when they
    close; --bottlenecks ranks one more departure or running day by what it gains.
    """
    from scenarios.assessment.coverage import FOLDER, draw_coverage, write_coverage
    from scenarios.assessment.coverage_asked import HOURS, ask_coverage, origin_of
    from scenarios.runs.references import stored_run
    from scenarios.runs.summary import assumed

    with shown_progress() as progress:
        run = stored_run(scenario)
        name = scenario if run is None else str(run.summary["scenario"])
        network = load_network(scenario, progress) if run is None else run.network
        _, words = origin_of(network, origin)
        report = ask_coverage(
            name,
            network,
            origin,
            quantile,
            hours or HOURS,
            run,
            critical=critical,
            bottlenecks=bottlenecks,
            progress=progress,
        )
        folder = out or (run.path / FOLDER if run else None)
        files = write_coverage(report, folder) if folder else []
        if folder and not no_plots:
            progress.step("drawing the charts")
            files += draw_coverage(report, folder, words)
    if as_json:
        print_json(report.as_dict())
        return
    _print(report, words, top)
    inputs = assumed(network.assumptions)
    print()
    print(rests_on(inputs, len(inputs["changed"]), "the scenario", run.path if run else Path(scenario)))
    print_files(files)


def _count(value: int | None, of: float) -> str:
    return "–" if value is None else f"{value} of {of:g}"


def _print(report: CoverageReport, words: str, top: int) -> None:
    query, of = report.query, report.of
    print(f"{report.name}: coverage {words}")
    print(
        f"a place is reached within h hours when {100 * query.quantile:g} % of its mail is "
        f"(P{100 * query.quantile:g}); scheduled: without queues, chance and holidays, accepted over a week"
    )
    if report.run is not None and report.coverage["run"] is not None:
        plan, n = report.run.scenario.plan, report.run.summary["replications"]
        print(f"run: {plan.measured_days} measured days, {replications(n)}")
    print()
    forms = {"scheduled": report.coverage["scheduled"], "simulated": report.coverage["run"]}
    asked = [
        (h, form, table["within"][str(h)])
        for h in query.hours
        for form, table in forms.items()
        if table is not None
    ]
    columns = ("within", "form", *(key.replace("_", " ") for key in (*SHARES, *COUNTS)))
    print_table(
        columns,
        [
            (
                f"{h} h",
                form,
                *(percent(row.get(key)) for key in SHARES),
                *(_count(row.get(key), of[key]) for key in COUNTS),
            )
            for h, form, row in asked
        ],
    )
    for form, table in forms.items():
        if table is not None:
            half, most = (number(table[f"p{q}_person_h"]) for q in (50, 80))
            print(f"{form}: half of the people within {half} h, 80 % of them within {most} h")
    _print_equity(report)
    _print_access(report)
    if report.critical:
        _print_critical(report, top)
    if report.gains:
        _print_gains(report, top)


def _print_equity(report: CoverageReport) -> None:
    rows = [
        (
            {"run": "simulated"}.get(form, form),
            *("–" if row[key] is None else f"{row[key]:.3f}" for key in ("gini", "palma")),
            number(row["p90_p10"], 2),
            *(row[key] for key in ("worst_decile_h", "border_h", "interior_h")),
            number(row["border_interior"], 2),
        )
        for form, row in report.equity.items()
        if row is not None
    ]
    columns = ("form", "Gini", "Palma", "P90/P10", "slowest tenth, h", "border, h", "interior, h", "ratio")
    print_table(columns, rows, title="Equity of mean hours to places, over people")


def _print_access(report: CoverageReport) -> None:
    often, near = report.frequency["people_at_least"], report.access["people_within_km_of_postal_outlet"]
    print("\nFrequency and access")
    print(
        "rounds a week: "
        + ", ".join(f"{k} or more for {percent(share)} of people" for k, share in often.items())
        + f"; mean wait for the next {number(report.frequency['mean_wait_h'])} h"
    )
    access = report.access
    print(
        f"a postal outlet for {access['people_per_postal_outlet']:,.0f} people and "
        f"{access['km2_per_postal_outlet']:,.0f} km²; by road within "
        + ", ".join(f"{km} km: {percent(share)} of people" for km, share in near.items())
    )


def _effect(row: Any) -> tuple[str, ...]:
    effect = row.effect
    return (f"{effect.mean_h:+.2f}", f"{effect.person_h:+.2f}", f"{100 * effect.coverage:+.2f}")


def _print_critical(report: CoverageReport, top: int) -> None:
    for kind, title in (("leg", "legs of routes"), ("road", "road links, all legs over them at once")):
        rows = [row for row in report.critical if row.kind == kind][:top]
        print_table(
            ("closed", "routes", "people cut off", "mail without a route", *EFFECT),
            [
                (r.name, len(r.routes), round(r.effect.cut_off), percent(r.effect.lost, 2), *_effect(r))
                for r in rows
            ],
            title=f"Most critical {title}: what is lost when it closes, no trip diverted",
        )
    _print_columns(report)


def _print_columns(report: CoverageReport) -> None:
    print(
        "mean h: over all such mail with a route both times; person h: mean hours of places, over people; "
        f"points: of people reached within {report.query.hours[-1]} h"
    )


def _print_gains(report: CoverageReport, top: int) -> None:
    for kind, title in (
        ("departure", "One more departure a week, each way, in the longest gap"),
        ("day", "One more running day of a round, the best of its free weekdays"),
    ):
        rows = [row for row in report.gains if row.kind == kind][:top]
        print_table(
            ("id", "what", "when", "km a week", *EFFECT),
            [(row.id, row.name, row.unit, round(row.km), *_effect(row)) for row in rows],
            title=f"{title}: what it gains",
        )
    _print_columns(report)
    if report.run is not None:
        _print_capacity(report.run.replications, report.run.summary["items_total"], top)


def _print_capacity(entries: list[dict[str, Any]], totals: list[int], top: int) -> None:
    """Show where a run kept items waiting: what one more lane, vehicle or trip there could save at most."""
    from scenarios.runs.summary import bottlenecks

    items = sum(totals) / len(totals)
    rows = sorted(bottlenecks(entries), key=lambda row: -row["item_h"])[:top]
    print_rows(
        rows,
        {
            "kind": lambda row: f"{row['kind']}: {row['what']}",
            "name": lambda row: row["name"],
            "items": lambda row: round(row["items"]),
            "item-hours": lambda row: round(row["item_h"]),
            "mean h of all items": lambda row: f"{-row['item_h'] / items:+.3f}",
        },
    )
    print("over all items of the whole run, warm-up included, outbound ones too: an upper bound")
