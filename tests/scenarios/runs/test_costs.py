"""The cost files of a run, the command that shows them, and their charts."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from typer.testing import CliRunner, Result

import scenarios.definition.resolve as resolve_module
import scenarios.runs.run as run_module
from network.model.network import Network
from scenarios.charts.cost import cost_bars, cost_map
from scenarios.cli import app
from scenarios.definition.resolve import load_scenario
from scenarios.runs.costs import read_costs, table, together
from scenarios.runs.folder import StoredRun, open_run
from scenarios.runs.run import run_scenario
from scenarios.support.folders import StoreError
from sim.cost.elements import INPUTS
from sim.cost.sharing import STAGES


@pytest.fixture(scope="module")
def stored(small_network: Network, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    out = tmp_path_factory.mktemp("runs") / "two"
    resolved = load_scenario("xizang-2021").with_run(
        warmup_days=0, measured_days=3, workers=1, replications=2
    )
    return run_scenario(resolved, out, plots=False, fitted=small_network)


@pytest.fixture(scope="module")
def costs(stored: StoredRun) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    return read_costs(stored)


def yizhan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


# ------------------------------------------------------------------ files


@pytest.mark.slow
def test_the_tables_sum_to_the_whole(costs: Any) -> None:
    told, elements, places = costs
    for name in ("yuan", "co2e_kg", "revenue", "margin"):
        for rows in (elements, places):
            assert math.isclose(sum(row[name] for row in rows), told["mean"][name], rel_tol=1e-9), name
    for rows, parts in ((elements, INPUTS), (places, STAGES)):
        for row in rows:
            assert row["yuan"] == pytest.approx(sum(row[part] for part in parts))


@pytest.mark.slow
def test_means_are_over_the_replications(stored: StoredRun, costs: Any) -> None:
    told = costs[0]
    values = [measures["cost"]["yuan_per_item"] for measures in stored.measures]
    assert values[0] != values[1]
    assert told["mean"]["yuan_per_item"] == pytest.approx(np.mean(values))
    half = 12.706 * abs(values[0] - values[1]) / 2  # Student, one degree of freedom
    assert told["half_widths"]["yuan_per_item"] == pytest.approx(half, rel=1e-3)
    assert stored.summary["measures"]["cost"] == told["mean"]


def test_items_are_those_accepted_and_not_refused(stored: StoredRun, costs: Any) -> None:
    items = stored.summary["measures"]["items"]
    assert costs[0]["mean"]["items"] == pytest.approx(items["accepted"] - items["refused"])
    assert sum(row["items"] for row in costs[2]) == pytest.approx(costs[0]["mean"]["items"])


def test_ratios_are_blank_where_nothing_was(costs: Any) -> None:
    for row in (*costs[1], *costs[2]):
        if row["items"]:
            assert row["yuan_per_item"] == pytest.approx(row["yuan"] / row["items"])
            assert row["margin_per_item"] == pytest.approx((row["revenue"] - row["yuan"]) / row["items"])
        else:
            assert row["yuan_per_item"] is row["margin_per_item"] is None
    assert table({"yuan": np.ones(1), "items": np.zeros(1), "co2e_kg": np.ones(1), "revenue": np.ones(1)})[
        "yuan_per_item"
    ] == [None]


def test_together_hold_all_that_has_a_place(costs: Any) -> None:
    towns = together(costs[2])
    with_items = [row for row in costs[2] if row["place"] and row["items"]]
    for name in ("items", "yuan", "revenue"):
        assert sum(row[name] for row in towns) == pytest.approx(sum(row[name] for row in with_items))
    each = [row["yuan_per_item"] for row in towns]
    assert each == sorted(each, reverse=True)
    assert len({row["id"] for row in towns}) == len(towns)


def test_every_key_is_explained(costs: Any) -> None:
    assert "yuan_per_item" in costs[0]["keys"]
    assert costs[0]["keys"]["by_stage.*.tkm"].endswith("[tkm]")


def test_a_run_without_cost_says_what_to_do(stored: StoredRun, tmp_path: Path) -> None:
    for file in stored.path.iterdir():
        if file.is_file() and not file.name.startswith("cost"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(StoreError, match=r"no cost\.json, .*cost_places\.csv.*run it again"):
        read_costs(open_run(tmp_path))
    result = yizhan("cost", str(tmp_path))
    assert result.exit_code == 2
    assert "run it again" in result.stderr


# ------------------------------------------------------------------ command


def test_the_command_shows_the_whole_and_the_most_costly(stored: StoredRun, costs: Any) -> None:
    told, elements, places = costs
    result = yizhan("cost", str(stored.path), "--least", "1", "--most", "2")
    assert result.exit_code == 0, result.output
    assert f"{told['mean']['yuan']:,.0f}" in result.stdout
    assert "means over 2 replications" in result.stdout
    routes = [row for row in elements if row["kind"] == "route" and row["items"] >= 1]
    first, second, third = sorted(routes, key=lambda row: -row["yuan_per_item"])[:3]
    assert first["name"] in result.stdout and second["name"] in result.stdout
    assert f"({third['id']})" not in result.stdout
    most_costly = together(places)
    assert f"({most_costly[0]['id']})" in result.stdout


def test_villages_rounds_and_counties_are_listed_with_their_margin(stored: StoredRun, costs: Any) -> None:
    told, elements, places = costs
    result = yizhan("cost", str(stored.path), "--least", "1", "--most", "1", "--by", "place", "--by", "round",
                    "--by", "county", "--by", "prefecture")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "mail routes, most costly" not in result.stdout and "townships, most costly" not in result.stdout
    rounds = [row for row in elements if row["kind"] == "round" and row["items"] >= 1]
    assert f"({max(rounds, key=lambda row: row['yuan_per_item'])['id']})" in result.stdout
    carried = told["mean"]["yuan"] - told["mean"]["not_carried_yuan"]
    for by in ("place", "township", "county", "prefecture"):
        rows = together(places, by)
        assert sum(row["yuan"] for row in rows) == pytest.approx(carried)
        assert sum(row["items"] for row in rows) == pytest.approx(told["mean"]["items"])
        if by != "township":
            assert f"{rows[0]['margin_per_item']:,.2f}" in result.stdout


def test_few_items_rank_no_route(stored: StoredRun) -> None:
    result = yizhan("cost", str(stored.path), "--least", "1000000000")
    assert result.exit_code == 0
    assert "routes with fewer than 1000000000 items not ranked" in result.stdout


def test_programs_get_cost_json(stored: StoredRun) -> None:
    result = yizhan("cost", str(stored.path), "--json")
    data = json.loads(result.stdout)
    assert data.pop("folder") == str(stored.path)
    assert data == json.loads((stored.path / "cost.json").read_text(encoding="utf-8"))


def test_options_of_a_new_run_are_refused_for_one_that_is_there(stored: StoredRun) -> None:
    result = yizhan("cost", str(stored.path), "--days", "3", "--replications", "2")
    assert result.exit_code == 2
    assert "2 problems" in result.stderr and "--days" in result.stderr and "--replications" in result.stderr


@pytest.mark.slow
def test_a_scenario_runs_first(
    small_network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (resolve_module, run_module):
        monkeypatch.setattr(module, "build_base", lambda *_: small_network)
    scenario = tmp_path / "week.toml"
    scenario.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nworkers = 1\n')
    result = yizhan("cost", str(scenario), "--days", "2", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert "2 measured days" in result.stdout
    with (tmp_path / "out" / "cost_places.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file))[0] == "place"


# ------------------------------------------------------------------ charts


def test_bars_are_as_long_as_an_item_costs(costs: Any) -> None:
    ax = cost_bars(costs[2])
    names = [label.get_text() for label in ax.get_yticklabels()]
    rows = [row for row in costs[2] if row["prefecture"] and row["items"]]
    assert set(names) == {"all", *(row["prefecture"] for row in rows)}
    for name, y in zip(names, ax.get_yticks(), strict=True):
        mine = [row for row in rows if name in ("all", row["prefecture"])]
        cost = sum(row["yuan"] for row in mine) / sum(row["items"] for row in mine)
        ends = [bar.get_x() + bar.get_width() for bar in ax.patches if math.isclose(bar.get_y() + 0.36, y)]
        assert max(ends) == pytest.approx(cost)


def test_the_map_has_every_township_and_all_items(small_network: Network, costs: Any) -> None:
    towns = together(costs[2])
    ax = cost_map(small_network, towns)
    legend = ax.get_legend()
    assert legend is not None
    shares = [float(text.get_text().rpartition(": ")[2].rstrip("%")) for text in legend.get_texts()]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    drawn = sum(len(part.get_offsets()) for part in ax.collections if part.get_zorder() >= 3)
    assert drawn >= len(towns)


def test_charts_draw_into_given_axes(small_network: Network, costs: Any) -> None:
    axes = Figure().subplots(1, 2)
    assert isinstance(axes[0], Axes)
    assert cost_bars(costs[2], ax=axes[0]) is axes[0]
    assert cost_map(small_network, together(costs[2]), ax=axes[1]) is axes[1]
