"""Print tables and numbers: the one place that knows how wide a screen is."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from os import environ

__all__ = ["number", "percent", "print_table", "table_lines"]

Cell = str | int | float | None

PIPE_WIDTH = 200  # of tables that go to a file or a pipe
GAP = 3  # between columns
LEAST_TEXT = 14  # characters a column of text keeps when others need the room
_NUMBER = re.compile(r"[+\-−±≥≤ ]*\d[\d.,]*( ?(%|h|min|points|of [\d,.]+))?|–|")


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
    """Print rows under headers: numbers to the right, long text wrapped, nothing cut.

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


def table_lines(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], width: int, least: Sequence[str] = ()
) -> list[str]:
    """Return a table as lines of at most a width, as far as one column fits into it."""
    texts = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
    right = [
        any(row[at] for row in texts) and all(_NUMBER.fullmatch(row[at]) for row in texts)
        for at in range(len(columns))
    ]
    shown = list(range(len(columns)))
    first_out = [*(columns.index(name) for name in least), *range(len(columns) - 1, 0, -1)]
    while (widths := _widths(columns, texts, right, shown, width)) is None:
        shown.remove(next(at for at in first_out if at in shown))
    lines = [_line(columns, shown, widths, right), ["─" * (sum(widths) + GAP * (len(shown) - 1))]]
    lines += [_line(row, shown, widths, right) for row in texts]
    missing = [name for at, name in enumerate(columns) if at not in shown and name]
    if missing:
        note = f"not shown, for want of room: {', '.join(missing)}"
        lines.append(textwrap.wrap(note, width, break_long_words=False))
    return [line.rstrip() for group in lines for line in group]


def _widths(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    shown: Sequence[int],
    room: int,
) -> list[int] | None:
    """Return the widths of the columns shown, or None if they do not fit."""
    from rich.cells import cell_len

    room -= GAP * (len(shown) - 1)
    widths, smallest = [], []
    for at in shown:
        cells = [row[at] for row in rows]
        widest = max(map(cell_len, cells), default=0)
        widths.append(max(widest, cell_len(columns[at])))
        words = [columns[at], *([] if right[at] else cells)]
        word = max((cell_len(word) for text in words for word in text.split()), default=0)
        smallest.append(max(word, widest if right[at] else min(widths[-1], LEAST_TEXT)))
    if len(shown) == 1:
        return [max(smallest[0], min(widths[0], room))]
    if sum(smallest) > room:
        return None
    while sum(widths) > room:
        _, at = max((width, at) for at, width in enumerate(widths) if width > smallest[at])
        widths[at] -= 1
    return widths


def _line(
    cells: Sequence[str], shown: Sequence[int], widths: Sequence[int], right: Sequence[bool]
) -> list[str]:
    """Return the lines of one row."""
    from rich.cells import cell_len

    wrapped = [
        textwrap.wrap(cells[at], width, break_long_words=False, break_on_hyphens=False)
        if cell_len(cells[at]) > width
        else [cells[at]]
        for at, width in zip(shown, widths, strict=True)
    ]
    lines = []
    for number_of_line in range(max(map(len, wrapped))):
        parts = []
        for at, width, text in zip(shown, widths, wrapped, strict=True):
            part = text[number_of_line] if number_of_line < len(text) else ""
            fill = " " * (width - cell_len(part))
            parts.append(fill + part if right[at] else part + fill)
        lines.append((" " * GAP).join(parts))
    return lines
