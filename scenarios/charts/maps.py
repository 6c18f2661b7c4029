"""Maps: mail routes by mode, how fast each place is reached, shares by county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from network.accessibility.coverage import coverage
from network.model.network import Network
from scenarios.charts.cells import Areas, county_areas
from scenarios.charts.ground import (
    BASIS_TITLES,
    base_map,
    dot_map,
    gateways_reached,
    in_steps,
    map_axes,
    map_height,
    mark_gateway,
    place_times,
    seat_labels,
)
from scenarios.charts.style import (
    EDGE,
    INK,
    MODE_COLOURS,
    MODE_DASHES,
    NEVER_COLOUR,
    figure,
    note,
    styled,
)

__all__ = ["coverage_by_county", "coverage_map", "route_map"]

HOURS = (24, 48, 72, 168)
MAP_HOURS = (24, 48, 72, 120, 168, 240, 336)
STRIP = 0.44  # room below the region for the small map and the legend, as a share of its height
MODE_NAMES = {"road": "Road", "rail": "Rail", "air": "Air"}
Columns = Mapping[str, NDArray[Any]]


def _segments(network: Network) -> dict[str, dict[tuple[int, int], int]]:
    """Return round trips a week over each pair of places, by mode; road routes lie on their road links."""
    places = network.places
    row_of = {str(place): row for row, place in enumerate(places.id)}
    trips_over: dict[str, dict[tuple[int, int], int]] = {mode: {} for mode in MODE_COLOURS}
    for route in network.routes:
        trips = len(route.services[0].starts_s) if route.services else 1
        for leg, (a, b) in enumerate(zip(route.stops, route.stops[1:], strict=False)):
            links = route.leg_links[leg] if leg < len(route.leg_links) else ()
            pairs = [_ends(link, row_of) for link in links] or [(row_of[a], row_of[b])]
            for one, other in pairs:
                pair = (min(one, other), max(one, other))
                trips_over[route.mode][pair] = trips_over[route.mode].get(pair, 0) + trips
    return trips_over


def _ends(link: str, row_of: Mapping[str, int]) -> tuple[int, int]:
    """Split a link id at the hyphen that leaves a known place on both sides (ids may hold hyphens)."""
    parts = link.split("-")
    for cut in range(1, len(parts)):
        a, b = "-".join(parts[:cut]), "-".join(parts[cut:])
        if a in row_of and b in row_of:
            return row_of[a], row_of[b]
    raise ValueError(f"link {link!r} does not join two places of the network")


def _width(trips: Iterable[int]) -> NDArray[np.float64]:
    return 0.5 + 0.42 * np.sqrt(np.array(list(trips), dtype=float))


def _draw_routes(network: Network, ax: Axes, thin: float = 1.0) -> None:
    places = network.places
    points = np.stack((places.lon, places.lat), axis=1).astype(float)
    for order, mode in enumerate(("air", "road", "rail")):
        pairs = _segments(network)[mode]
        if not pairs:
            continue
        lines = [_arc(points[a], points[b]) if mode == "air" else points[[a, b]] for a, b in pairs]
        ax.add_collection(
            LineCollection(
                lines,
                colors=MODE_COLOURS[mode],
                linewidths=_width(pairs.values()) * thin * (0.6 if mode == "air" else 1.0),
                linestyles=[MODE_DASHES[mode]],
                capstyle="round" if mode == "road" else "butt",
                zorder=3 + order,
            )
        )


def _arc(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a slightly bent line, so that air routes do not lie on top of the roads below."""
    t = np.linspace(0, 1, 25)[:, np.newaxis]
    across = np.array([-(b - a)[1], (b - a)[0]]) * (1 if b[0] >= a[0] else -1)
    return a + (b - a) * t + 0.06 * across * 4 * t * (1 - t)


@styled
def route_map(network: Network, ax: Axes | None = None, polygons: bool = False) -> Axes:
    """Draw the mail routes by mode, with a small map of how they leave the region.

    Parameters
    ----------
    network
        Routes on their road links, places, centres.
    ax
        Where to draw; a new figure by default.
    polygons
        County polygons where the optional package has them (see `county_areas`).

    Returns
    -------
    matplotlib.axes.Axes
        Lines are as wide as round trips a week on them, all routes together.
    """
    strip = STRIP * map_height(county_areas(network, polygons), 9.0)
    ax, areas = map_axes(network, ax, polygons, 9.0, 0.9 + strip)
    _draw_routes(network, ax)
    places = network.places
    towns = np.array([places.row(c.place) for c in network.centres if c.tier == "county"], dtype=int)
    branch = np.array([places.row(c.place) for c in network.centres if c.tier == "township"], dtype=int)
    ax.plot(places.lon[towns], places.lat[towns], "o", ms=2.4, mfc="white", mec=INK, mew=0.6, zorder=6)
    ax.plot(places.lon[branch], places.lat[branch], ".", ms=2.2, color=INK, zorder=6)
    seat_labels(network, ax)
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    for row in gateways_reached(network):
        if west < places.lon[row] < east and south < places.lat[row] < north:
            mark_gateway(network, ax, row, 7.0)
    ax.set_ylim(south - STRIP * (north - south), north)
    _outside(network, ax, areas)
    _route_legend(network, ax)
    ax.set_title(f"Mail routes of {network.region.name.capitalize()} {network.year}, by mode")
    note(
        ax,
        "The routes are one network that fits the published totals, not the list of the real ones. "
        f"Road routes drawn straight between the seats on their way.\n{areas.note}",
    )
    return ax


def _route_legend(network: Network, ax: Axes) -> None:
    handles: list[Line2D] = []
    for mode, name in MODE_NAMES.items():
        routes = [route for route in network.routes if route.mode == mode]
        if routes:
            km = sum(route.km for route in routes)
            text = f"{name}: {len(routes)} route{'s' * (len(routes) > 1)}, {km:,.0f} km one way"
            handles.append(Line2D([], [], color=MODE_COLOURS[mode], ls=MODE_DASHES[mode], lw=2, label=text))
    for trips in (3, 7, 21):
        width = float(_width([trips])[0])
        handles.append(Line2D([], [], color="#666666", lw=width, label=f"{trips} round trips a week"))
    look: dict[str, Any] = {"ls": "", "color": INK}
    seat: dict[str, Any] = {
        "marker": "o",
        "ms": 3.5,
        "mfc": "white",
        "mew": 0.8,
        "label": "prefecture or county seat",
    }
    handles.append(Line2D([], [], **look, **seat))
    handles.append(Line2D([], [], **look, marker=".", ms=4, label="township on a branch route"))
    ax.legend(handles=handles, loc="lower right", handlelength=3, labelspacing=0.4)


def _outside(network: Network, ax: Axes, areas: Areas) -> None:
    """Draw the small map: the region and all gateways that a route reaches."""
    places = network.places
    gates = gateways_reached(network)
    if not gates:
        return
    small = ax.inset_axes((0.0, 0.0, 0.40, 0.34), anchor="SW")
    base_map(small, areas, frame=False)
    _draw_routes(network, small, thin=0.55)
    corners = np.concatenate([ring for rings in areas.rings.values() for ring in rings])
    corners = np.concatenate(
        (corners, np.stack((places.lon[gates], places.lat[gates]), axis=1).astype(float))
    )
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    small.set_xlim(west - 1, east + 9)
    small.set_ylim(south - 2.5, north + 2.5)
    for row in gates:
        x, y = float(places.lon[row]), float(places.lat[row])
        # A gateway with another one close on its right is named on its left or above.
        right = [float(places.lon[g]) - x for g in gates if g != row and abs(places.lat[g] - y) < 1.3]
        near = min((gap for gap in right if 0 < gap < 9), default=0.0)
        mark_gateway(network, small, row, 6.2, "left" if near > 5 else "above" if near else "right")
    small.set_xticks([])
    small.set_yticks([])
    for spine in small.spines.values():
        spine.set(visible=True, linewidth=0.6, edgecolor=EDGE)


@styled
def coverage_map(
    network: Network,
    places: Columns,
    basis: str = "inbound",
    hours: Sequence[int] = MAP_HOURS,
    ax: Axes | None = None,
    polygons: bool = False,
    scheduled: bool = False,
    share_in_time: float = 0.8,
) -> Axes:
    """Draw each village and committee in the colour of the hours within which 80 % of its items come.

    Parameters
    ----------
    network
        For areas and names.
    places
        Columns of `sim.measures.service.by_place`.
    basis
        ``inbound``, ``from_gateway`` or ``regional``.
    hours
        Limits between the colours, rising.
    ax, polygons
        As for `route_map`.
    scheduled
        Scheduled times (`network.accessibility.scheduled_measures.scheduled_columns`) in place of simulated.
    share_in_time
        Which share of the items the hours are for, as the columns have it.

    Returns
    -------
    matplotlib.axes.Axes
        The legend says which share of the people each colour stands for.
    """
    ax, areas = map_axes(network, ax, polygons)
    times = place_times(places, basis, scheduled)
    people = np.asarray(places["people"], dtype=np.float64)
    lived = people > 0
    measured = lived & ~np.isnan(times)
    timed = measured & np.isfinite(times)
    steps = in_steps(times, hours, "h", "later than", "plasma", (0, 0.97))
    groups = [(shade, name, timed & rows) for shade, name, rows in steps]
    if scheduled:
        others = [("white", "never by the timetable", lived & ~np.isfinite(times))]
    else:
        others = [
            (NEVER_COLOUR, "over 20 % still in transit", measured & np.isinf(times)),
            ("white", "no item sent there", lived & ~measured),
        ]
    groups += [group for group in others if group[2].any()]
    at = places["lon"], places["lat"]
    percent = f"{100 * share_in_time:g}"
    dot_map(ax, at, np.clip(people / 150, 2.5, 45), people, groups, f"P{percent}, share of people")
    seat_labels(network, ax)
    by = "Scheduled times" if scheduled else "Simulated times"
    ax.set_title(f"{by}: {BASIS_TITLES.get(basis, basis)}", fontsize="large" if scheduled else None)
    what = f"P{percent}: hours within which {percent} % of the items arrive"
    if scheduled:
        what += ", accepted over a week, without queues and chance"
    note(
        ax,
        f"{what}, by village and neighbourhood committee; dots grow with people. "
        f"Most positions are synthetic. {areas.note}",
    )
    return ax


def county_shares(places: Columns, times: NDArray[np.float64], hours: float) -> dict[str, float]:
    """Return the share of each county's people whose place is reached within so many hours."""
    people = np.asarray(places["people"], dtype=np.float64)
    shares = {}
    for county in np.unique(places["county"]):
        rows = (places["county"] == county) & (people > 0)
        if rows.any():
            shares[str(county)] = float(coverage(times[rows], people[rows], hours))
    return shares


@styled
def coverage_by_county(
    network: Network,
    places: Columns,
    basis: str = "inbound",
    hours: Sequence[int] = HOURS,
    axes: Sequence[Axes] | None = None,
    polygons: bool = False,
) -> list[Axes]:
    """Draw the share of each county's people reached within each number of hours, one map for each.

    Parameters
    ----------
    network, places, basis, hours, polygons
        As for `coverage_map`.
    axes
        As many axes as hours; a new figure by default.

    Returns
    -------
    list of matplotlib.axes.Axes
    """
    areas = county_areas(network, polygons)
    if axes is None:
        rows = (len(hours) + 1) // 2
        fig = figure(9.6, rows * (map_height(areas, 4.3) + 0.3) + 0.9)
        axes = list(fig.subplots(rows, 2, sharex=True, sharey=True).ravel())
        for spare in axes[len(hours) :]:
            spare.set_visible(False)
        fig.suptitle(f"People reached: {BASIS_TITLES[basis]}", x=0.01, ha="left", fontsize=12)
    times = place_times(places, basis)
    people = np.asarray(places["people"], dtype=np.float64)
    lived = people > 0
    for ax, limit in zip(axes, hours, strict=False):
        base_map(ax, areas)
        shares = county_shares(places, times, limit)
        counties = [county for county in areas.rings if county in shares]
        rings = [(ring, shares[county]) for county in counties for ring in areas.rings[county]]
        drawn = PolyCollection(
            [ring for ring, _ in rings],
            array=np.array([share for _, share in rings]),
            cmap="YlGnBu",
            norm=Normalize(0, 1),
            edgecolors=EDGE,
            linewidths=0.4,
            zorder=1,
            rasterized=areas.dense,
        )
        ax.add_collection(drawn)
        total = float(coverage(times[lived], people[lived], limit))
        ax.set_title(f"within {limit:g} h: {total:.1%} of all people", fontsize=9)
    figure_of = axes[0].get_figure()
    if figure_of is not None:
        bar = figure_of.colorbar(drawn, ax=list(axes[: len(hours)]), shrink=0.7, pad=0.02)
        bar.set_label("share of the county's people")
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    note(axes[0], f"A place counts when 80 % of its items come in time. {areas.note}")
    return list(axes[: len(hours)])
