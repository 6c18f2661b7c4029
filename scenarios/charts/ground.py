"""What every map stands on: the areas, the frame, the seats' names, the times of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from network.errors import YizhanError
from network.graph import MailNetwork
from network.tables import load_region
from scenarios.charts.cells import Areas
from scenarios.charts.style import EDGE, INK, PALE, label

__all__ = ["BASIS_TITLES", "HALO", "base_map", "place_times", "seat_labels"]

BASIS_TITLES = {
    "inbound": "from other provinces, acceptance to first attempt",
    "from_gateway": "from other provinces, from the entry gateway to first attempt",
    "regional": "from within the region, acceptance to first attempt",
    "potential": "by the timetable alone",
}
HALO = [withStroke(linewidth=2.2, foreground="white")]
Columns = Mapping[str, NDArray[Any]]


def base_map(network: MailNetwork, ax: Axes, areas: Areas | None, frame: bool = True) -> None:
    """Draw the counties pale, set the frame around the region and name the axes' degrees."""
    places = network.places
    inside = places.kind != "gateway"
    lon, lat = places.lon[inside].astype(float), places.lat[inside].astype(float)
    if areas is not None:
        rings = [ring for parts in areas.rings.values() for ring in parts]
        ax.add_collection(
            PolyCollection(
                rings, facecolors=PALE, edgecolors=EDGE, linewidths=0.4, zorder=0, rasterized=areas.dense
            )
        )
    if frame:
        edge = np.concatenate(rings) if areas is not None else np.stack((lon, lat), axis=1)
        (west, south), (east, north) = edge.min(axis=0), edge.max(axis=0)
        ax.set_xlim(west - 0.3, east + 0.3)
        ax.set_ylim(south - 0.3, north + 0.3)
    ax.set_aspect(1 / np.cos(np.radians(float(lat.mean()))))
    for axis, step, letter in ((ax.xaxis, 4, "E"), (ax.yaxis, 2, "N")):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter("{x:.0f}°" + letter)
    ax.tick_params(length=2, labelsize=7)


def seat_labels(network: MailNetwork, ax: Axes, size: float = 7.5) -> None:
    """Mark and name the prefecture seats."""
    places = network.places
    chinese = _prefectures_zh(network.region)
    for centre in network.centres:
        if centre.tier not in ("region", "prefecture"):
            continue
        row = places.row(centre.place)
        name = str(places.prefecture[row])
        lon, lat = float(places.lon[row]), float(places.lat[row])
        ax.plot(lon, lat, "o", ms=3.5, mfc="white", mec=INK, mew=0.8, zorder=6)
        ax.annotate(
            label(name, chinese.get(name, "")),
            (lon, lat),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=size,
            path_effects=HALO,
            zorder=7,
        )


def _prefectures_zh(region: str) -> dict[str, str]:
    try:
        counties = load_region(region).counties
    except YizhanError:
        return {}
    return {
        county.prefecture: county.prefecture_zh.removesuffix("市").removesuffix("地区") for county in counties
    }


def place_times(places: Columns, basis: str) -> NDArray[np.float64]:
    """Return the hours of a basis for each place: P80, or the potential hours."""
    name = "potential_h" if basis == "potential" else f"{basis}_p80_h"
    if name not in places:
        raise ValueError(f"the places have no column {name!r}; columns: {', '.join(places)}")
    return np.asarray(places[name], dtype=np.float64)
