"""Checks of a scenario that look beyond its keys: at the region's assumptions, reports and calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.calendar import UncoveredDateError
from network.inputs.tables import load_region
from sim.plan import DRAIN_DAYS, RunPlan

__all__ = ["uncovered_dates", "unknown_name", "wrong_assumptions"]


def wrong_assumptions(files: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Problem]:
    """Return what is wrong with the numbers under ``[assumptions]`` when other keys are wrong too.

    Parameters
    ----------
    files
        Name and content of each file of a chain of bases, as parsed.
    """
    files = list(files)
    region = next((data["region"] for _, data in files if isinstance(data.get("region"), str)), "")
    try:
        assumptions = load_region(region).assumptions
    except UnknownNameError:
        return []
    problems: list[Problem] = []
    for file, data in files:
        given = data.get("assumptions")
        given = given if isinstance(given, dict) else {}
        numbers = {k: v for k, v in given.items() if isinstance(v, int | float) and not isinstance(v, bool)}
        try:
            assumptions.replace(numbers, file)
        except InputErrors as error:
            problems += error.problems
    return problems


def uncovered_dates(region: str, plan: RunPlan, file: str) -> list[Problem]:
    """Return the problem of a run that may reach days whose holidays are not all known (rule 13)."""
    days = plan.warmup_days + plan.measured_days + DRAIN_DAYS
    try:
        load_region(region).calendar.day_factors(plan.start, days + 1)
    except UncoveredDateError as error:
        last = plan.start + dt.timedelta(days=days)
        allowed = f"a run, at most to {last} here, in times whose holidays are known: {error}"
        return [Problem(file, "run", "start", plan.start.isoformat(), allowed)]
    return []


def unknown_name(file: str, key: str, value: object, error: UnknownNameError) -> Problem:
    """Return the problem of a key whose name is not known, with the names that are."""
    allowed = "one of " + ", ".join(error.known) if len(error.known) > 1 else "".join(error.known)
    return Problem(file, "", key, value, allowed, nearest(error.name, error.known))
