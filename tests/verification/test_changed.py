"""A network that many changes went over runs as the obvious model says."""

from __future__ import annotations

import datetime as dt

import pytest
from compare import disagreements

from network.edit.demand import add_class, scale_demand, set_inbound_ratio
from network.edit.operations import add_vehicles, equip_centres, set_operations
from network.edit.outlets import close_stations, select_villages, set_outlet_hours
from network.edit.roads import add_road, close_road_yearly, improve_road
from network.edit.rounds import select_rounds, set_rounds
from network.edit.routes import add_route, reroute_route
from network.model.network import Network
from network.model.operations import Operations
from sim.plan import RunPlan
from sim.run import make_demand, simulate

MONDAY = dt.date(2021, 6, 28)  # landslides
MEDICINE = {
    "code": "medicine", "name": "Medicine", "flow": "head", "yearly": 0.5, "inbound_ratio": 2.0,
    "mean_kg": 0.5, "items_per_m3": 200.0, "tariff_yuan": 12.0, "any_share": 0.2, "signed": True,
    "private_ok": False,
}  # fmt: skip


def changed_in_every_way(network: Network) -> Network:
    """Return a network with a change of each kind."""
    network = reroute_route(network, "road-003", ("Chengguan (Lhasa)", "Seni (Nagqu)", "Baingoin"))
    network = add_route(
        network, mode="air", stops=("Gar (Shiquanhe)", "GW_CHENGDU"), per_week=3, leg_km=(2000.0,)
    )
    network = set_outlet_hours(network, 20 * 3600 + 1800, 21 * 3600 + 1800, prefecture="Lhasa")
    network = close_stations(network, select_villages(network, share_of_villages=0.4, with_station=True))
    network = set_rounds(
        network, select_rounds(network, prefecture="Xigaze", share_of_villages=0.3), 7, on_holidays=True
    )
    network = equip_centres(network, tier="prefecture", more_lanes=1, sorter_rate_per_h=4000)
    network = add_vehicles(network, 5, "truck-9.6", "Gar (Shiquanhe)")
    network = add_road(network, ("Gerze", "Rutog"), 460.0, speed_kmh=60.0)
    network = improve_road(network, 70.0, route="road-002")
    network = close_road_yearly(network, "07-01", "07-02", route="road-049")
    network = set_inbound_ratio(network, 4.0, ["express"])
    network = add_class(network, MEDICINE, after="ems")
    return set_operations(network, **vars(Operations(True, True, True, True, True, True)))


@pytest.mark.slow
def test_every_item_of_a_much_changed_xizang_has_the_times_of_the_obvious_model(
    xizang_2021: Network,
) -> None:
    changed = changed_in_every_way(xizang_2021)
    assert any(route.leg_kmh for route in changed.routes)
    thin = scale_demand(changed, 0.01)
    plan = RunPlan(MONDAY, warmup_days=0, measured_days=1)
    result = simulate(thin, plan)
    assert disagreements(thin, make_demand(thin, plan.seed, plan.replication), result) == []
    assert len(result.items["key"]) > 700
    assert set(result.items["cls"].tolist()) == set(range(7))
