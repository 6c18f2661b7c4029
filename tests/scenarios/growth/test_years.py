"""A study of growth on a small network: years in order, expansions that help, files as printed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import scenarios.definition.resolve as resolve_module
import scenarios.growth.asked as asked_module
import scenarios.growth.check as check_module
from network.capacity.utilisation import KINDS, loads_by_class
from network.demand.growth import GrowthError, fit_trend
from network.demand.rates import demand_of, yearly_express
from network.inputs.tables import load_region
from network.model.network import Network
from network.model.operations import Operations
from network.routing.search import make_plan
from scenarios.charts.growth import break_timeline, demand_fan
from scenarios.cli import app
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import library, load_scenario
from scenarios.growth.check import CheckRow, bracket, check
from scenarios.growth.expansions import ExpansionRow, expansions, generic, ranked
from scenarios.growth.folder import as_json, write_study
from scenarios.growth.years import Study, study
from sim.plan import RunPlan

YEARS = (2021, 2028)
TIMES = 60  # the small network with so many times its items is first full at about 1.24 times as many


def busy(network: Network) -> Network:
    items = network.report["express_items"]
    figures = {**network.report.figures, "express_items": replace(items, value=TIMES * items.value)}
    return replace(network, report=replace(network.report, figures=figures))


@pytest.fixture(scope="module")
def found(small_network: Network) -> Study:
    return study(busy(small_network), "small", "A small network", YEARS)


@pytest.fixture(scope="module")
def rows(found: Study) -> tuple[ExpansionRow, ...]:
    return expansions(found, list(generic(found, (2023, 2025))))


@pytest.mark.parametrize(
    ("name", "year", "q"),
    [
        ("xizang-2025", 2025, 0.5),
        ("xizang-2025-low", 2025, 0.25),
        ("xizang-2025-high", 2025, 0.75),
        ("xizang-2030", 2030, 0.5),
    ],
)
def test_later_years_of_the_library_have_the_demand_of_the_trend(
    name: str, year: int, q: float, small_network: Network
) -> None:
    resolved = load_scenario(name)
    assert resolved.fit_key == load_scenario("xizang-2021").fit_key
    network = apply_scenario(small_network, resolved.scenario)
    factor = fit_trend(load_region().published_growth().points).factor(year, q)
    wanted = factor * small_network.report["express_items"].value
    assert yearly_express(demand_of(network)) == round(wanted)


@pytest.mark.parametrize("name", ["xizang-2025", "xizang-2025-low", "xizang-2025-high", "xizang-2030"])
def test_their_descriptions_say_the_millions_of_the_trend(name: str) -> None:
    trend = fit_trend(load_region().published_growth().points)
    year = int(name.split("-")[1])
    q = {"low": 0.25, "high": 0.75}.get(name.rpartition("-")[2], 0.5)
    assert f"{trend.quantile(year, q) / 1e6:.1f} million" in " ".join(library()[name].description.split())


def test_years_come_in_order(found: Study) -> None:
    assert [row.year for row in found.by_year] == list(range(2021, 2029))
    for name in ("factor", "mail", "people", "vehicles_at_target", "lanes_at_target"):
        values = [getattr(row, name) for row in found.by_year]
        assert values == sorted(values), name
    for a, b in zip(found.by_year, found.by_year[1:], strict=False):
        assert all(a.full[kind] <= b.full[kind] for kind in KINDS)
    for row in found.by_year:
        assert all(row.full[kind] <= row.full_in_peak[kind] for kind in KINDS)
        assert row.mail <= row.mail_in_peak + 1e-9


def test_the_first_full_is_the_break_and_more_demand_brings_it_earlier(found: Study) -> None:
    first = found.resources[0]
    assert found.base.first.name == first.name and found.base.first.year == first.year
    assert math.isclose(found.trend.factor(found.base.first.when), first.factor, rel_tol=1e-3)
    assert found.early.first.when <= found.base.first.when <= found.late.first.when
    assert found.base.first_in_peak.when <= found.base.first.when <= found.base.half.when
    for row in found.resources:
        assert row.factor >= row.alone
        if row.kind != "route":
            assert row.factor == row.alone


def test_a_network_of_another_year_is_refused(small_network: Network) -> None:
    with pytest.raises(GrowthError, match="that of 2012"):
        study(replace(small_network, year=2012), "old", "Old", YEARS)
    with pytest.raises(GrowthError, match="from 2021 on"):
        study(small_network, "small", "Small", (2015, 2025))


@pytest.mark.slow
def test_more_of_the_same_never_breaks_earlier_and_packages_hold(
    found: Study, rows: tuple[ExpansionRow, ...]
) -> None:
    by_name = {row.name: row for row in rows}
    for row in rows:
        if row.name != "round-the-clock":  # it changes when items are ready, and so which trips they take
            assert row.gain >= -1e-9 and row.half_gain >= -1e-9, row.name
    for year in (2023, 2025):
        assert by_name[f"hold-{year}"].when >= year
    assert by_name["hold-2025"].yuan_a_year > by_name["hold-2023"].yuan_a_year > 0
    ordered = ranked(rows)
    assert [row.gain for row in ordered] == sorted((row.gain for row in rows), reverse=True)
    one = by_name[f"one-more:{found.resources[0].id}"]
    assert one.gain > 0


def test_files_say_what_the_study_found(found: Study, rows: tuple[ExpansionRow, ...], tmp_path: Path) -> None:
    checks = (
        CheckRow(1.2, 2022, (), (), "", 0.0),
        CheckRow(1.4, 2023, (("q", "s"),), (("q", "s"),), "q at s", 9.0),
    )
    files = write_study(found, rows, checks, tmp_path)
    assert {file.name for file in files} == {
        "growth.json", "demand.csv", "years.csv", "resources.csv", "expansions.csv", "simulated.csv",
    }  # fmt: skip
    told = json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(as_json(found, rows, checks), allow_nan=False))
    assert told["break"]["year"] == found.base.first.year
    assert told["simulated"]["no_queue_grows_at"] == 1.2 and told["simulated"]["queues_grow_at"] == 1.4
    assert (
        len((tmp_path / "resources.csv").read_text(encoding="utf-8").splitlines()) == len(found.resources) + 1
    )


def test_the_bracket_is_between_the_last_calm_and_the_first_growing() -> None:
    def at(factor: float, grows: bool) -> CheckRow:
        return CheckRow(factor, None, (), (("q", "s"),) if grows else (), "", 0.0)

    assert bracket([at(1.3, False), at(1.2, False), at(1.5, True)]) == (1.3, 1.5)
    assert bracket([at(1.3, True), at(1.5, False)]) == (None, 1.3)
    assert bracket([at(1.3, False)]) == (1.3, None)


@pytest.mark.slow
def test_a_simulated_queue_grows_above_the_break_and_not_below(small_network: Network) -> None:
    """One lane in Xigaze so slow that it is full six tenths of the time is the first to be full."""
    network = replace(small_network, operations=Operations())
    rates, plan = demand_of(network), make_plan(network)
    row = network.stops.index("540202")
    handled = sum(load.handled[row] for load in loads_by_class(network, rates, plan))
    slow = replace(network.centres[row], lanes=1, lane_rate_per_h=round(handled / 24 / 0.6))
    centres = tuple(slow if centre.place == slow.place else centre for centre in network.centres)
    tight = study(replace(network, centres=centres), "small", "Small", (2021, 2022))
    first = tight.resources[0]
    assert (first.kind, first.place) == ("lanes", "540202") and 1.5 < first.factor < tight.resources[
        1
    ].factor / 1.3
    start = load_scenario("xizang-2021").plan.start
    below, above = check(tight, RunPlan(start, 14, 21), [share * first.factor for share in (0.85, 1.2)])
    assert below.simulated == below.fluid == ()
    assert above.simulated == above.fluid == (("lanes, sorters and lines", "540202"),)
    with pytest.raises(ValueError, match="three measured weeks"):
        check(tight, RunPlan(start, 14, 14), [1.0])


def test_charts_show_the_points_and_the_first_resources(found: Study) -> None:
    fan = demand_fan(found.growth, found.trend, [vars(row) for row in found.demand], capacity=2e7)
    drawn = np.concatenate([np.asarray(line.get_xdata(), dtype=float) for line in fan.get_lines()])
    assert {point.year for point in found.growth.points} <= set(drawn.tolist())
    assert "million" in fan.get_ylabel() and fan.get_xlabel()
    bars = break_timeline(
        [vars(row) for row in found.resources], YEARS, found.level, found.peak_month, most=5
    )
    shown = [label.get_text() for label in bars.get_yticklabels()]
    assert len(shown) == min(5, sum(row.year is not None for row in found.resources))
    assert found.resources[0].name[:20] in shown[0]


def test_charts_of_a_network_that_is_never_full(small_network: Network) -> None:
    found = study(small_network, "small", "Small", (2021, 2024))
    assert found.base.first.year is None and found.base.half.year is None
    break_timeline([vars(row) for row in found.resources], (2021, 2024), 0.5, "November")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> None:
    monkeypatch.setattr(resolve_module, "build_base", lambda *_: busy(small_network))


def yizhan(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_the_command_says_when_where_and_what_delays_it(tmp_path: Path) -> None:
    more = tmp_path / "more.toml"
    more.write_text(
        'title = "Two trucks a trip"\nbase = "xizang-2021"\n'
        '[[change]]\nop = "equip_route"\nroute = "road-001"\nvehicles_per_trip = 2\n'
    )
    out = tmp_path / "growth"
    result = yizhan("growth", "xizang-2021", "--years", "2021-2024", "--with", str(more), "--out", str(out))
    assert result.exit_code == 0, result.stderr
    told = json.loads((out / "growth.json").read_text(encoding="utf-8"))
    for text in (
        "trend: +20.2 % a year from 14.852 million in 2021",
        f"first full: {told['break']['name']}, {told['break']['year']}",
        "Two trucks a trip",
        "held out",
        "expansion, longest delay first",
    ):
        assert text in result.stdout
    assert {"demand.png", "breaks.svg"} <= {file.name for file in out.iterdir()}


@pytest.mark.usefixtures("small")
def test_json_is_the_file(tmp_path: Path) -> None:
    result = yizhan(
        "growth", "xizang-2021", "--years", "2021-2022", "--out", str(tmp_path), "--no-plots", "--json"
    )
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--years", "2021"], "two years such as 2021-2035"),
        (["--years", "2035-2021"], "two years such as 2021-2035"),
        (["--years", "2015-2025"], "the trend goes from 2021 on"),
        (["--with", "xizang-nonsense"], "xizang-nonsense"),
    ],
)
def test_wrong_input_is_told(arguments: list[str], told: str) -> None:
    result = yizhan("growth", "xizang-2021", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_study_broken_off_goes_on_and_simulates_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, days = tmp_path / "growth", tmp_path / "short.toml"
    days.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 7\nmeasured_days = 21\n')
    asked = ["growth", str(days), "--years", "2021-2022", "--factor", "1", "--factor", "1.1"]
    asked += ["--no-plots", "--out", str(out)]
    simulate, begun = check_module.simulate, 0

    def second_stops(*given: Any, **named: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun == 2:
            raise KeyboardInterrupt
        return simulate(*given, **named)

    monkeypatch.setattr(check_module, "simulate", second_stops)
    monkeypatch.setattr(asked_module, "expansions", lambda *_: [])  # they take long, and are not in question
    stopped = yizhan(*asked)
    assert stopped.exit_code == 130
    assert f"1 simulations finished and kept; go on with the same command and --out {out}" in stopped.stderr
    other = yizhan(*[text.replace("1.1", "1.2") for text in asked])
    assert other.exit_code == 2 and "was begun for another question (another factors)" in other.stderr
    assert not out.exists()
    done = yizhan(*asked)
    assert done.exit_code == 0 and begun == 3, done.stderr
    assert [path.name for path in tmp_path.iterdir() if path != days] == ["growth"]
    runs = json.loads((out / "growth.json").read_text(encoding="utf-8"))["simulated"]["runs"]
    assert [row["factor"] for row in runs] == [1.0, 1.1]
    again = yizhan(*asked)
    assert again.exit_code == 2 and "not empty" in again.stderr
