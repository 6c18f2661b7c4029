"""A network as a GeoPackage (OGC 12-128r18): places as points, mail routes as lines; the extra ``gpkg``."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from network.errors import InputErrors, Problem, YizhanError
from network.exchange.geojson import to_geojson
from network.model.network import Network

__all__ = ["read_gpkg", "write_gpkg"]

CRS = "EPSG:4326"
LAYERS = {"places": ("place", "Point"), "routes": ("route", "LineString")}
_DATE = "OGR_CURRENT_DATE"  # GDAL's option for the date of last change, which is now without it
_WKB = {"Point": 1, "LineString": 2}  # OGC 06-103r4, little-endian


def write_gpkg(network: Network, path: Path) -> dict[str, int]:
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
        import pyogrio
        from pyogrio.raw import write
    except ImportError:
        raise YizhanError("GeoPackage needs pyogrio: pip install 'yizhan[gpkg]'") from None
    features = to_geojson(network)["features"]
    draft = path.with_name(f"{path.name}.partial.gpkg")  # GDAL chooses its driver by the ending
    rows: dict[str, int] = {}
    try:
        draft.unlink(missing_ok=True)
        for number, (layer, (kind, shape)) in enumerate(LAYERS.items()):
            of_kind = [feature for feature in features if feature["properties"]["feature"] == kind]
            columns = _columns(of_kind)
            with _dated(pyogrio, f"{network.year}-01-01T00:00:00.000Z"):
                write(
                    draft,
                    np.array([_wkb(feature["geometry"]) for feature in of_kind], dtype=object),
                    list(columns.values()),
                    list(columns),
                    layer=layer,
                    driver="GPKG",
                    geometry_type=shape,
                    crs=CRS,
                    append=number > 0,
                )
            rows[layer] = len(of_kind)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return rows


@contextmanager
def _dated(pyogrio: Any, date: str) -> Iterator[None]:
    """Let files that GDAL writes bear a date: the same network gives the same bytes at any time."""
    before = pyogrio.get_gdal_config_option(_DATE)
    pyogrio.set_gdal_config_options({_DATE: date})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE: before})


def read_gpkg(path: Path) -> dict[str, Any]:
    """Return what `write_gpkg` wrote as the GeoJSON of the network, but its ``bbox``.

    Raises
    ------
    YizhanError
        If pyogrio is not installed.
    InputErrors
        If the file is no GeoPackage or lacks a layer.
    """
    try:
        from pyogrio import list_layers
        from pyogrio.errors import DataLayerError, DataSourceError
        from pyogrio.raw import read
    except ImportError:
        raise YizhanError("GeoPackage needs pyogrio: pip install 'yizhan[gpkg]'") from None
    with path.open("rb") as file:
        header = file.read(72)
    if header[:16] != b"SQLite format 3\0" or header[68:] != b"GPKG":  # OGC 12-128r18, clause 1.1.1.1
        raise InputErrors([Problem(str(path), "", "", "no GeoPackage header", "a GeoPackage of Yizhan")])
    features: list[dict[str, Any]] = []
    try:
        there = {str(name) for name, _ in list_layers(path)}
        lacking = [Problem(str(path), "", "layer", name, "required") for name in LAYERS if name not in there]
        if lacking:
            raise InputErrors(lacking)
        for layer in LAYERS:
            meta, _, geometry, columns = read(path, layer=layer)
            table = dict(zip(meta["fields"], columns, strict=True))
            for row, shape in enumerate(geometry):
                properties = {name: _value(name, column[row]) for name, column in table.items()}
                identity = properties.pop("id", None)
                features.append(
                    {
                        "type": "Feature",
                        "id": identity,
                        "geometry": _geometry(shape),
                        "properties": properties,
                    }
                )
    except (DataSourceError, DataLayerError, struct.error, TypeError) as error:
        raise InputErrors([Problem(str(path), "", "", str(error), "a GeoPackage of Yizhan")]) from None
    return {"type": "FeatureCollection", "features": features}


def _value(name: str, value: Any) -> Any:
    """Return a cell as the GeoJSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value:
        return None
    if name == "stops":
        return value.split(";")
    if name == "leg_km":
        return [float(part) for part in value.split(";")]
    if name == "round_days_per_week":
        return int(value)
    return value


def _geometry(shape: bytes) -> dict[str, Any]:
    kind = struct.unpack_from("<I", shape, 1)[0]
    if kind == _WKB["Point"]:
        return {"type": "Point", "coordinates": list(struct.unpack_from("<2d", shape, 5))}
    number = struct.unpack_from("<I", shape, 5)[0]
    flat = struct.unpack_from(f"<{2 * number}d", shape, 9)
    points = [[x, y] for x, y in zip(flat[::2], flat[1::2], strict=True)]
    return {"type": "LineString", "coordinates": points}


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
