"""What a run folder and the folder of a replication hold, and how the one is made of the others."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.support.faults import reached
from scenarios.support.folders import link_file, read_json, write_file
from scenarios.support.tables import Columns, join_tables, read_columns, write_columns

__all__ = [
    "BY_REPLICATION",
    "FILES",
    "FORMAT",
    "ITEMS",
    "MEANS",
    "NEEDED",
    "columns_of_each",
    "join_replications",
    "mean_columns",
    "read_entries",
    "replication_folder",
    "replications_of",
    "stack_columns",
    "write_replication",
]

#: Of run folders: counts up when a file, column or key gets another name or meaning.
FORMAT = 2
ITEMS = "items.parquet"
#: Tables of a replication that the run holds one under another.
BY_REPLICATION = ("trips", "custody", "queues", "ledger", "in_transit", "days")
#: Tables of a replication of which the run holds means.
MEANS = ("places", "cost_elements", "cost_places")
#: What a replication measured, beside its tables.
_ENTRY = "result.json"
_NAME = "replication-"

#: What a run folder holds.
FILES: Mapping[str, str] = {
    "summary.json": "measures of the run with intervals, needs, ledger, queues; its keys are explained in it",
    "items.parquet": "one row for each item of the measured cohort, by replication and item key",
    "trips.parquet": "one row for each departure of a trip from a stop, by replication",
    "custody.parquet": "who had each item of confidential mail from when, by replication",
    "places.parquet": "times and shares by place, means over replications",
    "places_by_replication.parquet": "the same by replication, from two replications on",
    "queues.parquet": "items waiting at each midnight at each stop, by replication",
    "ledger.parquet": "where all items are at each midnight, by replication",
    "undelivered.csv": "measured items that were not delivered, by reason and stop, means over replications",
    "in_transit.parquet": "what all items in transit at cut-off wait for, queue by queue, by replication",
    "days.parquet": "items accepted, ended and in transit on each day, warm-up included, by replication",
    "legs.csv": "load of each leg of each mail route",
    "cost.json": "cost, CO2e and revenue of the measured days; its keys are explained in it",
    "cost_elements.csv": "the same by route, round, centre and township's outlets, means over replications",
    "cost_places.csv": "the same by place, means over replications",
    "bottlenecks.csv": "ten worst legs, centres, rounds by item-hours after missed dispatches or at a lane",
    "reconciliation.csv": "every published figure beside the built one",
    "replications.json": "measures, ledger and bottlenecks of each replication",
    "scenario.toml": "the resolved scenario: it can be run as it is",
    "report.toml": "the report, when it is not one of the package",
    "network.json": "the network that ran, lossless",
    "fitted.json": "the fitted network before the scenario's changes, when it has some",
    "versions.json": "versions, seed, digest of scenario and fit",
    "log.json": "wall time, host, date: outside the promise of same bytes",
    "plots": "the charts as PNG and SVG",
    "service": "what `yizhan service` wrote: compliance with service standards",
    "coverage": "what `yizhan coverage` wrote: reached by the timetable alone beside the run",
    "validation": "what `yizhan validate` wrote: observed facts beside the run's answers",
}
#: Files without which a folder is no run.
NEEDED = ("summary.json", "replications.json", "scenario.toml", "versions.json", "network.json")


def replication_folder(folder: Path, number: int) -> Path:
    """Return the folder of one replication, in that of a run that is being written."""
    return folder / f"{_NAME}{number:03d}"


def replications_of(folder: Path) -> list[int]:
    """Return the numbers of the replications that are whole."""
    return sorted(int(path.name.removeprefix(_NAME)) for path in folder.glob(f"{_NAME}???"))


def write_replication(
    folder: Path,
    number: int,
    entry: Mapping[str, Any],
    tables: Mapping[str, Columns],
    means: Mapping[str, Columns],
) -> None:
    """Write what a replication leaves, beside its item records, into its draft and give that its name.

    Parameters
    ----------
    folder
        Of the run.
    number
        Of the replication.
    entry
        Its entry in ``replications.json``.
    tables
        Those of `BY_REPLICATION`.
    means
        Those of `MEANS`.
    """
    final = replication_folder(folder, number)
    draft = final.with_suffix(".tmp")
    for name in BY_REPLICATION:
        write_columns(draft / f"{name}.parquet", tables[name], number)
    for name in MEANS:
        write_columns(draft / f"{name}.parquet", means[name])
    write_file(draft / _ENTRY, entry)
    reached(f"before {folder.name}/{final.name}")
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    reached(f"after {folder.name}/{final.name}")


def read_entries(folder: Path, replications: int) -> list[dict[str, Any]]:
    """Return what the first replications measured."""
    return [read_json(replication_folder(folder, n) / _ENTRY) for n in range(replications)]


def join_replications(parts: Sequence[Path], folder: Path, names: Iterable[str]) -> None:
    """Make one table of the run of those in the folders of its replications, for each name."""
    for name in names:
        target = folder / f"{name}.parquet"
        if len(parts) == 1:
            link_file(parts[0] / target.name, target)
        else:
            join_tables((part / target.name for part in parts), target)
        reached(f"after {target.name}")


def columns_of_each(parts: Sequence[Path], name: str) -> list[dict[str, NDArray[Any]]]:
    """Return the columns of a table of `MEANS`, of the folder of each replication."""
    return [read_columns(part / f"{name}.parquet") for part in parts]


def mean_columns(tables: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the mean over replications of what differs between them; a place never reached stays so."""
    if len(tables) == 1:
        return tables[0]
    columns = {}
    for name, first in tables[0].items():
        same = first.dtype.kind not in "fiu" or all(
            np.array_equal(first, t[name], equal_nan=True) for t in tables[1:]
        )
        columns[name] = first if same else np.mean([table[name] for table in tables], axis=0)
    return columns


def stack_columns(tables: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return tables of one form as one, with the number of the replication before its rows."""
    number = np.repeat(np.arange(len(tables), dtype=np.int16), [len(table["id"]) for table in tables])
    together = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    return {"replication": number, **together}
