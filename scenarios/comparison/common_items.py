"""Item by item: which items two runs have in common, and what became of the same item in both.

An item is the same in two runs if it has the same key, destination and second
of acceptance: same draws, then.  A change of demand adds or drops items (rule
19), and a mean over all then mixes two things: what became of the items that
are in both, and which others there are.  Both means are told.

Records are read side by side in chunks, in order of replication and key, so
that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.model.network import Network
from network.numeric.columns import Column
from scenarios.comparison.differences import LEVEL
from scenarios.runs.folder import StoredRun
from scenarios.runs.recorded import item_chunks
from sim.measures.pairing import pairs, unpaired
from sim.measures.times import HOUR_S, NEVER
from sim.measures.transit import DIRECTIONS, bundles, total_s

__all__ = ["COLUMNS", "common_items", "side_by_side"]

Columns = dict[str, NDArray[Any]]
_READ = ("replication", "key", "cls", "direction", "dest", "accepted_s", "ended_s", "outcome")
_COUNTED = (
    "in_both",
    "only_base",
    "only_other",
    "arrived_in_both",
    "arrived_only_base",
    "arrived_only_other",
    "faster",
    "slower",
    "base_s",
    "other_s",
    "all_base",
    "all_other",
    "all_base_s",
    "all_other_s",
)
#: Columns of ``items.csv``: counts are means over replications.
COLUMNS = (
    Column("scenario", "str", "", "the other scenario"),
    Column(
        "kind",
        "str",
        "",
        "what the rows tell apart: all, class, direction, class direction, prefecture (of destination)",
    ),
    Column(
        "group",
        "str",
        "",
        "class, direction, both, or prefecture; all: mail to the region without newspaper bundles",
    ),
    Column("in_both", "float64", "items", "items accepted in both scenarios"),
    Column("only_base", "float64", "items", "items accepted in the base only"),
    Column("only_other", "float64", "items", "items accepted in the other only"),
    Column("arrived_in_both", "float64", "items", "of those in both, first attempt or hand-over in both"),
    Column(
        "arrived_only_base",
        "float64",
        "items",
        "of those in both, in the base only; their times are in the means over all alone",
    ),
    Column("arrived_only_other", "float64", "items", "of those in both, in the other only"),
    Column("faster", "float64", "items", "of those that arrived in both, sooner in the other"),
    Column("slower", "float64", "items", "of those that arrived in both, later in the other"),
    Column("faster_share", "float64", "share", "share of those that arrived in both"),
    Column("slower_share", "float64", "share", "likewise"),
    Column("base_h", "float64", "h", "mean hours in the base of those that arrived in both"),
    Column("other_h", "float64", "h", "mean hours in the other of the same items"),
    Column("difference_h", "float64", "h", "other_h − base_h"),
    Column(
        "half_width_h", "float64", "h", "half-width of its interval over replications; empty: one replication"
    ),
    Column("all_base_h", "float64", "h", "mean hours in the base of all its items that arrived"),
    Column("all_other_h", "float64", "h", "mean hours in the other of all its items that arrived"),
    Column("all_difference_h", "float64", "h", "all_other_h − all_base_h"),
    Column("all_half_width_h", "float64", "h", "half-width of its interval"),
)


def side_by_side(base: StoredRun, other: StoredRun) -> Iterator[tuple[int, Columns, Columns]]:
    """Yield the item records of two runs in blocks of the same keys: replication, rows of each.

    All rows up to the last key of a block are in it or in an earlier one, so an item that is in both runs
    is in both parts of one block.
    """
    feeds = [_by_replication(run) for run in (base, other)]
    held: list[Columns | None] = [next(feed, None) for feed in feeds]
    while any(part is not None for part in held):
        ends = [_end(part) for part in held if part is not None]
        until = min(ends)
        cut: list[Columns] = []
        for side, part in enumerate(held):
            if part is None or _begin(part) > until:
                cut.append(_none())
                continue
            n = int(np.searchsorted(part["key"], until[1], side="right")) if _end(part) > until else None
            cut.append({name: column[:n] for name, column in part.items()})
            held[side] = (
                next(feeds[side], None) if n is None else {name: column[n:] for name, column in part.items()}
            )
        yield until[0], cut[0], cut[1]


def _by_replication(run: StoredRun) -> Iterator[Columns]:
    """Yield the records in parts that are of one replication each."""
    for chunk in item_chunks(run)(_READ):
        edges = np.flatnonzero(np.diff(chunk["replication"])) + 1
        for first, last in zip([0, *edges], [*edges, len(chunk["key"])], strict=True):
            if last > first:
                yield {name: column[first:last] for name, column in chunk.items()}


def _begin(part: Columns) -> tuple[int, int]:
    return int(part["replication"][0]), int(part["key"][0])


def _end(part: Columns) -> tuple[int, int]:
    return int(part["replication"][-1]), int(part["key"][-1])


def _none() -> Columns:
    return {name: np.zeros(0, dtype=np.int64) for name in _READ}


class _Cells:
    """Counts and sums by replication, class, direction and prefecture of destination."""

    def __init__(self, networks: Sequence[Network], replications: int) -> None:
        network = max(networks, key=lambda net: len(net.assumptions.table("classes")))
        places = network.places
        self.classes = [str(row["code"]) for row in network.assumptions.table("classes")]
        self.prefectures = sorted({str(name) for name in places.prefecture} - {""})
        none = len(self.prefectures)
        row = {name: at for at, name in enumerate(self.prefectures)}
        outside = len(network.assumptions.table("outside"))
        self._prefecture = np.full(len(places) + outside, none, dtype=np.int64)
        self._prefecture[: len(places)] = [row.get(str(name), none) for name in places.prefecture]
        self._shape = len(self.classes), len(DIRECTIONS), none + 1
        size = int(np.prod(self._shape))
        self.sums = {name: np.zeros((replications, size), dtype=np.int64) for name in _COUNTED}
        cls, direction, prefecture = np.unravel_index(np.arange(size), self._shape)
        bundle = bundles(network)[cls]
        home = direction != DIRECTIONS.index("outbound")
        self.groups: list[tuple[str, str, NDArray[np.bool_]]] = [("all", "all", home & ~bundle)]
        for at, code in enumerate(self.classes):
            self.groups.append(("class", code, (cls == at) & home))
        for at, name in enumerate(DIRECTIONS):
            self.groups.append(("direction", name, (direction == at) & ~bundle))
        for at, code in enumerate(self.classes):
            for to, name in enumerate(DIRECTIONS):
                self.groups.append(("class direction", f"{code} {name}", (cls == at) & (direction == to)))
        for at, name in enumerate(self.prefectures):
            self.groups.append(("prefecture", name, (prefecture == at) & home & ~bundle))

    def _add(self, name: str, replication: int, cell: NDArray[Any], weights: Any = None) -> None:
        total = np.bincount(cell, weights, minlength=self.sums[name].shape[1])
        self.sums[name][replication] += total.astype(np.int64)

    def count(self, replication: int, a: Columns, b: Columns) -> None:
        """Count a block of items, those of the base and of the other."""
        at = np.searchsorted(b["key"], a["key"])
        inside = np.minimum(at, max(len(b["key"]) - 1, 0))
        same = np.zeros(len(a["key"]), dtype=bool)
        if len(b["key"]):
            same = (
                (b["key"][inside] == a["key"])
                & (b["dest"][inside] == a["dest"])
                & (b["accepted_s"][inside] == a["accepted_s"])
            )
        twin = inside[same]
        alone = np.ones(len(b["key"]), dtype=bool)
        alone[twin] = False
        cells = [self._cell(part) for part in (a, b)]
        times = [total_s(part) for part in (a, b)]
        for cell, spent, side in zip(cells, times, ("base", "other"), strict=True):
            came = spent != NEVER
            self._add(f"all_{side}", replication, cell[came])
            self._add(f"all_{side}_s", replication, cell[came], spent[came])
        self._add("only_base", replication, cells[0][~same])
        self._add("only_other", replication, cells[1][alone])
        cell, before, after = cells[0][same], times[0][same], times[1][twin]
        self._add("in_both", replication, cell)
        first, second = before != NEVER, after != NEVER
        both = first & second
        for name, which in (
            ("arrived_in_both", both),
            ("arrived_only_base", first & ~second),
            ("arrived_only_other", second & ~first),
            ("faster", both & (after < before)),
            ("slower", both & (after > before)),
        ):
            self._add(name, replication, cell[which])
        self._add("base_s", replication, cell[both], before[both])
        self._add("other_s", replication, cell[both], after[both])

    def _cell(self, items: Columns) -> NDArray[np.int64]:
        cell: NDArray[np.int64] = np.ravel_multi_index(
            (
                items["cls"].astype(np.int64),
                items["direction"].astype(np.int64),
                self._prefecture[items["dest"].astype(np.int64)],
            ),
            self._shape,
        )
        return cell


def common_items(base: StoredRun, other: StoredRun, paired: bool = True) -> list[dict[str, Any]]:
    """Return the rows of ``items.csv`` of a scenario beside its base.

    Parameters
    ----------
    base, other
        Runs that keep their item records, with as many replications.
    paired
        Whether replication i of both ran on the same draws; if not, means over all have Welch's interval.
    """
    cells = _Cells([base.network, other.network], len(base.measures))
    for replication, a, b in side_by_side(base, other):
        cells.count(replication, a, b)
    rows = []
    for kind, group, where in cells.groups:
        sums = {name: table[:, where].sum(axis=1) for name, table in cells.sums.items()}
        if not (sums["in_both"].any() or sums["only_base"].any() or sums["only_other"].any()):
            continue
        counts: dict[str, float | None] = {
            name: float(sums[name].mean())
            for name in _COUNTED
            if not name.endswith("_s") and not name.startswith("all_")
        }
        both = sums["arrived_in_both"]
        row = {"scenario": other.summary["scenario"], "kind": kind, "group": group, **counts}
        for name in ("faster", "slower"):
            row[f"{name}_share"] = float(sums[name].sum() / both.sum()) if both.any() else None
        row |= _means("", _hours(sums["base_s"], both), _hours(sums["other_s"], both), True)
        row |= _means(
            "all_",
            _hours(sums["all_base_s"], sums["all_base"]),
            _hours(sums["all_other_s"], sums["all_other"]),
            paired,
        )
        rows.append(row)
    return rows


def _hours(seconds: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.full(len(items), np.nan)
    return np.divide(seconds, items * HOUR_S, out=out, where=items > 0)


def _means(prefix: str, base: NDArray[Any], other: NDArray[Any], paired: bool) -> dict[str, float | None]:
    compared = pairs(base, other, LEVEL) if paired else unpaired(base, other, LEVEL)
    numbers = {
        f"{prefix}base_h": compared.base[0],
        f"{prefix}other_h": compared.other[0],
        f"{prefix}difference_h": compared.difference[0],
        f"{prefix}half_width_h": compared.half_width[0],
    }
    return {name: float(value) if np.isfinite(value) else None for name, value in numbers.items()}
