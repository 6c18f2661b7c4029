"""What a scenario, run or network may be given as: a name, a file, a folder, or the thing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from network.errors import InputErrors, Problem
from network.model.network import Network
from scenarios.definition.resolve import Resolved, build, load_scenario
from scenarios.runs.folder import StoredRun, open_run
from scenarios.support.folders import PARTIAL
from scenarios.support.progress import Progress

__all__ = ["Reference", "network_of", "scenario_of", "stored_run"]

#: A library name, a scenario file, a run folder; or a scenario or run that has been read already.
Reference: TypeAlias = str | Path | Resolved | StoredRun


def stored_run(reference: Reference) -> StoredRun | None:
    """Return the run of a folder; None for a scenario.

    Raises
    ------
    StoreError
        If the folder is no run, or one that was broken off.
    """
    if isinstance(reference, StoredRun):
        return reference
    if isinstance(reference, Resolved):
        return None
    path = Path(reference)
    broken_off = bool(path.name) and path.with_name(path.name + PARTIAL).is_dir()
    return open_run(path) if str(reference) and (path.is_dir() or broken_off) else None


def scenario_of(reference: Reference) -> Resolved:
    """Return the scenario of a name or file, or the one that a run folder was run from.

    Raises
    ------
    UnknownNameError, InputErrors
        As for `load_scenario`.
    """
    run = stored_run(reference)
    if run is not None:
        return run.scenario
    assert not isinstance(reference, StoredRun)
    return load_scenario(reference)


def network_of(reference: Reference, progress: Progress | None = None) -> Network:
    """Return the network of a scenario, of a run, or of an archive (.json).

    Raises
    ------
    UnknownNameError, InputErrors
        As for `load_scenario`, or if an archive is wrong.
    YizhanError
        If no network meets the figures.
    """
    progress = progress or Progress()
    run = stored_run(reference)
    if run is not None:
        return run.network
    if isinstance(reference, str | Path) and Path(reference).suffix == ".json":
        from network.exchange.archive import loads

        return loads(_utf8(Path(reference)), str(reference))
    resolved = scenario_of(reference)
    return build(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))


def _utf8(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputErrors([Problem(str(path), "", "", str(error), "JSON in UTF-8")]) from None
