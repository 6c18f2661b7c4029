"""What a simulation will take, before it begins: items, memory and disk, from the demand that is known.

The three constants were measured on xizang-2021 at full volume: 7 measured days
took 0.9 GiB with 1.2 million items in transit at the most, the same with six
times the demand 7.1 GiB with 51 million that the network could not carry away.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from network.demand.rates import DAYS, Rates, demand_of, make_rates
from network.errors import YizhanError
from network.geography.roads import road_graph
from network.model.network import Network
from scenarios.support.machine import is_any_size, memory_mib
from sim.plan import DRAIN_DAYS, RunPlan

__all__ = ["Estimate", "TooLargeError", "check_size", "estimate"]

_PROCESS_MIB = 700.0  # a process without items: network, libraries, measures
_ITEM_BYTES = 150.0  # of an item in transit
_RECORD_BYTES = 80.0  # of a measured item on disk: its record by replication, and in the table of all
_TRANSIT_DAYS = 10.0  # that an item is in transit where nothing is full
_ROOM = 1.4  # factor on the report's demand that its network carries: it is sized for a load of 0.7


class TooLargeError(YizhanError):
    """A simulation that this machine has not the room for."""

    exit_status = 2


@dataclass(frozen=True)
class Estimate:
    """What one replication takes at the most.

    Parameters
    ----------
    items
        Accepted until the run ends, warm-up and the days after the measured ones included.
    memory_mib
        Of its process.
    disk_mib
        Of its item records.
    """

    items: float
    memory_mib: float
    disk_mib: float


def estimate(network: Network, plan: RunPlan) -> Estimate:
    """Return what a replication takes at the most.

    What is offered beyond the room that the network has for its report's demand is taken to wait until the
    run ends.  Vehicles that a scenario adds do not count.
    """
    offered = demand_of(network)
    roads = road_graph(network.region, network.year)
    report = make_rates(network.places, network.report, network.assumptions, roads)
    peak = max((each.factor for each in offered.peaks), default=1.0)
    per_day = _a_day(offered) * max(peak, 1.0)
    items = per_day * (plan.warmup_days + plan.measured_days + DRAIN_DAYS)
    factor = per_day / max(_a_day(report), 1.0)
    waiting = items * max(0.0, 1.0 - _ROOM / factor) if factor else 0.0
    in_transit = min(items, per_day * _TRANSIT_DAYS + waiting)
    return Estimate(
        items,
        _PROCESS_MIB + in_transit * _ITEM_BYTES / 2**20,
        per_day * plan.measured_days * _RECORD_BYTES / 2**20,
    )


def check_size(
    network: Network,
    plan: RunPlan,
    name: str,
    replications: int = 1,
    processes: int = 1,
    folder: Path | None = None,
) -> Estimate:
    """Return the estimate of a replication, if this machine has the room for all.

    Parameters
    ----------
    name
        Of the scenario, for the message.
    processes
        How many replications run at a time on this machine; 0: elsewhere.
    folder
        Where item records are kept; None: nowhere.

    Raises
    ------
    TooLargeError
        If memory or disk would not do; never within `scenarios.support.machine.any_size`.
    """
    size = estimate(network, plan)
    if is_any_size():
        return size
    problems = []
    processes = min(processes, replications)
    limit = memory_mib()
    if limit is not None and size.memory_mib * processes > limit:
        many = "" if processes == 1 else f" in each of {processes} processes"
        fewer = int(limit // size.memory_mib)
        hint = f", enough for --workers {fewer}" if fewer else ""
        problems.append(f"{_gib(size.memory_mib)} of memory{many}: this machine has {_gib(limit)}{hint}")
    if folder is not None:
        free = shutil.disk_usage(folder).free / 2**20
        if size.disk_mib * replications > free:
            problems.append(
                f"{_gib(size.disk_mib * replications)} of item records: "
                f"{_gib(free)} are free at {folder.parent}"
            )
    if problems:
        raise TooLargeError(
            f"{name}: {size.items:,.0f} items a replication may take {'; and '.join(problems)}; "
            "--yes runs it all the same"
        )
    return size


def _a_day(rates: Rates) -> float:
    return sum(kind.originating + kind.inbound for kind in rates.classes) / DAYS


def _gib(mib: float) -> str:
    return f"{mib / 1024:,.1f} GiB"
