"""The coverage curve: share of people against hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, PercentFormatter
from numpy.typing import ArrayLike, NDArray

from network.accessibility.coverage import coverage_curve as steps
from scenarios.charts.style import BASIS_COLOURS, INK, beside, figure, grid, note, styled
from sim.measures.statistics import interval

__all__ = ["coverage_curve", "curve_band"]

BASIS_NAMES = {
    "inbound": "from other provinces",
    "from_gateway": "from other provinces, gateway to door",
    "regional": "from within the region",
}
LIMITS = (24, 48, 72, 168)
Summary = Mapping[str, Any]


def curve_band(
    summaries: Sequence[Summary], basis: str, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return hours, mean share and half-width over the replications of one scenario.

    Parameters
    ----------
    summaries
        One summary (`sim.measures.service.summarise`) for each replication.
    basis
        A basis of the coverage.
    level
        Confidence of the Student interval.

    Returns
    -------
    tuple of numpy.ndarray
        The half-width is ``nan`` with a single replication.
    """
    curves = [summary["coverage"][basis]["curve"] for summary in summaries]
    hours = np.asarray(curves[0]["hours"], dtype=np.float64)
    shares = np.array([curve["people"] for curve in curves], dtype=np.float64).reshape(len(curves), -1)
    intervals = [interval(column, level) for column in shares.T]
    mean = np.array([i.mean for i in intervals])
    return hours, mean, np.array([i.half_width for i in intervals])


@styled
def coverage_curve(
    summaries: Sequence[Summary],
    bases: Sequence[str] = ("regional", "from_gateway", "inbound"),
    scheduled: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    ax: Axes | None = None,
    share_in_time: float = 0.8,
) -> Axes:
    """Draw which share of the people is reached within how many hours.

    Parameters
    ----------
    summaries
        One summary for each replication; with two or more a 95 % band is drawn.  May be none.
    bases
        Which curves: keys of ``coverage``.
    scheduled
        By basis: scheduled P80 hours and people, by place; ``nan`` or infinite for never.
    ax
        Where to draw; a new figure by default.
    share_in_time
        Of a place's items that must be in time; 0.8 for a run.
    """
    ax = ax or figure(7.2, 4.4).add_subplot()
    furthest = float(LIMITS[-1])
    for basis in bases if summaries else ():
        hours, mean, half = curve_band(summaries, basis)
        if not len(hours):
            continue
        colour = BASIS_COLOURS[basis]
        ax.plot(hours, mean, color=colour, lw=1.8, label=BASIS_NAMES[basis])
        if np.isfinite(half).all():
            low, high = np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)
            ax.fill_between(hours, low, high, color=colour, alpha=0.25, lw=0)
        # Up to where the curve is flat, and a little further.
        furthest = max(furthest, float(hours[np.searchsorted(mean, 0.998 * mean[-1])]) * 1.08)
    for basis, (times, people) in (scheduled or {}).items():
        at, share = steps(times, people)
        colour = BASIS_COLOURS.get(basis, INK)
        alone = None if summaries else BASIS_NAMES.get(basis, basis)
        ax.step(at, share, where="post", color=colour, lw=1.1, ls="--", label=alone)
        if not summaries and len(at):
            furthest = max(furthest, float(at[np.searchsorted(share, 0.998 * share[-1])]) * 1.08)
    if scheduled and summaries:
        ax.plot([], [], color=INK, lw=1.1, ls="--", label="dashed: scheduled")
    for limit in LIMITS:
        ax.axvline(limit, color="#999999", lw=0.6, ls=":", zorder=0)
        place: dict[str, Any] = {"coordinates": ("data", "axes fraction"), "va": "top"}
        beside(ax, f"{limit} h", (limit, 1.0), (2, -1), color="#666666", **place)
    ax.set_xlim(0, furthest)
    ax.set_ylim(0, 1.03)
    ax.xaxis.set_major_locator(MultipleLocator(24 if furthest <= 400 else 48 if furthest <= 800 else 96))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel("hours from acceptance (or from the gateway) to first attempt")
    ax.set_ylabel("people reached")
    grid(ax, "y")
    ax.legend(loc="best", frameon=True, framealpha=0.9, edgecolor="none")
    ax.set_title("Coverage: share of people against hours")
    band = f"; bands: 95 % over {len(summaries)} replications" if len(summaries) > 1 else "; one replication"
    if not summaries:
        band = "; scheduled, accepted over a week"
    note(
        ax,
        f"A person counts when {100 * share_in_time:g} % of the items to their village or neighbourhood come "
        f"in time{band}.",
    )
    return ax
