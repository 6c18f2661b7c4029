"""The tables of a study: one row a fact, in a fixed order, so that the same parts give the same bytes."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.headlines import Headline
from scenarios.inworld import POTENTIAL, REALISED
from scenarios.outcomes import Outcomes, read_outcomes
from scenarios.screening import Screened, TotalsOf, headlines_of, screen, total_indices
from scenarios.sensitivity import Information, information
from scenarios.study import DEFAULTS, Study
from scenarios.verdicts import Agreement, Beats, Range, Regret, agreement, beats, range_of, regrets
from sim.statistics import interval

__all__ = ["TABLES", "Findings", "find", "write_tables"]

#: What a study's folder holds.
TABLES: Mapping[str, str] = {
    "summary.md": "what was found, in words, with the table of each number",
    "shares.csv": "in how many worlds a scenario is better than another, by measure",
    "regret.csv": "what choosing a scenario costs against the best one of each world, by measure",
    "ranges.csv": "where each figure lies over the worlds, and beside it the interval of chance",
    "indices.csv": "first-order index of each input, from the draws of all worlds, by measure",
    "total.csv": "first-order and total index of the inputs that survived, with bootstrap intervals",
    "information.csv": "what finding out an input first is worth for the choice of a scenario, by measure",
    "shortcut.csv": "how well potential differences foretell realised ones, in the worlds that have both",
    "inputs.csv": "every input: range, mean of its draws, mean over the worlds in which a network fits",
    "refused.csv": "every draw that was no world, with the reason",
    "missing.csv": "scenarios without an answer in some world, and tasks that failed, with the reason",
    "worlds.parquet": "the values of every world",
    "outcomes.parquet": "every number of every world: scenario, form, replication, key, value",
    "study.json": "what the numbers depend on: scenarios, versions, seed, inputs",
    "parts": "what each task left; the source of all tables",
    "plots": "the charts as PNG and SVG",
    "log.json": "wall time, memory, host: outside the promise of same bytes",
}
FORMS = (POTENTIAL, REALISED)


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
        mine = self.outcomes.replications(form, scenario, key, DEFAULTS)
        if differs:
            base = self.outcomes.replications(form, self.study.names[0], key, DEFAULTS)
            mine = mine - base if len(mine) == len(base) else mine[:0]
        return (*interval(mine), len(mine)) if len(mine) else (math.nan, math.nan, 0)

    @property
    def primary(self) -> Headline:
        """The measure that the summary speaks of first."""
        return self.headlines[POTENTIAL][0]


def find(study: Study, measures: Sequence[str] = ()) -> Findings:
    """Return everything that the parts of a study say."""
    worlds = (DEFAULTS, *study.worlds)
    keys = set(read_outcomes([*study.potential[:1], *study.realised[:1]]).keys)  # of the defaults
    headlines = headlines_of(sorted(keys), measures)
    wanted = {headline.key for headline in headlines}
    potential = read_outcomes(study.potential, worlds, wanted)
    realised = read_outcomes(study.realised, worlds, wanted)
    outcomes = Outcomes(pa.concat_tables([potential.table, realised.table]), worlds)
    there = {form: {key for f, _, key in outcomes.cells if f == form} for form in FORMS}
    by_form = {form: tuple(h for h in headlines if h.key in there[form]) for form in FORMS}
    names = study.names

    def over(form: str, name: str, key: str) -> Any:
        return outcomes.over_worlds(form, name, key, study.worlds)

    shares, regret, ranges = {}, {}, {}
    for form, some in by_form.items():
        for head in some:
            values = {name: over(form, name, head.key) for name in names}
            regret[form, head.key] = regrets(values, head.better)
            for one in names:
                ranges[form, head.key, one, False] = range_of(values[one])
                if one != names[0]:
                    ranges[form, head.key, one, True] = range_of(values[one] - values[names[0]])
                for other in names:
                    if one != other:
                        shares[form, head.key, one, other] = beats(values[one], values[other], head.better)
    screened = screen(study, outcomes, by_form[POTENTIAL])
    inputs = study.design.matrix([part.values or {} for part in study.drawn])
    told = {}
    for head in by_form[POTENTIAL]:
        benefits = head.better * np.column_stack([over(POTENTIAL, name, head.key) for name in names])
        whole = np.isfinite(benefits).all(axis=1)
        if whole.any():
            told[head.key] = information(inputs[whole], benefits[whole], seed=study.design.seed)
    shortcut = {
        (head.key, name): agreement(
            (over(POTENTIAL, names[0], head.key), over(POTENTIAL, name, head.key)),
            (over(REALISED, names[0], head.key), over(REALISED, name, head.key)),
        )
        for head in headlines
        if head in by_form[POTENTIAL] and head in by_form[REALISED]
        for name in names[1:]
    }
    totals = total_indices(study, screened)
    return Findings(study, by_form, outcomes, shares, regret, ranges, screened, totals, told, shortcut)


def write_tables(study: Study, measures: Sequence[str] = (), plots: bool = True) -> Findings:
    """Write the tables of a study, its summary and its charts, and return what they hold."""
    from scenarios.studytext import summary_of

    found = find(study, measures)
    folder = study.folder
    for name, rows in _tables(found).items():
        _write(folder / name, rows)
    _write_worlds(study)
    _write_outcomes(study)
    if plots:
        from scenarios.charts.worlds import draw_study

        (folder / "plots").mkdir(exist_ok=True)
        draw_study(found, folder / "plots")
    _text(folder / "summary.md", summary_of(found))
    return found


def _tables(found: Findings) -> dict[str, list[dict[str, Any]]]:
    study = found.study
    heads = {head.key: head for some in found.headlines.values() for head in some}
    names = study.design.names

    def about(form: str, key: str) -> dict[str, Any]:
        return {"form": form, "measure": key, "unit": heads[key].unit}

    contrasts = [
        {
            **about(POTENTIAL, each.headline.key),
            "scenario": each.scenario,
            "of": "value" if each.is_base else f"difference to {study.names[0]}",
        }
        for each in found.screened.contrasts
    ]
    indices = found.screened.indices
    return {
        "shares.csv": [
            {**about(form, key), "scenario": one, "against": other, **asdict(row)}
            for (form, key, one, other), row in found.shares.items()
        ],
        "regret.csv": [
            {**about(form, key), "scenario": name, **asdict(row)}
            for (form, key), rows in found.regrets.items()
            for name, row in rows.items()
        ],
        "ranges.csv": [
            {
                **about(form, key),
                "scenario": name,
                "of": f"difference to {study.names[0]}" if differs else "value",
                **asdict(row),
                **dict(
                    zip(
                        ("at_defaults", "sampling_half_width", "replications"),
                        found.at_defaults(form, key, name, differs),
                        strict=True,
                    )
                ),
            }
            for (form, key, name, differs), row in found.ranges.items()
        ],
        "indices.csv": [
            {
                **contrasts[c],
                "input": name,
                "first": indices.first[i, c],
                "half_width": indices.half_width[i, c],
                "threshold": indices.threshold[c],
                "clear": bool(indices.clear[i, c]),
            }
            for c in range(len(contrasts))
            for i, name in enumerate(names)
        ],
        "total.csv": [
            {
                **about(POTENTIAL, each.contrast.headline.key),
                "scenario": each.contrast.scenario,
                "of": "value" if each.contrast.is_base else f"difference to {study.names[0]}",
                "input": group,
                "pairs": int(each.found.pairs[g]),
                "first": each.found.first[g],
                "first_low": each.found.first_interval[g, 0],
                "first_high": each.found.first_interval[g, 1],
                "total": each.found.total[g],
                "total_low": each.found.total_interval[g, 0],
                "total_high": each.found.total_interval[g, 1],
            }
            for each in found.totals
            for g, group in enumerate(each.groups)
        ],
        "information.csv": [
            {
                **about(POTENTIAL, key),
                "choice": study.names[row.best],
                "input": name,
                "worth": row.partial[i],
                "threshold": row.threshold,
                "clear": bool(row.partial[i] > row.threshold),
                "perfect": row.perfect,
            }
            for key, row in found.information.items()
            for i, name in enumerate(names)
        ],
        "shortcut.csv": [
            {"measure": key, "scenario": name, "against": study.names[0], **asdict(row)}
            for (key, name), row in found.shortcut.items()
        ],
        "inputs.csv": _inputs(study),
        "refused.csv": [
            dict(zip(("world", "draw", "stage", "reason"), row, strict=True)) for row in study.refused
        ],
        "missing.csv": [
            {"world": part.world, **row._asdict()}
            for part in (*study.potential, *study.realised)
            for row in part.missing
        ]
        + [
            {"world": "", "scenario": "", "form": "task", "reason": f"{row.task} failed: {row.error}"}
            for row in study.failures
        ]
        + [
            {"world": part.world, "scenario": "", "form": "", "reason": "no draw of this world has a network"}
            for part in study.potential
            if part.values is None
        ],
    }


_HEADS = {
    "total.csv": (
        "form", "measure", "unit", "scenario", "of", "input", "pairs", "first", "first_low", "first_high",
        "total", "total_low", "total_high",
    ),
    "shortcut.csv": (
        "measure", "scenario", "against", "worlds", "rank", "same_sign", "share", "low", "high",
    ),
    "refused.csv": ("world", "draw", "stage", "reason"),
    "missing.csv": ("world", "scenario", "form", "reason"),
    "information.csv": (
        "form", "measure", "unit", "choice", "input", "worth", "threshold", "clear", "perfect",
    ),
}  # fmt: skip


def _inputs(study: Study) -> list[dict[str, Any]]:
    """Return every input with what the published figures make of it."""
    first = np.array([list(study.design.world(k).values()) for k in range(1, study.design.worlds + 1)])
    kept = study.design.matrix([part.values or {} for part in study.drawn])
    return [
        {
            "input": each.name,
            "unit": each.unit,
            "low": each.low,
            "high": each.high,
            "default": each.default,
            "mean_drawn": float(first[:, at].mean()),
            "mean_of_worlds": float(kept[:, at].mean()) if len(kept) else math.nan,
            "shift": float((kept[:, at].mean() - first[:, at].mean()) / first[:, at].std())
            if len(kept) > 1
            else math.nan,
        }
        for at, each in enumerate(study.design.inputs)
    ]


def stages(study: Study) -> dict[str, int]:
    """Return how many draws were refused at each stage, the most first."""
    counts = Counter(stage for _, _, stage, _ in study.refused)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _write_worlds(study: Study) -> None:
    parts = [part for part in study.potential if part.values is not None]
    columns: dict[str, Any] = {
        "world": [part.world for part in parts],
        "refused": pa.array([len(part.refused) for part in parts], pa.int32()),
    }
    values = study.design.matrix([part.values or {} for part in parts])
    columns |= {name: values[:, at] for at, name in enumerate(study.design.names)}
    _parquet(study.folder / "worlds.parquet", pa.table(columns))


def _write_outcomes(study: Study) -> None:
    """Put all numbers into one table, in the order of the parts."""
    path = study.folder / "outcomes.parquet"
    draft = path.with_name(f"{path.name}.tmp")
    writer = None
    for part in (*study.potential, *study.realised):
        table = pq.read_table(part.path).replace_schema_metadata()
        if writer is None:
            writer = pq.ParquetWriter(draft, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()
        draft.replace(path)


def _parquet(path: Path, table: pa.Table) -> None:
    draft = path.with_name(f"{path.name}.tmp")
    pq.write_table(table, draft, compression="zstd")
    draft.replace(path)


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    names = _HEADS.get(path.name) or tuple(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    _text(path, text.getvalue())


def _cell(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return f"{value:.10g}" if math.isfinite(value) else ""
    return str(value).lower() if isinstance(value, bool) else value


def _text(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
