"""What a run is asked for, and what it leaves behind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from network.errors import InputErrors, Problem
from network.model.records import DAY_S
from sim.state.ledger import Ledger
from sim.state.work import Work

__all__ = ["RunPlan", "RunResult"]


@dataclass(frozen=True)
class RunPlan:
    """What to simulate.

    Parameters
    ----------
    start
        First day, a Monday; demand starts at its midnight.
    warmup_days, measured_days
        The measured cohort is what is accepted in ``measured_days`` after the warm-up, which need not
        be whole weeks.
    seed, replication
        Name the random streams.
    """

    start: dt.date
    warmup_days: int = 28
    measured_days: int = 28
    seed: int = 1
    replication: int = 0

    def __post_init__(self) -> None:
        problems = []
        if self.start.weekday() != 0:
            problems.append(Problem("run", "run", "start", self.start.isoformat(), "a Monday"))
        if self.warmup_days < 0:
            problems.append(Problem("run", "run", "warmup_days", self.warmup_days, "at least 0"))
        if self.measured_days < 1:
            problems.append(Problem("run", "run", "measured_days", self.measured_days, "at least 1"))
        if problems:
            raise InputErrors(problems)

    @classmethod
    def of_year(cls, year: int, warmup_days: int, seed: int = 1) -> RunPlan:
        """Return the plan that measures a calendar year, after a warm-up from the Monday at or before
        `warmup_days` ahead of 1 January (rule 17).
        """
        first = dt.date(year, 1, 1)
        start = first - dt.timedelta(days=warmup_days)
        start -= dt.timedelta(days=start.weekday())
        return cls(start, (first - start).days, (dt.date(year + 1, 1, 1) - first).days, seed)

    @property
    def window_s(self) -> tuple[int, int]:
        """Seconds at which the measured cohort begins and ends."""
        return self.warmup_days * DAY_S, (self.warmup_days + self.measured_days) * DAY_S


@dataclass(frozen=True, eq=False)
class RunResult:
    """What one replication leaves behind; see the records in ``docs/model.md``."""

    plan: RunPlan
    items: dict[str, np.ndarray]  # columns without rows when a sink took them
    trips: dict[str, np.ndarray]
    custody: dict[str, np.ndarray]  # hands of confidential items, see `sim.state.custody`
    ledgers: tuple[Ledger, ...]  # one a midnight
    spent_s: np.ndarray  # (midnights,): from intake or entry on, of all that ended in the day before
    waiting: np.ndarray  # (midnights, stops): items at lanes, sorters and lines
    waiting_rounds: np.ndarray  # (midnights, stops): items waiting for a round there
    bottlenecks: list[dict[str, object]]
    unresolved: dict[
        str, np.ndarray
    ]  # what all items under way at close wait for, see `sim.engine.unresolved`
    work: Work  # driven and carried in the window
    total_items: int
    seconds_run: int

    @property
    def ledger(self) -> Ledger:
        """The ledger at close."""
        return self.ledgers[-1]
