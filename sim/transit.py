"""Transit times of item records by groups: counts, stages, quantiles, shares in time.

An item that was not delivered (nor handed over at its gateway) has the time
`NEVER`: it stays in its group, later than any number of hours, so that no
quantile and no share is better for having lost it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.graph import MailNetwork

__all__ = [
    "DIRECTIONS",
    "NEVER",
    "OUTCOMES",
    "STAGES",
    "TIERS",
    "Cells",
    "SortedTimes",
    "finite",
    "place_tiers",
    "total_s",
]

STAGES = ("upstream", "collect", "handle", "wait", "ride", "deliver")
DIRECTIONS = ("same_prefecture", "within_region", "inbound", "outbound")
OUTCOMES = ("delivered", "handed_over", "refused", "under_way", "returned")
TIERS = ("gateway", "region", "prefecture", "county", "village")

NEVER = np.int32(2**31 - 1)
HOUR_S = 3600

Columns = Mapping[str, NDArray[Any]]


def place_tiers(network: MailNetwork) -> NDArray[np.int8]:
    """Return the tier (row of `TIERS`) of each place, and of the outside classes behind them.

    In town: region = the district of the regional centre, prefecture = the
    districts of the prefecture centres, county = the other county towns.
    Everything out of town is "village", townships and monasteries too.  The
    array is longer than the places by the outside classes, so that the records'
    ``-1 - row`` of an outside end finds its gateway tier by plain indexing.
    """
    places = network.places
    tier_of_county = {
        str(places.county[places.row(centre.place)]): centre.tier
        for centre in network.centres
        if centre.tier in ("region", "prefecture")
    }
    outside = len(network.assumptions.table("outside"))
    tiers = np.full(len(places) + outside, TIERS.index("village"), dtype=np.int8)
    codes, inverse = np.unique(places.county, return_inverse=True)
    of_county = np.array([TIERS.index(tier_of_county.get(str(code), "county")) for code in codes])
    town = places.in_town.astype(bool) | (places.kind == "county")
    tiers[: len(places)][town] = of_county[inverse][town]
    tiers[: len(places)][places.kind == "gateway"] = TIERS.index("gateway")
    tiers[len(places) :] = TIERS.index("gateway")
    return tiers


def total_s(items: Columns) -> NDArray[np.int32]:
    """Return the transit time of each item in seconds, `NEVER` for what has not arrived.

    The first delivery attempt ends it, whatever becomes of the item then.
    """
    arrived = (items["ended_s"] >= 0) & (items["outcome"] != OUTCOMES.index("refused"))
    return np.where(arrived, items["ended_s"] - items["accepted_s"], NEVER).astype(np.int32, copy=False)


class SortedTimes:
    """Times in order within their groups: any quantile and any share is then a look-up.

    Parameters
    ----------
    code
        Group of each item; items with a negative code are left out.
    times_s
        Seconds, at least 0; `NEVER` for what has not arrived.
    groups
        Number of groups.
    """

    def __init__(self, code: NDArray[Any], times_s: NDArray[np.int32], groups: int) -> None:
        chosen = code >= 0
        if not chosen.all():
            code, times_s = code[chosen], times_s[chosen]
        # One sort of (group, time) packed into an integer is several times faster than an argsort by time.
        key = code.astype(np.int64)
        key <<= 32
        key |= times_s
        key.sort()
        self._key = key
        self.n = np.bincount(code, minlength=groups)
        self._first = np.concatenate(([0], np.cumsum(self.n)))[:-1]

    def quantile_h(self, q: float) -> NDArray[np.float64]:
        """Return the hours that at least a share `q` of each group does not exceed.

        ``nan`` for an empty group, infinity where that share has not arrived.
        """
        hours = np.full(len(self.n), np.nan)
        some = self.n > 0
        rank = np.maximum(np.ceil(q * self.n[some] * (1 - 1e-12)).astype(np.int64), 1) - 1
        times = self._key[self._first[some] + rank] & 0xFFFFFFFF
        hours[some] = np.where(times == NEVER, np.inf, times / HOUR_S)
        return hours

    def within(self, hours: float) -> NDArray[np.int64]:
        """Return how many items of each group arrived within so many hours."""
        bound = np.arange(len(self.n), dtype=np.int64) << 32 | min(int(hours * HOUR_S), int(NEVER) - 1)
        return np.searchsorted(self._key, bound, side="right") - self._first

    def mean_h(self) -> NDArray[np.float64]:
        """Return the mean hours of what arrived, ``nan`` for a group where nothing has."""
        times = self._key & 0xFFFFFFFF
        group = self._key >> 32
        arrived = times != NEVER
        n = np.bincount(group[arrived], minlength=len(self.n))
        total = np.bincount(group[arrived], weights=times[arrived], minlength=len(self.n))
        return np.divide(total, n * HOUR_S, out=np.full(len(n), np.nan), where=n > 0)

    def arrived(self) -> NDArray[np.int64]:
        """Return how many items of each group arrived at all."""
        return self.within(float(NEVER) / HOUR_S)


@dataclass(frozen=True, eq=False)
class Cells:
    """Items sorted into small cells: class × direction × tiers × prefecture of destination.

    Every table of `sim.measures` is a grouping of these cells, so the items
    are walked once for counts and stages and once a table for the quantiles.
    """

    classes: int
    prefectures: tuple[str, ...]
    code: NDArray[np.int32]  # cell of each item
    times_s: NDArray[np.int32]
    outcomes: NDArray[np.int64]  # (cells, outcomes)
    stage_s: NDArray[np.float64]  # (cells, stages): whole seconds, of items that arrived

    @classmethod
    def of(cls, network: MailNetwork, items: Columns, times_s: NDArray[np.int32]) -> Cells:
        """Sort the items of a run into cells."""
        places = network.places
        tiers = place_tiers(network)
        names = tuple(sorted({str(name) for name in places.prefecture} - {""}))
        row = {name: i for i, name in enumerate(names)}
        prefecture = np.full(len(tiers), len(names), dtype=np.int8)
        prefecture[: len(places)] = [row.get(str(name), len(names)) for name in places.prefecture]
        shape = (
            len(network.assumptions.table("classes")),
            len(DIRECTIONS),
            len(TIERS),
            len(TIERS),
            len(names) + 1,
        )
        code = items["cls"].astype(np.int32)
        for size, part in (
            (shape[1], items["direction"]),
            (shape[2], tiers[items["origin"]]),
            (shape[3], tiers[items["dest"]]),
            (shape[4], prefecture[items["dest"]]),
        ):
            code *= size
            code += part
        cells = int(np.prod(shape))
        outcomes = np.bincount(code * len(OUTCOMES) + items["outcome"], minlength=cells * len(OUTCOMES))
        # What has not arrived goes to one more cell at the end, whose stages are then forgotten.
        index = np.where(times_s == NEVER, cells, code).astype(np.intp)
        stage_s = np.stack(
            [np.bincount(index, weights=items[f"{s}_s"], minlength=cells + 1)[:cells] for s in STAGES], axis=1
        ).astype(np.float64, copy=False)
        return cls(shape[0], names, code, times_s, outcomes.reshape(cells, len(OUTCOMES)), stage_s)

    @cached_property
    def axes(self) -> tuple[NDArray[np.int64], ...]:
        """Class, direction, origin tier, destination tier and prefecture of each cell."""
        shape = (self.classes, len(DIRECTIONS), len(TIERS), len(TIERS), len(self.prefectures) + 1)
        return tuple(np.unravel_index(np.arange(int(np.prod(shape))), shape))

    def table(
        self, group: NDArray[np.int64], names: Sequence[str], hours: Sequence[int], quantiles: Sequence[float]
    ) -> dict[str, dict[str, Any]]:
        """Return one row of measures for each group that has items.

        Parameters
        ----------
        group
            Group of each cell, -1 for cells to leave out.
        names
            Name of each group.
        hours, quantiles
            What to report.
        """
        of_item = group.astype(np.int16)[self.code]
        times = SortedTimes(of_item, self.times_s, len(names))
        counts = times.arrived()
        chosen = group >= 0
        stages = np.zeros((len(names), len(STAGES)))
        np.add.at(stages, group[chosen], self.stage_s[chosen])
        at = {q: times.quantile_h(q) for q in quantiles}
        within = {h: times.within(h) for h in hours}
        rows = {}
        for g, name in enumerate(names):
            n = int(times.n[g])
            if n == 0:
                continue
            arrived = int(counts[g])
            mean = {
                stage: float(stages[g, i]) / arrived / HOUR_S if arrived else None
                for i, stage in enumerate(STAGES)
            }
            rows[name] = {
                "items": n,
                "undelivered": n - arrived,
                # The sum of the very numbers shown as stages: it is the mean, and it adds up to the last bit.
                "mean_h": sum(value for value in mean.values() if value is not None) if arrived else None,
                **{f"p{round(100 * q)}_h": finite(at[q][g]) for q in quantiles},
                "within": {str(h): int(within[h][g]) / n for h in hours},
                "stages_h": mean,
            }
        return rows


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None for infinity and nan."""
    return float(value) if np.isfinite(value) else None
