"""A small mixed-integer programme whose rules have names, solved by HiGHS.

Names let a refusal say which rule stands in the way: it is solved again
without each of them in turn.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from network.errors import YizhanError

__all__ = ["BEST_GAP", "COUNT", "LENGTH", "NoAnswerError", "Programme", "Row"]

COUNT = "the number of routes"
LENGTH = "the length in its printed precision"

# Limits of the search: a gap or a number of nodes, never a time, so that every computer stops at the same
# network.  One thread and a fixed seed for the same reason.
BEST_GAP = 1e-4
_NODES = 20_000
_SOLVER: dict[str, Any] = {"threads": 1, "parallel": False, "random_seed": 0}
_INFEASIBLE, _FAILED = 2, 4  # scipy's status


class NoAnswerError(YizhanError, RuntimeError):
    """The search stopped at its limit of nodes before it knew."""


@dataclass(frozen=True)
class Row:
    """One linear constraint: low <= sum(factors * x[columns]) <= high."""

    columns: np.ndarray
    factors: np.ndarray
    low: float
    high: float


class Programme:
    """Choose routes: one binary variable a route, then whatever else the rules need.

    Parameters
    ----------
    keys
        Stable name of each route, for the draws of a family.
    km
        Length of each route.
    cost
        What choosing each route costs.

    Attributes
    ----------
    rules
        Rows by the name of their rule; those of a rule without a name ("") always hold.
    """

    def __init__(self, keys: Sequence[str], km: np.ndarray, cost: np.ndarray) -> None:
        self.keys = tuple(keys)
        self.km = np.asarray(km, dtype=float)
        self._cost = [float(c) for c in cost]
        self._upper = [1.0] * len(self.keys)
        self._integer = [1] * len(self.keys)
        self.rules: dict[str, list[Row]] = {}

    @property
    def routes(self) -> int:
        """Number of routes to choose from; they are the first variables."""
        return len(self.keys)

    @property
    def cost(self) -> np.ndarray:
        """Objective factor of every variable."""
        return np.array(self._cost)

    def variable(self, cost: float, upper: float = 1.0, integer: bool = True) -> int:
        """Add a variable between 0 and `upper`, and return its column."""
        self._cost.append(float(cost))
        self._upper.append(float(upper))
        self._integer.append(int(integer))
        return len(self._cost) - 1

    def add(
        self,
        rule: str,
        columns: Iterable[int],
        low: float,
        high: float,
        factors: Iterable[float] | None = None,
    ) -> None:
        """Add a row to a rule; without factors the variables are counted."""
        at = np.fromiter(columns, dtype=np.int64)
        by = np.ones(len(at)) if factors is None else np.fromiter(factors, dtype=float)
        self.rules.setdefault(rule, []).append(Row(at, by, float(low), float(high)))

    def solve(
        self,
        cost: np.ndarray | None = None,
        without: Collection[str] = (),
        extra: Iterable[Row] = (),
        gap: float = BEST_GAP,
    ) -> np.ndarray | None:
        """Return the variables at the least cost, or None where nothing obeys the rules.

        Parameters
        ----------
        cost
            Instead of the programme's own.
        without
            Names of rules to leave out.
        extra
            Further rows.
        gap
            Relative gap to the best possible at which the search may stop.

        Raises
        ------
        NoAnswerError
            If the search stops at its limit of nodes with nothing in hand.
        """
        rows = [row for rule, some in self.rules.items() if rule not in without for row in some]
        rows.extend(extra)
        width = len(self._cost)
        at = np.repeat(np.arange(len(rows)), [len(row.columns) for row in rows])
        matrix = sp.csr_array(
            (
                np.concatenate([row.factors for row in rows]),
                (at, np.concatenate([row.columns for row in rows])),
            ),
            shape=(len(rows), width),
        )
        problem: dict[str, Any] = {
            "c": self.cost if cost is None else cost,
            "integrality": np.array(self._integer),
            "bounds": Bounds(np.zeros(width), np.array(self._upper)),
            "constraints": LinearConstraint(matrix, [r.low for r in rows], [r.high for r in rows]),
        }
        found = _run(problem, gap, _SOLVER)
        if found.status == _FAILED and "nfeasible" not in found.message:
            # HiGHS refuses another number of threads than its first user in this process asked for.
            found = _run(problem, gap, {name: _SOLVER[name] for name in _SOLVER if name != "threads"})
        if found.x is not None:
            return np.asarray(found.x)
        if found.status == _INFEASIBLE or "nfeasible" in found.message:
            return None
        raise NoAnswerError(f"no network found within {_NODES} nodes of the search: {found.message}")

    def chosen(self, x: np.ndarray) -> np.ndarray:
        """Return the rows of the routes that a solution chooses."""
        return np.flatnonzero(x[: self.routes] > 0.5)

    def length_objective(self, sign: float) -> np.ndarray:
        """Return an objective of nothing but the length: sign 1 to make it short, -1 long."""
        cost = np.zeros(len(self._cost))
        cost[: self.routes] = sign * self.km
        return cost


def _run(problem: dict[str, Any], gap: float, solver: dict[str, Any]) -> Any:
    options: Any = {"mip_rel_gap": gap, "node_limit": _NODES, **solver}
    with warnings.catch_warnings():
        # scipy passes HiGHS's own options on as they are, and warns of it.
        warnings.filterwarnings("ignore", message="Unrecognized options", category=RuntimeWarning)
        return milp(**problem, options=options)
