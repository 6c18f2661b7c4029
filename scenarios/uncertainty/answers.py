"""A function of worlds, what it answered (one Parquet file a task), and the numbers of all as arrays.

A world function takes the values of a world and what is asked of it, and
returns an `Answer`; anything may be studied that way.  Files are written beside
their place and renamed when whole: what is there is finished, and a study that
was broken off goes on with the rest.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scenarios.support.executors import Executor, Report, Task
from scenarios.support.faults import reached
from scenarios.support.progress import Progress
from scenarios.support.tables import write_arrow
from scenarios.uncertainty.worlds import Design, Refused

__all__ = [
    "ATTEMPTS",
    "PARTS",
    "SCHEMA",
    "Answer",
    "Ask",
    "Failure",
    "Outcomes",
    "Part",
    "Row",
    "answer_all",
    "parts_of",
    "read_outcomes",
    "read_part",
]

ATTEMPTS = 100  # draws of a world before it is given up
PARTS = "parts"
_METADATA = b"yizhan"
_ORDER = ("world", "scenario", "form", "replication", "key")
SCHEMA = pa.schema(
    [
        ("world", pa.string()),
        ("scenario", pa.string()),
        ("form", pa.string()),
        ("replication", pa.int16()),
        ("key", pa.string()),
        ("value", pa.float64()),
    ]
)


class Row(NamedTuple):
    """One number: what a scenario's measure is in a world."""

    scenario: str
    form: str  # scheduled | simulated
    replication: int
    key: str
    value: float


class Missing(NamedTuple):
    """A scenario that has no answer in a world, with the reason."""

    scenario: str
    form: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """What a world function says of a world."""

    rows: Sequence[Row]
    missing: Sequence[tuple[str, str, str]] = ()  # scenario, form, reason


WorldFunction = Callable[[Mapping[str, float], Any], Answer]


@dataclass(frozen=True)
class Ask:
    """A question to a world function.

    Parameters
    ----------
    name
        Of the part: the stable id of the task.
    world
        Name of the world.
    values
        Its values; None for draw `number` of the design, drawn anew when refused.
    detail
        Passed on to the function.
    """

    name: str
    world: str
    number: int = 0
    values: Mapping[str, float] | None = None
    detail: Any = None


@dataclass(frozen=True)
class Part:
    """What one task left behind."""

    name: str
    world: str
    values: Mapping[str, float] | None  # None: no draw was a world
    refused: tuple[tuple[str, str], ...]  # stage and reason of each draw that was refused
    missing: tuple[Missing, ...]
    path: Path

    def rows(self) -> list[Row]:
        """Return the numbers."""
        columns = pq.read_table(self.path).to_pydict()
        return [Row(*row) for row in zip(*(columns[name] for name in Row._fields), strict=True)]


class Failure(NamedTuple):
    """A task that failed."""

    task: str
    error: str
    trace: str


@dataclass(frozen=True)
class _Answering:
    """Answers one `Ask` in a worker, and writes the part."""

    function: WorldFunction
    design: Design
    folder: Path
    attempts: int = field(default=ATTEMPTS)

    def __call__(self, ask: Ask, report: Report) -> None:
        refused: list[tuple[str, str]] = []
        values: Mapping[str, float] | None = None
        answer = Answer(())
        for attempt in range(self.attempts if ask.values is None else 1):
            tried = self.design.world(ask.number, attempt) if ask.values is None else ask.values
            try:
                answer = self.function(tried, ask.detail)
            except Refused as no:
                refused.append((no.stage, no.reason))
                continue
            values = tried
            break
        metadata = {
            "world": ask.world,
            "values": None if values is None else dict(values),
            "refused": refused,
            "missing": [list(row) for row in answer.missing],
        }
        _write(self.folder / f"{ask.name}.parquet", ask.world, answer.rows, metadata)


def answer_all(
    function: WorldFunction,
    design: Design,
    asks: Iterable[Ask],
    folder: Path,
    place: Executor,
    progress: Progress | None = None,
    title: str = "worlds",
) -> list[Failure]:
    """Ask a world function many things, and return which of them failed.

    Parameters
    ----------
    function
        Called with the values of a world and the detail of the ask; picklable.  `Refused` means that the
        draw is no world, any other error that the task has failed.
    design
        Draws the worlds that have no values of their own.
    asks
        Those whose part is there already are passed over.
    folder
        Of the parts; every worker must see it.
    place
        Where to run.
    """
    progress = progress or Progress()
    folder.mkdir(parents=True, exist_ok=True)
    asks = list(asks)
    there = {path.stem for path in folder.glob("*.parquet")}
    missing = [ask for ask in asks if ask.name not in there]
    failures = []
    progress.tasks(title, len(asks), len(asks) - len(missing))
    if missing:
        answering = _Answering(function, design, folder.resolve())  # a worker may be elsewhere
        for outcome in place.map(answering, [Task(ask.name, ask) for ask in missing]):
            if outcome.error is not None:
                failures.append(Failure(outcome.id, outcome.message, outcome.trace))
            progress.task(outcome.id, outcome.message)
    return sorted(failures)


def read_part(path: Path) -> Part:
    """Return what a task left behind; its rows are read when asked for."""
    metadata = json.loads(pq.read_schema(path).metadata[_METADATA])
    return Part(
        path.stem,
        metadata["world"],
        metadata["values"],
        tuple((stage, reason) for stage, reason in metadata["refused"]),
        tuple(Missing(*row) for row in metadata["missing"]),
        path,
    )


def _write(path: Path, world: str, rows: Sequence[Row], metadata: Mapping[str, Any]) -> None:
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    arrays: dict[str, Any] = {name: columns.get(name, ()) for name in Row._fields}
    arrays["replication"] = np.asarray(arrays["replication"], dtype=np.int16)
    text = json.dumps(metadata, ensure_ascii=False, sort_keys=True, allow_nan=False)
    schema = SCHEMA.with_metadata({_METADATA: text.encode()})
    table = pa.table({"world": [world] * len(rows), **arrays}, schema=schema)
    writer = f"{platform.node()}-{os.getpid()}"  # two starts may answer the same ask at a time
    draft = path.with_name(f"{path.name}.{writer}.tmp")
    write_arrow(draft, table)
    reached(f"before {path.name}")
    draft.replace(path)
    reached(f"after {path.name}")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Numbers by world, scenario, form, replication and key.

    Parameters
    ----------
    table
        Columns of those names and ``value``.
    worlds
        Names of the worlds, in the order of the arrays.
    """

    table: pa.Table
    worlds: tuple[str, ...]

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], dict[tuple[str, int], float]]:
        """Values by (form, scenario, key), then by (world, replication)."""
        columns = self.table.to_pydict()
        cells: dict[tuple[str, str, str], dict[tuple[str, int], float]] = {}
        for world, scenario, form, replication, key, value in zip(
            *(columns[name] for name in (*_ORDER, "value")), strict=True
        ):
            cells.setdefault((form, scenario, key), {})[world, replication] = value
        return cells

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys there are, sorted."""
        return tuple(sorted({key for _, _, key in self.cells}))

    def over_worlds(
        self, form: str, scenario: str, key: str, worlds: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Return the first replication's value in each world; nan where there is none."""
        cells = self.cells.get((form, scenario, key), {})
        chosen = self.worlds if worlds is None else worlds
        return np.array([cells.get((world, 0), np.nan) for world in chosen], dtype=np.float64)

    def replications(self, form: str, scenario: str, key: str, world: str) -> NDArray[np.float64]:
        """Return the values of all replications of one world, in order."""
        cells = self.cells.get((form, scenario, key), {})
        return np.array(
            [value for (name, _), value in sorted(cells.items()) if name == world], dtype=np.float64
        )


def parts_of(folder: Path, prefix: str = "") -> list[Part]:
    """Return what the tasks of a study left behind, by name."""
    return [read_part(path) for path in sorted(folder.glob(f"{prefix}*.parquet"))]


def read_outcomes(
    parts: Iterable[Part], worlds: Sequence[str] = (), keys: Iterable[str] | None = None
) -> Outcomes:
    """Read the numbers of some keys across parts.

    With DuckDB (extra ``study``) only the wanted rows are read; without it, one part after the other.

    Parameters
    ----------
    parts
        What tasks left, see `parts_of`.
    worlds
        Names of the worlds wanted, in the order of the arrays.
    keys
        Wanted; all by default.
    """
    paths = sorted(part.path for part in parts)
    wanted = None if keys is None else sorted(set(keys))
    if not paths:
        return Outcomes(SCHEMA.empty_table(), tuple(worlds))
    table = _by_duckdb(paths, wanted)
    if table is None:
        table = _by_arrow(paths, wanted)
    return Outcomes(table, tuple(worlds))


def _by_duckdb(paths: Sequence[Path], keys: Sequence[str] | None) -> pa.Table | None:
    try:
        import duckdb
    except ImportError:
        return None
    where = "" if keys is None else "WHERE key IN (SELECT unnest($keys))"
    order = ", ".join(_ORDER)
    given: dict[str, Any] = {"paths": [str(path) for path in paths]}
    if keys is not None:
        given["keys"] = list(keys)
    with duckdb.connect() as link:
        query = f"SELECT {order}, value FROM read_parquet($paths) {where} ORDER BY {order}"
        return link.sql(query, params=given).to_arrow_table()


def _by_arrow(paths: Sequence[Path], keys: Sequence[str] | None) -> pa.Table:
    filters = None if keys is None else [("key", "in", list(keys))]
    tables = [pq.read_table(path, filters=filters).replace_schema_metadata() for path in paths]
    table = pa.concat_tables(tables)
    return table.sort_by([(name, "ascending") for name in _ORDER])
