"""The ledger (rule 18): every term counted by walking its own queues, none as a difference."""

from __future__ import annotations

from dataclasses import dataclass

from network.errors import YizhanError

__all__ = ["UNDER_WAY", "Ledger", "LedgerError"]

#: Where an item under way can be: the terms of the ledger, in the order of a journey.  An item that has ended
#: has the first, empty one in its record.
UNDER_WAY = (
    "",
    "outside",
    "collecting",
    "lanes",
    "sorters",
    "waiting",
    "riding",
    "for_round",
    "on_round",
)


class LedgerError(YizhanError):
    """Items were lost or made: a fault of the program, never of the input."""


@dataclass(frozen=True)
class Ledger:
    """Where all accepted items are at a moment."""

    time_s: int
    accepted: int
    delivered: int
    handed_over: int
    refused: int
    outside: int  # accepted outside, not yet at the entry gateway
    collecting: int  # accepted, not yet at the lanes of the first centre, or unloading at a later one
    lanes: int
    sorters: int
    waiting: int  # for a trip
    riding: int
    for_round: int  # waiting for a round
    on_round: int

    @property
    def under_way(self) -> int:
        """Items in some queue, vehicle, centre or round."""
        return sum(getattr(self, term) for term in UNDER_WAY if term)

    @property
    def difference(self) -> int:
        """Accepted less all that can be found; zero when the ledger closes."""
        return self.accepted - self.delivered - self.handed_over - self.refused - self.under_way

    def check(self) -> None:
        """Raise `LedgerError` unless the ledger closes."""
        if self.difference:
            raise LedgerError(f"the ledger is off by {self.difference} items at second {self.time_s}: {self}")
