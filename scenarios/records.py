"""Records of a run as Parquet: the same columns always give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["join_tables", "read_columns", "write_columns"]

_ROWS = 1 << 20  # of a row group
# Columns of few values are coded by dictionary; sorted or nearly sorted ones by difference.
_FEW = ("replication", "cls", "brand", "direction", "outcome", "hops", "left_behind", "route", "stop")
_SORTED = ("key", "accepted_s", "ended_s", "departs_s")


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
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    if replication is not None:
        number = pa.array(np.full(table.num_rows, replication, dtype=np.int16))
        table = table.add_column(0, "replication", number)
    with _writer(path, table.schema) as writer:
        writer.write_table(table, row_group_size=_ROWS)


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
