"""Scheduled times in the form of a run's measures: the same keys, the same units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from network.accessibility.access import access_measures, frequency_measures
from network.accessibility.coverage import CURVE_HOURS, HOURS, coverage, reach
from network.accessibility.equity import equity
from network.accessibility.scheduled_times import BASES, ScheduledTimes, scheduled
from network.geography.areas import Areas
from network.model.network import Network

__all__ = ["coverage_measures", "equity_measures", "reach_at", "scheduled_columns", "scheduled_measures"]

_COVERAGE = ("inbound", "from_gateway", "regional")


def scheduled_measures(
    network: Network, times: ScheduledTimes | None = None, hours: Sequence[int] = HOURS
) -> dict[str, Any]:
    """Return the scheduled times as the measures of a run are: the same keys, the same units.

    Parameters
    ----------
    network
        The network.
    times
        Its scheduled times, if at hand.
    hours
        Whole hours for the shares in time.

    Returns
    -------
    dict
        Nested; `sim.measures.keys.SUMMARY_KEYS` documents every key.  None where there is nothing to measure.
    """
    times = scheduled(network) if times is None else times
    places, areas = network.places, Areas.of(network.places)
    prefectures = sorted({str(name) for name in places.prefecture} - {""})
    row = {name: number for number, name in enumerate(prefectures)}
    prefecture = np.array([row.get(str(name), -1) for name in places.prefecture])
    whole = np.where(areas.inside, 0, -1)

    def rows(basis: str, group: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
        return times.rows(basis, group, names, hours)

    ways = ("same_prefecture", "within_region", "inbound")
    directions = {name: rows(name, whole, [name]).get(name) for name in ways}
    return {
        "transit": {
            "all": rows("mail", whole, ["all"]).get("all"),
            "by_direction": {name: row for name, row in directions.items() if row is not None},
            "by_prefecture": rows("mail", prefecture, prefectures),
            "inbound_by_prefecture": rows("inbound", prefecture, prefectures),
        },
        "coverage": coverage_measures(network, times, areas, hours),
        "equity": equity_measures(network, times),
        "frequency": frequency_measures(network),
        "access": access_measures(network),
    }


def coverage_measures(
    network: Network, times: ScheduledTimes, areas: Areas | None = None, hours: Sequence[int] = HOURS
) -> dict[str, Any]:
    """Return the coverage of a network by the timetable alone, as ``coverage`` of a run."""
    areas = Areas.of(network.places) if areas is None else areas
    people = network.places.population
    result: dict[str, Any] = {"of": areas.sizes(people)}
    for basis in _COVERAGE:
        p80 = times.quantile_h(basis, 0.8)
        lived = _measured(times, basis, areas) & (people > 0)
        curve = coverage(p80[lived], people[lived], CURVE_HOURS).tolist() if lived.any() else []
        at = reach_at(network, times, basis, (0.5, 0.8), hours, areas)
        result[basis] = {
            "meaning": BASES[basis],
            "measured_people": 1.0 if lived.any() else None,
            **at[0.8],
            "at_p50": at[0.5],
            "curve": {"hours": list(CURVE_HOURS) if curve else [], "people": curve},
        }
    return result


def equity_measures(network: Network, times: ScheduledTimes) -> dict[str, Any]:
    """Return how unequal mean times by the timetable alone are, as ``equity`` of a run."""
    places = network.places
    return {basis: equity(times.mean_h[basis], places.population, places.border) for basis in _COVERAGE}


def reach_at(
    network: Network,
    times: ScheduledTimes,
    basis: str,
    quantiles: Sequence[float],
    hours: Sequence[int],
    areas: Areas | None = None,
) -> dict[float, dict[str, Any]]:
    """Return what is reached within hours, by the share of a place's mail that must be in time.

    None throughout where no mail of the basis is sent at all.
    """
    areas = Areas.of(network.places) if areas is None else areas
    people, rows = network.places.population, _measured(times, basis, areas)
    kinds = {"villages": areas.villages[rows], "natural_villages": areas.natural_villages[rows]}
    townships = times.pooled_h(basis, areas.township, len(areas.townships), quantiles)
    counties = times.pooled_h(basis, areas.county, len(areas.counties), quantiles)
    groups = {
        q: {"townships": townships[q], "counties": counties[q], "border_counties": counties[q][areas.border]}
        for q in quantiles
    }
    return {q: reach(times.quantile_h(basis, q)[rows], people[rows], kinds, groups[q], hours) for q in groups}


def _measured(times: ScheduledTimes, basis: str, areas: Areas) -> np.ndarray[Any, Any]:
    """Return which places count: all of the region, or none if no such mail is sent there."""
    return areas.inside & bool((times.items[basis][areas.inside] > 0).any())


def scheduled_columns(network: Network, times: ScheduledTimes) -> dict[str, np.ndarray[Any, Any]]:
    """Return scheduled times as columns of ``places.parquet``, a row for each place of the region.

    For each basis: ``<basis>_scheduled_mean_h``, ``_p50_h`` and ``_p80_h``; ``nan`` where no round comes,
    infinite where so large a share has no way.
    """
    rows = np.flatnonzero(network.places.kind != "gateway")
    columns = {}
    for basis in ("inbound", "from_gateway", "regional"):
        columns[f"{basis}_scheduled_mean_h"] = times.mean_h[basis][rows]
        for q in (0.5, 0.8):
            columns[f"{basis}_scheduled_p{round(100 * q)}_h"] = times.quantile_h(basis, q)[rows]
    return columns
