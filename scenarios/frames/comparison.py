"""A comparison as tables: differences with intervals, by place, and what each scenario takes."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from network.errors import YizhanError
from scenarios.comparison import differences as difference_rows
from scenarios.comparison.compared import Comparison as Compared
from scenarios.frames.measures import unit_of
from scenarios.frames.naming import Names
from scenarios.frames.run import Run
from scenarios.frames.shown import Shown
from scenarios.runs.headlines import HEADLINES, WORKINGS
from scenarios.support.tables import read_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Comparison"]


class Comparison(Shown):
    """Scenarios set against a base under the same items, dates and streams of chance.

    Parameters
    ----------
    compared
        What was compared.
    folder
        Where it is kept.
    """

    def __init__(self, compared: Compared, folder: Path) -> None:
        self.compared, self.folder = compared, folder

    @property
    def _about(self) -> str:
        names = ", ".join(run.name for run in self.others)
        n = len(self.compared.base.measures)
        return f"of {names} with {self.base.name}, {n} replication{'s' if n > 1 else ''}"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"differences": self.differences}

    @cached_property
    def base(self) -> Run:
        """The run of the base."""
        return Run(self.compared.base)

    @cached_property
    def others(self) -> tuple[Run, ...]:
        """The runs of the others."""
        return tuple(Run(run) for run in self.compared.others)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure of all pairs, by scenario and key, as in ``differences.csv``."""
        rows = [
            row
            for other, by_measure in zip(self.compared.others, self.compared.differences, strict=True)
            for row in difference_rows.rows(other.summary["scenario"], by_measure)
        ]
        table = pd.DataFrame(rows).set_index(["scenario", "measure"])
        return table.astype(dict.fromkeys(table.columns.drop("paired"), float))

    @cached_property
    def differences(self) -> pd.DataFrame:
        """The measures shown first: base, other, difference and its 95 % interval, unit, better or worse.

        The verdict is that of the interval read alone; with one replication there is none.
        """
        rows = [
            {
                "scenario": other.summary["scenario"],
                "measure": head.label.strip(),
                "base": by_measure[head.key].base,
                "other": by_measure[head.key].other,
                "difference": by_measure[head.key].difference,
                "half_width": by_measure[head.key].half_width,
                "unit": head.unit,
                "verdict": _verdict(
                    by_measure[head.key].difference * head.better, by_measure[head.key].clear
                ),
            }
            for other, by_measure in zip(self.compared.others, self.compared.differences, strict=True)
            for head in (*HEADLINES, *WORKINGS)
            if head.key in by_measure
        ]
        table = pd.DataFrame(rows).set_index(["scenario", "measure"]).astype({"half_width": float})
        table.insert(3, "low", table["difference"] - table["half_width"])
        table.insert(4, "high", table["difference"] + table["half_width"])
        return table

    @cached_property
    def places(self) -> pd.DataFrame:
        """The same by place, for the measures of hours and shares in time, with intervals."""
        table = pd.DataFrame(read_columns(self.folder / "differences_places.parquet"))
        table["county"] = Names(self.compared.base.network).places(table["county"])
        return table.rename(columns={"name": "place"}).set_index(["scenario", "measure", "id"])

    @cached_property
    def requirements(self) -> pd.DataFrame:
        """What each scenario takes more than the base: vehicles, drivers, km a week."""
        rows = {
            other.summary["scenario"]: extra.more
            for other, extra in zip(self.compared.others, self.compared.requirements, strict=True)
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")

    @property
    def summary(self) -> str:
        """The comparison in plain words, as in ``summary.md``; empty where it is not in words."""
        path = self.folder / "summary.md"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def difference(self, measure: str) -> pd.DataFrame:
        """Return one measure of all scenarios, by its key or as `yizhan.sweep` names it.

        Raises
        ------
        YizhanError
            If there is no such measure, or it is not known in every replication.
        """
        from scenarios.frames.measures import measure_key

        key = measure_key(measure, self.compared.base.network)
        if key not in self.measures.index.get_level_values("measure"):
            raise YizhanError(f"{measure} ({key}) is not known in every replication of both")
        table = self.measures.xs(key, level="measure")[["base", "other", "difference", "half_width"]]
        return table.assign(unit=unit_of(key))

    def map(self, other: int = 0, ax: Axes | None = None, basis: str = "inbound") -> Axes:
        """Draw by how many hours the P80 of each village changes."""
        from scenarios.charts.compare import difference_map

        runs = self.compared.base, self.compared.others[other]
        names = (str(runs[0].summary["scenario"]), str(runs[1].summary["scenario"]))
        return difference_map(runs[0].network, runs[0].places, runs[1].places, basis, names, ax=ax)

    def curve(self, ax: Axes | None = None, basis: str = "inbound") -> Axes:
        """Draw by how much more of the people are reached within each number of hours."""
        from scenarios.charts.compare import difference_curve

        others = {str(run.summary["scenario"]): run.measures for run in self.compared.others}
        return difference_curve(self.compared.base.measures, others, basis, ax=ax)


def _verdict(gain: float, clear: bool) -> str:
    return "" if not clear or not gain else "better" if gain > 0 else "worse"
