"""Print tables and numbers: the one place that knows how wide a screen is."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from os import environ
from typing import TypeVar

from scenarios.cli.console import visible

__all__ = ["number", "percent", "print_rows", "print_table", "table_lines"]

Cell = str | int | float | None
T = TypeVar("T")

PIPE_WIDTH = 200  # of tables that go to a file or a pipe
GAPS = (3, 2)  # between columns; the second where that saves a column
LEAST_TEXT = 14  # characters a column of text keeps when others need the room
#: Where a line of text may end: after a space or a Chinese character; and within a name that is too long.
_WORDS = re.compile(r"(?<=\s)(?=\S)|(?<=[\u3000-\u9fff])")
_PARTS = re.compile(_WORDS.pattern + r"|(?<=[_/-])(?=[^\W\d_])")
_NUMBER = re.compile(r"[+\-−±≥≤ ]*\d[\d.,]*(–\d[\d.,]*)?( ?(%|h|min|points|of [\d,.]+))?|–|")


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands' commas, whole ones without decimals; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.{digits}f}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in per cent; a dash for none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], least: Sequence[str] = (), title: str = ""
) -> None:
    """Print rows under headers: numbers but those of the first column to the right, nothing cut.

    Parameters
    ----------
    columns
        Headers, the most important ones on the left.
    rows
        Cells: text as it is, numbers as `number` writes them.
    least
        Headers of the columns to leave out first where the screen is too narrow, before those on the right.
    title
        Printed above, after an empty line.
    """
    if title:
        print(f"\n{title}")
    screen = sys.stdout.isatty() or "COLUMNS" in environ
    width = shutil.get_terminal_size().columns if screen else PIPE_WIDTH
    for line in table_lines(columns, rows, width, least):
        print(line)


def print_rows(
    rows: Iterable[T], columns: Mapping[str, Callable[[T], Cell]], least: Sequence[str] = (), title: str = ""
) -> None:
    """Print things as rows of a table; each column is a header and what it says of a thing.

    Parameters
    ----------
    rows
        The things.
    columns
        By header, the most important ones first.
    least, title
        As for `print_table`.
    """
    cells = [[says(row) for says in columns.values()] for row in rows]
    print_table(tuple(columns), cells, least, title)


def table_lines(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], width: int, least: Sequence[str] = ()
) -> list[str]:
    """Return a table as lines of at most a width, as far as one column fits into it.

    A column without any text is not shown.
    """
    texts = [[_one_line(cell) if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
    right = [
        at > 0 and any(row[at] for row in texts) and all(_NUMBER.fullmatch(row[at]) for row in texts)
        for at in range(len(columns))
    ]
    filled = [not texts or at == 0 or any(row[at] for row in texts) for at in range(len(columns))]
    shown = [at for at in range(len(columns)) if filled[at]]
    first_out = [*(columns.index(name) for name in least), *range(len(columns) - 1, 0, -1)]
    while True:
        sizes = ((gap, _widths(columns, texts, right, shown, width, gap)) for gap in GAPS)
        gap, widths = next((size for size in sizes if size[1]), (0, None))
        if widths is not None:
            break
        shown.remove(next(at for at in first_out if at in shown))
    lines = [_line(columns, shown, widths, right, gap), ["─" * (sum(widths) + gap * (len(shown) - 1))]]
    lines += [_line(row, shown, widths, right, gap) for row in texts]
    missing = [name for at, name in enumerate(columns) if filled[at] and at not in shown]
    if missing:
        lines.append(_wrap(f"not shown, for want of room: {', '.join(missing)}", width))
    return [line.rstrip() for group in lines for line in group]


def _one_line(text: str) -> str:
    return visible(text.replace("\n", " ").replace("\t", " "))


def _widths(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    shown: Sequence[int],
    room: int,
    gap: int,
) -> list[int] | None:
    """Return the widths of the columns shown, or None if they do not fit."""
    from rich.cells import cell_len

    room -= gap * (len(shown) - 1)
    widths, smallest = [], []
    for at in shown:
        cells = [row[at] for row in rows]
        widest = max(map(cell_len, cells), default=0)
        widths.append(max(widest, cell_len(columns[at])))
        texts = [columns[at], *([] if right[at] else cells)]
        part = max(cell_len(part.strip()) for text in texts for part in _PARTS.split(text))
        smallest.append(max(part, widest if right[at] else min(widths[-1], LEAST_TEXT)))
    if len(shown) == 1:
        return [max(smallest[0], min(widths[0], room))]
    if sum(smallest) > room:
        return None
    while sum(widths) > room:
        _, at = max((width, at) for at, width in enumerate(widths) if width > smallest[at])
        widths[at] -= 1
    return widths


def _wrap(text: str, width: int) -> list[str]:
    """Return a text as lines of at most a width, as far as its parts allow."""
    from rich.cells import cell_len

    lines = [""]
    for word in _WORDS.split(text):
        for part in [word] if cell_len(word.rstrip()) <= width else _PARTS.split(word):
            if lines[-1].strip() and cell_len((lines[-1] + part).rstrip()) > width:
                lines.append("")
            lines[-1] += part
    return [line.rstrip() for line in lines]


def _line(
    cells: Sequence[str], shown: Sequence[int], widths: Sequence[int], right: Sequence[bool], gap: int
) -> list[str]:
    """Return the lines of one row."""
    from rich.cells import cell_len

    wrapped = [_wrap(cells[at], width) for at, width in zip(shown, widths, strict=True)]
    lines = []
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = []
        for at, width, part in zip(shown, widths, parts, strict=True):
            fill = " " * (width - cell_len(part))
            padded.append(fill + part if right[at] else part + fill)
        lines.append((" " * gap).join(padded))
    return lines
