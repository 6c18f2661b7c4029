"""Scenarios in a world: the same draw of everything assumed for all of them (rule 20).

A value that a scenario sets itself stays as it is in every world.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from network.errors import FleetError, InputErrors, YizhanError
from network.fit.refusal import FitError
from network.model.network import Network
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import Resolved, build_base
from scenarios.runs.records import RecordWriter
from scenarios.runs.summary import flatten
from scenarios.support.tables import read_chunks
from scenarios.uncertainty.answers import Answer, Row
from scenarios.uncertainty.worlds import NETWORK, Refused
from sim.cost.costs import cost
from sim.measures.service import by_place, summarise
from sim.measures.tally import tally
from sim.plan import RunPlan
from sim.run import simulate
from sim.state.records import ItemLog

__all__ = ["SCHEDULED", "SIMULATED", "InWorld", "Run", "Simulate", "fixed_inputs", "in_world", "simulated"]

SCHEDULED, SIMULATED = "scheduled", "simulated"
Measure = Callable[[Network], Mapping[str, Any]]
Fit = Callable[[Resolved], Network]


def fixed_inputs(scenarios: tuple[Resolved, ...]) -> set[str]:
    """Return what no world may draw: what the base sets itself."""
    base = scenarios[0]
    fixed = {name for name in base.assumptions if base.assumptions.entry(name).changed}
    return fixed | ({NETWORK} if base.scenario.options.draw else set())


def in_world(resolved: Resolved, values: Mapping[str, float]) -> Resolved:
    """Return a scenario with the values of a world, but for those that it sets itself."""
    entries = resolved.assumptions
    assumed = {
        name: value for name, value in values.items() if name in entries and not entries.entry(name).changed
    }
    options = resolved.scenario.options
    if NETWORK in values and not options.draw:
        options = options.model_copy(update={"draw": int(values[NETWORK])})
    scenario = resolved.scenario.model_copy(update={"options": options})
    return replace(resolved, scenario=scenario, assumptions=entries.replace(assumed, "world"))


@dataclass(frozen=True)
class InWorld:
    """World function: the scheduled measures of every scenario.

    Parameters
    ----------
    scenarios
        The base first.
    measure
        Scheduled measures of a network, a tree of numbers.
    fit
        Builds the network that a scenario's changes apply to.
    """

    scenarios: tuple[Resolved, ...]
    measure: Measure
    fit: Fit = build_base

    def __call__(self, values: Mapping[str, float], detail: Any = None) -> Answer:
        """Return the scheduled measures.

        Raises
        ------
        Refused
            If no network has the published totals.
        """
        rows: list[Row] = []
        missing = []
        for resolved in self.scenarios:
            drawn = in_world(resolved, values)
            fitted = _fitted(drawn, self.fit)
            try:
                network = apply_scenario(fitted, drawn.scenario, drawn.name)
            except YizhanError as error:
                missing.append((drawn.name, SCHEDULED, _line(error)))
                continue
            rows += _rows(drawn.name, SCHEDULED, 0, self.measure(network))
        return Answer(rows, missing)


class Run(NamedTuple):
    """Which scenario to simulate, and under which streams."""

    scenario: str
    replication: int


@dataclass(frozen=True)
class Simulate:
    """World function: the measures of one simulated replication; `detail` is a `Run`."""

    scenarios: tuple[Resolved, ...]
    fit: Fit = build_base

    def __call__(self, values: Mapping[str, float], detail: Run) -> Answer:
        """Return the simulated measures; errors as for `InWorld`."""
        resolved = next(each for each in self.scenarios if each.name == detail.scenario)
        drawn = in_world(resolved, values)
        fitted = _fitted(drawn, self.fit)
        try:
            network = apply_scenario(fitted, drawn.scenario, drawn.name)
        except YizhanError as error:
            return Answer((), [(drawn.name, SIMULATED, _line(error))])
        measures = simulated(network, replace(drawn.plan, replication=detail.replication))
        return Answer(list(_rows(drawn.name, SIMULATED, detail.replication, measures)))


def simulated(network: Network, plan: RunPlan) -> dict[str, Any]:
    """Simulate one replication and return its measures; its item records pass through a file and are gone."""
    with tempfile.TemporaryDirectory(prefix="yizhan-") as scratch:
        items = Path(scratch) / "items.parquet"
        with RecordWriter(items, ItemLog(0, 0).columns(), plan.replication) as writer:
            result = simulate(network, plan, sink=writer)
        chunks = partial(read_chunks, items)
        counted = tally(network, chunks, result.seconds_run)
        spent = cost(network, result.work, result.trips, chunks, result.plan.window_s)
        return {**summarise(network, counted, by_place(network, counted)), "cost": spent.totals}


def _fitted(resolved: Resolved, fit: Fit) -> Network:
    fitted = _fit(_Key(resolved.fit_key, resolved), fit)
    if isinstance(fitted, Refused):
        raise fitted
    return fitted


class _Key:
    """A scenario that equals another of the same fit."""

    def __init__(self, fit_key: str, resolved: Resolved) -> None:
        self.fit_key, self.resolved = fit_key, resolved

    def __hash__(self) -> int:
        return hash(self.fit_key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.fit_key == self.fit_key


@lru_cache(maxsize=4)  # a world's networks: as a rule one serves all its scenarios
def _fit(key: _Key, fit: Fit) -> Network | Refused:
    try:
        return fit(key.resolved)
    except FleetError as error:
        return Refused("fleet", _line(error))
    except FitError as error:
        problem = error.problems[0]
        return Refused("family" if problem.key == "draw" else problem.table.split()[0], _line(error))
    except InputErrors as error:
        return Refused("tables", _line(error))
    except ValueError as error:  # places that cannot be laid out with these radii and shares
        return Refused("places", _line(error))


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:297] + "…"


def _rows(scenario: str, form: str, replication: int, tree: Mapping[str, Any]) -> Iterator[Row]:
    for key, value in flatten(tree):
        if value is not None:
            yield Row(scenario, form, replication, key, float(value))
