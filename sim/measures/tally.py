"""What two walks through the item records leave: all that the measures of a run are made of.

Records come whole or in chunks, so that a year of them need not be in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.accessibility.coverage import HOURS
from network.model.network import Network
from sim.measures.times import NEVER, Grouping, GroupTimes, Times
from sim.measures.transit import DIRECTIONS, OUTCOMES, STAGES, Cells, at_close_s, bundles, total_s
from sim.state.ledger import IN_TRANSIT

__all__ = ["HOURS", "REASONS", "Chunks", "Tally", "tally"]

Columns = Mapping[str, NDArray[Any]]
Chunks = Callable[[Sequence[str]], Iterable[Columns]]
"""Called with the names of the columns wanted, it yields equal parts of them, the same ones each time."""

#: Why an item was not delivered, in the order of a journey.
REASONS: Mapping[str, str] = {
    "refused": "no route by the timetable",
    "outside": "still on the way to its entry gateway",
    "collecting": "still being collected or unloaded",
    "lanes": "still waiting for screening or in it",
    "sorters": "still waiting for sorting or in it",
    "waiting": "still waiting for a trip",
    "riding": "still on a trip",
    "for_round": "still waiting for a round",
    "on_round": "still on its first round",
    "unsettled": "first attempt failed, still to be tried again or sent back",
    "returned": "all attempts failed, returned to sender",
}

_TIMES = ("cls", "direction", "origin", "dest", "outcome", "accepted_s", "ended_s", "upstream_s")
_ALL = (
    *_TIMES,
    *(f"{stage}_s" for stage in STAGES if stage != "upstream"),
    *("held", "held_at", "attempts", "missed_dispatches", "cancelled"),
)
_REFUSED, _IN_TRANSIT, _RETURNED = (OUTCOMES.index(name) for name in ("refused", "in_transit", "returned"))
_HELD = np.array([list(REASONS).index(term) if term else -1 for term in IN_TRANSIT])

#: Kinds of items by place of destination; `from_gateway` is inbound without the hours upstream.
_KINDS = ("bundles", "regional", "inbound", "from_gateway")


class Tally:
    """Counts and times of items; see `tally`.

    Attributes
    ----------
    cells
        Counts and stages of small groups.
    times
        By name: the tables of `Cells`; ``mail``, ``bundles``, ``regional``, ``inbound`` and
        ``from_gateway`` by place; the last three by county as ``county regional`` and so on, in the order
        of `counties`, and by township as ``township regional`` and so on.
    at_close
        The same if the items in transit had arrived when the run closed.
    counties
        Their codes, ascending; places without one are under "".
    townships
        Their place ids, likewise.
    attempts
        (classes, 3): items with a first attempt, their attempts, those whose first attempt failed.
    undelivered
        (reasons, stops + 1, 3): items by reason and stop, the last for none, with the times they were left
        behind and the departures that were cancelled on them.
    """

    def __init__(self, network: Network, closed_s: int, hours: Sequence[int]) -> None:
        self.hours = tuple(hours)
        self._closed_s = closed_s
        self.cells = Cells(network)
        places = network.places
        self.counties, county = np.unique(places.county, return_inverse=True)
        self._bundle = bundles(network)
        self._places = n = len(network.places)
        self._by_cell = Times(self.cells.size, self.cells.groupings(), hours)
        self.townships, township = np.unique(places.township, return_inverse=True)
        areas = {"county": (county, len(self.counties)), "township": (township, len(self.townships))}
        self._by_place = Times(len(_KINDS) * n, _groupings(n, areas), hours)
        self.attempts = np.zeros((len(self._bundle), 3), dtype=np.int64)
        self.undelivered = np.zeros((len(REASONS), len(network.stops) + 1, 3), dtype=np.int64)
        self.times: dict[str, GroupTimes] = {}
        self.at_close: dict[str, GroupTimes] = {}

    def count(self, items: Columns) -> None:
        """Count items on the first walk."""
        times_s, code = total_s(items), self.cells.code(items)
        spent_s = at_close_s(items, times_s, self._closed_s)
        self.cells.count(code, items, times_s)
        self._by_cell.count(code, times_s, spent_s)
        cell = self._cell(items)
        self._by_place.count(cell, times_s, spent_s)
        mail, cell, upstream_s = self._from_gateway(items, cell)
        self._by_place.count(cell, _less(times_s[mail], upstream_s), _less(spent_s[mail], upstream_s))
        self._count_attempts(items)
        self._count_undelivered(items)

    def aim(self) -> None:
        """Get ready for the second walk."""
        self._by_cell.aim()
        self._by_place.aim()

    def pick(self, items: Columns) -> None:
        """Look the quantiles up on the second walk, through the same items."""
        times_s = total_s(items)
        self._by_cell.pick(self.cells.code(items), times_s)
        cell = self._cell(items)
        self._by_place.pick(cell, times_s)
        mail, cell, upstream_s = self._from_gateway(items, cell)
        self._by_place.pick(cell, _less(times_s[mail], upstream_s))

    def settle(self) -> None:
        """Work out the tables of times."""
        for name, (times, at_close) in {**self._by_cell.tables(), **self._by_place.tables()}.items():
            self.times[name], self.at_close[name] = times, at_close
        del self._by_cell, self._by_place

    def _cell(self, items: Columns) -> NDArray[np.int32]:
        """Return the cell of each item by kind and place of destination, -1 if that is outside."""
        inbound = items["direction"] == DIRECTIONS.index("inbound")
        kind = np.where(self._bundle[items["cls"]], 0, np.where(inbound, 2, 1)).astype(np.int32)
        return np.where(items["dest"] >= 0, kind * self._places + items["dest"], -1)

    def _from_gateway(
        self, items: Columns, cell: NDArray[np.int32]
    ) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.int32]]:
        """Return which items are inbound mail, their cells gateway to door, and their time before it."""
        mail = np.flatnonzero(cell >= 2 * self._places)
        return mail, cell[mail] + np.int32(self._places), items["upstream_s"][mail]

    def _count_attempts(self, items: Columns) -> None:
        tried = np.flatnonzero(items["attempts"] > 0)
        cls, attempts = items["cls"][tried], items["attempts"][tried]
        failed = (attempts > 1) | (items["outcome"][tried] >= _IN_TRANSIT)
        for column, weights in enumerate((None, attempts, failed)):
            self.attempts[:, column] += np.bincount(cls, weights, len(self.attempts)).astype(np.int64)

    def _count_undelivered(self, items: Columns) -> None:
        rows = np.flatnonzero(items["outcome"] >= _REFUSED)
        outcome = items["outcome"][rows]
        reason = _HELD[items["held"][rows]]
        reason[items["ended_s"][rows] >= 0] = list(REASONS).index("unsettled")
        reason[outcome == _REFUSED] = list(REASONS).index("refused")
        reason[outcome == _RETURNED] = list(REASONS).index("returned")
        reasons, stops, _ = self.undelivered.shape
        code = reason * stops + items["held_at"][rows] % stops  # -1, no stop, is the last
        for column, name in enumerate((None, "missed_dispatches", "cancelled")):
            weights = None if name is None else items[name][rows]
            counted = np.bincount(code, weights, reasons * stops).astype(np.int64)
            self.undelivered[:, :, column] += counted.reshape(reasons, stops)


def _less(times_s: NDArray[np.int32], upstream_s: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return times gateway to door; an item that had not come to it by close has spent nothing since."""
    return np.where(times_s == NEVER, NEVER, np.maximum(times_s - upstream_s, 0))


def _groupings(places: int, areas: Mapping[str, tuple[NDArray[np.intp], int]]) -> dict[str, Grouping]:
    """Return the tables by place and by area, of cells kind × place."""
    kind, place = np.divmod(np.arange(len(_KINDS) * places), places)
    mail = (kind == _KINDS.index("regional")) | (kind == _KINDS.index("inbound"))
    groupings = {"mail": Grouping(np.where(mail, place, -1), places, (0.5, 0.8))}
    for row, name in enumerate(_KINDS):
        quantiles = (0.8,) if name == "bundles" else (0.5, 0.8)
        groupings[name] = Grouping(np.where(kind == row, place, -1), places, quantiles)
        for area, (of, number) in areas.items() if name != "bundles" else ():
            groupings[f"{area} {name}"] = Grouping(np.where(kind == row, of[place], -1), number, quantiles)
    return groupings


def tally(network: Network, items: Columns | Chunks, closed_s: int, hours: Sequence[int] = HOURS) -> Tally:
    """Walk twice through item records and return what the measures need.

    Parameters
    ----------
    network
        The network that ran.
    items
        Item records of the measured cohort: columns, or a function that yields them in chunks, so that memory
        does not grow with their number.
    closed_s
        Second at which the run closed.
    hours
        Whole hours for the on-time and coverage shares.
    """
    counted = Tally(network, closed_s, hours)
    chunks = items if callable(items) else lambda columns: (items,)
    for chunk in chunks(_ALL):
        counted.count(chunk)
    counted.aim()
    for chunk in chunks(_TIMES):
        counted.pick(chunk)
    counted.settle()
    return counted
