"""Selecting the best of scenarios by running them: replications are made as the procedure asks for them.

All scenarios share the dates, seed and draws of the first, so the observations
of one replication move together.  Each scenario has a run folder that grows;
what an earlier start simulated is not simulated again, so a selection that was
broken off goes on where it stopped, and comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from network.errors import YizhanError
from network.model.network import Network
from network.numeric.columns import Column
from scenarios.comparison.compare import planned
from scenarios.comparison.ranking import MEASURE, check_measures, headline_of
from scenarios.comparison.selection import Elimination, Selection, select_best
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.runs.folder import StoredRun, open_run, versions
from scenarios.runs.run import grow_run, run_scenario
from scenarios.runs.summary import flatten
from scenarios.support.broken_off import breaking_off
from scenarios.support.folders import StoreError, WorkFolder, partial_of
from scenarios.support.machine import processors
from scenarios.support.progress import Progress

__all__ = ["COLUMNS", "FIRST", "Chosen", "select"]

FIRST = 5  # replications of every scenario before any is eliminated
#: Columns of ``select.csv``.
COLUMNS = (
    Column("scenario", "str", "", "name"),
    Column("title", "str", "", "in one line"),
    Column("result", "str", "", "selected, still in, eliminated, or behind when all was decided"),
    Column("replications", "int64", "", "how many it was given"),
    Column("mean", "float64", "", "mean of the measure over these"),
    Column("eliminated_after", "int64", "", "replications of each scenario still in when it went out"),
    Column("beaten_by", "str", "", "scenario that was ahead of it by most beyond what chance allows"),
    Column("behind", "float64", "", "by how much its mean was worse than that one's then"),
)


@dataclass(frozen=True)
class Chosen:
    """A selection among scenarios."""

    scenarios: tuple[Resolved, ...]
    measure: str
    delta: float
    confidence: float
    first: int
    selection: Selection
    values: Mapping[str, Sequence[float]] = field(repr=False)  # by scenario, one for each replication

    @property
    def best(self) -> str | None:
        """Name of the scenario selected; None if the limit came first."""
        return None if self.selection.best is None else self.scenarios[self.selection.best].name

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``select.csv``: the selected one, those still in, then the last out first."""
        out = {gone.scenario: gone for gone in self.selection.eliminated}
        better = headline_of(self.measure).better or -1

        def key(row: int) -> tuple[Any, ...]:
            last = out[row].replications if row in out else 0
            return row != self.selection.best, row in out, -last, -better * self.selection.means[row]

        return [self._row(row, out.get(row)) for row in sorted(range(len(self.scenarios)), key=key)]

    def _row(self, row: int, gone: Elimination | None) -> dict[str, Any]:
        resolved = self.scenarios[row]
        result = "still in" if self.selection.best is None else "behind when all was decided"
        if row == self.selection.best:
            result = "selected"
        elif gone is not None:
            result = "eliminated"
        return {
            "scenario": resolved.name,
            "title": resolved.title,
            "result": result,
            "replications": self.selection.replications[row],
            "mean": self.selection.means[row],
            "eliminated_after": None if gone is None else gone.replications,
            "beaten_by": None if gone is None else self.scenarios[gone.beaten_by].name,
            "behind": None if gone is None else gone.behind,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``select.json``."""
        return {
            "procedure": "KN, Kim and Nelson 2001, c = 1",
            "measure": self.measure,
            "delta": self.delta,
            "confidence": self.confidence,
            "first_stage": self.first,
            "longest_possible": self.selection.longest,
            "selected": self.best,
            "scenarios": self.rows(),
            "values": {name: list(values) for name, values in self.values.items()},
        }


def select(
    base: str | Path | Resolved,
    others: Sequence[str | Path | Resolved],
    delta: float,
    out: Path | None = None,
    *,
    measure: str = MEASURE,
    confidence: float = 0.95,
    first: int = FIRST,
    most: int | None = None,
    root: Path = Path("runs"),
    progress: Progress | None = None,
    announce: Callable[[str], None] | None = None,
    **run: Any,
) -> tuple[Chosen, Path]:
    """Select the best of a base and other scenarios, running as many replications as that takes.

    Parameters
    ----------
    base, others
        Library names or scenario files; the base is one of those to select from and gives the dates.
    delta
        Smallest difference worth finding, in the unit of the measure.
    out
        Folder; a fresh dated one under `root` by default.  One that was broken off is gone on with.
    measure
        Key of the measure to select by.
    confidence
        Probability of a right selection, when the best is ahead by `delta` or more.
    first
        Replications of every scenario before any is eliminated.
    most
        Most replications of a scenario; if nothing is selected by then, it is said what is still in.
    announce
        Called with a line for each elimination.
    **run
        Settings of `Run` for all of them.

    Raises
    ------
    StoreError
        If the folder holds something else, or a scenario is of another report year than the base.
    InputErrors
        If `measure` is none.
    YizhanError
        If a replication has nothing to measure, or numbers make no sense.
    Interrupted
        If it was broken off; finished replications are kept.
    """
    progress, announce = progress or Progress(), announce or (lambda text: None)
    check_measures([measure])
    start = load_scenario(base).with_run(**run)
    scenarios = (start, *(each for name in others for each in planned(name, start, run)))
    names = [resolved.name for resolved in scenarios]
    for resolved in scenarios:
        if resolved.report.year != start.report.year:
            raise StoreError(
                f"{resolved.name} is of {resolved.report.year}: it has other items and dates than "
                f"{start.name}, so there are no common draws to select by"
            )
        if names.count(resolved.name) > 1:
            raise StoreError(f"two scenarios to select from are named {resolved.name!r}")
    identity = {
        "measure": measure,
        "delta": delta,
        "confidence": confidence,
        "first": first,
        "most": most,
        "scenarios": names,
        "runs": [versions(resolved) for resolved in scenarios],
    }
    draft = WorkFolder.named(out, root, f"select-{start.name}", identity)
    counted = 0

    def tell(replication: int, alive: Sequence[int], out: Sequence[Elimination]) -> None:
        nonlocal counted
        for gone in out[counted:]:
            announce(
                f"after {gone.replications} replications: {names[gone.scenario]} is out, "
                f"{gone.behind:,.2f} behind {names[gone.beaten_by]}; {len(alive)} still in"
            )
        counted = len(out)

    with draft, breaking_off(draft):
        runs = _Runs(scenarios, draft.final if draft.committed else draft.whole, measure, first, progress)
        try:
            selection = select_best(
                runs.value,
                len(scenarios),
                delta,
                confidence=confidence,
                first=first,
                greatest=headline_of(measure).better > 0,
                most=most,
                after_stage=tell,
            )
            tell(max(selection.replications), selection.remaining, selection.eliminated)
            runs.finish(selection.replications)
            used = runs.used(selection.replications)
            chosen = Chosen(scenarios, measure, delta, confidence, first, selection, used)
            if not draft.committed:
                draft.write("select.json", chosen.as_dict())
                draft.write_table("select.csv", chosen.rows(), COLUMNS)
                draft.commit()
        except ValueError as error:
            if isinstance(error, YizhanError):
                raise
            raise YizhanError(str(error)) from None
        return chosen, draft.final


class _Runs:
    """The runs of a selection: they grow by as many replications at a time as there are workers."""

    def __init__(
        self, scenarios: Sequence[Resolved], folder: Path, measure: str, first: int, progress: Progress
    ) -> None:
        self.folder = folder
        self._scenarios, self._measure, self._first, self._progress = scenarios, measure, first, progress
        self._fits: dict[str, Network] = {}
        self._values: dict[int, list[float]] = {}

    def value(self, row: int, replication: int) -> float:
        """Return the measure of a replication of a scenario, which is simulated if it has not been."""
        if replication >= len(self._values.get(row, ())):
            ahead = self._scenarios[row].run.workers or processors()  # processes want something to do
            self._grow(row, max(self._first, replication + ahead))
        return self._values[row][replication]

    def _grow(self, row: int, replications: int) -> None:
        resolved = self._scenarios[row]
        folder = self.folder / resolved.name
        if folder.is_dir():  # made complete by an earlier start
            entries = open_run(folder).replications
        else:
            entries = grow_run(
                resolved.with_run(replications=replications),
                folder,
                fitted=self._fits.get(resolved.fit_key),
                progress=self._progress,
            )
            if resolved.fit_key not in self._fits:
                self._fits[resolved.fit_key] = StoredRun(partial_of(folder)).fitted
        measured = [dict(flatten(entry["measures"])).get(self._measure) for entry in entries]
        values = [value for value in measured if value is not None]
        if len(values) < len(measured):
            raise YizhanError(f"{resolved.name} has no {self._measure} in some replication")
        self._values[row] = values

    def used(self, replications: Sequence[int]) -> dict[str, list[float]]:
        """Return the values that the procedure has seen."""
        return {
            resolved.name: self._values[row][:n]
            for row, (resolved, n) in enumerate(zip(self._scenarios, replications, strict=True))
        }

    def finish(self, replications: Sequence[int]) -> None:
        """Make complete runs of the folders."""
        for resolved, n in zip(self._scenarios, replications, strict=True):
            if not (self.folder / resolved.name).is_dir():
                run_scenario(
                    resolved.with_run(replications=n),
                    self.folder / resolved.name,
                    plots=False,
                    records=False,
                    progress=self._progress,
                )
