"""What an item costs, by prefecture in parts of the chain, and by township on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from network.model.network import Network
from scenarios.charts.ground import dot_map, in_steps, map_axes, seat_labels
from scenarios.charts.style import (
    INK,
    MODE_COLOURS,
    beside,
    figure,
    grid,
    legend_above,
    name_rows,
    note,
    stacked_bars,
    styled,
)
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
    wanted = [*STAGES, "items", "yuan", "revenue", "co2e_kg"]
    table = pd.DataFrame([row for row in places if row["prefecture"] and row["items"]])
    bars = table.groupby("prefecture")[wanted].sum() if len(table) else pd.DataFrame(columns=wanted)
    bars = bars.iloc[np.argsort((bars["yuan"] / bars["items"]).to_numpy(dtype=float), kind="stable")]
    if len(bars):
        bars = pd.concat([bars.sum().to_frame("all").T, bars])
    ax = ax or figure(8.4, 1.7 + 0.3 * len(bars)).add_subplot()
    at = np.arange(len(bars)) + 0.5 * (np.arange(len(bars)) > 0)
    each = bars.div(bars["items"], axis=0)
    stacked_bars(ax, at, ((COLOURS[stage], each[stage].to_numpy()) for stage in STAGES))
    mark: dict[str, Any] = {"marker": "D", "ms": 5, "mfc": "white", "mec": INK, "mew": 1.1, "ls": ""}
    ax.plot(each["revenue"], at, **mark)
    columns = {"1,000\nitems": bars["items"].map(lambda items: f"{items / 1000:,.0f}"),
               "kg CO2e\nan item": each["co2e_kg"].map(lambda kg: f"{kg:.2f}")}  # fmt: skip
    for x, (title, texts) in zip((1.0, 1.09), columns.items(), strict=True):
        beside(ax, title, (x, 1.0), (30, 2), "axes fraction", ha="right")
        for y, text in zip(at, texts, strict=True):
            beside(ax, text, (x, y), (30, 0), ("axes fraction", "data"), ha="right", va="center")
    name_rows(ax, at, bars.index, (at[-1] if len(at) else 0) + 0.6, -0.7)
    ax.set_xlim(0, None)
    grid(ax, "x")
    ax.set_xlabel("yuan an item")
    handles: list[Any] = [Patch(color=COLOURS[stage], label=NAMES[stage]) for stage in STAGES]
    handles.append(Line2D([], [], **mark, label="revenue"))
    legend_above(ax, handles, 7)
    ax.set_title("Cost and revenue an item, by prefecture", pad=30)
    note(
        ax,
        "An item counts where it goes to, or where it was accepted if it leaves the region. Vehicles that "
        "drive or stand empty are in; what others spend beyond the gateways is not. All rates are assumed.",
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
    ax, areas = map_axes(network, ax, polygons)
    places = network.places
    rows = np.array([places.row(row["id"]) for row in townships], dtype=np.intp)
    each, items = (
        np.array([row[name] for row in townships], dtype=np.float64) for name in ("yuan_per_item", "items")
    )
    groups = in_steps(each, yuan, "yuan", "over", "viridis_r", (0.03, 1))
    size = np.clip(np.sqrt(items) / 2, 7, 130)
    title = "cost of an item, share of items"
    dot_map(ax, (places.lon[rows], places.lat[rows]), size, items, groups, title)
    seat_labels(network, ax)
    ax.set_title("Cost an item, by township")
    note(
        ax,
        "All places of a township together: items that go there, and items to other provinces that come from "
        f"there. Dots grow with the items. Most positions are synthetic. {areas.note}",
    )
    return ax
