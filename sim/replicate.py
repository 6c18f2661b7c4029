"""Replications: the same run under one set of random streams after another."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from network.graph import MailNetwork
from sim.records import Columns
from sim.run import RunPlan, RunResult, simulate

__all__ = ["replicate"]

Kept = TypeVar("Kept")
Sink = Callable[[int], AbstractContextManager[Callable[[Columns], None]]]

# What a worker process was given once, instead of with every replication.
_shared: dict[str, object] = {}


def replicate(
    network: MailNetwork,
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
        Processes.  Results do not depend on it.
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
    """
    numbers = list(replications)
    if workers <= 1 or len(numbers) <= 1:
        for number in numbers:
            yield number, _one(network, plan, number, consume, sink, progress)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(numbers)),
        mp_context=context,
        initializer=_prepare,
        initargs=(network, plan, consume, sink),
    )
    try:
        running: dict[Future[Any], int] = {pool.submit(_in_worker, number): number for number in numbers}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                number = running.pop(future)
                if progress is not None:
                    progress(number, 1.0)
                yield number, future.result()
    except BaseException:
        # an interruption or an error ends the run at once; what is half done is of no use
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one(
    network: MailNetwork,
    plan: RunPlan,
    number: int,
    consume: Callable[[RunResult], Kept],
    sink: Sink | None,
    progress: Callable[[int, float], None] | None,
) -> Kept:
    report = None if progress is None else lambda share: progress(number, share)
    with nullcontext() if sink is None else sink(number) as take:
        result = simulate(network, replace(plan, replication=number), report, sink=take)
    if progress is not None:
        progress(number, 1.0)
    return consume(result)


def _prepare(
    network: MailNetwork, plan: RunPlan, consume: Callable[[RunResult], object], sink: Sink | None
) -> None:
    # Ctrl-C goes to the whole process group; only the parent answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared.update(network=network, plan=plan, consume=consume, sink=sink)


def _in_worker(number: int) -> object:
    network, plan, consume, sink = (_shared[name] for name in ("network", "plan", "consume", "sink"))
    return _one(network, plan, number, consume, sink, None)  # type: ignore[arg-type]
