"""Mixed-integer programmes: columns and rows are added one by one, HiGHS solves them.

A search stops by gap or by nodes, never by time, so that every computer stops at the same answer.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from network.errors import YizhanError

__all__ = ["GAP", "NODES", "Answer", "NoAnswerError", "Programme", "Row", "Terms"]

GAP = 1e-4  # relative, between the answer and the bound
NODES = 20_000
# One thread and a fixed seed: the same answer every time.
_SOLVER: dict[str, Any] = {"threads": 1, "parallel": False, "random_seed": 0}
_LIMIT, _INFEASIBLE, _FAILED = 1, 2, 4  # scipy's status

Terms = Iterable[tuple[int, float]]  # column, factor


class NoAnswerError(YizhanError, RuntimeError):
    """The search stopped before it had an answer."""


@dataclass(frozen=True, eq=False)
class Row:
    """One linear constraint: low <= sum(factors * x[columns]) <= high."""

    columns: NDArray[np.int64]
    factors: NDArray[np.float64]
    low: float
    high: float

    @classmethod
    def of(cls, terms: Terms, low: float, high: float) -> Row:
        """Return the row of terms."""
        pairs = list(terms)
        columns = np.array([column for column, _ in pairs], dtype=np.int64)
        return cls(columns, np.array([factor for _, factor in pairs], dtype=float), float(low), float(high))


@dataclass(frozen=True, eq=False)
class Answer:
    """Columns of a solved programme, and what no solution can beat.

    Parameters
    ----------
    x
        None where nothing is feasible, or nothing was found within the nodes.
    bound
        No feasible point costs less.
    """

    x: NDArray[np.float64] | None
    bound: float
    feasible: bool


class Programme:
    """Columns and rows, gathered one after the other.

    Attributes
    ----------
    cost
        Objective factor of every column; what is minimised.
    rows
        Constraints that always hold.
    """

    def __init__(self) -> None:
        self.cost: list[float] = []
        self._upper: list[float] = []
        self._whole: list[int] = []
        self.rows: list[Row] = []

    def column(self, cost: float = 0.0, upper: float = 1.0, whole: bool = False) -> int:
        """Add a variable from 0 to `upper`, and return its number."""
        self.cost.append(float(cost))
        self._upper.append(float(upper))
        self._whole.append(int(whole))
        return len(self.cost) - 1

    def row(self, terms: Terms, low: float, high: float) -> None:
        """Add a constraint: the sum of factor times variable lies between two numbers."""
        self.rows.append(Row.of(terms, low, high))

    def minimise(
        self,
        cost: Sequence[float] | NDArray[np.float64] | None = None,
        extra: Iterable[Row] = (),
        *,
        relaxed: bool = False,
        gap: float = GAP,
        nodes: int = NODES,
    ) -> Answer:
        """Return the columns of least cost.

        Parameters
        ----------
        cost
            Instead of the programme's own.
        extra
            Further rows.
        relaxed
            Whether whole variables may be taken in part.
        gap, nodes
            Where the search may stop.

        Raises
        ------
        NoAnswerError
            If HiGHS fails.
        """
        rows, width = [*self.rows, *extra], len(self.cost)
        at = np.repeat(np.arange(len(rows)), [len(row.columns) for row in rows])
        entries = (
            np.concatenate([row.factors for row in rows] or [np.zeros(0)]),
            (at, np.concatenate([row.columns for row in rows] or [np.zeros(0, dtype=np.int64)])),
        )
        matrix = sp.csr_array(entries, shape=(len(rows), width))
        problem: dict[str, Any] = {
            "c": np.array(self.cost if cost is None else cost),
            "integrality": np.zeros(width) if relaxed else np.array(self._whole),
            "bounds": Bounds(np.zeros(width), np.array(self._upper)),
            "constraints": LinearConstraint(matrix, [row.low for row in rows], [row.high for row in rows]),
        }
        limits = {"mip_rel_gap": gap, "node_limit": nodes}
        result = _run(problem, limits | _SOLVER)
        if result.status == _FAILED and "nfeasible" not in result.message:
            # HiGHS refuses another number of threads than its first user in this process asked for.
            result = _run(problem, limits | {k: v for k, v in _SOLVER.items() if k != "threads"})
        if result.status == _INFEASIBLE or "nfeasible" in result.message:
            return Answer(None, np.inf, False)
        if result.x is None and result.status != _LIMIT:
            raise NoAnswerError(f"the solver gave up: {result.message}")
        bound = result.fun if relaxed else result.mip_dual_bound
        return Answer(None if result.x is None else np.asarray(result.x), float(bound), True)


def _run(problem: dict[str, Any], options: dict[str, Any]) -> Any:
    with warnings.catch_warnings(), _quiet():
        # scipy passes HiGHS's own options on as they are, and warns of it.
        warnings.filterwarnings("ignore", message="Unrecognized options", category=RuntimeWarning)
        return milp(**problem, options=options)  # type: ignore[arg-type]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what HiGHS writes past its own switches from the output, which may be JSON."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
