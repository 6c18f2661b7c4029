"""Show what goes on as bars on the screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scenarios.cli.console import visible

if TYPE_CHECKING:
    from scenarios.support.progress import Progress

__all__ = ["shown_progress"]


@contextmanager
def shown_progress(lines: bool = False) -> Iterator[Progress]:
    """Yield a `Progress` that draws bars on stderr, when that is a screen.

    With `lines` it writes one a minute elsewhere, for long runs whose words go to a file.
    """
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from scenarios.support.progress import ManyTasks, Progress

    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    written = lines and not sys.stderr.isatty()

    class Shown(Progress):
        task_bar: TaskID | None = None
        many: ManyTasks

        def __init__(self) -> None:
            self.shares: dict[int, float] = {}

        def step(self, text: str) -> None:
            self._begin(text, None)

        def warn(self, text: str) -> None:
            print(f"yizhan: {text}", file=sys.stderr, flush=True)

        def replications(self, scenario: str, total: int) -> None:
            self.shares = {}
            self._begin(f"simulating {scenario}", float(total))

        def simulated(self, number: int, share: float) -> None:
            self.shares[number] = share
            if self.task_bar is not None:
                total = bars.tasks[-1].total or 1
                done = sum(share >= 1 for share in self.shares.values())
                count = f"{done} of {total:.0f} replications" if total > 1 else ""
                bars.update(self.task_bar, completed=sum(self.shares.values()), count=count)

        def tasks(self, title: str, total: int, done: int) -> None:
            self._begin(title, float(total))
            self.many = ManyTasks(title, total, done)
            self._tell()

        def task(self, name: str, error: str) -> None:
            self.many.finished(error)
            if error:
                bars.console.print(visible(f"{name} failed: {error}"), markup=False, highlight=False)
            self._tell()

        def _tell(self) -> None:
            if self.task_bar is not None:
                bars.update(self.task_bar, completed=self.many.done, count=self.many.status())
            if written and self.many.due():
                print(f"{self.many.title}: {self.many.status()}", file=sys.stderr, flush=True)

        def counted(self, text: str, done: int, total: int) -> None:
            if self.task_bar is None or bars.tasks[-1].description != visible(text):
                self._begin(text, float(total))
            if self.task_bar is not None:
                bars.update(self.task_bar, completed=done, count=f"{done} of {total}")

        def _begin(self, text: str, total: float | None) -> None:
            if self.task_bar is not None:
                bars.remove_task(self.task_bar)
            self.task_bar = bars.add_task(visible(text), total=total, count="")

    with bars:
        yield Shown()
