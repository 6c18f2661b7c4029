"""Tables of a run folder as CSV or Parquet, row group by row group."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from network.errors import InputErrors, Problem, YizhanError
from scenarios.runs.folder import damaged

__all__ = ["write_records"]


def write_records(source: Path, out: Path) -> int:
    """Write a Parquet table of a run under another name, as CSV or Parquet by the ending of `out`.

    Memory holds one row group, whatever the size of the run.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    YizhanError
        If the run kept no such table.
    InputErrors
        If `out` ends neither in .csv nor in .parquet.
    """
    kind = out.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise InputErrors(
            [Problem("command line", "", "--out", str(out), "a name ending in .csv or .parquet")]
        )
    if not source.is_file():
        raise YizhanError(f"{source} is not there: the run kept no {source.stem}")
    draft = out.with_name(f"{out.name}.partial")
    try:
        with pq.ParquetFile(source) as table:
            writer = (
                pc.CSVWriter(draft, table.schema_arrow)
                if kind == ".csv"
                else pq.ParquetWriter(draft, table.schema_arrow, compression="zstd")
            )
            with writer:
                for group in range(table.num_row_groups):
                    writer.write_table(table.read_row_group(group))
            rows = int(table.metadata.num_rows)
        draft.replace(out)
    except pa.ArrowException as error:
        raise damaged(source, error) from None
    finally:
        draft.unlink(missing_ok=True)
    return rows
