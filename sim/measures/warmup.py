"""The warm-up: how long the empty start of a run shows in it (rule 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.result import RunResult

__all__ = ["LEAST", "Columns", "Settled", "by_day", "by_replication", "mser5", "settled", "welch"]

BATCH = 5
LAST = 5  # batches that stay in any case: fewer look steady by chance
LEAST = 2 * LAST * BATCH  # with fewer values the candidates end before the middle of the series
HOUR_S = 3600

Columns = Mapping[str, NDArray[Any]]


def mser5(series: ArrayLike) -> int:
    """Return how many values at the beginning of a series to leave out, by the rule MSER-5.

    The series is cut into k batches of five values (what is over at the end is
    left out) with means Z(1) … Z(k).  Left out are the first d batches for which

        sum over i > d of (Z(i) - mean of Z(d + 1) … Z(k))² / (k - d)²

    is least, the first of equal ones: the squared error of the mean of what
    stays, with the variance estimated from it.  At least five batches stay.  A
    result not before the middle of the series means that the series is too
    short for the rule to tell.

    References: K. P. White, "An effective truncation heuristic for bias
    reduction in simulation output", Simulation 69 (1997) 323–334; K. P. White,
    M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation
    heuristics for simulation", Proc. Winter Simulation Conference 2000, 755–760
    (batches of five); K. Hoad, S. Robinson, R. Davies, "Automating warm-up
    length estimation", J. Operational Research Society 61 (2010) 1389–1403
    (last batches, middle of the series).

    Parameters
    ----------
    series
        At least `LEAST` values in order of time.

    Raises
    ------
    ValueError
        If there are fewer values, or any is not finite.

    Examples
    --------
    >>> mser5([0.0] * 10 + [1.0, 2.0] * 30)
    10
    """
    x = np.asarray(series, dtype=np.float64).ravel()
    if x.size < LEAST or not np.isfinite(x).all():
        raise ValueError(f"MSER-5 needs at least {LEAST} finite values, got {x.size}")
    means = x[: x.size // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    k = len(means)
    errors = [np.square(means[d:] - means[d:].mean()).sum() / (k - d) ** 2 for d in range(k - LAST + 1)]
    return BATCH * int(np.argmin(errors))


def welch(series: ArrayLike, window: int) -> NDArray[np.float64]:
    """Return Welch's moving average of a series over replications.

    The values of a moment are averaged over the replications, then over
    `window` moments before and after it; near the beginning over as many as
    there are on both sides.  P. D. Welch, "The statistical analysis of
    simulation results", in S. S. Lavenberg (ed.), Computer Performance Modeling
    Handbook, 1983.

    Parameters
    ----------
    series
        (replications, moments), or one replication alone.
    window
        Moments on each side; 3 makes a week of days.

    Returns
    -------
    numpy.ndarray
        Shorter by `window` than the series, at the end.

    Raises
    ------
    ValueError
        If the window is negative or longer than half the series.

    Examples
    --------
    >>> welch([0.0, 3.0, 6.0, 9.0], 1).tolist()
    [0.0, 3.0, 6.0]
    """
    mean = np.atleast_2d(np.asarray(series, dtype=np.float64)).mean(axis=0)
    if not 0 <= 2 * window <= mean.size:
        raise ValueError(f"a window of 0 to {mean.size // 2} expected, got {window}")
    sides = np.minimum(np.arange(mean.size - window), window).tolist()
    return np.array([mean[at - side : at + side + 1].mean() for at, side in enumerate(sides)])


def by_day(result: RunResult) -> dict[str, NDArray[Any]]:
    """Return what was accepted and ended on each day of a run, warm-up included.

    Returns
    -------
    dict
        Equal columns: ``day`` from 0; ``accepted`` items; ``ended`` items, of all
        classes, refused ones left out; ``mean_h``, the mean hours of these since
        their first centre took them in or they were ready at the entry gateway,
        ``nan`` on a day without any; ``in_transit``, items at the midnight that
        ends the day.
    """
    accepted = np.array([ledger.accepted for ledger in result.ledgers])
    in_transit = np.array([ledger.in_transit for ledger in result.ledgers])
    refused = np.array([ledger.refused for ledger in result.ledgers])
    ended = np.diff(accepted - refused - in_transit)
    days = np.arange(len(ended), dtype=np.int32)
    return {
        "day": days,
        "accepted": np.diff(accepted).astype(np.int32),
        "ended": ended.astype(np.int32),
        "mean_h": np.divide(
            result.spent_s[1:], ended * HOUR_S, out=np.full(len(ended), np.nan), where=ended > 0
        ),
        "in_transit": in_transit[1:].astype(np.int32),
    }


def by_replication(days: Columns, name: str) -> NDArray[np.float64]:
    """Return a column of `by_day` as (replications, days), all as long as the shortest.

    Parameters
    ----------
    days
        Columns of `by_day` of all replications under each other, with their ``replication``.
    name
        The column.
    """
    _, first, counts = np.unique(days["replication"], return_index=True, return_counts=True)
    length = counts.min()
    return np.array([days[name][at : at + length] for at in first], dtype=np.float64)


class Settled(NamedTuple):
    """From which day on a run is steady by `mser5`, and whether it was long enough to tell."""

    day: int
    conclusive: bool


def settled(days: Columns) -> Settled | None:
    """Return from when on the mean time of what ends each day, averaged over the replications, is steady.

    Days before anything ended are left out of the series.

    Parameters
    ----------
    days
        As for `by_replication`.

    Returns
    -------
    Settled
        None if fewer than `LEAST` days follow, or nothing ended on one of them.
    """
    hours = by_replication(days, "mean_h").mean(axis=0)
    known = np.isfinite(hours)
    first = int(known.argmax())
    if hours.size - first < LEAST or not known[first:].all():
        return None
    cut = mser5(hours[first:])
    return Settled(first + cut, 2 * cut < hours.size - first)
