"""Transit times by tier of origin and destination, with their stages."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from scenarios.charts.style import (
    INK,
    STAGE_COLOURS,
    beside,
    figure,
    grid,
    legend_above,
    name_rows,
    note,
    stacked_bars,
    styled,
)
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
    tables = summary["transit"]["by_tiers"]
    names = TIER_NAMES | {"region": capital}
    rows: list[tuple[str, str, dict[str, Any]]] = [
        (origin, dest, tables[origin][dest])
        for origin in TIERS
        for dest in TIERS
        if dest in tables.get(origin, {}) and tables[origin][dest]["items"] >= least
    ]
    rows = [row for row in rows if row[2]["mean_h"] is not None]
    ax = ax or figure(8.4, 1.5 + 0.23 * len(rows)).add_subplot()
    breaks = [0, *(a[0] != b[0] for a, b in pairwise(rows))] if rows else []
    at = np.arange(len(rows)) + 0.6 * np.cumsum(breaks)
    hours = {stage: np.array([row["stages_h"][stage] for _, _, row in rows]) for stage in STAGES}
    stacked_bars(ax, at, ((STAGE_COLOURS[stage], widths) for stage, widths in hours.items()))
    for y, (_, _, row) in zip(at, rows, strict=True):
        for marker, key in (("|", "p50_h"), ("D", "p80_h"), (">", "p95_h")):
            if row[key] is not None:
                size = 7 if marker == "|" else 4
                ax.plot(row[key], y, marker=marker, ms=size, mfc="white", mec=INK, mew=1.0, ls="")
        beside(ax, f"{row['items']:,}", (1.0, y), (4, 0), ("axes fraction", "data"), va="center")
    beside(ax, "items", (1.0, 1.0), (4, 2), "axes fraction")
    name_rows(ax, at, [f"{names[a]} → {names[b]}" for a, b, _ in rows], (at[-1] if rows else -1) + 0.7, -0.7)
    ax.set_xlim(0, None)
    ax.xaxis.set_major_locator(MultipleLocator(24 if ax.get_xlim()[1] <= 360 else 48))
    grid(ax, "x")
    ax.set_xlabel("hours from acceptance")
    handles = [Patch(color=STAGE_COLOURS[stage], label=STAGE_NAMES[stage]) for stage in STAGES]
    legend_above(ax, handles, 6)
    ax.set_title("Transit time by origin and destination", pad=30)
    note(
        ax,
        "Bars: mean of what arrived, in its stages. Marks: half (|), 80 % (◇) and 95 % (▷) of all accepted "
        "items; a mark is missing when so many never came. To other provinces: until hand-over at the "
        "gateway. Newspaper bundles left out.",
    )
    return ax
