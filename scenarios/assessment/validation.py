"""The observed facts of a region beside a run's answers, with verdicts and what a miss rests on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.inputs.observed import Fact, load_facts, range_of
from scenarios.runs.folder import StoredRun
from scenarios.runs.recorded import batches, item_chunks
from scenarios.support.folders import write_files
from scenarios.support.progress import Progress
from scenarios.support.tables import csv_text
from sim.measures.compliance import Batches
from sim.measures.observed import Observed, observe
from sim.measures.statistics import Interval
from sim.run import make_demand

__all__ = ["FOLDER", "Answer", "Validation", "markdown", "validate", "write_validation"]

FOLDER = "validation"
SPREAD = (0.1, 0.9)
NO_ITEMS = "no such item"


@dataclass(frozen=True)
class Answer:
    """What a run says to one fact.

    `estimate` is the model's median in days, or its items a day; `half_width` of its 95 % interval, None
    without one; `low` and `high` hold the middle four fifths of the items, in days.
    """

    fact: Fact
    items: int
    estimate: float
    half_width: float | None
    low: float | None
    high: float | None
    share_inside: float | None  # of the items, within the observed range
    share_as_quick: float | None  # of the items, not slower than the one that was observed
    verdict: str  # inside, above, below, not compared, no such item
    clear: bool | None  # whether the whole interval says the same; None without one
    rests_on: tuple[tuple[str, str, str], ...]  # name, value and range, how

    @property
    def missed(self) -> bool:
        """Whether the model's answer lies outside what was observed."""
        return self.verdict in ("above", "below")

    @property
    def model(self) -> str:
        """The model's answer in words."""
        if self.verdict == "not compared":
            return "–"
        if not self.items:
            return NO_ITEMS
        if self.fact.kind == "daily":
            half = "" if self.half_width is None else f" ± {self.half_width:.0f}"
            return f"{self.estimate:,.0f}{half} a day"
        spread = f"10–90 %: {_days(self.low)}–{_days(self.high)}"
        middle = f"median {_days(self.estimate)}{_half(self.half_width)} days"
        if self.share_as_quick is None:
            return f"{middle}, {spread}"
        return f"{middle}, {spread}; {100 * self.share_as_quick:.0f} % in {self.fact.low:g} days"

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON; None for what is open, never came or was not measured."""
        fact = self.fact
        return {
            "code": fact.code,
            "about": fact.about,
            "kind": fact.kind,
            "source": fact.source,
            "year": fact.year,
            "printed": fact.printed,
            "means": fact.means,
            "unit": fact.unit,
            "observed_low": _finite(fact.low),
            "observed_high": _finite(fact.high),
            "items": self.items,
            "estimate": _finite(self.estimate),
            "half_width": self.half_width,
            "p10": _finite(self.low),
            "p90": _finite(self.high),
            "share_inside": self.share_inside,
            "share_as_quick": self.share_as_quick,
            "verdict": self.verdict,
            "clear": self.clear,
            "why_not": fact.why_not,
        }


@dataclass(frozen=True)
class Validation:
    """All facts beside one run."""

    run: StoredRun
    batches: Batches
    answers: tuple[Answer, ...]

    @property
    def basis(self) -> str:
        """What the intervals are over, in words."""
        by, n = self.batches.by, self.batches.number
        if n < 2:
            return "no intervals: they need two replications, or two whole measured weeks"
        if by == "replications":
            return f"± is Student's 95 % half-width over {n} replications"
        return (
            f"± is Student's 95 % half-width over the {n} measured weeks of one replication, as if they were "
            "independent; --replications 3 gives a better one"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        plan = self.run.scenario.plan
        return {
            "scenario": self.run.summary["scenario"],
            "year": self.run.summary["year"],
            "start": plan.start.isoformat(),
            "measured_days": plan.measured_days,
            "seed": plan.seed,
            "intervals": {"level": 0.95, "over": self.batches.by, "number": self.batches.number},
            "facts": [
                {
                    **answer.as_dict(),
                    "rests_on": [
                        {"key": key, "value": value, "how": how} for key, value, how in answer.rests_on
                    ],
                }
                for answer in self.answers
            ],
        }


def validate(run: StoredRun, progress: Progress | None = None) -> Validation:
    """Return the observed facts of a run's region beside its answers.

    Raises
    ------
    InputErrors
        If the region's table of facts is wrong.
    """
    if progress is not None:
        progress.step("asking the item records")
    network, plan = run.network, run.scenario.plan
    facts = load_facts(network.region, network.assumptions)
    how = batches(run)
    classes = make_demand(network, plan.seed, 0).rates.classes
    observations = observe(network, classes, facts, item_chunks(run), how, plan.seed)
    days = _batch_days(how, plan.measured_days)
    replications = len(run.replications)
    answers = (
        _answer(fact, observed, days, replications * plan.measured_days, run)
        for fact, observed in zip(facts, observations, strict=True)
    )
    return Validation(run, how, tuple(answers))


def _batch_days(how: Batches, measured_days: int) -> list[int]:
    return [measured_days if how.by == "replications" else 7] * how.number


def _answer(fact: Fact, observed: Observed, days: Sequence[int], all_days: int, run: StoredRun) -> Answer:
    rests_on = tuple(
        (entry.key, range_of(entry.key, fact, run.network.assumptions), entry.how) for entry in fact.rests_on
    )
    if fact.kind == "apart" or not observed.items:
        verdict = "not compared" if fact.kind == "apart" else NO_ITEMS
        return Answer(fact, observed.items, math.nan, *(None,) * 5, verdict, None, rests_on)
    if fact.kind == "daily":
        measured = observed.a_day(days, all_days)
        low = high = inside = quick = None
        verdict, clear = fact.place(measured.mean), _clear(fact, measured)
    else:
        measured = observed.quantile_interval(0.5)
        low, high = (observed.quantile_days(q) for q in SPREAD)
        inside, quick = observed.share_between(fact.low, fact.high), None
        verdict, clear = fact.place(measured.mean), _clear(fact, measured)
        if fact.kind == "one":  # one observed item among many: is it an unusual one?
            inside, quick = None, observed.share_between(0, fact.high)
            verdict = "above" if low > fact.low else "below" if high < fact.low else "inside"
            edges = [_clear(fact, observed.quantile_interval(q)) for q in SPREAD]
            clear = None if None in edges else all(edges)
    half = measured.half_width if math.isfinite(measured.half_width) else None
    return Answer(
        fact, observed.items, measured.mean, half, low, high, inside, quick, verdict, clear, rests_on
    )


def _clear(fact: Fact, measured: Interval) -> bool | None:
    """Return whether an interval lies on one side of the observed range, or within; None without one."""
    if not math.isfinite(measured.half_width):
        return None
    return fact.place(measured.low) == fact.place(measured.high)


def _half(value: float | None) -> str:
    if value is None:
        return ""
    return " ± <0.01" if value < 0.005 else f" ± {value:.2f}"


def _days(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "–"
    return "never" if math.isinf(value) else f"{value:.2f}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def markdown(validation: Validation) -> str:
    """Return the table of the facts in Markdown, for a page."""
    plan = validation.run.scenario.plan
    first = plan.start + dt.timedelta(days=plan.warmup_days)
    head = "| fact | source | year | observed | the model | |\n|---|---|---|---|---|---|\n"
    rows = (
        f"| {a.fact.about} | {a.fact.source} | {a.fact.year} | {a.fact.observed} | {a.model} | {_said(a)} |\n"
        for a in validation.answers
    )
    return (
        f"`{validation.run.summary['scenario']}`, {plan.measured_days} measured days from "
        f"{first}, seed {plan.seed}; {validation.basis}.\n\n" + head + "".join(rows)
    )


def _said(answer: Answer) -> str:
    verdict = f"**{answer.verdict}**" if answer.missed else answer.verdict
    if answer.clear is False:
        return f"{verdict} (not clear)"
    return verdict + (": " + answer.fact.why_not if answer.verdict == "not compared" else "")


def write_validation(validation: Validation, folder: Path) -> list[Path]:
    """Write ``validation.json`` and ``validation.csv`` into a folder, and return them."""
    table = csv_text(answer.as_dict() for answer in validation.answers)
    return write_files(folder, {"validation.json": validation.as_dict(), "validation.csv": table})
