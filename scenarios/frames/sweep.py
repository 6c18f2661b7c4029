"""One scenario with many values of one key, in parallel: scheduled times, or simulations."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from network.accessibility.scheduled_measures import scheduled_measures
from network.errors import InputErrors, Problem
from network.model.network import Network
from scenarios.definition.resolve import Resolved, build
from scenarios.frames.measures import measure_key, measures_frame, unit_of
from scenarios.frames.scenario import Scenario
from scenarios.runs.run import run_scenario
from scenarios.support.executors import Report, Task, executor

__all__ = ["sweep"]


def sweep(
    scenario: Scenario,
    key: str,
    values: Sequence[Any],
    measures: Sequence[str],
    *,
    simulate: bool = False,
    workers: int | None = None,
    out: Path | None = None,
    **run: Any,
) -> pd.DataFrame:
    """Return measures of a scenario by the values of a key; `yizhan.sweep` says more."""
    values = list(values)
    variants = [variant.with_run(**run) for variant in scenario.variants(key, values)]
    keys = [measure_key(measure, scenario.fitted) for measure in measures]
    fits = {scenario.resolved.fit_key: scenario.fitted}
    tasks = [Task(str(row), variant.resolved) for row, variant in enumerate(variants)]
    trees: dict[str, list[Mapping[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as spare, executor(workers) as place:
        asked = partial(_simulated, fits, out or Path(spare)) if simulate else partial(_scheduled, fits)
        for outcome in place.map(asked, tasks):
            if outcome.error is not None:
                raise outcome.error
            trees[outcome.id] = outcome.value
    tables = [measures_frame(trees[task.id]) for task in tasks]
    _check(keys, measures, tables[0], simulate)
    columns: dict[str, Any] = {}
    for name, measure in zip(measures, keys, strict=True):
        unit = unit_of(measure)
        columns[f"{name} [{unit}]"] = [table["mean"].get(measure) for table in tables]
        if simulate and len(trees["0"]) > 1:
            columns[f"{name} ± [{unit}]"] = [table["half_width"].get(measure) for table in tables]
    index = pd.Index(values, name=key.rpartition(".")[2])
    return pd.DataFrame({"scenario": [variant.name for variant in variants], **columns}, index=index)


def _check(keys: Sequence[str], measures: Sequence[str], table: pd.DataFrame, simulate: bool) -> None:
    allowed = "a measure of runs" if simulate else "a measure of scheduled times; others need simulate=True"
    problems = [
        Problem("measure", "", "", name, allowed)
        for name, key in zip(measures, keys, strict=True)
        if key not in table.index
    ]
    if problems:
        raise InputErrors(problems)


def _scheduled(fits: Mapping[str, Network], resolved: Resolved, report: Report) -> list[Mapping[str, Any]]:
    return [scheduled_measures(build(resolved, fitted=fits.get(resolved.fit_key)))]


def _simulated(
    fits: Mapping[str, Network], folder: Path, resolved: Resolved, report: Report
) -> list[Mapping[str, Any]]:
    run = run_scenario(
        resolved.with_run(workers=1),
        folder / resolved.name,
        plots=False,
        records=False,
        fitted=fits.get(resolved.fit_key),
    )
    return list(run.measures)
