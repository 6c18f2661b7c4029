"""Textbook answers for queues, worked out from their formulas and nothing of the program.

Times are in mean services and rates a service, unless said.  `load` is the offered work, arrivals times
mean service: the mean number of busy servers.

Cooper, "Introduction to queueing theory", 2nd ed. 1981 (Erlang, Pollaczek–Khinchine, Cobham, Crommelin);
Kella & Yechiali, "Waiting times in the non-preemptive priority M/M/c queue", Stochastic Models 1, 1985;
Franx, "A simple solution for the M/D/c waiting time distribution", OR Letters 29, 2001;
Bailey, "On queueing processes with bulk service", JRSS B 16, 1954;
Friedman, "Reduction methods for tandem queuing systems", Operations Research 13, 1965.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import linalg, stats


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of waiting in M/M/c (Erlang)."""
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    last = terms[-1] * servers / (servers - load)
    return last / (sum(terms[:-1]) + last)


def mmc_wait(servers: int, load: float) -> float:
    """Return the mean wait in M/M/c."""
    return erlang_c(servers, load) / (servers - load)


def mmc_waits_longer(servers: int, load: float, time: float) -> float:
    """Return the probability of a wait longer than `time` in M/M/c."""
    return erlang_c(servers, load) * math.exp(-(servers - load) * time)


def mg1_wait(rate: float, moments: Sequence[float]) -> float:
    """Return the mean wait in M/G/1 (Pollaczek and Khinchine), in the unit of the moments.

    `moments` are the mean of the service time, of its square, and so on.
    """
    return rate * moments[1] / (2 * (1 - rate * moments[0]))


def mg1_wait_squared(rate: float, moments: Sequence[float]) -> float:
    """Return the mean square of the wait in M/G/1 (Takács)."""
    return 2 * mg1_wait(rate, moments) ** 2 + rate * moments[2] / (3 * (1 - rate * moments[0]))


def cobham_waits(loads: Sequence[float], residual: float) -> list[float]:
    """Return the mean wait of each class where classes go first, in their order, without interrupting.

    `loads` are per server and sum to less than 1; `residual` is the mean time until a server frees, 0 if
    one is free: load times the squared service over twice its mean for one server (Cobham), the
    probability of waiting over the number of servers for M/M/c (Kella & Yechiali).
    """
    before = np.concatenate([[0.0], np.cumsum(loads)])
    return [residual / ((1 - a) * (1 - b)) for a, b in itertools.pairwise(before)]


# ------------------------------------------------------------------ service in bulk, and M/D/c


def bulk_roots(size: int, mean: float) -> np.ndarray:
    """Return the roots of z**size = exp(-mean (1 - z)) inside the unit circle."""
    turns = np.exp(2j * np.pi * np.arange(1, size) / size)
    z = np.zeros(size - 1, dtype=complex)
    for _ in range(1000):
        z = turns * np.exp(mean / size * (z - 1))
    return z


def bulk_left(size: int, mean: float) -> float:
    """Return how many are left on average when every so often up to `size` are taken (Bailey).

    `mean` come in between, Poisson.
    """
    roots = bulk_roots(size, mean)
    return float(np.sum(1 / (1 - roots)).real - (size * (size - 1) - mean**2) / (2 * (size - mean)))


def bulk_none_left(size: int, mean: float) -> float:
    """Return the probability that none is left."""
    roots = bulk_roots(size, mean)
    return float((size - mean) * np.prod(-roots / (1 - roots)).real * math.exp(mean))


@cache
def bulk_present(size: int, mean: float, most: int = 600) -> np.ndarray:
    """Return the probabilities of 0, 1, 2 … present when `size` are about to be taken: the embedded chain.

    In M/D/c with c = `size` and load `mean` they are those of as many in the system at any time (Crommelin).
    """
    come = stats.poisson.pmf(np.arange(most), mean)
    step = np.zeros((most, most))
    for present in range(most):
        left = max(present - size, 0)
        step[present, left:] = come[: most - left]
    step[:, -1] += 1 - step.sum(axis=1)
    balance = step.T - np.eye(most)
    balance[-1] = 1
    found: np.ndarray = linalg.solve(balance, np.eye(most)[-1])
    return found


def mdc_wait(servers: int, load: float) -> float:
    """Return the mean wait in M/D/c: as many wait as Bailey's service leaves behind."""
    return bulk_left(servers, load) / load


def mdc_waits_up_to(servers: int, load: float, time: float) -> float:
    """Return the probability of a wait of at most `time` services in M/D/c (Franx; Crommelin's for c = 1)."""
    present = bulk_present(servers, load)
    waiting = np.cumsum(present)[servers:]  # at most 0, 1, 2 … wait
    k = math.floor(time) + 1
    until = load * (k - time)
    j = np.arange(k * servers)
    return float(np.sum(waiting[k * servers - 1 - j] * stats.poisson.pmf(j, until)))
