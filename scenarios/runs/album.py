"""Every chart of a run, as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from network.model.network import Network
from scenarios.charts.compare import beyond_timetable_map
from scenarios.charts.cost import cost_bars, cost_map
from scenarios.charts.curves import coverage_curve
from scenarios.charts.ground import place_times
from scenarios.charts.load import route_load
from scenarios.charts.maps import coverage_by_county, coverage_map, route_map
from scenarios.charts.style import save
from scenarios.charts.times import transit_times
from scenarios.charts.warmup import start_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_run"]

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
        `network.accessibility.scheduled_measures.scheduled_columns` are drawn beside the simulated.
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
    with_schedule = [basis for basis in BASES if f"{basis}_scheduled_p80_h" in places]
    scheduled = {
        basis: (place_times(places, basis, True), np.asarray(places["people"])) for basis in with_schedule
    }
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
    for basis in with_schedule:
        part = basis.replace("_", "-")
        charts[f"scheduled-map-{part}"] = coverage_map(
            network, places, basis, polygons=polygons, scheduled=True
        )
        charts[f"beyond-timetable-{part}"] = beyond_timetable_map(network, places, basis, polygons=polygons)
    if costs is not None:
        charts["cost-by-prefecture"] = cost_bars(costs[0])
        charts["cost-map"] = cost_map(network, costs[1], polygons=polygons)
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]
