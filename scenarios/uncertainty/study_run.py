"""Run a study, or what is left of it: worlds by the timetable, some simulated, totals, tables."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from network.errors import YizhanError
from network.model.network import Network
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import build_base
from scenarios.runs.folder import versions
from scenarios.runs.run import peak_mib
from scenarios.support.broken_off import Interrupted
from scenarios.support.estimate import check_size
from scenarios.support.executors import Executor, executor, processes_of
from scenarios.support.folders import (
    read_json,
    refuse_other_question,
    refuse_unless_empty,
    release_lock,
    take_lock,
    to_json,
    unwritable,
    write_file,
)
from scenarios.support.progress import Progress
from scenarios.uncertainty.answers import Ask, Failure, Part, answer_all, parts_of
from scenarios.uncertainty.in_world import Fit, InWorld, Measure, Run, Simulate
from scenarios.uncertainty.screening import run_totals
from scenarios.uncertainty.study import DEFAULTS, IDENTITY, Study, scheduled_of
from scenarios.uncertainty.study_tables import write_tables
from scenarios.uncertainty.worlds import Design

__all__ = ["run_study"]


def run_study(
    study: Study,
    *,
    measure: Measure = scheduled_of,
    fit: Fit = build_base,
    workers: int | None = None,
    dask: str | None = None,
    measures: Sequence[str] = (),
    plots: bool = True,
    progress: Progress | None = None,
) -> Study:
    """Run a study, or what is left of it, and write its tables, charts and summary.

    Parameters
    ----------
    study
        What `study_of` returned.
    measure
        Scheduled measures of a network.
    fit
        Builds the network that a scenario's changes apply to.
    workers, dask
        Where to run, as for `scenarios.support.executors.executor`; changes no byte of the result.
    measures
        Keys of measures to judge by; the headlines by default.
    plots
        Whether to draw the charts.

    Returns
    -------
    Study
        With what was found; `failures` are tasks that failed now, and will be tried again by the same call.

    Raises
    ------
    StoreError
        If the folder holds something else.
    YizhanError
        If no network fits the base itself.
    """
    progress = progress or Progress()
    with _claimed(study):
        return _answered(study, measure, measures, fit, workers, dask, plots, progress)


def _answered(
    study: Study,
    measure: Measure,
    measures: Sequence[str],
    fit: Fit,
    workers: int | None,
    dask: str | None,
    plots: bool,
    progress: Progress,
) -> Study:
    """Ask what is not there yet, judge, and write the tables."""
    log = _Log()
    scenarios, plan = study.scenarios, study.plan
    failures: list[Failure] = []
    with executor(workers, dask) as place:
        with log.time("scheduled"):
            failures += _ask(
                study, InWorld(scenarios, measure, fit), _draws(study), place, progress, "worlds"
            )
            parts = tuple(parts_of(study.parts, "scheduled-"))
            _check_defaults(parts, failures)
            study = replace(study, scheduled=parts)
        if plan.simulate:
            with log.time("simulated"):
                _check_sizes(study, fit, place)
                asks = _runs(study)
                title = f"{len(asks)} simulations"
                failures += _ask(study, Simulate(scenarios, fit), asks, place, progress, title)
            names = {ask.name for ask in asks}
            study = replace(
                study, simulated=tuple(p for p in parts_of(study.parts, "simulated-") if p.name in names)
            )
        if plan.total:
            with log.time("totals"):
                function = InWorld(scenarios, measure, fit)

                def ask(asks: Sequence[Ask], other: Design, title: str) -> list[Failure]:
                    return answer_all(function, other, asks, study.parts, place, progress, title)

                failures += run_totals(study, measures, ask)
    study = replace(study, failures=tuple(failures))
    with log.time("tables"):
        progress.step("judging the worlds")
        write_tables(study, measures, plots)
    content = log.content(workers, dask)
    write_file(study.folder / "log.json", content)
    return study


def identity(study: Study) -> dict[str, Any]:
    """Return what the parts of a study depend on: not how many of its worlds are simulated, nor where."""
    plan = study.plan
    return {
        "scenarios": [each.name for each in study.scenarios],
        "versions": {each.name: versions(each) for each in study.scenarios},
        "seed": study.design.seed,
        "worlds": plan.worlds,
        "networks": plan.networks,
        "spread": plan.spread,
        "inputs": [asdict(each) for each in study.design.inputs],
    }


@contextmanager
def _claimed(study: Study) -> Iterator[None]:
    """Let one process write the folder; say of a study that is broken off what is kept."""
    try:
        study.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(study.folder, error) from None
    lock = take_lock(study.folder)
    try:
        _claim(study)
        yield
    except KeyboardInterrupt:
        kept = len(list(study.parts.glob("*.parquet")))
        raise Interrupted(study.folder, kept, None, "answers") from None
    finally:
        release_lock(study.folder, lock)


def _check_sizes(study: Study, fit: Fit, place: Executor) -> None:
    """Refuse simulations that this machine has not the room for, by the scenarios at the defaults."""
    fits: dict[str, Network] = {}
    for each in study.scenarios:
        if each.fit_key not in fits:
            fits[each.fit_key] = fit(each)
        network = apply_scenario(fits[each.fit_key], each.scenario, each.name)
        check_size(network, each.plan, each.name, study.plan.simulate, processes_of(place))


def _claim(study: Study) -> None:
    """Make the folder, or find that it is of this study; sweep away what was left half done."""
    folder, text = study.folder, to_json(identity(study))
    marker = folder / IDENTITY
    for waste in folder.glob(".*.tmp"):
        waste.unlink()
    if marker.is_file():
        refuse_other_question(folder, read_json(marker), identity(study))
    else:
        refuse_unless_empty(folder)
    write_file(marker, text)
    study.parts.mkdir(parents=True, exist_ok=True)
    for waste in study.parts.glob("*.tmp"):
        waste.unlink()
    for each in study.scenarios:
        write_file(folder / f"{each.name}.toml", each.to_toml())


def _draws(study: Study) -> list[Ask]:
    """Return what is asked of the timetable alone: the defaults and every draw."""
    first = Ask(f"scheduled-{DEFAULTS}", DEFAULTS, values=study.design.defaults)
    numbers = range(1, study.design.worlds + 1)
    return [first, *(Ask(f"scheduled-w{k:04d}", f"w{k:04d}", number=k) for k in numbers)]


def _runs(study: Study) -> list[Ask]:
    """Return what is simulated: the defaults often enough for an interval, some worlds once.

    Chance is the same in all worlds, so that what differs between them is what is not known.
    """
    chosen = [(study.scheduled[0], study.plan.replications)]
    chosen += [(part, 1) for part in study.drawn[: study.plan.simulate]]
    return [
        Ask(
            f"simulated-{part.world}-{name}-{number}",
            part.world,
            values=part.values,
            detail=Run(name, number),
        )
        for part, replications in chosen
        for number in range(replications)
        for name in study.names
    ]


def _ask(
    study: Study, function: Any, asks: Sequence[Ask], place: Executor, progress: Progress, title: str
) -> list[Failure]:
    return answer_all(function, study.design, asks, study.parts, place, progress, title)


def _check_defaults(parts: Sequence[Part], failures: Sequence[Failure]) -> None:
    failed = next((f for f in failures if f.task == f"scheduled-{DEFAULTS}"), None)
    if failed is not None:
        raise YizhanError(f"the base itself fails, without any draw: {failed.error}")
    first = parts[0]
    if first.values is None:
        raise YizhanError(f"the base itself has no network: {first.refused[0][1]}")


@dataclass
class _Log:
    """Wall time and memory: outside the promise of same bytes."""

    started: str = field(default_factory=lambda: _now())
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)

    def content(self, workers: int | None, dask: str | None) -> dict[str, Any]:
        return {
            "started": self.started,
            "finished": _now(),
            "host": platform.node(),
            "workers": workers,
            "dask": dask,
            "seconds": self.seconds,
            "peak_mib": peak_mib(),
        }


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")
