"""``yizhan run``: simulate a scenario into a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import Dask, Days, NoPlots, Replications, ScenarioFile, Seed, Workers, Yes, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import needs_of_firms, print_feet, replications, title, unresolved
from scenarios.cli.tables import percent, print_table
from scenarios.support.machine import any_size

if TYPE_CHECKING:
    from scenarios.runs.folder import StoredRun

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan run xizang-2021",
    "yizhan run xizang-2021 --replications 5 --workers 2 --out runs/base",
    "yizhan run xizang-2021 --precision 2%",
    "yizhan run xizang-2021 --precision transit.all.p95_h=0.5% --max-replications 20",
    "yizhan run my-scenario.toml --days 7 --no-plots",
    "yizhan run xizang-2021 --year",
    "yizhan run xizang-rail-nyingchi --json > summary.json",
)
MOST = 5  # rows of what was not delivered
COUNTS = ("items", "missed_dispatches", "cancelled")  # of what was not delivered
LEDGER = {
    "accepted": "accepted",
    "delivered": "delivered",
    "handed_over": "handed over at the gateway",
    "refused": "refused: no route by the timetable",
    "returned": "returned to sender",
    "outside": "in transit: outside the region",
    "collecting": "in transit: in collection",
    "lanes": "in transit: at screening",
    "sorters": "in transit: at sorting",
    "waiting": "in transit: waiting for a trip",
    "riding": "in transit: on a trip",
    "for_round": "in transit: waiting for a round",
    "on_round": "in transit: on a round",
    "difference": "difference",
}


@guarded
def command(
    scenario: ScenarioFile,
    out: Annotated[Path | None, out_option("Run folder; runs/SCENARIO-DATE-TIME by default.")] = None,
    replications: Replications = None,
    workers: Workers = None,
    dask: Dask = None,
    seed: Seed = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            "--precision",
            "-p",
            metavar="SHARE | MEASURE=SHARE",
            help="Add replications until the half-width of the 95 % interval is at most this share of the "
            "mean, such as 2%; of a measure by its key in summary.json, or of three headline measures. "
            "May be repeated.",
        ),
    ] = None,
    max_replications: Annotated[
        int, typer.Option("--max-replications", help="Where --precision stops at the latest.")
    ] = 50,
    days: Days = None,
    year: Annotated[
        bool,
        typer.Option("--year", help="Measure the report's calendar year, 1 January to 31 December."),
    ] = False,
    as_json: Annotated[bool, json_of("summary.json")] = False,
    no_plots: NoPlots = False,
    yes: Yes = False,
) -> None:
    """Run a scenario and keep its records, measures and charts.

    A run that was broken off goes on where it stopped when it is started again
    with the same --out, scenario and seed.
    """
    from scenarios.definition.resolve import load_scenario
    from scenarios.runs.precision import Precision
    from scenarios.runs.run import run_scenario
    from scenarios.support.executors import on_cluster

    exact = Precision.of(precision, max_replications) if precision else None
    resolved = load_scenario(scenario).with_run(
        replications=replications, workers=workers, seed=seed, measured_days=days, year=year or None
    )
    with on_cluster(dask), any_size(yes), shown_progress() as progress:
        stored = run_scenario(resolved, out, plots=not no_plots, progress=progress, precision=exact)
    if as_json:
        print_json({**stored.summary, "folder": str(stored.path)})
    else:
        _print(stored)


def _print(stored: StoredRun) -> None:
    summary = stored.summary
    n = summary["replications"]
    print(title(stored))
    print(
        f"{summary['measured_days']} measured days after {summary['warmup_days']} of warm-up from "
        f"{summary['start']}, seed {summary['seed']}, {replications(n)}"
    )
    if "year_measured" in summary:
        year = summary["year_measured"]
        accepted, published = year["originating_express"], year["published"]
        as_published = "as published" if accepted == published else f"published were {published:,}"
        print(f"accepted in the year, originating express: {accepted:,} {as_published}")
    if summary["warmup_days"] < summary["longest_uncongested_days"]:
        print(
            f"note: the warm-up is shorter than the longest transit time without queues, "
            f"{summary['longest_uncongested_days']:.1f} days: the first measured days lack mail in transit"
        )
    _print_start_up(summary)
    print("read as: " + "; ".join(summary["readings"]))
    for text in summary["carried_back"]:
        print(text)
    print_table(
        ("ledger at cut-off, items", *(str(at) for at in range(n))),
        [(label, *(ledger[term] for ledger in summary["ledgers"])) for term, label in LEDGER.items()],
    )
    _print_trips(summary["trips"][0])
    _print_measures(summary)
    _print_undelivered(stored)
    print(unresolved(summary["measures"]["transit"].get("all")))
    _print_precision(summary)
    growing = summary["queues"]["growing"]
    if summary["queues"]["tested"] is None:
        print("queues were not tested for growth: the test needs three whole measured weeks")
    elif growing:
        print(f"{len(growing)} queues grow:")
        for row in growing[:10]:
            print(f"  {row['queue']} at {row['name']}: {row['slope']:+,.1f} items a day")
    else:
        print(f"no queue grows over the window ({summary['queues']['tested']} tested)")
    needs = summary["needs"]
    side = "more than" if needs["over"] > 0 else "fewer than"
    print(
        f"needs {needs['vehicles']:,} vehicles ({abs(needs['over']):,} {side} the {needs['fleet']:,} "
        f"there are), {needs['drivers']:,} drivers, {needs['vehicle_km_per_week']:,.0f} vehicle-km a week"
        + needs_of_firms(needs["firms"])
    )
    if not summary["reconciliation"]["ok"]:
        print("figures not met: " + ", ".join(summary["reconciliation"]["failed"]))
    _print_facts(stored)
    print_feet(stored)
    print(f"kept in {stored.path}")


def _print_facts(stored: StoredRun) -> None:
    """Print how many observed facts the run meets, where the region has any."""
    from scenarios.assessment.validation import validate

    validation = validate(stored)
    if validation.answers:
        print(f"{validation.tally}; `yizhan validate {stored.path}` shows them")


def _print_trips(trips: Mapping[str, Any]) -> None:
    """Print how the trips of the first replication ran."""
    if not trips["departures"]:
        return
    print(
        f"{trips['departures']:,} trips departed with mail, {trips['late_h']:.1f} h late on average, "
        f"{percent(trips['late_over_1h'])} over an hour; {trips['extra']:,} extra trips; cancelled: "
        f"{trips['cancelled_weather']:,} by weather, "
        f"{trips['cancelled_no_vehicle_available']:,} no vehicle available"
    )


def _print_undelivered(stored: StoredRun) -> None:
    rows = stored.undelivered
    if not rows:
        print("all measured items were delivered or handed over to other carriers")
        return
    print_table(
        ("undelivered, most items first", "at", "items", "missed dispatches", "cancelled trips"),
        [(row["meaning"], row["name"] or "–", *(float(row[name]) for name in COUNTS)) for row in rows[:MOST]],
    )
    if len(rows) > MOST:
        print(f"… and {len(rows) - MOST} more rows in undelivered.csv")


def _print_start_up(summary: Mapping[str, Any]) -> None:
    days, warmup = summary["warmup"]["mser5_days"], summary["warmup_days"]
    if days is None:
        print("the warm-up was not tested: the test needs 50 days with deliveries")
    elif not summary["warmup"]["conclusive"]:
        print(
            f"note: MSER-5 would leave out {days} days, more than half the run: too short or too uneven to "
            "judge the warm-up (plot warmup)"
        )
    elif days > warmup:
        print(f"note: MSER-5 would leave out {days} days, and the warm-up has only {warmup} (plot warmup)")
    else:
        print(f"the warm-up is long enough by MSER-5, which would leave out {days} days (plot warmup)")


def _print_precision(summary: Mapping[str, Any]) -> None:
    n = summary["replications"]
    if n == 1:
        print("one replication gives no intervals: use --replications 5 or --precision 2%")
    asked = summary.get("precision")
    if asked is None:
        return
    if asked["reached"]:
        print(f"precision reached with {n} replications:")
    elif None in asked["shares"].values():
        print(f"precision not reached: a measure has no value; stopped after {n} replications:")
    else:
        print(f"precision not reached after {n} replications (--max-replications):")
    for key, wanted in asked["wanted"].items():
        share = asked["shares"][key]
        half = "no value" if share is None else f"± {100 * share:.2g} % of the mean"
        print(f"  {key} {half}, wanted ± {100 * wanted:g} %")


def _print_measures(summary: Mapping[str, Any]) -> None:
    from scenarios.runs.headlines import HEADLINES
    from scenarios.runs.summary import flatten

    means = dict(flatten(summary["measures"]))
    halves = dict(flatten(summary["half_widths"]))
    rows = []
    for headline in HEADLINES:
        if headline.key in means:
            scale, unit = (100, "%") if headline.unit == "share" else (1, headline.unit)
            digits = 2 if unit in ("yuan", "kg") else 1
            mean, half = means[headline.key], halves.get(headline.key)
            rows.append(
                (
                    headline.label,
                    "–" if mean is None else f"{mean * scale:,.{digits}f}",
                    "" if half is None else f"± {half * scale:,.{digits + 1}f}",
                    unit,
                )
            )
    print_table(("measure", "mean", "95 %", "unit"), rows)
