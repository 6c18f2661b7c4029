"""What differs between two scenarios, in words: written settings, and their networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from network.differences import PARTS, Difference, network_differences
from network.differences.rows import shortened
from network.edit.demand import add_class, peak_demand
from network.edit.operations import add_vehicles, equip_centres, set_hours
from network.edit.outlets import close_outlets, close_stations, move_outlet, set_outlet_hours
from network.edit.roads import add_road, close_road_yearly, improve_road
from network.edit.rounds import select_rounds, set_rounds
from network.edit.routes import (
    add_route,
    equip_route,
    remove_route,
    reroute_route,
    retime_route,
    scale_demand,
)
from network.model.network import Network
from scenarios.cli import app
from scenarios.comparison import diff as module
from scenarios.comparison.diff import diff, in_words
from scenarios.definition.resolve import Resolved, load_scenario

LHASA, XIGAZE, TINGRI, NAGQU, BRANCH = "540102", "540202", "540223", "540602", "540223200"


def write(folder: Path, text: str, name: str = "mine.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def told(a: Network, b: Network, part: str) -> list[tuple[str, str, str, str]]:
    return [(r.what, r.a, r.b, r.note) for r in network_differences(a, b) if r.part == part]


# ------------------------------------------------------------------ networks


def test_a_network_does_not_differ_from_itself(small_network: Network) -> None:
    assert network_differences(small_network, small_network) == []


def test_routes_are_told_with_stops_kilometres_frequency_and_vehicles(small_network: Network) -> None:
    changed = remove_route(small_network, "road-004")
    changed = reroute_route(changed, "road-003", (XIGAZE, "Lhaze"))
    changed = equip_route(retime_route(changed, "road-001", 14), "road-001", vehicles_per_trip=2)
    changed = add_route(changed, mode="air", stops=(XIGAZE, NAGQU), per_week=3, leg_km=(400.0,))
    rows = told(small_network, changed, "routes")
    assert rows[0][0] == "road routes" and rows[0][3] == "−1"
    assert ("air routes", "1", "2", "+1") in rows
    named = {what: (a, b, note) for what, a, b, note in rows}
    assert named["road-004 by hand (road-004)"] == (
        "Tingri–Tingri township 03, 60 km, 3 a week, 1 × truck-6.8",
        "",
        "only in the first",
    )
    a, b, note = named["road-001 by hand (road-001)"]
    assert (a, b) == ("7 a week, 1 × truck-6.8", "14 a week, 2 × truck-6.8")
    assert note == f"+{2 * 272 * (28 - 7):,} vehicle-km a week"
    a, b, _ = named["road-003 by hand (road-003)"]
    assert a.startswith("Samzhubze (Xigaze)–Tingri, 240 km")
    assert b.startswith("Samzhubze (Xigaze)–Lhaze, 154 km")
    assert named["Samzhubze (Xigaze)–Seni (Nagqu) air (air-02)"][1] == (
        "Samzhubze (Xigaze)–Seni (Nagqu), 400 km, 3 a week, 1 × belly"
    )


def test_the_other_way_round_tells_the_opposite(small_network: Network) -> None:
    changed = add_vehicles(remove_route(small_network, "road-002"), 5, "van", XIGAZE)
    there = network_differences(small_network, changed)
    back = network_differences(changed, small_network)
    assert {(r.part, r.what, r.a, r.b) for r in there} == {(r.part, r.what, r.b, r.a) for r in back}


def test_routes_of_two_fits_are_paired_by_their_stops_not_their_numbers(small_network: Network) -> None:
    from dataclasses import replace

    one, two = small_network.routes[:2]
    other = replace(
        small_network, routes=(replace(two, id=one.id), replace(one, id=two.id), *small_network.routes[2:])
    )
    assert told(small_network, other, "routes") == []


def test_rounds_are_summed_up_by_area(small_network: Network) -> None:
    chosen = select_rounds(small_network, county="Tingri", kind="rural")
    changed = set_rounds(small_network, chosen, 7, on_holidays=True)
    changed = set_outlet_hours(changed, 20 * 3600, 21 * 3600, county="Tingri")
    rows = told(small_network, changed, "rounds")
    runs = [sum(len(t.weekdays) for t in n.rounds) for n in (small_network, changed)]
    assert rows[0] == ("runs a week", f"{runs[0]:,}", f"{runs[1]:,}", f"+{runs[1] - runs[0]:,}")
    by_area = [row for row in rows if "days a week" in row[1]]
    assert all(what.startswith("Xigaze, ") for what, *_ in by_area)
    assert sum(int(note.split(" of ")[0]) for *_, note in by_area) == len(chosen)
    assert ("Xigaze, outlets of 1 town", "accept until 16:00, intake 18:00",
            "accept until 20:00, intake 21:00", "") in rows  # fmt: skip
    assert (f"Xigaze, {len(chosen)} rounds", "not on holidays", "on holidays", "") in rows


def test_centres_vehicles_outlets_stations_and_roads_are_told(small_network: Network) -> None:
    changed = equip_centres(small_network, tier="prefecture", more_lanes=1, lane_rate_per_h=1200)
    changed = set_hours(changed, 0, 86_400, centres=["Tingri"])
    changed = add_vehicles(changed, 5, "van", XIGAZE)
    changed = move_outlet(close_outlets(changed, "postal", [BRANCH]), "P-0001", BRANCH)
    changed = close_stations(changed, changed.stations[:3])
    changed = close_road_yearly(changed, "12-01", "02-29", links=("540225-540223",))
    changed = improve_road(changed, 80.0, links=("540225-540202",))
    changed = add_road(changed, (NAGQU, "Lhaze"), 560.0)
    assert ("lanes of 2 prefecture centres", "4", "6", "+2") in told(small_network, changed, "centres")
    assert ("each lane of 2 prefecture centres", "900 an hour", "1,200 an hour", "") in told(
        small_network, changed, "centres"
    )
    assert ("hours of 1 county centre", "always open", "always open", "") not in told(
        small_network, changed, "centres"
    )
    assert ("vehicles", "400", "405", "+5") in told(small_network, changed, "vehicles")
    outlets = told(small_network, changed, "outlets")
    assert outlets[0][0] == "postal outlets"
    assert any(what == "postal outlet P-0001" and note == "moved" for what, *_, note in outlets)
    assert told(small_network, changed, "stations")[0] == ("village stations", "4,626", "4,623", "−3")
    assert told(small_network, changed, "roads") == [
        ("new road 540602-540225", "", "Seni (Nagqu)–Lhaze, 560 km", ""),
        ("1 link made faster", "", "at least 80 km/h", ""),
        ("540225-540223 every year from 12-01 to 02-29", "", "closed", ""),
    ]


def test_demand_is_told_by_class_and_way(small_network: Network) -> None:
    import datetime as dt

    changed = scale_demand(small_network, 2.0, ["letter"], "inbound")
    changed = peak_demand(changed, 1.5, dt.date(2021, 11, 11), dt.date(2021, 11, 16), ["express"])
    row = {
        "code": "medicine", "name": "Medicine", "flow": "office", "yearly": 1000.0, "inbound_ratio": 0.0,
        "mean_kg": 0.5, "items_per_m3": 200.0, "tariff_yuan": 1.0, "any_share": 0.1, "signed": True,
        "private_ok": False,
    }  # fmt: skip
    changed = add_class(changed, row)
    rows = {what: (a, b, note) for what, a, b, note in told(small_network, changed, "demand")}
    assert set(rows) == {
        "letter, inbound items a year",
        "medicine, originating items a year",
        "express items × 1.5 from 2021-11-11 to 2021-11-16",
    }
    assert rows["letter, inbound items a year"][2] == "× 2"
    assert rows["medicine, originating items a year"] == ("", "1,000", "new class: Medicine")


def test_many_details_are_cut_the_heaviest_stay() -> None:
    rows = [Difference("outlets", f"o{i}", "", "x", weight=i, detail=True) for i in range(20)]
    rows += [Difference("outlets", "all", "1", "2", weight=1e9), Difference("routes", "r", "1", "2")]
    kept, left = shortened(rows, 3)
    assert [row.what for row in kept] == ["r", "all", "o19", "o18", "o17"]
    assert left == {"outlets": 17}
    assert shortened(rows, 99)[1] == {}
    assert {row.part for row in rows} <= set(PARTS)


# ------------------------------------------------------------------ scenarios


def test_what_is_written_is_told_by_settings_assumptions_and_changes(tmp_path: Path) -> None:
    text = """
base = "xizang-second-ngari-road"
[assumptions]
inbound_ratio = 4.0
target_load = 0.71
[run]
seed = 7
[operations]
weather = false
[demand]
inbound = 1.0
[[change]]
op = "set_rounds"
per_week = 7
where = { prefecture = "Ngari", share_of_villages = 0.5 }
"""
    found = diff("xizang-second-ngari-road", write(tmp_path, text), networks=False)
    assert [(s.key, s.a, s.b) for s in found.settings] == [
        ("run.seed", 1, 7),
        ("operations.weather", True, False),
    ]
    assert [(x.name, x.a, x.b, x.low, x.high) for x in found.assumptions] == [
        ("inbound_ratio", 3.0, 4.0, 2.0, 6.0),  # a quarter of its range
        ("target_load", 0.7, 0.71, 0.5, 0.9),
    ]
    assert found.only_a == ()
    assert found.only_b == ("set rounds: per_week 7, where prefecture Ngari and share_of_villages 0.5",)
    assert found.shared == 1 and found.network is None


def test_a_change_that_both_make_is_no_difference_wherever_it_stands(tmp_path: Path) -> None:
    resolved = load_scenario("xizang-rail-xigaze")
    found = diff("xizang-rail-xigaze", write(tmp_path, resolved.to_toml()), networks=False)
    assert found.same and found.shared == 1


def test_changes_are_told_in_words() -> None:
    said = [in_words(c) for c in load_scenario("xizang-winter-closure").scenario.change]
    assert said == ["close road: from 2022-01-05, until 2022-01-25, between 540323–540302"]
    assert in_words(load_scenario("xizang-handover-all").scenario.change[0]) == "hand over"


@pytest.fixture
def fitted(small_network: Network, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every scenario be fitted to the small network; return the names of those that were."""
    names: list[str] = []

    def build_base(resolved: Resolved, progress: object) -> Network:
        names.append(resolved.name)
        return small_network

    monkeypatch.setattr(module, "build_base", build_base)
    return names


def test_the_command_tells_all_and_fits_once(fitted: list[str], tmp_path: Path) -> None:
    mine = write(
        tmp_path,
        'base = "xizang-2021"\ntitle = "Mine"\n[[change]]\nop = "set_rounds"\nper_week = 7\n'
        '[[change]]\nop = "add_route"\nmode = "road"\nstops = ["Tingri", "Lhaze"]\nper_week = 3\n',
    )
    done = CliRunner().invoke(app, ["diff", "xizang-2021", mine])
    assert done.exit_code == 0, done.output
    assert fitted == ["xizang-2021"]
    out = done.stdout
    assert out.splitlines()[:2] == ["a  xizang-2021: Xizang at the end of 2021", "b  mine: Mine"]
    assert "set rounds: per_week 7" in out and "Tingri–Lhaze, " in out and "runs a week" in out
    data = json.loads(CliRunner().invoke(app, ["diff", "xizang-2021", mine, "--json"]).stdout)
    assert data["b"] == {"name": "mine", "title": "Mine"}
    assert len(data["changes"]["only_b"]) == 2
    assert {row["part"] for row in data["network"]} == {"routes", "rounds", "vehicles", "centres"}


def test_nothing_differs_between_a_scenario_and_itself(fitted: list[str]) -> None:
    done = CliRunner().invoke(app, ["diff", "xizang-2021", "xizang-2021"])
    assert done.exit_code == 0 and done.stdout.endswith("nothing differs\n")
    done = CliRunner().invoke(app, ["diff", "xizang-2021", "xizang-2021", "--no-networks"])
    assert done.stdout.endswith("nothing differs in what is written\n")


def test_a_name_that_is_none_is_told_with_the_nearest() -> None:
    done = CliRunner().invoke(app, ["diff", "xizang-2021", "xizang-2012x"])
    assert done.exit_code == 2 and "did you mean 'xizang-2012'" in done.stderr
