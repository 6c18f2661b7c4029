"""One thing that differs between two networks, and how numbers are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PARTS", "Difference", "by_group", "counted", "more", "number", "pair_row", "shortened"]

#: What a difference can be about, in the order in which they are told.
PARTS = (
    "figures",
    "places",
    "demand",
    "routes",
    "rounds",
    "centres",
    "vehicles",
    "outlets",
    "stations",
    "roads",
)


@dataclass(frozen=True)
class Difference:
    """One thing that differs: what it is in each of two networks, "" where it is not there.

    `weight` orders the rows of one part, heaviest first; `detail` rows are
    left out where there are too many of them.
    """

    part: str  # one of PARTS
    what: str
    a: str
    b: str
    note: str = ""
    weight: float = 0.0
    detail: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {"part": self.part, "what": self.what, "a": self.a, "b": self.b, "note": self.note}


def number(value: float) -> str:
    """Return a number with thousands' commas; decimals below 100."""
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def more(a: float, b: float, unit: str = "") -> str:
    """Return how much more the second is."""
    sign = "+" if b > a else "−"
    return f"{sign}{number(abs(b - a))}{' ' + unit if unit else ''}"


def pair_row(
    part: str, what: str, cells: Iterable[str], note: str = "", weight: float = 0.0, detail: bool = False
) -> Difference:
    """Return a row whose two cells come as a pair."""
    a, b = cells
    return Difference(part, what, a, b, note, weight, detail)


def counted(part: str, what: str, totals: Iterable[float], unit: str = "") -> list[Difference]:
    """Return the row of two totals, if they differ."""
    a, b = totals
    if a == b:
        return []
    return [Difference(part, what, number(a), number(b), more(a, b, unit), float("inf"))]


def by_group(part: str, groups: Iterable[Mapping[str, float]], detail: bool = True) -> list[Difference]:
    """Return a row for each group whose number differs."""
    a, b = groups
    rows = []
    for name in dict.fromkeys([*a, *b]):
        one, two = a.get(name, 0), b.get(name, 0)
        if one != two:
            note = more(one, two)
            rows.append(Difference(part, name, number(one), number(two), note, abs(two - one), detail))
    return rows


def shortened(rows: Iterable[Difference], most: int) -> tuple[list[Difference], Mapping[str, int]]:
    """Return the rows in the order of their parts and weights, with at most `most` details in each part.

    Returns
    -------
    tuple
        The rows, and how many of each part were left out.
    """
    ordered: list[Difference] = sorted(rows, key=lambda row: (PARTS.index(row.part), -row.weight))
    kept: list[Difference] = []
    left: dict[str, int] = {}
    for part in PARTS:
        of_part = [row for row in ordered if row.part == part]
        details: Sequence[Difference] = [row for row in of_part if row.detail]
        shown = {id(row) for row in details[:most]}
        kept += [row for row in of_part if not row.detail or id(row) in shown]
        if len(details) > most:
            left[part] = len(details) - most
    return kept, left
