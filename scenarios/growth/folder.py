"""What a study of growth leaves in a folder: JSON, tables and charts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scenarios.definition.resolve import Resolved, load_scenario
from scenarios.growth.asked import YEARS, GrowthAnswer, grow
from scenarios.growth.check import KEPT, CheckRow, bracket, kept_as
from scenarios.growth.expansions import ExpansionRow
from scenarios.growth.years import Study
from scenarios.runs.folder import versions
from scenarios.support.broken_off import breaking_off
from scenarios.support.folders import WorkFolder, read_json, write_file, write_files
from scenarios.support.progress import Progress
from scenarios.support.tables import csv_text

__all__ = ["as_json", "draw_study", "grow_into", "write_study"]


def grow_into(
    reference: str | Path | Resolved,
    out: Path,
    years: tuple[int, int] = YEARS,
    level: float = 0.5,
    others: Sequence[str | Path | Resolved] = (),
    *,
    plots: bool = True,
    progress: Progress | None = None,
    **asked: Any,
) -> tuple[GrowthAnswer, list[Path]]:
    """Answer a question of growth, and keep the answer in a folder: see `grow`.

    Parameters
    ----------
    out
        The folder.  One that was broken off is gone on with: no simulation is made twice.
    plots
        Whether to draw the charts.
    **asked
        ``from_library`` and ``factors``, as for `grow`.

    Returns
    -------
    tuple
        The answer, and the files.

    Raises
    ------
    StoreError
        If the folder holds something, or was begun for another question.
    Interrupted
        If it was broken off; finished simulations are kept.
    """
    progress = progress or Progress()
    resolved = load_scenario(reference)
    identity = {
        **versions(resolved),
        "years": years,
        "level": level,
        "others": [versions(load_scenario(other)) for other in others],
        **asked,
    }
    draft = WorkFolder.named(out, out.parent, "growth", identity)

    def simulations() -> int:
        return len(list(draft.partial.glob(f"{KEPT}*.json")))

    with draft, breaking_off(draft, None, simulations, "simulations"):
        if draft.committed:  # and ended while it tidied up: what was simulated stands in the answer
            written = read_json(draft.final / "growth.json").get("simulated", {"runs": []})
            for row in written["runs"]:
                del row["both"]
                write_file(kept_as(draft.partial, row["factor"]), row)
        answer = grow(resolved, years, level, others, progress=progress, keep=draft.partial, **asked)
        if draft.committed:
            return answer, sorted(draft.final.iterdir())
        files = write_study(answer.study, answer.expansions, answer.checks, draft.whole)
        if plots:
            progress.step("drawing the charts")
            files += draw_study(answer.study, draft.whole)
        draft.commit()
    return answer, [draft.final / file.name for file in files]


def as_json(study: Study, expansions: Sequence[ExpansionRow], checks: Sequence[CheckRow]) -> dict[str, Any]:
    """Return the content of ``growth.json``; what is not within the years looked at is None."""
    content = study.as_dict()
    content["expansions"] = [asdict(row) for row in expansions]
    if checks:
        calm, grows = bracket(checks)
        content["simulated"] = {
            "no_queue_grows_at": calm,
            "queues_grow_at": grows,
            "runs": [{**asdict(row), "both": row.both} for row in checks],
        }
    return {key: _plain(value) for key, value in content.items()}


def write_study(
    study: Study, expansions: Sequence[ExpansionRow], checks: Sequence[CheckRow], folder: Path
) -> list[Path]:
    """Write ``growth.json`` and the tables, and return the files."""
    tables = {
        "demand.csv": _demand(study),
        "years.csv": _years(study),
        "resources.csv": (_plain(asdict(row)) for row in study.resources),
        "expansions.csv": (_plain(asdict(row)) for row in expansions),
        "simulated.csv": _checked(checks),
    }
    texts = {name: csv_text(rows) for name, rows in tables.items()}
    files = {"growth.json": as_json(study, expansions, checks)}
    return write_files(folder, files | {name: text for name, text in texts.items() if text})


def draw_study(study: Study, folder: Path) -> list[Path]:
    """Draw the charts, and return the files."""
    from scenarios.charts.growth import break_timeline, demand_fan
    from scenarios.charts.style import save

    folder.mkdir(parents=True, exist_ok=True)
    factor = min((row.factor for row in study.resources), default=math.inf)
    capacity = factor * study.trend.items if math.isfinite(factor) else None
    years = study.years[0], study.years[-1]
    fan = demand_fan(study.growth, study.trend, [vars(row) for row in study.demand], capacity=capacity)
    breaks = break_timeline([vars(row) for row in study.resources], years, study.level, study.peak_month)
    return [*save(fan, folder / "demand"), *save(breaks, folder / "breaks")]


def _demand(study: Study) -> Iterable[dict[str, Any]]:
    for row in study.demand:
        cells: dict[str, Any] = {"year": row.year, "mid": row.mid}
        for level, (low, high) in row.intervals.items():
            cells |= {f"low_{level}": low, f"high_{level}": high}
        for name, (middle, low, high) in row.others.items():
            cells |= {f"{name}_mid": middle, f"{name}_low": low, f"{name}_high": high}
        yield cells


def _years(study: Study) -> Iterable[dict[str, Any]]:
    for row in study.by_year:
        cells = asdict(row)
        full, busy = cells.pop("full"), cells.pop("full_in_peak")
        yield (
            cells
            | {f"full_{kind}": number for kind, number in full.items()}
            | {f"full_in_peak_{kind}": number for kind, number in busy.items()}
        )


def _checked(checks: Sequence[CheckRow]) -> Iterable[dict[str, Any]]:
    for row in checks:
        names = sorted({*row.fluid, *row.simulated})
        for queue, stop in names:
            yield {
                "factor": row.factor,
                "queue": queue,
                "stop": stop,
                "full_by_the_fluid": (queue, stop) in row.fluid,
                "grows_in_the_simulation": (queue, stop) in row.simulated,
            }


def _plain(value: Any) -> Any:
    """Return a value for JSON and tables: None for what is infinite."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
