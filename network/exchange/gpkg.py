"""A network as a GeoPackage (OGC 12-128r18): places as points, mail routes as lines; needs the extra ``gpkg``."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import YizhanError
from network.exchange.geojson import to_geojson
from network.graph import MailNetwork

__all__ = ["write_gpkg"]

CRS = "EPSG:4326"
_WKB = {"Point": 1, "LineString": 2}  # OGC 06-103r4, little-endian


def write_gpkg(network: MailNetwork, path: Path) -> dict[str, int]:
    """Write the layers ``places`` and ``routes`` with the properties that the GeoJSON has.

    Lists (stops, km of the legs) become text with ``;`` between the parts.

    Returns
    -------
    dict
        Rows of each layer.

    Raises
    ------
    YizhanError
        If pyogrio is not installed.
    """
    try:
        from pyogrio.raw import write
    except ImportError:
        raise YizhanError("GeoPackage needs pyogrio: pip install 'yizhan[gpkg]'") from None
    features = to_geojson(network)["features"]
    draft = path.with_name(f"{path.name}.partial.gpkg")  # GDAL chooses its driver by the ending
    layers = {"places": ("place", "Point"), "routes": ("route", "LineString")}
    rows: dict[str, int] = {}
    try:
        draft.unlink(missing_ok=True)
        for number, (layer, (kind, shape)) in enumerate(layers.items()):
            mine = [feature for feature in features if feature["properties"]["feature"] == kind]
            columns = _columns(mine)
            write(
                draft,
                np.array([_wkb(feature["geometry"]) for feature in mine], dtype=object),
                list(columns.values()),
                list(columns),
                layer=layer,
                driver="GPKG",
                geometry_type=shape,
                crs=CRS,
                append=number > 0,
            )
            rows[layer] = len(mine)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _columns(features: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    columns = {"id": np.array([feature["id"] for feature in features], dtype=object)}
    for name in features[0]["properties"] if features else ():
        values = [feature["properties"][name] for feature in features]
        if any(isinstance(value, list) for value in values):
            values = [";".join(str(part) for part in value) for value in values]
        columns[name] = _array(values)
    return columns


def _array(values: list[Any]) -> np.ndarray:
    if all(isinstance(value, bool) for value in values):
        return np.array(values, dtype=bool)
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int32)
    if all(value is None or isinstance(value, (int, float)) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=object)


def _wkb(geometry: Mapping[str, Any]) -> bytes:
    points = geometry["coordinates"]
    head = struct.pack("<BI", 1, _WKB[geometry["type"]])
    if geometry["type"] == "Point":
        return head + struct.pack("<2d", *points)
    return head + struct.pack("<I", len(points)) + b"".join(struct.pack("<2d", *point) for point in points)
