"""``yizhan validate``: what was observed beside what the model says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from scenarios.cli.common import check_folder, examples, guarded, print_json
from scenarios.cli.options import Days, Replications, Scenario, Seed, Workers, json_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import print_feet, title, window
from scenarios.cli.tables import percent, print_rows, print_table

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
    scenario: Scenario,
    out: Annotated[
        Path | None,
        out_option("Folder for validation.json and validation.csv; RUN/validation by default."),
    ] = None,
    replications: Replications = None,
    workers: Workers = None,
    seed: Seed = None,
    days: Days = None,
    as_json: Annotated[bool, json_of("validation.json")] = False,
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
        validation = validate(run, progress)
    files = write_validation(validation, out or run.path / FOLDER)
    if as_json:
        print_json(validation.as_dict())
        return
    _print(validation)
    print_feet(run, files)


def _print(validation: Validation) -> None:
    summary = validation.run.summary
    print(title(validation.run))
    print(f"{window(validation.run)}; {validation.basis}")
    if not validation.answers:
        print(f"no observed facts are listed for {summary['region']}")
        return
    print_rows(
        validation.answers,
        {
            "fact": lambda answer: answer.fact.about,
            "source": lambda answer: answer.fact.source,
            "year": lambda answer: str(answer.fact.year),
            "observed": lambda answer: answer.fact.observed,
            "model": lambda answer: answer.model,
            "items": lambda answer: answer.items or "",
            "in range": lambda answer: "" if answer.share_inside is None else percent(answer.share_inside, 0),
            "half": lambda answer: answer.fact.half,
            "verdict": lambda answer: answer.said,
        },
        least=("items", "in range", "half", "source", "year"),
    )
    print(validation.tally)
    print("above, below: the model against the fact; seen once: could not be looked up again, not counted")
    missed = [answer for answer in validation.answers if answer.missed]
    for answer in missed:
        _print_miss(answer, int(summary["year"]))
    print()
    for fact in (answer.fact for answer in validation.answers if answer.verdict == "not compared"):
        print(f"not compared: {fact.about}: {fact.why_not}")
    print("the held-out half is for no calibration: it says how good one was")
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
