"""What the model says where something was observed: times and daily numbers of chosen items.

One walk through the item records counts the chosen items of each fact by batch and by time, in steps of ten
minutes, or by county town, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.demand.rates import ItemClass
from network.inputs.observed import OF_ITEMS, Fact
from network.model.network import Network
from network.model.records import DAY_S
from network.numeric.quantiles import reached
from sim.demand.items import may_fly
from sim.measures.compliance import Batches, Items
from sim.measures.statistics import Interval, interval
from sim.measures.tally import Chunks
from sim.measures.times import NEVER
from sim.measures.transit import DIRECTIONS, total_s

__all__ = ["COLUMNS", "STEP_S", "Observed", "Towns", "observe"]

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


class Towns(NamedTuple):
    """The items that a fact speaks of: how many, and how quick, by batch and county; (batches + 1, counties).

    The last row holds the items that no batch holds.

    Attributes
    ----------
    items
        All of them.
    arrived
        Those that have come.
    total_s
        Seconds that these took together.
    same_day
        Those that came on the day on which they were accepted.
    """

    items: NDArray[np.int64]
    arrived: NDArray[np.int64]
    total_s: NDArray[np.int64]
    same_day: NDArray[np.int64]

    def means_days(self) -> NDArray[np.float64]:
        """Return the mean days of what came to each county to which anything came."""
        return _means_days(self.total_s.sum(axis=0), self.arrived.sum(axis=0))

    def mean_days(self) -> Interval:
        """Return the mean over the counties of their means, every county alike; nan without any."""
        of_batches = [
            _means_days(total_s, arrived)
            for total_s, arrived in zip(self.total_s[:-1], self.arrived[:-1], strict=True)
        ]
        means = self.means_days()
        if not len(means) or not all(map(len, of_batches)):
            return Interval(float(means.mean()) if len(means) else float("nan"), float("nan"))
        half = interval([float(batch.mean()) for batch in of_batches]).half_width if of_batches else np.nan
        return Interval(float(means.mean()), half)

    def on_the_day(self) -> Interval:
        """Return how many counties have at least half of their items on the day of acceptance."""
        by_batch = _mostly(self.same_day[:-1], self.items[:-1])
        half = interval(by_batch).half_width if len(by_batch) else float("nan")
        return Interval(float(_mostly(self.same_day.sum(axis=0), self.items.sum(axis=0))), half)


def _means_days(total_s: NDArray[np.int64], arrived: NDArray[np.int64]) -> NDArray[np.float64]:
    reached = arrived > 0
    return np.asarray(total_s[reached] / arrived[reached] / DAY_S, dtype=np.float64)


def _mostly(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(((2 * part >= whole) & (whole > 0)).sum(axis=-1), dtype=np.int64)


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
) -> list[Observed | Towns]:
    """Walk once through item records and return what the model says to each fact.

    Parameters
    ----------
    network
        The network that ran.
    classes
        Classes of mail, in the order of item keys.
    facts
        Facts; those that no item answers (`network.inputs.observed.OF_ITEMS`) find nothing.
    chunks
        Yields the `COLUMNS` of the measured cohort in chunks.
    batches
        For intervals.
    seed
        Of the run: it says which items may fly.
    """
    codes = [kind.code for kind in classes]
    masks = [_places(network, fact) for fact in facts]
    names, county = np.unique(network.places.county, return_inverse=True)
    shape = (batches.number + 1, len(names))
    observed: list[Observed | Towns] = [
        Towns(*(np.zeros(shape, np.int64) for _ in Towns._fields))
        if fact.kind in ("towns", "counties")
        else Observed(np.zeros((batches.number, _STEPS + 2), np.int64), np.zeros(_STEPS + 2, np.int64))
        for fact in facts
    ]
    for chunk in chunks(COLUMNS):
        for fact, inside, answer in zip(facts, masks, observed, strict=True):
            if fact.kind not in OF_ITEMS:
                continue
            rows = _rows(network, fact, codes, inside, chunk)
            if fact.way:
                chosen = {name: chunk[name][rows] for name in ("key", "cls", "replication")}
                flies = _flies(classes, chosen, seed)
                rows = rows[flies == (fact.way == "air")]
            items = {name: chunk[name][rows] for name in COLUMNS}
            if isinstance(answer, Towns):
                _count_towns(answer, items, batches, county)
            else:
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
    of_class = np.isin(np.arange(len(codes)), [codes.index(code) for code in fact.classes])
    wanted = of_class[items["cls"]] & (items["dest"] >= 0)
    if fact.direction:
        wanted &= items["direction"] == DIRECTIONS.index(fact.direction)
    if fact.origin:
        outside = [row["code"] for row in network.assumptions.table("outside")]
        wanted &= items["origin"] == -1 - outside.index(fact.origin)
    if fact.from_county:
        start = np.asarray(network.places.county == fact.from_county, dtype=bool)
        wanted &= (items["origin"] >= 0) & start[np.maximum(items["origin"], 0)]
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


def _count_towns(towns: Towns, items: Items, batches: Batches, county: NDArray[np.intp]) -> None:
    times_s = total_s(items).astype(np.int64)
    came = times_s != NEVER
    day = items["accepted_s"].astype(np.int64) // DAY_S
    on_day = came & ((items["accepted_s"] + times_s) // DAY_S == day)
    batch = batches.of_items(items)
    row = np.where(batch >= 0, batch, batches.number)
    code = row * towns.items.shape[1] + county[items["dest"]]
    for counts, weight in (
        (towns.items, np.ones(len(code), np.int64)),
        (towns.arrived, came),
        (towns.total_s, np.where(came, times_s, 0)),
        (towns.same_day, on_day),
    ):
        summed = np.bincount(code, weights=weight, minlength=counts.size)
        counts[:] += np.rint(summed).astype(np.int64).reshape(counts.shape)
