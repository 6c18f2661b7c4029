"""Selecting by running: replications as they are asked for, and selections that can be gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import scenarios.runs.run as run_module
from network.errors import InputErrors, YizhanError
from network.model.network import Network
from scenarios.cli.select import _print, _share
from scenarios.comparison.select_runs import select
from scenarios.runs.folder import open_run
from scenarios.support.broken_off import Interrupted
from scenarios.support.folders import StoreError
from scenarios.support.tables import read_rows

RUN: dict[str, Any] = {"measured_days": 1, "workers": 1, "first": 2}
MEASURE = "transit.by_prefecture.Xigaze.mean_h"
DELTA = 20.0  # h: so great that the first stage decides


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Return files of the small network with one trip a week to Tingri in place of five, and as it is."""
    plain, once = tmp_path / "plain.toml", tmp_path / "once.toml"
    plain.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\n')
    once.write_text(
        'base = "xizang-2021"\n[run]\nwarmup_days = 0\n'
        '[[change]]\nop = "retime_route"\nroute = "road-003"\nper_week = 1\n'
    )
    return [str(once), str(plain)]


@pytest.fixture(autouse=True)
def fits(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> list[str]:
    made: list[str] = []

    def build(resolved: Any, progress: Any = None) -> Network:
        made.append(resolved.name)
        return small_network

    monkeypatch.setattr(run_module, "build_base", build)
    return made


@pytest.mark.slow
def test_the_best_is_run_and_selected_also_when_that_was_broken_off(
    files: list[str],
    fits: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call, written = run_module.Keeper.__call__, []

    def keep(self: Any, result: Any) -> int:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append((self.partial.name, result.plan.replication))
        return call(self, result)

    monkeypatch.setattr(run_module.Keeper, "__call__", keep)
    with pytest.raises(Interrupted, match="3 replications finished and kept"):
        select(files[0], files[1:], DELTA, tmp_path / "out", measure=MEASURE, **RUN)
    written.clear()
    chosen, folder = select(files[0], files[1:], DELTA, tmp_path / "out", measure=MEASURE, **RUN)
    assert written == [("plain.partial", 1)] and fits == ["once"]  # the rest was there

    assert chosen.best == "plain" and chosen.selection.replications == (2, 2)
    table = read_rows(folder / "select.csv")
    assert [row["scenario"] for row in table] == ["plain", "once"] and table[0]["result"] == "selected"
    data = json.loads((folder / "select.json").read_text(encoding="utf-8"))
    assert data["selected"] == "plain" and data["first_stage"] == 2
    for row in table:  # the folders of the runs hold what the procedure saw, and are complete
        run = open_run(folder / row["scenario"])
        values = [m["transit"]["by_prefecture"]["Xigaze"]["mean_h"] for m in run.measures]
        assert values == data["values"][row["scenario"]]
        assert sum(values) / len(values) == pytest.approx(float(row["mean"]))
    _print(data)
    assert "selected: plain, after 4 replications" in capsys.readouterr().out
    with pytest.raises(StoreError, match="is there already"):
        select(files[0], files[1:], DELTA, folder, measure=MEASURE, **RUN)


def test_what_cannot_be_selected_by_is_refused(files: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"transit\.all"):
        select(files[0], files[1:], 1.0, tmp_path / "out", measure="transit.al.mean_h", **RUN)
    with pytest.raises(StoreError, match="is of 2012"):
        select(files[0], ["xizang-2012"], 1.0, tmp_path / "out", **RUN)
    with pytest.raises(StoreError, match="named 'once'"):
        select(files[0], [files[0]], 1.0, tmp_path / "out", **RUN)
    with pytest.raises(YizhanError, match="above 0"):
        select(files[0], files[1:], 0.0, tmp_path / "out", **RUN)


def test_a_confidence_is_a_percentage_or_a_share() -> None:
    assert [_share(text) for text in ("95%", " 90 % ", "0.99")] == [0.95, 0.9, 0.99]
    for wrong in ("95", "0", "high", "1.2.3"):
        with pytest.raises(InputErrors, match="confidence"):
            _share(wrong)
