"""What a study found: shares, regrets, ranges, indices and the worth of finding out, from its parts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from scenarios.runs.headlines import Headline
from scenarios.uncertainty.answers import Outcomes, read_outcomes
from scenarios.uncertainty.in_world import SCHEDULED, SIMULATED
from scenarios.uncertainty.screening import Screened, TotalsOf, headlines_of, screen, total_indices
from scenarios.uncertainty.sensitivity import Information, information
from scenarios.uncertainty.study import DEFAULTS, Study
from scenarios.uncertainty.verdicts import (
    Agreement,
    Beats,
    Range,
    Regret,
    agreement,
    beats,
    range_of,
    regrets,
)
from sim.measures.statistics import interval

__all__ = ["Findings", "find", "stages"]

FORMS = (SCHEDULED, SIMULATED)


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that a study found, ready for tables, text and charts."""

    study: Study
    headlines: Mapping[str, tuple[Headline, ...]]  # by form
    outcomes: Outcomes
    shares: Mapping[tuple[str, str, str, str], Beats]  # form, key, one, other
    regrets: Mapping[tuple[str, str], Mapping[str, Regret]]  # form, key
    ranges: Mapping[tuple[str, str, str, bool], Range]  # form, key, scenario, of the difference to the base
    screened: Screened
    totals: Sequence[TotalsOf]
    information: Mapping[str, Information]  # key
    shortcut: Mapping[tuple[str, str], Agreement]  # key, scenario

    def at_defaults(self, form: str, key: str, scenario: str, differs: bool) -> tuple[float, float, int]:
        """Return mean, half-width (nan for one) and number of the replications at the defaults."""
        values = self.outcomes.replications(form, scenario, key, DEFAULTS)
        if differs:
            base = self.outcomes.replications(form, self.study.names[0], key, DEFAULTS)
            values = values - base if len(values) == len(base) else values[:0]
        return (*interval(values), len(values)) if len(values) else (math.nan, math.nan, 0)

    @property
    def primary(self) -> Headline:
        """The measure that the summary speaks of first."""
        return self.headlines[SCHEDULED][0]


def find(study: Study, measures: Sequence[str] = ()) -> Findings:
    """Return everything that the parts of a study say."""
    worlds = (DEFAULTS, *study.worlds)
    keys = set(read_outcomes([*study.scheduled[:1], *study.simulated[:1]]).keys)  # of the defaults
    headlines = headlines_of(sorted(keys), measures)
    wanted = {headline.key for headline in headlines}
    scheduled = read_outcomes(study.scheduled, worlds, wanted)
    simulated = read_outcomes(study.simulated, worlds, wanted)
    outcomes = Outcomes(pa.concat_tables([scheduled.table, simulated.table]), worlds)
    there = {form: {key for f, _, key in outcomes.cells if f == form} for form in FORMS}
    by_form = {form: tuple(h for h in headlines if h.key in there[form]) for form in FORMS}
    names = study.names

    def over(form: str, name: str, key: str) -> Any:
        return outcomes.over_worlds(form, name, key, study.worlds)

    shares, regret, ranges = {}, {}, {}
    for form, of_form in by_form.items():
        for head in of_form:
            values = {name: over(form, name, head.key) for name in names}
            regret[form, head.key] = regrets(values, head.better)
            for one in names:
                ranges[form, head.key, one, False] = range_of(values[one])
                if one != names[0]:
                    ranges[form, head.key, one, True] = range_of(values[one] - values[names[0]])
                for other in names:
                    if one != other:
                        shares[form, head.key, one, other] = beats(values[one], values[other], head.better)
    screened = screen(study, outcomes, by_form[SCHEDULED])
    inputs = study.design.matrix([part.values or {} for part in study.drawn])
    findings = {}
    for head in by_form[SCHEDULED]:
        benefits = head.better * np.column_stack([over(SCHEDULED, name, head.key) for name in names])
        whole = np.isfinite(benefits).all(axis=1)
        if whole.any():
            findings[head.key] = information(inputs[whole], benefits[whole], seed=study.design.seed)
    shortcut = {
        (head.key, name): agreement(
            (over(SCHEDULED, names[0], head.key), over(SCHEDULED, name, head.key)),
            (over(SIMULATED, names[0], head.key), over(SIMULATED, name, head.key)),
        )
        for head in headlines
        if head in by_form[SCHEDULED] and head in by_form[SIMULATED]
        for name in names[1:]
    }
    totals = total_indices(study, screened)
    return Findings(study, by_form, outcomes, shares, regret, ranges, screened, totals, findings, shortcut)


def stages(study: Study) -> dict[str, int]:
    """Return how many draws were refused at each stage, the most first."""
    counts = Counter(stage for _, _, stage, _ in study.refused)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
