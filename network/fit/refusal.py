"""What a fit says when no network has the totals asked for.

The reachable range comes from making the length as short and as long as the
rules allow at the number of routes asked for.  The rule in the way is found
by leaving the rules out one at a time: one weighted sum of all violations
would only blame what its weights say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from network.errors import InputErrors, Problem
from network.fit.programme import COUNT, LENGTH, Programme

__all__ = ["FitError", "Reach", "Totals", "reach", "refusal"]


@dataclass(frozen=True)
class Totals:
    """The published totals of one mode.

    Parameters
    ----------
    routes
        Number of mail routes, exactly.
    km
        Sum of their one-way lengths, km.
    precision_km
        Half-width of the printed rounding, km.

    Raises
    ------
    InputErrors
        If a number is not positive.
    """

    routes: int
    km: float
    precision_km: float

    def __post_init__(self) -> None:
        given = {"routes": self.routes, "km": self.km, "precision_km": self.precision_km}
        problems = [
            Problem("report", "totals", name, value, "a number above 0")
            for name, value in given.items()
            if not value > 0
        ]
        if problems:
            raise InputErrors(problems)


@dataclass(frozen=True)
class Reach:
    """What the rules allow: lengths in km at the number asked for, and numbers of routes at all.

    Lengths are nan where no network has that number of routes.
    """

    low_km: float
    high_km: float
    fewest: int
    most: int

    def __str__(self) -> str:
        if np.isnan(self.low_km):
            return f"{self.fewest} to {self.most} routes" if self.most else "no network at all"
        return f"{self.low_km:,.0f}–{self.high_km:,.0f} km"


class FitError(InputErrors):
    """No network of the pool has the totals asked for.

    Attributes
    ----------
    mode
        "road" or "air".
    totals
        What was asked for.
    reach
        What can be had.
    binding
        Name of the rule in the way, "" where no rule alone is.
    """

    def __init__(self, problem: Problem, mode: str, totals: Totals, reach: Reach, binding: str) -> None:
        super().__init__([problem])
        self.mode, self.totals, self.reach, self.binding = mode, totals, reach, binding


def reach(programme: Programme, without: tuple[str, ...] = ()) -> Reach:
    """Return what lengths and numbers of routes the programme's rules allow.

    Parameters
    ----------
    programme
        Rules `COUNT` and `LENGTH` among them.
    without
        Rules to leave out besides `LENGTH`.
    """
    left = (LENGTH, *without)
    short = programme.solve(programme.length_objective(1.0), left)
    long = programme.solve(programme.length_objective(-1.0), left)
    low, high = (
        float("nan") if x is None else float(programme.km[programme.chosen(x)].sum()) for x in (short, long)
    )
    numbers = []
    for sign in (1.0, -1.0):
        count = np.zeros(len(programme.cost))
        count[: programme.routes] = sign
        x = programme.solve(count, (*left, COUNT))
        numbers.append(0 if x is None else len(programme.chosen(x)))
    return Reach(low, high, numbers[0], numbers[1])


def refusal(programme: Programme, mode: str, totals: Totals) -> FitError:
    """Say why no network fits: the reachable range, and the rule that stands in the way."""
    found = reach(programme)
    asked = f"{totals.km:,.0f} ± {totals.precision_km:,.0f} km"
    table = f"{mode} mail routes"
    if np.isnan(found.low_km):
        rule, text = _binding_count(programme, totals)
        said = f"{found}{text}"
        return FitError(Problem("report", table, "routes", totals.routes, said), mode, totals, found, rule)
    rule, text = _binding(programme, totals, found)
    said = f"{totals.routes} routes reach {found}; {asked} asked{text}"
    return FitError(Problem("report", table, "km", totals.km, said), mode, totals, found, rule)


def _binding(programme: Programme, totals: Totals, now: Reach) -> tuple[str, str]:
    below, above = totals.km + totals.precision_km < now.low_km, totals.km - totals.precision_km > now.high_km
    if not (below or above):
        return "", "; within the range, but no choice of routes adds up to it"
    best, edge = "", now.low_km if below else now.high_km
    enough = False
    sign = 1.0 if below else -1.0
    for rule in programme.rules:
        if rule in ("", COUNT, LENGTH):
            continue
        x = programme.solve(programme.length_objective(sign), (LENGTH, rule))
        if x is None:
            continue
        km = float(programme.km[programme.chosen(x)].sum())
        if sign * km < sign * edge - 0.5:
            best, edge = rule, km
    if not best:
        return "", "; no rule alone is in the way"
    enough = edge <= totals.km + totals.precision_km if below else edge >= totals.km - totals.precision_km
    verdict = "it would fit" if enough else "still not enough"
    side = "least" if below else "most"
    return best, f"; in the way: {best} (without it {side} {edge:,.0f} km: {verdict})"


def _binding_count(programme: Programme, totals: Totals) -> tuple[str, str]:
    for rule in programme.rules:
        if rule in ("", COUNT, LENGTH):
            continue
        x = programme.solve(np.zeros(len(programme.cost)), (LENGTH, rule))
        if x is not None:
            return rule, f"; in the way of {totals.routes}: {rule}"
    return "", f"; no rule alone is in the way of {totals.routes}"


def narrowed(totals: Totals, by_km: float) -> Totals:
    """Return totals with the window made narrower on both sides, so that rounding cannot leave it."""
    return replace(totals, precision_km=totals.precision_km - by_km)
