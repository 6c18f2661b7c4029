"""Transit times of item records by groups: counts, stages, quantiles, shares in time.

An item that was neither delivered nor handed over at its gateway, and for
which no first attempt was made, has the time `NEVER`: it stays in its group,
later than any number of hours, so that no quantile and no share is better for
having lost it.  How far that moves a figure is told by the same figure under
``at_close``, for which each item in transit arrives the moment the run closes:
sooner it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from network.model.network import Network
from sim.measures.times import HOUR_S, NEVER, Grouping, GroupTimes

__all__ = [
    "DIRECTIONS",
    "OUTCOMES",
    "STAGES",
    "TIERS",
    "Cells",
    "Table",
    "at_close_s",
    "bundles",
    "finite",
    "place_tiers",
    "total_s",
]

STAGES = ("upstream", "collect", "handle", "wait", "ride", "deliver")
DIRECTIONS = ("same_prefecture", "within_region", "inbound", "outbound")
OUTCOMES = ("delivered", "handed_over", "refused", "in_transit", "returned")
TIERS = ("gateway", "region", "prefecture", "county", "village")
QUANTILES = (0.5, 0.8, 0.95)

Columns = Mapping[str, NDArray[Any]]


def place_tiers(network: Network) -> NDArray[np.int8]:
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


def bundles(network: Network) -> NDArray[np.bool_]:
    """Return for each class whether it is one of newspaper bundles, which go to places and not to people."""
    return np.array([row["flow"] == "place" for row in network.assumptions.table("classes")])


def total_s(items: Columns) -> NDArray[np.int32]:
    """Return the transit time of each item in seconds, `NEVER` for what has not arrived.

    It ends at the first delivery attempt, whatever becomes of the item afterwards, or at the hand-over.
    """
    ended = items["ended_s"]
    arrived = (ended >= 0) & (items["outcome"] != OUTCOMES.index("refused"))
    return np.where(arrived, ended - items["accepted_s"], NEVER).astype(np.int32, copy=False)


def at_close_s(items: Columns, times_s: NDArray[np.int32], closed_s: int) -> NDArray[np.int32]:
    """Return the transit times if each item in transit arrived when the run closed: none can be less."""
    unresolved = (items["outcome"] == OUTCOMES.index("in_transit")) & (times_s == NEVER)
    return np.where(unresolved, closed_s - items["accepted_s"], times_s).astype(np.int32, copy=False)


class Table(NamedTuple):
    """A grouping of cells with the names of its groups."""

    group: NDArray[np.int64]  # of each cell; -1 leaves a cell out
    names: Sequence[str]


class Cells:
    """Items sorted into small cells: class × direction × tiers × prefecture of destination.

    Every table of `sim.measures.service` is a grouping of these cells, so the items
    are counted once, whatever the number of tables.
    """

    def __init__(self, network: Network) -> None:
        places = network.places
        self._tiers = place_tiers(network)
        self.classes = tuple(str(row["code"]) for row in network.assumptions.table("classes"))
        self.prefectures = tuple(sorted({str(name) for name in places.prefecture} - {""}))
        row = {name: i for i, name in enumerate(self.prefectures)}
        none = len(self.prefectures)
        self._prefecture = np.full(len(self._tiers), none, dtype=np.int8)
        self._prefecture[: len(places)] = [row.get(str(name), none) for name in places.prefecture]
        self._shape = (len(self.classes), len(DIRECTIONS), len(TIERS), len(TIERS), none + 1)
        self.size = int(np.prod(self._shape))
        self.axes = tuple(np.unravel_index(np.arange(self.size), self._shape))
        self.tables = self._tables(bundles(network))
        self.outcomes = np.zeros((self.size, len(OUTCOMES)), dtype=np.int64)
        self.stage_s = np.zeros((self.size, len(STAGES)))  # whole seconds, of items that arrived

    def code(self, items: Columns) -> NDArray[np.int32]:
        """Return the cell of each item."""
        code = items["cls"].astype(np.int32)
        parts = (
            items["direction"],
            self._tiers[items["origin"]],
            self._tiers[items["dest"]],
            self._prefecture[items["dest"]],
        )
        for size, part in zip(self._shape[1:], parts, strict=True):
            code *= size
            code += part
        return code

    def count(self, code: NDArray[np.int32], items: Columns, times_s: NDArray[np.int32]) -> None:
        """Count outcomes and stages of items in their cells."""
        kinds = len(OUTCOMES)
        index = code * kinds + items["outcome"]
        self.outcomes += np.bincount(index, minlength=self.size * kinds).reshape(self.size, kinds)
        # What has not arrived goes to one more cell at the end, whose stages are then forgotten.
        index = np.where(times_s == NEVER, self.size, code)
        for column, stage in enumerate(STAGES):
            weights = items[f"{stage}_s"]
            self.stage_s[:, column] += np.bincount(index, weights, self.size + 1)[: self.size]

    def _tables(self, bundle: NDArray[np.bool_]) -> dict[str, Table]:
        cls, direction, origin, dest, prefecture = self.axes
        mail = ~bundle[cls]
        home = direction != DIRECTIONS.index("outbound")
        inbound = direction == DIRECTIONS.index("inbound")
        inside = prefecture < len(self.prefectures)

        def table(group: NDArray[np.int64], names: Sequence[str], where: NDArray[np.bool_]) -> Table:
            return Table(np.where(where, group, -1), names)

        pairs = [f"{a} {b}" for a in TIERS for b in TIERS]
        return {
            "whole": table(np.where(home, 0, 1), ("all", "outbound"), mail),
            "by_class": table(cls, self.classes, home),
            "by_direction": table(direction, DIRECTIONS, mail),
            "by_tiers": table(origin * len(TIERS) + dest, pairs, mail),
            "by_prefecture": table(prefecture, self.prefectures, mail & home & inside),
            "inbound_by_prefecture": table(prefecture, self.prefectures, mail & inbound & inside),
        }

    def groupings(self) -> dict[str, Grouping]:
        """Return what `sim.measures.times.Times` must know of the tables."""
        return {name: Grouping(t.group, len(t.names), QUANTILES) for name, t in self.tables.items()}

    def rows(self, table: str, times: GroupTimes, at_close: GroupTimes) -> dict[str, dict[str, Any]]:
        """Return one row of measures for each group of a table that has items."""
        group, names = self.tables[table]
        chosen = group >= 0
        stages = np.zeros((len(names), len(STAGES)))
        np.add.at(stages, group[chosen], self.stage_s[chosen])
        rows = {}
        for g, name in enumerate(names):
            n, arrived = int(times.n[g]), int(times.arrived[g])
            if n == 0:
                continue
            mean = {
                stage: float(stages[g, i]) / arrived / HOUR_S if arrived else None
                for i, stage in enumerate(STAGES)
            }
            rows[name] = {
                "items": n,
                "undelivered": n - arrived,
                "unresolved": int(at_close.arrived[g]) - arrived,
                # The sum of the very numbers shown as stages: it is the mean, and it adds up to the last bit.
                "mean_h": sum(value for value in mean.values() if value is not None) if arrived else None,
                **_figures(times, g),
                "stages_h": mean,
                "at_close": {"mean_h": finite(at_close.mean_h[g]), **_figures(at_close, g)},
            }
        return rows


def _figures(times: GroupTimes, group: int) -> dict[str, Any]:
    n = int(times.n[group])
    return {
        **{f"p{round(100 * q)}_h": finite(hours[group]) for q, hours in times.quantile_h.items()},
        "within": {str(h): int(within[group]) / n for h, within in times.within.items()},
    }


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None for infinity and nan."""
    return float(value) if np.isfinite(value) else None
