"""Compare scenarios: the same items and dates for all, so that differences are paired.

Every scenario runs with the base's dates, seed and replications; only one of
another report year keeps dates of its own, and is no pair: it has neither the
items nor the weather of the base.  A network is fitted once for each
`Resolved.fit_key`, or read from a stored run, and never again (rule 3).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from network.model.network import Network
from scenarios.comparison.common_items import COLUMNS, common_items
from scenarios.comparison.compared import Comparison, are_pairs, compare_runs
from scenarios.comparison.differences import Difference, differences
from scenarios.comparison.folder import write_comparison
from scenarios.comparison.ranking import MEASURE, check_measures
from scenarios.comparison.requirements import Requirements, requirements_of
from scenarios.comparison.world_ranges import world_ranges
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import Resolved, load_scenarios
from scenarios.definition.schema import DATES
from scenarios.runs.folder import StoredRun, open_run, versions
from scenarios.runs.layout import ITEMS
from scenarios.runs.references import Reference, scenario_of, stored_run
from scenarios.runs.run import fit_of, run_scenario
from scenarios.support.broken_off import breaking_off
from scenarios.support.estimate import check_size
from scenarios.support.executors import place_for, processes_of
from scenarios.support.folders import StoreError, WorkFolder, partial_of, read_json, write_file
from scenarios.support.machine import processors
from scenarios.support.progress import Progress
from scenarios.support.tables import read_rows

__all__ = [
    "Comparison",
    "Difference",
    "Requirements",
    "compare",
    "compare_runs",
    "differences",
    "requirements_of",
]

_DRAFT = "items-{}.json"  # what one scenario's items have in common with the base's, until all is whole


def compare(
    base: Reference,
    others: Sequence[Reference],
    out: Path | None = None,
    *,
    root: Path = Path("runs"),
    plots: bool = True,
    records: bool = False,
    items: bool = True,
    measure: str = MEASURE,
    study: Path | None = None,
    progress: Progress | None = None,
    **run: Any,
) -> tuple[Comparison, Path]:
    """Run a base and other scenarios, compare them, and keep everything in one folder.

    Parameters
    ----------
    base, others
        Scenarios, by name, file or resolved, of a sweep all its scenarios; or run folders, whose
        results and fitted network are used as they are.
    out
        Folder of the comparison; a fresh dated one under `root` by default.
        One that was broken off is gone on with.
    plots
        Whether to draw the charts of the differences.
    records
        Whether to keep the item records of the runs, some 100 MB for each replication.
    items
        Whether to compare item by item; the records that this takes are kept only until then.
    measure
        Measure that the scenarios are put in order by.
    study
        Folder of a study of worlds, for the second interval of the option ranking.
    **run
        Settings of `Run` for all of them, such as ``replications``; a stored
        base gives its own.

    Raises
    ------
    StoreError
        If the folder holds a finished comparison, a stored run does not fit the others, or a study says
        nothing of the measure.
    InputErrors
        If `measure` is none.
    Interrupted
        If it was broken off; finished runs and replications are kept.
    """
    progress = progress or Progress()
    check_measures([measure])
    stored_base = stored_run(base)
    first = stored_base.scenario if stored_base else scenario_of(base).with_run(**run)
    wanted: list[tuple[Resolved, StoredRun | None]] = [(first, stored_base)]
    for name in others:
        stored = stored_run(name)
        of_name = [stored.scenario] if stored else planned(name, first, run)
        wanted += [(resolved, stored) for resolved in of_name]
    _check_names([resolved for resolved, _ in wanted])
    worlds = None if study is None else world_ranges(study, measure, first.name)
    identity = {
        "replications": first.run.replications,
        "records": records,
        "items": items,
        "scenarios": [resolved.name for resolved, _ in wanted],
        "runs": [
            {**stored.versions, "folder": str(stored.path.resolve())} if stored else versions(resolved)
            for resolved, stored in wanted
        ],
    }
    draft = WorkFolder.named(out, root, f"compare-{first.name}", identity)
    runs: list[StoredRun] = []
    with draft, breaking_off(draft, first.run.replications * len(wanted)):
        folder = draft.final if draft.committed else draft.whole
        fits = {} if draft.committed else _fits(wanted, folder, records or items, progress)
        measured: list[dict[str, Any]] = []
        for resolved, stored in wanted:
            if stored is None:
                stored = _run(resolved, folder / resolved.name, fits, records or items, progress)
            else:
                _check_same_plan(stored, first)
            fits[resolved.fit_key] = stored.fitted  # as it is read when this is gone on with
            runs.append(stored)
            if items and len(runs) > 1 and not draft.committed:
                progress.step(f"comparing the items of {resolved.name}")
                measured += _items(runs[0], stored, draft.partial)
                if not records:
                    _drop_records(stored, folder)
        if draft.committed and (folder / "items.csv").is_file():
            measured = read_rows(folder / "items.csv", COLUMNS)
        comparison = replace(compare_runs(runs[0], runs[1:]), items=tuple(measured))
        if not draft.committed:
            _sweep_but(folder, runs)
            write_comparison(comparison, folder, measure, worlds, progress, plots)
            if not records:
                _drop_records(runs[0], folder)
            draft.commit()
        moved = [open_run(draft.final / run.path.name) if run.path.parent == folder else run for run in runs]
        return replace(comparison, base=moved[0], others=tuple(moved[1:])), draft.final


def _fits(
    wanted: Sequence[tuple[Resolved, StoredRun | None]], folder: Path, records: bool, progress: Progress
) -> dict[str, Network]:
    """Return the fitted bases, once no scenario that has still to be run is wrong or too large."""
    fits: dict[str, Network] = {}
    to_run = []
    for resolved, stored in wanted:
        begun = folder / resolved.name
        if stored is not None or begun.is_dir():
            fits.setdefault(resolved.fit_key, (stored or open_run(begun)).fitted)
        else:
            to_run.append(resolved)
            if (partial_of(begun) / "network.json").is_file():
                fits.setdefault(resolved.fit_key, StoredRun(partial_of(begun)).fitted)
    for resolved in to_run:
        if resolved.fit_key not in fits:
            fits[resolved.fit_key] = fit_of(resolved, progress)
        network = apply_scenario(fits[resolved.fit_key], resolved.scenario, resolved.name)
        n, workers = resolved.run.replications, resolved.run.workers or processors()
        keep = folder.parent if records else None
        check_size(network, resolved.plan, resolved.name, n, processes_of(place_for(n, workers)), keep)
    return fits


def _sweep_but(folder: Path, runs: Sequence[StoredRun]) -> None:
    """Remove what an earlier start wrote beside the runs: it may have been asked for other tables."""
    for path in set(folder.iterdir()) - {run.path for run in runs}:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _items(base: StoredRun, other: StoredRun, folder: Path) -> list[dict[str, Any]]:
    """Return what the two have in common item by item; what an earlier start counted is read again."""
    draft = folder / _DRAFT.format(other.summary["scenario"])
    if draft.is_file():
        rows: list[dict[str, Any]] = read_json(draft)
        return rows
    if not all((run.path / ITEMS).is_file() for run in (base, other)):
        return []
    rows = common_items(base, other, are_pairs(base, other))
    folder.mkdir(parents=True, exist_ok=True)
    write_file(draft, rows)
    return rows


def _drop_records(run: StoredRun, folder: Path) -> None:
    """Remove the item records of a run that was made for this comparison."""
    if run.path.parent == folder:
        (run.path / ITEMS).unlink(missing_ok=True)


def planned(reference: Reference, first: Resolved, run: Mapping[str, Any]) -> list[Resolved]:
    """Return a scenario, or all of a sweep, with the run settings of the base.

    One of another report year keeps its dates: on the base's it would have demand of one year and days
    of another.
    """
    plan = _plan(first, run)
    own = {key: value for key, value in plan.items() if key not in ("start", "warmup_days")}
    return [
        resolved.with_run(**(plan if resolved.report.year == first.report.year else own))
        for resolved in _scenarios(reference)
    ]


def _scenarios(reference: Reference) -> list[Resolved]:
    return [reference.scenario] if isinstance(reference, StoredRun) else load_scenarios(reference)


def _plan(first: Resolved, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run settings that all scenarios share."""
    shared = first.run.model_dump(include={*DATES, "year", "warmup_days", "replications", "seed"})
    return {**shared, "workers": run.get("workers")}


def _check_names(scenarios: Sequence[Resolved]) -> None:
    names = [resolved.name for resolved in scenarios]
    if len(scenarios) < 2:
        raise StoreError("a comparison needs a base and at least one other scenario")
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise StoreError(f"two scenarios to compare are named {double!r}; give one another name")


def _check_same_plan(stored: StoredRun, first: Resolved) -> None:
    ours, theirs = _plan(first, {}), _plan(stored.scenario, {})
    own = () if stored.scenario.report.year == first.report.year else ("start", "warmup_days")
    differing = [
        f"{key} {theirs.get(key)} instead of {ours.get(key)}"
        for key in {**ours, **theirs}
        if ours.get(key) != theirs.get(key) and key not in own
    ]
    if stored.versions["yizhan"] != versions(first)["yizhan"]:
        differing.append(f"made by Yizhan {stored.versions['yizhan']}")
    if differing:
        raise StoreError(f"{stored.path} cannot be compared with {first.name}: {', '.join(differing)}")


def _run(
    resolved: Resolved, folder: Path, fits: Mapping[str, Network], records: bool, progress: Progress
) -> StoredRun:
    """Run a scenario of the comparison, unless an earlier start finished it."""
    if folder.is_dir():
        stored = open_run(folder)
        if stored.versions == versions(resolved) and len(stored.measures) == resolved.run.replications:
            return stored
        raise StoreError(f"{folder} holds a run of other settings; choose another --out, or remove it")
    fitted = fits.get(resolved.fit_key)
    return run_scenario(resolved, folder, plots=False, records=records, fitted=fitted, progress=progress)
