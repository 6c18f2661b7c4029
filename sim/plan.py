"""What a run is asked for: days, seed and replication."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from network.errors import InputErrors, Problem
from network.model.records import DAY_S

__all__ = ["DRAIN_DAYS", "RESOLVED_SHARE", "RunPlan"]

RESOLVED_SHARE = 0.999  # rule 17: a run ends when this share of the cohort is resolved
DRAIN_DAYS = 28  # or after so many more days


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
