"""How many items keep the limits of service standards, and what would have brought the others in time.

An item is *in time* if its first attempt comes within the limit; one that has none is not, whatever the
reason.  For each item it is asked whether it would be in time

- if its rounds, the one that collects it and the one that delivers it, ran every day,
- if every wait for a round or for a trip were half as long,
- if it never waited for a round or a trip,
- if nothing counted but the time it is on the move, outside the region, on trips and on rounds,
- if nothing but its hours outside the region counted.

All other parts of its journey keep their length, so this is arithmetic on its stages and no other run: a wait
that is saved may in truth be lost again before the next trip.  The wait for a collecting round runs from
acceptance to the second at which the round is there, that for a delivering round from when the item may go
out (hand-over included in what stays) to the departure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.accessibility.service_standards import WorkingDays
from network.inputs.standards import Limit
from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from sim.measures.tally import Chunks
from sim.measures.times import HOUR_S, NEVER
from sim.measures.transit import DIRECTIONS, OUTCOMES, total_s

__all__ = ["COLUMNS", "COUNTS", "MENDINGS", "Batches", "Check", "Kept", "Waits", "keep"]

#: What would bring an item in time, the cheapest first.
MENDINGS: Mapping[str, str] = {
    "daily_round": "its rounds run every day",
    "halved_waits": "every wait for a round or trip is half as long",
    "no_waits": "it never waits for a round or trip",
    "moving": "nothing but the time on the move counts",
    "upstream": "nothing but the hours outside the region counts",
}
#: What is counted of the items of a limit at each place; `undecided`: in transit, and not late yet.
COUNTS = ("items", "in_time", *MENDINGS, "not_arrived", "undecided")
COLUMNS = (
    "replication", "cls", "brand", "direction", "origin", "dest", "outcome", "accepted_s", "ended_s",
    "upstream_s", "collect_s", "wait_s", "ride_s", "deliver_s",
)  # fmt: skip
_IN_TRANSIT = OUTCOMES.index("in_transit")

Items = Mapping[str, NDArray[Any]]


class Check(NamedTuple):
    """A limit whose value is known, for one class and one way of items.

    `days` counts the days of the class when the limit is one in days.  `cell` is a small number for each
    place, by which batches are counted; -1 leaves the items of a place out of them.
    """

    limit: Limit
    cls: str
    way: str
    days: WorkingDays | None
    cell: NDArray[np.intp]

    def within(self, accepted_s: NDArray[Any], ended_s: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which items are in time."""
        value = self.limit.value
        assert value is not None  # of a limit that is not known nothing is asked
        if self.days is None:
            return np.asarray(ended_s - accepted_s <= round(value * HOUR_S))
        return self.days.days(accepted_s, ended_s) <= value


class Batches(NamedTuple):
    """How items are put into batches, for intervals: by replication, or by whole week of acceptance."""

    by: str  # "replications" or "weeks"
    number: int
    first_s: int = 0  # where the first week begins

    @classmethod
    def of(cls, replications: int, window_s: tuple[int, int]) -> Batches:
        """Return batches by replication where there are several, else by the whole weeks of the window."""
        if replications > 1:
            return cls("replications", replications)
        first, end = window_s
        return cls("weeks", (end - first) // WEEK_S, first)

    def of_items(self, items: Items) -> NDArray[np.intp]:
        """Return the batch of each item, -1 beyond the last whole week."""
        if self.by == "replications":
            return items["replication"].astype(np.intp)
        week = (items["accepted_s"] - self.first_s) // WEEK_S
        return np.where(week < self.number, week, -1).astype(np.intp)


class Kept(NamedTuple):
    """Counts of items by check."""

    places: NDArray[np.int64]  # (checks, COUNTS, places)
    batches: tuple[NDArray[np.int64], ...]  # of each check (batches, cells, 2): items, and those in time


class Waits:
    """How long items wait for rounds, from their stages and the rounds of the network.

    Parameters
    ----------
    network
        Rounds, and what brands hold back before a round (rule 5).
    """

    def __init__(self, network: Network) -> None:
        n = len(network.places)
        self._way_out_s = np.zeros(n, dtype=np.int64)  # from the departure of a round to the place
        self._way_back_s = np.zeros(n, dtype=np.int64)  # from the place to the intake at the base
        for round_ in network.rounds:
            rows = [network.places.row(place) for place in round_.places]
            self._way_out_s[rows] = np.asarray(round_.visit_s) - round_.depart_s
            self._way_back_s[rows] = round_.intake_s - np.asarray(round_.cut_s)
        self._held_s = handover_s(network)
        self._counters = counters(network)

    def collecting_s(self, items: Items) -> NDArray[np.int64]:
        """Return the wait of each item for the round that collects it; 0 for what comes from outside."""
        origin = self._sender(items)
        wait = np.maximum(items["collect_s"] - self._way_back_s[origin], 0)
        return np.where(origin >= 0, wait, 0)

    def touring_s(self, items: Items) -> NDArray[np.int64]:
        """Return how long each item is on rounds: from its sender to the base, and to its first attempt."""
        origin = self._sender(items)
        return np.where(origin >= 0, self._way_back_s[origin], 0) + self._way_out_s[items["dest"]]

    def _sender(self, items: Items) -> NDArray[Any]:
        """Return the place row at which items are handed in; negative outside."""
        origin: NDArray[Any] = items["origin"]
        if self._counters is None:
            return origin
        return np.where(origin >= 0, self._counters[items["brand"] + 1, origin], origin)

    def delivering_s(self, items: Items) -> NDArray[np.int64]:
        """Return the wait of each item, in the region, for the round that makes its first attempt."""
        dest = items["dest"]
        stays = self._way_out_s[dest] + self._held_s[items["brand"] + 1, dest]
        return np.maximum(items["deliver_s"] - stays, 0)


def keep(
    network: Network,
    checks: Sequence[Check],
    chunks: Chunks,
    closed_s: Sequence[int],
    batches: Batches,
) -> Kept:
    """Walk once through item records and count what keeps the limits.

    Parameters
    ----------
    network
        The network that ran.
    checks
        The limits.
    chunks
        Yields the `COLUMNS` of the measured cohort in chunks.
    closed_s
        Second at which each replication closed.
    batches
        For intervals.
    """
    classes = [str(row["code"]) for row in network.assumptions.table("classes")]
    n = len(network.places)
    kept = Kept(
        np.zeros((len(checks), len(COUNTS), n), dtype=np.int64),
        tuple(np.zeros((batches.number, int(c.cell.max()) + 1, 2), dtype=np.int64) for c in checks),
    )
    waits = Waits(network)
    closed = np.asarray(closed_s, dtype=np.int64)
    for chunk in chunks(COLUMNS):
        for row, check in enumerate(checks):
            checked = (chunk["cls"] == classes.index(check.cls)) & (chunk["dest"] >= 0)
            checked &= chunk["direction"] == DIRECTIONS.index(check.way)
            if not checked.any():
                continue
            items = {name: column[checked] for name, column in chunk.items()}
            flags = _flags(check, items, waits, closed[items["replication"]])
            for column, flag in enumerate(flags):
                kept.places[row, column] += np.bincount(items["dest"][flag], minlength=n)
            _add(kept.batches[row], batches.of_items(items), check.cell[items["dest"]], flags[1])
    return kept


def _flags(check: Check, items: Items, waits: Waits, closed_s: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    """Return for each of `COUNTS` which items it counts."""
    times_s = total_s(items)
    never = times_s == NEVER
    accepted = items["accepted_s"].astype(np.int64)
    took = np.where(never, 0, times_s).astype(np.int64)
    collecting, delivering = waits.collecting_s(items), waits.delivering_s(items)
    waited = collecting + delivering + items["wait_s"]
    skipped_days = collecting // DAY_S + delivering // DAY_S
    spent = (
        took,
        took - skipped_days * DAY_S,
        took - waited // 2,
        took - waited,
        np.minimum(items["upstream_s"] + items["ride_s"] + waits.touring_s(items), took),
        np.minimum(items["upstream_s"], took),
    )
    in_time = [check.within(accepted, accepted + hours) & ~never for hours in spent]
    left = np.flatnonzero(never & (items["outcome"] == _IN_TRANSIT))
    undecided = np.zeros(len(never), dtype=bool)
    undecided[left] = check.within(accepted[left], closed_s[left])
    return [np.ones(len(never), dtype=bool), *in_time, never, undecided]


def _add(
    batches: NDArray[np.int64], batch: NDArray[np.intp], cell: NDArray[np.intp], in_time: NDArray[np.bool_]
) -> None:
    number, cells, _ = batches.shape
    whole = (batch >= 0) & (cell >= 0)
    code = batch[whole] * cells + cell[whole]
    size = number * cells
    batches[:, :, 0] += np.bincount(code, minlength=size).reshape(number, cells)
    batches[:, :, 1] += np.bincount(code[in_time[whole]], minlength=size).reshape(number, cells)
