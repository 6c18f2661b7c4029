"""Charts of an expansion plan: its cost–benefit frontier, and a map of its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from network.model.network import Network
from scenarios.charts.ground import map_axes, seat_labels
from scenarios.charts.style import INK, beside, figure, grid, note, styled

__all__ = ["frontier", "plan_map"]

KIND_STYLES: Mapping[str, tuple[str, str, str]] = {
    "routes": ("#0072B2", "", "route more often"),
    "direct": ("#CC79A7", "", "new direct route"),
    "rounds": ("#E69F00", "o", "round on more days"),
    "outlets": ("#009E73", "s", "express outlets"),
    "postal": ("#009E73", "D", "postal outlet"),
    "hours": ("#D55E00", "^", "centre open at night"),
}


@styled
def frontier(
    points: Sequence[Mapping[str, Any]],
    measure: str,
    base: float,
    unit: str = "h",
    chosen: str = "",
    simulated: Sequence[Mapping[str, Any]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw gain against yearly cost: plans, their bound, the timetable's answer and the simulation's.

    Parameters
    ----------
    points
        ``name``, ``budget``, ``yuan``, and of the gain ``exact``, ``predicted`` and ``bound`` of each plan.
    measure, base
        What is gained, in words, and its value today.
    unit
        Of the measure: ``h``, or a share.
    chosen
        Name of the plan to point at.
    simulated
        Rows of differences by plan; those of mean hours from other provinces are drawn where the measure is
        in hours.
    ax
        Where to draw; a new figure by default.
    """
    ax = ax or figure(7.2, 4.4).add_subplot()
    scale, gain_unit = (1.0, "h") if unit == "h" else (100.0, "percentage points")
    cost = np.array([0.0, *(point["yuan"] for point in points)]) / 1e6
    exact = scale * np.array([0.0, *(point["exact"] for point in points)])
    predicted = scale * np.array([0.0, *(point["predicted"] for point in points)])
    budget = np.array([point["budget"] or 0.0 for point in points]) / 1e6
    bound = scale * np.array([point["bound"] for point in points])
    words = "plans, scheduled times of the whole network"
    ax.plot(cost, exact, "-o", color="#0072B2", lw=1.8, ms=5, label=words)
    ax.plot(cost, predicted, ls=":", color="#0072B2", lw=1.2, label="the same, predicted by the planner")
    ax.plot(budget, bound, "_", color=INK, ms=11, mew=1.4, label="upper bound for the budget, predicted")
    hours = {row["plan"]: row for row in simulated if row["measure"] == "transit.by_direction.inbound.mean_h"}
    if unit == "h" and hours:
        checked = [point for point in points if point["name"] in hours]
        ax.errorbar(
            [point["yuan"] / 1e6 for point in checked],
            [-hours[point["name"]]["difference"] for point in checked],
            yerr=[hours[point["name"]]["half_width"] or 0.0 for point in checked],
            fmt="s",
            color="#D55E00",
            ms=4,
            capsize=3,
            label="simulated, items from other provinces, 95 % interval",
        )
    for point in points:
        if point["name"] == chosen:
            beside(ax, "chosen", (point["yuan"] / 1e6, scale * point["exact"]), (8, -14), fontsize=8)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("yearly cost beyond today's, million yuan")
    ax.set_ylabel(f"gain, {gain_unit}")
    grid(ax, "both")
    ax.legend(loc="lower right")
    ax.set_title("Cost–benefit frontier")
    note(ax, f"Measure: {measure}; today {scale * base:,.1f}{' h' if unit == 'h' else ' %'}.")
    return ax


@styled
def plan_map(network: Network, rows: Sequence[Mapping[str, Any]], title: str, ax: Axes | None = None) -> Axes:
    """Draw where the changes of a plan are: lines for routes, marks for the rest.

    Parameters
    ----------
    network
        As it is.
    rows
        ``kind``, ``id`` and ``place`` of each change.
    title
        Of the map.
    ax
        Where to draw; a new figure by default.
    """
    ax, _ = map_axes(network, ax, False, 9.0)
    places = network.places
    routes = {route.id: route for route in network.routes}
    counted: dict[str, int] = {}
    for row in rows:
        counted[row["kind"]] = counted.get(row["kind"], 0) + 1
        colour, marker, _ = KIND_STYLES[row["kind"]]
        if marker:
            spot = places.row(row["place"])
            lon, lat = places.lon[spot], places.lat[spot]
            ax.plot(lon, lat, marker, color=colour, ms=4, mec="white", mew=0.4, zorder=5)
            continue
        stops = routes[row["id"]].stops if row["kind"] == "routes" else _ends(network, row)
        at = np.array([places.row(stop) for stop in stops])
        ax.plot(places.lon[at], places.lat[at], color=colour, lw=1.8, alpha=0.85, zorder=4)
        ax.plot(places.lon[at[1:]], places.lat[at[1:]], ".", color=colour, ms=4, zorder=4)
    seat_labels(network, ax)
    handles = []
    for kind, number in counted.items():
        colour, marker, name = KIND_STYLES[kind]
        line = "" if marker else "-"
        handles.append(Line2D([], [], color=colour, marker=marker, ls=line, lw=2, label=f"{name}: {number}"))
    ax.legend(handles=handles, loc="lower left")
    ax.set_title(title)
    note(
        ax,
        "Routes are drawn straight from stop to stop; villages and most townships lie at synthetic points.",
    )
    return ax


def _ends(network: Network, row: Mapping[str, Any]) -> tuple[str, str]:
    """Return both ends of a new direct route."""
    if row["id"].startswith("region:"):
        start = next(centre.place for centre in network.centres if centre.tier == "region")
    else:
        start = next(r.stops[0] for r in network.routes if r.kind == "chain" and row["place"] in r.stops[2:])
    return start, row["place"]
