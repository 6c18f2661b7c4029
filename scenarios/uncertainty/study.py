"""Studies: scenarios in many worlds, by the timetable alone in all of them and simulated in some.

A study answers whether one scenario is better than another whatever is assumed.  Its folder can be gone
on with at any time: what is in ``parts`` is finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.errors import InputErrors, Problem
from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.definition.schema import DATES
from scenarios.support.folders import StoreError
from scenarios.uncertainty.answers import PARTS, Failure, Part
from scenarios.uncertainty.in_world import fixed_inputs
from scenarios.uncertainty.worlds import Design, assumed_inputs

__all__ = ["DEFAULTS", "IDENTITY", "Study", "StudyPlan", "scheduled_of", "study_of"]

#: Name of the world in which nothing is drawn.
DEFAULTS = "w0000"
#: File that says what the parts of a study depend on.
IDENTITY = "study.json"


@dataclass(frozen=True)
class StudyPlan:
    """How large a study is.

    Parameters
    ----------
    worlds
        Draws, beside the world of the defaults.
    simulate
        In how many of them every scenario is simulated once; the world of the defaults too, unless 0.
    replications
        Of the world of the defaults, for the sampling interval.
    networks
        How many networks of the family to draw from.
    spread
        How values lie in their ranges: ``triangular`` or ``uniform``.
    total
        Pairs of worlds for total indices, each some eight worlds; 0 for none.
    survivors
        How many inputs, at most, get total indices of their own.
    """

    worlds: int = 200
    simulate: int = 20
    replications: int = 3
    networks: int = 4
    spread: str = "triangular"
    total: int = 0
    survivors: int = 5

    def __post_init__(self) -> None:
        least = {"worlds": 1, "simulate": 0, "replications": 1, "networks": 1, "total": 0, "survivors": 1}
        problems = [
            Problem("study", "", name, getattr(self, name), f"at least {low}")
            for name, low in least.items()
            if getattr(self, name) < low
        ]
        if self.simulate > self.worlds:
            problems.append(Problem("study", "", "simulate", self.simulate, f"at most {self.worlds} worlds"))
        if problems:
            raise InputErrors(problems)


@dataclass(frozen=True, eq=False)
class Study:
    """A study in its folder."""

    folder: Path
    scenarios: tuple[Resolved, ...]  # the base first
    design: Design
    plan: StudyPlan
    failures: tuple[Failure, ...] = ()
    scheduled: tuple[Part, ...] = ()  # of the world of the defaults, then of the drawn ones
    simulated: tuple[Part, ...] = ()

    @property
    def parts(self) -> Path:
        """Folder of what the tasks left."""
        return self.folder / PARTS

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the scenarios, the base first."""
        return tuple(each.name for each in self.scenarios)

    @property
    def drawn(self) -> tuple[Part, ...]:
        """Parts of the drawn worlds in which a network fits."""
        return tuple(part for part in self.scheduled if part.world != DEFAULTS and part.values is not None)

    @property
    def worlds(self) -> tuple[str, ...]:
        """Names of the drawn worlds in which a network fits."""
        return tuple(part.world for part in self.drawn)

    @property
    def refused(self) -> list[tuple[str, int, str, str]]:
        """World, number of the draw, stage and reason of every draw that was no world."""
        return [
            (part.world, number, stage, reason)
            for part in self.scheduled
            for number, (stage, reason) in enumerate(part.refused)
        ]


def scheduled_of(network: Any) -> Mapping[str, Any]:
    """Return the scheduled measures of a network."""
    from network.accessibility.scheduled_measures import scheduled_measures

    return scheduled_measures(network)


def study_of(
    base: str | Resolved, others: Sequence[str | Resolved], plan: StudyPlan, out: Path, run: Mapping[str, Any]
) -> Study:
    """Return the study of scenarios as it is before anything has run.

    Parameters
    ----------
    base, others
        Library names or scenario files; all run on the dates and streams of the base.
    run
        Settings of `Run` for all of them, such as ``measured_days``.

    Raises
    ------
    StoreError
        If there is nothing to set against the base, or two scenarios have one name.
    """
    first = load_scenario(base).with_run(**run)
    shared = first.run.model_dump(include={*DATES, "year", "warmup_days", "seed"})
    scenarios = (first, *(load_scenario(name).with_run(**shared) for name in others))
    names = [each.name for each in scenarios]
    if len(names) < 2:
        raise StoreError("a study needs a base and at least one other scenario")
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise StoreError(f"two scenarios of the study are named {double!r}; give one another name")
    inputs = assumed_inputs(first.assumptions, plan.networks, fixed_inputs(scenarios))
    design = Design(inputs, plan.worlds, first.run.seed, plan.spread)
    return Study(out, scenarios, design, plan)
