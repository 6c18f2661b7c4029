"""What a study of worlds says of differences to a base: the second interval of the option ranking.

Replications show chance, worlds show what is not known: the two intervals are
shown side by side and never merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scenarios.support.folders import StoreError
from scenarios.support.tables import read_rows

__all__ = ["world_ranges"]

#: Forms of a study's numbers, the one wanted most first.
_FORMS = ("simulated", "scheduled")


def world_ranges(study: Path, measure: str, base: str) -> dict[str, Mapping[str, float]]:
    """Return, by scenario, where its difference to the base lies over the worlds of a study.

    Parameters
    ----------
    study
        Folder of a study: ``ranges.csv`` and ``shares.csv`` are read.
    measure
        Key of the measure; the same without ``at_close`` serves where a study has not that.
    base
        Name of the base.

    Returns
    -------
    dict
        ``low``, ``mid`` and ``high`` (5, 50 and 95 % of the worlds), ``better`` (share of the worlds
        in which the scenario is better than the base) and ``worlds``.

    Raises
    ------
    StoreError
        If the folder is no study, or has nothing of this measure and base.
    """
    tables = {}
    for name in ("ranges.csv", "shares.csv"):
        if not (study / name).is_file():
            raise StoreError(f"{study} is no folder of a study: {name} is missing")
        tables[name] = read_rows(study / name)
    ranges = [row for row in tables["ranges.csv"] if row["of"] == f"difference to {base}"]
    for key in (measure, measure.replace(".at_close.", ".")):
        for form in _FORMS:
            of_key = [row for row in ranges if (row["form"], row["measure"]) == (form, key)]
            if of_key:
                shares = {
                    row["scenario"]: float(row["share"])
                    for row in tables["shares.csv"]
                    if (row["form"], row["measure"], row["against"]) == (form, key, base)
                }
                return {row["scenario"]: _range(row, shares) for row in of_key}
    known = sorted({row["measure"] for row in ranges})
    raise StoreError(
        f"{study} says nothing of differences of {measure} to {base}; "
        + (f"it has {', '.join(known)}" if known else "it has none to this base")
    )


def _range(row: Mapping[str, str], shares: Mapping[str, float]) -> dict[str, float]:
    ends = {name: float(row[column]) for name, column in (("low", "p5"), ("mid", "p50"), ("high", "p95"))}
    ends["worlds"] = float(row["worlds"])
    if row["scenario"] in shares:
        ends["better"] = shares[row["scenario"]]
    return ends
