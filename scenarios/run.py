"""Run a resolved scenario into a run folder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.errors import YizhanError
from network.exchange.archive import dumps, loads
from network.graph import MailNetwork
from network.reconcile import context, reconcile
from scenarios.apply import apply_changes
from scenarios.progress import Progress
from scenarios.records import join_tables, read_columns, write_columns
from scenarios.resolve import REPORT_FILE, Resolved, build_base
from scenarios.store import RunFolder, StoredRun, open_run, to_json
from scenarios.summary import bottlenecks, ledger, queues, summary, worst
from sim.custody import custody_log
from sim.loads import by_leg
from sim.measures import by_place, summarise
from sim.replicate import replicate
from sim.run import RunPlan, RunResult

__all__ = ["Interrupted", "Keeper", "draw", "run_scenario"]


class Interrupted(YizhanError):
    """A run that was broken off; `kept` replications wait in `folder`."""

    exit_status = 130  # 128 + SIGINT, as shells have it

    def __init__(self, folder: Path, kept: int, wanted: int) -> None:
        self.folder, self.kept = folder, kept
        if kept:
            text = (
                f"interrupted: {kept} of {wanted} replications finished and kept; "
                f"go on with the same command and --out {folder}"
            )
        else:
            text = "interrupted before a replication was finished: nothing kept"
        super().__init__(text)


@dataclass(frozen=True)
class Keeper:
    """Writes one replication into the partial folder; runs where the replication ran.

    It reads the network from the folder, so that only a path travels to the worker.
    """

    partial: Path
    records: bool = True  # whether to keep the item records

    def __call__(self, result: RunResult) -> int:
        """Write records and measures, and return the number of the replication."""
        number = result.plan.replication
        network = loads((self.partial / "network.json").read_text(encoding="utf-8"))
        folder = self.partial / f"replication-{number:03d}"
        draft = folder.with_suffix(".tmp")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        places = by_place(network, result.items)
        entry = {
            "replication": number,
            "items_total": result.total_items,
            "seconds_run": result.seconds_run,
            "measures": summarise(network, result.items, places),
            "ledger": ledger(result),
            "queues": queues(network, result),
            "bottlenecks": worst(result),
        }
        if self.records:
            write_columns(draft / "items.parquet", result.items, number)
        write_columns(draft / "trips.parquet", result.trips, number)
        write_columns(draft / "custody.parquet", custody_log(network, result.custody), number)
        write_columns(draft / "places.parquet", places)
        write_columns(draft / "queues.parquet", _midnights(network, result), number)
        (draft / "result.json").write_text(to_json(entry), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        return number


def _midnights(network: MailNetwork, result: RunResult) -> dict[str, NDArray[Any]]:
    days, stops = result.waiting.shape
    return {
        "day": np.repeat(np.arange(days, dtype=np.int32), stops),
        "stop": np.tile(np.array(network.stops), days),
        "waiting": result.waiting.astype(np.int32).ravel(),
        "waiting_rounds": result.waiting_rounds.astype(np.int32).ravel(),
    }


def run_scenario(
    resolved: Resolved,
    out: Path | None = None,
    *,
    root: Path = Path("runs"),
    plots: bool = True,
    records: bool = True,
    fitted: MailNetwork | None = None,
    progress: Progress | None = None,
) -> StoredRun:
    """Run a scenario and return its run folder.

    Parameters
    ----------
    resolved
        The scenario; its `run` says how many replications, days and workers.
    out
        The run folder; a fresh dated one under `root` by default.
    plots
        Whether to draw the charts.
    records
        Whether to keep the item records, some 100 MB for each replication at full volume.
    fitted
        The fitted base, when it is at hand; it must be of the same `Resolved.fit_key`.

    Raises
    ------
    StoreError
        If the folder holds something else.
    YizhanError
        If the network cannot be built.
    Interrupted
        If the run was broken off; finished replications are kept.
    """
    progress = progress or Progress()
    folder = RunFolder.open(resolved, out, root)
    log = _Log(resolved)
    try:
        with log.time("fit"):
            network = _network(resolved, folder, fitted, progress)
        with log.time("simulate"):
            _replicate(resolved, folder, network, records, progress)
        with log.time("write"):
            progress.step("writing the run")
            _finish(resolved, folder, network, records)
        if plots:
            with log.time("plots"):
                progress.step("drawing the charts")
                draw(StoredRun(folder.partial), folder.partial / "plots")
    except KeyboardInterrupt:
        raise Interrupted(folder.final, len(folder.leave()), resolved.run.replications) from None
    except BaseException:
        folder.leave()
        raise
    folder.write("log.json", to_json(log.content()))
    return open_run(folder.commit())


def draw(run: StoredRun, folder: Path) -> list[Path]:
    """Draw the charts of a run into a folder, and return the files."""
    from scenarios.charts import draw_run

    folder.mkdir(parents=True, exist_ok=True)
    legs = by_leg(run.network, run.columns("trips"))
    return draw_run(run.network, run.measures, run.places, legs, folder)


def _network(
    resolved: Resolved, folder: RunFolder, fitted: MailNetwork | None, progress: Progress
) -> MailNetwork:
    """Return the network of a run, and keep it in the folder; one kept there is not fitted again."""
    stored = folder.partial / "network.json"
    if stored.is_file():
        return loads(stored.read_text(encoding="utf-8"))
    if fitted is None:
        fitted = build_base(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))
    network = apply_changes(fitted, resolved.scenario, resolved.name)
    folder.write("scenario.toml", resolved.to_toml())
    if resolved.report_text is not None:
        folder.write(REPORT_FILE, resolved.report_text)
    if resolved.scenario.changes_network:
        folder.write("fitted.json", dumps(fitted))
    folder.write("network.json", dumps(network))
    return network


def _replicate(
    resolved: Resolved, folder: RunFolder, network: MailNetwork, records: bool, progress: Progress
) -> None:
    """Simulate the replications that are not there yet."""
    run = resolved.run
    assert run.start is not None  # a resolved scenario has one
    done = {
        n for n in folder.finished() if not records or (folder.replication(n) / "items.parquet").is_file()
    }
    missing = [number for number in range(run.replications) if number not in done]
    progress.replications(resolved.name, run.replications)
    for number in sorted(done):
        progress.simulated(number, 1.0)
    plan = RunPlan(run.start, run.warmup_days, run.measured_days, run.seed)
    workers = run.workers or os.cpu_count() or 1
    for _ in replicate(network, plan, missing, Keeper(folder.partial, records), workers, progress.simulated):
        pass


def _finish(resolved: Resolved, folder: RunFolder, network: MailNetwork, records: bool) -> None:
    """Put the replications together, write the summary and tables."""
    parts = [folder.replication(number) for number in range(resolved.run.replications)]
    entries = [json.loads((part / "result.json").read_text(encoding="utf-8")) for part in parts]
    rows = reconcile(network)
    folder.write("replications.json", to_json(entries))
    folder.write("summary.json", to_json(summary(resolved, network, rows, context(network, rows), entries)))
    folder.write("reconciliation.csv", _csv(row.as_dict() for row in rows))
    folder.write(
        "bottlenecks.csv", _csv(bottlenecks(entries), ("kind", "rank", "name", "what", "item_h", "items"))
    )
    write_columns(
        folder.partial / "places.parquet", _mean_places([read_columns(p / "places.parquet") for p in parts])
    )
    for name in ("items", "trips", "custody", "queues") if records else ("trips", "custody", "queues"):
        target = folder.partial / f"{name}.parquet"
        if len(parts) == 1:
            (parts[0] / target.name).replace(target)
        else:
            join_tables((part / target.name for part in parts), target)
    legs = by_leg(network, read_columns(folder.partial / "trips.parquet"))
    folder.write("legs.csv", _csv(_rows(legs), tuple(legs)))
    for number in folder.finished():  # more than wanted, if an earlier start wanted more
        shutil.rmtree(folder.replication(number))


def _mean_places(tables: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Return the mean over replications of what differs between them; a place never reached stays so."""
    if len(tables) == 1:
        return tables[0]
    columns = {}
    for name, first in tables[0].items():
        same = first.dtype.kind not in "fiu" or all(
            np.array_equal(first, t[name], equal_nan=True) for t in tables[1:]
        )
        columns[name] = first if same else np.mean([table[name] for table in tables], axis=0)
    return columns


def _rows(columns: Mapping[str, NDArray[Any]]) -> Iterator[dict[str, Any]]:
    for values in zip(*(column.tolist() for column in columns.values()), strict=True):
        yield dict(zip(columns, values, strict=True))


def _csv(rows: Iterable[Mapping[str, Any]], names: Iterable[str] = ()) -> str:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names) or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class _Log:
    """Wall time, host and dates: outside the promise of same bytes."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.started = dt.datetime.now().astimezone()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)

    def content(self) -> dict[str, Any]:
        return {
            "started": self.started.isoformat(timespec="seconds"),
            "finished": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
            "host": platform.node(),
            "platform": platform.platform(),
            "workers": self.resolved.run.workers or os.cpu_count(),
            "seconds": self.seconds,
            "peak_mib": _peak_mib(),
        }


def _peak_mib() -> float | None:
    """Return the largest memory of this process or a child of it; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # kilobytes on Linux, bytes on macOS
    return round(max(peaks) / (2**20 if sys.platform == "darwin" else 2**10), 1)
