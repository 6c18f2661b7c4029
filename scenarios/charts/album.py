"""All charts of a run, or of a comparison, as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from network.model.network import Network
from scenarios.charts.compare import beyond_timetable_map, difference_curve, difference_map
from scenarios.charts.cost import cost_bars, cost_map
from scenarios.charts.curves import coverage_curve
from scenarios.charts.ground import place_times
from scenarios.charts.ladder import frontier_chart, ladder_chart
from scenarios.charts.load import route_load
from scenarios.charts.maps import coverage_by_county, coverage_map, route_map
from scenarios.charts.style import save
from scenarios.charts.times import transit_times
from scenarios.charts.warmup import start_up
from scenarios.runs.headlines import Headline

__all__ = ["draw_comparison", "draw_ladder", "draw_run"]

Columns = Mapping[str, NDArray[Any]]
Summary = Mapping[str, Any]
BASES = ("inbound", "from_gateway", "regional")


def _capital(network: Network) -> str:
    places = network.places
    seats = [places.row(centre.place) for centre in network.centres if centre.tier == "region"]
    return str(places.prefecture[seats[0]]) if seats else "regional capital"


def draw_run(
    network: Network,
    summaries: Sequence[Summary],
    places: Columns,
    legs: Columns,
    days: tuple[Columns, int, int],
    folder: str | Path,
    formats: Sequence[str] = ("png", "svg"),
    polygons: bool = False,
    costs: tuple[Sequence[Summary], Sequence[Summary]] | None = None,
) -> list[Path]:
    """Draw every chart of a run.

    Parameters
    ----------
    network
        The network that ran.
    summaries
        One summary for each replication; the first one's times are drawn.
    places, legs
        Columns of `sim.measures.service.by_place` and `by_leg`.  Columns of
        `scenarios.assessment.coverage.scheduled_columns` are drawn beside the simulated.
    days
        Columns of ``days.parquet``, days of warm-up, measured days.
    folder
        An existing folder.
    formats
        Suffixes of the files.
    polygons
        County polygons where the optional package has them.
    costs
        Rows of ``cost_places.csv`` and of `scenarios.runs.costs.together`, where the run counted cost.

    Returns
    -------
    list of pathlib.Path
        ``routes``, ``coverage-curve``, ``coverage-map-<basis>``,
        ``coverage-by-county-<basis>``, ``scheduled-map-<basis>``,
        ``beyond-timetable-<basis>``, ``transit-times``, ``route-load``,
        ``warmup``, ``cost-by-prefecture``, ``cost-map``.
    """
    told = [basis for basis in BASES if f"{basis}_scheduled_p80_h" in places]
    scheduled = {basis: (place_times(places, basis, True), np.asarray(places["people"])) for basis in told}
    charts: dict[str, Axes] = {
        "routes": route_map(network, polygons=polygons),
        "coverage-curve": coverage_curve(summaries, scheduled=scheduled),
        "transit-times": transit_times(summaries[0], _capital(network)),
        "route-load": route_load(legs, target=network.assumptions["target_load"])[0],
        "warmup": start_up(*days)[0],
    }
    for basis in BASES:
        part = basis.replace("_", "-")
        charts[f"coverage-map-{part}"] = coverage_map(network, places, basis, polygons=polygons)
        charts[f"coverage-by-county-{part}"] = coverage_by_county(network, places, basis, polygons=polygons)[
            0
        ]
    for basis in told:
        part = basis.replace("_", "-")
        charts[f"scheduled-map-{part}"] = coverage_map(
            network, places, basis, polygons=polygons, scheduled=True
        )
        charts[f"beyond-timetable-{part}"] = beyond_timetable_map(network, places, basis, polygons=polygons)
    if costs is not None:
        charts["cost-by-prefecture"] = cost_bars(costs[0])
        charts["cost-map"] = cost_map(network, costs[1], polygons=polygons)
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]


def draw_comparison(
    network: Network,
    base: tuple[str, Sequence[Summary], Columns],
    others: Sequence[tuple[str, Sequence[Summary], Columns]],
    folder: str | Path,
    formats: Sequence[str] = ("png", "svg"),
    polygons: bool = False,
    alike: Sequence[bool] = (),
) -> list[Path]:
    """Draw what other scenarios change against a base.

    Parameters
    ----------
    network
        Of the base.
    base, others
        Name, summaries (one for each replication) and places of each scenario.
    folder, formats, polygons
        As for `draw_run`.
    alike
        Whether each of the others ran with the items and draws of the base; all by default.  Curves, which
        have paired bands, leave out what did not; maps do not need it.

    Returns
    -------
    list of pathlib.Path
        ``difference-curve-<basis>`` with all scenarios, and
        ``difference-map-<basis>-<name>`` for each.
    """
    charts: dict[str, Axes] = {}
    for basis in BASES:
        pairs = alike or [True] * len(others)
        curves = {name: summaries for (name, summaries, _), pair in zip(others, pairs, strict=True) if pair}
        part = basis.replace("_", "-")
        if curves:
            charts[f"difference-curve-{part}"] = difference_curve(base[1], curves, basis)
        for name, _, places in others:
            charts[f"difference-map-{part}-{name}"] = difference_map(
                network, base[2], places, basis, (base[0], name), polygons=polygons
            )
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]


def draw_ladder(
    rungs: Sequence[Summary], headline: Headline, folder: str | Path, formats: Sequence[str] = ("png", "svg")
) -> list[Path]:
    """Draw the scenarios of a comparison side by side.

    Parameters
    ----------
    rungs
        Rows of ``ladder.csv``.
    headline
        Its measure.
    folder, formats
        As for `draw_run`.

    Returns
    -------
    list of pathlib.Path
        ``ladder``, ``frontier-vehicles``, ``frontier-yuan``.
    """
    if len(rungs) < 2:
        return []
    share = headline.unit == "share"
    unit, scale = ("percentage points", 100.0) if share else (headline.unit, 1.0)
    better = headline.better or -1
    charts = {"ladder": ladder_chart(rungs, headline.label, unit, better, scale)}
    for axis in ("vehicles", "yuan"):
        charts[f"frontier-{axis}"] = frontier_chart(rungs, headline.label, unit, axis, better, scale)
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]
