"""A scenario at a prompt: what it says, the network it makes, and variants of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from network.model.network import Network
from scenarios.comparison.diff import in_words
from scenarios.definition.resolve import Resolved, build, build_base, resolve, resolve_all
from scenarios.frames.network import NetworkTables
from scenarios.frames.scheduled import Scheduled
from scenarios.frames.shown import Shown
from scenarios.runs.run import run_scenario

if TYPE_CHECKING:
    from network.explain import Chain
    from scenarios.frames.run import Run

__all__ = ["Scenario"]


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(Shown):
    """A scenario with its bases merged and its defaults filled in; variants of it are new ones.

    Parameters
    ----------
    resolved
        The scenario as the commands have it.
    """

    resolved: Resolved
    _fits: dict[str, Network] = field(default_factory=dict)  # fitted bases, shared with variants

    @property
    def name(self) -> str:
        """Short name, for folders and tables."""
        return self.resolved.name

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return self.resolved.title

    @property
    def _about(self) -> str:
        return f"{self.name}: {self.title}"

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"changes": self.changes}

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Its changes in order, those of its bases first: operation, label, and the change in words."""
        rows = [(change.op, change.label, in_words(change)) for change in self.resolved.scenario.change]
        return pd.DataFrame(rows, columns=["op", "label", "change"])

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Every assumed value, by name: value, default, range, unit, and whether this scenario changes it."""
        values = self.resolved.assumptions
        entries = [values.entry(name) for name in values]
        return pd.DataFrame(
            {
                "value": [entry.value for entry in entries],
                "default": [entry.default for entry in entries],
                "low": [entry.low for entry in entries],
                "high": [entry.high for entry in entries],
                "unit": [entry.unit for entry in entries],
                "changed": [entry.value != entry.default for entry in entries],
            },
            index=pd.Index(list(values), name="assumption"),
        )

    # ------------------------------------------------------------ variants

    def with_change(self, op: str, *, label: str | None = None, **keys: Any) -> Scenario:
        """Return this scenario with one change more; its name gets the label, or else the operation.

        Parameters
        ----------
        op
            Operation, such as ``set_rounds``; docs/scenarios.md lists them with their keys.
        label
            What to call the change: a sweep finds it by this as ``change.LABEL.KEY``.
        **keys
            Keys of the operation, as in a scenario file.

        Raises
        ------
        InputErrors
            If the operation or a key is none; all that is wrong, with the nearest known name.

        Examples
        --------
        >>> import yizhan
        >>> daily = yizhan.scenario("xizang-2021").with_change("set_rounds", label="daily", per_week=7)
        >>> daily.name, daily.changes.change.tolist()
        ('xizang-2021+daily', ['set rounds: per_week 7'])
        """
        change = {"op": op, **keys} | ({} if label is None else {"label": label})
        data = self._data()
        data["change"] = [*data.get("change", ()), change]
        return self._variant(data, label or op)

    def with_assumptions(self, **values: float) -> Scenario:
        """Return this scenario with other assumed values.

        Raises
        ------
        InputErrors
            If there is no such assumption, or a value lies outside its range.

        Examples
        --------
        >>> import yizhan
        >>> more = yizhan.scenario("xizang-2021").with_assumptions(inbound_ratio=4.0)
        >>> more.name, float(more.assumptions.value["inbound_ratio"])
        ('xizang-2021+inbound_ratio=4', 4.0)
        """
        return self._with("assumptions", values)

    def with_options(self, **options: Any) -> Scenario:
        """Return this scenario with other options of the fit, such as ``draw=3`` for another network."""
        return self._with("options", options)

    def with_operations(self, **operations: Any) -> Scenario:
        """Return this scenario with other operations, such as ``weather=False``."""
        return self._with("operations", operations)

    def named(self, name: str, title: str | None = None) -> Scenario:
        """Return this scenario under another name, and with another title if one is given."""
        return self._renamed(self._data(), name, self.title if title is None else title)

    def with_run(self, **run: Any) -> Scenario:
        """Return this scenario with other run settings, such as ``seed=2``; it keeps its name."""
        return Scenario(self.resolved.with_run(**run), self._fits)

    def variants(self, key: str, values: Sequence[Any]) -> list[Scenario]:
        """Return this scenario once for each value of a dotted key, as a sweep in a scenario file does.

        Parameters
        ----------
        key
            Such as ``change.LABEL.per_week``, ``assumptions.inbound_ratio`` or ``run.seed``.
        values
            What it shall be.

        Raises
        ------
        InputErrors
            If there is no such key, or a value is not allowed.
        """
        data = {**self._data(), "sweep": {"axes": {key: list(values)}}}
        return [Scenario(resolved, self._fits) for resolved in resolve_all(data, self.name)]

    def toml(self) -> str:
        """Return it as a scenario file that stands on its own, every value and default written out."""
        return self.resolved.to_toml()

    def save(self, path: str | Path) -> Path:
        """Write it as a scenario file that the commands read."""
        path = Path(path)
        path.write_text(self.toml(), encoding="utf-8", newline="\n")
        return path

    def _data(self) -> dict[str, Any]:
        return self.resolved.scenario.model_dump(exclude_none=True, exclude={"base", "description"})

    def _with(self, table: str, values: Mapping[str, Any]) -> Scenario:
        data = self._data()
        data[table] = {**data.get(table, {}), **values}
        return self._variant(
            data, ",".join(f"{key}={f'{v:g}' if isinstance(v, float) else v}" for key, v in values.items())
        )

    def _variant(self, data: dict[str, Any], what: str) -> Scenario:
        return self._renamed(data, f"{self.name}+{what}", f"{self.title}, {what}")

    def _renamed(self, data: dict[str, Any], name: str, title: str) -> Scenario:
        return Scenario(resolve({**data, "name": name, "title": title}, name), self._fits)

    # ------------------------------------------------------------ answers

    @property
    def fitted(self) -> Network:
        """The fitted base that its changes apply to; fitted once for all variants that share it."""
        key = self.resolved.fit_key
        if key not in self._fits:
            self._fits[key] = build_base(self.resolved)
        return self._fits[key]

    def network(self) -> NetworkTables:
        """Return its network as tables and as a graph."""
        return NetworkTables(self._network, self.name)

    @cached_property
    def _network(self) -> Network:
        return build(self.resolved, fitted=self.fitted)

    def scheduled(self) -> Scheduled:
        """Return how long mail takes by the timetable alone, in seconds of work."""
        return Scheduled(self._network, self.name)

    def check(self) -> pd.DataFrame:
        """Return every published figure beside the built one."""
        return self.network().figures

    def explain(self, key: str) -> Chain:
        """Return what a built value rests on; see `yizhan.explain`."""
        return self.network().explain(key)

    def run(
        self,
        days: int | None = None,
        replications: int | None = None,
        *,
        seed: int | None = None,
        workers: int | None = None,
        year: bool = False,
        precision: Sequence[str] = (),
        max_replications: int = 50,
        dask: str | None = None,
        out: str | Path | None = None,
        plots: bool = False,
        records: bool = True,
    ) -> Run:
        """Simulate it into a run folder, and return the run.

        Parameters
        ----------
        days
            Measured days; those of the scenario by default.
        replications
            Runs under different random streams; intervals need two.
        seed
            Of the random streams.
        workers
            Processes, one a processor by default; changes no result.
        year
            Measure the report's calendar year.
        precision
            Add replications until the half-width of the 95 % interval is at most this share of the mean,
            such as ``["2%"]`` or ``["transit.all.p95_h=0.5%"]``.
        max_replications
            Where `precision` stops at the latest.
        dask
            Address of a Dask scheduler, in place of local processes.
        out
            Run folder; ``runs/NAME-DATE-TIME`` by default.  One that was broken off is gone on with.
        plots
            Draw the charts into the folder.
        records
            Keep the item records, some 30 bytes an item; `Run.items` needs them.

        Raises
        ------
        InputErrors
            If a setting is not allowed.
        StoreError
            If the folder holds something else.
        """
        from scenarios.frames.run import Run
        from scenarios.runs.precision import Precision
        from scenarios.support.executors import on_cluster

        exact = Precision.of(precision, max_replications) if precision else None
        resolved = self.resolved.with_run(
            measured_days=days, replications=replications, seed=seed, workers=workers, year=year or None
        )
        folder = None if out is None else Path(out)
        with on_cluster(dask):
            stored = run_scenario(
                resolved, folder, plots=plots, records=records, fitted=self.fitted, precision=exact
            )
        return Run(stored)
