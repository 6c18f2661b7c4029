"""``yizhan validate``: what was observed beside what the model says."""

from __future__ import annotations

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
    from scenarios.assessment.validation import Answer, Validation

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan validate xizang-2021",
    "yizhan validate xizang-2021 --replications 3",
    "yizhan validate runs/xizang-2021-20260101-120000",
    "yizhan validate runs/xizang-2021-20260101-120000 --json > validation.json",
)


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder for validation.json and validation.csv; RUN/validation by default."
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
    as_json: Annotated[bool, typer.Option("--json", help="Print validation.json for programs.")] = False,
) -> None:
    """Set the observed facts of the region beside a run's answers.

    A scenario is run first, into a fresh folder under runs/; a run folder is
    asked as it is. No assumed default was chosen against these facts, so a
    miss is a real one; the assumptions that it rests on are listed.
    """
    from scenarios.assessment.validation import FOLDER, validate, write_validation
    from scenarios.runs.recorded import recorded

    check_folder(out)
    with shown_progress() as progress:
        run = recorded(
            scenario,
            progress=progress,
            replications=replications,
            workers=workers,
            seed=seed,
            measured_days=days,
        )
        found = validate(run, progress)
    files = write_validation(found, out or run.path / FOLDER)
    if as_json:
        print_json(found.as_dict())
        return
    _print(found)
    assumed = run.summary["assumed"]
    print(rests_on(assumed, len(assumed["changed"]), "the scenario", run.path))
    print(f"written to {files[0].parent}: " + ", ".join(file.name for file in files))


def _print(found: Validation) -> None:
    summary, plan = found.run.summary, found.run.scenario.plan
    print(f"{summary['scenario']}: {summary['title']}")
    print(f"{plan.measured_days} measured days, seed {plan.seed}; {found.basis}")
    if not found.answers:
        print(f"no observed facts are listed for {summary['region']}")
        return
    print_table(
        ("fact", "source", "year", "observed", "the model", "items", "in range", "verdict"),
        [
            (
                answer.fact.about,
                answer.fact.source,
                str(answer.fact.year),
                answer.fact.observed,
                answer.model,
                f"{answer.items:,}" if answer.items else "",
                "" if answer.share_inside is None else f"{100 * answer.share_inside:.0f} %",
                answer.verdict + (" (not clear)" if answer.clear is False else ""),
            )
            for answer in found.answers
        ],
        right=(2, 5, 6),
    )
    missed = [answer for answer in found.answers if answer.missed]
    compared = [answer for answer in found.answers if answer.verdict in ("inside", "above", "below")]
    inside = len(compared) - len(missed)
    print(f"{inside} of {len(compared)} facts inside; above and below are said of the model")
    for answer in missed:
        _print_miss(answer, int(summary["year"]))
    print()
    for fact in (answer.fact for answer in found.answers if answer.verdict == "not compared"):
        print(f"not compared: {fact.about}: {fact.why_not}")
    print("no assumed default was chosen against these facts (rule 21); docs/observed.md explains each miss")


def _print_miss(answer: Answer, year: int) -> None:
    fact = answer.fact
    print(f"\n{fact.about}: the model is {answer.verdict}. {fact.means[0].upper()}{fact.means[1:]}.")
    if fact.year != year:
        print(f"  observed in {fact.year}, and the scenario is of {year}")
    print_table(
        ("  the gap rests on", "value, range", "how"),
        [(f"  {key}", value, how) for key, value, how in answer.rests_on],
    )
