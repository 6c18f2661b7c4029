"""Place by place: what a scenario changes for each village, and which of it is more than chance.

Thousands of places are read together, so an interval of each by itself is
wrong for some hundreds of them.  Each row has the interval by itself, the one
that holds for all places of its measure at once (Bonferroni) and Holm's p.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from network.numeric.columns import Column
from scenarios.comparison.differences import LEVEL
from sim.measures.pairing import holm, pairs, unpaired

__all__ = ["COLUMNS", "MEASURES", "clear_places", "place_differences"]

Columns = Mapping[str, NDArray[Any]]
#: Measures compared by place, with their units.
MEASURES: Mapping[str, str] = {
    "mean_h": "h",
    "p80_h": "h",
    "inbound_p80_h": "h",
    "from_gateway_p80_h": "h",
    "regional_p80_h": "h",
    "within_72": "share",
    "within_168": "share",
}
#: Columns of ``differences_places.parquet``, a row for each scenario, measure and place.
COLUMNS = (
    Column("scenario", "str", "", "the other scenario"),
    Column("measure", "str", "", "measure of places.parquet"),
    Column("id", "str", "", "place"),
    Column("name", "str", "", "its name"),
    Column("kind", "str", "", "village, committee, township, county …"),
    Column("county", "str", "", "county code"),
    Column("prefecture", "str", "", "prefecture"),
    Column("people", "float64", "people", "census"),
    Column("base", "float64", "", "mean of the base; infinite: in some replication so many never arrived"),
    Column("other", "float64", "", "mean of the other"),
    Column("difference", "float64", "", "other − base; nan where either is infinite"),
    Column("half_width", "float64", "", "half-width of its interval, read alone"),
    Column(
        "half_width_together",
        "float64",
        "",
        "half-width if all places of this scenario and measure shall hold at once",
    ),
    Column("p_together", "float64", "", "Holm's p over these places"),
    Column("clear", "bool", "", "whether the difference is clear where the place is read alone"),
    Column("clear_together", "bool", "", "whether it is clear where all places are read together"),
)
_ABOUT = ("id", "name", "kind", "county", "prefecture", "people")


def place_differences(
    scenario: str, base: Sequence[Columns], other: Sequence[Columns], paired: bool = True
) -> dict[str, NDArray[Any]]:
    """Return the columns of ``differences_places.parquet`` of one scenario.

    Parameters
    ----------
    scenario
        Its name.
    base, other
        Columns of the places of each replication.
    paired
        Whether replication i of both ran on the same draws.

    Raises
    ------
    ValueError
        If the two have different places.
    """
    first = base[0]
    if not all(np.array_equal(first["id"], table["id"]) for table in (*base, *other)):
        raise ValueError("the runs have different places: they cannot be compared place by place")
    parts = []
    for measure in MEASURES:
        a, b = (np.array([table[measure] for table in tables], dtype=np.float64) for tables in (base, other))
        known = ~(np.isnan(a).any(axis=0) | np.isnan(b).any(axis=0))
        a, b = a[:, known], b[:, known]
        finite = np.isfinite(a).all(axis=0) & np.isfinite(b).all(axis=0)
        x, y = np.where(finite, a, np.nan), np.where(finite, b, np.nan)
        compared = pairs(x, y, LEVEL) if paired else unpaired(x, y, LEVEL)
        varies = finite & ((compared.difference != 0) | (compared.error != 0))
        p = holm(np.where(varies, compared.p, np.nan))
        with np.errstate(invalid="ignore"):
            clear = np.abs(compared.difference) > compared.half_width
        n = int(known.sum())
        parts.append(
            {
                "scenario": np.full(n, scenario),
                "measure": np.full(n, measure),
                **{name: np.asarray(first[name])[known] for name in _ABOUT},
                "base": a.mean(axis=0),
                "other": b.mean(axis=0),
                "difference": compared.difference,
                "half_width": compared.half_width,
                "half_width_together": compared.together(LEVEL, int(varies.sum())),
                "p_together": p,
                "clear": clear,
                "clear_together": p < 1 - LEVEL,
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def clear_places(columns: Columns, measure: str = "mean_h") -> dict[str, float]:
    """Return how many places get faster or slower by a measure of hours, and how many live there.

    ``faster``, ``slower``: clear where each place is read alone; ``…_together``: where all are.
    """
    of_measure = columns["measure"] == measure
    change = columns["difference"][of_measure]
    people = np.asarray(columns["people"], dtype=np.float64)[of_measure]
    totals: dict[str, float] = {"places": float(of_measure.sum()), "people": float(people.sum())}
    for suffix, name in (("", "clear"), ("_together", "clear_together")):
        clear = np.asarray(columns[name], dtype=bool)[of_measure]
        for word, side in (("faster", change < 0), ("slower", change > 0)):
            totals[f"{word}{suffix}"] = float((clear & side).sum())
            totals[f"people_{word}{suffix}"] = float(people[clear & side].sum())
    return totals
