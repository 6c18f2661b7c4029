"""Intervals over replications.

A number of replications below two gives no interval: its half-width is
``nan``, which means "not measured" and is never shown as 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

__all__ = ["Interval", "interval", "paired", "relative", "sufficient"]


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
