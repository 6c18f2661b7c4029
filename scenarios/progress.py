"""What a long run tells while it goes on; the command line shows it, others may ignore it."""

from __future__ import annotations

__all__ = ["Progress"]


class Progress:
    """Receives the steps of a run and does nothing with them."""

    def step(self, text: str) -> None:
        """Take note that a step begins."""

    def replications(self, scenario: str, total: int) -> None:
        """Take note that the replications of a scenario begin."""

    def simulated(self, number: int, share: float) -> None:
        """Take note of the share of a replication that is simulated, 0 to 1."""

    def counted(self, text: str, done: int, total: int) -> None:
        """Take note that so many parts of a step are done."""
