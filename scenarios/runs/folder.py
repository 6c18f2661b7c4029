"""Run folders: the one that is being made, and the one that is whole."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from network.exchange.archive import loads
from network.model.network import Network
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.runs.columns import UNDELIVERED
from scenarios.runs.layout import FORMAT, NEEDED, replication_folder, replications_of
from scenarios.support.folders import (
    PARTIAL,
    StoreError,
    WorkFolder,
    damaged,
    partial_of,
    read_json,
)
from scenarios.support.tables import read_columns, read_rows

__all__ = [
    "PARTIAL",
    "RunFolder",
    "StoredRun",
    "open_run",
    "versions",
]

_LIBRARIES = ("numpy", "scipy", "networkx", "simpy", "pyarrow", "pydantic", "matplotlib")


def versions(resolved: Resolved) -> dict[str, Any]:
    """Return what a run's bytes depend on: versions, seed, digest of the scenario and of its fit.

    The number of replications is no part of the digest: each is a run of its own.
    """
    alone = resolved.with_run(replications=1).to_toml()
    return {
        "format": FORMAT,
        "yizhan": _version("yizhan"),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "seed": resolved.run.seed,
        "scenario": hashlib.sha256(alone.encode()).hexdigest()[:16],
        "fit": resolved.fit_key,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@dataclass
class RunFolder(WorkFolder):
    """A run folder that is being made: each replication is a folder of its own until the run is whole."""

    @classmethod
    def of(cls, resolved: Resolved, out: Path | None = None, root: Path = Path("runs")) -> RunFolder:
        """Return the work folder of a run: `out`, or a fresh dated one under `root`; nothing is made yet."""
        return cls.named(out, root, resolved.name, versions(resolved))

    def replication(self, number: int) -> Path:
        """Return the folder of one replication."""
        return replication_folder(self.partial, number)

    def finished(self) -> list[int]:
        """Return the numbers of the replications that are whole."""
        return replications_of(self.partial)

    def leave(self) -> list[int]:
        """Tidy up after an interruption: keep finished replications, or nothing at all without any."""
        self.sweep()
        kept = self.finished()
        if not kept:
            self.discard()
        return kept


@dataclass(frozen=True)
class StoredRun:
    """A complete run folder."""

    path: Path

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Content of ``summary.json``."""
        return self._json("summary.json")

    @cached_property
    def replications(self) -> list[dict[str, Any]]:
        """Content of ``replications.json``: one entry for each replication."""
        return self._json("replications.json")

    @property
    def measures(self) -> list[dict[str, Any]]:
        """Measures of each replication, as `sim.measures.service.summarise` gives them."""
        return [entry["measures"] for entry in self.replications]

    @cached_property
    def scenario(self) -> Resolved:
        """The resolved scenario."""
        return load_scenario(self.path / "scenario.toml")

    @cached_property
    def versions(self) -> dict[str, Any]:
        """Content of ``versions.json``."""
        return self._json("versions.json")

    @cached_property
    def network(self) -> Network:
        """The network that ran."""
        return loads(self._text("network.json"), str(self.path / "network.json"))

    @cached_property
    def fitted(self) -> Network:
        """The fitted network before the scenario's changes."""
        if (self.path / "fitted.json").is_file():
            return loads(self._text("fitted.json"), str(self.path / "fitted.json"))
        return self.network

    @cached_property
    def places(self) -> dict[str, NDArray[Any]]:
        """Columns of ``places.parquet``."""
        return self.columns("places")

    @cached_property
    def places_by_replication(self) -> list[dict[str, NDArray[Any]]]:
        """The columns of places of each replication."""
        if len(self.measures) == 1:
            return [self.places]
        columns = self.columns("places_by_replication")
        number = columns.pop("replication")
        return [
            {name: column[number == replication] for name, column in columns.items()}
            for replication in range(len(self.measures))
        ]

    @cached_property
    def undelivered(self) -> list[dict[str, Any]]:
        """Rows of ``undelivered.csv``."""
        return read_rows(self.path / "undelivered.csv", UNDELIVERED)

    def columns(self, name: str, wanted: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
        """Return the columns of a Parquet file of the run, such as "trips"; some of them, or all.

        Raises
        ------
        StoreError
            If the run has no such file, or a damaged one.
        """
        path = self.path / f"{name}.parquet"
        if not path.is_file():
            raise StoreError(f"{self.path} has no {path.name}: it is not whole; run it again")
        try:
            return read_columns(path, wanted)
        except pa.ArrowException as error:
            raise damaged(path, error) from None

    def _text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise damaged(self.path / name, error) from None

    def _json(self, name: str) -> Any:
        return read_json(self.path / name)


def open_run(path: str | Path) -> StoredRun:
    """Return a complete run.

    Raises
    ------
    StoreError
        If the folder is none, or broken off, or lacks a file.
    """
    if not str(path):
        raise StoreError("no run folder is named")
    path = Path(path)
    if path.name.endswith(PARTIAL) or (not path.exists() and partial_of(path).exists()):
        whole = path.name.removesuffix(PARTIAL)
        raise StoreError(
            f"{whole} was broken off; finish it with: yizhan run SCENARIO --out {path.with_name(whole)}"
        )
    if not path.is_dir():
        raise StoreError(f"{path} is no run folder")
    missing = [name for name in NEEDED if not (path / name).is_file()]
    if missing:
        raise StoreError(f"{path} is no run folder: {', '.join(missing)} missing")
    run = StoredRun(path)
    made_as = run.versions.get("format", 1)
    if made_as != FORMAT:
        raise StoreError(f"{path} was made by an earlier version (format {made_as}): run it again")
    return run
