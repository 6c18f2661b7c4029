"""What a run leaves behind: records, ledgers, queues and work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.plan import RunPlan
from sim.state.ledger import Ledger
from sim.state.work import Work

__all__ = ["RunResult"]


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
    ]  # what items in transit at cut-off wait for, see `sim.engine.bottlenecks`
    work: Work  # driven and carried in the window
    total_items: int
    seconds_run: int

    @property
    def ledger(self) -> Ledger:
        """The ledger at close."""
        return self.ledgers[-1]
