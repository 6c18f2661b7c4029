"""``yizhan run``: simulate a scenario into a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import (
    examples,
    guarded,
    needs_of_firms,
    number,
    print_json,
    print_table,
    rests_on,
    shown_progress,
)

if TYPE_CHECKING:
    from scenarios.store import StoredRun

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan run xizang-2021",
    "yizhan run xizang-2021 --replications 5 --workers 2 --out runs/base",
    "yizhan run my-scenario.toml --days 7 --no-plots",
    "yizhan run xizang-rail-nyingchi --json > summary.json",
)
LEDGER = (
    "accepted", "delivered", "handed_over", "refused", "returned", "outside", "collecting", "lanes",
    "sorters", "waiting", "riding", "for_round", "on_round", "difference",
)  # fmt: skip


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name or scenario file.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Run folder; runs/SCENARIO-DATE-TIME by default.")
    ] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", "-n", help="Runs under different random streams.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes; one a processor by default.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", "-s", help="Seed of the random streams.")] = None,
    days: Annotated[int | None, typer.Option("--days", "-d", help="Measured days.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json for programs.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no charts.")] = False,
) -> None:
    """Run a scenario and keep its records, measures and charts.

    A run that was broken off goes on where it stopped when it is started again
    with the same --out, scenario and seed.
    """
    from scenarios.resolve import load_scenario
    from scenarios.run import run_scenario

    resolved = load_scenario(scenario).with_run(
        replications=replications, workers=workers, seed=seed, measured_days=days
    )
    with shown_progress() as progress:
        stored = run_scenario(resolved, out, plots=not no_plots, progress=progress)
    if as_json:
        print_json({**stored.summary, "folder": str(stored.path)})
    else:
        _print(stored)


def _print(stored: StoredRun) -> None:
    summary = stored.summary
    n = summary["replications"]
    print(f"{summary['scenario']}: {summary['title']}")
    print(
        f"{summary['measured_days']} measured days after {summary['warmup_days']} of warm-up from "
        f"{summary['start']}, seed {summary['seed']}, {n} replication{'s' if n > 1 else ''}"
    )
    if summary["warmup_days"] < summary["longest_uncongested_days"]:
        print(
            f"note: the warm-up is shorter than the longest transit time without queues, "
            f"{summary['longest_uncongested_days']:.1f} days: the first measured days may be too quiet"
        )
    print("read as: " + "; ".join(summary["readings"]))
    for text in summary["carried_back"]:
        print(text)
    print_table(
        ("ledger at close, items", *(str(at) for at in range(n))),
        [
            (term.replace("_", " "), *(number(ledger[term]) for ledger in summary["ledgers"]))
            for term in LEDGER
        ],
        right=range(1, n + 1),
    )
    _print_measures(summary)
    growing = summary["queues"]["growing"]
    if summary["queues"]["tested"] is None:
        print("queues were not tested for growth: that needs at least three whole measured weeks")
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
    assumed = summary["assumed"]
    print(rests_on(assumed, len(assumed["changed"]), "the scenario", stored.path))
    print(f"kept in {stored.path}")


def _print_measures(summary: Mapping[str, Any]) -> None:
    from scenarios.compare import HEADLINES, flatten

    means = dict(flatten(summary["measures"]))
    halves = dict(flatten(summary["half_widths"]))
    rows = []
    for headline in HEADLINES:
        if headline.key in means:
            scale, unit, digits = (100, "%", 1) if headline.unit == "share" else (1, headline.unit, 1)
            mean, half = means[headline.key], halves.get(headline.key)
            rows.append(
                (
                    headline.label,
                    "–" if mean is None else f"{mean * scale:,.{digits}f}",
                    "" if half is None else f"± {half * scale:,.{digits + 1}f}",
                    unit,
                )
            )
    print_table(("measure", "mean", "95 %", "unit"), rows, right=(1, 2))
