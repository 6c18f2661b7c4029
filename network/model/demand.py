"""What a scenario does to the demand of the report's year: factors, peaks, and a later year of the trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DIRECTIONS", "DemandPeak", "DemandScale", "DemandSettings", "DemandTrend", "factors"]

#: Where items are accepted: in the region, or outside it.
DIRECTIONS = ("originating", "inbound")


@dataclass(frozen=True)
class DemandScale:
    """A factor on the items of a year.

    Parameters
    ----------
    factor
        At least 0; factors on the same items multiply.
    classes
        Codes of item classes; None for all.
    direction
        One of `DIRECTIONS`: where the items are accepted; None for both.
    """

    factor: float
    classes: tuple[str, ...] | None = None
    direction: str | None = None


@dataclass(frozen=True)
class DemandPeak(DemandScale):
    """A factor on the items of some dates, both ends included, on top of the year's number."""

    first: dt.date = dt.date.min
    last: dt.date = dt.date.max


@dataclass(frozen=True)
class DemandTrend:
    """A later year on the region's trend.

    Parameters
    ----------
    to_year
        The year whose demand is offered.
    at
        "low", "mid", "high" or a quantile of the trend.
    express
        Factor on the express items of the report's year.
    classes
        Code and factor of each class that grows or shrinks, express among them.
    """

    to_year: int
    at: str | float
    express: float
    classes: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class DemandSettings:
    """All that a scenario changes of the volumes of its report's year."""

    scales: tuple[DemandScale, ...] = ()
    peaks: tuple[DemandPeak, ...] = ()
    trend: DemandTrend | None = None

    def factors(self, code: str) -> tuple[float, float]:
        """Return the factors on a class's yearly items accepted in the region, and outside it."""
        grown = self.trend.classes if self.trend else ()
        return factors(code, (*self.scales, *(DemandScale(factor, (cls,)) for cls, factor in grown)))


def factors(code: str, scales: Iterable[DemandScale]) -> tuple[float, float]:
    """Return the product of factors on a class's items accepted in the region, and outside it.

    Examples
    --------
    >>> factors("letter", [DemandScale(2.0), DemandScale(1.5, ("letter",), "inbound")])
    (2.0, 3.0)
    """
    own = inward = 1.0
    for scale in scales:
        if scale.classes and code not in scale.classes:
            continue
        own *= scale.factor if scale.direction in (None, "originating") else 1.0
        inward *= scale.factor if scale.direction in (None, "inbound") else 1.0
    return own, inward
