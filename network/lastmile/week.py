"""Collection and delivery in a week without holidays, as arrays (rules 5, 12 and 13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from network.lastmile.handover import counters, handover_s
from network.model.network import Network
from network.model.records import DAY_S

__all__ = ["NO_ROUND", "LastMile"]

NO_ROUND = np.int64(1) << 55  # later than any time, and with a week added to it still a number
_WEEK = 7

T = TypeVar("T", int, np.ndarray)


@dataclass(frozen=True, eq=False)
class LastMile:
    """The rounds of a network; times are seconds of a clock that begins on a Monday at 00:00.

    Places without a round have row -1; nothing is collected there, and nothing delivered.
    """

    round_row: np.ndarray  # (places,) row of the round
    base: np.ndarray  # (places,) stop row of its base
    visit_s: np.ndarray  # (places,) delivery, after midnight of the day of departure
    cut_s: np.ndarray  # (places,) last acceptance for that day's collection
    departs_s: np.ndarray  # (rounds,)
    intake_s: np.ndarray  # (rounds,) when the base has what was collected
    ahead: np.ndarray  # (rounds, 7) days from each weekday to the next run, 0 on running days
    delay_s: np.ndarray  # (brands + 1, places) wait at the base before the first round (rule 5)
    sender: np.ndarray  # (brands + 1, places) row where items of a sender are accepted

    @classmethod
    def of(cls, network: Network) -> LastMile:
        """Return the last mile of a network."""
        places = network.places
        n, row_of = len(places), network.stop_row
        round_row, base = np.full(n, -1), np.full(n, -1)
        visit_s, cut_s = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        ahead = np.zeros((len(network.rounds), _WEEK), dtype=np.int64)
        for number, round_ in enumerate(network.rounds):
            rows = [places.row(place) for place in round_.places]
            round_row[rows], base[rows] = number, row_of[round_.base]
            visit_s[rows], cut_s[rows] = round_.visit_s, round_.cut_s
            days = np.array(round_.weekdays)
            ahead[number] = ((days - np.arange(_WEEK)[:, None]) % _WEEK).min(axis=1)
        delay = handover_s(network)
        sender = counters(network)
        if sender is None:
            sender = np.broadcast_to(np.arange(n), delay.shape)
        return cls(
            round_row,
            base,
            visit_s,
            cut_s,
            np.array([r.depart_s for r in network.rounds], dtype=np.int64),
            np.array([r.intake_s for r in network.rounds], dtype=np.int64),
            ahead,
            delay.astype(np.int64),
            sender,
        )

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
