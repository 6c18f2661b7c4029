"""Every measure of two scenarios side by side, with the interval of its difference."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from network.numeric.columns import Column
from scenarios.runs.summary import flatten
from sim.measures.pairing import holm, pairs, unpaired

__all__ = ["COLUMNS", "LEVEL", "Difference", "differences", "no_counterpart", "rows"]

LEVEL = 0.95
#: Columns of ``differences.csv``.
COLUMNS = (
    Column("scenario", "str", "", "the other scenario"),
    Column("measure", "str", "", "key of the measure, as in summary.json"),
    Column("base", "float64", "", "mean of the base"),
    Column("other", "float64", "", "mean of the other"),
    Column("difference", "float64", "", "other − base"),
    Column("half_width", "float64", "", "half-width of the difference's interval; empty: one replication"),
    Column(
        "half_width_together",
        "float64",
        "",
        "the same if all measures of the two scenarios shall hold at once (Bonferroni)",
    ),
    Column("p", "float64", "", "chance of so great a difference where there is none"),
    Column(
        "p_together",
        "float64",
        "",
        "the same where all measures of the two scenarios are read together (Holm)",
    ),
    Column("half_width_unpaired", "float64", "", "half-width if the replications shared nothing (Welch)"),
    Column(
        "ratio", "float64", "", "half_width_unpaired / half_width; empty: the difference does not vary at all"
    ),
    Column("correlation", "float64", "", "of base and other over replications"),
    Column(
        "variance_saved",
        "float64",
        "share",
        "share of the variance of the difference that pairing takes away",
    ),
    Column("paired", "int64", "", "1: replications are pairs; 0: they are not, and the interval is Welch's"),
)


@dataclass(frozen=True)
class Difference:
    """One measure in two scenarios: means, and the interval of the difference other − base."""

    key: str
    base: float
    other: float
    difference: float
    half_width: float | None  # None with a single replication
    unpaired: float | None = None  # half-width if the replications shared nothing
    correlation: float | None = None
    p: float | None = None
    together: float | None = None  # half-width if all measures of the pair shall hold at once
    p_together: float | None = None
    paired: bool = True
    variance_saved: float | None = None  # share of the difference's variance; below 0 if pairing adds some

    @property
    def clear(self) -> bool:
        """Whether the interval lies wholly on one side of 0."""
        return self.half_width is not None and abs(self.difference) > self.half_width

    @property
    def ratio(self) -> float | None:
        """Unpaired half-width over the paired one; None where there is none, or nothing varies."""
        if not self.paired or self.unpaired is None or not self.half_width:
            return None
        return self.unpaired / self.half_width

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON; the rest is in ``differences.csv``."""
        return {
            "base": self.base,
            "other": self.other,
            "difference": self.difference,
            "half_width": self.half_width,
            "clear": self.clear,
        }


def differences(base: Sequence[Any], other: Sequence[Any], paired: bool = True) -> dict[str, Difference]:
    """Return the differences of all measures that both have in every replication.

    Parameters
    ----------
    base, other
        Measures of each replication; of pairs in the same order.
    paired
        Whether replication i of both ran on the same draws.
    """
    a = [dict(flatten(tree)) for tree in base]
    b = [dict(flatten(tree)) for tree in other]
    keys = [key for key in a[0] if _always(a, key) and _always(b, key)]
    if not keys:
        return {}
    x, y = (np.array([[tree[key] for key in keys] for tree in trees], dtype=np.float64) for trees in (a, b))
    compared = pairs(x, y, LEVEL) if paired else unpaired(x, y, LEVEL)
    # What is the same number in both in all replications is no finding and needs no share of the level.
    varies = (compared.difference != 0) | (compared.error != 0)
    together = compared.together(LEVEL, int(varies.sum()))
    p_together = holm(np.where(varies, compared.p, np.nan))
    saved = _saved(x, y) if paired else np.full(len(keys), np.nan)
    return {
        key: Difference(
            key,
            float(compared.base[row]),
            float(compared.other[row]),
            float(compared.difference[row]),
            _known(compared.half_width[row]),
            _known(compared.unpaired[row]),
            _known(compared.correlation[row]),
            _known(compared.p[row]),
            _known(together[row]),
            _known(p_together[row] if varies[row] else 1.0),
            paired,
            _known(saved[row]),
        )
        for row, key in enumerate(keys)
    }


def _saved(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if len(x) < 2:
        return np.full(x.shape[1], np.nan)
    apart = x.var(axis=0, ddof=1) + y.var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (y - x).var(axis=0, ddof=1) / apart)


def _always(trees: Iterable[Mapping[str, float | None]], key: str) -> bool:
    return all(tree.get(key) is not None for tree in trees)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def no_counterpart(base: Sequence[Any], other: Sequence[Any]) -> dict[str, list[str]]:
    """Return the measures that cannot be compared: had by one scenario only, or not in every replication."""
    a = [dict(flatten(tree)) for tree in base]
    b = [dict(flatten(tree)) for tree in other]

    def known(trees: Sequence[Mapping[str, float | None]]) -> set[str]:
        return {key for tree in trees for key, value in tree.items() if value is not None}

    ours, theirs = known(a), known(b)
    both = ours & theirs
    return {
        "only_base": sorted(ours - theirs),
        "only_other": sorted(theirs - ours),
        "not_in_every_replication": sorted(k for k in both if not (_always(a, k) and _always(b, k))),
    }


def rows(scenario: str, by_measure: Mapping[str, Difference]) -> list[dict[str, Any]]:
    """Return the rows of ``differences.csv`` of one scenario."""
    return [
        {
            "scenario": scenario,
            "measure": key,
            "base": diff.base,
            "other": diff.other,
            "difference": diff.difference,
            "half_width": diff.half_width,
            "half_width_together": diff.together,
            "p": diff.p,
            "p_together": diff.p_together,
            "half_width_unpaired": diff.unpaired,
            "ratio": diff.ratio,
            "correlation": diff.correlation,
            "variance_saved": diff.variance_saved,
            "paired": int(diff.paired),
        }
        for key, diff in by_measure.items()
    ]
