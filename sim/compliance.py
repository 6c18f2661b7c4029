"""How many items keep the limits of service standards, and what would have brought the others in time.

An item is *in time* if its first attempt comes within the limit; one that has none is not, whatever the
reason.  For each item it is asked whether it would be in time

- if its rounds, the one that collects it and the one that delivers it, ran every day,
- if every wait for a round or for a trip were half as long,
- if it never waited for a round or a trip,
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

from network.graph import MailNetwork
from network.handover import counters, handover_s
from network.model import DAY_S, WEEK_S
from network.standard_tables import Limit
from network.standards import WorkingDays
from sim.tally import Chunks
from sim.times import HOUR_S, NEVER
from sim.transit import DIRECTIONS, OUTCOMES, total_s

__all__ = ["COLUMNS", "COUNTS", "MENDINGS", "Batches", "Check", "Kept", "Waits", "keep"]

#: What would bring an item in time, the cheapest first.
MENDINGS: Mapping[str, str] = {
    "daily_round": "its rounds run every day",
    "halved_waits": "every wait for a round or trip is half as long",
    "no_waits": "it never waits for a round or trip",
    "upstream": "nothing but the hours outside the region counts",
}
#: What is counted of the items of a limit at each place; `undecided`: under way at close, and not late yet.
COUNTS = ("items", "in_time", *MENDINGS, "not_arrived", "undecided")
COLUMNS = (
    "replication", "cls", "brand", "direction", "origin", "dest", "outcome", "accepted_s", "ended_s",
    "upstream_s", "collect_s", "wait_s", "deliver_s",
)  # fmt: skip
_UNDER_WAY = OUTCOMES.index("under_way")

Items = Mapping[str, NDArray[Any]]


class Check(NamedTuple):
    """A limit, with the count of days of each of its classes when it is one in days."""

    limit: Limit
    days: Mapping[str, WorkingDays]

    def within(self, cls: str, accepted_s: NDArray[Any], ended_s: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which items of a class are in time."""
        value = self.limit.value
        assert value is not None  # of a limit that is not known nothing is asked
        if self.limit.unit == "hours":
            return np.asarray(ended_s - accepted_s <= round(value * HOUR_S))
        return self.days[cls].days(accepted_s, ended_s) <= value


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
    """Counts of items by limit."""

    places: NDArray[np.int64]  # (limits, COUNTS, places)
    batches: NDArray[np.int64]  # (limits, batches, cells, 2): items, and those in time


class Waits:
    """How long items wait for rounds, from their stages and the rounds of the network.

    Parameters
    ----------
    network
        Rounds, and what brands hold back before a round (rule 5).
    """

    def __init__(self, network: MailNetwork) -> None:
        n = len(network.places)
        self._way_out_s = np.zeros(n, dtype=np.int64)  # from the departure of a round to the place
        self._way_back_s = np.zeros(n, dtype=np.int64)  # from the place to the intake at the base
        for tour in network.rounds:
            rows = [network.places.row(place) for place in tour.places]
            self._way_out_s[rows] = np.asarray(tour.visit_s) - tour.depart_s
            self._way_back_s[rows] = tour.intake_s - np.asarray(tour.cut_s)
        self._held_s = handover_s(network)
        self._counters = counters(network)

    def collecting_s(self, items: Items) -> NDArray[np.int64]:
        """Return the wait of each item for the round that collects it; 0 for what comes from outside."""
        origin = items["origin"]
        if self._counters is not None:
            origin = np.where(origin >= 0, self._counters[items["brand"] + 1, origin], origin)
        wait = np.maximum(items["collect_s"] - self._way_back_s[origin], 0)
        return np.where(origin >= 0, wait, 0)

    def delivering_s(self, items: Items) -> NDArray[np.int64]:
        """Return the wait of each item, in the region, for the round that makes its first attempt."""
        dest = items["dest"]
        stays = self._way_out_s[dest] + self._held_s[items["brand"] + 1, dest]
        return np.maximum(items["deliver_s"] - stays, 0)


def keep(
    network: MailNetwork,
    checks: Sequence[Check],
    chunks: Chunks,
    closed_s: Sequence[int],
    batches: Batches,
    cell: NDArray[np.intp],
) -> Kept:
    """Walk once through item records and count what keeps the limits.

    Parameters
    ----------
    network
        The network that ran.
    checks
        Limits whose value is known.
    chunks
        Yields the `COLUMNS` of the measured cohort in chunks.
    closed_s
        Second at which each replication closed.
    batches
        For intervals.
    cell
        (places,) of batches: a small number for each place.
    """
    classes = [str(row["code"]) for row in network.assumptions.table("classes")]
    n, cells = len(network.places), int(cell.max()) + 1
    found = Kept(
        np.zeros((len(checks), len(COUNTS), n), dtype=np.int64),
        np.zeros((len(checks), batches.number, cells, 2), dtype=np.int64),
    )
    waits = Waits(network)
    closed = np.asarray(closed_s, dtype=np.int64)
    for chunk in chunks(COLUMNS):
        for row, check in enumerate(checks):
            ways = np.isin(np.arange(len(DIRECTIONS)), [DIRECTIONS.index(w) for w in check.limit.directions])
            for code in check.limit.classes:
                mine = (chunk["cls"] == classes.index(code)) & ways[chunk["direction"]] & (chunk["dest"] >= 0)
                if not mine.any():
                    continue
                items = {name: column[mine] for name, column in chunk.items()}
                flags = _flags(check, code, items, waits, closed[items["replication"]])
                for column, flag in enumerate(flags):
                    dest = items["dest"] if column == 0 else items["dest"][flag]
                    found.places[row, column] += np.bincount(dest, minlength=n)
                _add(found.batches[row], batches.of_items(items), cell[items["dest"]], flags[1])
    return found


def _flags(
    check: Check, cls: str, items: Items, waits: Waits, closed_s: NDArray[np.int64]
) -> list[NDArray[np.bool_]]:
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
        np.minimum(items["upstream_s"], took),
    )
    in_time = [check.within(cls, accepted, accepted + some) & ~never for some in spent]
    left = np.flatnonzero(never & (items["outcome"] == _UNDER_WAY))
    undecided = np.zeros(len(never), dtype=bool)
    undecided[left] = check.within(cls, accepted[left], closed_s[left])
    return [np.ones(len(never), dtype=bool), *in_time, never, undecided]


def _add(
    batches: NDArray[np.int64], batch: NDArray[np.intp], cell: NDArray[np.intp], in_time: NDArray[np.bool_]
) -> None:
    number, cells, _ = batches.shape
    whole = batch >= 0
    code = batch[whole] * cells + cell[whole]
    size = number * cells
    batches[:, :, 0] += np.bincount(code, minlength=size).reshape(number, cells)
    batches[:, :, 1] += np.bincount(code[in_time[whole]], minlength=size).reshape(number, cells)
