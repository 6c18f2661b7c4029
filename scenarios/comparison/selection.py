"""Selecting the best of many with a guarantee: the fully sequential procedure of Kim and Nelson (2001).

S.-H. Kim and B. L. Nelson, "A fully sequential procedure for indifference-zone
selection in simulation", ACM Transactions on Modeling and Computer Simulation
11 (2001), 251-273: procedure KN with c = 1.

If the best is better than every other by at least `delta`, it is selected with
probability at least `confidence`.  If others lie within `delta` of it, any of
these may be selected: they are as good for whom `delta` is the smallest
difference worth finding.  Observations of one replication may
depend on each other (common random numbers): the closer they move together, the
sooner the others are eliminated.  The proof takes observations as normal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Elimination", "Selection", "constants", "furthest", "select_best"]

Sampler = Callable[[int, int], float]
"""Called with a scenario's row and a replication's number, it returns the observation."""


@dataclass(frozen=True)
class Elimination:
    """A scenario that went out.

    Attributes
    ----------
    scenario
        Its row.
    replications
        How many each of the scenarios still in had then.
    beaten_by
        Row of the scenario that was ahead of it by most beyond what chance allows.
    behind
        By how much its mean was worse than that one's.
    """

    scenario: int
    replications: int
    beaten_by: int
    behind: float


@dataclass(frozen=True)
class Selection:
    """What the procedure came to.

    Attributes
    ----------
    best
        Row of the scenario selected; None if it was stopped before.
    remaining
        Rows of those still in.
    replications
        Of each scenario, as many as it was given.
    means
        Of each scenario, over its replications.
    eliminated
        In order.
    longest
        The most replications that the procedure could have taken, known after the first stage.
    """

    best: int | None
    remaining: tuple[int, ...]
    replications: tuple[int, ...]
    means: tuple[float, ...]
    eliminated: tuple[Elimination, ...]
    longest: int


def constants(scenarios: int, first: int, confidence: float) -> tuple[float, float]:
    """Return η and h² of the procedure, for c = 1.

    η solves ½ (1 + 2η)^(−(n₀−1)/2) = α / (k − 1), and h² = 2η (n₀ − 1).

    Parameters
    ----------
    scenarios
        How many there are to select from, k.
    first
        Replications of the first stage, n₀.
    confidence
        1 − α.

    Raises
    ------
    ValueError
        If there are fewer than two scenarios or first replications, or `confidence` is not in (1 / k, 1).

    Examples
    --------
    >>> eta, h2 = constants(10, 10, 0.95)
    >>> round(eta, 4), round(h2, 3)
    (0.8591, 15.464)
    """
    if scenarios < 2:
        raise ValueError(f"at least two scenarios to select from are needed, got {scenarios}")
    if first < 2:
        raise ValueError(f"a variance needs at least two replications in the first stage, got {first}")
    if not 1 / scenarios < confidence < 1:
        raise ValueError(f"confidence must lie between 1/{scenarios} and 1, got {confidence}")
    alpha = 1 - confidence
    eta = 0.5 * ((2 * alpha / (scenarios - 1)) ** (-2 / (first - 1)) - 1)
    return eta, 2 * eta * (first - 1)


def furthest(spread: NDArray[np.float64], delta: float, h2: float) -> NDArray[np.int64]:
    """Return after how many replications at the latest each pair is decided, N of the paper."""
    return np.asarray(np.floor(h2 * spread / delta**2), dtype=np.int64)


def select_best(
    sampler: Sampler,
    scenarios: int,
    delta: float,
    *,
    confidence: float = 0.95,
    first: int = 5,
    greatest: bool = False,
    most: int | None = None,
    after_stage: Callable[[int, Sequence[int], Sequence[Elimination]], None] | None = None,
) -> Selection:
    """Select the scenario with the least (or greatest) mean.

    Parameters
    ----------
    sampler
        Gives observations; it may have made them before.
    scenarios
        How many there are.
    delta
        Smallest difference worth finding, in the unit of the observations.
    confidence
        Probability of a right selection, when the best is ahead by `delta` or more.
    first
        Replications of every scenario before any is eliminated.
    greatest
        Whether more is better.
    most
        Stop after so many replications of a scenario without a selection; no limit by default.
    after_stage
        Called before each replication with its number, the rows still in, and those eliminated.

    Raises
    ------
    ValueError
        As for `constants`, or if `delta` is not above 0.

    Examples
    --------
    >>> chosen = select_best(lambda row, replication: row + replication % 2, 3, 0.5)
    >>> chosen.best, chosen.replications
    (0, (5, 5, 5))
    """
    if not delta > 0:
        raise ValueError(f"the smallest difference worth finding must be above 0, got {delta}")
    _, h2 = constants(scenarios, first, confidence)
    sign = 1.0 if greatest else -1.0
    seen: list[list[float]] = [[] for _ in range(scenarios)]
    alive = list(range(scenarios))
    out: list[Elimination] = []

    def observe(replication: int) -> None:
        if after_stage is not None:
            after_stage(replication, alive, out)
        for row in alive:
            seen[row].append(sampler(row, replication))

    for replication in range(first):
        observe(replication)
    x = sign * np.array(seen, dtype=np.float64)
    spread = np.array([[np.var(a - b, ddof=1) for b in x] for a in x])
    longest = max(first, int(furthest(spread, delta, h2).max()) + 1)
    r = first
    while True:
        if r >= longest:  # every pair is decided: the best mean of those left
            break
        gone = _screen(seen, alive, spread, r, delta, h2, sign)
        out += gone
        alive = [row for row in alive if row not in {each.scenario for each in gone}]
        if len(alive) == 1 or (most is not None and r >= most):
            break
        observe(r)
        r += 1
    means = [float(np.mean(values)) for values in seen]
    ended = len(alive) == 1 or r >= longest
    best = max(alive, key=lambda row: (sign * means[row], -row)) if ended else None
    return Selection(
        best, tuple(alive), tuple(len(values) for values in seen), tuple(means), tuple(out), longest
    )


def _screen(
    seen: Sequence[Sequence[float]],
    alive: Sequence[int],
    spread: NDArray[np.float64],
    r: int,
    delta: float,
    h2: float,
    sign: float,
) -> list[Elimination]:
    """Return the scenarios that fall behind another of those still in by more than W allows."""
    rows = np.array(alive)
    mean = sign * np.array([np.mean(seen[row]) for row in alive])
    slack = np.maximum(0.0, delta / (2 * r) * (h2 * spread[np.ix_(rows, rows)] / delta**2 - r))
    beyond = mean[None, :] - slack - mean[:, None]  # by how much each other is ahead, beyond what W allows
    np.fill_diagonal(beyond, -np.inf)
    worst = beyond.argmax(axis=1)
    return [
        Elimination(row, r, alive[worst[at]], float(mean[worst[at]] - mean[at]))
        for at, row in enumerate(alive)
        if beyond[at, worst[at]] > 0
    ]
