"""The best network, and the k-th of a reproducible family that all fit.

The totals do not say which network is the real one.  Members of the family
differ pairwise in a stated share of their routes and stay within a stated
share of the best objective.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
from scipy.special import ndtri

from network.errors import Problem
from network.fit.programme import RouteProgramme
from network.fit.refusal import FitError, Totals, reach, refusal
from network.model.records import MailRoute
from network.numeric import streams
from network.numeric.milp import Row

__all__ = ["LEAST_DIFFERENCE", "MOST_LOSS", "choose", "difference"]

LEAST_DIFFERENCE = 0.15  # of the routes, pairwise (rule 2)
MOST_LOSS = 0.10  # of the best objective (rule 2)
_MEMBER_GAP = 0.01  # a member need not be the best of its kind
_NOISE = 0.01  # standard deviation of the factor on each cost: enough to leave the best network


def choose(
    programme: RouteProgramme,
    mode: str,
    totals: Totals,
    draw: int,
    seed: int,
    apart_without: Sequence[int] = (),
) -> np.ndarray:
    """Return the variables of the best network, or of the `draw`-th of its family.

    Parameters
    ----------
    programme
        Costs and rules.
    mode, totals
        What is fitted, for the random stream and the refusal.
    draw
        0 for the best; k for the k-th after it.
    seed
        Of the family.
    apart_without
        Routes that count for little when networks are compared: the members
        differ in the same share of the others, too.

    Raises
    ------
    FitError
        If nothing fits, or the family ends before the `draw`-th.
    """
    best = programme.solve()
    if best is None:
        raise refusal(programme, mode, totals)
    cost = np.array(programme.cost)
    least = float(cost @ best)
    limit = Row(np.arange(len(cost)), cost, -np.inf, least + MOST_LOSS * abs(least))
    apart: list[Row] = []
    x = best
    for k in range(1, draw + 1):
        members = programme.chosen(x)
        apart.append(_apart(members))
        if len(apart_without):
            apart.append(_apart(np.setdiff1d(members, apart_without)))
        member = programme.solve(_noisy(programme, mode, k, seed), extra=[*apart, limit], gap=_MEMBER_GAP)
        if member is None:
            said = f"0 to {k - 1}: these totals leave no room for network {k}, {LEAST_DIFFERENCE:.0%} apart"
            problem = Problem("scenario", f"{mode} mail routes", "draw", draw, said)
            raise FitError(problem, mode, totals, reach(programme), "")
        x = member
    return x


def _apart(members: np.ndarray) -> Row:
    """Allow no more than a share of these routes at once."""
    return Row(members, np.ones(len(members)), 0.0, float(math.floor(len(members) * (1 - LEAST_DIFFERENCE))))


def _noisy(programme: RouteProgramme, mode: str, k: int, seed: int) -> np.ndarray:
    """Return the costs, each route's with its own keyed factor."""
    names = np.array([streams.entity(key) for key in programme.keys], dtype=np.uint64)
    draws = streams.uniform(seed, k, f"fit {mode}", names)
    cost = np.array(programme.cost)
    cost[: programme.routes] *= 1 + _NOISE * ndtri(np.clip(draws, 1e-9, 1 - 1e-9))
    return cost


def difference(a: Sequence[MailRoute], b: Sequence[MailRoute], without: Collection[str] = ()) -> float:
    """Return the share of the routes of `a` that `b` does not have.

    Parameters
    ----------
    a, b
        Two networks of the same mode.
    without
        Kinds to leave out of both, such as ("branch",): short routes that count for little.

    Examples
    --------
    >>> route = MailRoute("road-001", "", "road", "trunk", ("a", "b"), (1.0,), (("a-b",),), (), "")
    >>> difference([route], [route]), difference([route], [])
    (0.0, 1.0)
    """
    kept_a, kept_b = (
        {(r.mode, r.stops, r.leg_links) for r in routes if r.kind not in without} for routes in (a, b)
    )
    return len(kept_a - kept_b) / max(len(kept_a), 1)
