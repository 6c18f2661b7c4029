"""Stop the making of a folder at each place where a file or folder gets its name, and make it again.

Run it as ``python tests/kills/kills.py CASE [--interrupt] [--every N]``.  It prints one line of JSON: at how
many places it stopped, and what then was wrong.  Each start is a forked process that ends by SIGKILL, or by
Ctrl-C with ``--interrupt``; the same command goes on in another one.  Places are counted, nothing sleeps.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "verification"), str(Path(__file__).parents[2])]

import studyfakes

import scenarios.runs.run as run_module
from network.errors import YizhanError
from scenarios.comparison.compare import compare
from scenarios.comparison.select_runs import select
from scenarios.definition.resolve import load_scenario
from scenarios.runs.run import run_scenario
from scenarios.support.faults import at_each
from scenarios.support.folders import write_file
from scenarios.uncertainty.study import StudyPlan, study_of
from scenarios.uncertainty.study_run import run_study

SHORT: dict[str, Any] = {"warmup_days": 0, "measured_days": 1, "workers": 1}


def run_of(replications: int) -> Callable[[Path, Path], None]:
    def make(out: Path, files: Path) -> None:
        run_scenario(load_scenario("xizang-2021").with_run(**SHORT, replications=replications), out)

    return make


def compared(out: Path, files: Path) -> None:
    compare(str(files / "plain.toml"), [str(files / "more.toml")], out, plots=False, records=False, workers=1)


def selected(out: Path, files: Path) -> None:
    both = str(files / "more.toml"), [str(files / "plain.toml")]
    select(*both, 20.0, out, measure="transit.all.mean_h", first=2, workers=1)


def studied(out: Path, files: Path) -> None:
    plan = StudyPlan(worlds=3, simulate=1, replications=1, total=0)
    study = study_of(str(files / "plain.toml"), [str(files / "more.toml")], plan, out, {})
    run_study(study, measure=studyfakes.measure, fit=studyfakes.fit, workers=1, plots=False)


CASES: dict[str, Callable[[Path, Path], None]] = {
    "run-1": run_of(1),
    "run-3": run_of(3),
    "compare": compared,
    "select": selected,
    "study": studied,
}
#: Finished work: never made twice.
FINISHED = re.compile(r"after (.*replication-\d+|(?:scheduled|simulated)-.*\.parquet)$")


def in_a_process(make: Callable[[], None], log: Path, stop_at: int, how: str) -> tuple[int, str]:
    """Return the exit status of a process that makes a folder, and its message; it stops at a place."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        message = log.with_suffix(".message")
        return os.waitstatus_to_exitcode(status), message.read_text() if message.exists() else ""
    count = 0

    def hook(place: str) -> None:
        nonlocal count
        with log.open("a") as file:
            file.write(f"{place}\n")
        if count == stop_at and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
        if count == stop_at + 1 and how == "interrupt":
            raise KeyboardInterrupt

    status = 0
    try:
        at_each(hook)
        make()
    except YizhanError as error:
        status = getattr(error, "exit_status", 2)
        log.with_suffix(".message").write_text(str(error))
    except KeyboardInterrupt:
        status = 130  # while the folder was taken: nothing to say
        log.with_suffix(".message").write_text("interrupted")
    except BaseException:
        log.with_suffix(".message").write_text(traceback.format_exc())
        status = 70
    os._exit(status)


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "log.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def places_of(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def kept_truly(message: str, out: Path, log: Path) -> bool:
    """Return whether what an interruption says is kept is what is there."""
    there = [*out.rglob("replication-???"), *out.with_name(f"{out.name}.partial").rglob("replication-???")]
    there += list(out.glob("parts/*.parquet"))
    runs = [*out.with_name(f"{out.name}.partial").glob("whole/*/replications.json")]
    number = len(there) + sum(len(json.loads(path.read_text())) for path in runs)
    said = re.search(r"(\d+)(?: of \d+)? (?:replications|answers) finished and kept", message)
    if message == "interrupted":
        return not number
    if "nothing kept" in message:
        return number == 0
    return said is not None and int(said[1]) == number


def tried(make: Callable[[Path, Path], None], folder: Path, how: str, every: int) -> dict[str, Any]:
    """Return what happened at the places of a case."""
    files = folder / "files"
    files.mkdir()
    (files / "plain.toml").write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 1\n')
    (files / "more.toml").write_text(
        'base = "plain"\n[[change]]\nop = "retime_route"\nroute = "road-003"\nper_week = 1\n'
    )
    first = folder / "first.log"
    status, message = in_a_process(lambda: make(folder / "first", files), first, -1, how)
    assert status == 0, message
    places = [place.replace("first", "out") for place in places_of(first)]
    expected, wrong = contents(folder / "first"), []
    stops = range(0, len(places), every)
    for stop in stops:
        out, log = folder / "out", folder / f"{stop}.log"
        status, message = in_a_process(lambda out=out: make(out, files), log, stop, how)  # type: ignore[misc]
        begun = places_of(log)
        if how == "interrupt" and status == 0:  # it came when all was done
            continue
        if (status, how) not in ((-signal.SIGKILL, "kill"), (130, "interrupt")):
            wrong.append(f"{places[stop]}: ended with {status}: {message}")
        if how == "interrupt" and not kept_truly(message, out, log):
            wrong.append(f"{places[stop]}: not true: {message}")
        log.with_suffix(".message").unlink(missing_ok=True)
        if how == "kill" and contents(out) not in ({}, expected) and make is not studied:
            wrong.append(f"{places[stop]}: something half made stands under the folder's name")
        if contents(out) != expected or (folder / "out.partial").exists():
            log.unlink(missing_ok=True)
            status, message = in_a_process(lambda out=out: make(out, files), log, -1, how)  # type: ignore[misc]
            if status:
                wrong.append(f"{places[stop]}: does not go on: {status}: {message}")
            begun += places_of(log)
        if contents(out) != expected:
            there = contents(out)
            differing = sorted(
                name for name in {**there, **expected} if there.get(name) != expected.get(name)
            )
            wrong.append(f"{places[stop]}: other bytes: {differing}")
        twice = [place for place, n in Counter(filter(FINISHED.match, begun)).items() if n > 1]
        if twice:
            wrong.append(f"{places[stop]}: made twice: {twice}")
        left = [path.name for path in folder.iterdir() if path.name.startswith("out") and path != out]
        if left:
            wrong.append(f"{places[stop]}: left behind: {left}")
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(folder / "out.partial", ignore_errors=True)
    return {"places": len(places), "stopped": len(stops), "wrong": wrong}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--interrupt", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    network = studyfakes.fit(load_scenario("xizang-2021"))  # 0.5 % of the items: a second a run
    run_module.build_base = lambda *_: network

    def draw(run: Any, folder: Path) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        return [write_file(folder / "map.svg", "drawn\n")]

    run_module.draw = draw
    with tempfile.TemporaryDirectory() as folder:
        how = "interrupt" if asked.interrupt else "kill"
        print(json.dumps(tried(CASES[asked.case], Path(folder), how, asked.every)))


if __name__ == "__main__":
    main()
