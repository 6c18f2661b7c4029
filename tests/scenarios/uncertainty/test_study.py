"""Studies: same bytes wherever they run, and however often they are broken off; every draw is told."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import studyfakes
from studyfakes import fit, ishigami_design, measure, moody, slowly, sometimes
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.support.executors import Here, Pool, Task, on_cluster, place_for
from scenarios.support.folders import StoreError
from scenarios.uncertainty.answers import (
    Ask,
    _by_arrow,
    _by_duckdb,
    answer_all,
    parts_of,
    read_outcomes,
    read_part,
)
from scenarios.uncertainty.columns import TABLES as COLUMNS
from scenarios.uncertainty.findings import find
from scenarios.uncertainty.study import Study, StudyPlan, study_of
from scenarios.uncertainty.study_run import run_study
from scenarios.uncertainty.study_tables import TABLES, tables_of
from scenarios.uncertainty.study_text import _share
from scenarios.uncertainty.verdicts import beats

PLAN = StudyPlan(worlds=4, simulate=1, replications=2, total=0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return a base and another scenario of a few days."""
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "short.toml").write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 1\n')
    (folder / "more.toml").write_text(
        'base = "short"\n[[change]]\nop = "retime_route"\nroute = "road-003"\nper_week = 7\n'
        '[[change]]\nop = "hand_over"\nbrands = "all"\n'
    )
    return str(folder / "short.toml"), str(folder / "more.toml")


def study(files: tuple[str, str], out: Path, plan: StudyPlan = PLAN) -> Study:
    return study_of(files[0], files[1:], plan, out, {})


def contents(folder: Path) -> dict[str, bytes]:
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "log.json")
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths}


@pytest.fixture(scope="module")
def alone(files: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Study:
    out = tmp_path_factory.mktemp("studies") / "alone"
    return run_study(study(files, out), measure=measure, fit=fit, workers=1, plots=False)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_two_workers_give_the_bytes_of_one(files: tuple[str, str], alone: Study, tmp_path: Path) -> None:
    two = run_study(study(files, tmp_path / "two"), measure=measure, fit=fit, workers=2, plots=False)
    assert two.failures == ()
    assert contents(two.folder) == contents(alone.folder)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(files: tuple[str, str], alone: Study, tmp_path: Path) -> None:
    """Of two processes; and a task that fails there, or for another command, is told as elsewhere."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", protocol="tcp"
    ) as cluster:
        address = cluster.scheduler_address
        found = run_study(
            study(files, tmp_path / "dask"), measure=measure, fit=fit, dask=address, plots=False
        )
        with on_cluster(address):
            outcomes = {o.id: o for o in place_for(4, 1).map(sometimes, [Task(str(k), k) for k in range(4)])}
    assert found.failures == ()
    assert contents(found.folder) == contents(alone.folder)
    assert "two is wrong" in outcomes.pop("2").message
    assert sorted(o.value for o in outcomes.values()) == [0, 1, 3]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from studyfakes import fit, measure
from scenarios.uncertainty.study import StudyPlan, study_of
from scenarios.uncertainty.study_run import run_study

if __name__ == "__main__":
    plan = StudyPlan(worlds=4, simulate=1, replications=2, total=0)
    study = study_of({base!r}, [{other!r}], plan, Path({out!r}), {{}})
    run_study(study, measure=measure, fit=fit, workers=1, plots=False)
"""


@pytest.mark.slow
def test_a_study_that_was_killed_goes_on_where_it_was(
    files: tuple[str, str], alone: Study, tmp_path: Path
) -> None:
    """Its process is ended by SIGKILL in the middle of the simulations: nothing can be tidied up."""
    out = tmp_path / "killed"
    script = tmp_path / "run.py"
    tests = str(Path(studyfakes.__file__).parent)
    script.write_text(KILLED.format(tests=tests, base=files[0], other=files[1], out=str(out)))
    root = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root})
    try:
        wait_for(lambda: len(list(out.glob("parts/simulated-*.parquet"))) >= 2, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = {path: path.stat().st_mtime_ns for path in out.glob("parts/*.parquet")}
    assert 7 <= len(kept) < 11 and not (out / "summary.md").exists()
    (out / "parts" / "simulated-w0001-more-0.parquet.tmp").write_bytes(b"half of a part")
    found = run_study(study(files, out), measure=measure, fit=fit, workers=1, plots=False)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept  # none was made again
    assert contents(found.folder) == contents(alone.folder)


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while not ready():
        assert process.poll() is None and time.monotonic() < end, "ended too early, or never got so far"
        time.sleep(0.02)


@pytest.mark.slow
def test_every_draw_is_accounted_for(alone: Study) -> None:
    """The small network refuses draws with slow trunks: each is told, and its world drawn anew."""
    assert alone.worlds == ("w0001", "w0002", "w0003", "w0004")
    for part in alone.drawn:
        assert part.values is not None and part.values["trunk_speed_kmh"] >= 41
        for attempt in range(len(part.refused)):
            assert alone.design.world(int(part.world[1:]), attempt)["trunk_speed_kmh"] < 41
    told = rows(alone.folder, "refused.csv")
    assert len(told) == len(alone.refused) and {row["stage"] for row in told} <= {"places"}


def test_all_scenarios_of_a_world_share_its_draw_and_its_chance(alone: Study) -> None:
    """What the change does not touch is equal to the bit: the items of the run, in every world."""
    found = read_outcomes(alone.simulated, alone.worlds, ["items.accepted"])
    base, other = (found.over_worlds("simulated", name, "items.accepted") for name in alone.names)
    assert base[0] == other[0] > 100
    first, second = found.replications("simulated", "short", "items.accepted", "w0000"), base[:1]
    assert len(first) == 2 and len(second) == 1


def test_the_folder_holds_what_is_promised(alone: Study) -> None:
    names = {path.name for path in alone.folder.iterdir()}
    assert names == set(TABLES) - {"plots"} | {"short.toml", "more.toml"}
    for name, rows_of in tables_of(find(alone)).items():  # no cell is written without a declared column
        assert all(set(row) <= {column.name for column in COLUMNS[name]} for row in rows_of), name


def test_numbers_of_the_summary_stand_in_the_tables(alone: Study) -> None:
    text = (alone.folder / "summary.md").read_text(encoding="utf-8")
    share = next(
        row
        for row in rows(alone.folder, "shares.csv")
        if (row["form"], row["measure"], row["scenario"]) == ("scheduled", "transit.all.mean_h", "more")
    )
    assert f"{100 * float(share['share']):.0f} %" in text
    assert "What this does not show" in text


def test_a_world_of_another_study_is_not_gone_on_with(files: tuple[str, str], alone: Study) -> None:
    other = StudyPlan(worlds=5, simulate=1, replications=2, total=0)
    with pytest.raises(StoreError, match="worlds 4, not 5"):
        run_study(study(files, alone.folder, other), measure=measure, fit=fit, workers=1)
    with pytest.raises(StoreError, match="needs a base and at least one other"):
        study_of(files[0], [], PLAN, alone.folder, {})


def test_more_worlds_are_simulated_by_the_same_command_with_a_greater_number(
    files: tuple[str, str], alone: Study, tmp_path: Path
) -> None:
    """A study of timetables only goes on to that with a simulated world."""
    out = tmp_path / "grown"
    shutil.copytree(alone.folder, out)
    for path in out.glob("parts/simulated-*"):
        path.unlink()
    run_study(study(files, out, replace(PLAN, simulate=0)), measure=measure, fit=fit, workers=1, plots=False)
    assert not list(out.glob("parts/simulated-*"))
    assert "simulated" not in (out / "summary.md").read_text(encoding="utf-8").partition("## What")[0]
    shutil.copytree(alone.parts, out / "parts", dirs_exist_ok=True)  # more is there than is asked for
    again = replace(PLAN, simulate=0)
    kept = contents(out).keys() - {f"parts/{path.name}" for path in alone.parts.glob("simulated-*")}
    before = {name: text for name, text in contents(out).items() if name in kept}
    run_study(study(files, out, again), measure=measure, fit=fit, workers=1, plots=False)
    assert {name: text for name, text in contents(out).items() if name in kept} == before
    grown = run_study(study(files, out), measure=measure, fit=fit, workers=1, plots=False)
    assert contents(grown.folder) == contents(alone.folder)


def test_duckdb_and_arrow_read_the_same(alone: Study) -> None:
    paths = sorted(alone.parts.glob("*.parquet"))
    for keys in (None, ["transit.all.mean_h", "items.accepted"]):
        one, other = _by_duckdb(paths, keys), _by_arrow(paths, keys)
        assert one is not None and one.to_pylist() == other.to_pylist() and one.num_rows > 10


def test_a_task_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    design = ishigami_design(6)
    asks = [Ask(f"w{k}", f"w{k}", number=k, detail="fail" if k == 3 else None) for k in range(1, 7)]
    failures = answer_all(moody, design, asks, tmp_path, Here())
    assert [(f.task, f.error) for f in failures] == [("w3", "RuntimeError: a run that fails")]
    parts = parts_of(tmp_path)
    assert [part.name for part in parts] == ["w1", "w2", "w4", "w5", "w6"]
    assert all(part.values is not None and part.values["x1"] >= 0 for part in parts)
    assert {stage for part in parts for stage, _ in part.refused} == {"fleet"}
    assert parts[0].missing[0].reason == "no such route"
    again = [ask if ask.name != "w3" else Ask("w3", "w3", number=3) for ask in asks]
    assert answer_all(moody, design, again, tmp_path, Here()) == []
    assert len(parts_of(tmp_path)) == 6


def test_a_fixed_world_that_is_refused_is_kept_with_its_reason(tmp_path: Path) -> None:
    ask = Ask("x", "x", values={"x1": -1.0, "x2": 0.0, "x3": 0.0})
    assert answer_all(moody, ishigami_design(1), [ask], tmp_path, Here()) == []
    part = read_part(tmp_path / "x.parquet")
    assert part.values is None and part.refused == (("fleet", "too few"),) and part.rows() == []


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios.support.progress import Progress

    class Impatient(Progress):
        seen = 0

        def task(self, name: str, error: str) -> None:
            self.seen += 1
            if self.seen == 3:
                raise KeyboardInterrupt

    design = ishigami_design(40)
    asks = [Ask(f"w{k:02d}", f"w{k:02d}", number=k) for k in range(1, 41)]
    with pytest.raises(KeyboardInterrupt):
        answer_all(slowly, design, asks, tmp_path, Pool(2), Impatient())
    kept = {path.name for path in tmp_path.glob("*.parquet")}
    assert 3 <= len(kept) < 20
    assert answer_all(slowly, design, asks[:20], tmp_path, Here()) == []


@pytest.mark.slow
def test_total_indices_come_from_the_same_folder(files: tuple[str, str], tmp_path: Path) -> None:
    """The stand-in hangs on the trunks' speed alone: it survives, and its total index is about 1."""
    plan = StudyPlan(worlds=40, simulate=0, total=12, survivors=2)
    found = run_study(
        study(files, tmp_path / "total", plan),
        measure=measure,
        fit=fit,
        workers=1,
        measures=["transit.all.mean_h"],
    )
    drawn = {path.name for path in (found.folder / "plots").glob("*.png")}
    assert drawn == {"shares-scheduled.png", "ranges.png", "differences.png", "hangs-on-short.png"}
    told = {row["input"]: row for row in rows(found.folder, "total.csv") if row["scenario"] == "short"}
    assert "trunk_speed_kmh" in told
    assert float(told["trunk_speed_kmh"]["total_high"]) > 0.7
    assert float(told["all others together"]["total"]) == pytest.approx(0, abs=1e-9)


def test_the_number_of_simulated_worlds_is_no_more_than_there_are() -> None:
    with pytest.raises(Exception, match="at most 3 worlds"):
        StudyPlan(worlds=3, simulate=4)


def test_a_measure_that_is_none_is_refused_before_anything_runs(tmp_path: Path) -> None:
    names = ["xizang-2021", "xizang-handover-all", "--measure", "transit.all.mean", "--measure", "nosuch"]
    found = CliRunner().invoke(app, ["study", *names, "--out", str(tmp_path / "s")])
    assert found.exit_code == 2 and "did you mean 'transit.all.mean_h'" in found.output
    assert "nosuch" in found.output and not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("better", "equal", "told"),
    [(200, 0, "100 % "), (199, 1, "> 99 % "), (1, 0, "< 1 % "), (0, 200, "0 % "), (2, 0, "1 % ")],
)
def test_what_is_not_quite_all_or_none_says_so(better: int, equal: int, told: str) -> None:
    base = np.zeros(200)
    other = np.r_[np.full(better, -1.0), np.zeros(equal), np.full(200 - better - equal, 1.0)]
    text = _share(beats(other, base, -1))
    assert text.startswith(told)
    assert text.endswith(f"equal {'< 1' if equal == 1 else '100'} %") == (equal > 0)
