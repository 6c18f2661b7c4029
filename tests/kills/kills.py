"""Stop the making of a folder or file at each place where something gets its name, and make it again.

Run it as ``python tests/kills/kills.py CASE[:kill][:interrupt][:EVERY] ...``; without a way it takes both in
turn.  It prints a line of JSON a case: at how many places it stopped, and what then was wrong.  One process
makes the folder.  At a place it forks one that ends there, by SIGKILL or by Ctrl-C, and another one in which
the same command goes on from what is left; then it goes on itself, as if nothing had been, to the next place.
For ``export-FORM``, and ``export-items.csv``, EVERY is at how many sizes of the file it is killed.
Places are counted, nothing sleeps.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "verification"), str(Path(__file__).parents[2])]

import studyfakes

import scenarios.definition.resolve as resolve_module
import scenarios.expansion.folder as plan_module
import scenarios.growth.asked as growth_module
import scenarios.growth.check as check_module
import scenarios.runs.run as run_module
from network.errors import YizhanError
from network.exchange.formats import ENDINGS, write_network
from network.model.network import Network
from scenarios.comparison.compare import compare
from scenarios.comparison.select_runs import select
from scenarios.definition.resolve import load_scenario
from scenarios.expansion.asked import question_of
from scenarios.growth.folder import grow_into
from scenarios.runs.run import run_scenario
from scenarios.support.exports import write_records
from scenarios.support.faults import at_each, reached
from scenarios.support.folders import PARTIAL, write_file
from scenarios.uncertainty.study import StudyPlan, study_of
from scenarios.uncertainty.study_run import run_study

SHORT: dict[str, Any] = {"warmup_days": 0, "measured_days": 1, "workers": 1}
SCENARIOS = {
    "plain": 'base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 1\n',
    "more": 'base = "plain"\n[[change]]\nop = "retime_route"\nroute = "road-003"\nper_week = 1\n',
    "weeks": 'base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 21\n',
}
Make = Callable[[Path, Path], Any]


def run_of(replications: int) -> Make:
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


def grown(out: Path, files: Path) -> None:
    grow_into(str(files / "weeks.toml"), out, (2021, 2022), plots=False, factors=[1.0, 1.1])


def planned(out: Path, files: Path) -> None:
    question = question_of(budget=1e5, measure="frequency.villages_at_least.3", kinds=("rounds",), gap=0.1)
    question = replace(question, shares=(1.0,))
    plan_module.plan(str(files / "plain.toml"), question, out, plots=False, replications=1, workers=1)


def exported(form: str, network: Network) -> Make:
    return lambda out, files: write_network(network, form, out)


def recorded(out: Path, files: Path) -> None:
    write_records(files / "run" / "items.parquet", out)


CASES: dict[str, Make] = {
    "run-1": run_of(1),
    "run-3": run_of(3),
    "compare": compared,
    "select": selected,
    "study": studied,
    "growth": grown,
    "plan": planned,
}
#: Finished work: never made twice.
FINISHED = re.compile(r"after (.*replication-\d+|(?:scheduled|simulated)-.*\.(?:parquet|json))$")


def ended(status: int, message: str, said: Path) -> None:
    said.write_text(message)
    os._exit(status)


def guarded(make: Callable[[], Any]) -> tuple[int, str]:
    """Return the exit status of a command and its message."""
    try:
        make()
    except YizhanError as error:
        return getattr(error, "exit_status", 2), str(error)
    except KeyboardInterrupt:
        return 130, "interrupted"  # while the folder was taken: nothing to say
    except BaseException:
        return 70, traceback.format_exc()
    return 0, ""


def in_a_process(make: Callable[[], Any], logs: Path) -> tuple[int, str, list[str]]:
    """Return the exit status of a process that makes something, its message, and the places on its way."""
    places, said = logs / "places", logs / "message"
    said.write_text("")
    places.write_text("")
    child = os.fork()
    if not child:
        with places.open("a", buffering=1) as log:
            at_each(lambda place: print(place, file=log))
            ended(*guarded(make), said)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, said.read_text(), places.read_text().splitlines()


def contents(folder: Path) -> dict[str, bytes]:
    if folder.is_file():
        return {"": folder.read_bytes()}
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != "log.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def kept_truly(message: str, out: Path) -> bool:
    """Return whether what an interruption says is kept is what is there."""
    begun = out.with_name(out.name + PARTIAL)
    there = {path.name for path in (*out.glob("parts/*.parquet"), *begun.glob("simulated-*.json"))}
    for root in (out, begun):
        for path in root.rglob("replication-???"):
            there.add(f"{path.parent.name.removesuffix(PARTIAL)} {int(path.name[-3:])}")
        for path in root.glob("**/replications.json"):
            if path.parent.name not in ("whole", out.name):
                there |= {f"{path.parent.name} {n}" for n in range(len(json.loads(path.read_text())))}
    said = re.search(r"(\d+)(?: of \d+)? (?:replications|answers|simulations) finished and kept", message)
    if message == "interrupted" or "nothing kept" in message:
        return not there
    return said is not None and int(said[1]) == len(there) and message.endswith(f"--out {out}")


class Stops:
    """What happens at the places of a case."""

    def __init__(self, make: Make, folder: Path, ways: tuple[str, ...], every: int) -> None:
        self.make, self.ways, self.every = make, ways, every
        self.out, self.files, self.logs = folder / "out", folder / "files", folder / "logs"
        self.partial = self.out.with_name(self.out.name + PARTIAL)
        self.passed: list[str] = []
        self.stopped: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.results: dict[str, list[dict[str, bytes]]] = {}  # when it had stopped, and in the end

    def __call__(self, place: str) -> None:
        self.passed.append(place)
        if (len(self.passed) - 1) % self.every:
            return
        way = self.ways[(len(self.passed) - 1) // self.every % len(self.ways)]
        ours = (self.out, self.partial)
        for path in ours:
            if path.exists():
                path.rename(self.logs / path.name)
                shutil.copytree(self.logs / path.name, path)
        child = os.fork()
        if not child:
            if way == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            at_each(None)
            raise KeyboardInterrupt
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        message = (self.logs / "stopped").read_text() if way == "interrupt" else ""
        at = f"{len(self.passed)} {place}: {way}"
        self.wrong += [f"{at}: {wrong}" for wrong in self.judged(at, way, status, message)]
        for path in ours:
            shutil.rmtree(path, ignore_errors=True)
            if (self.logs / path.name).exists():
                (self.logs / path.name).rename(path)

    def judged(self, at: str, way: str, status: int, message: str) -> Iterator[str]:
        """Make again what was stopped, and yield what is wrong; bytes are judged in the end."""
        out, begun = self.out, list(self.passed)
        self.results[at] = [] if self.make is studied else [contents(out)]
        if way == "kill" or status:  # or it came when all was done
            self.stopped[way] += 1
            if status != (-signal.SIGKILL if way == "kill" else 130):
                yield f"ended with {status}: {message}"
            if way == "interrupt" and not kept_truly(message, out):
                yield f"not true: {message}"
        named = out.exists() and self.make is not studied
        if not named or self.partial.exists():
            status, message, places = in_a_process(partial(self.make, out, self.files), self.logs)
            if status:
                yield f"does not go on: {status}: {message}"
            if named and "simulating" in places:
                yield "simulated again"
            begun += [] if named else places  # a study of growth reads its simulations back, and prints
        self.results[at].append(contents(out))
        twice = [each for each, n in Counter(filter(FINISHED.match, begun)).items() if n > 1]
        if twice:
            yield f"made twice: {twice}"
        left = [path.name for path in out.parent.iterdir() if path.name.startswith(("out.", "."))]
        if left:
            yield f"left behind: {left}"
        try:
            os.waitpid(-1, os.WNOHANG)
            yield "a child is left"
        except ChildProcessError:
            pass


def tried(make: Make, folder: Path, ways: tuple[str, ...], every: int) -> dict[str, Any]:
    """Return what happened at the places of a case."""
    at = Stops(make, folder, ways, every)
    at.files.mkdir()
    at.logs.mkdir()
    for name, text in SCENARIOS.items():
        (at.files / f"{name}.toml").write_text(text)
    process = os.getpid()
    at_each(at)
    status, message = guarded(partial(make, at.out, at.files))
    if os.getpid() != process:
        ended(status, message, at.logs / "stopped")
    at_each(None)
    assert status == 0, message
    expected = contents(at.out)
    for place, (*before, after) in at.results.items():
        if any(there not in ({}, expected) for there in before):
            at.wrong.append(f"{place}: something half made stands under the folder's name")
        names = {name for name in {**after, **expected} if after.get(name) != expected.get(name)}
        if names:
            at.wrong.append(f"{place}: other bytes: {sorted(names)}")
    return {"places": len(at.passed), "stopped": dict(at.stopped), "wrong": at.wrong}


def broken_off(make: Callable[[], Any], stop: int | str) -> None:
    """Make a file and be killed after so many bytes, or before or after it gets its name."""
    name = Path.replace

    def naming(path: Path, target: Path) -> Path:
        if stop == "after":
            name(path, target)
        os.kill(os.getpid(), signal.SIGKILL)
        return target

    if isinstance(stop, int):
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (stop, stop))
    else:
        Path.replace = naming  # type: ignore[assignment, method-assign]
    make()


def tried_export(make: Make, ending: str, folder: Path, shares: int) -> dict[str, Any]:
    """Return what happened when the writing of a file was killed after some of its bytes, and at its name.

    The system kills a process that writes beyond the size it is allowed, wherever in whatever library.
    """
    files, logs = folder / "files", folder / "logs"
    logs.mkdir()
    out = folder / f"out{ending}"
    make(out, files)
    whole, wrong = out.read_bytes(), []
    stops = [*(len(whole) * part // shares for part in range(shares)), "before", "after"]
    for before in (b"", b"what was there before\n"):
        for stop in stops:
            out.unlink(missing_ok=True)
            if before:
                out.write_bytes(before)

            status, message, _ = in_a_process(partial(broken_off, partial(make, out, files), stop), logs)
            what = f"{'over' if before else 'new'} {stop}"
            if status not in (-signal.SIGKILL, -signal.SIGXFSZ):
                wrong.append(f"{what}: ended with {status}: {message}")
            after = out.read_bytes() if out.exists() else b""
            if after not in (before, whole):
                wrong.append(f"{what}: half a file of {len(after)} bytes stands under the name")
            status, message, _ = in_a_process(partial(make, out, files), logs)
            if status or out.read_bytes() != whole:
                wrong.append(f"{what}: other bytes: {status} {message}")
            left = [path.name for path in folder.iterdir() if path not in (out, files, logs)]
            if left:
                wrong.append(f"{what}: left behind: {left}")
    return {"places": 2 * len(stops), "stopped": {"kill": 2 * len(stops)}, "wrong": wrong}


def main() -> None:
    network = studyfakes.fit(load_scenario("xizang-2021"))  # 0.5 % of the items: a second a run
    for module in (run_module, resolve_module, growth_module):
        module.build_base = lambda *_: network  # type: ignore[attr-defined]
    growth_module.expansions = lambda *_: ()  # type: ignore[attr-defined, assignment]
    plan_module._open = lambda *_: (load_scenario("xizang-2021").with_run(**SHORT), network)

    def draw(run: Any, folder: Path) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        return [write_file(folder / "map.svg", "drawn\n")]

    simulate = check_module.simulate

    def simulated(*given: Any, **named: Any) -> Any:
        reached("simulating")
        return simulate(*given, **named)

    check_module.simulate = simulated
    run_module.draw = draw
    for asked in sys.argv[1:]:
        case, *more = asked.split(":")
        ways = tuple(way for way in ("kill", "interrupt") if way in more) or ("kill", "interrupt")
        number = next((int(each) for each in more if each.isdigit()), None)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            form = case.removeprefix("export-")
            if case in CASES:
                answer = tried(CASES[case], folder, ways, number or 1)
            elif form in ENDINGS:
                answer = tried_export(exported(form, network), ENDINGS[form][0], folder, number or 5)
            else:
                run_scenario(load_scenario("xizang-2021").with_run(**SHORT), folder / "files" / "run")
                answer = tried_export(recorded, form.removeprefix("items"), folder, number or 5)
        print(json.dumps({"case": asked, **answer}), flush=True)


if __name__ == "__main__":
    main()
