"""Scenario files: what they may say, and every problem of one that says something else."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import scenarios
from network.model.operations import Operations as NetworkOperations
from scenarios.definition.schema import SCHEMA_FILE, Operations, json_schema, problems_of, schema_text

DATE = dt.date(2021, 5, 12)
ROOT = {"region": "xizang", "year": 2021}


def told(data: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in problems_of({**ROOT, **data}, "my.toml")]


def test_a_correct_scenario_has_no_problems() -> None:
    assert told({"run": {"start": dt.date(2021, 3, 1)}, "change": [{"op": "hand_over"}]}) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"yaer": 2021}, "my.toml: yaer = 2021; allowed: no other keys; did you mean 'year'?"),
        ({"draw": 3}, "my.toml: draw = 3; allowed: this key under [options], not at the top"),
        ({"seed": 3}, "my.toml: seed = 3; allowed: this key under [options] or [run], not at the top"),
        (
            {"express_linehaul": "own"},
            "my.toml: express_linehaul = 'own'; allowed: this key under [options], not at the top",
        ),
        (
            {"run": {"sed": 1}},
            "my.toml [run]: sed = 1; allowed: no other keys; did you mean 'seed'?",
        ),
        (
            {"run": {"start": dt.date(2021, 3, 2)}},
            "my.toml [run]: start = '2021-03-02'; allowed: start must be a Monday, and 2021-03-02 is a "
            "Tuesday; 2021-03-01 is one",
        ),
        ({"run": {"warmup_days": 10}}, "my.toml [run]: warmup_days = 10; allowed: a multiple of 7"),
        ({"year": "2021"}, "my.toml: year = '2021'; allowed: a valid integer"),
        ({"assumptions": {"item_kg": "1"}}, "my.toml [assumptions]: item_kg = '1'; allowed: a valid number"),
        (
            {"options": {"fleet_scope": "industri"}},
            "my.toml [options]: fleet_scope = 'industri'; allowed: 'industry' or 'post'; "
            "did you mean 'industry'?",
        ),
        (
            {"operations": {"wether": False}},
            "my.toml [operations]: wether = False; allowed: no other keys; did you mean 'weather'?",
        ),
        (
            {"operations": {"service": "exponential"}},
            "my.toml [operations]: service = 'exponential'; allowed: no other keys",
        ),
        (
            {"weather": False},
            "my.toml: weather = False; allowed: this key under [operations], not at the top",
        ),
        (
            {"demand": {"inbond": 2}},
            "my.toml [demand]: inbond = 2; allowed: no other keys; did you mean 'inbound'?",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_the_remedy(data: dict[str, Any], message: str) -> None:
    assert told(data) == [message]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"op": "add_rout"},
            "[change 1]: op = 'add_rout'; allowed: one of add_route, remove_route, reroute_route, "
            "retime_route, equip_route, open_outlets, close_outlets, move_outlet, set_outlet_hours, "
            "open_stations, close_stations, set_rounds, hand_over, equip_centres, set_hours, scale_fleet, "
            "add_vehicles, add_road, improve_road, close_road, close_road_yearly, scale_demand, grow_demand, "
            "follow_trend, set_inbound_ratio, peak_demand, add_class; did you mean 'add_route'?",
        ),
        ({"mode": "rail"}, "[change 1]: op = '(missing)'; allowed: one of add_route,"),
        (
            {"op": "add_route", "mode": "rail", "stops": ["540102"], "per_week": 7},
            "[change 1 add_route]: stops = ['540102']; allowed: a list of at least 2",
        ),
        (
            {"op": "add_route", "mode": "rail", "stops": ["540102", "540202"]},
            "[change 1 add_route]: per_week = '(missing)'; allowed: this key is needed: Departures a week",
        ),
        (
            {"op": "add_route", "mode": "road", "stops": ["a", "b", "c"], "per_week": 7, "leg_km": [1.0]},
            "[change 1 add_route]: allowed: leg_km needs 2 numbers for 3 stops",
        ),
        ({"op": "retime_route", "route": "road-001"}, "allowed: give per_week, first_departure or both"),
        (
            {"op": "retime_route", "route": "road-001", "first_departure": "8:00"},
            "[change 1 retime_route]: first_departure = '8:00'; allowed: text like",
        ),
        (
            {"op": "open_outlets", "network": "postal", "where": {"prefectur": "Ngari"}},
            "[change 1 open_outlets]: where.prefectur = 'Ngari'; allowed: no other keys; "
            "did you mean 'prefecture'?",
        ),
        (
            {"op": "open_outlets", "network": "postal", "where": "every-town"},
            "where = 'every-town'; allowed: 'every-township'; did you mean 'every-township'?",
        ),
        (
            {"op": "open_outlets", "network": "express", "where": "every-township"},
            'allowed: express outlets need a brand, or brand = "all"',
        ),
        (
            {"op": "set_rounds", "per_week": 9, "where": {"border": True}},
            "[change 1 set_rounds]: per_week = 9; allowed: at most 7",
        ),
        (
            {"op": "close_road", "links": ["a"], "until": DATE},
            "[change 1 close_road]: from = '(missing)'; allowed: this key is needed: First day",
        ),
        (
            {"op": "close_road", "links": ["a"], "from": DATE, "untill": DATE, "until": DATE},
            "[change 1 close_road]: untill = '2021-05-12'; allowed: no other keys; did you mean 'until'?",
        ),
        (
            {"op": "close_road", "links": ["a"], "from": DATE, "until": DATE - dt.timedelta(days=1)},
            "[change 1 close_road]: allowed: until = 2021-05-11 is before from = 2021-05-12",
        ),
        ({"op": "close_road", "from": DATE, "until": DATE}, "allowed: give one of links, between and route"),
        (
            {"op": "close_road", "from": DATE, "until": DATE, "links": ["a"], "route": "b"},
            "allowed: give one of links, between and route",
        ),
        (
            {"op": "close_road", "from": DATE, "until": DATE, "between": ["a"]},
            "[change 1 close_road]: between = ['a']; allowed: a list of at least 2",
        ),
        (
            {"op": "scale_fleet", "factor": 0.5, "vehicles": ["vann"]},
            "vehicles.0 = 'vann'; allowed: 'van', 'truck-4.2', 'truck-6.8' or 'truck-9.6'; "
            "did you mean 'van'?",
        ),
        (
            {"op": "set_hours", "tier": "county", "opens": "24:00", "closes": "24:00"},
            "[change 1 set_hours]: opens = '24:00'; allowed: text like",
        ),
        (
            {"op": "set_hours", "tier": "county", "opens": "08:00", "closes": "08:00"},
            "allowed: closes = 08:00 is not after opens = 08:00",
        ),
        ({"op": "set_hours", "opens": "08:00", "closes": "24:00"}, "allowed: give one of tier and centres"),
        (
            {"op": "peak_demand", "factor": -1.0, "from": DATE, "until": DATE},
            "[change 1 peak_demand]: factor = -1.0; allowed: at least 0",
        ),
    ],
)
def test_a_wrong_change_is_told_with_its_number(change: dict[str, Any], message: str) -> None:
    found = told({"change": [change]})
    assert len(found) == 1
    assert message in found[0]


def test_all_problems_of_a_file_are_told_at_once() -> None:
    found = told(
        {"titel": "x", "run": {"seed": -1}, "change": [{"op": "scale_demand", "factor": -1.0}, {"op": "x"}]}
    )
    assert len(found) == 4


def test_nothing_is_coerced() -> None:
    assert told({"run": {"seed": True}}) and told({"assumptions": {"item_kg": True}})


def test_the_schema_for_editors_is_up_to_date() -> None:
    path = Path(scenarios.__file__).parent / "library" / SCHEMA_FILE
    assert path.read_text(encoding="utf-8") == schema_text(), "write it anew: yizhan schema > the file"


def test_the_schema_describes_every_key_and_forbids_others() -> None:
    schema = json.loads(schema_text())
    tables = [schema, *schema["$defs"].values()]
    assert all(table["additionalProperties"] is False for table in tables)
    bare = [
        f"{table.get('title')}.{key}"
        for table in tables
        for key, body in table["properties"].items()
        if key != "op" and not (body.get("description") or "$ref" in body)
    ]
    # a table's own heading says what it is
    assert set(bare) <= {f"Scenario.{table}" for table in ("options", "run", "operations", "demand")}
    assert json_schema()["$schema"].startswith("https://json-schema.org/")


def test_a_scenario_has_the_switches_of_the_network_and_turns_everything_on() -> None:
    """What else the network's operations hold is for comparison with textbooks, and no scenario's."""
    usual = Operations().model_dump()
    by_hand = {key: value for key, value in asdict(NetworkOperations()).items() if isinstance(value, bool)}
    assert list(usual) == list(by_hand)
    assert all(usual.values()) and not any(by_hand.values())
