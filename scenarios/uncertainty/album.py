"""Every chart of a study, as files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.charts.style import save
from scenarios.charts.worlds import FORM_NAMES, index_bars, share_matrix, world_ranges
from scenarios.uncertainty.findings import Findings

__all__ = ["draw_study"]


def draw_study(findings: Findings, folder: Path) -> list[Path]:
    """Draw the charts of a study into a folder, and return the files."""
    files: list[Path] = []
    base, *others = findings.study.names
    for form, heads in findings.headlines.items():
        if not heads or not any(findings.shares[form, h.key, o, base].worlds for h in heads for o in others):
            continue
        rows_of = [[findings.shares[form, head.key, other, base] for other in others] for head in heads]
        shares = [[row.share for row in rows] for rows in rows_of]
        equal = [[row.equal / row.worlds if row.worlds else math.nan for row in rows] for rows in rows_of]
        title = f"Worlds in which a scenario is better than {base}, {FORM_NAMES[form]}"
        ax = share_matrix(shares, equal, [head.label for head in heads], others, title)
        files += save(ax, folder / f"shares-{form}")
    head = findings.primary
    unit = f"{head.label}, {'share' if head.unit == 'share' else head.unit}"
    for differs in (False, True):
        rows = [
            _range_row(findings, form, name, differs)
            for name in findings.study.names
            for form in findings.headlines
        ]
        given = [row for row in rows if row is not None]
        if given:
            title = f"{head.label}: difference to {base}" if differs else head.label
            files += save(
                world_ranges(given, f"difference of {unit}" if differs else unit, title),
                folder / ("differences" if differs else "ranges"),
            )
    files += _draw_indices(findings, folder)
    return files


def _range_row(findings: Findings, form: str, name: str, differs: bool) -> dict[str, Any] | None:
    key = findings.primary.key
    row = findings.ranges.get((form, key, name, differs))
    if row is None or not row.worlds:
        return None
    mean, half, n = findings.at_defaults(form, key, name, differs)
    return {
        "name": name,
        "form": form,
        "least": row.least,
        "p5": row.p5,
        "p50": row.p50,
        "p95": row.p95,
        "most": row.most,
        "at_defaults": mean if n else math.nan,
        "half_width": half if n > 1 else math.nan,
    }


def _draw_indices(findings: Findings, folder: Path) -> list[Path]:
    head = findings.primary
    names = findings.study.design.names
    indices = findings.screened.indices
    totals = {(each.contrast.headline.key, each.contrast.scenario): each for each in findings.totals}
    files: list[Path] = []
    for at, each in enumerate(findings.screened.contrasts):
        if each.headline.key != head.key or not math.isfinite(indices.threshold[at]):
            continue
        whole = totals.get((head.key, each.scenario))
        total: dict[str, tuple[float, float, float]] | None = None
        if whole is not None:
            ends: NDArray[np.float64] = whole.totals.total_interval
            total = {
                group: (float(whole.totals.total[g]), float(ends[g, 0]), float(ends[g, 1]))
                for g, group in enumerate(whole.groups)
                if math.isfinite(whole.totals.total[g])
            }
        what = f"Sensitivity of {head.label}, {each.scenario}"
        if not each.is_base:
            what = (
                f"Sensitivity of the gain of {each.scenario}\n{head.label}, against {findings.study.names[0]}"
            )
        first, half = indices.first[:, at], indices.half_width[:, at]
        ax = index_bars(names, first, half, float(indices.threshold[at]), what, total)
        files += save(ax, folder / f"hangs-on-{each.scenario}")
    return files
