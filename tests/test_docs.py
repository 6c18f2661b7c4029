"""The documentation says what the project does: parameters, links, commands."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
from typer.testing import CliRunner

from network.inputs.assumptions import Assumptions
from network.inputs.observed import load_facts
from network.inputs.standard_tables import bundled_standards
from network.inputs.tables import load_region
from network.model.network import Network
from scenarios.assessment.service import TimeRow
from scenarios.changes import Change
from scenarios.cli import app
from scenarios.definition.resolve import build, library, load_scenario, resolve
from scenarios.definition.schema import problems_of
from sim.engine.trips import TripLog
from sim.state.records import ItemLog

ROOT = Path(__file__).parents[1]
CHANGES = get_args(get_args(Change)[0])
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
# Options and operations of a scenario and columns, which are names with an underscore but no assumptions.
OPTIONS = {
    "express_linehaul",
    "fleet_scope",
    "extra_trips",
    "hand_over",
    "add_road",
    "close_road",
    "close_road_yearly",
    "improve_road",
    "peak_demand",
    "scale_fleet",
    "set_hours",
    "final_s",
    "co2e_kg",
    "yuan_per_item",
    "yuan_per_tkm",
}


@pytest.fixture(scope="module")
def refresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def model_page() -> str:
    return (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cost_page() -> str:
    return (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


def test_the_rules_name_every_assumption_once_and_no_other(
    refresh: ModuleType, model_page: str, cost_page: str, assumptions: Assumptions
) -> None:
    named = refresh.named(model_page) + refresh.named(cost_page)
    assert sorted(named) == sorted(assumptions)


@pytest.mark.parametrize("page", ["model.md", "cost.md", "scenarios.md", "results.md"])
def test_the_tables_are_what_the_project_reads(
    page: str, refresh: ModuleType, assumptions: Assumptions
) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert refresh.refreshed(text, assumptions) == text, "run: python docs/refresh.py"


def test_the_scenarios_shown_are_valid() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(shown) > 5
    for block in shown:
        assert problems_of(tomllib.loads(block), "docs/scenarios.md") == []


def test_the_changes_shown_can_be_made(xizang_2021: Network) -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    base = load_scenario("xizang-2021").fit_key
    made: set[str] = set()
    for block in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        data = tomllib.loads(block)
        if "change" not in data or "sweep" in data:
            continue
        resolved = resolve({"base": "xizang-2021", **data})
        assert resolved.fit_key == base
        assert build(resolved, fitted=xizang_2021) is not xizang_2021
        made |= {change.op for change in resolved.scenario.change}
    assert made == {get_args(model.model_fields["op"].annotation)[0] for model in CHANGES}


def test_the_page_on_scenarios_shows_what_the_commands_print(
    xizang_2021: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    sweep = next(b for b in re.findall(r"^```toml\n(.*?)^```", text, re.M | re.S) if "[sweep.axes]" in b)
    (tmp_path / "my-sweep.toml").write_text(sweep, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("scenarios.comparison.diff.build_base", lambda *_: xizang_2021)
    shown = re.findall(r"^\$ yizhan ((?:list|diff) .*)\n((?:.*\n)*?)```", text, re.MULTILINE)
    assert len(shown) == 2
    for command, lines in shown:
        done = CliRunner().invoke(app, command.split())
        assert done.exit_code == 0, done.output
        assert [line.rstrip() for line in done.stdout.splitlines()] == lines.splitlines()


def test_the_columns_of_the_records_are_all_explained() -> None:
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    items, _, trips = text.partition("## Trips")
    trips, _, _ = trips.partition("## ")
    for part, columns in ((items, ItemLog(0, 0).columns()), (trips, TripLog().arrays(0))):
        told = {
            name
            for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", row)
        }
        assert set(columns) <= told


def test_names_in_the_text_of_the_rules_exist(
    model_page: str, cost_page: str, assumptions: Assumptions
) -> None:
    used = set(re.findall(r"`([a-z]+[0-9]*(?:_[a-z0-9]+)+)`", model_page + cost_page))
    assert used <= set(assumptions) | set(assumptions.tables) | OPTIONS


def test_every_rule_that_the_code_cites_is_a_heading(model_page: str) -> None:
    headings = " ".join(re.findall(r"^## Rules? (.*)$", model_page, re.MULTILINE))
    known = {int(number) for number in re.findall(r"\b\d+\b", headings)}
    assert known == set(range(1, 24))
    for package in ("network", "sim", "scenarios"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            for cited in re.findall(r"\brules? (\d+)", text):
                assert int(cited) in known, f"{file}: rule {cited}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in _anchors(file), target


def _anchors(file: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "explain"])
def test_the_readme_shows_what_the_commands_print(command: str) -> None:
    """Lines left out are marked …; the others are printed in this order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(rf"^\$ yizhan ({command} .*)\n((?:.*\n)*?)```", readme, re.MULTILINE)
    assert shown is not None
    done = CliRunner().invoke(app, shown[1].split(), env={"COLUMNS": "300"})
    assert done.exit_code == 0
    printed = iter(line.rstrip() for line in done.stdout.splitlines())
    for line in shown[2].splitlines():
        assert line == "…" or line.rstrip() in printed, line


@pytest.mark.slow
def test_the_page_on_exchange_shows_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\$ yizhan ((?:export|import) .*)\n((?:.*\n)*?)```", page, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    tried = 0
    for command, text in shown:
        if "broken.zip" in command or "network.gpkg" in command or "runs/" in command:
            continue  # of a file made by hand, an extra, a run
        done = CliRunner().invoke(app, command.split())
        assert done.exit_code == 0, done.output
        assert [line.rstrip() for line in done.stdout.splitlines()] == text.splitlines()
        tried += 1
    assert tried == 3


def test_the_readme_names_only_scenarios_and_commands_that_exist() -> None:
    names = {command.name for command in app.registered_commands}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for command, scenario in re.findall(r"(?<!import )yizhan ([a-z]+)(?: (xizang-[\w-]+))?", text):
            assert command in names, f"{page.name}: yizhan {command}"
            assert not scenario or scenario in library(), f"{page.name}: {scenario}"


def test_the_page_of_observed_facts_shows_each_as_it_stands_in_the_table(
    small_network: Network,
) -> None:
    text = (ROOT / "docs" / "observed.md").read_text(encoding="utf-8")
    for fact in load_facts(small_network.region, small_network.assumptions):
        assert f"| {fact.about} | {fact.source} | {fact.year} | {fact.observed} | " in text


def test_the_page_of_standards_names_all_of_the_package(assumptions: Assumptions) -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    for name in bundled_standards():
        assert f"| `{name}` | " in text
    table, _, _ = text.partition("`frequency.csv` has a row")
    for column in (field.name for field in fields(TimeRow)):
        if column not in ("standard", "limit", "level", "id", "name", "prefecture"):
            assert f"`{column}`" in table, column


def test_the_readme_has_two_set_up_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert commands[0].endswith("yizhan run xizang-2021")
    assert "pytest" in commands[1]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "${commands[1]}" in ci
    others = [line for line in ci.splitlines() if "-m pytest" in line]
    assert others == [".venv/bin/python -m pytest -m slow"], "CI takes the quick tests from the README"


def test_every_assumption_is_read_by_the_code(assumptions: Assumptions) -> None:
    """A value that nothing reads would promise a scenario what it cannot have."""
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for package in ("network", "sim", "scenarios")
        for file in (ROOT / package).rglob("*.py")
        if "explain" not in file.parts and file.name != "reconcile.py"
    )
    # Names put together in the code: f"{mode}_handling_h", f"{key}_kg", f"{terrain}_rounds_per_week" …
    endings = {text for text in re.findall(r'f"\{\w+(?:\.\w+)?\}(_\w+)"', code)}
    starts = {text for text in re.findall(r'f"(\w+_)\{', code)}
    unread = [
        name
        for name in assumptions
        if f'"{name}"' not in code
        and not any(name.endswith(ending) for ending in endings)
        and not any(name.startswith(start) for start in starts)
    ]
    assert unread == []


def test_every_promise_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(named) > 9
    for file, test in named:
        assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), (file, test)
