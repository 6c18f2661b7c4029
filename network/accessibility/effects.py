"""What a change of the timetable does to scheduled times: in hours, in coverage, in people cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from network.accessibility.scheduled_times import ScheduledTimes
from network.model.records import Places

__all__ = ["Aim", "Effect", "Effects", "effects"]

_LEAST = 1e-9  # of a share: less is rounding


@dataclass(frozen=True)
class Aim:
    """Which coverage counts: of which mail, within how many hours, for which share of it."""

    basis: str = "inbound"
    hours: float = 168.0
    quantile: float = 0.8


@dataclass(frozen=True)
class Effect:
    """Differences, after less before; a loss of time is positive, a loss of coverage negative."""

    mean_h: float  # of all mail of the basis; what has no way any more is counted in `lost` alone
    person_h: float  # of the mean hours of places, over their people
    coverage: float  # share of people whose place has the quantile in time
    cut_off: float  # people to whom no mail of the basis can come any more
    lost: float  # share of the mail of the basis that has no way any more


@dataclass(frozen=True, eq=False)
class Effects:
    """The same by place, to be added up over any groups of places; (places,)."""

    mean_h: np.ndarray
    person_h: np.ndarray
    coverage: np.ndarray
    cut_off: np.ndarray
    lost: np.ndarray

    def of(self, places: np.ndarray | slice = slice(None)) -> Effect:
        """Return the effect through some places alone."""
        columns = (self.mean_h, self.person_h, self.coverage, self.cut_off, self.lost)
        return Effect(*(float(column[places].sum()) for column in columns))


def effects(places: Places, before: ScheduledTimes, after: ScheduledTimes, aim: Aim) -> Effects:
    """Return what a change does, place by place.

    Hours are compared at places where as much of the mail has a way as before.
    """
    basis = aim.basis
    people, items = places.population, before.items[basis]
    everybody, everything = max(people.sum(), 1e-300), max(items.sum(), 1e-300)
    come = [np.where(p.profile >= 0, p.upto[basis][p.profile, -1], 0.0) for p in (before, after)]
    same = (come[0] > _LEAST) & (np.abs(come[1] - come[0]) <= _LEAST)
    hours = np.zeros(len(places))
    hours[same] = after.mean_h[basis][same] - before.mean_h[basis][same]
    reached = [p.quantile_h(basis, aim.quantile) <= aim.hours for p in (before, after)]
    return Effects(
        mean_h=hours * come[0] * items / everything,
        person_h=hours * people / everybody,
        coverage=(reached[1].astype(float) - reached[0]) * people / everybody,
        cut_off=people * ((come[0] > _LEAST) & (come[1] <= _LEAST)),
        lost=np.where(np.abs(come[0] - come[1]) > _LEAST, come[0] - come[1], 0.0) * items / everything,
    )
