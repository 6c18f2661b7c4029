"""Replications: the same run under one set of random streams after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from network.model.network import Network
from scenarios.support.executors import Report, Task, place_for
from sim.run import RunPlan, RunResult, simulate
from sim.state.records import Columns

__all__ = ["replicate"]

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
