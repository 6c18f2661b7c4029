"""What the model says where something was observed: times and daily numbers of chosen items.

One walk through the item records counts the chosen items of each fact by batch and by time, in steps of ten
minutes, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.demand.rates import ItemClass
from network.inputs.observed import Fact
from network.model.network import Network
from network.model.records import DAY_S
from network.numeric.quantiles import reached
from sim.demand.items import may_fly
from sim.measures.compliance import Batches, Items
from sim.measures.statistics import Interval, interval
from sim.measures.tally import Chunks
from sim.measures.times import NEVER
from sim.measures.transit import DIRECTIONS, total_s

__all__ = ["COLUMNS", "STEP_S", "Observed", "observe"]

STEP_S = 600
LONGEST_DAYS = 120  # what takes longer, or never comes, is later than any time
COLUMNS = ("replication", "key", "cls", "direction", "origin", "dest", "outcome", "accepted_s", "ended_s")
_STEPS = LONGEST_DAYS * DAY_S // STEP_S


class Observed(NamedTuple):
    """The items that a fact speaks of: how many by batch and step of time.

    Attributes
    ----------
    counts
        (batches, steps + 1): column ``k`` holds the times above ``(k - 1)`` and up to ``k`` steps,
        the last one what never came.
    rest
        (steps + 1,): the same of the items that no batch holds.
    """

    counts: NDArray[np.int64]
    rest: NDArray[np.int64]

    @property
    def items(self) -> int:
        """How many items there are."""
        return int(self.counts.sum() + self.rest.sum())

    def quantile_days(self, q: float) -> float:
        """Return the days that a share `q` of all items does not exceed, rounded up to ten minutes."""
        return _quantile(self.counts.sum(axis=0) + self.rest, q)

    def quantile_interval(self, q: float) -> Interval:
        """Return the same with the half-width over the quantiles of the batches, each to ten minutes.

        The half-width is nan with a single batch, or where that share of a batch never came.
        """
        quantiles = [_quantile(batch, q) for batch in self.counts]
        half = interval(quantiles).half_width if quantiles and np.isfinite(quantiles).all() else float("nan")
        return Interval(self.quantile_days(q), half)

    def share_between(self, low_days: float, high_days: float) -> float:
        """Return the share of all items that took more than `low_days` and up to `high_days`.

        From 0 days on nothing is left out; nan without items.
        """
        upto = np.cumsum(self.counts.sum(axis=0) + self.rest)
        if not upto[-1]:
            return float("nan")
        last = len(upto) - 2  # what comes after it never came

        def until(days: float) -> int:
            if days <= 0:
                return 0
            return int(upto[min(int(days * DAY_S / STEP_S + 1e-9), last) if np.isfinite(days) else last])

        return (until(high_days) - until(low_days)) / int(upto[-1])

    def a_day(self, days: Sequence[int], all_days: int) -> Interval:
        """Return items a day.

        Parameters
        ----------
        days
            Of each batch.
        all_days
            Of all items together.
        """
        by_batch = self.counts.sum(axis=1) / np.asarray(days)
        half = interval(by_batch).half_width if len(by_batch) else float("nan")
        return Interval(self.items / all_days, half)


def _quantile(counts: NDArray[np.int64], q: float) -> float:
    total = int(counts.sum())
    if not total:
        return float("nan")
    step = int(np.searchsorted(np.cumsum(counts), reached(q, total)))
    return step * STEP_S / DAY_S if step < len(counts) - 1 else float("inf")


def observe(
    network: Network,
    classes: Sequence[ItemClass],
    facts: Sequence[Fact],
    chunks: Chunks,
    batches: Batches,
    seed: int,
) -> list[Observed]:
    """Walk once through item records and return what the model says to each fact.

    Parameters
    ----------
    network
        The network that ran.
    classes
        Classes of mail, in the order of item keys.
    facts
        Facts; those of kind "apart" find nothing.
    chunks
        Yields the `COLUMNS` of the measured cohort in chunks.
    batches
        For intervals.
    seed
        Of the run: it says which items may fly.
    """
    codes = [kind.code for kind in classes]
    masks = [_places(network, fact) for fact in facts]
    observed = [
        Observed(np.zeros((batches.number, _STEPS + 2), np.int64), np.zeros(_STEPS + 2, np.int64))
        for _ in facts
    ]
    for chunk in chunks(COLUMNS):
        for fact, inside, answer in zip(facts, masks, observed, strict=True):
            if fact.kind == "apart":
                continue
            rows = _rows(network, fact, codes, inside, chunk)
            if fact.way:
                chosen = {name: chunk[name][rows] for name in ("key", "cls", "replication")}
                flies = _flies(classes, chosen, seed)
                rows = rows[flies == (fact.way == "air")]
            items = {name: chunk[name][rows] for name in COLUMNS}
            _count(answer, items, batches)
    return observed


def _places(network: Network, fact: Fact) -> NDArray[np.bool_]:
    places = network.places
    inside = places.kind != "gateway"
    if fact.county:
        inside = inside & (places.county == fact.county)
    if fact.township:
        inside = inside & ((places.township == fact.township) | (places.id == fact.township))
    if fact.town is not None:
        inside = inside & (places.in_town.astype(bool) == fact.town)
    return np.asarray(inside, dtype=bool)


def _rows(
    network: Network, fact: Fact, codes: Sequence[str], inside: NDArray[np.bool_], items: Items
) -> NDArray[np.intp]:
    wanted = np.isin(items["cls"], [codes.index(code) for code in fact.classes]) & (items["dest"] >= 0)
    if fact.direction:
        wanted &= items["direction"] == DIRECTIONS.index(fact.direction)
    if fact.origin:
        outside = [row["code"] for row in network.assumptions.table("outside")]
        wanted &= items["origin"] == -1 - outside.index(fact.origin)
    wanted &= inside[np.maximum(items["dest"], 0)]
    return np.flatnonzero(wanted)


def _flies(classes: Sequence[ItemClass], items: Items, seed: int) -> NDArray[np.bool_]:
    flies = np.zeros(len(items["key"]), dtype=bool)
    for replication in np.unique(items["replication"]).tolist():
        for number, kind in enumerate(classes):
            same_draw = (items["replication"] == replication) & (items["cls"] == number)
            if same_draw.any():
                flies[same_draw] = may_fly(items["key"][same_draw], kind, seed, replication)
    return flies


def _count(observed: Observed, items: Items, batches: Batches) -> None:
    times_s: NDArray[Any] = total_s(items)
    step = np.minimum((times_s.astype(np.int64) + STEP_S - 1) // STEP_S, _STEPS + 1)
    step = np.where(times_s == NEVER, _STEPS + 1, step)
    batch = batches.of_items(items)
    whole = batch >= 0
    size = _STEPS + 2
    code = batch[whole] * size + step[whole]
    observed.counts[:] += np.bincount(code, minlength=batches.number * size).reshape(batches.number, size)
    observed.rest[:] += np.bincount(step[~whole], minlength=size)
