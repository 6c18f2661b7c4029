"""Replications: the same run under one set of random streams after another, and what each leaves behind."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from network.exchange.archive import loads
from network.model.network import Network
from scenarios.runs.costs import ELEMENTS, PLACES
from scenarios.runs.layout import ITEMS, replication_folder, write_replication
from scenarios.runs.records import RecordWriter
from scenarios.runs.summary import ledger, queues, worst
from scenarios.support.executors import Report, Task, place_for
from scenarios.support.tables import read_chunks
from sim.cost.costs import cost
from sim.measures.loads import punctuality
from sim.measures.service import by_place, summarise, undelivered
from sim.measures.tally import tally
from sim.measures.warmup import by_day
from sim.run import RunPlan, RunResult, simulate
from sim.state.custody import custody_log
from sim.state.ledger import ledger_columns
from sim.state.records import Columns, ItemLog

__all__ = ["Keeper", "replicate"]

Kept = TypeVar("Kept")
Sink = Callable[[int], AbstractContextManager[Callable[[Columns], None]]]


def replicate(
    network: Network,
    plan: RunPlan,
    replications: Iterable[int],
    consume: Callable[[RunResult], Kept],
    workers: int = 1,
    progress: Callable[[int, float], None] | None = None,
    sink: Sink | None = None,
) -> Iterator[tuple[int, Kept]]:
    """Simulate replications and yield what `consume` makes of each, as they finish.

    Parameters
    ----------
    network, plan
        What to simulate; the plan's own replication number is not read.
    replications
        Their numbers.
    consume
        Called with each result in the process that made it, so that records need not travel;
        with more than one worker it must be picklable.
    workers
        Processes, unless there is a cluster (`executors.on_cluster`).  Results do not depend on it.
    progress
        Called with (replication, share done); with several workers only at the end of each.
    sink
        Called with the number of a replication, in the process that simulates it, for a context in
        which its item records are taken as `sim.run.simulate` gives them away; picklable like
        `consume`, which then finds none in the result.

    Yields
    ------
    tuple
        (replication, what `consume` returned), in order of completion.

    Raises
    ------
    Exception
        Whatever ended a replication; a run is not whole without it.
    """
    numbers = list(replications)
    place = place_for(len(numbers), workers)
    one = _Replication(network, plan, consume, sink)
    report = None if progress is None else lambda name, share: progress(int(name), share)
    outcomes = place.map(one, [Task(str(number), number) for number in numbers], report)
    try:
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            yield int(outcome.id), outcome.value
    finally:
        outcomes.close()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Replication:
    """What every replication needs, sent to a worker once."""

    network: Network
    plan: RunPlan
    consume: Callable[[RunResult], Any]
    sink: Sink | None

    def __call__(self, number: int, report: Report) -> Any:
        with nullcontext() if self.sink is None else self.sink(number) as take:
            plan = replace(self.plan, replication=number)
            result = simulate(self.network, plan, report, sink=take)
        return self.consume(result)


@dataclass(frozen=True)
class Keeper:
    """Writes one replication into the partial folder; works where the replication runs.

    Only a path travels to the worker: it reads the network from the folder.  A draft that
    an interruption leaves is swept away with the folder's other waste.
    """

    partial: Path
    records: bool = True  # whether to keep the item records

    @contextmanager
    def sink(self, number: int) -> Iterator[RecordWriter]:
        """Take the item records of a replication while it goes on."""
        draft = replication_folder(self.partial, number).with_suffix(".tmp")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        with RecordWriter(draft / ITEMS, ItemLog(0, 0).columns(), number) as writer:
            yield writer
            gc.collect()  # the kernel's processes refer to each other and would hold its memory on

    def __call__(self, result: RunResult) -> int:
        """Write tables and measures beside the records, and return the number of the replication."""
        number = result.plan.replication
        network = loads((self.partial / "network.json").read_text(encoding="utf-8"))
        items = replication_folder(self.partial, number).with_suffix(".tmp") / ITEMS
        counted = tally(network, partial(read_chunks, items), result.seconds_run)
        places = by_place(network, counted)
        spent = cost(network, result.work, result.trips, partial(read_chunks, items), result.plan.window_s)
        entry = {
            "replication": number,
            "items_total": result.total_items,
            "seconds_run": result.seconds_run,
            "measures": {**summarise(network, counted, places), "cost": spent.totals},
            "undelivered": undelivered(network, counted),
            "trips": punctuality(result.trips),
            "ledger": ledger(result),
            "queues": queues(network, result),
            "bottlenecks": worst(result),
        }
        if not self.records:
            items.unlink()
        tables = {
            "trips": result.trips,
            "custody": custody_log(network, result.custody),
            "ledger": ledger_columns(result.ledgers),
            "in_transit": _in_transit(network, result),
            "days": by_day(result),
            "queues": _midnights(network, result),
        }
        means = {"places": places, ELEMENTS: spent.elements, PLACES: spent.places}
        write_replication(self.partial, number, entry, tables, means)
        return number


def _in_transit(network: Network, result: RunResult) -> dict[str, NDArray[Any]]:
    columns = result.unresolved
    return {**columns, "stop": np.array([*network.stops, ""])[columns["stop"]]}


def _midnights(network: Network, result: RunResult) -> dict[str, NDArray[Any]]:
    days, stops = result.waiting.shape
    return {
        "day": np.repeat(np.arange(days, dtype=np.int32), stops),
        "stop": np.tile(np.array(network.stops), days),
        "waiting": result.waiting.astype(np.int32).ravel(),
        "waiting_rounds": result.waiting_rounds.astype(np.int32).ravel(),
    }
