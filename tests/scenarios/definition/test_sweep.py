"""Sweeps: what one file stands for, what its keys may be, and how one of its scenarios is named."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from network.errors import InputErrors, UnknownNameError
from scenarios.changes import AddRoute, SetRounds
from scenarios.cli import app
from scenarios.definition.files import library
from scenarios.definition.resolve import load_scenario, load_scenarios, resolve, sweep_settings
from scenarios.definition.sweep import MOST, SweepError

FACTORIAL = """
base = "xizang-2021"
title = "Rounds and what comes in"
[[change]]
op = "set_rounds"
label = "ngari"
per_week = 7
where = { prefecture = "Ngari" }
[sweep.axes]
"assumptions.inbound_ratio" = [3, 4.5]
"change.ngari.per_week" = [4, 7]
"change.0.where.prefecture" = ["Ngari", "Nagqu"]
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def problems(path: str) -> list[tuple[str, object, str]]:
    with pytest.raises(InputErrors) as error:
        load_scenarios(path)
    return [(p.key, p.value, p.nearest) for p in error.value.problems]


def test_axes_make_every_combination_the_last_one_fastest(tmp_path: Path) -> None:
    found = load_scenarios(write(tmp_path, FACTORIAL))
    points = list(itertools.product((3.0, 4.5), (4, 7), ("Ngari", "Nagqu")))
    assert [r.name for r in found] == [
        f"mine@inbound_ratio={ratio:g},per_week={days},prefecture={where}" for ratio, days, where in points
    ]
    for resolved, (ratio, days, where) in zip(found, points, strict=True):
        (change,) = resolved.scenario.change
        assert isinstance(change, SetRounds)
        assert (change.per_week, change.where.prefecture) == (days, where)
        assert resolved.assumptions["inbound_ratio"] == ratio
        assert resolved.scenario.sweep is None
        assert resolved.scenario.base == "xizang-2021" or resolved.chain == (resolved.name, "xizang-2021")
    assert found[1].title == (
        "Rounds and what comes in (inbound_ratio = 3, per_week = 4, prefecture = Nagqu)"
    )
    assert len({r.fit_key for r in found}) == 2


def test_a_list_makes_the_combinations_that_it_names(tmp_path: Path) -> None:
    text = """
base = "xizang-second-ngari-road"
[[sweep.combination]]
"change.north.per_week" = 2
[[sweep.combination]]
name = "rich"
"change.north.per_week" = 7
"demand.inbound" = 1.5
"run.measured_days" = 7
"operations.weather" = false
"options.draw" = 1
[[change]]
op = "retime_route"
label = "north"
route = "road-ngari-north"
per_week = 4
"""
    poor, rich = load_scenarios(write(tmp_path, text))
    assert (poor.name, rich.name) == ("mine@per_week=2", "mine@rich")
    assert [c.op for c in rich.scenario.change] == ["add_route", "retime_route"]
    assert (poor.scenario.change[1].per_week, rich.scenario.change[1].per_week) == (2, 7)  # type: ignore[union-attr]
    assert (poor.scenario.demand.inbound, rich.scenario.demand.inbound) == (1.0, 1.5)
    assert rich.run.measured_days == 7 and not rich.scenario.operations.weather
    assert (poor.scenario.options.draw, rich.scenario.options.draw) == (0, 1)


def test_a_change_of_the_base_is_reached_by_its_label(tmp_path: Path) -> None:
    write(
        tmp_path,
        'base = "xizang-2021"\n[[change]]\nop = "add_route"\nlabel = "north"\nmode = "road"\n'
        'stops = ["Gerze", "Nyima"]\nper_week = 3\n',
        "base.toml",
    )
    text = 'base = "base"\n[sweep.axes]\n"change.north.per_week" = [1, 2]\n'
    found = load_scenarios(write(tmp_path, text))
    routes = [r.scenario.change[0] for r in found]
    assert [change.per_week for change in routes if isinstance(change, AddRoute)] == [1, 2]
    assert [r.name for r in load_scenarios(tmp_path / "base.toml")] == ["base"]


def test_one_of_them_is_loaded_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, FACTORIAL)
    name = "inbound_ratio=4.5,per_week=4,prefecture=Nagqu"
    one = load_scenario(f"{path}@{name}")
    assert one.to_toml() == load_scenarios(path)[5].to_toml()
    again = load_scenario(write(tmp_path, one.to_toml(), "again.toml"))
    assert again.to_toml() == one.to_toml() and again.name == f"mine@{name}"
    assert [r.name for r in load_scenarios(f"{path}@{name}")] == [one.name]
    with pytest.raises(UnknownNameError, match=r"did you mean .*prefecture=Nagqu"):
        load_scenario(f"{path}@inbound_ratio=4.5,per_week=4,prefecture=Nagq")


def test_where_one_scenario_is_wanted_a_sweep_says_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, FACTORIAL)
    with pytest.raises(SweepError, match=r"stands for 8 scenarios \(mine@inbound_ratio=3,.* and 2 more\)"):
        load_scenario(path)
    done = CliRunner().invoke(app, ["run", path])
    assert done.exit_code == 2
    assert "is a sweep" in done.stderr and f"yizhan list {path}" in done.stderr
    with pytest.raises(SweepError):
        resolve({"base": "xizang-2021", "sweep": {"axes": {"demand.inbound": [1, 2]}}})


@pytest.mark.parametrize("name", ["xizang-2021", "xizang-winter-closure"])
def test_a_scenario_without_a_sweep_is_one(name: str) -> None:
    (found,) = load_scenarios(name)
    assert found.to_toml() == load_scenario(name).to_toml()
    assert sweep_settings(name) == {}


def test_a_sweep_is_not_handed_down(tmp_path: Path) -> None:
    write(tmp_path, FACTORIAL, "swept.toml")
    (child,) = load_scenarios(write(tmp_path, 'base = "swept"\n'))
    assert child.name == "mine" and len(child.scenario.change) == 1


def test_short_names_are_as_long_as_they_must_be(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "retime_route"
label = "a"
route = "road-001"
per_week = 7
[[change]]
op = "retime_route"
label = "b"
route = "road-002"
per_week = 7
[sweep.axes]
"change.a.per_week" = [3]
"change.1.per_week" = [4]
"operations.weather" = [true, false]
"change.b.first_departure" = ["06:00"]
"""
    assert [r.name for r in load_scenarios(write(tmp_path, text))] == [
        f"mine@a.per_week=3,1.per_week=4,weather={on},first_departure=06-00" for on in ("true", "false")
    ]


def test_all_that_is_wrong_with_the_keys_is_told_at_once(tmp_path: Path) -> None:
    text = """
base = "xizang-2021"
[[change]]
op = "set_rounds"
label = "ngari"
per_week = 7
[sweep.axes]
"assumptions.inbound_rato" = [3, 4]
"assumptions.inbound_ratio" = [3, 40]
"change.ngary.per_week" = [4]
"change.3.per_week" = [4]
"change.ngari.per_wek" = [4]
"run.sed" = [1]
"demad.inbound" = [1]
"title" = ["x"]
"demand" = [1]
"""
    assert problems(write(tmp_path, text)) == [
        ("change.ngary.per_week", "ngary", "ngari"),
        ("change.3.per_week", "3", ""),
        ("change.ngari.per_wek", "per_wek", "per_week"),
        ("run.sed", "sed", "seed"),
        ("demad.inbound", "demad.inbound", "demand"),
        ("title", "title", ""),
        ("demand", "demand", ""),
        ("inbound_rato", 3, "inbound_ratio"),
        ("inbound_ratio", 40, ""),
    ]


def test_a_wrong_value_is_told_once_however_many_scenarios_have_it(tmp_path: Path) -> None:
    text = FACTORIAL.replace("[4, 7]", "[4, 9]").replace('"Nagqu"]', '"Nagku"]')
    assert problems(write(tmp_path, text)) == [
        ("where.prefecture", "Nagku", "Nagqu"),
        ("per_week", 9, ""),
    ]


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({}, "give axes, or"),
        ({"axes": {"demand.inbound": [1]}, "combination": [{"demand.inbound": 1}]}, "give axes, or"),
        ({"axes": {"demand.inbound": []}}, "a list of at least 1"),
        ({"axis": {"demand.inbound": [1]}}, "did you mean 'axes'"),
        ({"combination": [{"name": "x"}]}, "each combination needs a key and a value"),
        ({"combination": [{"name": "a b", "demand.inbound": 1}]}, "letters, digits"),
        ({"axes": {"run.seed": [*range(MOST + 1)]}}, f"{MOST + 1} scenarios.*at most {MOST}"),
        ({"axes": {"demand.inbound": [1.5, 1.5]}}, "every scenario once"),
        ({"combination": [{"demand.inbound": 1}, {"demand.inbound": 1.0}]}, "every scenario once"),
    ],
)
def test_a_sweep_that_cannot_be_is_told(sweep: dict[str, Any], message: str) -> None:
    with pytest.raises(InputErrors, match=message):
        resolve({"base": "xizang-2021", "sweep": sweep})


def test_a_label_stands_for_one_change(tmp_path: Path) -> None:
    change = '[[change]]\nop = "hand_over"\nlabel = "x"\n'
    with pytest.raises(InputErrors, match="a label that no other change has"):
        load_scenario(write(tmp_path, 'base = "xizang-2021"\n' + change + change))
    write(tmp_path, 'base = "xizang-2021"\n' + change, "base.toml")
    with pytest.raises(InputErrors, match="a label that no other change has"):
        load_scenario(write(tmp_path, 'base = "base"\n' + change))


def test_list_shows_what_a_sweep_stands_for(tmp_path: Path) -> None:
    path = write(tmp_path, FACTORIAL)
    done = CliRunner().invoke(app, ["list", path])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["scenario", "inbound_ratio", "per_week", "prefecture"]
    assert lines[2].split() == ["mine@inbound_ratio=3,per_week=4,prefecture=Ngari", "3", "4", "Ngari"]
    assert lines[-1] == f"8 scenarios of {path}, on 2 fitted networks"
    rows = json.loads(CliRunner().invoke(app, ["list", path, "--json"]).stdout)
    assert rows[7]["sets"] == {"inbound_ratio": 4.5, "per_week": 7, "prefecture": "Nagqu"}
    single = CliRunner().invoke(app, ["list", "xizang-double-inbound"]).stdout
    assert "scale_demand" in single
    wrong = CliRunner().invoke(app, ["list", "xizang-double-inbond"])
    assert wrong.exit_code == 2 and "did you mean 'xizang-double-inbound'" in wrong.stderr


def test_no_scenario_of_the_library_is_a_sweep() -> None:
    assert all(len(load_scenarios(name)) == 1 for name in ("xizang-2012", "xizang-half-fleet"))
    assert all("@" not in name for name in library())
