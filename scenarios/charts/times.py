"""Transit times by tier of origin and destination, with their stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from scenarios.charts.style import INK, STAGE_COLOURS, figure, legend_above, note, styled
from sim.measures.transit import STAGES, TIERS

__all__ = ["transit_times"]

TIER_NAMES = {
    "gateway": "other provinces",
    "region": "Lhasa",
    "prefecture": "prefecture seats",
    "county": "county towns",
    "village": "villages",
}
STAGE_NAMES = {
    "upstream": "upstream (outside)",
    "collect": "collect",
    "handle": "unload, screen, sort",
    "wait": "wait for departure",
    "ride": "ride",
    "deliver": "last mile",
}


@styled
def transit_times(
    summary: Mapping[str, Any], capital: str = "regional capital", least: int = 30, ax: Axes | None = None
) -> Axes:
    """Draw the mean transit time of each pair of tiers as a bar of its stages, with P50, P80 and P95.

    Parameters
    ----------
    summary
        Of `sim.measures.service.summarise`.
    capital
        What to call the tier "region".
    least
        Pairs with fewer items are left out.
    ax
        Where to draw; a new figure by default.
    """
    own = ax is None
    tables = summary["transit"]["by_tiers"]
    names = TIER_NAMES | {"region": capital}
    rows: list[tuple[str, str, dict[str, Any]]] = [
        (origin, dest, tables[origin][dest])
        for origin in TIERS
        for dest in TIERS
        if dest in tables.get(origin, {}) and tables[origin][dest]["items"] >= least
    ]
    rows = [row for row in rows if row[2]["mean_h"] is not None]
    ax = figure(8.4, 1.5 + 0.23 * len(rows)).add_subplot() if ax is None else ax
    at, labels = [], []
    y = 0.0
    for number, (origin, dest, row) in enumerate(rows):
        if number and rows[number - 1][0] != origin:
            y += 0.6
        left = 0.0
        for stage in STAGES:
            hours = row["stages_h"][stage]
            ax.barh(
                y, hours, left=left, height=0.72, color=STAGE_COLOURS[stage], edgecolor="white", linewidth=0.4
            )
            left += hours
        for mark, key in (("|", "p50_h"), ("D", "p80_h"), (">", "p95_h")):
            if row[key] is not None:
                ax.plot(
                    row[key], y, marker=mark, ms=7 if mark == "|" else 4, mfc="white", mec=INK, mew=1.0, ls=""
                )
        at.append(y)
        labels.append(f"{names[origin]} → {names[dest]}")
        y += 1
    for position, (_, _, row) in zip(at, rows, strict=True):
        ax.annotate(
            f"{row['items']:,}",
            (1.0, position),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )
    ax.annotate(
        "items", (1.0, 1.0), xycoords="axes fraction", xytext=(4, 2), textcoords="offset points", fontsize=7
    )
    ax.set_yticks(at, labels)
    ax.set_ylim(y - 0.3, -0.7)
    ax.set_xlim(0, None)
    ax.xaxis.set_major_locator(_every(ax.get_xlim()[1]))
    ax.grid(axis="x", color="#E4E4E4", lw=0.6)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("hours from acceptance")
    handles = [Patch(color=STAGE_COLOURS[stage], label=STAGE_NAMES[stage]) for stage in STAGES]
    legend_above(ax, handles, 6)
    ax.set_title("Transit time by origin and destination", pad=30)
    note(
        ax,
        "Bars: mean of what arrived, in its stages. Marks: half (|), 80 % (◇) and 95 % (▷) of all accepted "
        "items; a mark is missing when so many never came. To other provinces: until hand-over at the "
        "gateway. Newspaper bundles left out.",
        own,
    )
    return ax


def _every(furthest: float) -> MultipleLocator:
    return MultipleLocator(24 if furthest <= 360 else 48)
