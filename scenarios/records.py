"""Records of a run as Parquet: the same columns always give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["RecordWriter", "join_tables", "read_chunks", "read_columns", "write_columns"]

_ROWS = 1 << 20  # of a row group
# Columns of few values are coded by dictionary; sorted or nearly sorted ones by difference.
_FEW = (
    "replication", "cls", "brand", "direction", "outcome", "held", "held_at", "hops", "left_behind",
    "cancelled", "attempts", "route", "stop", "term", "what",
)  # fmt: skip
_SORTED = ("key", "accepted_s", "ended_s", "final_s", "departs_s")


def write_columns(path: Path, columns: Mapping[str, NDArray[Any]], replication: int | None = None) -> None:
    """Write equal columns as one Parquet file.

    Parameters
    ----------
    path
        File to write.
    columns
        Arrays by name.
    replication
        Number to put before them as a column of its own.
    """
    table = _table(columns, replication)
    with _writer(path, table.schema) as writer:
        writer.write_table(table, row_group_size=_ROWS)


def _table(columns: Mapping[str, NDArray[Any]], replication: int | None) -> pa.Table:
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    if replication is None:
        return table
    number = pa.array(np.full(table.num_rows, replication, dtype=np.int16))
    return table.add_column(0, "replication", number)


class RecordWriter:
    """Writes item records as they come; the bytes are those of `write_columns` of all of them by key.

    A context manager.  Rows wait until a row group is full, so that memory holds one of them.  Rows whose
    keys lie before what was written wait until the end: the file is then written anew, with them in place.

    Parameters
    ----------
    path
        File to write.
    columns
        Columns without rows: their names and kinds.
    replication
        Number to put before the columns as one of its own.
    """

    def __init__(self, path: Path, columns: Mapping[str, NDArray[Any]], replication: int) -> None:
        self._path, self._columns, self._replication = path, columns, replication
        self._group = {name: np.empty(_ROWS, dtype=column.dtype) for name, column in columns.items()}
        self._filled = 0
        self._last = -1  # greatest key so far
        self._late: list[Mapping[str, NDArray[Any]]] = []
        self._writer = _writer(path, _table(columns, replication).schema)

    def __call__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Take the next rows, in order of ``key``."""
        size, done = len(columns["key"]), 0
        if size and columns["key"][0] < self._last:
            self._late.append(columns)
            return
        self._last = int(columns["key"][-1]) if size else self._last
        while done < size:
            n = min(size - done, _ROWS - self._filled)
            for name, column in columns.items():
                self._group[name][self._filled : self._filled + n] = column[done : done + n]
            self._filled += n
            done += n
            if self._filled == _ROWS:
                self._flush()

    def _flush(self) -> None:
        part = {name: column[: self._filled] for name, column in self._group.items()}
        self._writer.write_table(_table(part, self._replication), row_group_size=_ROWS)
        self._filled = 0

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._filled:
            self._flush()
        self._writer.close()
        if kind is None and self._late:
            self._put_in_place()

    def _put_in_place(self) -> None:
        """Write the file anew with the late rows."""
        late = {name: np.concatenate([part[name] for part in self._late]) for name in self._columns}
        order = np.argsort(late["key"])
        late = {name: column[order] for name, column in late.items()}
        early = self._path.rename(self._path.with_suffix(".early"))
        done = 0
        with RecordWriter(self._path, self._columns, self._replication) as writer:
            for chunk in read_chunks(early, list(self._columns)):
                upto = int(np.searchsorted(late["key"], chunk["key"][-1]))
                where = np.searchsorted(chunk["key"], late["key"][done:upto])
                writer(
                    {name: np.insert(column, where, late[name][done:upto]) for name, column in chunk.items()}
                )
                done = upto
            writer({name: column[done:] for name, column in late.items()})
        early.unlink()


def read_chunks(path: Path, columns: Sequence[str]) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield some columns of numbers of a Parquet file, one row group after the other."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=list(columns))
            yield {name: table.column(name).to_numpy() for name in columns}


def read_columns(path: Path, columns: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the columns of a Parquet file as arrays; text as ``str`` arrays."""
    table = pq.read_table(path, columns=None if columns is None else list(columns))
    found: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        column = table.column(name)
        values = column.to_numpy()
        found[name] = values.astype(str) if pa.types.is_string(column.type) else values
    return found


def join_tables(parts: Iterable[Path], path: Path) -> None:
    """Write the rows of several Parquet files of one form into one, row group by row group."""
    writer: pq.ParquetWriter | None = None
    try:
        for part in parts:
            file = pq.ParquetFile(part)
            if writer is None:
                writer = _writer(path, file.schema_arrow)
            for group in range(file.num_row_groups):
                writer.write_table(file.read_row_group(group), row_group_size=_ROWS)
    finally:
        if writer is not None:
            writer.close()


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    names = schema.names
    text = [name for name in names if pa.types.is_string(schema.field(name).type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=[name for name in names if name in _FEW] + text,
        column_encoding={name: "DELTA_BINARY_PACKED" for name in names if name in _SORTED},
    )
