"""What the commands share: guarding against errors, loading, progress bars, tables."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

if TYPE_CHECKING:
    from network.model.network import Network
    from scenarios.support.progress import Progress

__all__ = [
    "check_folder",
    "check_out",
    "examples",
    "guarded",
    "load_network",
    "needs_of_firms",
    "number",
    "print_json",
    "print_table",
    "rests_on",
    "shown_progress",
    "table_width",
    "unresolved",
    "write_beside",
]

P = ParamSpec("P")
T = TypeVar("T")

PIPE_WIDTH = 200  # of tables that go to a file or a pipe


def examples(*lines: str) -> str:
    """Return example commands as the end of a help text; the mark keeps their lines apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def guarded(command: Callable[P, T]) -> Callable[P, T]:
    """Turn errors of the input into one list on stderr and exit status 2, and Ctrl-C into 130."""

    @functools.wraps(command)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        from network.errors import InputErrors, YizhanError

        try:
            return command(*args, **kwargs)
        except InputErrors as error:
            n = len(error.problems)
            _say(f"{n} problem{'s' if n > 1 else ''}:" if n else "the input is wrong")
            for problem in error.problems:
                _say(f"  {problem}")
        except YizhanError as error:
            _say(str(error))
            raise typer.Exit(getattr(error, "exit_status", 2)) from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            _say(f"{error.filename or 'file'}: {error.strerror or error}")
        except KeyboardInterrupt:
            _say("interrupted: nothing kept")
            raise typer.Exit(130) from None
        raise typer.Exit(2)

    return inside


def _say(text: str) -> None:
    print(f"yizhan: {text}" if not text.startswith(" ") else text, file=sys.stderr)


def load_network(reference: str, progress: Progress) -> Network:
    """Return the network of a scenario's name, a scenario file, a run folder or an archive (.json)."""
    from scenarios.runs.references import network_of

    return network_of(reference, progress)


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
        TextColumn("{task.description}"),
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
                bars.console.print(f"{name} failed: {error}", markup=False, highlight=False)
            self._tell()

        def _tell(self) -> None:
            if self.task_bar is not None:
                bars.update(self.task_bar, completed=self.many.done, count=self.many.told())
            if written and self.many.due():
                print(f"{self.many.title}: {self.many.told()}", file=sys.stderr, flush=True)

        def counted(self, text: str, done: int, total: int) -> None:
            if self.task_bar is None or bars.tasks[-1].description != text:
                self._begin(text, float(total))
            if self.task_bar is not None:
                bars.update(self.task_bar, completed=done, count=f"{done} of {total}")

        def _begin(self, text: str, total: float | None) -> None:
            if self.task_bar is not None:
                bars.remove_task(self.task_bar)
            self.task_bar = bars.add_task(text, total=total, count="")

    with bars:
        yield Shown()


def table_width() -> int | None:
    """Return the width for tables: that of the screen, or enough for a pipe."""
    return None if sys.stdout.isatty() else PIPE_WIDTH


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print an aligned table; `right` are the columns that hold numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at in right else "left", no_wrap=at in right)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False, width=table_width()).print(table)


def print_json(data: Any) -> None:
    """Print JSON for programs."""
    print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))


def rests_on(assumed: Mapping[str, Any], changed: int, by: str, folder: Path) -> str:
    """Return the line that says how much of the output is assumed.

    Parameters
    ----------
    assumed
        ``assumed`` of ``summary.json``.
    changed
        How many assumed values differ from their defaults.
    by
        Who changed them, in words.
    folder
        A run folder, for the command that traces a value.
    """
    return (
        f"rests on {assumed['values']} assumed values and {len(assumed['lists'])} lists, {changed} changed "
        f"by {by} (scenario.toml, docs/model.md); `yizhan explain {folder} KEY` says which a value rests on"
    )


def needs_of_firms(firms: Mapping[str, Any]) -> str:
    """Return what the express firms' own lines need beside the post's, to end a sentence; or nothing."""
    if not any(firms.values()):
        return ""
    return (
        f"; all this is the post's: the firms' own lines need {firms['vehicles']:,} vehicles, "
        f"{firms['drivers']:,} drivers and {firms['vehicle_km_per_week']:,.0f} vehicle-km a week more"
    )


def unresolved(row: Mapping[str, Any] | None) -> str:
    """Return how far the items under way at close can move the figures of all mail to the region."""
    if row is None or not row["unresolved"]:
        return "nothing to the region was under way at close"
    early = row["at_close"]
    exact, moved = [], []
    for name in ("p50_h", "p80_h", "p95_h"):
        shown = name.removesuffix("_h").upper()
        if row[name] is not None and row[name] == early[name]:
            exact.append(shown)
        else:
            moved.append(f"{shown} at least {number(early[name])} h")
    points = max(100 * (early["within"][h] - share) for h, share in row["within"].items())
    if points:
        moved.append(f"a share in time up to {points:.2g} points higher")
    else:
        exact.append("the shares in time")
    return (
        f"{100 * row['unresolved'] / row['items']:.2g} % of all mail to the region was under way at close: "
        + "; ".join([f"with it the mean is at least {number(early['mean_h'])} h", *moved])
        + (f"; not affected: {', '.join(exact)}" if exact else "")
    )


def check_out(path: Path, endings: Sequence[str] = ()) -> None:
    """Refuse a file to write before any work is done for it.

    Parameters
    ----------
    path
        Where it is to be.
    endings
        What its name may end in; anything if empty.
    """
    from network.errors import InputErrors, Problem

    allowed = ""
    if endings and path.suffix.lower() not in endings:
        allowed = f"a name ending in {' or '.join(endings)}"
    elif path.is_dir():
        allowed = "a file, and this is a folder"
    elif not path.absolute().parent.is_dir():
        allowed = "a file in a folder that is there"
    if allowed:
        raise InputErrors([Problem("command line", "", "--out", str(path), allowed)])


def check_folder(path: Path | None) -> None:
    """Refuse a folder to write into before any work is done for it; None is one of our own."""
    from network.errors import InputErrors, Problem

    if path is not None and path.exists() and not path.is_dir():
        raise InputErrors([Problem("command line", "", "--out", str(path), "a folder, and this is a file")])


def write_beside(path: Path, data: bytes | str) -> None:
    """Write a file under another name beside its place and rename it when it is whole."""
    draft = path.with_name(f"{path.name}.partial")
    try:
        draft.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands' commas, whole ones without decimals; a dash for none."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.{digits}f}"
