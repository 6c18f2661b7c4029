"""How often rounds come, and how near outlets are: measures of a network that need no times."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from network.accessibility.coverage import expected_wait, frequency_coverage, weekly_gaps
from network.geography.roads import EARTH_RADIUS_KM
from network.geography.settlements import circuity
from network.model.network import Network
from network.numeric.names import among

__all__ = ["RADII_KM", "TIMES_A_WEEK", "access_measures", "frequency_measures", "outlet_km"]

TIMES_A_WEEK = (1, 3, 5, 7)
RADII_KM = (5, 10, 20)


def frequency_measures(network: Network) -> dict[str, Any]:
    """Return frequency coverage and the wait for the next round, over people."""
    places = network.places
    per_week = np.zeros(len(places))
    wait_h = np.full(len(places), np.nan)
    for round_ in network.rounds:
        rows = [places.row(place) for place in round_.places]
        per_week[rows] += len(round_.weekdays)
        wait_h[rows] = expected_wait(weekly_gaps(24.0 * np.asarray(round_.weekdays)))
    people = places.population
    reached = np.isfinite(wait_h) & (people > 0)
    if not people.sum() > 0:
        return {"people_at_least": {}, "mean_wait_h": None}
    shares = frequency_coverage(per_week, people, TIMES_A_WEEK)
    return {
        "people_at_least": {str(k): float(s) for k, s in zip(TIMES_A_WEEK, shares, strict=True)},
        "mean_wait_h": float(np.average(wait_h[reached], weights=people[reached])) if reached.any() else None,
    }


def access_measures(network: Network) -> dict[str, Any]:
    """Return how near people are to outlets and stations, and how many people and km² there are for each."""
    places = network.places
    people = places.population
    total = float(people.sum())
    postal = [places.row(outlet.place) for outlet in network.outlets if outlet.network == "postal"]
    express = sum(outlet.network == "express" for outlet in network.outlets)
    station = among(places.id, network.stations)
    village = np.isin(places.kind, ("village", "committee"))
    rural = float(people[village].sum())
    area = network.region.area_km2
    near: dict[str, float | None] = {str(km): None for km in RADII_KM}
    if postal and total:
        away_km = outlet_km(network)
        near = {str(km): float(people[away_km <= km].sum() / total) for km in RADII_KM}
    return {
        "people_per_postal_outlet": total / len(postal) if postal else None,
        "people_per_express_outlet": total / express if express else None,
        "km2_per_postal_outlet": area / len(postal) if postal and area else None,
        "km2_per_express_outlet": area / express if express and area else None,
        "people_in_villages_with_station": float(people[village & station].sum()) / rural if rural else None,
        "people_within_km_of_postal_outlet": near,
    }


def outlet_km(network: Network, kind: str = "postal") -> NDArray[np.float64]:
    """Return the road km from each place to the nearest outlet, as the model measures such roads (rule 1).

    That is the great circle times the circuity of the more winding of the two terrains; infinite outside the
    region and where there is no outlet.
    """
    places = network.places
    away = np.full(len(places), np.inf)
    rows = np.unique([places.row(outlet.place) for outlet in network.outlets if outlet.network == kind])
    if not len(rows):
        return away
    winding = circuity(places.prefecture, network.assumptions)
    points = _unit_vectors(places.lat, places.lon)
    inside = np.flatnonzero(~np.isnan(winding))
    for bend in np.unique(winding[inside]).tolist():
        # Outlets in terrain of one circuity: the nearest on the great circle is the nearest by road.
        of = rows[winding[rows] == bend]
        if len(of):
            chord, _ = cKDTree(points[of]).query(points[inside])
            km = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0, 1)) * np.maximum(winding[inside], bend)
            away[inside] = np.minimum(away[inside], km)
    return away


def _unit_vectors(lat: NDArray[Any], lon: NDArray[Any]) -> NDArray[np.float64]:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=1)
