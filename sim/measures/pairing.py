"""Differences of many measures at once: paired, unpaired, and read together.

Paired intervals take the differences of replications that ran on the same
draws.  What pairing saves is told by the interval that the same values give
when they are taken as independent (Welch 1947).  Where many intervals are read
together, some miss by chance: Bonferroni widens each, so that all hold at once
at the level, and Holm (1979) says which differences are still clear, by a rule
that never finds fewer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

__all__ = ["Pairs", "holm", "pairs", "student", "unpaired"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Differences other − base of measures; one entry of each array for a measure.

    Attributes
    ----------
    n
        Replications of the base and of the other.
    base, other, difference
        Means.
    half_width
        Of the interval of the difference: paired, or Welch's if the replications are not pairs.
    unpaired
        Half-width by Welch, for comparison.
    correlation
        Between base and other over replications; ``nan`` where either does not vary, or they are no pairs.
    p
        Two-sided probability of so great a difference by chance; 1 if nothing differs in any replication.
    error, freedom
        Standard error and degrees of freedom that the half-width rests on.
    """

    n: tuple[int, int]
    base: Floats
    other: Floats
    difference: Floats
    half_width: Floats
    unpaired: Floats
    correlation: Floats
    p: Floats
    error: Floats
    freedom: Floats

    def together(self, level: float, count: int | None = None) -> Floats:
        """Return half-widths that hold for `count` intervals at once (Bonferroni); by default for all."""
        many = len(self.p) if count is None else count
        with np.errstate(invalid="ignore"):
            half: Floats = student(1 - (1 - level) / max(many, 1), self.freedom) * self.error
        return half

    @property
    def ratio(self) -> Floats:
        """Unpaired half-width over the half-width; infinite where pairing leaves no spread at all."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Floats = self.unpaired / self.half_width
        return ratio


def student(level: float, freedom: ArrayLike) -> Floats:
    """Return Student's two-sided quantile at a level."""
    return np.asarray(special.stdtrit(np.asarray(freedom, dtype=np.float64), (1 + level) / 2))


def _columns(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    return x[:, None] if x.ndim == 1 else x


def pairs(base: ArrayLike, other: ArrayLike, level: float = 0.95) -> Pairs:
    """Return the paired differences of measures.

    Parameters
    ----------
    base, other
        (replications, measures), or one measure as (replications,); row i of both ran on the same draws.
    level
        Confidence of each interval by itself.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> compared = pairs([10.0, 20.0, 30.0], [9.0, 19.5, 28.5])
    >>> compared.difference.tolist(), compared.ratio.round(1).tolist()
    ([-1.0], [18.0])
    """
    a, b = _columns(base), _columns(other)
    if a.shape != b.shape:
        raise ValueError(f"paired values must be as many on both sides, got {a.shape} and {b.shape}")
    n = len(a)
    apart = unpaired(a, b, level)
    d = b - a
    error = _spread(d) / np.sqrt(n)
    freedom = np.full(d.shape[1], n - 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        both = ((a - a.mean(axis=0)) * (b - b.mean(axis=0))).sum(axis=0) / max(n - 1, 1)
        correlation = both / (_spread(a) * _spread(b))
        half = student(level, freedom) * error
    return Pairs(
        (n, n),
        apart.base,
        apart.other,
        d.mean(axis=0),
        half,
        apart.half_width,
        np.where(np.isfinite(correlation), np.clip(correlation, -1, 1), np.nan),
        _chance(d.mean(axis=0), error, freedom),
        error,
        freedom,
    )


def unpaired(base: ArrayLike, other: ArrayLike, level: float = 0.95) -> Pairs:
    """Return the differences of measures whose replications have nothing in common, by Welch.

    Examples
    --------
    >>> compared = unpaired([10.0, 12.0, 14.0], [11.0, 13.0, 15.0, 17.0])
    >>> compared.difference.tolist(), compared.half_width.round(2).tolist()
    ([2.0], [4.46])
    """
    a, b = _columns(base), _columns(other)
    if a.shape[1:] != b.shape[1:]:
        raise ValueError(f"as many measures on both sides expected, got {a.shape[1]} and {b.shape[1]}")
    u, v = _spread(a) ** 2 / len(a), _spread(b) ** 2 / len(b)
    error = np.sqrt(u + v)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Welch, Biometrika 34 (1947): degrees of freedom by Satterthwaite.
        freedom = (u + v) ** 2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1))
        freedom = np.where(error == 0, len(a) + len(b) - 2.0, freedom)
        half = student(level, freedom) * error
    difference = b.mean(axis=0) - a.mean(axis=0)
    return Pairs(
        (len(a), len(b)),
        a.mean(axis=0),
        b.mean(axis=0),
        difference,
        half,
        half,
        np.full(len(half), np.nan),
        _chance(difference, error, freedom),
        error,
        freedom,
    )


def _spread(x: Floats) -> Floats:
    """Return the standard deviation of each column; ``nan`` with a single row."""
    if len(x) < 2:
        return np.full(x.shape[1], np.nan)
    return np.asarray(x.std(axis=0, ddof=1))


def _chance(difference: Floats, error: Floats, freedom: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(difference) / error
        p = 2 * special.stdtr(freedom, -t)
    p = np.where(error == 0, np.where(difference == 0, 1.0, 0.0), p)
    return np.asarray(p)


def holm(p: ArrayLike) -> Floats:
    """Return p values for which "less than 1 − level" keeps the chance of any false finding below that.

    ``nan`` stays so and does not count.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    x = np.asarray(p, dtype=np.float64)
    adjusted = np.full(x.shape, np.nan)
    known = np.flatnonzero(~np.isnan(x))
    order = known[np.argsort(x[known], kind="stable")]
    steps = np.maximum.accumulate((len(order) - np.arange(len(order))) * x[order])
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
