"""How unequally people are served: pure functions of values and people.

They take hours, or deliveries a week, of places with their people; a person counts once, wherever they live.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network.numeric.quantiles import weighted_quantile

__all__ = ["equity", "gini", "palma", "quantile_ratio", "tail_mean"]


def _ranked(values: ArrayLike, people: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, w = np.asarray(values, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if x.shape != w.shape or x.ndim != 1:
        raise ValueError(f"one number of people for each value expected, got shapes {x.shape} and {w.shape}")
    if not np.all(w >= 0) or not w.sum() > 0:
        raise ValueError("people must be numbers of at least 0, and somebody must live somewhere")
    if not np.all(x[w > 0] >= 0):
        raise ValueError("values must be numbers of at least 0")
    x, w = x[w > 0], w[w > 0]
    order = np.argsort(x, kind="stable")
    return x[order], w[order] / w.sum()


def gini(values: ArrayLike, people: ArrayLike) -> float:
    """Return the Gini coefficient over people: half the mean difference of two people over the mean.

    Parameters
    ----------
    values
        At least 0, finite; of each place.
    people
        People of each place, at least 0.

    Returns
    -------
    float
        0 when all have the same; ``nan`` when all have nothing.

    Raises
    ------
    ValueError
        If lengths differ, a number is negative or nobody lives anywhere.

    Examples
    --------
    >>> round(gini([1.0, 3.0], [1, 1]), 12)  # mean difference 1 of the four pairs, mean 2
    0.25
    """
    x, w = _ranked(values, people)
    mean = float(x @ w)
    if not mean > 0:
        return float("nan")
    below = np.cumsum(w) - w / 2  # rank of the middle of each group
    return float(2 * (w * x) @ below / mean - 1)


def _shares(x: NDArray[np.float64], w: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return the share of people of each group that ranks between two shares."""
    upto = np.minimum(np.cumsum(w), 1.0)
    upto[-1] = 1.0
    return np.asarray(np.clip(upto, low, high) - np.clip(np.r_[0.0, upto[:-1]], low, high))


def palma(values: ArrayLike, people: ArrayLike) -> float:
    """Return what the tenth of the people with the most have over what the 40 % with the least have.

    With hours it is the time of the slowest-served tenth over that of the fastest-served 40 %; 0.25 when all
    are served alike.  Infinite when the 40 % have nothing.

    Raises
    ------
    ValueError
        As for `gini`.

    Examples
    --------
    >>> palma([10.0, 20.0, 30.0], [40, 50, 10])
    0.75
    """
    x, w = _ranked(values, people)
    least, most = float(x @ _shares(x, w, 0.0, 0.4)), float(x @ _shares(x, w, 0.9, 1.0))
    return most / least if least > 0 else float("inf") if most > 0 else float("nan")


def quantile_ratio(values: ArrayLike, people: ArrayLike, high: float = 0.9, low: float = 0.1) -> float:
    """Return a high quantile over people divided by a low one, P90/P10 by default.

    Raises
    ------
    ValueError
        As for `gini`.

    Examples
    --------
    >>> quantile_ratio([10.0, 20.0, 60.0], [20, 60, 20])
    6.0
    """
    x, w = _ranked(values, people)
    top, bottom = (float(weighted_quantile(x, w, q)) for q in (high, low))
    return top / bottom if bottom > 0 else float("inf") if top > 0 else float("nan")


def tail_mean(values: ArrayLike, people: ArrayLike, share: float = 0.1) -> float:
    """Return the mean value of the share of people with the most; of hours, the worst-served tenth.

    Raises
    ------
    ValueError
        As for `gini`.

    Examples
    --------
    >>> tail_mean([10.0, 20.0, 60.0], [50, 45, 5])  # half of the last tenth waits 60, half 20
    40.0
    """
    x, w = _ranked(values, people)
    part = _shares(x, w, 1 - share, 1.0)
    return float(x[part > 0] @ part[part > 0] / part.sum())


def equity(times_h: ArrayLike, people: ArrayLike, border: ArrayLike) -> dict[str, float | None]:
    """Return how unequal the times of places are, over their people.

    Parameters
    ----------
    times_h
        Hours to each place; places without a number (never reached, nothing sent there) are left out.
    people
        People of each place.
    border
        Whether each place lies in a border county.

    Returns
    -------
    dict
        ``gini``, ``palma``, ``p90_p10``, ``worst_decile_h``; ``border_h`` and ``interior_h`` (means over
        people) and ``border_interior``, their ratio.  None where nobody is left to measure.
    """
    x, w = np.asarray(times_h, dtype=np.float64), np.asarray(people, dtype=np.float64)
    edge = np.asarray(border, dtype=bool)
    counted = np.isfinite(x) & (w > 0)
    x, w, edge = x[counted], w[counted], edge[counted]
    if not counted.any():
        names = ("gini", "palma", "p90_p10", "worst_decile_h", "border_h", "interior_h", "border_interior")
        return dict.fromkeys(names)
    means = [float(np.average(x[part], weights=w[part])) if part.any() else None for part in (edge, ~edge)]
    return {
        "gini": gini(x, w),
        "palma": palma(x, w),
        "p90_p10": quantile_ratio(x, w),
        "worst_decile_h": tail_mean(x, w),
        "border_h": means[0],
        "interior_h": means[1],
        "border_interior": means[0] / means[1] if means[0] is not None and means[1] else None,
    }
