"""The tables of a GTFS feed as checked rows: every problem noted, none raised on the way."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from network.errors import Problem, nearest
from network.exchange.gtfs.form import seconds

__all__ = ["Problems", "Row", "rows"]

_SHOWN = 20  # problems of one kind in one file


@dataclass
class Problems:
    """What is wrong with a feed; of one kind in one file the first twenty are kept, the others counted."""

    file: str  # of the feed, for messages
    listed: list[Problem] = field(default_factory=list)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _more: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(
        self, table: str, line: int | str, key: str, value: object, allowed: str, known: Collection[str] = ()
    ) -> None:
        """Note a problem at a line of a table; `known` are names of which the nearest is offered."""
        kind = (table, key)
        self._seen[kind] = self._seen.get(kind, 0) + 1
        if self._seen[kind] > _SHOWN:
            self._more[kind] = self._more.get(kind, 0) + 1
            return
        where = f"line {line}" if isinstance(line, int) else line
        # difflib takes seconds for thousands of names
        near = nearest(str(value), known) if len(known) <= 2000 else ""
        self.listed.append(Problem(f"{self.file}/{table}", where, key, value, allowed, near))

    def all(self) -> list[Problem]:
        """Return the problems, with what was only counted."""
        return self.listed + [
            Problem(f"{self.file}/{table}", "", key, f"{number:,} more problems of this kind", "")
            for (table, key), number in self._more.items()
        ]


@dataclass(frozen=True)
class Row:
    """One line of a table; what is wrong with its cells goes into `problems`."""

    table: str
    line: int
    cells: Mapping[str, str]
    problems: Problems

    def get(self, name: str) -> str:
        """Return a cell, or nothing if it or its column is missing."""
        return self.cells.get(name, "")

    def wrong(self, name: str, allowed: str, known: Collection[str] = ()) -> None:
        """Note that a cell is wrong."""
        self.problems.add(self.table, self.line, name, self.get(name), allowed, known)

    def text(self, name: str) -> str | None:
        """Return a cell that must not be empty."""
        if not self.get(name):
            self.wrong(name, "some text")
            return None
        return self.get(name)

    def number(self, name: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """Return a number in a range."""
        try:
            value = float(self.get(name))
        except ValueError:
            value = math.nan
        if not low <= value <= high or math.isinf(value):
            limits = (
                "" if math.isinf(low) else f" from {low:g}" + ("" if math.isinf(high) else f" to {high:g}")
            )
            self.wrong(name, "a number" + limits)
            return None
        return value

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """Return a whole number in a range; `default` where the cell is empty."""
        if default is not None and not self.get(name):
            return default
        try:
            value = int(self.get(name))
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            self.wrong(name, f"a whole number from {low} to {high}")
            return None
        return value

    def date(self, name: str) -> dt.date | None:
        """Return a date written as YYYYMMDD."""
        text = self.get(name)
        try:
            if len(text) != 8 or not text.isdecimal():
                raise ValueError
            return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            self.wrong(name, "a date such as 20210131")
            return None

    def time(self, name: str) -> int | None:
        """Return the seconds of a time; None where the cell is empty or wrong."""
        text = self.get(name)
        if not text:
            return None
        try:
            return seconds(text)
        except ValueError as error:
            self.wrong(name, str(error))
            return None


def rows(name: str, text: str, required: Sequence[str], problems: Problems) -> Iterator[Row]:
    """Yield the rows of a table, if it has the required columns."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        lacking = [column for column in required if column not in header]
        for column in lacking:
            problems.add(name, "header", "column", column, "required", header)
        twice = sorted({column for column in header if header.count(column) > 1})
        for column in twice:
            problems.add(name, "header", "column", column, "each column once")
        if lacking or twice:
            return
        for cells in reader:
            if not cells or cells == [""]:
                continue
            if len(cells) != len(header):
                problems.add(name, reader.line_num, "", f"{len(cells)} cells", f"{len(header)} cells")
                continue
            stripped = (cell.strip() for cell in cells)
            yield Row(name, reader.line_num, dict(zip(header, stripped, strict=True)), problems)
    except csv.Error as error:
        problems.add(name, reader.line_num, "", str(error), "CSV with cells of up to 131,072 characters")
