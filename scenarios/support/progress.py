"""What a long run tells while it goes on; the command line shows it, others may ignore it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["ManyTasks", "Progress"]


class Progress:
    """Receives the steps of a run and does nothing with them."""

    def step(self, text: str) -> None:
        """Take note that a step begins."""

    def warn(self, text: str) -> None:
        """Take note of what is missing though the run goes on."""
        warnings.warn(text, stacklevel=2)

    def replications(self, scenario: str, total: int) -> None:
        """Take note that the replications of a scenario begin."""

    def simulated(self, number: int, share: float) -> None:
        """Take note of the share of a replication that is simulated, 0 to 1."""

    def counted(self, text: str, done: int, total: int) -> None:
        """Take note that so many parts of a step are done."""

    def tasks(self, title: str, total: int, done: int) -> None:
        """Take note that many tasks begin, of which some are done already."""

    def task(self, name: str, error: str) -> None:
        """Take note that a task is done; `error` is empty unless it failed."""


@dataclass
class ManyTasks:
    """How far many tasks are, and how long the rest will take at the pace so far."""

    title: str
    total: int
    before: int  # done by an earlier start
    clock: Callable[[], float] = time.monotonic
    failed: int = 0
    now: int = 0
    began: float = field(init=False)
    _said: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self._said = self.clock()

    @property
    def done(self) -> int:
        """Tasks that need no more work."""
        return self.before + self.now

    def finished(self, error: str = "") -> None:
        """Count a task that is done, or has failed."""
        self.now += 1
        self.failed += bool(error)

    def left_s(self) -> float | None:
        """Return the seconds left at the pace so far; None while there is none."""
        if not self.now:
            return None
        return (self.clock() - self.began) / self.now * (self.total - self.done)

    def status(self) -> str:
        """Return the state in words."""
        text = f"{self.done} of {self.total}"
        if self.failed:
            text += f", {self.failed} failed"
        left = self.left_s()
        if left and self.done < self.total:
            text += f", about {left / 60:.0f} min left" if left >= 90 else f", about {left:.0f} s left"
        return text

    def due(self) -> bool:
        """Whether a minute has gone since the last line, or all is done."""
        now = self.clock()
        if now - self._said < 60 and self.done < self.total:
            return False
        self._said = now
        return True
