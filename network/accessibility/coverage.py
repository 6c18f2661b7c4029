"""Coverage: which share of the people is reached how fast and how often.

Pure functions of times and people.  They serve the simulated form (P80 of the
simulated items) and the scheduled form (timetable alone) alike.  A place that
is never reached has the time ``nan``: it never counts as covered, and its
people stay in the denominator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from network.numeric.quantiles import weighted_quantile

__all__ = [
    "CURVE_HOURS",
    "HOURS",
    "coverage",
    "coverage_curve",
    "expected_wait",
    "frequency_coverage",
    "reach",
    "weekly_gaps",
]

#: Hours within which coverage is told, and those of its curve.
HOURS = (24, 48, 72, 168)
CURVE_HOURS = tuple(range(0, 721, 6))
WEEK_H = 168.0


def _weights(people: ArrayLike, n: int) -> NDArray[np.float64]:
    weights = np.asarray(people, dtype=np.float64)
    if weights.shape != (n,):
        raise ValueError(f"one number of people for each of {n} places expected, got shape {weights.shape}")
    if not np.all(weights >= 0):
        raise ValueError("people must be numbers of at least 0")
    if not weights.sum() > 0:
        raise ValueError("nobody lives in these places: coverage is a share of people")
    return weights


def coverage(times_h: ArrayLike, people: ArrayLike, hours: ArrayLike) -> NDArray[np.float64]:
    """Return the share of people whose place is reached within each number of hours.

    ``C(h)`` = sum of people where ``time <= h`` divided by all people.  For the
    share of villages or counties pass a 1 for each.

    Parameters
    ----------
    times_h
        Hours to each place; ``nan`` (or infinity) where it is never reached.
    people
        People of each place, at least 0.
    hours
        One number of hours or several.

    Returns
    -------
    numpy.ndarray
        Shares between 0 and 1, in the shape of `hours`.

    Raises
    ------
    ValueError
        If the lengths differ, a weight is negative or nobody lives anywhere.

    Examples
    --------
    >>> coverage([10.0, 30.0, float("nan")], [50, 30, 20], [24, 48, 168]).tolist()
    [0.5, 0.8, 0.8]
    """
    times = np.asarray(times_h, dtype=np.float64)
    weights = _weights(people, len(times))
    asked = np.asarray(hours, dtype=np.float64)
    at, share = _steps(times, weights)
    return np.concatenate(([0.0], share))[np.searchsorted(at, asked, side="right")]


def coverage_curve(times_h: ArrayLike, people: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the whole curve: the hours at which the covered share rises, and the share from then on.

    The last share is below 1 when some people are never reached.

    Parameters
    ----------
    times_h, people
        As for `coverage`.

    Examples
    --------
    >>> hours, share = coverage_curve([30.0, 10.0, 30.0, float("nan")], [10, 50, 20, 20])
    >>> hours.tolist(), share.tolist()
    ([10.0, 30.0], [0.5, 0.8])
    """
    times = np.asarray(times_h, dtype=np.float64)
    return _steps(times, _weights(people, len(times)))


def _steps(
    times: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    reached = np.flatnonzero(np.isfinite(times))
    at, inverse = np.unique(times[reached], return_inverse=True)
    gained = np.bincount(inverse, weights=weights[reached], minlength=len(at))
    return at, np.minimum(np.cumsum(gained) / weights.sum(), 1.0)


def reach(
    times_h: ArrayLike,
    people: ArrayLike,
    places: Mapping[str, ArrayLike],
    areas: Mapping[str, ArrayLike],
    hours: Sequence[int],
) -> dict[str, Any]:
    """Return the coverage that follows from times of places and of areas, for whatever form and quantile.

    Parameters
    ----------
    times_h
        Hours to each place; ``nan`` or infinite where it is never reached.
    people
        People of each place.
    places
        Kinds of places by name: which places belong to them.
    areas
        Kinds of areas by name: hours to each area, ``nan`` where nothing is sent.  Those named "counties" are
        counted, others told as shares.
    hours
        Whole hours to count within.

    Returns
    -------
    dict
        ``within`` by hours: ``people`` (share), each kind of places (share) and of areas; and
        ``p50_person_h``, ``p80_person_h``, hours within which these shares of the people are reached.
        None where there is nothing to measure.
    """
    times = np.asarray(times_h, dtype=np.float64)
    times = np.where(np.isnan(times), np.inf, times)
    weights = np.asarray(people, dtype=np.float64)
    lived = weights > 0
    of_place = {name: times[np.asarray(which, dtype=bool)] for name, which in places.items()}
    of_area = {name: np.asarray(at, dtype=np.float64) for name, at in areas.items()}
    within = {
        str(h): {
            "people": float(coverage(times[lived], weights[lived], h)) if lived.any() else None,
            **{name: float((at <= h).mean()) if len(at) else None for name, at in of_place.items()},
            **{name: _areas(at, h, counted="counties" in name) for name, at in of_area.items()},
        }
        for h in hours
    }
    at = {q: float(weighted_quantile(times[lived], weights[lived], q)) for q in (0.5, 0.8)}
    return {"within": within, **{f"p{round(100 * q)}_person_h": _finite(at[q]) for q in at}}


def _areas(times_h: NDArray[np.float64], hours: float, counted: bool) -> float | int | None:
    """Return how many areas are reached within hours, or their share; None where nothing is sent to any."""
    if np.isnan(times_h).all() and (len(times_h) or not counted):
        return None
    reached = times_h <= hours
    return int(reached.sum()) if counted else float(reached.mean())


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def frequency_coverage(per_week: ArrayLike, people: ArrayLike, least: ArrayLike) -> NDArray[np.float64]:
    """Return the share of people whose place has at least so many deliveries a week.

    Parameters
    ----------
    per_week
        Deliveries a week at each place; ``nan`` and 0 mean none.
    people
        People of each place, at least 0.
    least
        One number of deliveries a week or several, above 0.

    Raises
    ------
    ValueError
        As for `coverage`, and if `least` is not above 0.

    Examples
    --------
    >>> frequency_coverage([7, 3, 0], [60, 30, 10], [1, 3, 5]).tolist()
    [0.9, 0.9, 0.6]
    """
    rate = np.asarray(per_week, dtype=np.float64)
    weights = _weights(people, len(rate))
    asked = np.asarray(least, dtype=np.float64)
    if not np.all(asked > 0):
        raise ValueError("least must be above 0 deliveries a week")
    seldom = np.nan_to_num(rate, nan=0.0) < asked[..., np.newaxis]
    return 1 - (seldom @ weights) / weights.sum()  # exactly 1 when nobody is served too seldom


def expected_wait(gaps: ArrayLike) -> float:
    """Return the mean wait of an item that comes at a random moment, in the unit of the gaps.

    Uneven gaps ``g`` make ``sum(g**2) / (2 * sum(g))``; with `f` even services
    a week that is ``7 / (2 f)`` days.

    Parameters
    ----------
    gaps
        Times between one service and the next, at least 0, around the whole
        cycle (`weekly_gaps` makes them).  No gap at all: ``nan``, never served.

    Raises
    ------
    ValueError
        If a gap is negative or all are 0.

    Examples
    --------
    >>> expected_wait([3.5, 3.5]), expected_wait([1, 6])
    (1.75, 2.642857142857143)
    """
    gap = np.asarray(gaps, dtype=np.float64)
    if gap.size == 0:
        return float("nan")
    if not np.all(gap >= 0) or not gap.sum() > 0:
        raise ValueError("gaps must be at least 0 and sum to more than 0")
    return float((gap**2).sum() / (2 * gap.sum()))


def weekly_gaps(at_h: ArrayLike) -> NDArray[np.float64]:
    """Return the gaps (h) between services that recur every week, the one over the week's end last.

    Parameters
    ----------
    at_h
        Times of the services in hours of the week, in any order.

    Examples
    --------
    >>> weekly_gaps([8.0, 80.0]).tolist()
    [72.0, 96.0]
    """
    at = np.sort(np.asarray(at_h, dtype=np.float64) % WEEK_H)
    return np.diff(at, append=at[:1] + WEEK_H)
