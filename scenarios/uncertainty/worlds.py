"""Worlds: draws of everything that is assumed, and of the network among those that fit.

Replications show chance; worlds show what we do not know (rule 20).  A world
gives a value to every assumed number with a range, and says which network of
the family it has.  The draws are a Latin hypercube: with n worlds, each n-th
part of the range of each input is met once.  A draw in which no network has
the published totals contradicts what was published: it is refused, counted
with its reason, and drawn anew, so that the worlds are draws of the inputs
given that a network fits.

All draws are keyed (`network.numeric.streams`): those of a world depend on the seed,
its number, the number of worlds and the input's name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from network.errors import InputErrors, Problem, YizhanError
from network.inputs.assumptions import Assumptions
from network.numeric import streams

__all__ = ["NETWORK", "SPREADS", "Design", "Input", "Refused", "assumed_inputs"]

#: Name of the input that says which network of the family a world has.
NETWORK = "network.draw"
#: How values lie in their ranges.
SPREADS = ("triangular", "uniform")


class Refused(YizhanError):
    """A draw that cannot be a world: no network has the published totals.

    Parameters
    ----------
    stage
        What has no answer: places, air, road, family, fleet, changes.
    reason
        Why, in words.
    """

    def __init__(self, stage: str, reason: str) -> None:
        self.stage, self.reason = stage, reason
        super().__init__(stage, reason)

    def __str__(self) -> str:
        return f"{self.stage}: {self.reason}"


@dataclass(frozen=True)
class Input:
    """Something that is not known: a number within a range, in `unit`.

    `whole` marks a number that counts alternatives, all equally likely.
    """

    name: str
    low: float
    high: float
    default: float
    unit: str = ""
    whole: bool = False

    def at(self, share: NDArray[np.float64], spread: str) -> NDArray[np.float64]:
        """Return the values that have these shares of all draws below them.

        Parameters
        ----------
        share
            From 0 to below 1.
        spread
            ``triangular`` with its peak at the default, or ``uniform``.
        """
        u = np.asarray(share, dtype=np.float64)
        if self.whole:
            return self.low + np.floor(u * (self.high - self.low + 1))
        if spread == "uniform":
            return self.low + (self.high - self.low) * u
        width = self.high - self.low
        peak = (self.default - self.low) / width
        rising = self.low + width * np.sqrt(u * peak)
        falling = self.high - width * np.sqrt((1 - u) * (1 - peak))
        return np.clip(np.where(u < peak, rising, falling), self.low, self.high)


def assumed_inputs(assumptions: Assumptions, networks: int, fixed: Iterable[str] = ()) -> tuple[Input, ...]:
    """Return everything that a world draws.

    Parameters
    ----------
    assumptions
        All single assumed values with low < high are inputs, but for those that a scenario has set.
        Those that the model takes as whole numbers are drawn as they are, and rounded where they are used.
    networks
        How many networks of the family to draw from; 1 for the best alone.
    fixed
        Names to leave out.
    """
    out = set(fixed)
    entries = (assumptions.entry(name) for name in assumptions)
    inputs = [
        Input(e.name, e.low, e.high, e.value, e.unit)
        for e in entries
        if e.low < e.high and not e.changed and e.name not in out
    ]
    if networks > 1 and NETWORK not in out:
        inputs.append(Input(NETWORK, 0, networks - 1, 0, "number of the network in its family", whole=True))
    return tuple(inputs)


@dataclass(frozen=True)
class Design:
    """A Latin hypercube over inputs.

    Parameters
    ----------
    inputs
        What to draw.
    worlds
        How many draws.
    seed
        Names the draws, together with `purpose`.
    spread
        How values lie in their ranges.

    Raises
    ------
    InputErrors
        If there is nothing to draw, or no such spread.
    """

    inputs: tuple[Input, ...]
    worlds: int
    seed: int = 1
    spread: str = "triangular"
    purpose: str = "worlds"

    def __post_init__(self) -> None:
        problems = []
        if self.worlds < 1:
            problems.append(Problem("study", "", "worlds", self.worlds, "at least 1"))
        if self.spread not in SPREADS:
            problems.append(Problem("study", "", "spread", self.spread, " or ".join(SPREADS)))
        if not self.inputs:
            problems.append(Problem("study", "", "inputs", "", "at least one assumed value with a range"))
        if problems:
            raise InputErrors(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(each.name for each in self.inputs)

    @property
    def defaults(self) -> dict[str, float]:
        """The values that are in force without a draw."""
        return {each.name: each.default for each in self.inputs}

    def world(self, number: int, attempt: int = 0) -> dict[str, float]:
        """Return the values of a world.

        Parameters
        ----------
        number
            From 1 to the number of worlds.
        attempt
            0 for the first draw; each further attempt is a hypercube of its own.
        """
        row = _hypercube(self, attempt)[number - 1]
        return dict(zip(self.names, row.tolist(), strict=True))

    def matrix(self, worlds: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
        """Return values of worlds as an array: worlds by inputs."""
        rows = [[world[name] for name in self.names] for world in worlds]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.inputs))


@lru_cache(maxsize=64)
def _hypercube(design: Design, attempt: int) -> NDArray[np.float64]:
    """Return the values of all worlds in one attempt: worlds by inputs."""
    n = design.worlds
    rows = np.arange(n)
    columns = []
    for each in design.inputs:
        name = streams.entity(each.name)
        order = np.argsort(
            streams.uniform(design.seed, attempt, f"{design.purpose} order", name, rows), kind="stable"
        )
        part = np.empty(n)
        part[order] = rows
        inside = streams.uniform(design.seed, attempt, f"{design.purpose} place", name, rows)
        share = np.minimum((part + inside) / n, math.nextafter(1.0, 0.0))
        columns.append(each.at(share, design.spread))
    return np.column_stack(columns)
