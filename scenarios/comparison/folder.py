"""The folder of a comparison: tables, charts, and the summary that is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.comparison import common_items, differences, place_differences, ranking
from scenarios.comparison.compared import Comparison
from scenarios.comparison.summary import summary_text
from scenarios.comparison.traced import Tables
from scenarios.runs.folder import StoredRun
from scenarios.support.folders import write_file, write_table
from scenarios.support.progress import Progress

__all__ = ["FILES", "draw", "write_comparison"]

#: What the folder of a comparison holds, beside the folders of its runs.
FILES: Mapping[str, str] = {
    "comparison.json": "settings, differences of all measures, and what each scenario takes",
    "differences.csv": "every measure in both scenarios, with the paired interval and what pairing saves",
    "differences_places.parquet": "the same by place, read alone and all places together",
    "places.csv": "how many places get faster or slower, and how many people live there",
    "items.csv": "items in both and in one only, by class, direction, prefecture, with means of both kinds",
    "option_ranking.csv": "the scenarios in order of one measure, with what they take and cost",
    "summary.md": "ten lines, and what they do not show",
    "summary_sources.json": "file, row and column of every number in summary.md",
    "plots": "option ranking, frontier, maps and curves of the differences",
}
PLACES = (
    "scenario",
    "measure",
    *(
        f"{word}{end}"
        for end in ("", "_together")
        for word in ("faster", "people_faster", "slower", "people_slower")
    ),
    "places",
    "people",
)


def write_comparison(
    comparison: Comparison,
    folder: Path,
    measure: str = ranking.MEASURE,
    worlds: Mapping[str, Mapping[str, float]] | None = None,
    progress: Progress | None = None,
    plots: bool = True,
) -> None:
    """Write everything but the runs into the folder of a comparison.

    Parameters
    ----------
    comparison
        What was compared.
    folder
        An existing folder.
    measure
        Measure of the option ranking.
    worlds
        As for `scenarios.comparison.ranking.option_ranking`.
    progress
        Told of what goes on.
    plots
        Whether to draw the charts.
    """
    progress = progress or Progress()
    progress.step("writing the differences")

    write_file(folder / "comparison.json", comparison.as_dict())
    named = [run.summary["scenario"] for run in comparison.others]
    of_scenarios = [differences.rows(*pair) for pair in zip(named, comparison.differences, strict=True)]
    all_rows = [row for rows in of_scenarios for row in rows]
    write_table(folder / "differences.csv", all_rows, differences.COLUMNS)
    if comparison.items:
        write_table(folder / "items.csv", comparison.items, common_items.COLUMNS)
    places = _places(comparison)
    if places:
        first = next(iter(places.values()))
        together = {name: np.concatenate([table[name] for table in places.values()]) for name in first}
        write_table(folder / "differences_places.parquet", together)
        counts = [
            {
                "scenario": scenario,
                "measure": name,
                **place_differences.clear_places(table, name),
            }
            for scenario, table in places.items()
            for name, unit in place_differences.MEASURES.items()
            if unit == "h"
        ]
        write_table(folder / "places.csv", counts, PLACES)
    options = ranking.option_ranking(comparison, measure, worlds)
    write_table(folder / "option_ranking.csv", options, ranking.COLUMNS)
    if options:
        tables = Tables(
            {
                "option_ranking.csv": options,
                "differences.csv": all_rows,
                "items.csv": comparison.items,
            },
            {"comparison.json": comparison.as_dict()},
        )
        write_file(folder / "summary.md", summary_text(tables, measure))
        write_file(folder / "summary_sources.json", tables.sources())
    if plots:
        progress.step("drawing the differences")
        draw(comparison, options, measure, folder / "plots")


def draw(
    comparison: Comparison, options: Sequence[Mapping[str, Any]], measure: str, folder: Path
) -> list[Path]:
    """Draw the charts of a comparison into a folder, and return the files."""
    from scenarios.comparison.album import draw_comparison, draw_ranking

    folder.mkdir(parents=True, exist_ok=True)

    def of(run: StoredRun) -> tuple[str, list[dict[str, Any]], Mapping[str, Any]]:
        return run.summary["scenario"], run.measures, run.places

    same = {row["scenario"] for row in options if row["paired"] and row["same_items"] != 0}
    files = draw_ranking(options, ranking.headline_of(measure), folder)
    return files + draw_comparison(
        comparison.base.network,
        of(comparison.base),
        [of(run) for run in comparison.others],
        folder,
        alike=[run.summary["scenario"] in same for run in comparison.others],
    )


def _places(comparison: Comparison) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the place tables of the scenarios whose runs hold places by replication, by name."""
    before = comparison.base.places_by_replication
    tables = {}
    for other, paired in zip(comparison.others, comparison.paired, strict=True):
        name, after = str(other.summary["scenario"]), other.places_by_replication
        if before and after and np.array_equal(before[0]["id"], after[0]["id"]):
            tables[name] = place_differences.place_differences(name, before, after, paired)
    return tables
