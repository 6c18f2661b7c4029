"""Answers to single questions as tables: coverage, service, cost, facts, growth, plans, studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from scenarios.frames.shown import Shown
from scenarios.runs.folder import StoredRun

if TYPE_CHECKING:
    from scenarios.assessment.coverage import CoverageReport
    from scenarios.comparison.diff import Diff
    from scenarios.comparison.select_runs import Chosen
    from scenarios.expansion.folder import Kept
    from scenarios.growth.asked import GrowthAnswer
    from scenarios.uncertainty.findings import Findings

__all__ = [
    "Costs",
    "Coverage",
    "Differences",
    "Growth",
    "Plan",
    "Selection",
    "ServiceAnswer",
    "StudyAnswer",
    "costs_of",
    "coverage_of",
    "differences_of",
    "growth_of",
    "plan_of",
    "selection_of",
    "service_of",
    "study_answer",
    "validation_of",
]


def _frame(rows: Iterable[Any], index: str | None = None) -> pd.DataFrame:
    """Return rows, dataclasses or mappings, as a table."""
    table = pd.DataFrame([asdict(row) if is_dataclass(row) else dict(row) for row in rows])  # type: ignore[arg-type]
    return table if index is None or table.empty else table.set_index(index)


@dataclass(frozen=True, eq=False, repr=False)
class Coverage(Shown):
    """Who is reached within how many hours, by the timetable alone and in a run.

    `within` has a row for each number of hours, and for each of timetable and run; `places` the hours to
    each place.  `critical` and `gains` are empty unless they were asked for.
    """

    within: pd.DataFrame
    places: pd.DataFrame
    critical: pd.DataFrame
    gains: pd.DataFrame
    answer: CoverageReport


def coverage_of(answer: CoverageReport) -> Coverage:
    """Return coverage as tables."""
    rows = [
        {"hours": int(hours), "by": "timetable" if form == "scheduled" else form, **row}
        for form, table in answer.coverage.items()
        if table is not None
        for hours, row in table["within"].items()
    ]
    content = answer.as_dict()
    from scenarios.assessment.coverage import place_rows
    from scenarios.frames.naming import Names

    places = _frame(place_rows(answer), "id").rename(columns={"name": "place"})
    places["county"] = Names(answer.network).places(places["county"])
    return Coverage(
        _frame(rows).set_index(["hours", "by"]),
        places,
        _frame(content["critical"]),
        _frame(content["gains"]),
        answer,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Costs(Shown):
    """What a run cost, emitted and earned, in yuan and kg of CO2e over the measured days.

    `stages` by part of the chain, `inputs` by what it is spent on, `classes` and `directions` an item;
    `elements` by route, round and centre, `places` by place.
    """

    stages: pd.DataFrame
    inputs: pd.DataFrame
    classes: pd.DataFrame
    directions: pd.DataFrame
    elements: pd.DataFrame
    places: pd.DataFrame
    whole: Mapping[str, Any]


def costs_of(run: StoredRun) -> Costs:
    """Return the cost of a run as tables."""
    from scenarios.runs.costs import read_costs

    totals, elements, places = read_costs(run)
    mean = totals["mean"]
    stages, classes, directions = (
        pd.DataFrame.from_dict(mean[f"by_{name}"], orient="index").rename_axis(name)
        for name in ("stage", "class", "direction")
    )
    inputs = pd.Series(mean["by_input"], name="yuan").rename_axis("input").to_frame()
    return Costs(stages, inputs, classes, directions, _frame(elements, "id"), _frame(places), totals)


@dataclass(frozen=True, eq=False, repr=False)
class ServiceAnswer(Shown):
    """How a run keeps service standards.

    `times` has a row for each limit and group of places, with what would mend a miss; `frequency` for each
    standard and group, `places` for each place.
    """

    times: pd.DataFrame
    frequency: pd.DataFrame
    places: pd.DataFrame


def service_of(run: StoredRun, standards: Sequence[str] = (), share: float = 0.8) -> ServiceAnswer:
    """Return how a run keeps the named standards, or those that bind in its region."""
    from scenarios.assessment.service import serve
    from scenarios.assessment.standards import standards_for

    answer = serve(run, standards_for(run.scenario, standards), share)
    return ServiceAnswer(
        _frame(answer.times), _frame(answer.frequency_rows), _frame(answer.frequency_places, "place")
    )


def validation_of(run: StoredRun) -> pd.DataFrame:
    """Return the observed facts of a region beside a run's answers, by the code of the fact."""
    from scenarios.assessment.validation import validate

    return _frame((answer.as_dict() for answer in validate(run).answers), "code")


@dataclass(frozen=True, eq=False, repr=False)
class Growth(Shown):
    """When and where a network breaks as demand grows.

    `years` has the network of each year, `demand` its express items, `resources` what is full when, the
    first to be full first; `expansions` what delays it, the longest delay first; `simulated` the queues that
    grow in simulations, if they were asked for.
    """

    years: pd.DataFrame
    demand: pd.DataFrame
    resources: pd.DataFrame
    expansions: pd.DataFrame
    simulated: pd.DataFrame
    answer: GrowthAnswer


def growth_of(answer: GrowthAnswer) -> Growth:
    """Return an outlook on growth as tables."""
    study = answer.study
    return Growth(
        _frame(study.by_year, "year"),
        _frame(study.demand, "year"),
        _frame(study.resources),
        _frame(answer.expansions, "name"),
        _frame(answer.checks),
        answer,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Shown):
    """What to expand: the chosen changes, and what other budgets would buy.

    `changes` has a row for each change, with its yuan a year and its gain; `points` a row for each plan;
    `simulated` what the simulation says of them.  The scenario of the plan is ``portfolio.toml`` in `folder`.
    """

    changes: pd.DataFrame
    points: pd.DataFrame
    simulated: pd.DataFrame
    folder: Path
    answer: Kept


def plan_of(answer: Kept) -> Plan:
    """Return a plan as tables."""
    plan = answer.plan
    rows = plan.rows or plan.cheapest_rows
    changes = _frame({**asdict(row), "gain_per_10000_yuan": row.gain_per_10000_yuan} for row in rows)
    points = _frame((_flat(point.as_dict()) for point in plan.points), "name")
    return Plan(changes, points, _frame(answer.checked()), answer.folder, answer)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not isinstance(value, Mapping)}


@dataclass(frozen=True, eq=False, repr=False)
class StudyAnswer(Shown):
    """Scenarios in many worlds.

    `shares` says in which share of the worlds one is better than another, by how much; `ranges` where each
    figure lies over the worlds.  `lines` is the summary in words.
    """

    shares: pd.DataFrame
    ranges: pd.DataFrame
    lines: tuple[str, ...]
    folder: Path
    answer: Findings


def study_answer(answer: Findings) -> StudyAnswer:
    """Return a study as tables."""
    from scenarios.uncertainty.study_text import lines_of

    shares = [
        {"by": form, "measure": key, "scenario": one, "than": other, **asdict(beats)}
        for (form, key, one, other), beats in answer.shares.items()
    ]
    ranges = [
        {"by": form, "measure": key, "scenario": name, "difference": differs, **asdict(spread)}
        for (form, key, name, differs), spread in answer.ranges.items()
    ]
    lines = tuple(line.replace("**", "") for line in lines_of(answer))
    return StudyAnswer(_frame(shares), _frame(ranges), lines, answer.study.folder, answer)


@dataclass(frozen=True, eq=False, repr=False)
class Selection(Shown):
    """The best of some scenarios: `scenarios` in order, with what became of each; `best` the selected one."""

    scenarios: pd.DataFrame
    best: str | None
    folder: Path
    answer: Chosen


def selection_of(answer: Chosen, folder: Path) -> Selection:
    """Return a selection as a table."""
    return Selection(_frame(answer.rows(), "scenario"), answer.best, folder, answer)


@dataclass(frozen=True, eq=False, repr=False)
class Differences(Shown):
    """What differs between two scenarios in what is written, and in their networks.

    `settings`, `assumptions`, `changes` (which of the two makes one alone), and `network` in words.
    """

    network: pd.DataFrame
    settings: pd.DataFrame
    assumptions: pd.DataFrame
    changes: pd.DataFrame
    answer: Diff


def differences_of(answer: Diff) -> Differences:
    """Return what differs between two scenarios as tables."""
    changes = [("a", text) for text in answer.only_a] + [("b", text) for text in answer.only_b]
    return Differences(
        _frame(row.as_dict() for row in answer.network or ()),
        _frame(answer.settings, "key"),
        _frame(answer.assumptions, "name"),
        pd.DataFrame(changes, columns=["only_in", "change"]),
        answer,
    )
