"""A region's inputs as tables: places, roads, air and rail, assumptions, published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

import pandas as pd

from network.inputs.tables import load_region, regions
from scenarios.frames.shown import Shown

__all__ = ["RegionTables", "region_names"]


def region_names() -> list[str]:
    """Return the names of the regions that come with the package."""
    return regions()


class RegionTables(Shown):
    """The inputs of a region, row by row with their sources.

    Parameters
    ----------
    name
        Of a region of the package.
    """

    def __init__(self, name: str) -> None:
        self.inputs = load_region(name)
        self.name = name

    @property
    def _about(self) -> str:
        r = self.inputs
        return f"{self.name}: {len(r.counties)} counties, {len(r.townships)} townships, {len(r.roads)} roads"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"counties": self.counties}

    @cached_property
    def counties(self) -> pd.DataFrame:
        """Counties, by code, with their people and seats."""
        return _rows(self.inputs.counties).set_index("code")

    @cached_property
    def townships(self) -> pd.DataFrame:
        """Townships, by code."""
        return _rows(self.inputs.townships).set_index("code")

    @cached_property
    def roads(self) -> pd.DataFrame:
        """Road links between county seats and gateways."""
        return _rows(self.inputs.roads)

    @cached_property
    def airports(self) -> pd.DataFrame:
        """Airports."""
        return _rows(self.inputs.airports)

    @cached_property
    def air_routes(self) -> pd.DataFrame:
        """Flights that can carry mail."""
        return _rows(self.inputs.air_routes)

    @cached_property
    def stations(self) -> pd.DataFrame:
        """Railway stations."""
        return _rows(self.inputs.stations)

    @cached_property
    def gateways(self) -> pd.DataFrame:
        """Gateways outside the region."""
        return _rows(self.inputs.gateways)

    @cached_property
    def monasteries(self) -> pd.DataFrame:
        """Monasteries that mail goes to."""
        return _rows(self.inputs.monasteries)

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Every assumed value: default, range and unit."""
        values = self.inputs.assumptions
        entries = {name: values.entry(name) for name in values}
        return pd.DataFrame(
            [(name, e.default, e.low, e.high, e.unit) for name, e in entries.items()],
            columns=["assumption", "default", "low", "high", "unit"],
        ).set_index("assumption")

    def figures(self, year: int) -> pd.DataFrame:
        """Return the published figures of a year: value, precision, unit, date, and the words quoted.

        Raises
        ------
        YizhanError
            If no report of this year comes with the region.
        """
        figures = self.inputs.report(year).figures
        return _rows(tuple(figures.values())).set_index("name").rename_axis("figure")


def _rows(rows: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame([asdict(row) for row in rows])
