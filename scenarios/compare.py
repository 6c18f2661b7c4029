"""Compare scenarios: the same items and dates for all, so that differences are paired.

Every scenario runs with the base's dates, seed and replications.  A network
is fitted once for each `Resolved.fit_key`, or read from a stored run, and
never again (rule 3).
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from network.graph import MailNetwork
from network.needs import Lines, Needs, needs
from network.resize import at_target
from scenarios.headlines import GAINS, workings
from scenarios.progress import Progress
from scenarios.resolve import Resolved, load_scenario
from scenarios.run import Interrupted, run_scenario
from scenarios.schema import DATES
from scenarios.store import StoredRun, StoreError, fresh_name, open_run, to_json, versions
from scenarios.summary import flatten
from sim.statistics import paired

__all__ = [
    "Comparison",
    "Difference",
    "Takes",
    "compare",
    "compare_runs",
    "differences",
]

LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """One measure in two scenarios: means, and the interval of the paired difference other − base."""

    key: str
    base: float
    other: float
    difference: float
    half_width: float | None  # None with a single replication

    @property
    def clear(self) -> bool:
        """Whether the interval lies wholly on one side of 0."""
        return self.half_width is not None and abs(self.difference) > self.half_width

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {
            "base": self.base,
            "other": self.other,
            "difference": self.difference,
            "half_width": self.half_width,
            "clear": self.clear,
        }


@dataclass(frozen=True)
class Takes:
    """What an expansion takes beyond the base, and what a unit of each gains.

    `gain` holds, for each coverage of `GAINS`, points of share gained for each
    further vehicle, driver and 1,000 vehicle-km a week; None where the
    expansion takes none more.
    """

    base: Needs
    other: Needs
    at_target: Needs  # of the expansion, with vehicles for a mean load at the target
    gain: Mapping[str, Mapping[str, float | None]]

    @property
    def more(self) -> dict[str, float]:
        """Vehicles, drivers and km a week beyond the base, the express firms' own lines included."""

        def whole(needed: Needs, name: str) -> float:
            total: float = getattr(needed, name) + getattr(needed.firms, name)
            return total

        return {f.name: whole(self.other, f.name) - whole(self.base, f.name) for f in fields(Lines)}

    def as_dict(self) -> dict[str, Any]:
        """Return all numbers for JSON."""
        return {
            "more": self.more,
            "needed": {
                "vehicles": self.other.vehicles,
                "drivers": self.other.drivers,
                "vehicle_km_per_week": self.other.vehicle_km_per_week,
                "firms": asdict(self.other.firms),
            },
            "fleet": self.other.fleet,
            "over_fleet": self.other.over,
            "needed_at_target_load": {
                "vehicles": self.at_target.vehicles,
                "drivers": self.at_target.drivers,
                "vehicle_km_per_week": self.at_target.vehicle_km_per_week,
                "firms": asdict(self.at_target.firms),
                "over_fleet": self.at_target.over,
            },
            "gain_per_unit": {key: dict(gain) for key, gain in self.gain.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """A base and other scenarios, run under the same streams."""

    base: StoredRun
    others: tuple[StoredRun, ...]
    differences: tuple[Mapping[str, Difference], ...]  # of each other scenario, by key
    takes: tuple[Takes, ...]

    @property
    def runs(self) -> tuple[StoredRun, ...]:
        """The base and the others."""
        return (self.base, *self.others)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``comparison.json``."""
        plan = self.base.scenario.plan
        return {
            "base": self.base.summary["scenario"],
            "seed": plan.seed,
            "replications": len(self.base.measures),
            "start": plan.start.isoformat(),
            "measured_days": plan.measured_days,
            "level": LEVEL,
            "assumed": self.base.summary["assumed"],
            "others": [
                {
                    "scenario": other.summary["scenario"],
                    "title": other.summary["title"],
                    "assumed": other.summary["assumed"],
                    "changed": other.summary["changed"],
                    "queues_growing": other.summary["queues"]["growing"],
                    "takes": takes.as_dict(),
                    "differences": {key: diff.as_dict() for key, diff in found.items()},
                }
                for other, found, takes in zip(self.others, self.differences, self.takes, strict=True)
            ],
        }


def differences(base: Sequence[Any], other: Sequence[Any]) -> dict[str, Difference]:
    """Return the paired differences of all measures that both have in every replication.

    Parameters
    ----------
    base, other
        Measures of each replication, in the same order.
    """
    a = [dict(flatten(tree)) for tree in base]
    b = [dict(flatten(tree)) for tree in other]
    found = {}
    for key in a[0]:
        before = [tree.get(key) for tree in a]
        after = [tree.get(key) for tree in b]
        x, y = [v for v in before if v is not None], [v for v in after if v is not None]
        if len(x) == len(y) == len(a):
            difference, half = paired(x, y, LEVEL)
            means = sum(x) / len(x), sum(y) / len(y)
            found[key] = Difference(key, *means, difference, half if math.isfinite(half) else None)
    return found


def what_it_takes(base: MailNetwork, other: MailNetwork, found: Mapping[str, Difference]) -> Takes:
    """Return what an expansion takes, and the coverage it gains for each unit of that."""
    before, after, sized = needs(base), needs(other), needs(at_target(other))
    bare = Takes(before, after, sized, {})
    units = {
        "vehicle": bare.more["vehicles"],
        "driver": bare.more["drivers"],
        "1000_vehicle_km_per_week": bare.more["vehicle_km_per_week"] / 1000,
    }
    gain = {
        key: {unit: found[key].difference / amount if amount > 0 else None for unit, amount in units.items()}
        for key in GAINS
        if key in found
    }
    return Takes(before, after, sized, gain)


def compare(
    base: str,
    others: Sequence[str],
    out: Path | None = None,
    *,
    root: Path = Path("runs"),
    plots: bool = True,
    records: bool = False,
    progress: Progress | None = None,
    **run: Any,
) -> tuple[Comparison, Path]:
    """Run a base and other scenarios, compare them, and keep everything in one folder.

    Parameters
    ----------
    base, others
        Library names or scenario files; or run folders, whose results and
        fitted network are used as they are.
    out
        Folder of the comparison; a fresh dated one under `root` by default.
        One that was broken off is gone on with.
    plots
        Whether to draw the charts of the differences.
    records
        Whether to keep the item records of the runs, some 100 MB for each replication.
    **run
        Settings of `Run` for all of them, such as ``replications``; a stored
        base gives its own.

    Raises
    ------
    StoreError
        If the folder holds a finished comparison, or a stored run does not fit the others.
    Interrupted
        If it was broken off; finished runs and replications are kept.
    """
    progress = progress or Progress()
    stored_base = _stored(base)
    first = stored_base.scenario if stored_base else load_scenario(base).with_run(**run)
    plan = _plan(first, run)
    entries = [(name, _stored(name)) for name in others]
    wanted = [stored.scenario if stored else load_scenario(name).with_run(**plan) for name, stored in entries]
    _check_names([first, *wanted])
    final = out or fresh_name(root, f"compare-{first.name}")
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise StoreError(f"{final} is there already and not empty; choose another --out, or move it away")
    partial = final.with_name(final.name + ".partial")
    fits: dict[str, MailNetwork] = {}
    runs: list[StoredRun] = []
    try:
        for resolved, stored in zip([first, *wanted], [stored_base, *(s for _, s in entries)], strict=True):
            if stored is None:
                stored = _run(resolved, partial / resolved.name, fits, records, progress)
            else:
                _check_same_plan(stored, first)
            fits.setdefault(resolved.fit_key, stored.fitted)
            runs.append(stored)
    except Interrupted as stop:
        kept = sum(len(run.measures) for run in runs if run.path.parent == partial) + stop.kept
        if not kept:
            shutil.rmtree(partial, ignore_errors=True)
        raise Interrupted(final, kept, first.run.replications * (1 + len(wanted))) from None
    partial.mkdir(parents=True, exist_ok=True)
    comparison = compare_runs(runs[0], runs[1:])
    (partial / "comparison.json").write_text(to_json(comparison.as_dict()), encoding="utf-8")
    if plots:
        progress.step("drawing the differences")
        draw(comparison, partial / "plots")
    if final.exists():
        final.rmdir()
    partial.rename(final)
    moved = [open_run(final / run.path.name) if run.path.parent == partial else run for run in runs]
    return compare_runs(moved[0], moved[1:]), final


def compare_runs(base: StoredRun, others: Sequence[StoredRun]) -> Comparison:
    """Compare runs that are there already; they must have the same replications."""
    before = _trees(base)
    found = [differences(before, _trees(other)) for other in others]
    takes = [
        what_it_takes(base.network, other.network, diff) for other, diff in zip(others, found, strict=True)
    ]
    return Comparison(base, tuple(others), tuple(found), tuple(takes))


def _trees(run: StoredRun) -> list[dict[str, Any]]:
    """Return the measures and workings of each replication."""
    return [{**told, "workings": how} for told, how in zip(run.measures, workings(run), strict=True)]


def draw(comparison: Comparison, folder: Path) -> list[Path]:
    """Draw the charts of the differences into a folder, and return the files."""
    from scenarios.charts import draw_comparison

    folder.mkdir(parents=True, exist_ok=True)

    def of(run: StoredRun) -> tuple[str, list[dict[str, Any]], Mapping[str, Any]]:
        return run.summary["scenario"], run.measures, run.places

    return draw_comparison(
        comparison.base.network, of(comparison.base), [of(run) for run in comparison.others], folder
    )


def _stored(reference: str) -> StoredRun | None:
    """Return the run of a folder; None for a scenario's name or file."""
    return open_run(reference) if reference and Path(reference).is_dir() else None


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
    told = [
        f"{key} {theirs.get(key)} instead of {ours.get(key)}"
        for key in {**ours, **theirs}
        if ours.get(key) != theirs.get(key)
    ]
    if stored.versions["yizhan"] != versions(first)["yizhan"]:
        told.append(f"made by Yizhan {stored.versions['yizhan']}")
    if told:
        raise StoreError(f"{stored.path} cannot be compared with {first.name}: {', '.join(told)}")


def _run(
    resolved: Resolved, folder: Path, fits: Mapping[str, MailNetwork], records: bool, progress: Progress
) -> StoredRun:
    """Run a scenario of the comparison, unless an earlier start finished it."""
    if folder.is_dir():
        found = open_run(folder)
        if found.versions == versions(resolved) and len(found.measures) == resolved.run.replications:
            return found
        raise StoreError(f"{folder} holds a run of other settings; choose another --out, or remove it")
    fitted = fits.get(resolved.fit_key)
    return run_scenario(resolved, folder, plots=False, records=records, fitted=fitted, progress=progress)
