"""The choice of routes as a mixed-integer programme whose rules have names.

Names let a refusal say which rule stands in the way: it is solved again without each of them in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import repeat

import numpy as np

from network.numeric.milp import GAP, NODES, NoAnswerError, Programme, Row

__all__ = ["COUNT", "LENGTH", "RouteProgramme"]

COUNT = "the number of routes"
LENGTH = "the length in its printed precision"


class RouteProgramme(Programme):
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
        super().__init__()
        self.keys = tuple(keys)
        self.km = np.asarray(km, dtype=float)
        self.rules: dict[str, list[Row]] = {}
        for each in cost:
            self.column(each, whole=True)

    @property
    def routes(self) -> int:
        """Number of routes to choose from; they are the first variables."""
        return len(self.keys)

    def add(
        self,
        rule: str,
        columns: Iterable[int],
        low: float,
        high: float,
        factors: Iterable[float] | None = None,
    ) -> None:
        """Add a row to a rule; without factors the variables are counted."""
        terms = zip(columns, repeat(1.0)) if factors is None else zip(columns, factors, strict=True)
        self.rules.setdefault(rule, []).append(Row.of(terms, low, high))

    def solve(
        self,
        cost: np.ndarray | None = None,
        without: Collection[str] = (),
        extra: Iterable[Row] = (),
        gap: float = GAP,
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
        rows = [row for rule, named in self.rules.items() if rule not in without for row in named]
        answer = self.minimise(cost, [*rows, *extra], gap=gap)
        if answer.feasible and answer.x is None:
            raise NoAnswerError(f"no network found within {NODES:,} nodes of the search")
        return answer.x

    def chosen(self, x: np.ndarray) -> np.ndarray:
        """Return the rows of the routes that a solution chooses."""
        return np.flatnonzero(x[: self.routes] > 0.5)

    def length_objective(self, sign: float) -> np.ndarray:
        """Return an objective of nothing but the length: sign 1 to make it short, -1 long."""
        cost = np.zeros(len(self.cost))
        cost[: self.routes] = sign * self.km
        return cost
