"""Which scenario is better over worlds: shares, regrets, ranges, and how good the shortcut was.

Pure functions of arrays over worlds; nan stands for a world without an answer, which is left out
and shows in the number of worlds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

__all__ = [
    "Agreement",
    "Beats",
    "Range",
    "Regret",
    "agreement",
    "beats",
    "clopper_pearson",
    "range_of",
    "regrets",
]

LEVEL = 0.95
_SAME = 1e-9  # relative: values this near to each other are equal
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Beats:
    """In how many worlds one scenario is better than another by one measure.

    `share` is that of the worlds in which it is better, `low` and `high` its exact binomial interval at
    95 %: what other draws of as many worlds might give.  `mean`, `p5` and `p95` are of the difference
    one − other, in the unit of the measure.
    """

    worlds: int
    better: int
    equal: int
    worse: int
    share: float
    low: float
    high: float
    mean: float
    p5: float
    p95: float


@dataclass(frozen=True)
class Regret:
    """What choosing a scenario costs against the best one in each world, in the unit of the measure."""

    worlds: int
    best: int  # worlds in which no other is better
    mean: float
    p95: float
    most: float


@dataclass(frozen=True)
class Range:
    """Where a figure lies over the worlds."""

    worlds: int
    mean: float
    least: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    most: float


@dataclass(frozen=True)
class Agreement:
    """How good the scheduled difference is for the simulated one, over the worlds that have both.

    `rank` is Spearman's correlation, nan where one of them never moves; `same_sign` counts the worlds in
    which both say better, both worse or both equal.
    """

    worlds: int
    rank: float
    same_sign: int
    share: float
    low: float
    high: float


def clopper_pearson(successes: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a share.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 3)
    (0.0, 0.308)
    """
    if not trials:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(special.betaincinv(successes, trials - successes + 1, tail)) if successes else 0.0
    high = (
        float(special.betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    )
    return low, high


def _sign(
    difference: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.int64]:
    near = np.abs(difference) <= _SAME * np.maximum(np.abs(a), np.abs(b))
    return np.where(near, 0, np.sign(difference)).astype(np.int64)


def beats(one: ArrayLike, other: ArrayLike, better: int) -> Beats:
    """Return in how many worlds `one` is better than `other`.

    Parameters
    ----------
    one, other
        A measure over the same worlds.
    better
        1 if more of it is better, -1 if less is.
    """
    a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    difference = a - b
    n = len(difference)
    if not n:
        nan = math.nan
        return Beats(0, 0, 0, 0, nan, 0.0, 1.0, nan, nan, nan)
    sign = better * _sign(difference, a, b)
    wins = int((sign > 0).sum())
    low, high = clopper_pearson(wins, n)
    p5, p95 = np.quantile(difference, (0.05, 0.95)).tolist()
    worse = int((sign < 0).sum())
    return Beats(n, wins, n - wins - worse, worse, wins / n, low, high, float(difference.mean()), p5, p95)


def regrets(values: Mapping[str, ArrayLike], better: int) -> dict[str, Regret]:
    """Return the regret of each scenario over the worlds in which all have a value.

    Parameters
    ----------
    values
        A measure over the same worlds, by scenario.
    better
        1 if more of it is better, -1 if less is.

    Examples
    --------
    >>> regret = regrets({"a": [3.0, 1.0], "b": [2.0, 5.0]}, better=-1)
    >>> regret["a"].most, regret["b"].most, regret["a"].mean
    (1.0, 4.0, 0.5)
    """
    table = better * np.array([np.asarray(value, dtype=np.float64) for value in values.values()])
    table = table[:, np.isfinite(table).all(axis=0)]
    n = table.shape[1]
    if not n:
        return {name: Regret(0, 0, math.nan, math.nan, math.nan) for name in values}
    best = table.max(axis=0)
    lost = best - table
    lost[lost <= _SAME * np.abs(best)] = 0.0
    return {
        name: Regret(
            n, int((row == 0).sum()), float(row.mean()), float(np.quantile(row, 0.95)), float(row.max())
        )
        for name, row in zip(values, lost, strict=True)
    }


def range_of(values: ArrayLike) -> Range:
    """Return where a figure lies over worlds."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return Range(0, *([math.nan] * 8))
    p5, p25, p50, p75, p95 = np.quantile(x, _QUANTILES).tolist()
    return Range(len(x), float(x.mean()), float(x.min()), p5, p25, p50, p75, p95, float(x.max()))


def agreement(scheduled: tuple[ArrayLike, ArrayLike], simulated: tuple[ArrayLike, ArrayLike]) -> Agreement:
    """Return how well differences by the shortcut foretell those of the simulation.

    Parameters
    ----------
    scheduled, simulated
        (base, other) over the same worlds.
    """
    p, q, a, b = (np.asarray(x, dtype=np.float64) for x in (*scheduled, *simulated))
    both = np.isfinite(p) & np.isfinite(q) & np.isfinite(a) & np.isfinite(b)
    p, q, a, b = p[both], q[both], a[both], b[both]
    n = len(p)
    if not n:
        return Agreement(0, math.nan, 0, math.nan, 0.0, 1.0)
    short, long = q - p, b - a
    moves = n > 2 and np.ptp(short) > 0 and np.ptp(long) > 0
    rank = float(stats.spearmanr(short, long).statistic) if moves else math.nan
    same = int((_sign(short, p, q) == _sign(long, a, b)).sum())
    return Agreement(n, rank, same, same / n, *clopper_pearson(same, n))
