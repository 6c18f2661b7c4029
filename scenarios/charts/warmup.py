"""The start-up of a run: items ended and in transit on each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, StrMethodFormatter
from numpy.typing import NDArray

from scenarios.charts.style import INK, figure, grid, note, styled
from sim.measures.warmup import LEAST, Settled, by_replication, settled, welch

__all__ = ["start_up"]

WINDOW_DAYS = 3  # before and after: a week, so that its rhythm is averaged out
LINE, RAW, MEASURED, RULE = "#0072B2", "#BBBBBB", "#F0E442", "#D55E00"
PANELS = ("mean_h", "in_transit")


@styled
def start_up(
    days: Mapping[str, NDArray[Any]],
    warmup_days: int,
    measured_days: int,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Draw the days of a run, Welch's average of them, the warm-up, and the start-up by MSER-5.

    Parameters
    ----------
    days
        Columns of ``days.parquet``: `sim.measures.warmup.by_day` with the ``replication``.
    warmup_days, measured_days
        Of the run.
    axes
        Where to draw: the hours that items took which ended on a day, and, given
        a second one, the items in transit; a new figure of both by default.
    """
    if axes is None:
        fig = figure(7.2, 5.2)
        axes = list(fig.subplots(2, 1, sharex=True))
    settling = settled(days)
    for ax, name in zip(axes, PANELS, strict=False):
        values = by_replication(days, name)
        recorded = np.isfinite(values).all(axis=0)
        first = int(recorded.argmax())
        at = np.arange(values.shape[1]) + 0.5  # a day's value stands in the middle of it
        ends = warmup_days, warmup_days + measured_days
        ax.axvspan(*ends, color=MEASURED, alpha=0.18, lw=0, label="measured days")
        ax.axvline(warmup_days, color=INK, lw=1.0, label=f"warm-up, {warmup_days} days")
        if settling is not None and settling.conclusive:
            ax.axvline(settling.day, color=RULE, lw=1.2, ls="--", label=f"MSER-5, {settling.day} days")
        for number, row in enumerate(values):
            ax.plot(at, row, color=RAW, lw=0.8, label="each day" if number == 0 else None)
        smooth = welch(values[:, first:], min(WINDOW_DAYS, (len(at) - first) // 2))
        ax.plot(at[first : first + len(smooth)], smooth, color=LINE, lw=1.8, label="mean, a week around")
        ax.set_ylim(0, None)
        grid(ax, "y")
    axes[0].set_ylabel("mean hours of items ended")
    for ax in axes[1:]:
        ax.set_ylabel("items in transit")
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    last = axes[-1]
    last.set_xlim(0, len(at))
    last.xaxis.set_major_locator(MultipleLocator(7 if len(at) <= 140 else 28))
    last.set_xlabel("days from the start of the run")
    axes[0].legend(loc="lower right", ncols=2, frameon=True, framealpha=0.9, edgecolor="none")
    axes[0].set_title("Start-up: the run begins with an empty network")
    note(
        last,
        "Hours: from the first centre or the entry gateway to the end, of all items that ended on the day. "
        f"{_verdict(settling)} Lines: each replication, and Welch's average over them and a week.",
    )
    return list(axes)


def _verdict(settling: Settled | None) -> str:
    if settling is None:
        return f"MSER-5 was not asked: it needs {LEAST} days."
    if not settling.conclusive:
        return f"MSER-5 has no answer: it would leave out {settling.day} days, more than half."
    return f"MSER-5 would leave out {settling.day} days."
