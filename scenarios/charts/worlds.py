"""Charts of a study: shares of worlds, ranges over the worlds, and sensitivity indices."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from scenarios.charts.style import INK, figure, grid, name_rows, note, plain, styled

__all__ = ["FORM_NAMES", "index_bars", "share_matrix", "world_ranges"]

_FORM_COLOURS = {"scheduled": "#0072B2", "simulated": "#D55E00"}
FORM_NAMES = {"scheduled": "scheduled", "simulated": "simulated"}
_MOST = 12  # inputs shown


@styled
def share_matrix(
    shares: ArrayLike,
    equal: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the shares of worlds in which each column's scenario is better, by measure.

    Parameters
    ----------
    shares, equal
        (rows, columns), 0 to 1, of worlds in which it is better, and as good; nan is left blank.
    rows, columns
        Their names.
    ax
        Where to draw; a new figure by default.
    """
    table, same = np.asarray(shares, dtype=np.float64), np.asarray(equal, dtype=np.float64)
    ax = ax or figure(3.9 + 1.15 * len(columns), 1.6 + 0.27 * len(rows)).add_subplot()
    ax.imshow(np.ma.masked_invalid(table + same / 2), cmap="PuOr", vmin=0, vmax=1, aspect="auto")
    for (i, j), share in np.ndenumerate(table):
        if math.isfinite(share):
            dark = abs(share + same[i, j] / 2 - 0.5) > 0.2
            also = f" (= {100 * same[i, j]:.0f})" if same[i, j] > 0 else ""
            look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
            ax.text(j, i, f"{100 * share:.0f}{also}", color="white" if dark else INK, **look)
    ax.set_xticks(range(len(columns)), [_folded(plain(name)) for name in columns], fontsize=7)
    ax.set_yticks(range(len(rows)), [plain(row) for row in rows])
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.set_title(_title(title, ax, labels_in=2.5))
    note(
        ax,
        "Per cent of the worlds in which the scenario is better (in brackets: in which both are equal). "
        "Purple: better in most; orange: worse in most.",
    )
    return ax


@styled
def world_ranges(
    rows: Sequence[Mapping[str, Any]], unit: str, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw where a figure lies over the worlds, and beside it the interval of chance.

    Parameters
    ----------
    rows
        ``name``, ``form``, ``least``, ``p5``, ``p50``, ``p95``, ``most`` over the worlds; ``at_defaults`` and
        ``half_width`` in the world of the defaults, nan where there is none.
    unit
        Of the figure.
    ax
        Where to draw; a new figure by default.
    """
    names = list(dict.fromkeys(row["name"] for row in rows))
    ax = ax or figure(10.4, 1.5 + 0.62 * len(names)).add_subplot()
    seen: set[str] = set()
    for row in rows:
        y = names.index(row["name"]) + (0.14 if row["form"] == "scheduled" else -0.2)
        colour = _FORM_COLOURS[row["form"]]
        label = "" if row["form"] in seen else f"{FORM_NAMES[row['form']]}: all worlds,\nnine of ten, median"
        seen.add(row["form"])
        ax.hlines(y, row["least"], row["most"], color=colour, lw=1)
        ax.hlines(y, row["p5"], row["p95"], color=colour, lw=6, alpha=0.45, label=label)
        ax.plot(row["p50"], y, "|", color=colour, ms=11, mew=2)
        if math.isfinite(row["at_defaults"]):
            half = row["half_width"] if math.isfinite(row["half_width"]) else 0.0
            first = "at the defaults, with the\n95 % interval of chance"
            named = "" if first in seen else first
            look: dict[str, Any] = {"fmt": "o", "ms": 3, "color": INK, "lw": 1, "capsize": 2.5}
            ax.errorbar(row["at_defaults"], y - 0.13, xerr=half, label=named, **look)
            seen.add(first)
    if "difference" in title:
        ax.axvline(0, color=INK, lw=0.8)
    name_rows(ax, range(len(names)), names, len(names) - 0.4)
    ax.set_xlabel(unit)
    grid(ax, "x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_title(_title(title, ax))
    note(ax, "Ranges show what is not known, intervals show chance: two different things, never added.")
    return ax


@styled
def index_bars(
    names: Sequence[str],
    first: ArrayLike,
    half_width: ArrayLike,
    threshold: float,
    title: str = "",
    total: Mapping[str, tuple[float, float, float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw which inputs a figure hangs on, the greatest share of its variance on top.

    Parameters
    ----------
    names, first, half_width
        Inputs, first-order indices and half-widths of their 95 % intervals.
    threshold
        What the greatest of as many inputs that do nothing exceeds in one of twenty studies.
    total
        Total index with the ends of its interval, by name, where there is one.
    ax
        Where to draw; a new figure by default.
    """
    values, half = np.asarray(first, dtype=np.float64), np.asarray(half_width, dtype=np.float64)
    order = np.argsort(-np.nan_to_num(values, nan=-1.0), kind="stable")[:_MOST]
    ax = ax or figure(7.2, 1.4 + 0.27 * len(order)).add_subplot()
    y = np.arange(len(order))
    colours = ["#0072B2" if values[i] > threshold else "#BBBBBB" for i in order]
    shown = np.maximum(values[order], 0.0)
    ax.barh(y, shown, color=colours, height=0.62)
    look: dict[str, Any] = {"capsize": 2, "lw": 1}
    ax.errorbar(values[order], y, xerr=half[order], fmt="none", ecolor=INK, label="first-order, 95 %", **look)
    if total:
        rows = [(at, total[names[i]]) for at, i in enumerate(order) if names[i] in total]
        if rows:
            at, ranges = zip(*rows, strict=True)
            value, low, high = np.array(ranges).T
            error = np.maximum([value - low, high - value], 0)
            look |= {"fmt": "D", "ms": 3.5, "color": "#D55E00", "label": "total, 95 %"}
            ax.errorbar(value, np.array(at) + 0.2, xerr=error, **look)
    ax.axvline(threshold, color="#CC79A7", ls="--", lw=1, label="threshold of chance")
    name_rows(ax, y, [names[i] for i in order], len(order) - 0.5)
    ax.set_xlim(left=max(-0.1, min(0.0, float(np.nanmin(values[order] - half[order], initial=0.0)))))
    ax.set_xlabel("share of the variance over the worlds")
    grid(ax, "x")
    ax.legend(loc="lower right")
    ax.set_title(_title(title, ax))
    note(ax, "Blue: above what the greatest of all inputs reaches by chance in one of twenty studies.")
    return ax


def _folded(name: str) -> str:
    """Return a scenario's name in lines of some 14 characters, broken at its dashes."""
    lines = [""]
    for part in name.split("-"):
        joined = f"{lines[-1]}-{part}" if lines[-1] else part
        if len(joined) > 14 and lines[-1]:
            lines[-1] += "-"
            lines.append(part)
        else:
            lines[-1] = joined
    return "\n".join(lines)


def _title(text: str, ax: Axes, labels_in: float = 0.8) -> str:
    """Return a title in lines that fit beside the labels: some 8 characters an inch."""
    fig = ax.get_figure(root=True)
    width = max(20, int(8 * (fig.get_figwidth() - labels_in))) if fig is not None else 60
    return "\n".join(textwrap.fill(line, width) for line in text.splitlines())
