"""Runs with item records, for commands that ask them: a folder that is there, or a scenario run for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from scenarios.runs.folder import StoredRun
from scenarios.runs.layout import ITEMS
from scenarios.runs.references import Reference, scenario_of, stored_run
from scenarios.runs.run import run_scenario
from scenarios.support.folders import StoreError
from scenarios.support.progress import Progress
from scenarios.support.reading import reading
from scenarios.support.tables import read_chunks
from sim.measures.compliance import Batches
from sim.measures.tally import Chunks

__all__ = ["batches", "closed_s", "item_chunks", "recorded"]

OPTIONS = {"measured_days": "days"}  # settings whose option has another name


def recorded(
    reference: Reference, *, root: Path = Path("runs"), progress: Progress | None = None, **run: int | None
) -> StoredRun:
    """Return the run of a folder, or run a scenario into a fresh folder, without plots.

    Parameters
    ----------
    reference
        Run folder, library name or scenario file.
    root
        Where the folder of a new run is made.
    progress
        Told of what goes on.
    run
        Settings of a new run, such as ``replications``; None leaves the scenario's.

    Raises
    ------
    StoreError
        If a folder is no run, holds no item records, or is given with settings.
    UnknownNameError, InputErrors
        As for `load_scenario`.
    """
    stored = stored_run(reference)
    if stored is not None:
        path = stored.path
        asked = [OPTIONS.get(name, name) for name, value in run.items() if value is not None]
        if asked:
            raise StoreError(
                f"{path} has been run; --{', --'.join(asked)} is for a scenario that is to be run: "
                f"give its name or {path / 'scenario.toml'}"
            )
        if not (path / ITEMS).is_file():
            raise StoreError(
                f"{path} keeps no item records ({ITEMS}); a run of {path / 'scenario.toml'} does, "
                "and so does `yizhan compare --records`"
            )
        return stored
    resolved = scenario_of(reference).with_run(**run)
    return run_scenario(resolved, root=root, plots=False, progress=progress)


def item_chunks(run: StoredRun) -> Chunks:
    """Return what yields the item records of a run in chunks of a million."""

    def chunks(columns: Sequence[str]) -> Iterator[dict[str, NDArray[Any]]]:
        parts = read_chunks(run.path / ITEMS, columns)
        while True:
            with reading(run.path / ITEMS):
                chunk = next(parts, None)
                if chunk is None:
                    return
                run.check(ITEMS, chunk, columns)
            yield chunk

    return chunks


def closed_s(run: StoredRun) -> list[int]:
    """Return the second at which each replication closed."""
    return [int(entry["seconds_run"]) for entry in run.replications]


def batches(run: StoredRun) -> Batches:
    """Return how the items of a run are put into batches."""
    return Batches.of(len(run.replications), run.scenario.plan.window_s)
