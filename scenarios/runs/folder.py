"""Run folders: the one that is being made, and the one that is whole."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.exchange.archive import loads
from network.model.network import Network
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.runs.columns import TABLES
from scenarios.runs.layout import FORMAT, ITEMS, NEEDED, replication_folder, replications_of
from scenarios.runs.shapes import REPLICATIONS, SUMMARY, VERSIONS
from scenarios.support.folders import PARTIAL, StoreError, WorkFolder, damaged, partial_of, read_json
from scenarios.support.reading import check_columns, check_within, checked_json, checked_rows, reading
from scenarios.support.tables import read_columns

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
        summary: dict[str, Any] = checked_json(self.path / "summary.json", SUMMARY)
        n, there = summary["replications"], len(self.replications)
        if n != there or any(len(summary[key]) != n for key in ("items_total", "trips", "ledgers")):
            raise damaged(self.path / "summary.json", ValueError(f"it is not of {there} replications"))
        return summary

    @cached_property
    def replications(self) -> list[dict[str, Any]]:
        """Content of ``replications.json``: one entry for each replication."""
        path = self.path / "replications.json"
        entries: list[dict[str, Any]] = checked_json(path, REPLICATIONS)
        if [entry["replication"] for entry in entries] != [*range(len(entries))]:
            raise damaged(path, ValueError("the replications are not numbered from 0"))
        return entries

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
        return checked_json(self.path / "versions.json", VERSIONS)

    @cached_property
    def network(self) -> Network:
        """The network that ran."""
        return self._network("network.json")

    @cached_property
    def fitted(self) -> Network:
        """The fitted network before the scenario's changes."""
        if (self.path / "fitted.json").is_file():
            return self._network("fitted.json")
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
        return self.rows("undelivered")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a CSV table of the run, such as "cost_places".

        Raises
        ------
        StoreError
            If the run has no such table, or a damaged one.
        """
        path = self._table(f"{name}.csv")
        return checked_rows(path, TABLES[path.name])

    def columns(self, name: str, wanted: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
        """Return the columns of a Parquet file of the run, such as "trips"; some of them, or all.

        Raises
        ------
        StoreError
            If the run has no such file, or a damaged one.
        """
        path = self._table(f"{name}.parquet")
        with reading(path):
            columns = read_columns(path, wanted)
            self.check(path.name, columns, wanted)
        return columns

    def check(
        self, table: str, columns: Mapping[str, NDArray[Any]], wanted: Iterable[str] | None = None
    ) -> None:
        """Raise `ValueError` unless columns of a table are as declared, and name rows that there are."""
        declared = TABLES[table]
        names = {column.name for column in declared} if wanted is None else {*wanted}
        check_columns(columns, (column for column in declared if column.name in names))
        for name, values in columns.items():
            least, most = self._rows.get((table, name), (None, 0))
            if least is not None:
                check_within(name, values, least, most)
        if table == "trips.parquet" and {"route", "stop"} <= {*columns}:
            calls = np.array([len(route.stops) for route in self.network.routes])
            check_within("stop", columns["stop"], 0, calls[columns["route"]] - 1)

    @cached_property
    def _rows(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Least and greatest number of columns that name rows of other tables."""
        network = self.network
        outside, classes, brands = (
            len(network.assumptions.table(name)) for name in ("outside", "classes", "brands")
        )
        ends = -outside, len(network.places.id) - 1
        last = len(self.replications) - 1
        return {
            **{(table, "replication"): (0, last) for table in TABLES},
            (ITEMS, "cls"): (0, classes - 1),
            (ITEMS, "brand"): (-1, brands - 1),
            (ITEMS, "origin"): ends,
            (ITEMS, "dest"): ends,
            (ITEMS, "held_at"): (-1, len(network.stops) - 1),
            ("trips.parquet", "route"): (0, len(network.routes) - 1),
        }

    def _table(self, name: str) -> Path:
        path = self.path / name
        if not path.is_file():
            raise StoreError(f"{self.path} has no {name}: it is not whole; run it again")
        return path

    def _network(self, name: str) -> Network:
        path = self.path / name
        with reading(path):
            return loads(path.read_text(encoding="utf-8"), str(path))


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
    made_as = read_json(path / "versions.json")
    made_as = made_as.get("format", 1) if isinstance(made_as, dict) else made_as
    if made_as != FORMAT:
        raise StoreError(f"{path} was made by an earlier version (format {str(made_as)[:20]}): run it again")
    return StoredRun(path)
