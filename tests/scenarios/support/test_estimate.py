"""What a simulation will take is said before it begins, and what is too large is refused with the numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from network.demand.rates import demand_of
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from scenarios.definition.resolve import load_scenario
from scenarios.runs.run import run_scenario
from scenarios.support import estimate as estimates
from scenarios.support.estimate import TooLargeError, check_size, estimate
from scenarios.support.machine import any_size, memory_mib, processors
from sim.plan import DRAIN_DAYS
from sim.run import RunPlan, simulate

PLAN = RunPlan(load_scenario("xizang-2021").plan.start, 0, 1)
ROOT = str(Path(__file__).resolve().parents[3])


def times(network: Network, factor: float) -> Network:
    return replace(network, demand=DemandSettings(scales=(DemandScale(factor),)))


def test_items_are_those_that_the_demand_gives(small_network: Network) -> None:
    """Yearly totals by day, for the days of the run and the 28 that it may go on (rule 17)."""
    yearly = sum(kind.originating + kind.inbound for kind in demand_of(small_network).classes)
    assert estimate(small_network, PLAN).items == pytest.approx(yearly / 365 * (1 + DRAIN_DAYS))
    assert estimate(times(small_network, 3.0), PLAN).items == pytest.approx(yearly / 365 * 29 * 3)


def test_a_run_accepts_no_more_than_was_estimated(small_network: Network) -> None:
    plan = replace(PLAN, warmup_days=7, measured_days=7)
    accepted = simulate(small_network, plan).ledger.accepted
    assert accepted <= estimate(small_network, plan).items <= 5 * accepted


def test_mail_that_the_network_cannot_carry_fills_the_memory(small_network: Network) -> None:
    """At six times the demand most of it waits: memory grows faster than the items do."""
    one, six = (estimate(times(small_network, factor), PLAN) for factor in (1.0, 6.0))
    empty = estimate(times(small_network, 1e-9), PLAN).memory_mib
    assert six.memory_mib - empty > 6.5 * (one.memory_mib - empty)


def test_what_is_too_large_is_refused_before_anything_is_simulated(
    small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "memory_mib", lambda: 1000.0)
    check_size(small_network, PLAN, "small", replications=2, processes=1)
    with pytest.raises(
        TooLargeError,
        match=r"^small: .* items .*GiB of memory in each of 2 processes: "
        r"this machine has 1\.0 GiB, enough for --workers 1; --yes runs it all the same$",
    ):
        check_size(small_network, PLAN, "small", replications=2, processes=2)
    check_size(small_network, PLAN, "small", replications=2, processes=0)  # on a cluster
    flood = load_scenario("xizang-2021").with_run(warmup_days=0, measured_days=1)
    with pytest.raises(TooLargeError, match="xizang-2021: ") as refused:
        run_scenario(flood, tmp_path / "run", fitted=times(small_network, 100_000.0), plots=False)
    assert refused.value.exit_status == 2 and not (tmp_path / "run").exists()
    with any_size():
        check_size(times(small_network, 100_000.0), PLAN, "flood")


def test_records_need_room_on_the_disk(
    small_network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = estimates.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(estimates.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(TooLargeError, match=r"of item records: 0\.0 GiB are free"):
        check_size(small_network, PLAN, "small", folder=tmp_path)
    check_size(small_network, PLAN, "small")  # keeps none


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no allocation of processors here")
def test_processors_are_those_of_the_allocation() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert processors() == len(allowed)


def test_the_memory_is_that_of_this_machine() -> None:
    limit = memory_mib()
    assert limit is None or 256 < limit < 2**26


WORKERS = """
from scenarios.support.executors import Pool, Task
from studyfakes import square

if __name__ == "__main__":
    print([outcome.value for outcome in Pool(2).map(square, [Task("a", 3)])])
"""


def test_workers_import_nothing_from_the_working_folder(tmp_path: Path) -> None:
    """Modules that lie beside a scenario have the names of Python's own; they are not run."""
    script = tmp_path / "scripts" / "run.py"
    script.parent.mkdir()
    script.write_text(WORKERS)
    beside = tmp_path / "scenarios of a stranger"
    beside.mkdir()
    for name in ("calendar", "multiprocessing", "pickle", "threading", "random"):
        (beside / f"{name}.py").write_text("open('was run', 'w').close()\n")
    tests = os.pathsep.join([ROOT, str(Path(ROOT) / "tests" / "verification")])
    env = {**os.environ, "PYTHONPATH": tests}
    env.pop("PYTHONSAFEPATH", None)
    done = subprocess.run([sys.executable, str(script)], cwd=beside, env=env, capture_output=True, text=True)
    assert done.stdout == "[9]\n" and not (beside / "was run").exists(), done.stderr
