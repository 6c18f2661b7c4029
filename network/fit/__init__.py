"""From published totals to mail routes that equal them.

``fit_road`` and ``fit_air`` choose routes from pools of plausible ones; a `FitError` says what can be had
where the totals cannot.
"""

from __future__ import annotations

from network.fit.air import AirTotals, air_reachable_range, fit_air
from network.fit.family import difference
from network.fit.refusal import FitError, Reach, Totals
from network.fit.road import RoadTotals, counties_without_road, fit_road, road_reachable_range

__all__ = [
    "AirTotals",
    "FitError",
    "Reach",
    "RoadTotals",
    "Totals",
    "air_reachable_range",
    "counties_without_road",
    "difference",
    "fit_air",
    "fit_road",
    "road_reachable_range",
]
