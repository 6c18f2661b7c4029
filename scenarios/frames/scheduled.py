"""Scheduled times as tables and charts: what the timetable alone allows, without queues or chance."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from network.accessibility.scheduled_measures import scheduled_measures
from network.accessibility.scheduled_times import ScheduledTimes, scheduled
from network.model.network import Network
from scenarios.frames.measures import headline_frame, measures_frame
from scenarios.frames.naming import Names
from scenarios.frames.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Scheduled"]

BASES = ("inbound", "from_gateway", "regional")
SHARES = (0.5, 0.8)


class Scheduled(Shown):
    """How long mail takes by the timetable alone, from acceptance to the first attempt.

    Parameters
    ----------
    network
        The network.
    name
        Of the scenario.
    """

    def __init__(self, network: Network, name: str) -> None:
        self.network, self.name = network, name

    @property
    def _about(self) -> str:
        return f"times of {self.name}, by the timetable alone"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"summary": self.summary}

    @cached_property
    def times(self) -> ScheduledTimes:
        """The times of all places and bases, as arrays."""
        return scheduled(self.network)

    @cached_property
    def places(self) -> pd.DataFrame:
        """Hours to every place of the region, by id: mean, P50 and P80 from outside, the gateway, the region.

        Missing where no round comes, infinite where so much of the mail has no way.
        """
        places = self.network.places
        rows = np.flatnonzero(places.kind != "gateway")
        table = pd.DataFrame(
            {
                **Names(self.network).about([str(place) for place in places.id[rows]]),
                "kind": pd.Categorical(places.kind[rows]),
                "people": places.population[rows],
            },
            index=pd.Index(places.id[rows].astype(object), name="id"),
        )
        for basis in BASES:
            table[f"{basis}_mean_h"] = self.times.mean_h[basis][rows]
            for share in SHARES:
                table[f"{basis}_p{100 * share:.0f}_h"] = self.times.quantile_h(basis, share)[rows]
        return table

    @cached_property
    def measures(self) -> pd.DataFrame:
        """All measures, by their key in ``summary.json``: mean and unit."""
        return measures_frame([scheduled_measures(self.network, self.times)]).drop(columns="half_width")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Transit times by direction and prefecture, and the people reached: mean and unit."""
        return headline_frame(self.measures)

    def coverage(self, basis: str = "inbound", quantile: float = 0.8) -> pd.Series:
        """Return the share of the people reached, by hours, where so much of a place's mail has come."""
        hours = self.times.quantile_h(basis, quantile)
        people = np.where(self.network.places.kind == "gateway", 0.0, self.network.places.population)
        limits = np.arange(0, 337, 6)
        share = [float(people[hours <= limit].sum() / people.sum()) for limit in limits]
        return pd.Series(share, index=pd.Index(limits, name="hours"), name="people_share")

    def map(self, ax: Axes | None = None, basis: str = "inbound") -> Axes:
        """Draw each village in the colour of the hours within which 80 % of its mail comes."""
        from scenarios.charts.maps import coverage_map

        return coverage_map(self.network, self._columns(basis), basis, ax=ax, scheduled=True)

    def curve(self, ax: Axes | None = None, basis: str = "inbound") -> Axes:
        """Draw the share of the people reached against hours."""
        from scenarios.charts.curves import coverage_curve

        columns = self._columns(basis)
        lived = columns["people"] > 0
        times = columns[f"{basis}_scheduled_p80_h"][lived], columns["people"][lived]
        return coverage_curve((), (basis,), {basis: times}, ax=ax)

    def _columns(self, basis: str) -> dict[str, np.ndarray]:
        places = self.network.places
        inside = places.kind != "gateway"
        return {
            f"{basis}_scheduled_p80_h": self.times.quantile_h(basis, 0.8)[inside],
            "people": places.population[inside],
            "lat": places.lat[inside],
            "lon": places.lon[inside],
        }
