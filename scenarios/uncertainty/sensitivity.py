"""Which inputs an answer hangs on: sensitivity indices and the value of finding out.

First-order indices come from the given draws on all inputs at once, by random balance designs (RBD-FAST:
Tarantola, Gatelli & Mara 2006; Plischke 2010; unskewed after Tissot & Prieur 2012).  The estimates are those
of SALib's ``rbd_fast``, made for many inputs and outputs together.  Where an input does nothing the estimate
is still not 0, and the greatest of two hundred such is well above 0: the threshold is the height that the
greatest of all inputs exceeds in one of twenty shuffled studies.

Total indices come from Saltelli's design (Saltelli and others 2010; Jansen 1999), for a few inputs one by one
and all the others as one group.

The value of finding out an input (EVPPI) is by how much the choice of the best scenario would be better on
average, were that input known first (Strong & Oakley 2013: from the given draws; here by bins).

All resampling is keyed: the same draws give the same indices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from network.numeric import streams

__all__ = ["Indices", "Information", "Totals", "first_order", "information", "totals"]

Array = NDArray[np.float64]
HARMONICS = 6  # at most; fewer with few worlds
RESAMPLES = 100
LEVEL = 0.95
_Z = float(special.ndtri((1 + LEVEL) / 2))
_LEAST = 20  # worlds: fewer say nothing


@dataclass(frozen=True, eq=False)
class Indices:
    """First-order indices: arrays of inputs by outputs; nan for an output that never moves."""

    first: Array
    half_width: Array
    threshold: Array  # (outputs,)

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Whether an index is above the threshold, and its interval above 0."""
        return (self.first > self.threshold) & (self.first > self.half_width)


@dataclass(frozen=True, eq=False)
class Totals:
    """First-order and total indices of groups by Saltelli's design, with bootstrap intervals at 95 %.

    Arrays of groups, but `first_interval` and `total_interval`: groups by (low, high).
    """

    first: Array
    first_interval: Array
    total: Array
    total_interval: Array
    pairs: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Information:
    """What finding out is worth for a choice, in the unit of the measure.

    `perfect` is the worth of knowing everything; `partial` that of each input alone, less what shuffled
    inputs give; `threshold` what the greatest of all shuffled inputs exceeds in one of twenty.
    """

    best: int
    perfect: float
    partial: Array
    threshold: float


def first_order(
    inputs: ArrayLike, outputs: ArrayLike, *, seed: int = 1, harmonics: int | None = None
) -> Indices:
    """Return first-order indices of given draws.

    Parameters
    ----------
    inputs
        (worlds, inputs).
    outputs
        (worlds, outputs), all finite.
    seed
        Of the resampling.
    harmonics
        Up to which the response to an input is followed: more catch more wiggles and more noise.  By
        default one for 30 worlds, 2 to 6.

    Returns
    -------
    Indices
        Half-widths from random halves of the worlds, whose spread is that of the whole sample.  All nan
        with fewer than 20 worlds.
    """
    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(outputs, dtype=np.float64)
    n, d = x.shape
    m = y.shape[1]
    if n < _LEAST:
        nothing = np.full((d, m), np.nan)
        return Indices(nothing, nothing, np.full(m, np.nan))
    harmonics = int(np.clip(n // 30, 2, HARMONICS)) if harmonics is None else harmonics
    first = _rbd(x, y, harmonics)
    halves = np.empty((RESAMPLES, d, m))
    worlds = np.arange(n)
    greatest = np.empty((RESAMPLES, m))
    for number in range(RESAMPLES):
        order = np.argsort(streams.uniform(seed, number, "half of the worlds", worlds), kind="stable")
        half = np.sort(order[: n // 2])
        halves[number] = _rbd(x[half], y[half], harmonics)
        order = np.argsort(streams.uniform(seed, number, "shuffled worlds", worlds), kind="stable")
        greatest[number] = _rbd(x, y[order], harmonics).max(axis=0)
    # a half-sample of n/2 out of n, without replacement, spreads as much around the whole as the whole does
    return Indices(first, _Z * halves.std(axis=0, ddof=1), np.quantile(greatest, LEVEL, axis=0))


def _rbd(x: Array, y: Array, harmonics: int) -> Array:
    """Return (inputs, outputs) unskewed estimates."""
    n = len(x)
    order = np.argsort(x, axis=0, kind="stable")
    walk = np.concatenate([order[::2], order[1::2][::-1]])  # up along the input, and down again
    moved = y - y.mean(axis=0)
    moved[:, np.ptp(y, axis=0) <= 1e-12 * np.abs(y).max(axis=0, initial=0)] = np.nan
    indices = np.empty((x.shape[1], y.shape[1]))
    for at in range(x.shape[1]):
        power = np.abs(np.fft.rfft(moved[walk[:, at]], axis=0)[1:]) ** 2
        if n % 2 == 0:
            power[-1] /= 2
        indices[at] = power[:harmonics].sum(axis=0) / power.sum(axis=0)
    bias = 2 * harmonics / n
    return indices - bias / (1 - bias) * (1 - indices)


def totals(a: ArrayLike, b: ArrayLike, swapped: ArrayLike, *, seed: int = 1) -> Totals:
    """Return first-order and total indices of Saltelli's design.

    Parameters
    ----------
    a, b
        (pairs,) outputs at two independent samples.
    swapped
        (groups, pairs) outputs at the first sample with the inputs of a group taken from the second; nan
        where there is no such world, which is left out for this group.
    seed
        Of the bootstrap.
    """
    one, two = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    mixed = np.asarray(swapped, dtype=np.float64)
    n = len(one)
    first, total = _saltelli(one, two, mixed)
    resampled = np.empty((RESAMPLES, 2, len(mixed)))
    for number in range(RESAMPLES):
        rows = (streams.uniform(seed, number, "pairs again", np.arange(n)) * n).astype(np.int64)
        resampled[number] = _saltelli(one[rows], two[rows], mixed[:, rows])
    tail = (1 - LEVEL) / 2
    low, high = np.full((2, 2, len(mixed)), np.nan)
    known = np.isfinite(resampled).any(axis=0)
    if known.any():
        low[known], high[known] = np.nanquantile(resampled[:, known], (tail, 1 - tail), axis=0)
    pairs = (np.isfinite(mixed) & np.isfinite(one) & np.isfinite(two)).sum(axis=1)
    return Totals(first, np.column_stack([low[0], high[0]]), total, np.column_stack([low[1], high[1]]), pairs)


def _saltelli(a: Array, b: Array, mixed: Array) -> tuple[Array, Array]:
    both = np.concatenate([a, b])
    there = both[np.isfinite(both)]
    centre, variance = (there.mean(), there.var()) if len(there) else (0.0, 0.0)
    if not variance > 0:
        nothing = np.full(len(mixed), np.nan)
        return nothing, nothing
    one, two, swapped = a - centre, b - centre, mixed - centre
    usable = np.isfinite(swapped) & np.isfinite(one) & np.isfinite(two)
    count = np.maximum(usable.sum(axis=1), 1)
    first = np.where(usable, two * (swapped - one), 0.0).sum(axis=1) / count
    total = np.where(usable, (one - swapped) ** 2, 0.0).sum(axis=1) / count / 2
    empty = ~usable.any(axis=1)
    first[empty] = total[empty] = np.nan
    return first / variance, total / variance


def information(inputs: ArrayLike, benefits: ArrayLike, *, seed: int = 1) -> Information:
    """Return what finding out each input is worth for the choice between scenarios.

    Parameters
    ----------
    inputs
        (worlds, inputs).
    benefits
        (worlds, scenarios), all finite, more is better.
    seed
        Of the shuffling.

    Returns
    -------
    Information
        `best` is the scenario to choose by the mean over worlds.
    """
    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(benefits, dtype=np.float64)
    n, d = x.shape
    mean = y.mean(axis=0)
    best = int(mean.argmax())
    # relative to the choice without further knowledge: small numbers, so that no rounding shows
    gain = y - y[:, [best]]
    now = float(gain.mean(axis=0).max())
    perfect = float(gain.max(axis=1).mean()) - now
    if n < _LEAST:
        return Information(best, perfect, np.full(d, np.nan), np.nan)
    bins = _bins(x)
    raw = _partial(bins, gain) - now
    shuffled = np.empty((RESAMPLES, d))
    for number in range(RESAMPLES):
        order = np.argsort(streams.uniform(seed, number, "shuffled worlds", np.arange(n)), kind="stable")
        shuffled[number] = _partial(bins, gain[order]) - now
    noise = shuffled.mean(axis=0)
    threshold = float(np.quantile((shuffled - noise).max(axis=1), LEVEL))
    return Information(best, perfect, np.maximum(raw - noise, 0.0), threshold)


def _bins(x: Array) -> NDArray[np.int64]:
    """Return the bin of each world by each input: equal numbers of worlds, about 20 in each, 10 at most."""
    n = len(x)
    count = int(np.clip(n // 20, 2, 10))
    rank = np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0, kind="stable")
    bins = (rank * count // n).astype(np.int64)
    for at in range(x.shape[1]):
        values, where = np.unique(x[:, at], return_inverse=True)
        if len(values) <= count:  # alternatives are bins of their own
            bins[:, at] = where
    return bins


def _partial(bins: NDArray[np.int64], gain: Array) -> Array:
    """Return the mean over bins of the best mean within the bin, for each input."""
    n, d = bins.shape
    count = int(bins.max()) + 1
    coefficients = np.empty(d)
    for at in range(d):
        sums = np.zeros((count, gain.shape[1]))
        np.add.at(sums, bins[:, at], gain)
        coefficients[at] = sums.max(axis=1).sum() / n
    return coefficients


def ranked(values: ArrayLike) -> list[int]:
    """Return positions by falling value; nan last."""
    x = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=-np.inf)
    return np.argsort(-x, kind="stable").tolist()
