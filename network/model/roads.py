"""What a scenario does to the roads of the region: built, made faster, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Closure", "Link", "NewRoad", "Roads", "YearlyClosure"]


@dataclass(frozen=True)
class NewRoad:
    """A road that a scenario built, between two county seats or gateways."""

    id: str  # "540102-540103"
    a: str
    b: str
    km: float
    terrain: str  # central | plateau | gorge | gateway


@dataclass(frozen=True)
class Closure:
    """Road links that are closed on whole days, both dates included."""

    links: tuple[str, ...]
    first: dt.date
    last: dt.date

    @property
    def when(self) -> str:
        """The dates in words."""
        return f"from {self.first} to {self.last}"


@dataclass(frozen=True)
class YearlyClosure:
    """Road links that are closed in one season of every year.

    Parameters
    ----------
    first_day, last_day
        First and last closed day, "MM-DD"; the last one is in the next year if it comes before the first.
    """

    links: tuple[str, ...]
    first_day: str
    last_day: str

    @property
    def when(self) -> str:
        """The season in words."""
        return f"every year from {self.first_day} to {self.last_day}"


class Link(NamedTuple):
    """A stretch of road that is closed as a whole."""

    id: str  # "540102-540103"
    metres: int
    detour_km: float | None  # shortest way between its ends without it; None: there is none
    terrain: str  # central | plateau | gorge, or gateway for what lies outside the region


@dataclass(frozen=True)
class Roads:
    """Roads as a scenario has them, beside the region's table.

    Parameters
    ----------
    built
        New roads, in order.
    least_kmh
        Least speed by link, km/h, where it was raised.
    closures
        Announced ones.
    links
        Links that are not as the tables and legs give them, for networks made by hand.
    """

    built: tuple[NewRoad, ...] = ()
    least_kmh: Mapping[str, float] = field(default_factory=dict)
    closures: tuple[Closure | YearlyClosure, ...] = ()
    links: tuple[Link, ...] = ()
