"""Item records of a run as they come, row group by row group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.support.tables import ROWS, arrow_table, parquet_writer
from sim.state.records import CENSORED

__all__ = ["RecordWriter"]


@dataclass
class _Open:
    """A row group that waits on disk, uncompressed, for items that are still in transit."""

    path: Path
    first_key: int
    missing: int
    corrections: list[Mapping[str, NDArray[Any]]] = field(default_factory=list)


class RecordWriter:
    """Writes item records as they come; the bytes are those of `write_columns` of all of them by key.

    A context manager.  Rows wait until a row group is full, so that memory holds one of them.  Rows of items
    that are still in transit may come once more when these have ended: a full row group with such rows, and
    those behind it, wait beside the file.

    Parameters
    ----------
    path
        File to write.
    columns
        Columns without rows: their names and kinds; ``key`` and ``outcome`` are among them.
    replication
        Number to put before the columns as one of its own.
    """

    def __init__(self, path: Path, columns: Mapping[str, NDArray[Any]], replication: int) -> None:
        self._path, self._replication = path, replication
        self._group = {name: np.empty(ROWS, dtype=column.dtype) for name, column in columns.items()}
        self._filled = 0
        self._last = -1  # greatest key so far
        self._open: list[_Open] = []
        self._groups = 0
        self._writer = parquet_writer(path, arrow_table(columns, replication).schema)

    def __call__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Take the next rows, in order of ``key``, or some of those before once more."""
        size, done = len(columns["key"]), 0
        if not size:
            return
        if columns["key"][0] <= self._last:
            self._correct(columns)
            return
        self._last = int(columns["key"][-1])
        while done < size:
            n = min(size - done, ROWS - self._filled)
            for name, column in columns.items():
                self._group[name][self._filled : self._filled + n] = column[done : done + n]
            self._filled += n
            done += n
            if self._filled == ROWS:
                self._flush()

    def _flush(self) -> None:
        """Write the full row group, or let it wait."""
        missing = int(np.count_nonzero(self._group["outcome"] == CENSORED))
        if missing or self._open:
            path = self._path.with_suffix(f".{self._groups}.open")
            with path.open("wb") as file:
                for column in self._group.values():
                    file.write(column.data)
            self._open.append(_Open(path, int(self._group["key"][0]), missing))
        else:
            self._write(self._group)
        self._groups += 1
        self._filled = 0

    def _correct(self, columns: Mapping[str, NDArray[Any]]) -> None:
        firsts = [group.first_key for group in self._open]
        if self._filled:
            firsts.append(int(self._group["key"][0]))
        whose = np.searchsorted(firsts, columns["key"], side="right") - 1
        for number in np.unique(whose).tolist():
            rows = {name: column[whose == number] for name, column in columns.items()}
            if number < len(self._open):
                self._open[number].corrections.append(rows)
                self._open[number].missing -= len(rows["key"])
            else:
                _put({name: column[: self._filled] for name, column in self._group.items()}, rows)
        while self._open and not self._open[0].missing:
            self._settle(self._open.pop(0))

    def _settle(self, group: _Open) -> None:
        """Write a row group that has waited."""
        columns: dict[str, NDArray[Any]] = {}
        offset = 0
        for name, column in self._group.items():  # mapped; what is put in stays in memory
            columns[name] = np.memmap(group.path, column.dtype, "c", offset, column.shape)
            offset += column.nbytes
        for rows in group.corrections:
            _put(columns, rows)
        self._write(columns)
        group.path.unlink()

    def _write(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._writer.write_table(arrow_table(columns, self._replication), row_group_size=ROWS)

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            for group in self._open:
                self._settle(group)
            if self._filled:
                self._write({name: column[: self._filled] for name, column in self._group.items()})
        for group in self._open:
            group.path.unlink(missing_ok=True)
        self._writer.close()


def _put(columns: Mapping[str, NDArray[Any]], rows: Mapping[str, NDArray[Any]]) -> None:
    """Write rows over those of the same key."""
    at = np.searchsorted(columns["key"], rows["key"])
    for name, column in rows.items():
        columns[name][at] = column
