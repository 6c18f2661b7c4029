"""What every map stands on: the areas, the frame, the names of seats and gateways, the times of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from network.inputs.tables import Region
from network.model.network import Network
from scenarios.charts.cells import Areas
from scenarios.charts.style import EDGE, INK, PALE, label

__all__ = [
    "BASIS_TITLES",
    "HALO",
    "base_map",
    "gateways_reached",
    "legend_of_dots",
    "map_height",
    "mark_gateway",
    "place_times",
    "seat_labels",
]

BASIS_TITLES = {
    "inbound": "from other provinces, acceptance to first attempt",
    "from_gateway": "from other provinces, gateway to door",
    "regional": "from within the region, acceptance to first attempt",
}
HALO = [withStroke(linewidth=2.2, foreground="white")]
Columns = Mapping[str, NDArray[Any]]


def _frame(areas: Areas) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the south-west and the north-east corner of a map, degrees."""
    edge = np.concatenate([ring for rings in areas.rings.values() for ring in rings])
    return edge.min(axis=0) - 0.3, edge.max(axis=0) + 0.3


def _stretch(areas: Areas) -> float:
    """Return how many times longer a degree of latitude is than one of longitude in the middle of a map."""
    (_, south), (_, north) = _frame(areas)
    return 1 / float(np.cos(np.radians((south + north) / 2)))


def map_height(areas: Areas, width: float) -> float:
    """Return how high a map of the region is that is so wide."""
    (west, south), (east, north) = _frame(areas)
    return width * float(north - south) * _stretch(areas) / float(east - west)


def base_map(ax: Axes, areas: Areas, frame: bool = True) -> None:
    """Draw the counties pale, set the frame around the region and write degrees along the axes."""
    rings = [ring for parts in areas.rings.values() for ring in parts]
    ax.add_collection(
        PolyCollection(
            rings, facecolors=PALE, edgecolors=EDGE, linewidths=0.4, zorder=0, rasterized=areas.dense
        )
    )
    if frame:
        (west, south), (east, north) = _frame(areas)
        ax.set_xlim(west, east)
        ax.set_ylim(south, north)
    ax.set_aspect(_stretch(areas))
    for axis, step, letter in ((ax.xaxis, 4, "E"), (ax.yaxis, 2, "N")):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter("{x:.0f}°" + letter)
    ax.tick_params(length=2, labelsize=7)


def seat_labels(network: Network, ax: Axes, size: float = 7.5) -> None:
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


def legend_of_dots(ax: Axes, dots: Mapping[str, Any], title: str) -> None:
    """Put a legend of coloured dots, by label, into the lower left corner of a map."""
    look: dict[str, Any] = {"ls": "", "marker": "o", "ms": 6, "mec": "#444444", "mew": 0.4}
    handles = [Line2D([], [], mfc=colour, label=label, **look) for label, colour in dots.items()]
    ax.legend(handles=handles, loc="lower left", title=title, alignment="left", labelspacing=0.3)


def _prefectures_zh(region: Region) -> dict[str, str]:
    return {
        county.prefecture: county.prefecture_zh.removesuffix("市").removesuffix("地区")
        for county in region.counties
    }


def place_times(places: Columns, basis: str, scheduled: bool = False) -> NDArray[np.float64]:
    """Return the P80 hours of a basis for each place, of a run, or scheduled."""
    name = f"{basis}_scheduled_p80_h" if scheduled else f"{basis}_p80_h"
    if name not in places:
        raise ValueError(f"the places have no column {name!r}; columns: {', '.join(places)}")
    return np.asarray(places[name], dtype=np.float64)


def gateways_reached(network: Network) -> list[int]:
    """Return the rows of the gateways that a route reaches."""
    places = network.places
    rows = sorted({places.row(stop) for route in network.routes for stop in route.stops})
    return [row for row in rows if places.kind[row] == "gateway"]


def mark_gateway(network: Network, ax: Axes, row: int, size: float, side: str = "right") -> None:
    """Draw the gateway of a row of places, with its name on one side of it."""
    places = network.places
    at, align = {
        "right": ((3.0, -2.0), "left"),
        "left": ((-3.0, 1.5), "right"),
        "above": ((0.0, 3.5), "center"),
    }[side]
    x, y = float(places.lon[row]), float(places.lat[row])
    ax.plot(x, y, "s", ms=size / 2.8, color=INK, zorder=6)
    ax.annotate(
        label(str(places.name_en[row]), str(places.name_zh[row])),
        (x, y),
        xytext=at,
        textcoords="offset points",
        ha=align,
        fontsize=size,
        path_effects=HALO,
        zorder=7,
    )
