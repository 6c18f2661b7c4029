"""Measures by a short name or by their key, as a table with their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from network.errors import InputErrors, Problem, nearest
from network.model.network import Network
from scenarios.runs.headlines import HEADLINES
from scenarios.runs.summary import combine, flatten, half_widths
from sim.measures.keys import SUMMARY_KEYS, key_of

__all__ = ["all_measures", "headline_frame", "measure_key", "measures_frame", "unit_of"]

STATISTICS = {"mean": "mean_h", "P50": "p50_h", "P80": "p80_h", "P95": "p95_h"}
_PREFECTURES = "transit.by_prefecture"


def measure_key(text: str, network: Network) -> str:
    """Return the key of a measure.

    Parameters
    ----------
    text
        A key of ``measures`` in ``summary.json``; what a headline is called, such as "all mail within 72 h";
        or a statistic of all mail or of a prefecture's: "P80", "Ngari mean".
    network
        Whose prefectures may be named.

    Raises
    ------
    InputErrors
        If there is no such measure.
    """
    prefectures = sorted({str(name) for name in network.places.prefecture} - {""})
    named = {headline.label: headline.key for headline in HEADLINES}
    named |= {name: f"transit.all.{key}" for name, key in STATISTICS.items()}
    named |= {
        f"{prefecture} {name}": f"{_PREFECTURES}.{prefecture}.{key}"
        for prefecture in prefectures
        for name, key in STATISTICS.items()
    }
    if text in named:
        return named[text]
    table, _, rest = text.removeprefix(_PREFECTURES).partition(".")
    there = text == table or not text.startswith(_PREFECTURES) or rest.split(".")[0] in prefectures
    if there and key_of(text) is not None:
        return text
    allowed = "a key of measures in summary.json (docs/results.md), or a name such as 'P80' or 'Ngari mean'"
    near = nearest(text, [*named, *(headline.key for headline in HEADLINES)])
    raise InputErrors([Problem("measure", "", "", text, allowed, near)])


@cache
def unit_of(key: str) -> str:
    """Return the unit of a measure."""
    known = key_of(key)
    return "" if known is None else known.unit


def all_measures() -> pd.DataFrame:
    """Return what can be measured: every key of a run's measures, its meaning and unit."""
    rows = [(pattern, key.meaning, key.unit) for pattern, key in SUMMARY_KEYS.items()]
    return pd.DataFrame(rows, columns=["measure", "meaning", "unit"]).set_index("measure")


def measures_frame(trees: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return mean, half-width of the 95 % interval and unit of every measure of some replications."""
    means = dict(flatten(combine(trees)))
    halves = dict(flatten(half_widths(trees))) if len(trees) > 1 else {}
    return pd.DataFrame(
        {
            "mean": pd.array(list(means.values()), dtype="Float64").astype(float),
            "half_width": pd.Series([halves.get(key) for key in means], dtype=float).to_numpy(),
            "unit": [unit_of(key) for key in means],
        },
        index=pd.Index(list(means), name="measure"),
    )


def headline_frame(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the measures that are shown first, by what they are called, and the mean of each prefecture."""
    labels = {headline.key: headline.label for headline in HEADLINES if headline.key in measures.index}
    for key in measures.index:
        if key.startswith(f"{_PREFECTURES}.") and key.count(".") == 3 and key.endswith(".mean_h"):
            labels[key] = f"{key.split('.')[2]} mean"
    return measures.loc[list(labels)].set_axis(pd.Index(list(labels.values()), name="measure"))
