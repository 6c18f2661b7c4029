"""What every map stands on: the areas, the frame, the names of seats and gateways, the times of places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from network.inputs.tables import Region
from network.model.network import Network
from scenarios.charts.cells import Areas, county_areas
from scenarios.charts.style import EDGE, INK, PALE, beside, figure, label

__all__ = [
    "BASIS_TITLES",
    "HALO",
    "base_map",
    "dot_map",
    "gateways_reached",
    "in_steps",
    "map_axes",
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


def map_axes(
    network: Network, ax: Axes | None, polygons: bool, width: float = 9.2, room: float = 0.9
) -> tuple[Axes, Areas]:
    """Return axes with the base map, new ones with a map so wide and room beside it, and its areas."""
    areas = county_areas(network, polygons)
    ax = ax or figure(9.6, map_height(areas, width) + room).add_subplot()
    base_map(ax, areas)
    return ax, areas


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
        named = label(name, chinese.get(name, ""))
        beside(ax, named, (lon, lat), (4, 4), fontsize=size, path_effects=HALO, zorder=7)


def dot_map(
    ax: Axes,
    at: tuple[NDArray[Any], NDArray[Any]],
    size: NDArray[np.float64],
    weight: NDArray[np.float64],
    groups: Iterable[tuple[Any, str, NDArray[np.bool_]]],
    title: str,
) -> None:
    """Draw places in the colours of their groups, and a legend that says the share of each group.

    Parameters
    ----------
    ax
        Of a map.
    at
        Degrees east and north of each place.
    size, weight
        Of each: area of its dot in square points, and what it counts in the shares.
    groups
        Colour, name and rows of each; later ones lie on top.
    title
        Of the legend.
    """
    look: dict[str, Any] = {"edgecolors": "#444444", "linewidths": 0.2, "rasterized": True}
    handles = []
    for order, (colour, name, rows) in enumerate(groups):
        lon, lat = (axis[rows] for axis in at)
        ax.scatter(lon, lat, s=size[rows], zorder=3 + order * 0.1, facecolors=[colour], **look)
        share = float(weight[rows].sum() / weight.sum()) if len(weight) else 0.0
        dot: dict[str, Any] = {"ls": "", "marker": "o", "ms": 6, "mec": "#444444", "mew": 0.4}
        handles.append(Line2D([], [], mfc=colour, label=f"{name}: {share:.1%}", **dot))
    ax.legend(handles=handles, loc="lower left", title=title, alignment="left", labelspacing=0.3)


def in_steps(
    values: NDArray[np.float64],
    limits: Sequence[float],
    unit: str,
    last: str,
    colours: str,
    ends: tuple[float, float],
) -> list[tuple[Any, str, NDArray[np.bool_]]]:
    """Return the groups of `dot_map` between rising limits, in a part of the shades of a colour map."""
    step = np.searchsorted(np.asarray(limits, dtype=float), values, side="left")
    shades = mpl.colormaps[colours](np.linspace(*ends, len(limits) + 1))
    names = [f"{a:g} – {b:g} {unit}" for a, b in pairwise((0, *limits))] + [f"{last} {limits[-1]:g} {unit}"]
    return [(shade, name, step == i) for i, (shade, name) in enumerate(zip(shades, names, strict=True))]


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
    name = label(str(places.name_en[row]), str(places.name_zh[row]))
    beside(ax, name, (x, y), at, ha=align, fontsize=size, path_effects=HALO, zorder=7)
