"""The folder of a comparison: tables, charts, and the summary that is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios import common_items, differences, ladder, place_differences
from scenarios.comparison import Comparison
from scenarios.csvtext import csv_text
from scenarios.progress import Progress
from scenarios.records import write_columns
from scenarios.store import StoredRun, to_json

__all__ = ["FILES", "write_comparison"]

#: What the folder of a comparison holds, beside the folders of its runs.
FILES: Mapping[str, str] = {
    "comparison.json": "settings, differences of all measures, and what each scenario takes",
    "differences.csv": "every measure in both scenarios, with the paired interval and what pairing saves",
    "differences_places.parquet": "the same by place, read alone and all places together",
    "places.csv": "how many places get faster or slower, and how many people live there",
    "items.csv": "items in both scenarios and in one only, by class, direction, prefecture; means of both kinds",
    "ladder.csv": "the scenarios in order of one measure, with what they take and cost",
    "summary.md": "ten lines, and what they do not show",
    "summary_sources.json": "file, row and column of every number in summary.md",
    "plots": "ladder, frontier, maps and curves of the differences",
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
    items: Sequence[Mapping[str, Any]],
    measure: str = ladder.MEASURE,
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
    items
        Rows of ``items.csv``; none where runs keep no item records.
    measure
        Measure of the ladder.
    worlds
        As for `scenarios.ladder.ladder`.
    progress
        Told of what goes on.
    plots
        Whether to draw the charts.
    """
    progress = progress or Progress()
    progress.step("writing the differences")

    def write(name: str, text: str) -> None:
        (folder / name).write_text(text, encoding="utf-8", newline="\n")

    write("comparison.json", to_json(comparison.as_dict()))
    named = [run.summary["scenario"] for run in comparison.others]
    told = [differences.rows(*pair) for pair in zip(named, comparison.differences, strict=True)]
    write("differences.csv", csv_text((row for rows in told for row in rows), differences.COLUMNS))
    if items:
        write("items.csv", csv_text(items, common_items.COLUMNS))
    places = _places(comparison)
    if places:
        together = {name: np.concatenate([part[name] for part in places]) for name in places[0]}
        write_columns(folder / "differences_places.parquet", together)
        counts = [
            {
                "scenario": str(part["scenario"][0]),
                "measure": name,
                **place_differences.clear_places(part, name),
            }
            for part in places
            for name in place_differences.MEASURES
        ]
        write("places.csv", csv_text(counts, PLACES))
    rungs = ladder.ladder(comparison, items, measure, worlds)
    write("ladder.csv", csv_text(rungs, ladder.COLUMNS))


def _places(comparison: Comparison) -> list[dict[str, NDArray[Any]]]:
    """Return the place tables of the scenarios whose runs hold places by replication."""
    before = comparison.base.places_by_replication
    found = []
    for other, paired in zip(comparison.others, comparison.paired, strict=True):
        after = other.places_by_replication
        if before and after and np.array_equal(before[0]["id"], after[0]["id"]):
            found.append(
                place_differences.place_differences(other.summary["scenario"], before, after, paired)
            )
    return found
