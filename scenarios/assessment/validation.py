"""The observed facts of a region beside a run's answers, with verdicts and what a miss rests on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from network.accessibility.offered import offered
from network.inputs.observed import HALVES, OFFERED, Fact, load_facts, range_of
from scenarios.runs.folder import StoredRun
from scenarios.runs.recorded import batches, item_chunks
from scenarios.support.folders import write_files
from scenarios.support.progress import Progress
from scenarios.support.tables import csv_text
from sim.measures.compliance import Batches
from sim.measures.observed import Observed, Towns, observe
from sim.measures.statistics import Interval
from sim.run import make_demand

__all__ = ["FOLDER", "Answer", "Validation", "markdown", "validate", "write_validation"]

FOLDER = "validation"
SPREAD = (0.1, 0.9)
NO_ITEMS = "no such item"


@dataclass(frozen=True)
class Answer:
    """What a run says to one fact.

    `estimate` is the model's answer in the unit of the fact, such as the median in days; `half_width` of its
    95 % interval, None without one; `low` and `high` hold the middle four fifths of the items, in days.
    """

    fact: Fact
    items: int
    estimate: float = math.nan
    half_width: float | None = None
    low: float | None = None
    high: float | None = None
    share_inside: float | None = None  # of the items, or of the towns, within the observed range
    share_as_quick: float | None = None  # of the items, not slower than the one that was observed
    towns: int | None = None  # with items, where towns are counted
    verdict: str = NO_ITEMS  # inside, above, below, unknown, not compared, no such item
    clear: bool | None = None  # whether the whole interval says the same; None without one
    rests_on: tuple[tuple[str, str, str], ...] = ()  # name, value and range, how

    @property
    def counts(self) -> bool:
        """Whether the answer counts as a hit or a miss."""
        return self.fact.judged and self.verdict in ("inside", "above", "below")

    @property
    def missed(self) -> bool:
        """Whether the model's answer lies outside what was observed, by a fact that judges it."""
        return self.counts and self.verdict != "inside"

    @property
    def model(self) -> str:
        """The model's answer in words."""
        kind, half = self.fact.kind, self.half_width
        if self.verdict == "not compared":
            return "–"
        if self.verdict == NO_ITEMS:
            return NO_ITEMS
        if kind in OFFERED:
            return f"{self.estimate:.1f} {self.fact.unit}" if math.isfinite(self.estimate) else "none"
        if kind == "daily":
            return f"{self.estimate:,.0f}{'' if half is None else f' ± {half:.0f}'} a day"
        if kind == "counties":
            return f"{self.estimate:.0f}{'' if half is None else f' ± {half:.1f}'} of {self.towns} counties"
        if kind == "towns":
            towns = round((self.share_inside or 0) * (self.towns or 0))
            return f"mean {_days(self.estimate)}{_half(half)} days, {towns} of {self.towns} towns inside"
        if kind == "quickest":
            return f"10 % in {_days(self.estimate)}{_half(half)} days"
        spread = f"10–90 %: {_days(self.low)}–{_days(self.high)}"
        middle = f"median {_days(self.estimate)}{_half(half)} days"
        if self.share_as_quick is None:
            return f"{middle}, {spread}"
        return f"{middle}, {spread}; {100 * self.share_as_quick:.0f} % in {self.fact.low:g} days"

    @property
    def said(self) -> str:
        """The verdict in words, with what weakens it."""
        doubts = ["not clear"] if self.clear is False else []
        if self.fact.seen == "once" and self.verdict != "not compared":
            doubts.append("seen once")
        return self.verdict + (f" ({', '.join(doubts)})" if doubts else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON; None for what is open, never came or was not measured."""
        return {
            **self.fact.as_dict(),
            "items": self.items,
            "estimate": _finite(self.estimate),
            "half_width": self.half_width,
            "p10": _finite(self.low),
            "p90": _finite(self.high),
            "share_inside": self.share_inside,
            "share_as_quick": self.share_as_quick,
            "towns": self.towns,
            "verdict": self.verdict,
            "clear": self.clear,
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

    def inside(self, half: str = "") -> tuple[int, int]:
        """Return how many facts that count, or of one half of them, the model meets: (inside, all)."""
        counted = [a for a in self.answers if a.counts and half in ("", a.fact.half)]
        return sum(not answer.missed for answer in counted), len(counted)

    @property
    def tally(self) -> str:
        """How many facts lie inside, in words."""
        k, n = self.inside()
        halves = ", ".join(f"{half} half {k} of {n}" for half in HALVES for k, n in [self.inside(half)])
        return f"observed facts: {k} of {n} inside ({halves})"

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
            "inside": {
                half or "all": dict(zip(("inside", "judged"), self.inside(half), strict=True))
                for half in ("", *HALVES)
            },
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


def _answer(
    fact: Fact, observed: Observed | Towns, days: Sequence[int], all_days: int, run: StoredRun
) -> Answer:
    rests_on = tuple(
        (entry.key, range_of(entry.key, fact, run.network.assumptions), entry.how) for entry in fact.rests_on
    )
    if fact.kind == "apart":
        return Answer(fact, 0, verdict="not compared", rests_on=rests_on)
    if fact.kind in OFFERED:
        value = offered(run.network, fact)
        return Answer(fact, 0, value, verdict=fact.place(value), rests_on=rests_on)
    items = int(observed.items.sum()) if isinstance(observed, Towns) else observed.items
    if not items:
        return Answer(fact, 0, rests_on=rests_on)
    if isinstance(observed, Towns):
        return _of_towns(fact, observed, items, rests_on)
    low = high = inside = quick = None
    if fact.kind == "daily":
        measured = observed.a_day(days, all_days)
    else:
        measured = observed.quantile_interval(SPREAD[0] if fact.kind == "quickest" else 0.5)
        low, high = (observed.quantile_days(q) for q in SPREAD)
        inside = observed.share_between(fact.low, fact.high)
    verdict, clear = fact.place(measured.mean), _clear(fact, measured)
    if fact.kind == "one" and low is not None and high is not None:  # among many: is it an unusual one?
        inside, quick = None, observed.share_between(0, fact.high)
        verdict = "above" if low > fact.low else "below" if high < fact.low else "inside"
        edges = [_clear(fact, observed.quantile_interval(q)) for q in SPREAD]
        clear = None if None in edges else all(edges)
    return Answer(
        fact,
        items,
        measured.mean,
        _finite(measured.half_width),
        low,
        high,
        inside,
        quick,
        verdict=verdict,
        clear=clear,
        rests_on=rests_on,
    )


def _of_towns(fact: Fact, observed: Towns, items: int, rests_on: tuple[tuple[str, str, str], ...]) -> Answer:
    means = observed.means_days()
    share = None
    if fact.kind == "towns":
        measured, towns = observed.mean_days(), len(means)
        share = float(np.mean([fact.place(mean) == "inside" for mean in means])) if towns else None
    else:
        measured, towns = observed.on_the_day(), int((observed.items.sum(axis=0) > 0).sum())
    return Answer(
        fact,
        items,
        measured.mean,
        _finite(measured.half_width),
        share_inside=share,
        towns=towns,
        verdict=fact.place(measured.mean),
        clear=_clear(fact, measured),
        rests_on=rests_on,
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
    head = "| fact | source | year | observed | half | the model | |\n|---|---|---|---|---|---|---|\n"
    rows = (
        f"| {a.fact.about} | {a.fact.source} | {a.fact.year} | {a.fact.observed} | {a.fact.half} | {a.model} "
        f"| {_said(a)} |\n"
        for a in validation.answers
    )
    return (
        f"`{validation.run.summary['scenario']}`, {plan.measured_days} measured days from "
        f"{first}, seed {plan.seed}; {validation.basis}. **{validation.tally}.**\n\n" + head + "".join(rows)
    )


def _said(answer: Answer) -> str:
    if answer.missed:
        return answer.said.replace(answer.verdict, f"**{answer.verdict}**", 1)
    return answer.said + (": " + answer.fact.why_not if answer.verdict == "not compared" else "")


def write_validation(validation: Validation, folder: Path) -> list[Path]:
    """Write ``validation.json`` and ``validation.csv`` into a folder, and return them."""
    table = csv_text(answer.as_dict() for answer in validation.answers)
    return write_files(folder, {"validation.json": validation.as_dict(), "validation.csv": table})
