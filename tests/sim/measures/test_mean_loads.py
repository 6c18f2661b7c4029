"""The fluid that sizes vehicles and lanes carries what the simulation carries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from network.capacity.sizing import mean_loads
from network.demand.rates import demand_of
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.routing.search import make_plan
from sim.run import RunPlan, simulate

SCALE = 0.02
WEEKS = 3


@pytest.mark.slow
def test_fluid_and_simulation_carry_the_same(xizang_2021: Network) -> None:
    """Items a week on every leg of every route agree within chance and the season of the year.

    The simulated weeks lie in a month with fewer items than the mean day's (published months), which is
    taken out by one common factor; a leg's count is then near Poisson.
    """
    network = replace(xizang_2021, demand=DemandSettings(scales=(DemandScale(SCALE),)))
    run = simulate(network, RunPlan(dt.date(2021, 4, 12), 28, 7 * WEEKS))
    begin, end = run.plan.window_s
    trips = {
        name: column[(run.trips["departs_s"] >= begin) & (run.trips["departs_s"] < end)]
        for name, column in run.trips.items()
    }

    plan = make_plan(network)
    fluid = mean_loads(network, demand_of(network), plan).items
    table = plan.timetable
    trip_of_call = np.repeat(np.arange(len(table.route)), np.diff(table.first))
    leg = (table.route[trip_of_call] * 2 + table.direction[trip_of_call]) * 16
    leg = leg + np.arange(len(fluid)) - table.first[trip_of_call]
    expected = np.bincount(leg, weights=fluid)
    seen_leg = (trips["route"].astype(int) * 2 + trips["direction"]) * 16 + trips["stop"]
    seen = np.bincount(seen_leg, weights=trips["on_board"], minlength=len(expected)) / WEEKS

    assert seen.sum() > 50_000
    season = seen.sum() / expected.sum()
    assert 0.85 < season < 1.0
    # Acceptance hours are smoothed in the fluid, so parallel routes may share their flow differently:
    # most legs agree closely, and nothing is carried twice.
    spread = np.abs(seen - season * expected)
    allowed = 5 * np.sqrt(season * expected / WEEKS) + 0.15 * season * expected + 5
    assert (spread[expected > 0] <= allowed[expected > 0]).mean() > 0.85
