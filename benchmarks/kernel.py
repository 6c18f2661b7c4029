"""What the kernel costs: beside one SimPy process for every item, as it grows, and above its floor.

    python benchmarks/kernel.py
    python benchmarks/kernel.py --items 20000 --large 100000 --huge 300000 --days 60 --copies 3
    python benchmarks/kernel.py --profile

Parts, all on the network of xizang-2021 with everything played out that an operation can be:

a  the kernel against the obvious model of tests/verification, which solves its routing before its clock
   starts: rates, and in how many items they differ
b  growth with the number of items
c  the kernel against its floor: the same items drawn, grouped once a day and written as the same records
d  peak memory of the first and the last quarter and of the whole time, each in a process of its own
e  growth with the places and routes: copies of the region side by side, with the same number of items

Times are seconds of CPU.  Records are written to Parquet while the kernel runs, as for a scenario, unless
it says otherwise.  What is accepted while the last items of a run drain away counts too, so there are
somewhat more items than asked for.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime as dt
import json
import math
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verification"))

from compare import OUTCOMES, Row, by_kernel, differing
from copies import Spread, side_by_side
from obvious import Item, Obvious

from network.build import build_network
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from network.model.operations import Operations
from network.model.records import DAY_S
from scenarios.runs.records import RecordWriter
from scenarios.support.tables import read_chunks
from sim.demand.items import Demand
from sim.engine.kernel import Kernel
from sim.run import RunPlan, RunResult, make_demand, simulate
from sim.state.records import Columns, ItemLog

START = dt.date(2021, 1, 4)
AUTUMN = 273  # days later: the last quarter, in which the year's peak falls
OPERATIONS = Operations(**{field.name: True for field in fields(Operations) if field.default is False})
CHUNK = 100_000  # items that are compared at a time


class Job(NamedTuple):
    """A run of the kernel in a process of its own."""

    items: int  # in `days`
    days: int  # that are measured
    records: bool  # whether they are written; else they are made and dropped
    later: int = 0  # days from `START`


class Cost(NamedTuple):
    """What a run took."""

    items: int
    days: int  # until the run ended
    cpu_s: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Items a second of CPU."""
        return self.items / self.cpu_s


# ---------------------------------------------------------------- networks and runs


def yearly(network: Network) -> float:
    """Return the items of a year at the volume of 2021, both ways."""
    return sum(kind.originating + kind.inbound for kind in make_demand(network, 1, 0).rates.classes)


def scaled(network: Network, items: int, days: int) -> Network:
    """Return the network with everything played out, and demand for about `items` in `days`."""
    factor = items / (yearly(network) * days / 365)
    demand = DemandSettings(scales=(DemandScale(factor),))
    return replace(network, demand=demand, operations=OPERATIONS)


def plan_of(days: int, later: int = 0) -> RunPlan:
    return RunPlan(START + dt.timedelta(days=later), 0, days)


def writer(file: Path) -> RecordWriter:
    return RecordWriter(file, ItemLog(0, 0).columns(), 0)


def drop(columns: Columns) -> None:
    """Take records and forget them."""


def run_here(job: Job, file: Path) -> Cost:
    """Run the kernel in this process, with its records in a file."""
    network = scaled(build_network(), job.items, job.days)
    begin = time.process_time()
    if job.records:
        with writer(file) as sink:
            result = simulate(network, plan_of(job.days, job.later), sink=sink)
    else:
        result = simulate(network, plan_of(job.days, job.later), sink=drop)
    seconds = time.process_time() - begin
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(result.total_items, result.seconds_run // DAY_S, seconds, peak_mib)


def run_apart(job: Job, file: Path) -> Cost:
    """Run the kernel in a fresh process, with its records in a file."""
    print(f"running {job.items:,} items in {job.days} days", file=sys.stderr)
    command = [sys.executable, __file__, "--apart", json.dumps([*job, str(file)])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(*json.loads(done.stdout))


# ---------------------------------------------------------------- the table


def head() -> None:
    print(f"   {'':<42} {'items':>12} {'CPU s':>9} {'items/s':>11}")


def line(part: str, what: str, items: int, seconds: float) -> None:
    print(f"{part}  {what:<42} {items:>12,} {seconds:>9.2f} {items / seconds:>11,.0f}", flush=True)


def figure(part: str, what: str, value: str) -> None:
    print(f"{part}  {what:<42} {value:>12}", flush=True)


def exponent(cost_1: float, cost_2: float, size_1: float, size_2: float) -> str:
    return f"{math.log(cost_2 / cost_1) / math.log(size_2 / size_1):.2f}"


# ---------------------------------------------------------------- parts


def timed(network: Network, days: int, repeats: int) -> tuple[RunResult, float]:
    """Return a run with its records in memory, and the median of its seconds."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        result = simulate(network, plan_of(days))
        times.append(time.process_time() - begin)
    return result, median(times)


def against_obvious(base: Network, items: int, days: int, repeats: int, large: Cost) -> None:
    """Part a."""
    network = scaled(base, items, days)
    result, kernel_s = timed(network, days, repeats)
    line("a", "kernel, records kept in memory", result.total_items, kernel_s)
    obvious = Obvious(network, make_demand(network, 1, 0), START, result.seconds_run // DAY_S)
    obvious.prepare()
    begin = time.process_time()
    found = obvious.run()
    seconds = time.process_time() - begin
    rate = result.total_items / seconds
    line("a", "obvious model", result.total_items, seconds)
    figure("a", "ratio of the rates", f"{seconds / kernel_s:.1f} ×")
    figure("a", "items that differ in anything", f"{differences(result, found):,}")
    figure("a", f"ratio at {large.items:,} to the obvious rate above", f"{large.rate / rate:.1f} ×")


def differences(result: RunResult, found: dict[int, Item]) -> int:
    """Return how many items of the cohort are not the same in both models, in anything that is recorded."""
    count = 0
    for begin in range(0, len(result.items["key"]), CHUNK):
        part = {name: column[begin : begin + CHUNK] for name, column in result.items.items()}
        rows = {}
        for key in part["key"].tolist():
            item = found[key]
            counts = item.attempts, item.missed_dispatches, item.cancelled
            rows[key] = Row(OUTCOMES[item.outcome], item.ended_s, item.stages, item.final_s, *counts)
        count += len(differing(by_kernel(replace(result, items=part)), rows))
    return count


def growth(small: list[Cost], large: Cost, dropped: Cost, huge: Cost) -> None:
    """Part b."""
    small_s = median(cost.cpu_s for cost in small)
    line("b", "kernel", small[0].items, small_s)
    line("b", "kernel", large.items, large.cpu_s)
    line("b", "the same without writing records", dropped.items, dropped.cpu_s)
    line("b", "kernel", huge.items, huge.cpu_s)
    figure(
        "b", "growth exponent, small to large", exponent(small_s, large.cpu_s, small[0].items, large.items)
    )
    figure("b", "growth exponent, large to huge", exponent(large.cpu_s, huge.cpu_s, large.items, huge.items))


def above_floor(base: Network, job: Job, large: Cost, file: Path) -> None:
    """Part c; what the kernel has written is read outside the clock, and written once more."""
    demand = make_demand(scaled(base, job.items, job.days), 1, 0)
    begin = time.process_time()
    for day in range(large.days):
        demand.day(START + dt.timedelta(days=day))
    drawn_s = time.process_time() - begin
    begin = time.process_time()
    for day in range(large.days):
        items = demand.day(START + dt.timedelta(days=day))
        np.argsort(items.dest.astype(np.int64), kind="stable")
    grouped_s = time.process_time() - begin
    again = file.with_suffix(".again")
    written_s = -time.process_time()
    with writer(again) as sink:
        chunks = read_chunks(file, list(ItemLog(0, 0).columns()))
        while True:
            written_s += time.process_time()
            chunk = next(chunks, None)
            written_s -= time.process_time()
            if chunk is None:
                break
            sink(chunk)
    written_s += time.process_time()
    assert again.read_bytes() == file.read_bytes()
    again.unlink()
    floor_s = grouped_s + written_s
    line("c", "items drawn", large.items, drawn_s)
    line("c", "items drawn and grouped by destination", large.items, grouped_s)
    line("c", "records written", large.items, written_s)
    line("c", "floor: drawn, grouped, written", large.items, floor_s)
    line("c", "kernel", large.items, large.cpu_s)
    figure("c", "ratio of the times", f"{large.cpu_s / floor_s:.2f} ×")


def memory(costs: list[tuple[str, Cost]]) -> None:
    """Part d: quarters, and last the whole time."""
    whole = costs[-1][1]
    for what, cost in costs:
        line("d", f"kernel, {what}", cost.items, cost.cpu_s)
        figure("d", "  peak memory", f"{cost.peak_mib:,.0f} MiB")
    for what, cost in costs[:-1]:
        figure("d", f"peak of the whole to that of the {what}", f"{whole.peak_mib / cost.peak_mib:.2f} ×")


def more_places(base: Network, items: int, days: int, repeats: int, copies: int) -> None:
    """Part e."""
    network = scaled(base, items, days)
    demand = make_demand(network, 1, 0)
    one = [built_and_run(network, days, demand) for _ in range(repeats)]
    wide = side_by_side(network, copies)
    many = [built_and_run(wide, days, Spread(demand, network.places, copies))]
    run_s = []
    for kind, tables, found in (("one region", network, one), (f"{copies} side by side", wide, many)):
        total, build_s, seconds = (median(column) for column in zip(*found, strict=True))
        size = f"{len(tables.places):,} places, {len(tables.routes):,} routes"
        print(f"e  {kind}: {size}")
        print(f"e  {'  routing and other tables':<42} {'':>12} {build_s:>9.2f}")
        line("e", "  run, records kept in memory", round(total), seconds)
        run_s.append(seconds)
    figure("e", "growth exponent of the run", exponent(run_s[0], run_s[1], 1, copies))


def built_and_run(network: Network, days: int, demand: Demand | Spread) -> tuple[int, float, float]:
    """Return items, and the CPU seconds of the kernel's tables and of the run."""
    begin = time.process_time()
    kernel = Kernel(network, plan_of(days), demand)
    ready = time.process_time()
    result = kernel.run(None)
    return result.total_items, ready - begin, time.process_time() - ready


def profile(items: int, days: int) -> None:
    """Print where the kernel's time goes."""
    network = scaled(build_network(), items, days)
    found = cProfile.Profile()
    found.runcall(simulate, network, plan_of(days), sink=drop)
    pstats.Stats(found).strip_dirs().sort_stats("tottime").print_stats(25)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="abcde", help="which of them, as a,c or ac")
    parser.add_argument("--items", type=int, default=1_000_000, help="for a, b and e")
    parser.add_argument("--large", type=int, default=15_000_000, help="for a, b and c")
    parser.add_argument("--huge", type=int, help="for b and d; by default the volume of 2021")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--copies", type=int, default=10, help="for e")
    parser.add_argument("--repeats", type=int, default=3, help="of short runs; the median is shown")
    parser.add_argument("--profile", action="store_true", help="only the kernel's profile at --large")
    parser.add_argument("--apart", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.apart:
        *job, file = json.loads(args.apart)
        print(json.dumps(run_here(Job(*job), Path(file))))
        return
    if args.profile:
        profile(args.large, args.days)
        return
    parts = set(args.parts) - {","}
    base = build_network()
    if args.huge is None:
        args.huge = round(yearly(base) * args.days / 365)
    small, large = Job(args.items, args.days, True), Job(args.large, args.days, True)
    quarter = Job(round(args.huge / args.days * (args.days // 4)), args.days // 4, True)
    autumn = quarter._replace(later=AUTUMN)
    dropped, huge = large._replace(records=False), Job(args.huge, args.days, True)
    needs = {
        "a": [dropped],
        "b": [small] * args.repeats + [large, dropped, huge],
        "c": [large],
        "d": [quarter, autumn, huge],
    }

    with tempfile.TemporaryDirectory() as folder:
        # These first, while this process is small: a process begins with the peak of the one that starts it.
        costs: dict[Job, list[Cost]] = {}
        files = {}
        for part in sorted(parts & needs.keys()):
            for job in needs[part]:
                if len(costs.get(job, ())) < needs[part].count(job):
                    files[job] = Path(folder) / f"{len(costs)}.parquet"
                    costs.setdefault(job, []).append(run_apart(job, files[job]))
                    if job != large:
                        files[job].unlink(missing_ok=True)
        head()
        if "a" in parts:
            against_obvious(base, args.items, args.days, args.repeats, costs[dropped][0])
        if "b" in parts:
            growth(costs[small], *(costs[job][0] for job in (large, dropped, huge)))
        if "c" in parts:
            above_floor(base, large, costs[large][0], files[large])
        if "d" in parts:
            spans = {"first quarter": quarter, "last quarter": autumn, "whole": huge}
            memory([(what, costs[job][0]) for what, job in spans.items()])
        if "e" in parts:
            more_places(base, args.items, args.days, args.repeats, args.copies)


if __name__ == "__main__":
    main()
