"""Coverage of a network by its timetable, beside that of a run; what ``yizhan coverage`` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from network.accessibility.access import access_measures, frequency_measures
from network.accessibility.coverage import reach
from network.accessibility.criticality import Criticality
from network.accessibility.equity import equity
from network.accessibility.marginal_gains import Gain
from network.accessibility.scheduled_measures import reach_at
from network.accessibility.scheduled_times import Ends, ScheduledTimes, scheduled, scheduled_from
from network.geography.areas import Areas
from network.model.network import Network
from scenarios.runs.folder import StoredRun
from scenarios.support.folders import write_files
from scenarios.support.progress import Progress
from scenarios.support.tables import csv_text

__all__ = [
    "BASES",
    "FOLDER",
    "CoverageReport",
    "Query",
    "draw_coverage",
    "place_rows",
    "report_coverage",
    "write_coverage",
]

FOLDER = "coverage"
BASES = ("inbound", "from_gateway", "regional")


@dataclass(frozen=True)
class Query:
    """What is asked: from where, which share of a place's mail must be in time, within which hours."""

    origin: str = "inbound"  # one of `BASES`, or a place id
    quantile: float = 0.8
    hours: tuple[int, ...] = (24, 48, 72, 168)

    @property
    def basis(self) -> str:
        """Basis of the scheduled times."""
        return self.origin if self.origin in BASES else "origin"


@dataclass(frozen=True, eq=False)
class CoverageReport:
    """Coverage of a network, scheduled and simulated; None for a run that does not hold it."""

    name: str
    network: Network
    query: Query
    ends: Ends
    times: ScheduledTimes
    coverage: dict[str, dict[str, Any] | None]  # scheduled, run: as `network.accessibility.coverage.reach`
    equity: dict[str, dict[str, float | None] | None]
    of: dict[str, float | int]
    frequency: dict[str, Any]
    access: dict[str, Any]
    run: StoredRun | None = None
    critical: Sequence[Criticality] = ()
    gains: Sequence[Gain] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what a program wants to read."""
        return {
            "scenario": self.name,
            "origin": self.query.origin,
            "quantile": self.query.quantile,
            "of": self.of,
            "coverage": self.coverage,
            "equity": self.equity,
            "frequency": self.frequency,
            "access": self.access,
            "critical": [_closing(row) for row in self.critical],
            "gains": [_gain(row) for row in self.gains],
        }


def report_coverage(
    name: str,
    network: Network,
    query: Query,
    run: StoredRun | None = None,
    progress: Progress | None = None,
) -> CoverageReport:
    """Return the coverage of a network by the timetable alone, and of a run if there is one.

    Raises
    ------
    YizhanError
        If nothing can be sent from the origin that is asked for.
    """
    (progress or Progress()).step("searching the timetable")
    ends = Ends.of(network)
    if query.basis == "origin":
        times = scheduled_from(network, query.origin, ends=ends)
    else:
        times = scheduled(network, ends=ends, bases=(query.basis,))
    places = network.places
    areas = Areas.of(places)
    by_timetable = reach_at(network, times, query.basis, (query.quantile,), query.hours, areas)
    unequal = equity(times.mean_h[query.basis], places.population, places.border)
    return CoverageReport(
        name=name,
        network=network,
        query=query,
        ends=ends,
        times=times,
        coverage={"scheduled": by_timetable[query.quantile], "run": _of_run(run, query)},
        equity={"scheduled": unequal, "run": _equity_of_run(run, query)},
        of=areas.sizes(places.population),
        frequency=frequency_measures(network),
        access=access_measures(network),
        run=run,
    )


def _of_run(run: StoredRun | None, query: Query) -> dict[str, Any] | None:
    """Return the same figures of a run; areas are counted for the hours that the run counted."""
    column = f"{query.origin}_p{round(100 * query.quantile)}_h"
    if run is None or query.quantile not in (0.5, 0.8) or column not in run.places:
        return None
    places = run.places
    measured = np.asarray(places[f"{query.origin}_n"]) > 0
    kinds = {"villages": np.isin(places["kind"][measured], ("village", "committee"))}
    people = np.asarray(places["people"], dtype=np.float64)[measured]
    reached = reach(places[column][measured], people, kinds, {}, query.hours)
    counted = run.summary["measures"]["coverage"][query.origin]
    counted = counted if query.quantile == 0.8 else counted.get("at_p50", {"within": {}})
    for h, row in reached["within"].items():
        row.update({key: value for key, value in counted["within"].get(h, {}).items() if key not in row})
    return reached


def _equity_of_run(run: StoredRun | None, query: Query) -> dict[str, float | None] | None:
    if run is None or f"{query.origin}_mean_h" not in run.places:
        return None
    places = run.places
    return equity(places[f"{query.origin}_mean_h"], places["people"], places["border"])


def _closing(row: Criticality) -> dict[str, Any]:
    return {"kind": row.kind, "name": row.name, "routes": " ".join(row.routes), **vars(row.effect)}


def _gain(row: Gain) -> dict[str, Any]:
    cells = {"kind": row.kind, "id": row.id, "name": row.name, "unit": row.unit, "km_per_week": row.km}
    return {**cells, **vars(row.effect)}


def write_coverage(report: CoverageReport, folder: Path) -> list[Path]:
    """Write ``coverage.json`` and tables into a folder, and return the files."""
    tables = {"coverage": _coverage_rows(report), "places": place_rows(report)}
    tables["critical"] = [_closing(row) for row in report.critical]
    tables["bottlenecks"] = [_gain(row) for row in report.gains]
    files: dict[str, Any] = {"coverage.json": report.as_dict()}
    files |= {f"{name}.csv": csv_text(rows) for name, rows in tables.items() if rows}
    return write_files(folder, files)


def _coverage_rows(report: CoverageReport) -> list[dict[str, Any]]:
    return [
        {"form": form, "hours": h, **row}
        for form, table in report.coverage.items()
        if table is not None
        for h, row in table["within"].items()
    ]


def place_rows(report: CoverageReport) -> list[dict[str, Any]]:
    """Return the rows of ``places.csv``: the hours to every place of the region."""
    places, basis = report.network.places, report.query.basis
    at = {q: report.times.quantile_h(basis, q) for q in sorted({0.5, 0.8, report.query.quantile})}
    return [
        {
            "id": places.id[row],
            "name": places.name_en[row],
            "kind": places.kind[row],
            "county": places.county[row],
            "prefecture": places.prefecture[row],
            "border": bool(places.border[row]),
            "people": float(places.population[row]),
            "mean_h": round(float(report.times.mean_h[basis][row]), 3),
            **{f"p{100 * q:g}_h": round(float(hours[row]), 3) for q, hours in at.items()},
        }
        for row in np.flatnonzero(places.kind != "gateway").tolist()
    ]


def draw_coverage(report: CoverageReport, folder: Path, title: str) -> list[Path]:
    """Draw the curve and the map by the timetable alone, and how far a run stays behind; return the files.

    Parameters
    ----------
    title
        From where, in words.
    """
    from scenarios.charts.compare import beyond_timetable_map
    from scenarios.charts.curves import coverage_curve
    from scenarios.charts.maps import coverage_map
    from scenarios.charts.style import save

    network, query = report.network, report.query
    inside = network.places.kind != "gateway"
    hours = report.times.quantile_h(query.basis, query.quantile)[inside]
    people = network.places.population[inside]
    basis = query.origin if query.origin in BASES else title
    columns = {
        f"{basis}_scheduled_p80_h": hours,
        "people": people,
        "lat": network.places.lat[inside],
        "lon": network.places.lon[inside],
    }
    beside = report.run if report.coverage["run"] is not None and query.quantile == 0.8 else None
    summaries = beside.measures if beside else []
    lived = people > 0
    charts = {
        "coverage-curve": coverage_curve(
            summaries,
            (basis,),
            {basis: (hours[lived], people[lived])},
            share_in_time=query.quantile,
        ),
        "coverage-map": coverage_map(network, columns, basis, scheduled=True, share_in_time=query.quantile),
    }
    if beside:
        places = {**beside.places, f"{basis}_scheduled_p80_h": hours}
        charts["beyond-timetable"] = beyond_timetable_map(network, places, basis)
    return [file for name, ax in charts.items() for file in save(ax, folder / name, ("png",))]
