"""What was driven and carried in the measured window: the record that cost and emissions are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Work", "WorkLog"]

_CARRIED = {
    "route": np.int16,
    "direction": np.int8,
    "from": np.int8,
    "to": np.int8,
    "account": np.int32,
    "items": np.int64,
    "grams": np.int64,
}
_TRIPS = {"route": np.int16, "direction": np.int8, "fate": np.int8, "trips": np.int32, "vehicles": np.int32}


@dataclass(frozen=True, eq=False)
class Work:
    """What was driven and carried in the window.

    An account is stop row × number of classes + class: the base of an item's own place (where it goes, or
    where it was accepted if it leaves the region) and its class.

    Parameters
    ----------
    carried
        Equal columns, a row for each ride between two stops of a route and each account: ``route``,
        ``direction``, ``from`` and ``to`` (position on the way), ``account``, ``items``, ``grams``.
    trips
        Equal columns: ``route``, ``direction``, ``fate`` as in the trip log, number of ``trips`` that set
        out and of their ``vehicles``.
    rounds
        (rounds, 2): runs, and vehicles sent.
    """

    carried: Mapping[str, NDArray[Any]]
    trips: Mapping[str, NDArray[Any]]
    rounds: NDArray[np.int64]


class WorkLog:
    """Counts rides and trips while a run goes on.

    Parameters
    ----------
    window_s
        First and last second (excluded) in which a ride begins or a trip sets out to be counted.
    accounts
        Number of accounts.
    """

    def __init__(self, window_s: tuple[int, int], accounts: int) -> None:
        self._begin, self._end = window_s
        self.accounts = accounts
        self._carried: dict[tuple[int, int, int, int], NDArray[np.int64]] = {}
        self._trips: dict[tuple[int, int, int], list[int]] = {}

    def ride(
        self, way: tuple[int, int], legs: tuple[int, int], now: int, account: np.ndarray, grams: np.ndarray
    ) -> None:
        """Count items that board now.

        Parameters
        ----------
        way
            Route and direction.
        legs
            Positions of the stops where they board and alight.
        now
            Second of the departure.
        account, grams
            Of each item.
        """
        if not self._begin <= now < self._end:
            return
        carried = self._carried.setdefault((*way, *legs), np.zeros((2, self.accounts), dtype=np.int64))
        carried[0] += np.bincount(account, minlength=self.accounts)
        # whole grams below 2**53: exact
        carried[1] += np.bincount(account, grams, self.accounts).astype(np.int64)

    def set_out(self, way: tuple[int, int], fate: int, vehicles: int, now: int) -> None:
        """Count a trip that sets out now with so many vehicles."""
        if self._begin <= now < self._end:
            trips = self._trips.setdefault((*way, fate), [0, 0])
            trips[0] += 1
            trips[1] += vehicles

    def result(self, rounds: NDArray[np.int64]) -> Work:
        """Return what was counted, beside the runs of the rounds."""
        rows: list[tuple[int, ...]] = []
        for key in sorted(self._carried):
            items, grams = self._carried[key]
            rows += [
                (*key, account, int(items[account]), int(grams[account]))
                for account in np.flatnonzero(items).tolist()
            ]
        trips = [(*key, *counts) for key, counts in sorted(self._trips.items())]
        return Work(_columns(rows, _CARRIED), _columns(trips, _TRIPS), rounds)


def _columns(rows: Sequence[Sequence[int]], kinds: Mapping[str, type]) -> dict[str, NDArray[Any]]:
    table = np.array(rows, dtype=np.int64).reshape(-1, len(kinds))
    return {name: table[:, at].astype(kind) for at, (name, kind) in enumerate(kinds.items())}
