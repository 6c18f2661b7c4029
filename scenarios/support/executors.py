"""Where runs run: in this process, in a pool of processes, or on a Dask cluster.

All three are called in the same way, and no result depends on which it is::

    with executor(workers=2) as place:
        for outcome in place.map(function, tasks):
            ...

A task has an id and something picklable; `function(work, report)` answers it
where it runs, and `report` takes the share done, which only a task of this
process tells on.  Outcomes come in the order in which they are ready.  A task
that fails is an outcome with its error and stops no other one.  Few tasks are
in transit at a time, so that memory does not grow with their number.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, NamedTuple, Protocol

from network.errors import InputErrors, Problem, YizhanError
from scenarios.support.machine import processors
from scenarios.support.processes import context_for

__all__ = [
    "Dask",
    "Executor",
    "ExecutorError",
    "Here",
    "Outcome",
    "Pool",
    "Report",
    "Task",
    "executor",
    "on_cluster",
    "place_for",
    "processes_of",
    "sum_in_one_thread",
]

Report = Callable[[float], None]
Function = Callable[[Any, Report], Any]

_AHEAD = 2  # tasks a worker, so that none waits for its next one

# What a worker process was given once, instead of with every task.
_given: dict[str, Function] = {}


class ExecutorError(YizhanError, RuntimeError):
    """A place where runs cannot run."""


class Task(NamedTuple):
    """Something to do: a stable id, and what the function is called with."""

    id: str
    work: Any


class Outcome(NamedTuple):
    """What became of a task: its value, or the error that ended it."""

    id: str
    value: Any
    error: BaseException | None = None
    trace: str = ""

    @property
    def message(self) -> str:
        """The error in one line; empty without one."""
        if self.error is None:
            return ""
        text = " ".join(str(self.error).split())
        return f"{type(self.error).__name__}: {text}" if text else type(self.error).__name__


class Executor(Protocol):
    """A place where tasks run."""

    @property
    def workers(self) -> int:
        """How many run at the same time."""

    def map(
        self, function: Function, tasks: Iterable[Task], report: Callable[[str, float], None] | None = None
    ) -> Iterator[Outcome]:
        """Run tasks and yield their outcomes as they are ready.

        Parameters
        ----------
        function
            Called with (work, report); picklable, unless it runs in this process.
        tasks
            Taken from the iterable as there is room for them.
        report
            Called with (id, share done); with several workers only at the end of each.

        Raises
        ------
        KeyboardInterrupt
            If it was broken off: what is half done then is given up.
        """


@dataclass(frozen=True)
class Here:
    """In this process, one task after the other."""

    workers: int = 1

    def map(
        self, function: Function, tasks: Iterable[Task], report: Callable[[str, float], None] | None = None
    ) -> Iterator[Outcome]:
        """Run tasks; see `Executor.map`."""
        for task in tasks:
            yield _finished(_answer(function, task, report), report)


@dataclass(frozen=True)
class Pool:
    """In processes of this machine, each with the function of its own.

    A process that dies takes its pool with it: the tasks it had in hand are then tried
    again one by one, and one that ends its process a second time has failed.
    """

    workers: int

    def map(
        self, function: Function, tasks: Iterable[Task], report: Callable[[str, float], None] | None = None
    ) -> Iterator[Outcome]:
        """Run tasks; see `Executor.map`."""
        waiting = iter(tasks)
        suspects: deque[Task] = deque()
        pool = self._open(function, self.workers)
        running: dict[Future[Outcome], Task] = {}
        left = True
        others = set(multiprocessing.active_children())
        try:
            while True:
                if suspects:
                    if not running:
                        running[pool.submit(_in_worker, suspects[0])] = suspects[0]
                else:
                    while left and len(running) < _AHEAD * self.workers:
                        task = next(waiting, None)
                        left = task is not None
                        if task is not None:
                            running[pool.submit(_in_worker, task)] = task
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                lost: list[Task] = []
                for future in done:
                    task = running.pop(future)
                    try:
                        outcome = future.result()
                    except BrokenProcessPool:
                        lost.append(task)
                        continue
                    except Exception as error:  # what it gave back does not travel
                        outcome = Outcome(task.id, None, error, traceback.format_exc())
                    if suspects and task is suspects[0]:
                        suspects.popleft()
                    yield _finished(outcome, report)
                if lost:
                    lost += running.values()
                    running.clear()
                    pool.shutdown(wait=True)
                    pool = self._open(function, self.workers)
                    if suspects:  # it ran alone: it is the one
                        task = suspects.popleft()
                        died = ExecutorError("its process was ended from outside, twice; was memory short?")
                        yield _finished(Outcome(task.id, None, died), report)
                    else:
                        suspects += lost
        except BaseException:
            # an interruption or an error ends all at once; what is half done is of no use
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _open(self, function: Function, workers: int) -> ProcessPoolExecutor:
        sum_in_one_thread()
        os.environ.setdefault("PYTHONSAFEPATH", "1")  # import nothing from the working folder
        return ProcessPoolExecutor(workers, context_for(function), _prepare, (function,))


class Dask:
    """On a cluster of Dask, by the address of its scheduler.

    The workers need this package in the same version, and see the same folders.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = _connect(address)

    @property
    def workers(self) -> int:
        """Threads of the cluster, 1 for each of its processes as a rule."""
        return max(1, sum(self.client.nthreads().values()))

    def map(
        self, function: Function, tasks: Iterable[Task], report: Callable[[str, float], None] | None = None
    ) -> Iterator[Outcome]:
        """Run tasks; see `Executor.map`."""
        from distributed import wait as wait_on

        shared = self.client.scatter(function, broadcast=True, hash=False)
        running: dict[Any, Task] = {}
        waiting = iter(tasks)
        left = True
        try:
            while True:
                while left and len(running) < _AHEAD * self.workers:
                    task = next(waiting, None)
                    left = task is not None
                    if task is not None:
                        future = self.client.submit(_on_cluster, shared, task, pure=False)
                        running[future] = task
                if not running:
                    return
                with self.client.as_current():
                    ready = wait_on(list(running), return_when="FIRST_COMPLETED").done
                for future in ready:
                    task = running.pop(future)
                    try:
                        outcome = future.result()
                    except Exception as error:  # its worker died, or what it gave back does not travel
                        outcome = Outcome(task.id, None, error, traceback.format_exc())
                    future.release()
                    yield _finished(outcome, report)
        finally:
            if running:
                self.client.cancel(list(running))

    def close(self) -> None:
        """Leave the cluster; it runs on."""
        self.client.close()


def sum_in_one_thread() -> None:
    """Let numpy sum in one thread, here if it is not loaded yet and in all processes begun from here.

    Sums in several threads are rounded by how many there are: then bytes would differ between machines, and
    between a process of one's own and a worker of a cluster, which has one thread.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


@contextmanager
def executor(workers: int | None = None, dask: str | None = None) -> Iterator[Executor]:
    """Yield the place where tasks run.

    Parameters
    ----------
    workers
        Processes of this machine; 1 is this process, None or 0 one a processor.
    dask
        Address of the scheduler of a Dask cluster, such as ``tcp://10.0.0.1:8786``, in their stead.

    Raises
    ------
    ExecutorError
        If there is no cluster at the address, or Dask is not installed.
    InputErrors
        If both are given.
    """
    if dask is not None:
        if workers:
            problem = Problem("command line", "", "--workers", workers, "not with --dask")
            raise InputErrors([problem])
        place = Dask(dask)
        try:
            yield place
        finally:
            place.close()
        return
    number = workers or processors()
    yield Here() if number == 1 else Pool(number)


@contextmanager
def on_cluster(address: str | None) -> Iterator[None]:
    """Let `place_for` be a Dask cluster within the block; nothing changes without an address.

    Raises
    ------
    ExecutorError
        As for `executor`.
    """
    if address is None:
        yield
        return
    with executor(dask=address) as place:
        token = _cluster.set(place)
        try:
            yield
        finally:
            _cluster.reset(token)


def place_for(tasks: int, workers: int) -> Executor:
    """Return where a number of tasks run: the cluster of the block, else as many processes as are of use."""
    cluster = _cluster.get()
    if cluster is not None:
        return cluster
    several = min(workers, tasks)
    return Pool(several) if several > 1 else Here()


def processes_of(place: Executor) -> int:
    """Return how many processes of this machine a place takes; the memory of a cluster is its own."""
    return 0 if isinstance(place, Dask) else place.workers


_cluster: ContextVar[Executor | None] = ContextVar("cluster", default=None)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ExecutorError("--dask needs Dask: pip install 'yizhan[dask]'") from None
    try:
        return Client(address, set_as_default=False, timeout="10s")
    except (OSError, ValueError, TypeError) as error:
        raise ExecutorError(f"no Dask scheduler answers at {address}: {error}") from None


def _answer(function: Function, task: Task, report: Callable[[str, float], None] | None) -> Outcome:
    try:
        return Outcome(task.id, function(task.work, lambda share: report and report(task.id, share)))
    except Exception as error:
        return Outcome(task.id, None, error, traceback.format_exc())


def _finished(outcome: Outcome, report: Callable[[str, float], None] | None) -> Outcome:
    if report is not None:
        report(outcome.id, 1.0)
    return outcome


def _prepare(function: Function) -> None:
    # Ctrl-C goes to the whole process group; only the parent answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _given["function"] = function


def _end_with_parent() -> None:
    """End this process when its parent has been ended from outside: nobody waits for its work any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _in_worker(task: Task) -> Outcome:
    return _on_cluster(_given["function"], task)


def _on_cluster(function: Function, task: Task) -> Outcome:
    outcome = _answer(function, task, None)
    gc.collect()  # the kernel's processes refer to each other and would hold its memory on
    if outcome.error is not None and not _travels(outcome.error):
        return outcome._replace(error=ExecutorError(outcome.message))
    return outcome


def _travels(error: BaseException) -> bool:
    """Whether an error comes out of a pickle; one that does not would take the whole pool with it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
