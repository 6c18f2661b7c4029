"""Run a resolved scenario into a run folder."""

from __future__ import annotations

import datetime as dt
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from network.accessibility.scheduled_measures import scheduled_columns, scheduled_measures
from network.accessibility.scheduled_times import scheduled
from network.exchange.archive import dumps, loads
from network.model.network import Network
from network.reconcile import context, reconcile
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import REPORT_FILE, Resolved, build_base
from scenarios.runs.columns import (
    BOTTLENECKS,
    COST_ELEMENTS,
    COST_PLACES,
    LEGS,
    PLACE_COLUMNS,
    RECONCILIATION,
    UNDELIVERED,
)
from scenarios.runs.costs import ELEMENTS, PLACES, cost_summary, read_costs, table, together
from scenarios.runs.folder import RunFolder, StoredRun, open_run
from scenarios.runs.layout import (
    BY_REPLICATION,
    ITEMS,
    columns_of_each,
    join_replications,
    mean_columns,
    read_entries,
    stack_columns,
)
from scenarios.runs.precision import LEAST, Precision
from scenarios.runs.replicate import Keeper, replicate
from scenarios.runs.summary import bottlenecks, summary, undelivered
from scenarios.support.broken_off import BrokenOffError, Interrupted
from scenarios.support.estimate import check_size
from scenarios.support.executors import place_for, processes_of
from scenarios.support.folders import StoreError, link_file, unwritable, write_file
from scenarios.support.machine import processors
from scenarios.support.progress import Progress
from scenarios.support.tables import read_columns
from sim.measures.loads import by_leg

__all__ = ["draw", "fit_of", "grow_run", "peak_mib", "run_scenario"]


def run_scenario(
    resolved: Resolved,
    out: Path | None = None,
    *,
    root: Path = Path("runs"),
    plots: bool = True,
    records: bool = True,
    fitted: Network | None = None,
    progress: Progress | None = None,
    precision: Precision | None = None,
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
        Whether to keep the item records, some 30 bytes an item: 150 MB for four weeks at full volume.
    fitted
        The fitted base, when it is at hand; it must be of the same `Resolved.fit_key`.
    precision
        How exact the means shall be: replications are added until they are, the scenario's
        number being the fewest, and the folder's scenario then has their number.

    Raises
    ------
    InputErrors
        If `precision` names what is no measure.
    StoreError
        If the folder holds something else.
    YizhanError
        If the network cannot be built.
    Interrupted
        If the run was broken off; finished replications are kept.
    """
    progress = progress or Progress()
    wanted = None if precision is not None else resolved.run.replications
    with RunFolder.of(resolved, out, root) as folder, _kept(folder, wanted):
        if not folder.committed:
            log = _Log(resolved)
            with log.time("fit"):
                network = _network(resolved, folder, fitted, progress)
            with log.time("simulate"):
                resolved = _replicate(resolved, folder, network, records, progress, precision)
            with log.time("write"):
                progress.step("writing the run")
                _finish(resolved, folder, network, records, precision)
            if plots:
                with log.time("plots"):
                    progress.step("drawing the charts")
                    _draw_or_say(folder, progress)
            folder.write("log.json", log.content())
            folder.commit()
        return open_run(folder.final)


@contextmanager
def _kept(folder: RunFolder, wanted: int | None) -> Iterator[None]:
    """Say of a run that is broken off what is kept of it.

    Raises
    ------
    Interrupted
        In the place of an interruption.
    BrokenOffError
        In the place of an error that says that a file cannot be written.
    """
    try:
        yield
    except KeyboardInterrupt:
        if folder.committed:
            raise
        raise Interrupted(folder.final, len(folder.leave()), wanted) from None
    except (StoreError, OSError) as error:
        if isinstance(error, OSError):
            error = unwritable(Path(error.filename or folder.partial), error)
        raise BrokenOffError(str(error), folder.final, len(folder.leave())) from None
    except BaseException:
        folder.leave()
        raise


def _draw_or_say(folder: RunFolder, progress: Progress) -> None:
    """Draw the charts; a run whose charts cannot be drawn is whole without them."""
    plots = folder.whole / "plots"
    try:
        draw(StoredRun(folder.whole), plots)
    except Exception as error:
        shutil.rmtree(plots, ignore_errors=True)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        progress.warn(f"the charts are missing ({what}); draw them with: yizhan plot {folder.final}")


def grow_run(
    resolved: Resolved,
    out: Path,
    *,
    records: bool = False,
    fitted: Network | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Simulate the scenario's replications that are not there yet, and leave the folder open for more.

    `run_scenario` with the same folder makes a complete run of it.  Parameters and errors as there.

    Returns
    -------
    list of dict
        What each replication found, as in ``replications.json``.
    """
    with RunFolder.of(resolved, out) as folder, _kept(folder, None):
        network = _network(resolved, folder, fitted, progress or Progress())
        _simulate(resolved, folder, network, records, progress or Progress())
        return read_entries(folder.partial, resolved.run.replications)


def draw(run: StoredRun, folder: Path) -> list[Path]:
    """Draw the charts of a run into a folder, and return the files."""
    from scenarios.runs.album import draw_run

    folder.mkdir(parents=True, exist_ok=True)
    legs = by_leg(run.network, run.columns("trips"))
    days = run.columns("days"), run.summary["warmup_days"], run.summary["measured_days"]
    costs = None
    if (run.path / f"{PLACES}.csv").is_file():  # else it is of before runs counted cost
        _, _, spent = read_costs(run)
        costs = spent, together(spent)
    return draw_run(run.network, run.measures, run.places, legs, days, folder, costs=costs)


def fit_of(resolved: Resolved, progress: Progress) -> Network:
    """Return the fitted base of a scenario."""
    return build_base(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))


def _network(resolved: Resolved, folder: RunFolder, fitted: Network | None, progress: Progress) -> Network:
    """Return the network of a run, and keep it in the folder; one kept there is not fitted again."""
    stored = folder.partial / "network.json"
    if stored.is_file():
        return loads(stored.read_text(encoding="utf-8"))
    if fitted is None:
        fitted = fit_of(resolved, progress)
    network = apply_scenario(fitted, resolved.scenario, resolved.name)
    if resolved.scenario.changes_network:
        write_file(folder.partial / "fitted.json", dumps(fitted))
    write_file(stored, dumps(network))
    return network


def _replicate(
    resolved: Resolved,
    folder: RunFolder,
    network: Network,
    records: bool,
    progress: Progress,
    precision: Precision | None,
) -> Resolved:
    """Simulate the replications, and return the scenario with their number."""
    if precision is None:
        _simulate(resolved, folder, network, records, progress)
        return resolved
    least = max(resolved.run.replications, LEAST)
    most = max(least, precision.max_replications)
    resolved = resolved.with_run(replications=least)
    title = ""
    while True:
        _simulate(resolved, folder, network, records, progress, title)
        measures = [entry["measures"] for entry in read_entries(folder.partial, resolved.run.replications)]
        enough = precision.enough(measures, least)
        if enough is not None:
            return resolved.with_run(replications=enough)
        title = f" ({precision.furthest(measures)})"
        more = resolved.run.replications + _workers(resolved)
        resolved = resolved.with_run(replications=min(more, most))


def _simulate(
    resolved: Resolved,
    folder: RunFolder,
    network: Network,
    records: bool,
    progress: Progress,
    title: str = "",
) -> None:
    """Simulate the replications that are not there yet."""
    run = resolved.run
    done = {n for n in folder.finished() if not records or (folder.replication(n) / ITEMS).is_file()}
    missing = [number for number in range(run.replications) if number not in done]
    keep = folder.partial if records else None
    processes = processes_of(place_for(len(missing), _workers(resolved)))
    size = check_size(network, resolved.plan, resolved.name, len(missing), processes, keep)
    title = f"{resolved.name}, up to {size.items / 1e6:,.1f} million items{title}"
    progress.replications(title, run.replications)
    for number in sorted(done):
        progress.simulated(number, 1.0)
    keeper = Keeper(folder.partial.resolve(), records)  # a worker may be elsewhere
    workers = _workers(resolved)
    for _ in replicate(
        network, resolved.plan, missing, keeper, workers, progress.simulated, sink=keeper.sink
    ):
        pass


def _workers(resolved: Resolved) -> int:
    return resolved.run.workers or processors()


def _finish(
    resolved: Resolved,
    folder: RunFolder,
    network: Network,
    records: bool,
    precision: Precision | None,
) -> None:
    """Put the replications together; they stay until the folder to be, made anew, is whole."""
    shutil.rmtree(folder.whole)
    folder.whole.mkdir()
    n = resolved.run.replications
    parts = [folder.replication(number) for number in range(n)]
    entries = read_entries(folder.partial, n)
    rows = reconcile(network)
    for name in ("network.json", "fitted.json"):
        if (folder.partial / name).is_file():
            link_file(folder.partial / name, folder.whole / name)
    folder.write("versions.json", folder.identity)
    folder.write("scenario.toml", resolved.to_toml())  # with the number of replications that there are
    if resolved.report_text is not None:
        folder.write(REPORT_FILE, resolved.report_text)
    folder.write("replications.json", entries)
    join_replications(parts, folder.whole, ("items", *BY_REPLICATION) if records else BY_REPLICATION)
    days = read_columns(folder.whole / "days.parquet")
    wanted = None if precision is None else precision.as_dict([entry["measures"] for entry in entries])
    times = scheduled(network)
    by_timetable = scheduled_measures(network, times)
    folder.write(
        "summary.json",
        summary(resolved, network, rows, context(network, rows), entries, days, wanted, by_timetable),
    )
    folder.write_table("reconciliation.csv", [row.as_dict() for row in rows], RECONCILIATION)
    folder.write_table("bottlenecks.csv", bottlenecks(entries), BOTTLENECKS)
    places = columns_of_each(parts, "places")
    means = mean_columns(places) | scheduled_columns(network, times)
    kinds = {column.name: column.dtype for column in PLACE_COLUMNS if column.dtype == "float64"}
    means |= {name: means[name].astype(kind) for name, kind in kinds.items()}  # counts have means as well
    folder.write_table("places.parquet", means)
    if n > 1:
        folder.write_table("places_by_replication.parquet", stack_columns(places))
    folder.write("cost.json", cost_summary(resolved.name, entries))
    for name, declared in ((ELEMENTS, COST_ELEMENTS), (PLACES, COST_PLACES)):
        folder.write_table(f"{name}.csv", table(mean_columns(columns_of_each(parts, name))), declared)
    folder.write_table("undelivered.csv", undelivered(network, entries), UNDELIVERED)
    folder.write_table("legs.csv", by_leg(network, read_columns(folder.whole / "trips.parquet")), LEGS)


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
            "workers": _workers(self.resolved),
            "seconds": self.seconds,
            "peak_mib": peak_mib(),
        }


def peak_mib() -> float | None:
    """Return the largest memory of this process or a child of it; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # kilobytes on Linux, bytes on macOS
    return round(max(peaks) / (2**20 if sys.platform == "darwin" else 2**10), 1)
