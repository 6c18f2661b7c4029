"""Intervals over replications and quantiles of items.

A number of replications below two gives no interval: its half-width is
``nan``, which means "not measured" and is never shown as 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

__all__ = ["Interval", "interval", "paired", "quantiles", "relative", "sufficient", "weighted_quantile"]


class Interval(NamedTuple):
    """A mean and the half-width of its confidence interval, in the unit of the values."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """Lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end."""
        return self.mean + self.half_width


def interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the mean of independent values and Student's half-width.

    Parameters
    ----------
    values
        One value for each replication.
    level
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        Half-width ``nan`` for a single value; the mean is ``nan`` if any value is.

    Raises
    ------
    ValueError
        If there is no value or `level` is not between 0 and 1.

    Examples
    --------
    >>> mean, half = interval([10.0, 12.0, 14.0])
    >>> mean, round(half, 3)
    (12.0, 4.968)
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    x = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0:
        raise ValueError("an interval needs at least one value")
    mean = float(x.mean())
    if x.size < 2:
        return Interval(mean, float("nan"))
    quantile = float(special.stdtrit(x.size - 1, (1 + level) / 2))
    return Interval(mean, quantile * float(x.std(ddof=1)) / float(np.sqrt(x.size)))


def paired(base: ArrayLike, other: ArrayLike, level: float = 0.95) -> Interval:
    """Return the interval of the difference ``other - base`` of replications run on the same draws.

    Raises
    ------
    ValueError
        If the two have different lengths, and as for `interval`.

    Examples
    --------
    >>> paired([10.0, 20.0, 30.0], [9.0, 19.0, 29.0])
    Interval(mean=-1.0, half_width=0.0)
    """
    a = np.asarray(base, dtype=np.float64).ravel()
    b = np.asarray(other, dtype=np.float64).ravel()
    if a.shape != b.shape:
        raise ValueError(f"paired values must be as many on both sides, got {a.size} and {b.size}")
    return interval(b - a, level)


def relative(values: ArrayLike, level: float = 0.95) -> float:
    """Return the half-width of the interval as a share of the mean's size.

    0 if all values are 0; ``nan`` for a single value, infinity if only the mean is 0.

    Examples
    --------
    >>> round(relative([10.0, 12.0, 14.0]), 3)
    0.414
    """
    mean, half = interval(values, level)
    if mean == 0:
        return 0.0 if half == 0 else float("nan") if np.isnan(half) else float("inf")
    return half / abs(mean)


def sufficient(values: ArrayLike, wanted: ArrayLike, least: int = 3, level: float = 0.95) -> int | None:
    """Return the first number of replications after which every interval is narrow enough.

    Each number is judged by the first so many replications alone, so the answer
    does not depend on how many more there are.

    Parameters
    ----------
    values
        (replications, measures).
    wanted
        Half-width wanted of each measure, as a share of its mean.
    least
        Fewest replications to judge by, at least 2.

    Returns
    -------
    int
        None if the replications are not enough.

    Examples
    --------
    >>> sufficient([[10.0], [12.0], [11.0], [11.0]], [0.15])
    4
    """
    x = np.asarray(values, dtype=np.float64)
    limits = np.asarray(wanted, dtype=np.float64).tolist()
    for n in range(max(least, 2), len(x) + 1):
        if all(relative(column[:n], level) <= limit for column, limit in zip(x.T, limits, strict=True)):
            return n
    return None


def quantiles(values: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return quantiles of values: the smallest value that at least a share `q` does not exceed.

    That is an observed value, never an interpolated one, so P80 <= h says
    exactly that at least 80 % of the values are <= h.

    Parameters
    ----------
    values
        Infinity stands for what has not come yet and counts as greatest.
    q
        Shares from 0 to 1.

    Examples
    --------
    >>> quantiles([1.0, 2.0, 3.0, 4.0, 5.0], [0.5, 0.8, 0.81]).tolist()
    [3.0, 4.0, 5.0]
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    return weighted_quantile(x, np.ones(x.size), q)


def weighted_quantile(values: ArrayLike, weights: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return the smallest value at which the weight of all values up to it reaches a share `q`.

    Parameters
    ----------
    values
        As for `quantiles`; those of weight 0 are passed over.
    weights
        At least 0.
    q
        Shares from 0 to 1.

    Returns
    -------
    numpy.ndarray
        In the shape of `q`; ``nan`` if nothing has weight.

    Raises
    ------
    ValueError
        If the lengths differ, a weight is negative, a value is ``nan`` or a share is outside 0 to 1.

    Examples
    --------
    >>> weighted_quantile([10.0, 20.0, 30.0], [1, 1, 8], [0.1, 0.2, 0.5]).tolist()
    [10.0, 20.0, 30.0]
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    w = np.asarray(weights, dtype=np.float64).ravel()
    share = np.asarray(q, dtype=np.float64)
    if x.shape != w.shape:
        raise ValueError(f"as many weights as values expected, got {w.size} and {x.size}")
    if np.isnan(x).any() or not np.all(w >= 0):
        raise ValueError("values must be numbers and weights at least 0")
    if not np.all((share >= 0) & (share <= 1)):
        raise ValueError("shares must lie between 0 and 1")
    x, w = x[w > 0], w[w > 0]
    if x.size == 0:
        return np.full(share.shape, np.nan)
    order = np.argsort(x, kind="stable")
    total = np.cumsum(w[order])
    # A share that ought to fall exactly on a step must not miss it by rounding: 0.8 * 5 is 4.
    target = share * total[-1] * (1 - 1e-12)
    return x[order][np.minimum(np.searchsorted(total, target, side="left"), x.size - 1)]
