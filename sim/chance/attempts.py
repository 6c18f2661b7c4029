"""Failed delivery attempts (rule 12)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from network.demand.rates import ItemClass
from network.model.network import Network
from network.numeric.names import among
from sim.chance.draws import Draws
from sim.demand.items import class_of

__all__ = ["Attempts"]


class Attempts:
    """Which attempts fail: of items delivered against signature, at places without a village station.

    Parameters
    ----------
    network
        Stations and assumed values.
    classes
        Classes of mail, in the order of item keys.
    draws
        The draw of each attempt.

    Attributes
    ----------
    limit
        Attempts after which an item goes back to its sender.
    gap_s
        Least seconds from one attempt to the next departure.
    """

    def __init__(self, network: Network, classes: Sequence[ItemClass], draws: Draws) -> None:
        a = network.assumptions
        self.limit = round(a["attempt_limit"])
        self.gap_s = round(a["attempt_gap_h"] * 3600)
        self._share = a["failed_attempt_share"]
        self._draws = draws
        self._signed = np.array([kind.signed for kind in classes])
        self._to_hand = ~among(network.places.id, network.stations)

    def fail(self, key: np.ndarray, place: np.ndarray, number: np.ndarray) -> np.ndarray:
        """Return whether the attempts of these numbers (from 1) at items' places fail; bool."""
        can = np.flatnonzero(self._signed[class_of(key)] & self._to_hand[place])
        fails = np.zeros(len(key), dtype=bool)
        fails[can] = self._draws.attempt_fails(self._share, key[can], number[can])
        return fails
