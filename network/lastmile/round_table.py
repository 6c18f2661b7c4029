"""The rounds of a network as columns: which round serves a place, when it leaves, visits and collects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from network.model.network import Network

__all__ = ["RoundTable"]


@dataclass(frozen=True, eq=False)
class RoundTable:
    """When rounds leave, come by and are back; int32 seconds after midnight of the day of departure.

    Places without a round have row -1; nothing is collected there, and nothing delivered.
    """

    round_row: np.ndarray  # (places,) row of the round
    base: np.ndarray  # (places,) stop row of its base
    visit_s: np.ndarray  # (places,) delivery
    cut_s: np.ndarray  # (places,) last acceptance for that day's collection
    departs_s: np.ndarray  # (rounds,)
    intake_s: np.ndarray  # (rounds,) when the base has what was collected

    @classmethod
    def of(cls, network: Network) -> Self:
        """Return the table of a network."""
        return cls(**cls._columns(network))

    @classmethod
    def _columns(cls, network: Network) -> dict[str, np.ndarray]:
        places, rounds = network.places, network.rounds
        by_place = {"round_row": -1, "base": -1, "visit_s": 0, "cut_s": 0}
        columns = {name: np.full(len(places), blank, dtype=np.int32) for name, blank in by_place.items()}
        for number, round_ in enumerate(rounds):
            rows = [places.row(place) for place in round_.places]
            columns["round_row"][rows] = number
            columns["base"][rows] = network.stop_row[round_.base]
            columns["visit_s"][rows] = round_.visit_s
            columns["cut_s"][rows] = round_.cut_s
        columns["departs_s"] = np.array([round_.depart_s for round_ in rounds], dtype=np.int32)
        columns["intake_s"] = np.array([round_.intake_s for round_ in rounds], dtype=np.int32)
        return columns
