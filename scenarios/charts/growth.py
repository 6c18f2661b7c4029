"""Charts of growth: demand with its intervals, and the years in which resources are full."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from network.demand.growth import Trend
from network.inputs.published_volumes import Growth
from scenarios.charts.style import INK, beside, figure, grid, is_own, name_rows, note, shortened, styled

__all__ = ["KIND_COLOURS", "break_timeline", "demand_fan"]

KIND_COLOURS = {"route": "#0072B2", "lanes": "#E69F00", "sorters": "#CC79A7", "round": "#009E73"}
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
KIND_NAMES = {"route": "leg of a mail route", "lanes": "X-ray lanes", "sorters": "sorters", "round": "round"}
PUBLISHED, HELD_OUT, BAND, OTHER = "#000000", "#D55E00", "#0072B2", "#777777"
OTHER_METHODS = (
    ("log-linear", "straight line through the logarithms", (4, 2)),
    ("damped", "damped trend", (1, 1.5)),
)
NAME_LENGTH = 58


@styled
def demand_fan(
    growth: Growth,
    trend: Trend,
    rows: Sequence[Mapping[str, Any]],
    ax: Axes | None = None,
    capacity: float | None = None,
) -> Axes:
    """Draw the published points, the trend with its intervals, other methods, and points held out.

    Parameters
    ----------
    growth, trend
        Points and the trend through them.
    rows
        ``year``, ``mid``, ``intervals`` (low and high by level) and ``others`` (middle, low and high by
        method) of the years to draw, the year of the trend's last point first.
    ax
        Where to draw; a new figure by default.
    capacity
        Express items a year at which the network is first full.
    """
    ax = ax or figure(7.4, 4.6).add_subplot()
    years = [row["year"] for row in rows]
    for number, level in enumerate(sorted(rows[0]["intervals"], key=float, reverse=True)):
        low, high = zip(*(row["intervals"][level] for row in rows), strict=True)
        ax.fill_between(
            years, _millions(low), _millions(high), color=BAND, alpha=0.16 + 0.16 * number, lw=0,
            label=f"trend, {100 * float(level):.0f} % interval",
        )  # fmt: skip
    ax.plot(years, _millions(row["mid"] for row in rows), color=BAND, lw=1.6, label="trend, middle")
    for name, label, dashes in OTHER_METHODS:
        middle = _millions(row["others"][name][0] for row in rows)
        ax.plot(years, middle, color=OTHER, lw=1.1, dashes=dashes, label=label)
    reported = [point for point in growth.points if point.kind == "published"]
    others = [point for point in growth.points if point.kind != "published"]
    sent, expected = ([p for p in growth.later if p.what == what] for what in ("sent", "expected"))
    _dots(ax, reported, "o", PUBLISHED, "report", filled=True)
    _dots(ax, others, "o", PUBLISHED, "other sources, derived", filled=False)
    _dots(ax, sent, "D", HELD_OUT, "later, held out", filled=True)
    _dots(ax, expected, "D", HELD_OUT, "later, expected only", filled=False)
    if capacity is not None:
        ax.axhline(capacity / 1e6, color=INK, lw=0.9, ls=":")
        words = f"first full at {capacity / 1e6:.1f} million"
        beside(ax, words, (growth.points[0].year, capacity / 1e6), (0, 3), fontsize=7.5)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    highest = max(high for row in rows for _, high in row["intervals"].values()) / 1e6
    ax.set_yticks([tick for tick in TICKS if tick < 4 * highest])
    ax.set_ylim(0.7 * growth.points[0].items / 1e6, 1.15 * highest)
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("year")
    ax.set_ylabel("express items sent a year, million (log scale)")
    ax.set_title("Express items sent: published points and trend")
    grid(ax, "y")
    ax.legend(loc="upper left")
    freedom = f"{len(growth.points)} points, {trend.freedom} degrees of freedom"
    note(
        ax,
        f"Random walk with drift of the logarithm: {100 * trend.yearly:.1f} % a year, {freedom}. "
        f"Nothing later than {trend.year} is fitted.",
    )
    return ax


def _millions(values: object) -> list[float]:
    return [value / 1e6 for value in values]  # type: ignore[attr-defined]


def _dots(ax: Axes, points: Sequence[object], marker: str, colour: str, label: str, filled: bool) -> None:
    if points:
        ax.plot(
            [p.year for p in points],  # type: ignore[attr-defined]
            [p.items / 1e6 for p in points],  # type: ignore[attr-defined]
            marker=marker, ms=5.5, ls="", color=colour, mfc=colour if filled else "white", label=label,
            zorder=4,
        )  # fmt: skip


@styled
def break_timeline(
    rows: Sequence[Mapping[str, Any]],
    years: tuple[int, int],
    level: float,
    month: str,
    ax: Axes | None = None,
    most: int = 30,
) -> Axes:
    """Draw the years in which resources are full: middle of the trend, interval, busiest month.

    Parameters
    ----------
    rows
        ``name``, ``kind``, ``load``, ``year``, ``early``, ``late`` and ``in_peak`` of each resource,
        the first to be full first.
    years
        First and last on the axis.
    level
        Of the intervals.
    month
        Name of the busiest month.
    ax
        Where to draw; a new figure by default.
    most
        How many of them.
    """
    shown = [row for row in rows if row["year"] is not None][:most]
    ax = ax or figure(7.6, 1.5 + 0.2 * max(len(shown), 4)).add_subplot()
    reached = max((row["late"] or years[1] for row in shown), default=years[1])
    last = min(years[1], max(reached + 4, years[0] + 9)) + 1  # later ones say nothing
    for y, row in enumerate(shown):
        colour = KIND_COLOURS[row["kind"]]
        early, late = row["early"] or last, row["late"] or last
        wide = late - early + (row["late"] is not None)
        ax.barh(y, wide, left=early, height=0.72, color=colour, alpha=0.3, lw=0)
        if row["late"] is None:
            ax.plot(last, y, marker=">", ms=4, color=colour, ls="", clip_on=False)
        ax.barh(y, 1, left=row["year"], height=0.72, color=colour, lw=0)
        if row["in_peak"] is not None:
            ax.plot(row["in_peak"] + 0.9, y, marker="|", ms=8, mew=1.6, color=INK, ls="")
    names = [shortened(f"{row['name']} ({100 * row['load']:.0f} %)", NAME_LENGTH) for row in shown]
    name_rows(ax, range(len(shown)), names, max(len(shown), 4) - 0.4, fontsize=6.5)
    ax.set_xlim(years[0], last)
    step = max(1, math.ceil((last - years[0]) / 16))
    ticks = list(range(years[0], last, step))
    ax.set_xticks([year + 0.5 for year in ticks], [str(year) for year in ticks])
    ax.tick_params(axis="x", length=0)
    for year in range(years[0], last + 1):
        ax.axvline(year, color="#EAEAEA", lw=0.5, zorder=0)
    ax.set_xlabel("first year in which a mean week exceeds the capacity")
    ax.set_title("Resources that are full first" if is_own(ax) else "")
    kinds = dict.fromkeys(row["kind"] for row in shown)
    handles: list[Patch | Line2D] = [
        Patch(color=KIND_COLOURS[kind], label=KIND_NAMES[kind]) for kind in kinds
    ]
    handles.append(Patch(color="#BBBBBB", label=f"{100 * level:.0f} % interval"))
    handles.append(Line2D([], [], color=INK, marker="|", ms=8, mew=1.6, ls="", label=f"full in {month}"))
    ax.legend(handles=handles, loc="lower right")
    note(
        ax,
        f"The {len(shown)} first of {len(rows):,} resources, with their load in {years[0]}. "
        "Solid: middle of the trend; pale: from the year at the upper end of demand to the one at the lower.",
    )
    return ax
