"""Questions to ``yizhan plan``: measures by name, standards, and all that is wrong with them in one list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from network.errors import InputErrors
from network.model.network import Network
from scenarios.charts.plan import frontier, plan_map
from scenarios.cli import app
from scenarios.definition.resolve import load_scenario
from scenarios.expansion import folder as keep
from scenarios.expansion.aims import FORMS, parse_aim, parse_standards
from scenarios.expansion.planning import Question, answer

runner = CliRunner()


@pytest.mark.parametrize("form", FORMS)
def test_every_measure_has_a_name_and_says_what_it_is(form: str) -> None:
    aim = parse_aim(form.replace("N", "24"))
    assert aim.says and " N " not in aim.says
    assert aim.sign == (-1 if aim.unit == "h" else 1)


def test_an_unknown_measure_offers_the_nearest() -> None:
    with pytest.raises(InputErrors, match=r"did you mean 'frequency.people_at_least.N'"):
        parse_aim("frequency.people_at_last.3")
    with pytest.raises(InputErrors):
        parse_aim("coverage.inbound.within.people")


def test_standards_are_read_with_their_units() -> None:
    first, second = parse_standards(
        ["frequency.villages_at_least.3 >= 95 %", "scheduled.inbound.mean_h <= 120 h"]
    )
    assert (first.asked, first.aim.of, first.aim.number) == (0.95, "villages", 3)
    assert (second.asked, second.aim.sign) == (120.0, -1)
    assert first.says == "frequency.villages_at_least.3 >= 95 %"


def test_wrong_standards_are_told_together() -> None:
    wrong = ["frequency.villages_at_least.3 > 2", "no.such >= 1", "frequency.villages_at_least.3 >= 200 %"]
    with pytest.raises(InputErrors) as caught:
        parse_standards(wrong)
    assert len(caught.value.problems) == 3


def test_all_that_is_wrong_with_a_question_comes_in_one_list() -> None:
    asked = [
        "plan",
        "xizang-2021",
        "--kinds",
        "rails",
        "--years",
        "3",
        "--measure",
        "speed",
        "--budget",
        "-1",
    ]
    found = runner.invoke(app, asked)
    assert found.exit_code == 2
    assert "4 problems" in found.output
    found = runner.invoke(app, ["plan", "xizang-2021"])
    assert found.exit_code == 2 and "--budget, --standard" in found.output


@pytest.mark.slow
def test_a_plan_is_kept_with_its_scenarios_tables_and_charts(
    xizang_2021: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The days of rounds need no timetable, so that this is quick on the real network."""
    base = load_scenario("xizang-2021")
    monkeypatch.setattr(keep, "_open", lambda reference, progress: (base, xizang_2021))
    out = tmp_path / "kept"
    measure = "frequency.villages_at_least.3"
    asked = ["plan", "xizang-2021", "--budget", "1e6", "--measure", measure, "--kinds", "rounds"]
    asked += ["--standard", f"{measure} >= 80 %", "--years", "2", "--yearly-budget", "5e5", "--gap", "0.01"]
    found = runner.invoke(app, [*asked, "--no-verify", "--out", str(out)])
    assert found.exit_code == 0, found.output
    told = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    chosen = told["chosen"]
    assert chosen["yuan"] <= 1e6 and chosen["exact"] > told["base"]
    assert chosen["predicted"] == pytest.approx(chosen["exact"])
    assert chosen["bound"] >= chosen["predicted"]
    assert chosen["spending"]["rounds"] + chosen["spending"]["round_vehicles"] == pytest.approx(
        chosen["yuan"]
    )
    assert told["standard"]["exact"] >= 0.8 and told["standard"]["bound"] <= told["standard"]["yuan"]
    assert told["years"]["gain"] <= told["years"]["bound"] + 1e-9
    again = load_scenario(out / "portfolio.toml")
    assert (again.name, again.chain[1]) == (chosen["name"], "xizang-2021")
    assert len(again.scenario.change) >= 1
    files = {path.name for path in (out / "scenarios").iterdir()}
    assert {f"{point['name']}.toml" for point in told["cost_benefit_frontier"] if point["changed"]} <= files
    for name in ("frontier", "map", "standard-map"):
        assert (out / "plots" / f"{name}.png").stat().st_size > 10_000
    rows = (out / "changes.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + len(chosen["changes"])
    refused = runner.invoke(app, [*asked, "--no-verify", "--out", str(out)])
    assert refused.exit_code == 2 and "not empty" in refused.output


@pytest.mark.slow
def test_charts_name_their_axes_with_units(small_network: Network) -> None:
    aim = parse_aim("frequency.people_at_least.5")
    plan = answer(small_network, Question(aim, ("rounds",), 5e5, shares=(0.5,)), "small")
    points = [
        {
            "name": p.name,
            "budget": p.budget,
            "yuan": p.yuan,
            "exact": p.exact,
            "predicted": p.predicted,
            "bound": p.bound,
        }
        for p in plan.frontier
    ]
    ax = frontier(points, aim.says, plan.base, aim.unit)
    assert "million yuan" in ax.get_xlabel() and "points" in ax.get_ylabel()
    assert plan_map(small_network, [vars(row) for row in plan.rows], "A map").get_title(loc="left") == "A map"
