"""A scenario in which nobody sends anything is run, charted, compared and shown as any other."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import scenarios.runs.run as run_module
from network.edit.demand import scale_demand
from network.model.network import Network
from scenarios.cli import app
from scenarios.comparison.compare import compare
from scenarios.expansion.aims import parse_aim
from scenarios.expansion.effects import total
from scenarios.expansion.programme import PlanError
from scenarios.runs.folder import open_run

SHORT = "\n[run]\nwarmup_days = 0\n"


def shown(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def compared(small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a comparison of ordinary mail with none, charts and all."""

    def build(resolved: Any, progress: Any = None) -> Network:
        return small_network

    monkeypatch.setattr(run_module, "build_base", build)
    files = {"base": "", "silent": "[demand]\noriginating = 0\ninbound = 0\n"}
    for name, demand in files.items():
        (tmp_path / f"{name}.toml").write_text(f'base = "xizang-2021"{SHORT}{demand}')
    out = tmp_path / "compared"
    base, silent = (str(tmp_path / f"{name}.toml") for name in files)
    compare(base, [silent], out, measured_days=2, replications=2, workers=1)
    return out


@pytest.mark.slow
def test_without_mail_all_commands_answer(compared: Path) -> None:
    silent = open_run(compared / "silent")
    assert silent.summary["items_total"] == [0, 0]
    measures = silent.summary["measures"]["coverage"]["inbound"]
    assert set(measures["within"]["168"].values()) == {None}
    by_timetable = silent.summary["scheduled"]["coverage"]["inbound"]
    assert set(by_timetable["within"]["168"].values()) == {None}
    assert "beyond-timetable-inbound.png" in shown("plot", silent.path)
    counts = list(csv.DictReader((compared / "places.csv").read_text(encoding="utf-8").splitlines()))
    assert {(row["scenario"], float(row["places"])) for row in counts} == {("silent", 0.0)}
    assert "an item: – yuan" in shown("cost", silent.path)
    table = shown("coverage", silent.path, "--no-plots")
    assert table.count("–") > 40 and "0.0 %" not in table.split("Equity")[0]
    assert "without mail" in shown("cost", silent.path)


def test_hours_of_mail_that_nobody_sends_cannot_be_planned(small_network: Network) -> None:
    silent = scale_demand(small_network, 0.0, direction="inbound")
    for aim in ("scheduled.inbound.mean_h", "coverage.inbound.within.72.people"):
        with pytest.raises(PlanError, match="no mail comes from other provinces"):
            total(silent, parse_aim(aim))
