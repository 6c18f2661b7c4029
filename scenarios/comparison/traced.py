"""Text whose numbers can be traced: each comes from a cell of a table, and the text's sources say which.

A number is written by `Tables.number`, which notes the file, the row, the
column and the rounding; `untrue` reads text, sources and files again and says
what does not agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scenarios.support.folders import read_json
from scenarios.support.tables import read_rows

__all__ = ["Source", "Tables", "untrue"]

NUMBER = re.compile(r"[+−]?\d+(?:,\d{3})*(?:\.\d+)?")
#: Names and titles stand in quotation marks, where a number is part of the name; and lines have numbers.
NAMED = re.compile(r"“[^”]*”|`[^`]*`|^\d+\. ", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """Where a number of a text comes from.

    Attributes
    ----------
    shown
        The number as the text has it.
    file
        A table (.csv) or .json beside the text.
    row
        Columns and values that name the row; of a ``count`` those that the counted rows have; empty for JSON.
    column
        Column of the value, dotted key in JSON, or "count".
    scale
        What the value is multiplied by.
    digits
        Decimals shown.
    form
        "signed", "size" (without its sign) or "plain".
    """

    shown: str
    file: str
    row: Mapping[str, str]
    column: str
    scale: float = 1.0
    digits: int = 0
    form: str = "plain"


@dataclass
class Tables:
    """Tables and JSON by file name, and the sources of the numbers taken from them so far."""

    csv: Mapping[str, Sequence[Mapping[str, Any]]]
    json: Mapping[str, Mapping[str, Any]]
    taken: list[Source] = field(default_factory=list)

    def value(self, file: str, row: Mapping[str, Any], column: str) -> float | None:
        """Return a value; None if there is no such row or the cell is empty."""
        return _value(self.csv, self.json, file, {k: str(v) for k, v in row.items()}, column)

    def number(
        self,
        file: str,
        row: Mapping[str, Any],
        column: str,
        digits: int = 0,
        scale: float = 1.0,
        form: str = "plain",
    ) -> str:
        """Return a number as text, and note where it comes from.

        Raises
        ------
        LookupError
            If the table has no such number.
        """
        named = {key: str(value) for key, value in row.items()}
        value = _value(self.csv, self.json, file, named, column)
        if value is None:
            raise LookupError(f"{file} has no {column} for {named}")
        shown = _shown(value * scale, digits, form)
        self.taken.append(Source(shown, file, named, column, scale, digits, form))
        return shown

    def count(self, file: str, **row: Any) -> str:
        """Return how many rows of a table have these values."""
        return self.number(file, row, "count")

    def sources(self) -> list[dict[str, Any]]:
        """Return the sources for JSON, in the order of the text."""
        return [asdict(source) for source in self.taken]


def _value(
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    trees: Mapping[str, Mapping[str, Any]],
    file: str,
    row: Mapping[str, str],
    column: str,
) -> float | None:
    if file in trees:
        value: Any = trees[file]
        for key in column.split("."):
            value = value[key]
        return float(len(value) if isinstance(value, list) else value)
    matching = [each for each in tables[file] if all(str(each[k]) == v for k, v in row.items())]
    if column == "count":
        return float(len(matching))
    if len(matching) != 1 or matching[0][column] in (None, ""):
        return None
    return float(matching[0][column])


def _shown(value: float, digits: int, form: str) -> str:
    rounded = f"{abs(value):,.{digits}f}"
    if form != "signed" and (form == "size" or value >= 0 or not float(rounded.replace(",", ""))):
        return rounded
    return ("−" if value < 0 else "+") + rounded


def untrue(text: str, folder: Path, sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what does not agree: numbers of a text without a source, and sources that say something else.

    Parameters
    ----------
    text
        The text.
    folder
        Where the files of the sources lie.
    sources
        In the order of the text.
    """
    numbers = NUMBER.findall(NAMED.sub("", text))
    wrong = []
    if numbers != [source["shown"] for source in sources]:
        wrong.append(f"numbers {numbers} of the text are not those of its sources")
    tables: dict[str, list[dict[str, str]]] = {}
    trees: dict[str, dict[str, Any]] = {}
    for source in sources:
        file = source["file"]
        if file not in tables and file not in trees:
            if file.endswith(".json"):
                trees[file] = read_json(folder / file)
            else:
                tables[file] = read_rows(folder / file)
        value = _value(tables, trees, file, source["row"], source["column"])
        if value is None:
            wrong.append(f"{file} has no {source['column']} for {source['row']}")
        elif _shown(value * source["scale"], source["digits"], source["form"]) != source["shown"]:
            wrong.append(f"{source['shown']} is {value} in {file}, {source['row']}, {source['column']}")
    return wrong
