"""The front door: one namespace, quick to import, whose answers are tables with names and lines that fit."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import scenarios.definition.resolve as resolve_module
import scenarios.frames.scenario as scenario_module  # before anything is put in its place
import scenarios.runs.run as run_module
import yizhan as yz
from network.model.network import Network
from scenarios.cli import app
from scenarios.frames.shown import WIDTH

ROOT = Path(__file__).resolve().parents[1]
#: What every command is called here, where that is not its own name.
CALLED = {"list": "scenarios", "import": "import_"}
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
#: Columns that hold places and must hold their names.
NAMED = ("place", "county", "base", "from", "to", "origin", "destination")


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> yz.Scenario:
    """Return the scenario of 2021 on the small network in place of the region's."""
    for module in (resolve_module, run_module, scenario_module):
        monkeypatch.setattr(module, "build_base", lambda *_: small_network)
    return yz.scenario("xizang-2021").with_run(warmup_days=0)


# ------------------------------------------------------------ the namespace


def test_the_namespace_is_exactly_the_functions_of_the_module_and_its_error() -> None:
    tree = ast.parse((ROOT / "yizhan.py").read_text(encoding="utf-8"))
    functions = [
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert sorted([*functions, "YizhanError"]) == yz.__all__


def test_the_first_page_of_the_help_names_every_function_once() -> None:
    page = (yz.__doc__ or "").partition("Examples\n---")[0]
    listed = [
        line.split()[0] for line in page.splitlines() if line.startswith("    ") and len(line.split()) > 1
    ]
    assert sorted(listed) == [name for name in yz.__all__ if name != "YizhanError"]


def test_every_command_is_one_call() -> None:
    commands = {command.name or "" for command in app.registered_commands}
    assert {CALLED.get(name, name) for name in commands} <= set(yz.__all__)


@pytest.mark.parametrize("name", [name for name in yz.__all__ if name != "YizhanError"])
def test_every_function_says_what_it_returns_and_what_each_parameter_is(name: str) -> None:
    function = getattr(yz, name)
    text = inspect.getdoc(function) or ""
    assert text.split("\n")[0].endswith(".")
    if "Parameters" in text:
        for parameter in inspect.signature(function).parameters:
            assert parameter in text, parameter


def test_importing_it_loads_none_of_the_large_libraries() -> None:
    large = ("matplotlib", "networkx", "numpy", "pandas", "pydantic", "scipy", "simpy", "typer")
    code = f"import sys, yizhan; print([name for name in {large} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------ scenarios


def test_a_change_makes_another_scenario_and_leaves_the_first_as_it_was(base: yz.Scenario) -> None:
    daily = base.with_change("set_rounds", label="all", per_week=7)
    assert (base.name, len(base.changes)) == ("xizang-2021", 0)
    assert daily.name == "xizang-2021+all"
    assert daily.changes.change.tolist() == ["set rounds: per_week 7"]
    twice = daily.with_change("open_stations", where={"border": True})
    assert twice.changes.op.tolist() == ["set_rounds", "open_stations"]
    assert twice.changes.label.tolist()[:1] == ["all"]


def test_a_variant_is_the_scenario_that_a_file_with_the_same_text_is(tmp_path: Path) -> None:
    where = {"prefecture": "Ngari"}
    made = yz.scenario("xizang-2021").with_change("set_rounds", per_week=7, where=where).named("mine", "Mine")
    file = tmp_path / "mine.toml"
    file.write_text(
        'title = "Mine"\nbase = "xizang-2021"\n'
        '[[change]]\nop = "set_rounds"\nper_week = 7\nwhere = {prefecture = "Ngari"}\n'
    )
    assert made.toml() == yz.scenario(file).toml()
    again = yz.scenario(made.save(tmp_path / "again.toml"))
    assert again.toml() == made.toml()


def test_all_that_is_wrong_with_a_change_is_said_at_once(base: yz.Scenario) -> None:
    with pytest.raises(yz.YizhanError) as wrong:
        base.with_change("set_rounds", per_weak=7)
    assert "per_week = '(missing)'" in str(wrong.value)
    assert "did you mean 'per_week'?" in str(wrong.value)
    with pytest.raises(yz.YizhanError, match="did you mean 'Ngari'"):
        base.with_change("set_rounds", per_week=7, where={"prefecture": "Ngary"})
    with pytest.raises(yz.YizhanError, match="did you mean 'inbound_ratio'"):
        base.with_assumptions(inbond_ratio=4.0)
    with pytest.raises(yz.YizhanError, match="did you mean 'xizang-2012'"):
        yz.scenario("xizang-2012x")


def test_other_assumptions_options_operations_and_run_settings_make_variants(base: yz.Scenario) -> None:
    more = base.with_assumptions(inbound_ratio=4.0)
    assert more.assumptions.loc["inbound_ratio", ["value", "default", "changed"]].tolist() == [4.0, 3.0, True]
    assert base.with_options(draw=2).resolved.scenario.options.draw == 2
    assert not base.with_operations(weather=False).resolved.scenario.operations.weather
    assert base.with_run(seed=5).resolved.run.seed == 5


def test_the_values_of_a_sweep_are_one_scenario_each(base: yz.Scenario) -> None:
    daily = base.with_change("set_rounds", label="all", per_week=7)
    found = daily.variants("change.all.per_week", [2, 5])
    assert [one.name for one in found] == ["xizang-2021+all@per_week=2", "xizang-2021+all@per_week=5"]
    assert [one.resolved.scenario.change[0].per_week for one in found] == [2, 5]
    with pytest.raises(yz.YizhanError, match="a label: all"):
        daily.variants("change.al.per_week", [2])


# ------------------------------------------------------------ a network


def test_a_network_is_tables_by_name_and_a_graph(base: yz.Scenario, small_network: Network) -> None:
    net = base.network()
    assert len(net.places) == len(small_network.places)
    assert net.routes.loc["road-001", "stops"] == "Chengguan (Lhasa) – Samzhubze (Xigaze)"
    assert net.routes.loc["road-001", ["km", "trips_per_week"]].tolist() == [272.0, 7]
    assert isinstance(net.routes.loc["road-001", "travel"], pd.Timedelta)
    assert net.trips["route"].value_counts()["road-001"] == 14  # both ways
    assert net.rounds.loc["town-540102", "base"] == "Chengguan (Lhasa)"
    assert net.vehicles.duty.value_counts().sum() == len(small_network.vehicles)
    assert isinstance(net.graph(), nx.MultiDiGraph)
    for table in (net.places, net.routes, net.trips, net.rounds, net.outlets, net.centres, net.vehicles):
        assert len(table)
        for column in set(NAMED) & set(table.columns):
            assert not table[column].astype(str).str.fullmatch(r"\d+").any(), column


def test_the_reconciliation_is_a_table_with_a_verdict_on_each_figure(base: yz.Scenario) -> None:
    figures = base.check()
    assert figures.loc["road_routes", ["published", "built", "difference", "ok"]].tolist() == [
        89.0,
        4.0,
        -85.0,
        False,
    ]


def test_scheduled_times_have_names_hours_and_the_means_of_prefectures(base: yz.Scenario) -> None:
    times = base.scheduled()
    village = times.places[times.places.kind == "village"].dropna().iloc[0]
    assert village.inbound_p50_h <= village.inbound_p80_h
    assert village.from_gateway_mean_h < village.inbound_mean_h
    assert times.summary.loc["Lhasa mean", "unit"] == "h"
    reached = times.coverage("regional")
    assert reached.is_monotonic_increasing and reached.between(0, 1).all()


def test_a_journey_is_its_steps_and_ends_with_the_delivery(base: yz.Scenario) -> None:
    steps = yz.journey(base, "Lhasa", "Tingri", at="Wed 10:00")
    assert steps["from"].iloc[0] == "Wed 10:00" and steps.what.iloc[-1] == "deliver"
    assert (steps["until"].iloc[:-1].to_numpy() == steps["from"].iloc[1:].to_numpy()).all()
    week = yz.journey(base, "Lhasa", "Tingri", week=True)
    assert len(week) and (week.takes > pd.Timedelta(0)).all()
    with pytest.raises(yz.YizhanError, match="--at and --week: give one of them"):
        yz.journey(base, "Lhasa", "Tingri", at="Wed 10:00", week=True)


@pytest.mark.slow
def test_coverage_is_the_same_number_as_the_commands(base: yz.Scenario, tmp_path: Path) -> None:
    answer = yz.coverage(base, "region", hours=[72, 168], out=tmp_path / "coverage")
    assert answer.within.index.tolist() == [(72, "timetable"), (168, "timetable")]
    written = pd.read_csv(tmp_path / "coverage" / "coverage.csv").set_index("hours")
    assert answer.within.people.to_numpy() == pytest.approx(written.people.to_numpy())
    assert (tmp_path / "coverage" / "coverage-map.png").is_file()


@pytest.mark.slow
def test_a_value_is_explained_and_two_scenarios_are_told_apart(base: yz.Scenario) -> None:
    assert "target_load" in str(base.explain("assumption.target_load"))
    daily = base.with_change("set_rounds", per_week=7)
    told = yz.diff(base, daily)
    assert told.changes.values.tolist() == [["b", "set rounds: per_week 7"]]
    assert "rounds" in set(told.network.part)


def test_a_network_goes_out_and_comes_back(base: yz.Scenario, tmp_path: Path) -> None:
    lines = yz.export(base, "gtfs", tmp_path / "feed.zip")
    assert lines[0].endswith("feed.zip: GTFS")
    routes = yz.import_(tmp_path / "feed.zip")
    assert routes.trips_per_week.sum() == base.network().routes.trips_per_week.sum()
    onto = yz.import_(tmp_path / "feed.zip", onto=base)
    assert len(onto.routes) == len(base.network().routes)
    yz.export(base, "nodelink", tmp_path / "network.json")
    graph = yz.import_(tmp_path / "network.json")
    assert graph.number_of_nodes() == len(base.network().places)
    yz.export(base, "archive", tmp_path / "archive.json")
    assert len(yz.network(tmp_path / "archive.json").rounds) == len(base.network().rounds)
    with pytest.raises(yz.YizhanError, match="did you mean 'gtfs'"):
        yz.export(base, "gtf", tmp_path / "feed.zip")


# ------------------------------------------------------------ runs


@pytest.mark.slow
def test_a_run_has_measures_records_and_charts_by_name(base: yz.Scenario, tmp_path: Path) -> None:
    run = base.run(days=2, replications=2, workers=1, out=tmp_path / "run")
    told = run.stored.summary
    key = "transit.all.mean_h"
    assert run.measures.loc[key, "mean"] == told["measures"]["transit"]["all"]["mean_h"]
    assert run.measures.loc[key, "half_width"] == told["half_widths"]["transit"]["all"]["mean_h"]
    assert run.summary.loc["mean transit time, all mail to the region", "unit"] == "h"

    items = run.items()
    assert len(items) == sum(entry["measures"]["items"]["accepted"] for entry in run.stored.replications)
    ended = items[items["outcome"].isin(["delivered", "handed_over"]) & (items["attempts"] <= 1)]
    stages = ended[["upstream", "collect", "handle", "wait", "ride", "deliver"]].sum(axis=1)
    assert (stages == ended["ended"] - ended["accepted"]).all()
    assert set(items["brand"].cat.categories) >= {"SF Express", "the post"}
    inbound = items[items["direction"] == "inbound"]
    assert set(inbound["origin"].astype(str)) <= {"Southwest", "Northwest", *_outside(base)}
    assert yz.open_run(run.folder).items(["grams"]).columns.tolist() == ["grams"]
    with pytest.raises(yz.YizhanError, match="did you mean 'grams'"):
        run.items(["gram"])

    places = run.places()
    assert places.loc["540223100", "county"] == "Tingri"
    trips = run.trips()
    assert trips["from"].isin(run.network().places.name).all()
    assert (trips["late"] >= pd.Timedelta(0)).all()
    assert run.undelivered().reason.notna().all()
    assert run.cost().stages.yuan.sum() == pytest.approx(told["measures"]["cost"]["yuan"])
    assert yz.check(run).equals(base.check())
    assert yz.scenario(run).name == base.name
    axes = [run.map(), run.curve(), run.times(), run.network().map(), base.scheduled().map()]
    assert all(len(ax.get_children()) for ax in axes)


def _outside(base: yz.Scenario) -> list[str]:
    return [str(row["name"]) for row in base.resolved.assumptions.table("outside")]


@pytest.mark.slow
def test_a_comparison_has_paired_intervals_and_what_it_takes(base: yz.Scenario, tmp_path: Path) -> None:
    daily = base.with_change("set_rounds", label="all", per_week=7)
    found = yz.compare(base, daily, days=2, replications=2, workers=1, out=tmp_path / "both")
    row = found.differences.loc[("xizang-2021+all", "mean transit time, all mail to the region")]
    assert row.difference == pytest.approx(row.other - row.base)
    assert row.low <= row.difference <= row.high
    assert found.requirements.loc["xizang-2021+all", "vehicle_km_per_week"] > 0
    assert found.difference("mean").difference.tolist() == [row.difference]
    assert found.places.loc["xizang-2021+all"].county.isin(base.network().places.name).all()
    assert found.base.name == "xizang-2021" and len(found.others) == 1
    assert len(found.map().get_children()) and len(found.curve().get_children())
    again = yz.compare(found.base, found.others[0], items=False, out=tmp_path / "again")
    assert again.measures.equals(found.measures)


@pytest.mark.slow
def test_a_sweep_is_a_table_by_value_whatever_the_workers(base: yz.Scenario) -> None:
    daily = base.with_change("set_rounds", label="all", per_week=7)
    one, two = (
        yz.sweep(daily, "change.all.per_week", [5, 7], ["Lhasa mean", "P80"], workers=n) for n in (1, 2)
    )
    assert one.equals(two)
    assert one.index.tolist() == [5, 7] and one.index.name == "per_week"
    assert one.columns.tolist() == ["scenario", "Lhasa mean [h]", "P80 [h]"]
    exact = daily.scheduled().summary.loc["Lhasa mean", "mean"]
    assert one.loc[7, "Lhasa mean [h]"] == exact
    with pytest.raises(yz.YizhanError, match="did you mean 'Ngari mean'"):
        yz.sweep(daily, "change.all.per_week", [5], "Ngary mean")
    with pytest.raises(yz.YizhanError, match="simulate=True"):
        yz.sweep(daily, "change.all.per_week", [5], "cost.yuan_per_item", workers=1)


@pytest.mark.slow
def test_a_sweep_can_simulate(base: yz.Scenario, tmp_path: Path) -> None:
    daily = base.with_change("set_rounds", label="all", per_week=7)
    found = yz.sweep(
        daily, "change.all.per_week", [7], "mean", simulate=True, days=1, replications=2, workers=1
    )
    run = daily.run(days=1, replications=2, workers=1, out=tmp_path / "run")
    assert found["mean [h]"].tolist() == [run.measures.loc["transit.all.mean_h", "mean"]]
    assert found["mean ± [h]"].tolist() == [run.measures.loc["transit.all.mean_h", "half_width"]]


# ------------------------------------------------------------ how things look


def test_everything_says_in_one_line_what_it_is(base: yz.Scenario) -> None:
    net, times = base.network(), base.scheduled()
    things = [base, net, times, base.explain("assumption.target_load"), yz.region("xizang")]
    things += [base.resolved, net.model, net.model.places, net.model.report, yz.coverage(base)]
    for thing in things:
        line = repr(thing)
        assert len(line) <= WIDTH and "\n" not in line, line
        assert type(thing).__name__ in line


def test_a_notebook_shows_the_line_and_a_small_table(base: yz.Scenario) -> None:
    page = base.network()._repr_html_()
    assert "&lt;NetworkTables" in page and "<table" in page and "road-001" in page
    assert len(page) < 10_000
    long = base.scheduled()._repr_html_()
    assert long.count("<tr") <= 14 and "rows in all" in long


# ------------------------------------------------------------ the real region


@pytest.mark.slow
def test_the_examples_of_the_docstrings_hold(monkeypatch: pytest.MonkeyPatch, xizang_2021: Network) -> None:
    monkeypatch.setattr(resolve_module, "build_base", lambda *_: xizang_2021)
    result = doctest.testmod(yz, optionflags=FLAGS)
    assert result.attempted > 20 and result.failed == 0


@pytest.mark.slow
def test_the_examples_of_the_page_hold(monkeypatch: pytest.MonkeyPatch, xizang_2021: Network) -> None:
    monkeypatch.setattr(scenario_module, "build_base", lambda *_: xizang_2021)
    result = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False, optionflags=FLAGS)
    assert result.attempted > 15 and result.failed == 0


@pytest.mark.slow
def test_the_usage_of_the_first_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from matplotlib.figure import Figure

    base = yz.scenario("xizang-2021").with_run(warmup_days=0)
    daily = base.with_change("set_rounds", label="ngari", per_week=7, where={"prefecture": "Ngari"})
    net = base.network()
    assert len(net.routes) and len(net.graph())
    assert len(base.scheduled().places)
    run = daily.run(days=1, replications=2)
    ax = Figure().add_subplot()
    assert run.map(ax=ax) is ax
    assert len(run.summary) and len(run.items()) and len(run.places())
    differences = yz.compare(base, daily, days=1, replications=2).differences
    assert differences.loc[("xizang-2021+ngari", "mean wait for the next round"), "difference"] < 0
    table = yz.sweep(daily, "change.ngari.per_week", range(1, 8), measure="Ngari mean", workers=2)
    assert table["Ngari mean [h]"].is_monotonic_decreasing
