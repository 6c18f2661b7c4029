"""``yizhan study``: scenarios in many worlds: which is better over the ranges of all assumptions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded
from scenarios.cli.options import Dask, Days, NoPlots, ScenarioFile, Seed, Workers, Yes
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_table
from scenarios.support.machine import any_size

if TYPE_CHECKING:
    from scenarios.uncertainty.findings import Findings

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan study xizang-2021 xizang-rail-nyingchi xizang-handover-all --out studies/rail",
    "yizhan study xizang-2021 xizang-handover-all --worlds 40 --simulate 4 --days 7 --out studies/small",
    "yizhan study xizang-2021 my-expansion.toml --total 32 --simulate 0 --out studies/timetable",
    "yizhan study xizang-2021 my-expansion.toml --out studies/mine --dask tcp://10.0.0.1:8786",
)


@guarded
def command(
    base: ScenarioFile,
    others: Annotated[list[str], typer.Argument(help="Scenarios to set against the base.")],
    out: Annotated[Path, out_option("Folder of the study; an unfinished one is gone on with.")],
    worlds: Annotated[int, typer.Option("--worlds", help="Draws of everything assumed.")] = 200,
    simulate: Annotated[
        int, typer.Option("--simulate", help="Worlds in which every scenario is simulated; 0 for none.")
    ] = 20,
    replications: Annotated[
        int,
        typer.Option("--replications", "-n", help="Simulations of each at the defaults, for the interval."),
    ] = 3,
    total: Annotated[
        int, typer.Option("--total", help="Pairs of worlds for total indices, each about eight worlds more.")
    ] = 0,
    networks: Annotated[
        int, typer.Option("--networks", help="Networks of the family to draw from; 1 for the best alone.")
    ] = 4,
    spread: Annotated[
        str, typer.Option("--spread", help="triangular (peak at the default) or uniform.")
    ] = "triangular",
    measure: Annotated[
        list[str] | None, typer.Option("--measure", "-m", help="Measures to judge by; the first leads.")
    ] = None,
    days: Days = None,
    seed: Seed = None,
    workers: Workers = None,
    dask: Dask = None,
    no_plots: NoPlots = False,
    yes: Yes = False,
) -> None:
    """Set scenarios against a base in many worlds: draws of everything that is assumed.

    In every world the scheduled times of all scenarios are compared, and in some
    worlds simulated times too. Exit status 1 if a task failed; the same command tries it again.
    """
    from scenarios.comparison.ranking import check_measures
    from scenarios.uncertainty.findings import find
    from scenarios.uncertainty.study import StudyPlan, study_of
    from scenarios.uncertainty.study_run import run_study

    check_measures(measure or ())
    plan = StudyPlan(worlds, simulate, replications, networks, spread, total)
    study = study_of(base, others, plan, out, {"measured_days": days, "seed": seed})
    with any_size(yes), shown_progress(lines=True) as progress:
        study = run_study(
            study,
            workers=workers,
            dask=dask,
            measures=measure or (),
            plots=not no_plots,
            progress=progress,
        )
    _print(find(study, measure or ()))
    print(f"kept in {out}")
    if study.failures:
        raise typer.Exit(1)


def _print(findings: Findings) -> None:
    from scenarios.uncertainty.in_world import SCHEDULED
    from scenarios.uncertainty.study_text import lines_of, share_rows

    names = findings.study.names
    print(f"{', '.join(names)}: {len(findings.study.worlds)} worlds, seed {findings.study.design.seed}")
    for line in lines_of(findings):
        print(f"- {line.replace('**', '')}")
    print(f"\nworlds in which a scenario is better than {names[0]}, scheduled (95 % interval)")
    print_table(("measure", *names[1:]), share_rows(findings, SCHEDULED))
