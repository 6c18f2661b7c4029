"""The tables of a study: one row a fact, in a fixed order, so that the same parts give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from scenarios.support.folders import write_file, write_table
from scenarios.support.tables import csv_text, join_tables
from scenarios.uncertainty.columns import TABLES as COLUMNS
from scenarios.uncertainty.findings import Findings, find
from scenarios.uncertainty.in_world import SCHEDULED
from scenarios.uncertainty.study import Study
from scenarios.uncertainty.study_text import summary_of

__all__ = ["TABLES", "tables_of", "write_tables"]

#: What a study's folder holds.
TABLES: Mapping[str, str] = {
    "summary.md": "what was found, in words, with the table of each number",
    "shares.csv": "in how many worlds a scenario is better than another, by measure",
    "regret.csv": "what choosing a scenario costs against the best one of each world, by measure",
    "ranges.csv": "where each figure lies over the worlds, and beside it the interval of chance",
    "indices.csv": "first-order index of each input, from the draws of all worlds, by measure",
    "total.csv": "first-order and total index of the inputs that survived, with bootstrap intervals",
    "information.csv": "what finding out an input first is worth for the choice of a scenario, by measure",
    "shortcut.csv": "how well scheduled differences foretell simulated ones, in the worlds that have both",
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


def write_tables(study: Study, measures: Sequence[str] = (), plots: bool = True) -> Findings:
    """Write the tables of a study, its summary and its charts, and return what they hold."""
    findings = find(study, measures)
    folder = study.folder
    for name, rows in tables_of(findings).items():
        write_file(folder / name, csv_text(rows, COLUMNS[name], significant_digits=10))
    _write_worlds(study)
    _write_outcomes(study)
    if plots:
        from scenarios.uncertainty.album import draw_study

        (folder / "plots").mkdir(exist_ok=True)
        draw_study(findings, folder / "plots")
    write_file(folder / "summary.md", summary_of(findings))
    return findings


def tables_of(findings: Findings) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each CSV table by the name of its file."""
    study = findings.study
    heads = {head.key: head for of_form in findings.headlines.values() for head in of_form}
    names = study.design.names

    def about(form: str, key: str) -> dict[str, Any]:
        return {"form": form, "measure": key, "unit": heads[key].unit}

    contrasts = [
        {
            **about(SCHEDULED, each.headline.key),
            "scenario": each.scenario,
            "of": "value" if each.is_base else f"difference to {study.names[0]}",
        }
        for each in findings.screened.contrasts
    ]
    indices = findings.screened.indices
    return {
        "shares.csv": [
            {**about(form, key), "scenario": one, "against": other, **asdict(row)}
            for (form, key, one, other), row in findings.shares.items()
        ],
        "regret.csv": [
            {**about(form, key), "scenario": name, **asdict(row)}
            for (form, key), rows in findings.regrets.items()
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
                        findings.at_defaults(form, key, name, differs),
                        strict=True,
                    )
                ),
            }
            for (form, key, name, differs), row in findings.ranges.items()
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
                **about(SCHEDULED, each.contrast.headline.key),
                "scenario": each.contrast.scenario,
                "of": "value" if each.contrast.is_base else f"difference to {study.names[0]}",
                "input": group,
                "pairs": int(each.totals.pairs[g]),
                "first": each.totals.first[g],
                "first_low": each.totals.first_interval[g, 0],
                "first_high": each.totals.first_interval[g, 1],
                "total": each.totals.total[g],
                "total_low": each.totals.total_interval[g, 0],
                "total_high": each.totals.total_interval[g, 1],
            }
            for each in findings.totals
            for g, group in enumerate(each.groups)
        ],
        "information.csv": [
            {
                **about(SCHEDULED, key),
                "choice": study.names[row.best],
                "input": name,
                "worth": row.partial[i],
                "threshold": row.threshold,
                "clear": bool(row.partial[i] > row.threshold),
                "perfect": row.perfect,
            }
            for key, row in findings.information.items()
            for i, name in enumerate(names)
        ],
        "shortcut.csv": [
            {"measure": key, "scenario": name, "against": study.names[0], **asdict(row)}
            for (key, name), row in findings.shortcut.items()
        ],
        "inputs.csv": _inputs(study),
        "refused.csv": [
            dict(zip(("world", "draw", "stage", "reason"), row, strict=True)) for row in study.refused
        ],
        "missing.csv": [
            {"world": part.world, **row._asdict()}
            for part in (*study.scheduled, *study.simulated)
            for row in part.missing
        ]
        + [
            {"world": "", "scenario": "", "form": "task", "reason": f"{row.task} failed: {row.error}"}
            for row in study.failures
        ]
        + [
            {"world": part.world, "scenario": "", "form": "", "reason": "no draw of this world has a network"}
            for part in study.scheduled
            if part.values is None
        ],
    }


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


def _write_worlds(study: Study) -> None:
    parts = [part for part in study.scheduled if part.values is not None]
    columns: dict[str, Any] = {
        "world": [part.world for part in parts],
        "refused": np.array([len(part.refused) for part in parts], dtype=np.int32),
    }
    values = study.design.matrix([part.values or {} for part in parts])
    columns |= {name: values[:, at] for at, name in enumerate(study.design.names)}
    write_table(study.folder / "worlds.parquet", columns)


def _write_outcomes(study: Study) -> None:
    """Put all numbers into one table, in the order of the parts."""
    parts = [part.path for part in (*study.scheduled, *study.simulated)]
    if parts:
        path = study.folder / "outcomes.parquet"
        draft = path.with_name(f".{path.name}.tmp")
        join_tables(parts, draft)
        draft.replace(path)
