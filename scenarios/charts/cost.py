"""What an item costs, by prefecture in parts of the chain, and by township on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from network.model.network import Network
from scenarios.charts.cells import county_areas
from scenarios.charts.ground import base_map, legend_of_dots, map_height, seat_labels
from scenarios.charts.style import INK, MODE_COLOURS, figure, legend_above, note, styled
from sim.cost.sharing import STAGES

__all__ = ["cost_bars", "cost_map"]

Rows = Sequence[Mapping[str, Any]]
COLOURS = {
    "outlets": "#CC79A7",
    "centres": "#E69F00",
    **{mode: MODE_COLOURS[mode] for mode in ("road", "rail", "air")},
    "rounds": "#56B4E9",
}
NAMES = {
    "outlets": "outlets and couriers",
    "centres": "centres",
    "road": "road",
    "rail": "rail",
    "air": "air",
    "rounds": "rounds",
}
MAP_YUAN = (6, 8, 10, 12, 15, 20)


@styled
def cost_bars(places: Rows, ax: Axes | None = None) -> Axes:
    """Draw what an item costs in each prefecture as a bar of the parts of the chain, and what it earns.

    Parameters
    ----------
    places
        Rows of ``cost_places.csv``.
    ax
        Where to draw; a new figure by default.
    """
    own = ax is None
    sums: dict[str, dict[str, float]] = {}
    wanted = (*STAGES, "items", "yuan", "revenue", "co2e_kg")
    for row in places:
        if row["prefecture"] and row["items"]:
            into = sums.setdefault(row["prefecture"], dict.fromkeys(wanted, 0.0))
            for name in wanted:
                into[name] += row[name]
    order = sorted(sums, key=lambda name: sums[name]["yuan"] / sums[name]["items"])
    whole = {name: sum(row[name] for row in sums.values()) for name in wanted}
    bars = [("all", whole), *((name, sums[name]) for name in order)] if sums else []
    ax = figure(8.4, 1.7 + 0.3 * len(bars)).add_subplot() if ax is None else ax
    at = [0.0 if not i else i + 0.5 for i in range(len(bars))]
    for y, (_, row) in zip(at, bars, strict=True):
        left = 0.0
        for stage in STAGES:
            width = row[stage] / row["items"]
            ax.barh(y, width, left=left, height=0.72, color=COLOURS[stage], edgecolor="white", linewidth=0.4)
            left += width
        ax.plot(row["revenue"] / row["items"], y, marker="D", ms=5, mfc="white", mec=INK, mew=1.1, ls="")
        cells = (f"{row['items'] / 1000:,.0f}", f"{row['co2e_kg'] / row['items']:.2f}")
        for x, text in zip((0.0, 0.09), cells, strict=True):
            ax.annotate(
                text,
                (1.0 + x, y),
                xycoords=("axes fraction", "data"),
                xytext=(30, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=7,
            )
    for x, text in ((0.0, "1,000\nitems"), (0.09, "kg CO2e\nan item")):
        ax.annotate(
            text,
            (1.0 + x, 1.0),
            xycoords="axes fraction",
            xytext=(30, 2),
            textcoords="offset points",
            ha="right",
            fontsize=7,
        )
    ax.set_yticks(at, [name for name, _ in bars])
    ax.set_ylim((at[-1] if at else 0) + 0.6, -0.7)
    ax.set_xlim(0, None)
    ax.grid(axis="x", color="#E4E4E4", lw=0.6)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("yuan an item")
    handles: list[Any] = [Patch(color=COLOURS[stage], label=NAMES[stage]) for stage in STAGES]
    handles.append(Line2D([], [], marker="D", ms=5, mfc="white", mec=INK, mew=1.1, ls="", label="revenue"))
    legend_above(ax, handles, 7)
    ax.set_title("Cost and revenue an item, by prefecture", pad=30)
    note(
        ax,
        "An item counts where it goes to, or where it was accepted if it leaves the region. Vehicles that "
        "drive or stand empty are in; what others spend beyond the gateways is not. All rates are assumed.",
        own,
    )
    return ax


@styled
def cost_map(
    network: Network,
    townships: Rows,
    yuan: Sequence[float] = MAP_YUAN,
    ax: Axes | None = None,
    polygons: bool = False,
) -> Axes:
    """Draw each township in the colour of what an item to or from it costs.

    Parameters
    ----------
    network
        For areas and names.
    townships
        Rows of `scenarios.runs.costs.together`.
    yuan
        Limits between the colours, rising.
    ax, polygons
        As for `route_map`.

    Returns
    -------
    matplotlib.axes.Axes
        The legend says which share of the items each colour stands for.
    """
    own = ax is None
    areas = county_areas(network, polygons)
    ax = figure(9.6, map_height(areas, 9.2) + 0.9).add_subplot() if ax is None else ax
    base_map(ax, areas)
    places = network.places
    rows = np.array([places.row(row["id"]) for row in townships], dtype=np.intp)
    each = np.array([row["yuan_per_item"] for row in townships], dtype=np.float64)
    items = np.array([row["items"] for row in townships], dtype=np.float64)
    step = np.searchsorted(np.asarray(yuan, dtype=float), each, side="left")
    shades = mpl.colormaps["viridis_r"](np.linspace(0.03, 1, len(yuan) + 1))
    names = [f"{a:g} – {b:g} yuan" for a, b in pairwise((0, *yuan))] + [f"over {yuan[-1]:g} yuan"]
    dots: dict[str, Any] = {}
    for order, (shade, name) in enumerate(zip(shades, names, strict=True)):
        of_step = step == order
        ax.scatter(
            places.lon[rows[of_step]],
            places.lat[rows[of_step]],
            s=np.clip(np.sqrt(items[of_step]) / 2, 7, 130),
            zorder=3 + order * 0.1,
            facecolors=[shade],
            edgecolors="#444444",
            linewidths=0.25,
            rasterized=True,
        )
        share = float(items[of_step].sum() / items.sum()) if len(items) else 0.0
        dots[f"{name}: {share:.1%}"] = shade
    seat_labels(network, ax)
    legend_of_dots(ax, dots, "cost of an item, share of items")
    ax.set_title("Cost an item, by township")
    note(
        ax,
        "All places of a township together: items that go there, and items to other provinces that come from "
        f"there. Dots grow with the items. Most positions are synthetic. {areas.note}",
        own,
    )
    return ax
