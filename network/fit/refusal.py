"""What a fit says when no network has the totals asked for.

The reachable range comes from making the length as short and as long as the
rules allow at the number of routes asked for.  The rule in the way is found
by leaving the rules out one at a time: one weighted sum of all violations
would only blame what its weights say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.errors import InputErrors, Problem
from network.fit.programme import COUNT, LENGTH, RouteProgramme

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


def reach(programme: RouteProgramme, without: tuple[str, ...] = ()) -> Reach:
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


def refusal(programme: RouteProgramme, mode: str, totals: Totals) -> FitError:
    """Say why no network fits: the reachable range, and the rule that stands in the way."""
    reachable = reach(programme)
    asked = f"{totals.km:,.0f} ± {totals.precision_km:,.0f} km"
    table = f"{mode} mail routes"
    if np.isnan(reachable.low_km):
        rule, text = _binding_count(programme, totals)
        said = f"{reachable}{text}"
        return FitError(
            Problem("report", table, "routes", totals.routes, said), mode, totals, reachable, rule
        )
    rule, text = _binding(programme, totals, reachable)
    said = f"{totals.routes} routes reach {reachable}; {asked} asked{text}"
    return FitError(Problem("report", table, "km", totals.km, said), mode, totals, reachable, rule)


def _binding(programme: RouteProgramme, totals: Totals, now: Reach) -> tuple[str, str]:
    """Name the rule in the way: the one whose absence changes least and lets it fit, else moves most."""
    low, high = totals.km - totals.precision_km, totals.km + totals.precision_km
    if now.low_km <= high and low <= now.high_km:
        return "", "; within the range, but no choice of routes adds up to it"
    sign = 1.0 if high < now.low_km else -1.0
    edge, side = (now.low_km, "least") if sign > 0 else (now.high_km, "most")
    moved: list[tuple[float, str]] = []
    for rule in _named(programme):
        x = programme.solve(programme.length_objective(sign), (LENGTH, rule))
        if x is not None:
            km = float(programme.km[programme.chosen(x)].sum())
            if sign * km < sign * edge - 0.5:
                moved.append((km, rule))
    if not moved:
        return "", "; no rule alone is in the way"
    fits = sorted((m for m in moved if (m[0] <= high if sign > 0 else m[0] >= low)), reverse=sign > 0)
    if fits:
        said = ", or ".join(f"{rule} ({side} {km:,.0f} km without it)" for km, rule in fits)
        return fits[0][1], f"; in the way: {said}"
    km, rule = min(moved) if sign > 0 else max(moved)
    return rule, f"; in the way: {rule} (even without it {side} {km:,.0f} km)"


def _named(programme: RouteProgramme) -> list[str]:
    return [rule for rule in programme.rules if rule not in ("", COUNT, LENGTH)]


def _binding_count(programme: RouteProgramme, totals: Totals) -> tuple[str, str]:
    for rule in _named(programme):
        x = programme.solve(np.zeros(len(programme.cost)), (LENGTH, rule))
        if x is not None:
            return rule, f"; in the way of {totals.routes}: {rule}"
    return "", f"; no rule alone is in the way of {totals.routes}"
