"""Quantiles that are observed values, with and without weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["quantiles", "weighted_quantile"]


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
