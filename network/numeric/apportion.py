"""Whole numbers by share: the largest-remainder rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["largest_remainder"]


def largest_remainder(
    total: int, weights: ArrayLike, floor: ArrayLike = 0, ceiling: ArrayLike | None = None
) -> np.ndarray:
    """Split a whole number in proportion to weights.

    Each gets its floor; what is left goes out in proportion to the weights,
    whole parts first and the rest to the largest remainders.  Ties go to the
    earlier one.

    Parameters
    ----------
    total
        The number to split.
    weights
        One for each; not negative.  All zero counts as all equal.
    floor
        The least of each.
    ceiling
        The most of each; what it cuts off is split again among the others.

    Returns
    -------
    numpy.ndarray
        Whole numbers that sum to `total`.

    Raises
    ------
    ValueError
        If the floors alone are more than the total, or the ceilings less.

    Examples
    --------
    >>> largest_remainder(10, [5, 3, 1]).tolist()
    [6, 3, 1]
    >>> largest_remainder(10, [5, 3, 1], floor=2).tolist()
    [4, 3, 3]
    """
    weight = np.asarray(weights, dtype=float)
    out = np.broadcast_to(np.asarray(floor, dtype=int), weight.shape).copy()
    top = np.full(weight.shape, total) if ceiling is None else np.asarray(ceiling, dtype=int)
    if not out.sum() <= total <= np.maximum(top, out).sum():
        raise ValueError(f"cannot split {total} between {out.sum()} and {np.maximum(top, out).sum()}")
    while (left := total - int(out.sum())) > 0:
        open_ = out < top
        share = np.where(open_, weight, 0.0)
        if not share.any():
            share = open_.astype(float)
        share = share / share.max()  # first, so that the sum of tiny or huge weights stays in range
        quota = left * share / share.sum()
        whole = np.minimum(np.floor(quota + 1e-9).astype(int), top - out)
        if whole.sum() < left and (whole >= np.floor(quota + 1e-9)).all():
            rest = np.where(open_ & (out + whole < top), quota - whole, -1.0)
            room = min(left - int(whole.sum()), int((rest >= 0).sum()))
            whole[np.argsort(-rest, kind="stable")[:room]] += 1
        out += whole
    return out
