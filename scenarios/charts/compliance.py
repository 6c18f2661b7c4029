"""Bars: which items keep a limit, and what would bring the others in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from scenarios.charts.style import INK, figure, legend_above, note, styled

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


class Row(Protocol):
    """What is drawn of a group; a row of `scenarios.assessment.service`."""

    @property
    def name(self) -> str: ...
    @property
    def items(self) -> int: ...
    @property
    def in_time(self) -> float | None: ...
    @property
    def halved_waits(self) -> float | None: ...
    @property
    def no_waits(self) -> float | None: ...
    @property
    def moving(self) -> float | None: ...
    @property
    def upstream(self) -> float | None: ...


@styled
def in_time_bars(rows: Sequence[Row], title: str, asked: float, ax: Axes | None = None) -> Axes:
    """Draw a bar for each group: its items in time, and those that less waiting, handling, distance add.

    Parameters
    ----------
    rows
        Groups that have items, in the order of the bars.
    title
        The limit in words.
    asked
        Share that must be in time: an upright line.
    ax
        Where to draw; a new figure by default.
    """
    own = ax is None
    ax = figure(8.4, 1.6 + 0.28 * len(rows)).add_subplot() if ax is None else ax
    at = np.arange(len(rows))
    left = np.zeros(len(rows))
    for key, (_, colour) in STEPS.items():
        upto = np.maximum([getattr(row, key) or 0.0 for row in rows], left)
        ax.barh(at, upto - left, left=left, height=0.72, color=colour, edgecolor="white", linewidth=0.4)
        left = upto
    ax.barh(at, 1 - left, left=left, height=0.72, color=REST[1], edgecolor="white", linewidth=0.4)
    ax.axvline(asked, color=INK, lw=1.2, ls=(0, (4, 2)))
    ax.annotate(
        f"asked: {asked:.0%}",
        (asked, 0),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if asked > 0.5 else 3, 3),
        textcoords="offset points",
        ha="right" if asked > 0.5 else "left",
        fontsize=7,
    )
    ax.set_yticks(at, [f"{row.name}, {row.items:,} items" for row in rows])
    ax.set_ylim(len(rows) - 0.05, -0.6)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of the items")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    handles = [Patch(color=colour, label=text) for text, colour in (*STEPS.values(), REST)]
    legend_above(ax, handles, 6)
    ax.set_title(title, pad=24)
    note(
        ax,
        "Each colour adds the items that would be in time if that part of their journey fell away too, "
        "all else as it was.",
        own,
    )
    return ax
