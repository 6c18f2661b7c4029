"""The cost files of a run: means over replications, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scenarios.runs.folder import StoredRun
from scenarios.runs.shapes import COST
from scenarios.runs.summary import combine, half_widths
from scenarios.support.folders import StoreError
from scenarios.support.reading import checked_json
from scenarios.support.tables import Columns
from sim.cost.sharing import STAGES
from sim.measures.keys import SUMMARY_KEYS

__all__ = ["ELEMENTS", "PLACES", "PLACE_GROUPS", "cost_summary", "read_costs", "table", "together"]

ELEMENTS, PLACES = "cost_elements", "cost_places"
PLACE_GROUPS = ("place", "township", "county", "prefecture")
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
    columns_of: dict[str, list[Any]] = {name: column.tolist() for name, column in columns.items()}
    margin = columns["revenue"] - columns["yuan"]
    columns_of["margin"] = margin.tolist()
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
        columns_of[name] = [a / b if b > 0 else None for a, b in pairs]
    return columns_of


def read_costs(run: StoredRun) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return ``cost.json`` and the rows of the cost tables of elements and of places.

    Raises
    ------
    StoreError
        If the run was made before runs counted cost, or a file is damaged.
    """
    files = ("cost.json", f"{ELEMENTS}.csv", f"{PLACES}.csv")
    missing = [name for name in files if not (run.path / name).is_file()]
    if missing:
        raise StoreError(f"{run.path} has no {', '.join(missing)}: it was made without cost; run it again")
    return checked_json(run.path / files[0], COST), run.rows(ELEMENTS), run.rows(PLACES)


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
    by_place: dict[str, dict[str, Any]] = {}
    summed = ("items", "kg", *STAGES, "yuan", "co2e_kg", "revenue", "margin")
    for row in names.values():
        if not row["place"] or not row["items"]:
            continue
        group = row[by] or row["place"]
        name = group if by == "prefecture" else names.get(group, row)["name"]
        head = {"id": group, "name": name, "prefecture": row["prefecture"]}
        into = by_place.setdefault(group, head | dict.fromkeys(summed, 0.0))
        for key in summed:
            into[key] += row[key]
    for row in by_place.values():
        for key in ("yuan", "co2e_kg", "revenue", "margin"):
            row[f"{key}_per_item"] = row[key] / row["items"]
    return sorted(by_place.values(), key=lambda row: (-row["yuan_per_item"], row["id"]))
