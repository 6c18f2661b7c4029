"""What a planner is asked, checked: a budget, a standard, or years with a budget each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from network.errors import InputErrors, Problem, nearest
from scenarios.expansion.aims import parse_aim, parse_standards
from scenarios.expansion.levers import KINDS
from scenarios.expansion.planning import GAP, Question

__all__ = ["AIM", "question_of"]

AIM = "scheduled.inbound.mean_h"
Given = TypeVar("Given")
Parsed = TypeVar("Parsed")


def question_of(
    budget: float | None = None,
    measure: str = AIM,
    kinds: Sequence[str] = (),
    standards: Sequence[str] = (),
    years: int | None = None,
    yearly_budget: float | None = None,
    gap: float = GAP,
) -> Question:
    """Return the question of a plan.

    Parameters
    ----------
    budget
        Yuan a year beyond today's cost.
    measure
        What to improve; docs/plan.md lists the measures.
    kinds
        What may change: rounds, routes, direct, outlets, postal, hours; all by default.
    standards
        Find the cheapest plan for ``MEASURE >= SHARE``; several all hold.
    years, yearly_budget
        Years to plan for, and yuan of yearly cost that every year may add.
    gap
        Share of the gain between plan and bound to stop at.

    Raises
    ------
    InputErrors
        All that is wrong with it.
    """
    problems: list[Problem] = []

    def parsed(how: Callable[[Given], Parsed], given: Given) -> Parsed | None:
        try:
            return how(given)
        except InputErrors as error:
            problems.extend(error.problems)
            return None

    aim, asked = parsed(parse_aim, measure), parsed(parse_standards, standards)
    wanted = list(kinds) or list(KINDS)
    for kind in wanted:
        if kind not in KINDS:
            known = ", ".join(KINDS)
            problems.append(Problem("command line", "--kinds", "", kind, known, nearest(kind, KINDS)))
    for name, value in {"--budget": budget, "--yearly-budget": yearly_budget}.items():
        if value is not None and not 0 < value < 1e12:
            problems.append(Problem("command line", name, "", value, "yuan above 0"))
    if (years is None) != (yearly_budget is None):
        given = "--years" if years is not None else "--yearly-budget"
        problems.append(Problem("command line", given, "", "alone", "--years with --yearly-budget"))
    if budget is None and years is None and yearly_budget is None and not standards:
        allowed = "--budget, --standard, or --years with --yearly-budget"
        problems.append(Problem("command line", "", "", "no question", allowed))
    if problems or aim is None or asked is None:
        raise InputErrors(problems)
    phases = tuple((n + 1) * yearly_budget for n in range(years)) if years and yearly_budget else ()
    return Question(aim, tuple(wanted), budget, asked, phases, gap=gap)
