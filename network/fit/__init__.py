"""From published totals to mail routes that equal them.

``fit_road`` and ``fit_air`` choose routes from pools of plausible ones; a `FitError` says what can be had
where the totals cannot.
"""

from __future__ import annotations

from network.fit.air import AirTotals, fit_air
from network.fit.family import difference
from network.fit.refusal import FitError, Reach, Totals
from network.fit.road import RoadTotals, fit_road

__all__ = [
    "AirTotals",
    "FitError",
    "Reach",
    "RoadTotals",
    "Totals",
    "difference",
    "fit_air",
    "fit_road",
]
