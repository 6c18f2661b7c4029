"""Collection and delivery in a week without holidays, as arrays (rules 5, 12 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.lastmile.handover import counters, handover_s
from network.lastmile.round_table import RoundTable
from network.model.network import Network
from network.model.records import DAY_S

__all__ = ["NO_ROUND", "LastMile"]

NO_ROUND = np.int64(1) << 55  # later than any time, and with a week added to it still a number
_WEEK = 7


@dataclass(frozen=True, eq=False)
class LastMile(RoundTable):
    """The rounds of a network in a week that is like every other; its clock begins on a Monday at 00:00."""

    ahead: np.ndarray  # (rounds, 7) days from each weekday to the next run, 0 on running days
    delay_s: np.ndarray  # (brands + 1, places) wait at the base before the first round (rule 5)
    sender: np.ndarray  # (brands + 1, places) row where items of a sender are accepted

    @classmethod
    def _columns(cls, network: Network) -> dict[str, np.ndarray]:
        ahead = np.zeros((len(network.rounds), _WEEK), dtype=np.int64)
        for number, round_ in enumerate(network.rounds):
            days = np.array(round_.weekdays)
            ahead[number] = ((days - np.arange(_WEEK)[:, None]) % _WEEK).min(axis=1)
        delay_s, sender = handover_s(network).astype(np.int64), counters(network)
        if sender is None:
            sender = np.broadcast_to(np.arange(len(network.places)), delay_s.shape)
        return {**super()._columns(network), "ahead": ahead, "delay_s": delay_s, "sender": sender}

    def collected_s(self, place: np.ndarray, accepted_s: np.ndarray) -> np.ndarray:
        """Return when the base takes in what was accepted at places: the first run that still collects it."""
        round_ = self.round_row[place]
        day = self._run(round_, -((self.cut_s[place] - accepted_s) // DAY_S))
        return np.where(round_ < 0, NO_ROUND, day * DAY_S + self.intake_s[round_])

    def attempted_s(self, place: np.ndarray, ready_s: np.ndarray) -> np.ndarray:
        """Return the first attempt at places of what can go on a round from `ready_s`; arrays broadcast."""
        round_ = self.round_row[place]
        day = self._run(round_, -((self.departs_s[round_] - ready_s) // DAY_S))
        return np.where((round_ < 0) | (ready_s >= NO_ROUND), NO_ROUND, day * DAY_S + self.visit_s[place])

    def _run(self, round_: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the first running day at or after a day."""
        return day + self.ahead[round_, day % _WEEK]
