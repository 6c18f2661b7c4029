"""The keyed draws of a run: what chance does to trips, vehicles, roads and items (rule 19).

Every function is pure.  Keys are stable names, never rows of a table, so that a
change to one route leaves all other draws as they were.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from network.numeric.streams import bits, uniform

__all__ = ["ODD", "Draws", "recheck_limit", "rechecked"]

HOUR_S = 3600
_SIGMAS = 3.0  # running times are cut at three standard deviations
ODD = np.uint64(0xD6E8FEB86659FD93)

Keys = int | np.ndarray


class Draws:
    """The draws of one seed and replication; scalars or arrays that broadcast.

    ``route``, ``vehicle``, ``link`` and ``place`` are `streams.entity` of the name, ``way`` is 0
    outward or 1 back, ``moment`` the absolute second of the timetabled departure from the first stop
    (`sim.demand.items.day_number` of the run's start * 86,400 + second of the run), ``date`` a day number.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self.seed, self.replication = seed, replication

    def _uniform(self, purpose: str, *keys: Keys) -> np.ndarray:
        return uniform(self.seed, self.replication, purpose, *keys)

    def extra_driving_s(
        self, driving_s: Keys, sd: float, route: Keys, way: Keys, moment: Keys, leg: Keys
    ) -> np.ndarray:
        """Return by how many seconds the driving of a leg differs from its timetabled `driving_s`; int64.

        The factor is lognormal with median 1 and standard deviation `sd` of its logarithm.
        """
        z = np.clip(ndtri(self._uniform("running", route, way, moment, leg)), -_SIGMAS, _SIGMAS)
        return np.rint(driving_s * np.expm1(sd * z)).astype(np.int64)

    def flight_cancelled(self, share: float, route: Keys, way: Keys, moment: Keys) -> np.ndarray:
        """Return whether a flight is cancelled; bool."""
        return self._uniform("flight", route, way, moment) < share

    def rail_late_s(self, share: float, most_h: float, route: Keys, way: Keys, moment: Keys) -> np.ndarray:
        """Return how many seconds late a train leaves its first stop, 0 if on time; int64."""
        late = np.ceil(self._uniform("rail", route, way, moment, 1) * most_h * HOUR_S).astype(np.int64)
        return np.where(self._uniform("rail", route, way, moment, 0) < share, late, 0)

    def breaks_down(self, share: float, vehicle: Keys, date: Keys) -> np.ndarray:
        """Return whether a vehicle breaks down on a date on which it is used; bool."""
        return self._uniform("breakdown", vehicle, date) < share

    def closure(
        self, cause: str, chance: Keys | float, least_h: float, most_h: float, link: Keys, date: Keys
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return whether a link closes on a date, from which second of the day, for how many seconds."""
        purpose = f"closure {cause}"
        begins = self._uniform(purpose, link, date, 0) < chance
        second = np.floor(self._uniform(purpose, link, date, 1) * 86_400).astype(np.int64)
        hours = least_h + self._uniform(purpose, link, date, 2) * (most_h - least_h)
        return begins, second, np.ceil(hours * HOUR_S).astype(np.int64)

    def attempt_fails(self, share: float, key: Keys, number: Keys) -> np.ndarray:
        """Return whether a delivery attempt fails; bool.  ``number`` counts an item's attempts from 1."""
        return self._uniform("attempt", key, number) < share

    def service_s(self, purpose: str, rate_per_h: int, key: Keys, place: Keys) -> np.ndarray:
        """Return exponential service times, whole seconds, at least 1; purpose ``lane`` or ``sort``."""
        u = self._uniform(f"service {purpose}", key, place)
        return np.maximum(1, np.ceil(-np.log1p(-u) * HOUR_S / rate_per_h)).astype(np.int64)

    def luck(self, key: np.ndarray) -> np.ndarray:
        """Return the bits that an item takes with it, for `rechecked`; uint64."""
        return bits(self.seed, self.replication, "recheck", key)


def rechecked(luck: np.ndarray, stop: int, share: float) -> np.ndarray:
    """Return whether items are drawn for a recheck at a stop; bool.

    Parameters
    ----------
    luck
        uint64, the item's own keyed bits.
    stop
        `network.numeric.streams.entity` of the stop's place.
    share
        Share of items drawn, 0-1.
    """
    return (luck ^ np.uint64(stop)) * ODD < recheck_limit(share)


def recheck_limit(share: float) -> np.uint64:
    """Return what bits must be below for a recheck."""
    return np.uint64(round(share * 2**32) << 32)
