"""Quantiles: the smallest value that at least a share of all does not exceed.

That is an observed value, never an interpolated one, so P80 <= h says exactly that at least 80 % are <= h.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["reached", "weighted_quantile"]


def reached(q: float | NDArray[np.float64], total: ArrayLike) -> NDArray[np.float64]:
    """Return the amount at which a share `q` of a total is reached, in running sums up to it.

    Just below the product: a share that ought to fall exactly on a step must not miss it by rounding, as
    0.8 × 5 would miss 4.
    """
    return np.asarray(q * np.asarray(total) * (1 - 1e-12))


def weighted_quantile(values: ArrayLike, weights: ArrayLike, q: ArrayLike) -> NDArray[np.float64]:
    """Return the smallest value at which the weight of all values up to it reaches a share `q`.

    Parameters
    ----------
    values
        Infinity stands for what has not come yet and counts as greatest; those of weight 0 are passed over.
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
    return x[order][np.minimum(np.searchsorted(total, reached(share, total[-1])), x.size - 1)]
