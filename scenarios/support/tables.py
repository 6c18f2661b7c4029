"""Tables on disk as CSV (pandas) or Parquet (PyArrow): the same table always gives the same bytes.

A table is rows (mappings by column), columns (arrays by name) or a frame.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from network.numeric.columns import Column

__all__ = [
    "ROWS",
    "Columns",
    "Table",
    "arrow_table",
    "copy_table",
    "csv_text",
    "join_tables",
    "parquet_writer",
    "read_chunks",
    "read_columns",
    "read_rows",
    "write_arrow",
    "write_columns",
]

Columns = Mapping[str, NDArray[Any]]
Table = Iterable[Mapping[str, Any]] | Mapping[str, Any] | pd.DataFrame

#: Rows of a row group of a Parquet file.
ROWS = 1 << 20
# Columns of few values are coded by dictionary; sorted or nearly sorted ones by difference.
_FEW = {
    "replication", "cls", "brand", "direction", "outcome", "held", "held_at", "hops", "missed_dispatches",
    "cancelled", "attempts", "route", "stop", "term", "what",
}  # fmt: skip
#: Text that a spreadsheet would run as a formula, unless an apostrophe stands before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_SORTED = {"key", "accepted_s", "ended_s", "final_s", "departs_s"}


def csv_text(
    table: Table, columns: Iterable[str | Column] = (), significant_digits: int | None = None
) -> str:
    """Return a table as CSV: numbers in full, nothing for what is not known.

    Text that begins with ``=``, ``+``, ``-`` or ``@`` and is no number gets an apostrophe before it, so that
    no spreadsheet runs it; `read_rows` takes it away again.

    Parameters
    ----------
    table
        Rows, columns or a frame.
    columns
        Which to write, in order; all that the table has by default.  A column that a row lacks stays empty.
    significant_digits
        Of numbers with a fraction; by default as many as it takes to read the same number back.

    Examples
    --------
    >>> print(csv_text([{"place": "a", "hours": 1.5}, {"place": "b", "hours": None}]), end="")
    place,hours
    a,1.5
    b,
    """
    names = [column.name if isinstance(column, Column) else column for column in columns] or None
    if not isinstance(table, pd.DataFrame | Mapping):
        table = list(table)
        if not table and names is None:
            return ""
    # As objects whole numbers stay whole beside cells that are empty.
    frame = pd.DataFrame(table, columns=names, dtype=object)
    if significant_digits is not None:
        frame = frame.map(lambda cell: _rounded(cell, significant_digits))
    for name, column in frame.items():
        frame[name] = pd.Series([_shielded(cell) for cell in column], index=column.index, dtype=object)
    return frame.to_csv(index=False, lineterminator="\n")


def _is_formula(cell: Any) -> bool:
    if not (isinstance(cell, str) and _FORMULA.match(cell)):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


def _shielded(cell: Any) -> Any:
    return f"'{cell}" if _is_formula(cell) else cell


def _rounded(cell: Any, digits: int) -> Any:
    if not isinstance(cell, float):
        return cell
    return f"{cell:.{digits}g}" if math.isfinite(cell) else None


def read_rows(file: Path | str, columns: Iterable[Column] = ()) -> list[dict[str, Any]]:
    """Return the rows of a CSV table.

    Parameters
    ----------
    file
        Path, or the text itself.
    columns
        Those that hold numbers are read as such, None where a cell is empty; all others as text.

    Raises
    ------
    ValueError
        If a cell is no number where there should be one, or the file no table.

    Examples
    --------
    >>> read_rows("place,hours\\na,1.5\\nb,\\n", [Column("hours", "float64", "h", "mean")])
    [{'place': 'a', 'hours': 1.5}, {'place': 'b', 'hours': None}]
    """
    source = io.StringIO(file) if isinstance(file, str) else file
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            frame = pd.read_csv(source, dtype=str, keep_default_na=False, index_col=False)
        except pd.errors.ParserWarning:
            raise ValueError("a row is longer than the header") from None
    if frame.isna().any(axis=None):
        raise ValueError("a row is shorter than the header")
    numbers = {column.name: column.dtype for column in columns if not column.is_text}
    for name, dtype in numbers.items():
        if name in frame:
            kind = float if dtype.startswith("float") else int
            values = [kind(cell) if cell else None for cell in frame[name]]
            if not all(value is None or math.isfinite(value) for value in values):
                raise ValueError(f"{name} has a number that is not finite")
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
    for name in frame.columns.difference([*numbers]):
        frame[name] = [cell[1:] if cell[:1] == "'" and _is_formula(cell) else cell for cell in frame[name]]
    return frame.to_dict("records")  # type: ignore[return-value]  # names of columns are text


def write_columns(path: Path, columns: Mapping[str, Any], replication: int | None = None) -> None:
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
    write_arrow(path, arrow_table(columns, replication))


def write_arrow(path: Path, table: pa.Table) -> None:
    """Write a table of PyArrow as one Parquet file."""
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table, row_group_size=ROWS)


def arrow_table(columns: Mapping[str, Any], replication: int | None = None) -> pa.Table:
    """Return columns as a table of PyArrow; the number of a replication may stand before them."""
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    if replication is None:
        return table
    number = pa.array(np.full(table.num_rows, replication, dtype=np.int16))
    return table.add_column(0, "replication", number)


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Return a writer of row groups, each of at most `ROWS` rows."""
    names = schema.names
    text = [name for name in names if pa.types.is_string(schema.field(name).type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=[name for name in names if name in _FEW] + text,
        column_encoding={
            name: "DELTA_BINARY_PACKED" for name in names if name in _SORTED and name not in text
        },
    )


def read_columns(path: Path, columns: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the columns of a Parquet file as arrays; text as ``str`` arrays."""
    table = pq.read_table(path, columns=None if columns is None else list(columns))
    arrays: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        column = table.column(name)
        if column.null_count and not pa.types.is_floating(column.type):
            raise ValueError(f"{name} has an empty cell")
        values = column.to_numpy()
        arrays[name] = values.astype(str) if pa.types.is_string(column.type) else values
    return arrays


def read_chunks(path: Path, columns: Sequence[str]) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield some columns of numbers of a Parquet file, one row group after the other."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=list(columns))
            yield {name: table.column(name).to_numpy() for name in columns}


def join_tables(parts: Iterable[Path], path: Path) -> None:
    """Write the rows of several Parquet files of one form into one, row group by row group."""
    writer: pq.ParquetWriter | None = None
    try:
        for part in parts:
            with pq.ParquetFile(part) as file:
                if writer is None:
                    writer = parquet_writer(path, file.schema_arrow.remove_metadata())
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group).replace_schema_metadata()
                    writer.write_table(table, row_group_size=ROWS)
    finally:
        if writer is not None:
            writer.close()


def copy_table(source: Path, target: Path) -> int:
    """Write a Parquet table as CSV or Parquet by the ending of `target`, and return its number of rows.

    Memory holds one row group, whatever the size of the table.
    """
    with pq.ParquetFile(source) as file:
        schema = file.schema_arrow
        as_csv = target.suffix.lower() == ".csv"
        with pc.CSVWriter(target, schema) if as_csv else parquet_writer(target, schema) as writer:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                writer.write_table(_shielded_table(table) if as_csv else table)
        return int(file.metadata.num_rows)


def _shielded_table(table: pa.Table) -> pa.Table:
    """Shield the text of a table as `csv_text` does; each text that occurs is looked at once."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            coded = table.column(at).combine_chunks().dictionary_encode()
            texts = pa.array([_shielded(text) for text in coded.dictionary.to_pylist()], pa.string())
            table = table.set_column(at, field, texts.take(coded.indices))
    return table
