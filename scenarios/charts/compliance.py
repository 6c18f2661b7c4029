"""Bars: which items keep a limit, and what would bring the others in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from scenarios.charts.style import INK, beside, figure, legend_above, name_rows, note, stacked_bars, styled

__all__ = ["in_time_bars"]

#: Shares that hold one another, from the smallest, with what the step to each means.
STEPS = {
    "in_time": ("in time", "#0072B2"),
    "halved_waits": ("with waits halved", "#56B4E9"),
    "no_waits": ("without waits", "#B9DDF1"),
    "moving": ("without handling", "#F0E442"),
    "upstream": ("without distance", "#E69F00"),
}
REST = ("not even then", "#999999")


@styled
def in_time_bars(rows: Sequence[Any], title: str, asked: float, ax: Axes | None = None) -> Axes:
    """Draw a bar for each group: its items in time, and those that less waiting, handling, distance add.

    Parameters
    ----------
    rows
        Rows of `scenarios.assessment.service` that have items, in the order of the bars.
    title
        The limit in words.
    asked
        Share that must be in time: an upright line.
    ax
        Where to draw; a new figure by default.
    """
    ax = ax or figure(8.4, 1.6 + 0.28 * len(rows)).add_subplot()
    at = np.arange(len(rows))
    upto = np.maximum.accumulate([[getattr(row, key) or 0.0 for row in rows] for key in STEPS])
    widths = np.diff(upto, axis=0, prepend=0.0, append=1.0)
    colours = [colour for _, colour in (*STEPS.values(), REST)]
    stacked_bars(ax, at, zip(colours, widths, strict=True))
    ax.axvline(asked, color=INK, lw=1.2, ls=(0, (4, 2)))
    side, offset = ("right", -3) if asked > 0.5 else ("left", 3)
    beside(ax, f"asked: {asked:.0%}", (asked, 0), (offset, 3), ("data", "axes fraction"), ha=side)
    name_rows(ax, at, [f"{row.name}, {row.items:,} items" for row in rows], len(rows) - 0.05)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of the items")
    handles = [Patch(color=colour, label=text) for text, colour in (*STEPS.values(), REST)]
    legend_above(ax, handles, 6)
    ax.set_title(title, pad=24)
    note(
        ax,
        "Each colour adds the items that would be in time if that part of their journey fell away too, "
        "all else as it was.",
    )
    return ax
