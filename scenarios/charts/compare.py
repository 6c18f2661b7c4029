"""What a scenario changes: maps and curves of differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from network.model.network import Network
from scenarios.charts.curves import BASIS_NAMES, LIMITS
from scenarios.charts.ground import BASIS_TITLES, map_axes, place_times, seat_labels
from scenarios.charts.style import BASIS_COLOURS, INK, NEVER_COLOUR, figure, grid, note, styled
from sim.measures.statistics import paired

__all__ = ["beyond_timetable_map", "difference_curve", "difference_map"]

Columns = Mapping[str, NDArray[Any]]
Summary = Mapping[str, Any]
UNCHANGED_H = 0.5  # a smaller change of P80 is drawn as none


@styled
def difference_map(
    network: Network,
    base: Columns,
    other: Columns,
    basis: str = "inbound",
    names: tuple[str, str] = ("base", "other"),
    ax: Axes | None = None,
    polygons: bool = False,
    lost: str = "no longer reached",
) -> Axes:
    """Draw by how many hours the P80 of each village changes.

    Parameters
    ----------
    network
        Of the base, for areas and names.
    base, other
        Columns of `sim.measures.service.by_place` of the two runs, the same places.
    basis
        As for `coverage_map`.
    names
        What to call the two scenarios.
    ax, polygons
        As for `route_map`.
    lost
        What to call places that have a P80 in the base alone.

    Raises
    ------
    ValueError
        If the two runs have different places.
    """
    if not np.array_equal(base["id"], other["id"]):
        raise ValueError("the two runs have different places: they cannot be compared place by place")
    ax, areas = map_axes(network, ax, polygons, 8.4, 1.2)
    before, after = place_times(base, basis), place_times(other, basis)
    people = np.asarray(base["people"], dtype=np.float64)
    both = np.isfinite(before) & np.isfinite(after) & (people > 0)
    change = np.zeros(len(people))
    change[both] = after[both] - before[both]
    span = _span(change[both])
    same = both & (np.abs(change) < UNCHANGED_H)
    look: dict[str, Any] = {"linewidths": 0, "zorder": 2, "rasterized": True}
    ax.scatter(base["lon"][same], base["lat"][same], s=1.5, c="#AAAAAA", **look)
    rows = np.flatnonzero(both & ~same)
    rows = rows[np.argsort(np.abs(change[rows]), kind="stable")]  # the greatest changes on top
    dots = ax.scatter(
        base["lon"][rows],
        base["lat"][rows],
        c=np.clip(change[rows], -span, span),
        s=np.clip(people[rows] / 150, 3, 45),
        cmap="PuOr_r",
        norm=TwoSlopeNorm(0, -span, span),
        edgecolors="#444444",
        linewidths=0.15,
        zorder=3,
        rasterized=True,
    )
    gained = (people > 0) & ~np.isfinite(before) & np.isfinite(after)
    gone = (people > 0) & np.isfinite(before) & ~np.isfinite(after)
    for where, marker, text in ((gained, "^", "newly reached"), (gone, "v", lost)):
        if where.any():
            share = people[where].sum() / people.sum()
            look = {"marker": marker, "s": 22, "c": NEVER_COLOUR, "edgecolors": INK, "linewidths": 0.4}
            words = f"{text}: {share:.1%} of people"
            ax.scatter(base["lon"][where], base["lat"][where], label=words, zorder=4, **look)
    seat_labels(network, ax)
    fig = ax.get_figure()
    if fig is not None:
        ends = "both" if np.any(np.abs(change[both]) > span) else "neither"
        bar = fig.colorbar(dots, ax=ax, shrink=0.75, pad=0.01, extend=ends)
        bar.set_label("change of P80, hours (negative: faster)")
    words = "no place has both times"
    if both.any():
        rules = (change <= -1, change >= 1)
        faster, slower = (float(people[both & rule].sum() / people.sum()) for rule in rules)
        words = (
            f"faster by 1 h or more: {faster:.1%} of people\nslower by 1 h or more: {slower:.1%} of people"
        )
    ax.annotate(words, (0.015, 0.03), xycoords="axes fraction", fontsize=8, linespacing=1.5)
    if gained.any() or gone.any():
        ax.legend(loc="upper right")
    ax.set_title(f"{names[1]} against {names[0]}\n{BASIS_TITLES[basis]}", fontsize="large")
    note(
        ax,
        f"P80: hours within which 80 % of a place's items come; grey: changed by under {UNCHANGED_H:g} h. "
        f"Most positions are synthetic. {areas.note}",
    )
    return ax


def beyond_timetable_map(
    network: Network,
    places: Columns,
    basis: str = "inbound",
    ax: Axes | None = None,
    polygons: bool = False,
) -> Axes:
    """Draw by how many hours the simulated P80 exceeds the scheduled: queues, chance, holidays.

    Parameters
    ----------
    network, basis, ax, polygons
        As for `difference_map`.
    places
        Columns of a run's ``places.parquet``.
    """
    by_timetable = {**places, f"{basis}_p80_h": place_times(places, basis, scheduled=True)}
    measured = ~np.isnan(place_times(places, basis))
    by_basis = {name: column[measured] for name, column in by_timetable.items()}
    run = {name: column[measured] for name, column in places.items()}
    names = ("scheduled", "Simulated")
    return difference_map(network, by_basis, run, basis, names, ax, polygons, "over 20 % still in transit")


def _span(change: NDArray[np.float64]) -> float:
    """Return the hours at the ends of the colours: a round number that holds 98 % of the changed places."""
    moved = np.abs(change[np.abs(change) >= UNCHANGED_H])
    if not len(moved):
        return 6.0
    reach = float(np.quantile(moved, 0.98))
    return next((step for step in (6.0, 12.0, 24.0, 48.0, 72.0, 120.0) if reach <= step), 168.0)


@styled
def difference_curve(
    base: Sequence[Summary],
    others: Mapping[str, Sequence[Summary]],
    basis: str = "inbound",
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Draw by how much more of the people other scenarios reach within each number of hours.

    Parameters
    ----------
    base
        One summary for each replication of the base.
    others
        By name, as many replications each, on the same draws.
    basis
        A basis of the coverage.
    level
        Confidence of the paired interval, drawn as a band from two replications on.
    ax
        Where to draw; a new figure by default.
    """
    ax = ax or figure(7.2, 4.2).add_subplot()
    first = base[0]["coverage"][basis]["curve"]["hours"]
    hours = np.asarray(first, dtype=np.float64)
    before = _shares(base, basis)
    colours = [*BASIS_COLOURS.values(), "#CC79A7", "#56B4E9", "#E69F00"]
    moved = [24.0]
    for number, (name, summaries) in enumerate(others.items()):
        intervals = [paired(a, b, level) for a, b in zip(before.T, _shares(summaries, basis).T, strict=True)]
        mean = np.array([i.mean for i in intervals])
        half = np.array([i.half_width for i in intervals])
        colour = colours[number % len(colours)]
        dashes = "-" if number < len(colours) else "--"
        ax.plot(hours, 100 * mean, color=colour, lw=1.8, label=name, ls=dashes)
        if np.isfinite(half).all():
            ax.fill_between(hours, 100 * (mean - half), 100 * (mean + half), color=colour, alpha=0.25, lw=0)
        moved += hours[np.abs(mean) > 1e-4].tolist()
    ax.axhline(0, color=INK, lw=0.8)
    for limit in LIMITS:
        ax.axvline(limit, color="#999999", lw=0.6, ls=":", zorder=0)
    furthest = max(*moved, float(LIMITS[-1])) * 1.05
    ax.set_xlim(0, furthest)
    ax.xaxis.set_major_locator(MultipleLocator(24 if furthest <= 400 else 48))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
    ax.set_xlabel("hours to first attempt")
    ax.set_ylabel("change in people reached, percentage points")
    grid(ax, "y")
    ax.legend(loc="best")
    ax.set_title(f"Change in coverage, items {BASIS_NAMES[basis]}")
    n = len(base)
    band = f"paired {level:.0%} bands over {n} replications" if n > 1 else "one replication, no interval"
    note(
        ax,
        f"A person counts when 80 % of the items to their village or neighbourhood come in time; {band}.",
    )
    return ax


def _shares(summaries: Sequence[Summary], basis: str) -> NDArray[np.float64]:
    return np.array(
        [summary["coverage"][basis]["curve"]["people"] for summary in summaries], dtype=np.float64
    )
