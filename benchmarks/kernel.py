"""Items a second and bytes an item: the kernel against one SimPy process for every item.

    python benchmarks/kernel.py              # 1 million items, both models; 15 million, the kernel
    python benchmarks/kernel.py --items 200000 --large 0 --days 60

Both run in this process on the network of xizang-2021, with the same items.
The obvious model solves its routing before its clock starts.  Its rate at the
smaller number is taken for the larger one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verification"))

from obvious import Obvious

from network.build import build_network
from network.graph import MailNetwork
from sim.items import STAGES, Pool
from sim.run import RunPlan, RunResult, make_demand, simulate

START = dt.date(2021, 1, 4)
OUTCOMES = {0: "delivered", 1: "handed over", 2: "refused"}


def scaled(network: MailNetwork, items: int, days: int) -> MailNetwork:
    """Return the network with its demand scaled to about `items` in `days`."""
    demand = make_demand(network, 1, 0)
    daily = sum(kind.originating + kind.inbound for kind in demand.rates.classes) / 365
    return replace(
        network, options={**network.options, "demand_scale": ({"factor": items / (daily * days)},)}
    )


def run_kernel(network: MailNetwork, days: int) -> tuple[RunResult, float]:
    """Return the result and the seconds of CPU it took."""
    begin = time.process_time()
    result = simulate(network, RunPlan(START, 0, days))
    return result, time.process_time() - begin


def differences(result: RunResult, ended: dict[int, tuple]) -> int:
    """Return in how many items the two models differ (end, outcome or any stage)."""
    items = result.items
    stages = np.stack([items[stage] for stage in STAGES], axis=1).tolist()
    columns = zip(
        items["key"].tolist(), items["outcome"].tolist(), items["ended_s"].tolist(), stages, strict=True
    )
    return sum(
        outcome in OUTCOMES and ended.get(key) != (OUTCOMES[outcome], end, tuple(parts))
        for key, outcome, end, parts in columns
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000, help="for both models")
    parser.add_argument("--large", type=int, default=15_000_000, help="for the kernel alone; 0: leave out")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--repeats", type=int, default=3, help="of the kernel; the median is shown")
    args = parser.parse_args()
    base = build_network()

    network = scaled(base, args.items, args.days)
    runs = [run_kernel(network, args.days) for _ in range(args.repeats)]
    result = runs[0][0]
    kernel_s = float(np.median([seconds for _, seconds in runs]))
    kernel_rate = result.total_items / kernel_s
    bytes_an_item = sum(getattr(Pool(1), name).itemsize for name in Pool.__annotations__)
    print(f"kernel    {result.total_items:>12,} items {kernel_s:8.2f} s {kernel_rate:>12,.0f} items/s")
    print(f"          {bytes_an_item} bytes an item under way; peak memory {_peak_mib():,.0f} MiB")

    obvious = Obvious(network, make_demand(network, 1, 0), START, result.seconds_run // 86_400)
    obvious.prepare()
    begin = time.process_time()
    ended = obvious.run()
    obvious_s = time.process_time() - begin
    obvious_rate = result.total_items / obvious_s
    print(f"obvious   {result.total_items:>12,} items {obvious_s:8.2f} s {obvious_rate:>12,.0f} items/s")
    print(f"ratio     {kernel_rate / obvious_rate:8.1f} ×; items that differ: {differences(result, ended)}")
    del runs, result, ended, obvious

    if args.large:
        network = scaled(base, args.large, args.days)
        result, seconds = run_kernel(network, args.days)
        rate = result.total_items / seconds
        print(f"kernel    {result.total_items:>12,} items {seconds:8.2f} s {rate:>12,.0f} items/s")
        print(f"ratio     {rate / obvious_rate:8.1f} × the obvious model's rate above")
        print(f"          peak memory {_peak_mib():,.0f} MiB, records of all items included")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
