"""``yizhan select``: the best of many scenarios, with a guarantee, in as few replications as that takes."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import Days, Seed, Workers, Yes, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_table
from scenarios.support.machine import any_size

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan select xizang-2021 xizang-handover-all xizang-rail-nyingchi xizang-rail-xigaze --delta 0.5",
    "yizhan select xizang-2021 xizang-ngari-rounds xizang-second-ngari-road --delta 2 --days 7 "
    "--measure transit.by_prefecture.Ngari.mean_h",
    "yizhan select xizang-2021 a.toml b.toml --measure coverage.regional.within.72.people --delta 0.01",
)


@guarded
def command(
    base: Annotated[str, typer.Argument(help="Library name or scenario file; gives dates and seed.")],
    others: Annotated[list[str], typer.Argument(help="Scenarios to select from, beside the base.")],
    delta: Annotated[
        float, typer.Option("--delta", help="Smallest difference that matters, in the measure's unit.")
    ],
    measure: Annotated[
        str | None,
        typer.Option("--measure", help="Key of the measure; by default the mean transit time."),
    ] = None,
    confidence: Annotated[
        str, typer.Option("--confidence", "-c", help="Probability of a right selection, as 95% or 0.95.")
    ] = "95%",
    first: Annotated[
        int, typer.Option("--first", help="Replications of each before any is eliminated; 5 to 10.")
    ] = 5,
    most: Annotated[
        int | None,
        typer.Option("--max-replications", help="Stop there, selected or not; no limit by default."),
    ] = None,
    out: Annotated[Path | None, out_option("Folder; runs/select-BASE-DATE-TIME by default.")] = None,
    workers: Workers = None,
    yes: Yes = False,
    seed: Seed = None,
    days: Days = None,
    as_json: Annotated[bool, json_of("select.json")] = False,
) -> None:
    """Select the best of the scenarios, the base among them, with a guarantee.

    If the best is ahead by delta or more, it is selected with the probability
    asked for (Kim and Nelson 2001). Scenarios are eliminated as soon as chance
    allows; the same command with --out goes on with what was broken off.
    """
    from scenarios.comparison.ranking import MEASURE
    from scenarios.comparison.select_runs import select

    with any_size(yes), shown_progress() as progress:
        chosen, folder = select(
            base,
            others,
            delta,
            out,
            measure=measure or MEASURE,
            confidence=_share(confidence),
            first=first,
            most=most,
            progress=progress,
            announce=lambda text: print(text, file=sys.stderr if as_json else sys.stdout),
            workers=workers,
            seed=seed,
            measured_days=days,
        )
    if as_json:
        print_json({**chosen.as_dict(), "folder": str(folder)})
        return
    _print(chosen.as_dict())
    print(f"kept in {folder}")


def _share(text: str) -> float:
    """Return "95%", "95 %" or "0.95" as a share."""
    from network.errors import InputErrors, Problem

    match = re.fullmatch(r"\s*([0-9.]+)\s*(%?)\s*", text)
    try:
        value = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise InputErrors([Problem("command line", "", "confidence", text, "such as 95% or 0.95")])
    return value


def _print(selection: Mapping[str, Any]) -> None:
    """Print the content of ``select.json``."""
    from scenarios.comparison.ranking import headline_of

    shown = headline_of(selection["measure"])
    scale, unit = (100, "%") if shown.unit == "share" else (1, shown.unit)
    digits = 1 if unit in ("h", "%") else 3
    points = "points" if unit == "%" else unit
    rows = [
        (
            row["scenario"],
            f"{row['mean'] * scale:,.{digits}f}",
            f"{row['replications']}",
            row["result"] if row["eliminated_after"] is None else f"out after {row['eliminated_after']}",
            row["beaten_by"] or "",
            "" if row["behind"] is None else f"{row['behind'] * scale:,.{2 * digits}f}",
        )
        for row in selection["scenarios"]
    ]
    print(f"{shown.label}, {'greatest' if shown.better > 0 else 'least'} of {len(rows)} scenarios")
    print_table(
        ("scenario", f"mean, {unit}", "replications", "result", "beaten by", f"then behind, {points}"), rows
    )
    n = sum(row["replications"] for row in selection["scenarios"])
    if selection["selected"] is None:
        still = sum(row["result"] == "still in" for row in selection["scenarios"])
        print(f"nothing selected after {n} replications: {still} still in")
        print("allow more replications, or give a greater delta")
        return
    print(
        f"selected: {selection['selected']}, after {n} replications; if the best of them is ahead by "
        f"{selection['delta'] * scale:,g} {points} or more, it is this one with a probability of at least "
        f"{selection['confidence']:.0%}"
    )
    longest = selection["longest_possible"]
    print(f"the most it could have taken was {longest} replications of each, {longest * len(rows):,} in all")
