"""Changes carried out one after the other: what they make together, and all that cannot be made."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from network.errors import InputErrors
from network.exchange.archive import dumps, loads
from network.explain import Explainer
from network.model.network import Network
from network.reconcile import reconcile
from scenarios.changes import Change
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import resolve
from sim.plan import RunPlan
from sim.run import simulate
from sim.state.records import REFUSED

MONDAY = dt.date(2021, 5, 10)
SMALL = {"demand": {"inbound": 0.2, "originating": 0.2}}


def applied(network: Network, *changes: dict[str, object]) -> Network:
    resolved = resolve({"base": "xizang-2021", **SMALL, "change": list(changes)})
    return apply_scenario(network, resolved.scenario)


def test_every_operation_that_may_be_written_is_carried_out() -> None:
    for model in get_args(get_args(Change)[0]):
        assert "apply" in vars(model), model


def test_what_cannot_be_made_is_told_by_its_key_all_at_once(small_network: Network) -> None:
    changes = [
        {"op": "reroute_route", "route": "road-009", "stops": ["Tingri", "Lhaze"]},
        {"op": "move_outlet", "outlet": "P-9999", "to": "540223200"},
        {"op": "move_outlet", "station": "540223200-v99", "to": "540223200-v01"},
        {"op": "close_stations", "where": ["540223200-v999"]},
        {"op": "add_vehicles", "number": 1, "vehicle": "van", "duty": "road-01"},
        {"op": "equip_centres", "centres": ["Bayi (Nyingchi)"], "lanes": 3},
        {"op": "improve_road", "route": "rail-01", "speed_kmh": 60.0},
        {"op": "add_road", "between": ["Tingri", "Lhaze"], "km": 200.0},
        {"op": "set_outlet_hours", "cutoff": "23:00"},
        {"op": "close_road_yearly", "links": ["540225-540202"], "months": [1]},
    ]
    with pytest.raises(InputErrors) as error:
        applied(small_network, *changes)
    assert [(p.table.split()[1], p.key, p.value) for p in error.value.problems] == [
        ("1", "route", "road-009"),
        ("2", "outlet", "P-9999"),
        ("3", "station", "540223200-v99"),
        ("4", "where", "540223200-v999"),
        ("5", "duty", "road-01"),
        ("6", "", "no lanes work at 540402"),
        ("7", "route", "rail-01"),
        ("8", "", "the road 540225-540223 joins these two already"),
        ("9", "", "the centre takes in at 18:00 what outlets accept until 23:00: give a later intake"),
    ]
    near = {p.value: p.nearest for p in error.value.problems}
    assert near["P-9999"].startswith("P-") and near["540223200-v999"].startswith("540223200-v")


def test_changes_build_on_each_other(small_network: Network) -> None:
    changed = applied(
        small_network,
        {"op": "add_road", "between": ["Seni (Nagqu)", "Lhaze"], "km": 560.0},
        {"op": "improve_road", "links": ["540602-540225"], "speed_kmh": 70.0},
        {
            "op": "add_route", "mode": "road", "id": "road-new", "stops": ["Seni (Nagqu)", "Lhaze"],
            "per_week": 3,
        },
        {"op": "retime_route", "route": "road-new", "per_week": 7},
        {"op": "add_vehicles", "number": 2, "vehicle": "truck-6.8", "duty": "road-new"},
        {"op": "close_road_yearly", "route": "road-new", "months": [1, 2]},
    )  # fmt: skip
    route = changed.route("road-new")
    assert (route.km, len(route.services[0].starts_s)) == (560.0, 7)
    assert route.leg_kmh == pytest.approx((70.0,))
    assert sum(v.duty == "road-new" for v in changed.vehicles) >= 2
    assert loads(dumps(changed)).routes == changed.routes
    explainer = Explainer(changed)
    for field in ("km", "stops", "hours", "per_week", "departs", "vehicle", "vehicles_per_trip"):
        assert any("scenario" in o.key for o in explainer.explain(f"route.road-new.{field}").origins), field


def test_a_place_that_no_route_comes_to_any_more_has_its_mail_refused(small_network: Network) -> None:
    gone = applied(small_network, {"op": "remove_route", "route": "road-002"})  # the only one to Nagqu
    result = simulate(gone, RunPlan(MONDAY, 0, 2))
    where = gone.places.prefecture
    origin, dest = (result.items[name] for name in ("origin", "dest"))
    nagqu = [(row >= 0) & (where[np.maximum(row, 0)] == "Nagqu") for row in (origin, dest)]
    across = nagqu[0] != nagqu[1]
    assert across.any()
    assert (result.items["outcome"][across] == REFUSED).all()
    row = {row.name: row for row in reconcile(gone)}["road_routes"]
    assert row.ok is None and "removed road-002" in row.note


def test_the_base_is_never_written_to(small_network: Network) -> None:
    before = dumps(small_network)
    applied(
        small_network,
        {"op": "add_class", "code": "medicine", "name": "Medicine", "flow": "head", "yearly": 0.5},
        {"op": "close_stations", "where": {"share_of_villages": 0.5}},
        {"op": "equip_centres", "tier": "county", "lanes": 5},
        {"op": "scale_fleet", "factor": 0.5},
    )
    assert dumps(small_network) == before
    assert replace(small_network, changed=()).changed == small_network.changed
