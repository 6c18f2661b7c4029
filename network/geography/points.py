"""Synthetic points: keyed draws around a centre, kept on their own side of the map.

No free table gives the points of villages and of most townships.  They are
drawn inside an assumed radius by a hash of the place's name, so a point
depends on nothing but its name, its centre, the radius and the seed: never on
a published total (rules 1 and 4).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import ConvexHull, QhullError, cKDTree

from network.geography.roads import EARTH_RADIUS_KM, great_circle_km
from network.numeric import streams

__all__ = ["Nearest", "Outline", "scatter"]

# Judges a batch of points: (rows, lat, lon) -> score of each, an integer from 0.
Judge = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _unit_vectors(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


class Nearest:
    """Whose ground a point is on: the owner of the nearest of some known points.

    Parameters
    ----------
    lat, lon
        The known points, degrees.
    owner
        Who owns each, for example its county.
    """

    def __init__(self, lat: np.ndarray, lon: np.ndarray, owner: np.ndarray) -> None:
        self._lat, self._lon, self._owner = np.asarray(lat), np.asarray(lon), np.asarray(owner)
        self._tree = cKDTree(_unit_vectors(self._lat, self._lon))

    def row(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return the row of the nearest known point of each point."""
        # The straight chord and the great circle have the same order.
        return np.asarray(self._tree.query(_unit_vectors(lat, lon))[1])

    def owner(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return the owner of the nearest known point of each point."""
        return self._owner[self.row(lat, lon)]

    def slack_km(self, lat: float, lon: float, owner: object) -> float:
        """Return how far one may go from here in any direction and stay with `owner`.

        A step of d km changes the distance to any point by at most d, so half
        of the lead over the nearest foreign point is safe.
        """
        km = great_circle_km(lat, lon, self._lat, self._lon)
        own = self._owner == owner
        if own.all():
            return float("inf")
        return max(0.0, float(km[~own].min() - km[own].min()) / 2) if own.any() else 0.0


class Outline:
    """The convex hull of known points, a stand-in for the border where polygons are missing.

    With fewer than three points, or all in a line, everything is inside.
    """

    def __init__(self, lat: np.ndarray, lon: np.ndarray) -> None:
        self._equations: np.ndarray | None
        try:
            self._equations = ConvexHull(np.stack([lon, lat], axis=-1)).equations
        except (QhullError, ValueError):
            self._equations = None

    def inside(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return whether each point lies inside or on the hull."""
        if self._equations is None:
            return np.ones(np.shape(lat), dtype=bool)
        a, b, c = self._equations.T
        return (np.multiply.outer(lon, a) + np.multiply.outer(lat, b) + c <= 1e-9).all(axis=-1)


def _draw(
    lat: np.ndarray,
    lon: np.ndarray,
    radius_km: np.ndarray,
    keys: np.ndarray,
    attempt: int,
    seed: int,
    purpose: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return one point each, uniform over the disc around the centre."""
    words = streams.bits(seed, 0, purpose, keys, attempt)
    angular = radius_km * np.sqrt(streams.split(words, 0, 26)) / EARTH_RADIUS_KM
    bearing = 2 * np.pi * streams.split(words, 26, 26)
    phi, lam = np.radians(lat), np.radians(lon)
    sin_phi = np.sin(phi) * np.cos(angular) + np.cos(phi) * np.sin(angular) * np.cos(bearing)
    new_lam = lam + np.arctan2(
        np.sin(bearing) * np.sin(angular) * np.cos(phi), np.cos(angular) - np.sin(phi) * sin_phi
    )
    return np.degrees(np.arcsin(sin_phi)), np.degrees(new_lam)


def scatter(
    lat: np.ndarray,
    lon: np.ndarray,
    radius_km: np.ndarray,
    names: np.ndarray,
    judge: Judge,
    needed: int,
    best: int,
    safe_km: Callable[[int], float],
    *,
    seed: int,
    purpose: str,
    tries: int = 24,
) -> tuple[np.ndarray, np.ndarray]:
    """Return one synthetic point around each centre.

    Up to `tries` points are drawn uniformly over the disc; the first that
    `judge` gives the score `best` is taken, else the best one.  Where none
    reaches `needed`, the last word is a point inside the radius that is
    certain to.

    Parameters
    ----------
    lat, lon
        Centres, degrees.
    radius_km
        Radius of each disc.
    names
        Ids of the places, which key the draws.
    judge
        Scores a batch of points.
    needed, best
        The score a point must have, and the score beyond which no further try is made.
    safe_km
        Row -> a radius in which every point reaches `needed`.
    seed, purpose
        Name the stream of draws.

    Returns
    -------
    tuple of numpy.ndarray
        Latitudes and longitudes, rounded to 5 decimals (about 1 m).
    """
    keys = np.array([streams.entity(str(name)) for name in names], dtype=np.uint64)
    out_lat, out_lon = np.array(lat, dtype=float), np.array(lon, dtype=float)
    score = np.full(len(keys), -1)
    radius = np.broadcast_to(np.asarray(radius_km, dtype=float), len(keys))
    rows = np.arange(len(keys))
    for attempt in range(tries):
        if not len(rows):
            break
        new_lat, new_lon = _draw(lat[rows], lon[rows], radius[rows], keys[rows], attempt, seed, purpose)
        new_lat, new_lon = np.round(new_lat, 5), np.round(new_lon, 5)
        new_score = judge(rows, new_lat, new_lon)
        better = new_score > score[rows]
        taken = rows[better]
        out_lat[taken], out_lon[taken], score[taken] = new_lat[better], new_lon[better], new_score[better]
        rows = rows[score[rows] < best]
    poor = np.flatnonzero(score < needed)
    if len(poor):
        # 0.9 leaves room for the rounding of the coordinates.
        safe = np.array([min(float(radius[row]), 0.9 * safe_km(int(row))) for row in poor])
        new_lat, new_lon = _draw(lat[poor], lon[poor], safe, keys[poor], tries, seed, purpose)
        out_lat[poor], out_lon[poor] = np.round(new_lat, 5), np.round(new_lon, 5)
    return out_lat, out_lon
