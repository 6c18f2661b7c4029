"""What a study's answers hang on: contrasts, the inputs that survive screening, and their total indices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.headlines import HEADLINES, Headline
from scenarios.uncertainty.answers import Ask, Failure, Outcomes, parts_of, read_outcomes
from scenarios.uncertainty.in_world import SCHEDULED
from scenarios.uncertainty.sensitivity import Indices, Totals, first_order, totals
from scenarios.uncertainty.worlds import Design
from sim.measures.keys import SUMMARY_KEYS

if TYPE_CHECKING:
    from scenarios.uncertainty.study import Study

__all__ = [
    "REST",
    "Contrast",
    "Screened",
    "TotalsOf",
    "headlines_of",
    "run_totals",
    "screen",
    "total_indices",
]

#: Name of the group of all inputs that did not survive.
REST = "all others together"
Asking = Callable[[Sequence[Ask], Design, str], list[Failure]]


@dataclass(frozen=True)
class Contrast:
    """What is explained: a measure of the base, or by how much another scenario's differs from it."""

    headline: Headline
    scenario: str
    is_base: bool

    def of(self, outcomes: Outcomes, form: str, base: str, worlds: Sequence[str]) -> NDArray[np.float64]:
        """Return the contrast over worlds; nan where one of the two has no value."""
        values = outcomes.over_worlds(form, self.scenario, self.headline.key, worlds)
        if self.is_base:
            return values
        return values - outcomes.over_worlds(form, base, self.headline.key, worlds)


@dataclass(frozen=True, eq=False)
class Screened:
    """First-order indices of every contrast, and the inputs that survive."""

    contrasts: tuple[Contrast, ...]
    indices: Indices  # inputs by contrasts
    survivors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TotalsOf:
    """Total indices of one contrast, by group."""

    contrast: Contrast
    groups: tuple[str, ...]
    totals: Totals


def headlines_of(keys: Sequence[str], wanted: Sequence[str] = ()) -> tuple[Headline, ...]:
    """Return the measures to judge by, of those that there are.

    Parameters
    ----------
    keys
        Keys that have values.
    wanted
        Keys asked for; the headlines with a better side by default.
    """
    known = {headline.key: headline for headline in HEADLINES if headline.better}
    there = set(keys)
    if not wanted:
        return tuple(headline for key, headline in known.items() if key in there)
    return tuple(known.get(key) or _headline(key) for key in wanted if key in there)


def _headline(key: str) -> Headline:
    """Return a measure that is no headline: hours, yuan and kg are better when less, all else when more."""
    unit = SUMMARY_KEYS[key].unit if key in SUMMARY_KEYS else "h" if key.endswith("_h") else ""
    return Headline(key, key, unit, -1 if unit in ("h", "yuan", "kg") else 1)


def screen(study: Study, outcomes: Outcomes, headlines: Sequence[Headline]) -> Screened:
    """Return first-order indices of the scheduled measures, and which inputs are worth a closer look.

    An input survives if its index is above the threshold for some contrast; of many, those that are
    furthest above it in sum over the contrasts.
    """
    worlds = study.worlds
    contrasts = [
        Contrast(headline, name, name == study.names[0]) for headline in headlines for name in study.names
    ]
    inputs = study.design.matrix([part.values or {} for part in study.drawn])
    d, m = len(study.design.inputs), len(contrasts)
    first, half, threshold = np.full((d, m), np.nan), np.full((d, m), np.nan), np.full(m, np.nan)
    y = [each.of(outcomes, SCHEDULED, study.names[0], worlds) for each in contrasts]
    groups: dict[bytes, list[int]] = {}
    for at, values in enumerate(y):
        groups.setdefault(np.isfinite(values).tobytes(), []).append(at)
    for of_group in groups.values():
        there = np.isfinite(y[of_group[0]])
        indices = first_order(
            inputs[there], np.column_stack([y[at][there] for at in of_group]), seed=study.design.seed
        )
        first[:, of_group], half[:, of_group], threshold[of_group] = (
            indices.first,
            indices.half_width,
            indices.threshold,
        )
    over = np.nan_to_num(np.maximum(first - threshold, 0.0)).sum(axis=1)
    order = [at for at in np.argsort(-over, kind="stable").tolist() if over[at] > 0]
    names = study.design.names
    survivors = tuple(names[at] for at in order[: study.plan.survivors])
    return Screened(tuple(contrasts), Indices(first, half, threshold), survivors)


def _samples(study: Study) -> tuple[Design, Design]:
    design, n = study.design, study.plan.total
    return tuple(  # type: ignore[return-value]
        Design(design.inputs, n, design.seed, design.spread, f"total {name}") for name in "ab"
    )


def run_totals(study: Study, measures: Sequence[str], ask: Asking) -> list[Failure]:
    """Ask for the worlds of Saltelli's design: two samples, and the first with groups from the second.

    A world of either sample is drawn anew until a network fits; a mixed one is what it is, and is left
    out when no network fits.
    """
    outcomes = read_outcomes(study.scheduled, study.worlds)
    survivors = screen(study, outcomes, headlines_of(outcomes.keys, measures)).survivors
    if not survivors:
        return []
    n = study.plan.total
    failures = []
    for letter, design in zip("ab", _samples(study), strict=True):
        asks = [Ask(f"total-{letter}{k:04d}", f"{letter}{k:04d}", number=k) for k in range(1, n + 1)]
        failures += ask(asks, design, f"pairs of worlds, {letter}")
    answered = {part.world: part.values for part in parts_of(study.parts, "total-")}
    asks = []
    for k in range(1, n + 1):
        one, two = answered.get(f"a{k:04d}"), answered.get(f"b{k:04d}")
        if one is None or two is None:
            continue
        for group in (*survivors, REST):
            taken = [group] if group != REST else [name for name in one if name not in survivors]
            name = f"x{k:04d}-{_file(group)}"
            asks.append(Ask(f"total-{name}", name, values={**one, **{each: two[each] for each in taken}}))
    return failures + ask(asks, study.design, "mixed worlds")


def _file(group: str) -> str:
    return "rest" if group == REST else group


def total_indices(study: Study, screened: Screened) -> list[TotalsOf]:
    """Return the total indices of every contrast, of the parts that are there."""
    n = study.plan.total
    if not n or not screened.survivors:
        return []
    groups = (*screened.survivors, REST)
    numbers = [f"{k:04d}" for k in range(1, n + 1)]
    keys = {contrast.headline.key for contrast in screened.contrasts}
    outcomes = read_outcomes(parts_of(study.parts, "total-"), (), keys)

    def at(contrast: Contrast, worlds: Sequence[str]) -> NDArray[np.float64]:
        return contrast.of(outcomes, SCHEDULED, study.names[0], worlds)

    return [
        TotalsOf(
            contrast,
            groups,
            totals(
                at(contrast, [f"a{k}" for k in numbers]),
                at(contrast, [f"b{k}" for k in numbers]),
                np.array([at(contrast, [f"x{k}-{_file(group)}" for k in numbers]) for group in groups]),
                seed=study.design.seed,
            ),
        )
        for contrast in screened.contrasts
    ]
