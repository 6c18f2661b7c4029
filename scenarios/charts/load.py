"""Load of the mail routes by direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from scenarios.charts.style import (
    INK,
    MODE_COLOURS,
    figure,
    grid,
    is_own,
    name_rows,
    note,
    shortened,
    styled,
)

__all__ = ["route_load"]

Columns = Mapping[str, NDArray[Any]]
PER_PANEL = 36
NAME_LENGTH = 38


@styled
def route_load(legs: Columns, axes: Sequence[Axes] | None = None, target: float | None = 0.7) -> list[Axes]:
    """Draw the mean load of every mail route on its fullest leg, outward and back.

    Parameters
    ----------
    legs
        Columns of `sim.measures.service.by_leg`.
    axes
        Panels side by side, `PER_PANEL` routes each; a new figure by default.
    target
        Share of capacity to mark, the load the base is sized for; None for no mark.

    Returns
    -------
    list of matplotlib.axes.Axes
        Routes in order of mode, then of the greater of their two loads.
    """
    routes = _by_route(legs)
    panels = max(1, -(-len(routes) // PER_PANEL))
    size = -(-len(routes) // panels) if routes else 1
    if axes is None:
        fig = figure(3.6 * panels + 0.6, 1.3 + 0.155 * size)
        axes = list(np.atleast_1d(fig.subplots(1, panels, sharex=True)))
        fig.suptitle("Load of the mail routes on their fullest leg", x=0.01, ha="left", fontsize=12)
    for number, ax in enumerate(axes):
        part = routes[number * size : (number + 1) * size]
        ax.set_visible(bool(part) or number == 0)
        for y, (_, mode, out, back, most) in enumerate(part):
            colour = MODE_COLOURS[mode]
            ax.plot([0, most], [y, y], color="#DDDDDD", lw=3.2, solid_capstyle="butt", zorder=1)
            ax.plot(out, y, marker="o", ms=4, color=colour, ls="", zorder=3)
            ax.plot(back, y, marker="o", ms=4, mfc="white", mec=colour, ls="", zorder=2.9)
        names = [shortened(name, NAME_LENGTH) for name, *_ in part]
        name_rows(ax, range(len(part)), names, size - 0.4, fontsize=6)
        ax.set_xlim(0, 1.03)
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        grid(ax, "x")
        if target is not None:
            ax.axvline(target, color=INK, lw=0.8, ls=":", zorder=1.5)
        ax.set_xlabel("load, share of capacity")
    _legend(axes[0], {mode for _, mode, *_ in routes}, target)
    note(
        axes[0],
        "Load of a departure: kilograms or cubic metres, whichever fills it more. Dots: mean over departures "
        "on the fullest leg, outward (full) and back (hollow). Grey: fullest single departure.",
    )
    return list(axes)


def _by_route(legs: Columns) -> list[tuple[str, str, float, float, float]]:
    """Return name, mode, fullest mean load outward and back, and fullest departure of each route."""
    routes: dict[str, list[Any]] = {}
    for row, route in enumerate(legs["route"]):
        name, mode = str(legs["name"][row]), str(legs["mode"][row])
        body = routes.setdefault(str(route), [name, mode, np.nan, np.nan, 0.0])
        way = 2 if legs["direction"][row] == "outward" else 3
        body[way] = np.fmax(body[way], float(legs["load"][row]))
        body[4] = max(body[4], float(legs["load_max"][row]))
    order = {"rail": 0, "air": 1, "road": 2}
    return sorted(
        ((n, m, float(a), float(b), c) for n, m, a, b, c in routes.values()),
        key=lambda row: (order.get(row[1], 3), -np.fmax(row[2], row[3]), row[0]),
    )


def _legend(ax: Axes, modes: set[str], target: float | None) -> None:
    dot: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4}
    colours = {mode: colour for mode, colour in MODE_COLOURS.items() if mode in modes} | {
        "outward": "#666666"
    }
    handles = [Line2D([], [], **dot, color=colour, label=name) for name, colour in colours.items()]
    handles.append(Line2D([], [], **dot, mfc="white", mec="#666666", label="back"))
    handles.append(Line2D([], [], lw=3.2, color="#DDDDDD", label="fullest departure"))
    if target is not None:
        handles.append(Line2D([], [], lw=0.8, ls=":", color=INK, label=f"target {target:.0%}"))
    fig = ax.get_figure(root=True)
    if is_own(ax) and fig is not None:
        gaps: dict[str, Any] = {"columnspacing": 1.2, "handletextpad": 0.4}
        fig.legend(handles=handles, loc="outside upper right", ncols=len(handles), **gaps)
    else:
        ax.legend(handles=handles, loc="lower right", fontsize=6)
