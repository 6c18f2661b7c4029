"""The option ranking: scenarios in order of one measure, with what they take and cost, and the frontier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import numpy as np

from network.errors import InputErrors, Problem, nearest
from network.numeric.columns import Column
from scenarios.comparison.compared import Comparison
from scenarios.comparison.differences import LEVEL
from scenarios.runs.headlines import HEADLINES, Headline
from scenarios.runs.summary import flatten
from sim.measures.keys import SUMMARY_KEYS
from sim.measures.pairing import holm, pairs, student, unpaired

__all__ = ["COLUMNS", "MEASURE", "check_measures", "frontier", "headline_of", "option_ranking"]

#: The mean with what is in transit counted as if it arrived at cut-off: nothing is fast for having lost mail.
MEASURE = "transit.all.at_close.mean_h"
DAYS_A_WEEK = 7
#: Columns of ``option_ranking.csv``, a row for each scenario, the best first.
COLUMNS = (
    Column("rank", "int64", "", "1 is the best by the measure; the base stands among the others"),
    Column("scenario", "str", "", "name"),
    Column("title", "str", "", "in one line"),
    Column("measure", "str", "", "key of the measure, as in summary.json"),
    Column("value", "float64", "", "mean of the measure"),
    Column("difference", "float64", "", "scenario − base"),
    Column("half_width", "float64", "", "half-width of its 95 % interval, read alone"),
    Column(
        "half_width_together",
        "float64",
        "",
        "the same if all scenarios of the option ranking shall hold at once (Bonferroni)",
    ),
    Column(
        "p_together",
        "float64",
        "",
        "chance of so great a difference where there is none, all scenarios read together (Holm)",
    ),
    Column(
        "verdict",
        "str",
        "",
        "better, worse: also where all are read together; alone better, alone worse; open; base",
    ),
    Column("paired", "int64", "", "1: same items, weather and breakdowns as the base; 0: no pair"),
    Column(
        "same_items",
        "int64",
        "",
        "1: nothing accepted in one of the two only; 0: other demand; empty: not compared",
    ),
    Column(
        "to_next", "float64", "", "value of the next scenario of the base's items further down − this one's"
    ),
    Column("to_next_half_width", "float64", "", "half-width of its interval"),
    Column("world_low", "float64", "", "of the difference over worlds (a study): 5 %"),
    Column("world_mid", "float64", "", "50 %"),
    Column("world_high", "float64", "", "95 %"),
    Column(
        "worlds_better", "float64", "share", "share of worlds in which the scenario is better than the base"
    ),
    Column("vehicles", "float64", "", "vehicles more than the base, the firms' own lines included"),
    Column("drivers", "float64", "", "drivers more"),
    Column("vehicle_km_per_week", "float64", "km", "vehicle-km a week more"),
    Column("yuan_per_week", "float64", "yuan", "cost a week − the base's"),
    Column("yuan_per_week_half_width", "float64", "yuan", "half-width of its interval"),
    Column(
        "frontier_vehicles",
        "int64",
        "",
        "1: no other scenario of the same items gains more with as few vehicles",
    ),
    Column(
        "frontier_yuan", "int64", "", "1: no other scenario of the same items gains more at as low a cost"
    ),
)


def headline_of(measure: str) -> Headline:
    """Return how a measure is shown: label, unit, and which way is better."""
    plain = measure.replace(".at_close.", ".")
    for headline in HEADLINES:
        if headline.key in (measure, plain):
            return Headline(measure, headline.label, headline.unit, headline.better)
    pattern = next((p for p in SUMMARY_KEYS if fnmatchcase(measure, p)), None)
    unit = SUMMARY_KEYS[pattern].unit if pattern else ""
    return Headline(measure, measure, unit, 1 if unit == "share" or ".within." in measure else -1)


def check_measures(measures: Sequence[str]) -> None:
    """Refuse what is no measure.

    Raises
    ------
    InputErrors
        All that are none, each with the nearest that there is.
    """
    known = [headline.key for headline in HEADLINES]
    allowed = "a key of measures in summary.json (docs/results.md)"
    problems = [
        Problem("command line", "", "--measure", measure, allowed, nearest(measure, known))
        for measure in measures
        if not any(fnmatchcase(measure, pattern) for pattern in SUMMARY_KEYS)
    ]
    if problems:
        raise InputErrors(problems)


def option_ranking(
    comparison: Comparison,
    measure: str = MEASURE,
    worlds: Mapping[str, Mapping[str, float]] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of ``option_ranking.csv``.

    Parameters
    ----------
    comparison
        The scenarios; its rows of items tell who has the same ones as the base.
    measure
        Key; scenarios in which a replication has none of it are left out.
    worlds
        By scenario: low, mid, high and better, of a study (`scenarios.comparison.world_ranges`).
    """
    shown = headline_of(measure)
    better = shown.better or -1
    values = {
        run.summary["scenario"]: [dict(flatten(measures)).get(measure) for measures in run.measures]
        for run in comparison.runs
    }
    base = comparison.base.summary["scenario"]
    known = {name: np.array(v, dtype=np.float64) for name, v in values.items() if None not in v}
    if base not in known:
        return []
    rows = []
    for at, other in enumerate(comparison.others):
        name = other.summary["scenario"]
        if name not in known:
            continue
        paired = comparison.paired[at]
        compared = (pairs if paired else unpaired)(known[base], known[name], LEVEL)
        cost = comparison.differences[at].get("cost.yuan")
        weeks = comparison.base.summary["measures"]["cost"]["days"] / DAYS_A_WEEK if cost else 1.0
        more = comparison.requirements[at].more
        rows.append(
            {
                "scenario": name,
                "title": other.summary["title"],
                "measure": measure,
                "value": float(known[name].mean()),
                "difference": float(compared.difference[0]),
                "half_width": _known(compared.half_width[0]),
                "p": float(compared.p[0]),
                "error": float(compared.error[0]),
                "freedom": float(compared.freedom[0]),
                "paired": int(paired),
                "same_items": _same_items(name, comparison.items),
                "vehicles": more["vehicles"],
                "drivers": more["drivers"],
                "vehicle_km_per_week": more["vehicle_km_per_week"],
                "yuan_per_week": None if cost is None else cost.difference / weeks,
                "yuan_per_week_half_width": None
                if cost is None or cost.half_width is None
                else cost.half_width / weeks,
            }
        )
    _read_together(rows, better)
    for row in rows:
        measures = (worlds or {}).get(row["scenario"], {})
        row |= {f"world_{name}": measures.get(name) for name in ("low", "mid", "high")}
        row["worlds_better"] = measures.get("better")
    for axis in ("vehicles", "yuan"):
        _mark_frontier(rows, axis, better)
    rows.append(_of_base(comparison, measure, float(known[base].mean())))
    rows.sort(key=lambda row: (-better * row["value"], row["scenario"]))
    for rank, row in enumerate(rows, 1):
        row["rank"] = rank
    able = [row for row in rows if row["paired"] and row["same_items"] != 0]
    for row, after in pairwise(able):
        step = pairs(known[row["scenario"]], known[after["scenario"]], LEVEL)
        row["to_next"] = float(step.difference[0])
        row["to_next_half_width"] = _known(step.half_width[0])
    return [{column.name: row.get(column.name) for column in COLUMNS} for row in rows]


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _same_items(scenario: str, items: Sequence[Mapping[str, Any]]) -> int | None:
    of_scenario = [row for row in items if row["scenario"] == scenario and row["kind"] == "class direction"]
    return (
        None
        if not of_scenario
        else int(not any(row["only_base"] or row["only_other"] for row in of_scenario))
    )


def _read_together(rows: Sequence[dict[str, Any]], better: int) -> None:
    """Put in what holds for all rows at once, and the verdicts."""
    moved = [row["difference"] != 0 or row["error"] != 0 for row in rows]
    p = holm([row["p"] if may else math.nan for row, may in zip(rows, moved, strict=True)])
    level = 1 - (1 - LEVEL) / max(sum(moved), 1)
    for row, adjusted, may in zip(rows, p.tolist(), moved, strict=True):
        half = row["half_width"]
        row["half_width_together"] = _known(float(student(level, row["freedom"])) * row["error"])
        row["p_together"] = _known(adjusted) if may else 1.0
        side = "better" if row["difference"] * better > 0 else "worse"
        row["verdict"] = "open"
        if half is not None and abs(row["difference"]) > half:
            row["verdict"] = side if adjusted < 1 - LEVEL else f"alone {side}"


def _of_base(comparison: Comparison, measure: str, value: float) -> dict[str, Any]:
    none = dict.fromkeys(("difference", "vehicles", "drivers", "vehicle_km_per_week", "yuan_per_week"), 0)
    about = comparison.base.summary
    return {
        **none,
        "scenario": about["scenario"],
        "title": about["title"],
        "measure": measure,
        "value": value,
        "verdict": "base",
        "paired": 1,
        "same_items": 1,
    }


def _mark_frontier(rows: Sequence[dict[str, Any]], axis: str, better: int) -> None:
    """Mark the scenarios of the base's items on the frontier of gain against what is taken."""
    name = "vehicles" if axis == "vehicles" else "yuan_per_week"
    able = [row for row in rows if row["paired"] and row["same_items"] != 0 and row[name] is not None]
    # The base itself is an offer: nothing gained for nothing taken.
    taken = [0.0, *(float(row[name]) for row in able)]
    gained = [0.0, *(row["difference"] * better for row in able)]
    on = frontier(taken, gained)[1:]
    for row in rows:
        row[f"frontier_{axis}"] = 0
    for row, is_on in zip(able, on, strict=True):
        row[f"frontier_{axis}"] = int(is_on)


def frontier(taken: Sequence[float], gained: Sequence[float]) -> list[bool]:
    """Return which offers no other one beats: as little or less taken, as much or more gained, one strictly.

    Examples
    --------
    >>> frontier([0, 4, 2, 5], [1.0, 3.0, 0.5, 3.0])
    [True, True, False, False]
    """
    offers = list(zip(taken, gained, strict=True))
    return [not any(t <= a and g >= b and (t, g) != (a, b) for t, g in offers) for a, b in offers]
