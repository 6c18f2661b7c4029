"""The cost files of a run: means over replications, and what is read from them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from scenarios.runs.folder import StoredRun, StoreError
from scenarios.runs.summary import combine, half_widths
from sim.cost.sharing import STAGES
from sim.measures.keys import SUMMARY_KEYS

__all__ = ["ELEMENTS", "PLACES", "PLACE_GROUPS", "cost_summary", "read_costs", "table", "together"]

ELEMENTS, PLACES = "cost_elements", "cost_places"
PLACE_GROUPS = ("place", "township", "county", "prefecture")
Columns = Mapping[str, NDArray[Any]]
_PREFIX = "cost."


def cost_summary(scenario: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of ``cost.json``: means over the replications, half-widths, what the keys mean.

    Parameters
    ----------
    scenario
        Its name.
    entries
        Entries of ``replications.json``, in order.
    """
    trees = [entry["measures"]["cost"] for entry in entries]
    return {
        "scenario": scenario,
        "replications": len(trees),
        "mean": combine(trees),
        "half_widths": half_widths(trees),
        "keys": {
            path.removeprefix(_PREFIX): f"{key.meaning} [{key.unit}]"
            for path, key in SUMMARY_KEYS.items()
            if path.startswith(_PREFIX)
        },
    }


def table(columns: Columns) -> dict[str, list[Any]]:
    """Return cost columns with those that divide them: yuan, kg and margin an item, yuan a tonne-km.

    None stands where there is nothing to divide by.
    """
    found: dict[str, list[Any]] = {name: column.tolist() for name, column in columns.items()}
    margin = columns["revenue"] - columns["yuan"]
    found["margin"] = margin.tolist()
    items = columns["items"]
    ratios = {
        "yuan_per_item": (columns["yuan"], items),
        "co2e_kg_per_item": (columns["co2e_kg"], items),
        "revenue_per_item": (columns["revenue"], items),
        "margin_per_item": (margin, items),
    }
    if "tkm" in columns:
        ratios["yuan_per_tkm"] = columns["yuan"], columns["tkm"]
    for name, (amount, use) in ratios.items():
        pairs = zip(amount.tolist(), use.tolist(), strict=True)
        found[name] = [a / b if b > 0 else None for a, b in pairs]
    return found


def read_costs(run: StoredRun) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return ``cost.json`` and the rows of the cost tables of elements and of places.

    Raises
    ------
    StoreError
        If the run was made before runs counted cost.
    """
    files = ("cost.json", f"{ELEMENTS}.csv", f"{PLACES}.csv")
    missing = [name for name in files if not (run.path / name).is_file()]
    if missing:
        raise StoreError(f"{run.path} has no {', '.join(missing)}: it was made without cost; run it again")
    try:
        told, elements, places = ((run.path / name).read_text(encoding="utf-8") for name in files)
        return json.loads(told), _rows(elements), _rows(places)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise StoreError(f"{run.path}: {', '.join(files)} cannot be read ({error}); run it again") from None


def _rows(text: str) -> list[dict[str, Any]]:
    """Return the rows of a table, numbers as numbers and None for empty cells of their columns."""
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
    names = set(rows[0]) - {"kind", "id", "name", "mode", "place", "county", "prefecture", "township"}
    for row in rows:
        for name in names:
            row[name] = float(row[name]) if row[name] else None
    return rows


def together(places: Iterable[Mapping[str, Any]], by: str = "township") -> list[dict[str, Any]]:
    """Return what the places of each group together sent or received, cost and earned; the dearest first.

    Parameters
    ----------
    places
        Rows of places; those without items and the row of what carried nothing are left out.
    by
        One of `PLACE_GROUPS`.  A place in no township stands for itself.
    """
    names = {row["place"]: row for row in places}
    found: dict[str, dict[str, Any]] = {}
    summed = ("items", "kg", *STAGES, "yuan", "co2e_kg", "revenue", "margin")
    for row in names.values():
        if not row["place"] or not row["items"]:
            continue
        group = row[by] or row["place"]
        name = group if by == "prefecture" else names.get(group, row)["name"]
        head = {"id": group, "name": name, "prefecture": row["prefecture"]}
        into = found.setdefault(group, head | dict.fromkeys(summed, 0.0))
        for key in summed:
            into[key] += row[key]
    for row in found.values():
        for key in ("yuan", "co2e_kg", "revenue", "margin"):
            row[f"{key}_per_item"] = row[key] / row["items"]
    return sorted(found.values(), key=lambda row: (-row["yuan_per_item"], row["id"]))
