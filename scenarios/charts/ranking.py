"""The option ranking with its intervals, and the frontier of gain against resource requirement."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from scenarios.charts.style import INK, beside, figure, grid, name_rows, note, styled

__all__ = ["frontier_chart", "ranking_chart"]

Row = Mapping[str, Any]
BETTER, WORSE, OPEN, WORLD = "#0072B2", "#D55E00", "#888888", "#CC79A7"
_AXES = {
    "vehicles": ("vehicles", "more vehicles"),
    "yuan": ("yuan_per_week", "more cost a week, million yuan"),
}


def _colour(row: Row) -> str:
    verdict = str(row["verdict"])
    return BETTER if verdict.endswith("better") else WORSE if verdict.endswith("worse") else OPEN


def _name(row: Row, width: int = 34) -> str:
    mark = "" if row["paired"] and row["same_items"] != 0 else " *"
    return textwrap.fill(str(row["title"]) + mark, width)


@styled
def ranking_chart(
    rows: Sequence[Row], label: str, unit: str, better: int = -1, scale: float = 1.0, ax: Axes | None = None
) -> Axes:
    """Draw the scenarios in order of a measure, each with the interval of its difference to the base.

    Parameters
    ----------
    rows
        Of ``option_ranking.csv``, the best first.
    label, unit
        Of the measure.
    better
        -1 where less is better, 1 where more is.
    scale
        What values are multiplied by, 100 for shares.
    ax
        Where to draw; a new figure by default.
    """
    shown = [row for row in rows if row["verdict"] != "base"]
    worlds = any(row["world_low"] is not None for row in shown)
    ax = ax or figure(8.6, 1.9 + 0.46 * max(len(shown), 2)).add_subplot()
    ax.axvline(0, color=INK, lw=0.8, zorder=1)
    offset = 0.16 if worlds else 0.0
    for at, row in enumerate(shown):
        x, colour = row["difference"] * scale, _colour(row)
        for half, width, alpha in ((row["half_width_together"], 1.0, 0.6), (row["half_width"], 4.5, 0.45)):
            if half is not None:
                ends = x - half * scale, x + half * scale
                ax.hlines(at - offset, *ends, color=colour, lw=width, alpha=alpha)
        full = not str(row["verdict"]).startswith("alone")
        ax.plot([x], [at - offset], "o", color=colour, mfc=colour if full else "white", ms=5.5, zorder=3)
        if row["world_low"] is not None:
            ax.hlines(at + offset, row["world_low"] * scale, row["world_high"] * scale, color=WORLD, lw=2.0)
            ax.plot([row["world_mid"] * scale], [at + offset], "D", color=WORLD, ms=4)
    _spread_x(ax, [row["difference"] * scale for row in shown])
    name_rows(ax, range(len(shown)), [_name(row) for row in shown], len(shown) - 0.5, -0.5)
    side = "less" if better < 0 else "more"
    ax.set_xlabel(f"difference to the base, {unit} ({side} is better)")
    grid(ax, "x")
    ax.set_title(f"Option ranking: {label}")
    text = (
        "Thick: paired 95 % interval read alone; thin: all scenarios at once (Bonferroni). Blue better, "
        "red worse, grey open; hollow: clear only when read alone."
    )
    if worlds:
        text += " Diamonds: 5 to 95 % of the worlds of a study: what is not known, beside what is chance."
    if any(not row["paired"] or row["same_items"] == 0 for row in shown):
        text += " Star: not the same items as the base."
    if ax.get_xscale() == "symlog":
        text += " The axis is logarithmic far out."
    note(ax, text)
    return ax


def _spread_x(ax: Axes, values: Sequence[float]) -> None:
    """Make the axis logarithmic beyond most values, where some lie far out."""
    size = np.abs(np.array(values, dtype=np.float64))
    size = size[size > 0]
    if len(size) < 3:
        return
    typical = float(np.quantile(size, 0.7))
    if size.max() <= 6 * typical:
        return
    ax.set_xscale("symlog", linthresh=typical, linscale=2.0)
    low, high = ax.get_xlim()
    step = float(10 ** np.floor(np.log10(typical)))
    ticks = [k * step for k in (1, 2, 5)]
    while 10 * ticks[-1] <= 10 * high:
        ticks.append(10.0 ** np.ceil(np.log10(ticks[-1] * 1.01)))
    marks = sorted({0.0, *(s * t for t in ticks for s in (1, -1) if low <= s * t <= high)})
    ax.set_xticks(marks, [f"{mark:+g}".replace("-", "−") if mark else "0" for mark in marks])
    ax.minorticks_off()


@styled
def frontier_chart(
    rows: Sequence[Row],
    label: str,
    unit: str,
    axis: str = "vehicles",
    better: int = -1,
    scale: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw gain against resource requirement, and the frontier of scenarios that no other dominates.

    Parameters
    ----------
    axis
        ``vehicles`` or ``yuan``.
    rows, label, unit, better, scale, ax
        As for `ranking_chart`; scenarios of other items than the base's are left out.
    """
    column, words = _AXES[axis]
    ax = ax or figure(9.4, 4.8).add_subplot()
    shrink = 1e-6 if axis == "yuan" else 1.0
    able = [row for row in rows if row["paired"] and row["same_items"] != 0 and row[column] is not None]
    points = [(row[column] * shrink, row["difference"] * better * scale, row) for row in able]
    best = sorted((x, y) for x, y, row in points if row["verdict"] == "base" or row[f"frontier_{axis}"])
    ax.step([x for x, _ in best], [y for _, y in best], where="post", color=BETTER, lw=1.2, alpha=0.6)
    labels = []
    for number, (x, y, row) in enumerate(points, 1):
        base = row["verdict"] == "base"
        colour = INK if base else _colour(row)
        half = None if base else row["half_width"]
        if half is not None:
            ax.plot([x, x], [y - half * scale, y + half * scale], color=colour, lw=1.2, alpha=0.6)
        ax.plot([x], [y], "s" if base else "o", color=colour, ms=5.5, zorder=3)
        dx, dy = ((6, 3), (-6, 3), (6, -9), (-6, -9))[number % 4]  # those of neighbours on different sides
        align = "left" if dx > 0 else "right"
        beside(ax, str(number), (x, y), (dx, dy), fontsize=7.5, ha=align)
        labels.append(textwrap.fill(f"{number}  {_name(row, 99)}", 40, subsequent_indent="    "))
    ax.annotate(
        "\n".join(labels), (1.02, 1.0), xycoords="axes fraction", fontsize=7.5, va="top", linespacing=1.5
    )
    _spread_x(ax, [x for x, _, _ in points])
    ax.axhline(0, color=INK, lw=0.6)
    ax.margins(x=0.08, y=0.12)
    ax.set_xlabel(words)
    ax.set_ylabel(f"gain, {unit}")
    grid(ax, "both")
    ax.set_title(f"Resource requirement and gain: {label}")
    words = (
        "Line: the frontier, scenarios that no other dominates. Bars: paired 95 % "
        "intervals read alone. Scenarios with other items than the base's are left out."
    )
    note(ax, words + (" The axis is logarithmic far out." if ax.get_xscale() == "symlog" else ""))
    return ax
