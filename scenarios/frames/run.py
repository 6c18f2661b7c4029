"""A finished run as tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scenarios.frames.measures import headline_frame, measures_frame
from scenarios.frames.naming import Names, by_number, dates, spans
from scenarios.frames.network import NetworkTables
from scenarios.frames.shown import Shown
from scenarios.runs.columns import UNDELIVERED
from scenarios.runs.folder import StoredRun
from sim.measures.transit import DIRECTIONS, OUTCOMES, STAGES
from sim.state.ledger import IN_TRANSIT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from scenarios.frames.answers import Costs, ServiceAnswer

__all__ = ["Run"]

FATES = ("timetabled", "extra", "cancelled by the weather", "no vehicle available")
#: Columns of item records that are kept as they are.
_PLAIN = ("replication", "grams", "cm3", "hops", "missed_dispatches", "cancelled", "attempts")


class Run(Shown):
    """A run: its measures with intervals, its records by name, its charts.

    Parameters
    ----------
    stored
        The run folder.
    """

    def __init__(self, stored: StoredRun) -> None:
        self.stored = stored

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self.stored.path

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.stored.summary["scenario"])

    @property
    def _about(self) -> str:
        summary = self.stored.summary
        n = summary["replications"]
        return (
            f"{self.name}: {summary['measured_days']} measured days, {n} replication{'s' if n > 1 else ''}, "
            f"seed {summary['seed']}, in {self.folder}"
        )

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"summary": self.summary}

    def network(self) -> NetworkTables:
        """Return the network that ran."""
        return NetworkTables(self.stored.network, self.name)

    @cached_property
    def _names(self) -> Names:
        return Names(self.stored.network)

    # ------------------------------------------------------------ measures

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The measures shown first: mean, half-width of the 95 % interval, unit."""
        return headline_frame(self.measures)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """All measures, by their key in ``summary.json``: mean, half-width, unit."""
        return measures_frame(self.stored.measures)

    # ------------------------------------------------------------ records

    def places(self) -> pd.DataFrame:
        """Return hours and items to every place, by id: means over the replications, names, people."""
        table = pd.DataFrame({name: _text(column) for name, column in self.stored.places.items()})
        table["county"] = self._names.places(table["county"])
        return table.set_index("id").rename(columns={"name": "place"})

    def items(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the records of all measured items, by key: from, to, class, when, and each stage's time.

        Parameters
        ----------
        columns
            Which ones, to spare memory: four weeks at full volume have 13 million items.

        Raises
        ------
        StoreError
            If the run keeps no item records.
        """
        network, start = self.stored.network, self.stored.scenario.plan.start
        classes = [str(row["name"]) for row in network.assumptions.table("classes")]
        brands = [*(str(row["name"]) for row in network.assumptions.table("brands")), "the post"]
        stops = [*self._names.places(network.stops), ""]
        made: dict[str, Any] = {
            "class": ("cls", lambda c: by_number(c, classes)),
            "brand": ("brand", lambda c: by_number(c, brands)),
            "direction": ("direction", lambda c: by_number(c, DIRECTIONS)),
            "origin": ("origin", self._names.ends),
            "destination": ("dest", self._names.ends),
            "accepted": ("accepted_s", lambda c: dates(c, start)),
            "ended": ("ended_s", lambda c: dates(c, start, -1)),
            "outcome": ("outcome", lambda c: by_number(c, OUTCOMES)),
            "held": ("held", lambda c: by_number(c, IN_TRANSIT)),
            "held_at": ("held_at", lambda c: by_number(c, stops)),
            **{stage: (f"{stage}_s", spans) for stage in STAGES},
            **{name: (name, lambda c: c) for name in _PLAIN},
        }
        wanted = list(made) if columns is None else list(columns)
        _check(wanted, made)
        records = self.stored.columns("items", ["key", *{made[name][0] for name in wanted}])
        table = {name: made[name][1](records[made[name][0]]) for name in wanted}
        return pd.DataFrame(table, index=pd.Index(records["key"], name="key"))

    def trips(self) -> pd.DataFrame:
        """Return what each trip carried from each stop: when it left, how late, load, and left behind."""
        network, records = self.stored.network, self.stored.columns("trips")
        routes = network.routes
        leaves = [
            [self._names.places(stops) for stops in (route.stops, tuple(reversed(route.stops)))]
            for route in routes
        ]
        where = zip(*(records[name].tolist() for name in ("route", "direction", "stop")), strict=True)
        return pd.DataFrame(
            {
                "replication": records["replication"],
                "route": by_number(records["route"], [route.id for route in routes]),
                "name": by_number(records["route"], [route.name for route in routes]),
                "direction": by_number(records["direction"], ("outward", "back")),
                "from": pd.Categorical([leaves[route][way][stop] for route, way, stop in where]),
                "departs": dates(records["departs_s"], self.stored.scenario.plan.start),
                "late": spans(records["late_s"]),
                "fate": by_number(records["fate"], FATES),
                **{name: records[name] for name in ("boarded", "on_board", "load_kg", "load_m3")},
                **{name: records[name] for name in ("capacity_kg", "capacity_m3", "missed_dispatches")},
            }
        )

    def undelivered(self) -> pd.DataFrame:
        """Return what was not delivered, by reason and stop."""
        return pd.DataFrame(self.stored.undelivered, columns=[column.name for column in UNDELIVERED])

    # ------------------------------------------------------------ questions

    def cost(self) -> Costs:
        """Return what it cost, emitted and earned."""
        from scenarios.frames.answers import costs_of

        return costs_of(self.stored)

    def custody(self, item: int | None = None, replication: int = 0) -> pd.DataFrame:
        """Return how often confidential mail came into each kind of hand; see `yizhan.custody`."""
        from scenarios.runs.custody import CHAIN_COLUMNS, COUNT_COLUMNS, chain, count_hands

        if item is None:
            rows: Sequence[tuple[Any, ...]] = count_hands(self.stored, replication)
            return pd.DataFrame(rows, columns=[column.name for column in COUNT_COLUMNS])
        rows = chain(self.stored, item, replication)
        return pd.DataFrame(rows, columns=[column.name for column in CHAIN_COLUMNS])

    def service(self, standards: Sequence[str] = (), share: float = 0.8) -> ServiceAnswer:
        """Return how it keeps service standards; see `yizhan.service`."""
        from scenarios.frames.answers import service_of

        return service_of(self.stored, standards, share)

    def validate(self) -> pd.DataFrame:
        """Return the observed facts of the region beside its answers."""
        from scenarios.frames.answers import validation_of

        return validation_of(self.stored)

    # ------------------------------------------------------------ charts

    def map(self, ax: Axes | None = None, basis: str = "inbound") -> Axes:
        """Draw each village in the colour of the hours within which 80 % of its items came."""
        from scenarios.charts.maps import coverage_map

        return coverage_map(self.stored.network, self.stored.places, basis, ax=ax)

    def curve(self, ax: Axes | None = None, bases: Sequence[str] = ("inbound",)) -> Axes:
        """Draw the share of the people reached against hours, the scheduled dashed."""
        from scenarios.charts.curves import coverage_curve

        places = self.stored.places
        lived = places["people"] > 0
        scheduled = {
            basis: (places[f"{basis}_scheduled_p80_h"][lived], places["people"][lived]) for basis in bases
        }
        return coverage_curve(self.stored.measures, bases, scheduled, ax=ax)

    def times(self, ax: Axes | None = None) -> Axes:
        """Draw the mean transit time between kinds of places as bars of its stages."""
        from scenarios.charts.times import transit_times

        return transit_times(self.stored.measures[0], ax=ax)

    def plot(self, folder: str | Path | None = None) -> list[Path]:
        """Draw all charts as PNG and SVG into a folder, ``plots`` of the run by default; return the files."""
        from scenarios.runs.run import draw

        return draw(self.stored, self.folder / "plots" if folder is None else Path(folder))


def _text(column: np.ndarray) -> np.ndarray:
    return column.astype(object) if column.dtype.kind == "U" else column


def _check(wanted: Sequence[str], known: Sequence[str] | dict[str, Any]) -> None:
    from network.errors import InputErrors, Problem, nearest

    problems = [
        Problem("items", "", "columns", name, "one of " + ", ".join(known), nearest(name, known))
        for name in wanted
        if name not in known
    ]
    if problems:
        raise InputErrors(problems)
