"""``yizhan growth``: when and where capacity runs out as demand grows, and what delays it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, print_json, wrong_option
from scenarios.cli.options import NoPlots, ScenarioFile, Yes, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.support.machine import any_size

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan growth xizang-2021",
    "yizhan growth xizang-2021 --years 2021-2030 --level 0.8 --out growth",
    "yizhan growth xizang-2021 --with xizang-rail-xigaze --with my-expansion.toml",
    "yizhan growth xizang-2021 --library",
    "yizhan growth xizang-2021 --simulate --factor 1.3 --factor 1.5",
)


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
    yes: Yes = False,
) -> None:
    """Report when and where capacity runs out as demand grows, and which expansion delays it most.

    Demand follows the trend through the points that were published, with its
    intervals. A mean day of each year is sent over the timetable as a fluid:
    what a week cannot take is full. --simulate sets simulations beside it.
    """
    from scenarios.cli.growth_tables import print_growth
    from scenarios.growth.asked import grow
    from scenarios.growth.folder import as_json as whole
    from scenarios.growth.folder import grow_into

    span, names = _years(years), others or ()
    factors = factor or [] if factor or simulated else None
    asked: dict[str, Any] = {"from_library": library, "factors": factors}
    with any_size(yes), shown_progress() as progress:
        if out is None:
            files: list[Path] = []
            answer = grow(scenario, span, level, names, progress=progress, **asked)
        else:
            plots = not no_plots
            answer, files = grow_into(
                scenario, out, span, level, names, plots=plots, progress=progress, **asked
            )
    growth, rows, checks = answer.study, answer.expansions, answer.checks
    if as_json:
        print_json(whole(growth, rows, checks))
        return
    print_growth(growth, rows, checks, top)
    if files:
        print(f"written to {out}: " + ", ".join(file.name for file in files))


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise wrong_option("--years", text, "two years such as 2021-2035, at most 60 apart")
    return int(first), int(last)
