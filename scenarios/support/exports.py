"""Tables of a run folder as CSV or Parquet, row group by row group."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from network.errors import InputErrors, Problem, YizhanError
from scenarios.support.folders import damaged, unwritable
from scenarios.support.tables import copy_table

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
    draft = out.with_name(f".partial-{out.name}")  # its ending tells the form
    try:
        rows = copy_table(source, draft)
        draft.replace(out)
    except OSError as error:
        raise (damaged(source, error) if error.errno is None else unwritable(out, error)) from None
    except (pa.ArrowException, ArithmeticError, LookupError, ValueError) as error:
        raise damaged(source, error) from None
    finally:
        draft.unlink(missing_ok=True)
    return rows
