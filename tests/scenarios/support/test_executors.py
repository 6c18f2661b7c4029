"""Executors: the same outcomes wherever tasks run; one that fails sinks no other."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import studyfakes
from studyfakes import deadly, once_deadly, sometimes, square

from network.errors import InputErrors
from scenarios.support.executors import Executor, ExecutorError, Here, Pool, Task, executor
from scenarios.support.progress import ManyTasks

TASKS = [Task(f"task-{k}", k) for k in range(6)]


@pytest.mark.slow
@pytest.mark.parametrize("place", [Here(), Pool(2)], ids=["here", "pool"])
def test_tasks_are_answered_wherever_they_run(place: Executor) -> None:
    told: list[tuple[str, float]] = []
    found = {o.id: o.value for o in place.map(square, TASKS, lambda *row: told.append(row))}
    assert found == {f"task-{k}": k * k for k in range(6)}
    assert [row for row in told if row[1] == 1.0].__len__() == 6
    assert multiprocessing.active_children() == []


@pytest.mark.slow
@pytest.mark.parametrize("place", [Here(), Pool(2)], ids=["here", "pool"])
def test_a_task_that_fails_is_told_and_sinks_no_other(place: Executor) -> None:
    """Its error travels even if its pickle cannot be read."""
    found = {o.id: o for o in place.map(sometimes, TASKS)}
    assert len(found) == 6
    failed = found.pop("task-2")
    assert "two is wrong" in failed.message and "Unpicklable" in failed.trace and failed.value is None
    assert [o.value for _, o in sorted(found.items())] == [0, 1, 3, 4, 5]


@pytest.mark.slow
def test_a_task_that_ends_its_process_fails_alone() -> None:
    found = {o.id: o for o in Pool(2).map(deadly, TASKS[:4])}
    assert "ended from outside" in found.pop("task-1").message
    assert sorted(o.value for o in found.values()) == [0, 2, 3]


@pytest.mark.slow
def test_a_task_whose_process_was_ended_is_tried_again(tmp_path: Path) -> None:
    tasks = [Task(str(k), (k, str(tmp_path))) for k in range(3)]
    found = {o.id: o for o in Pool(2).map(once_deadly, tasks)}
    assert [found[str(k)].value for k in range(3)] == [0, 1, 2]


ORPHANS = """
import sys
sys.path.insert(0, {tests!r})
from studyfakes import lasting
from scenarios.support.executors import Pool, Task

if __name__ == "__main__":
    list(Pool(2).map(lasting, [Task(str(k), {folder!r}) for k in range(2)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which processes run")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(ORPHANS.format(tests=str(Path(studyfakes.__file__).parent), folder=str(tmp_path)))
    root = str(Path(__file__).resolve().parents[3])
    process = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root})
    try:
        until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    finally:
        process.kill()
        process.wait()
    workers = [int(path.stem) for path in tmp_path.glob("*.pid")]
    until(lambda: not any(runs(pid) for pid in workers))


def runs(pid: int) -> bool:
    """Whether a process is there and is no zombie that waits for whoever adopted it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
def test_few_tasks_are_taken_ahead() -> None:
    taken: list[int] = []

    def many() -> Iterator[Task]:
        for k in range(100):
            taken.append(k)
            yield Task(str(k), k)

    outcomes = Pool(2).map(square, many())
    next(outcomes)
    assert len(taken) <= 6
    outcomes.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_an_executor_is_chosen_by_the_number_of_workers() -> None:
    with executor(1) as place:
        assert place == Here() and place.workers == 1
    with executor(3) as place:
        assert place == Pool(3)
    with pytest.raises(InputErrors, match="not with --dask"), executor(2, "tcp://127.0.0.1:1"):
        pass


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExecutorError, match="no Dask scheduler answers at nowhere"), executor(dask="nowhere"):
        pass
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ExecutorError, match="pip install"), executor(dask="tcp://127.0.0.1:1"):
        pass


def test_the_time_left_goes_by_the_pace_so_far() -> None:
    now = [100.0]
    many = ManyTasks("runs", 10, 2, clock=lambda: now[0])
    assert many.status() == "2 of 10" and many.left_s() is None
    now[0] += 60
    many.finished()
    many.finished("it broke")
    assert many.left_s() == 6 * 30 and many.status() == "4 of 10, 1 failed, about 3 min left"
    assert many.due() and not many.due()


@pytest.mark.slow
def test_a_script_without_a_guard_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import yizhan as yz\n"
        "print('begun')\n"
        "base = yz.scenario('xizang-2021')\n"
        "daily = base.with_change('set_rounds', label='n', per_week=7, where={'prefecture': 'Ngari'})\n"
        "print(yz.sweep(daily, 'change.n.per_week', range(1, 3), measure='Ngari mean', workers=2))\n"
    )
    paths = {"PYTHONPATH": str(Path(__file__).resolve().parents[3]), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False, env=paths
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("begun") == 1 and done.stdout.count("\n") >= 4
