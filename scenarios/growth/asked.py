"""Growth as it is asked for: a scenario, the years, expansions to judge, and demands to simulate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from network.errors import InputErrors, Problem
from network.model.network import Network
from scenarios.definition.resolve import Resolved, build, build_base, library, load_scenario
from scenarios.growth.check import CheckRow, check
from scenarios.growth.expansions import Candidate, ExpansionRow, expansions, generic, ranked
from scenarios.growth.years import Study, study
from scenarios.support.progress import Progress

__all__ = ["YEARS", "GrowthAnswer", "grow"]

YEARS = (2021, 2035)
FACTORS = (0.9, 1.0, 1.1)  # simulated, times the one at which the first resource is full
# Changes that the fluid does not see: vehicles that stand by, and what is closed for a time.
UNSEEN = {"scale_fleet", "add_vehicles", "close_road", "close_road_yearly", "peak_demand"}
DEMAND = {"scale_demand", "grow_demand", "follow_trend", "set_inbound_ratio"}
HOLD = (1, 2, 4)  # years that packages hold beyond the break


@dataclass(frozen=True, eq=False)
class GrowthAnswer:
    """When and where a network breaks, what delays it, and what simulations say."""

    study: Study
    expansions: Sequence[ExpansionRow]  # the longest delay first
    checks: Sequence[CheckRow] = ()


def grow(
    reference: str | Path | Resolved,
    years: tuple[int, int] = YEARS,
    level: float = 0.5,
    others: Sequence[str | Path | Resolved] = (),
    *,
    from_library: bool = False,
    factors: Sequence[float] | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> GrowthAnswer:
    """Say when and where a network breaks as demand grows, and which expansion delays it most.

    Parameters
    ----------
    reference
        The scenario.
    years
        First and last year looked at.
    level
        Of the interval for years; 0.5 gives quartiles.
    others
        Scenarios to judge as expansions, beside those that any network can be asked for.
    from_library
        Judge every scenario of the library that changes this one's network.
    factors
        Factors on express items to simulate: do queues grow?  An empty list stands for 0.9, 1 and 1.1 times
        that of the break; None for no simulation.
    keep
        Folder in which simulations are kept; see `grow_into`.

    Raises
    ------
    InputErrors
        If years or factors make no sense, or a scenario is wrong.
    YizhanError
        If no network meets the figures.
    """
    progress = progress or Progress()
    if not 0 <= years[1] - years[0] <= 60:
        raise _wrong("--years", f"{years[0]}-{years[1]}", "two years such as 2021-2035, at most 60 apart")
    for factor in factors or ():
        if not factor > 0:
            raise _wrong("--factor", factor, "above 0")
    resolved = load_scenario(reference)
    names = [*others, *(_of_library(resolved) if from_library else ())]
    wanted = [load_scenario(name) for name in names]
    fitted = build_base(resolved, lambda text: progress.step(f"fitting {resolved.name}: {text}"))
    network = build(resolved, fitted=fitted)
    progress.step("filling the network")
    growth = study(network, resolved.name, resolved.title, years, level)
    candidates = _candidates(growth, {resolved.fit_key: fitted}, wanted, progress)
    rows = ranked(expansions(growth, candidates, progress.step))
    checks: tuple[CheckRow, ...] = ()
    if factors is not None:
        least = min(row.factor for row in growth.resources)
        around = factors or [share * least for share in FACTORS]
        checks = check(growth, resolved.plan, around, _Steps(progress), keep)
    return GrowthAnswer(growth, rows, checks)


def _wrong(key: str, value: object, allowed: str) -> InputErrors:
    return InputErrors([Problem("command line", "", key, value, allowed)])


def _of_library(base: Resolved) -> list[str]:
    """Return the scenarios of the library that change this one's network, as far as the fluid sees it."""
    names = []
    for name, entry in library().items():
        if entry.base != base.name:
            continue
        other = load_scenario(name)
        changes = {change.op for change in other.scenario.change}
        if other.fit_key == base.fit_key and not changes & DEMAND and changes - UNSEEN:
            names.append(name)
    return names


def _candidates(
    growth: Study, fits: dict[str, Network], wanted: Sequence[Resolved], progress: Progress
) -> list[Candidate]:
    """Return the scenarios that were asked for, then those of any network."""
    candidates = []
    for other in wanted:
        if other.fit_key not in fits:
            progress.step(f"fitting {other.name}")
            fits[other.fit_key] = build_base(other)
        network = build(other, fitted=fits[other.fit_key])
        candidates.append(Candidate(other.name, other.title, network))
    year = growth.base.first.year
    until = [] if year is None else [year - 1 + more for more in HOLD if year - 1 + more < growth.years[-1]]
    return [*candidates, *generic(growth, until)]


class _Steps:
    """Tells of simulations one after the other as replications of their own."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._shown = progress, ""

    def __call__(self, text: str, share: float) -> None:
        if text != self._shown:
            self._shown = text
            self._progress.replications(text.removeprefix("simulating "), 1)
        self._progress.simulated(0, share)
