"""Pure change operations on demand: more or less of it, peaks, and new classes of mail.

Several factors on the same items multiply.  More demand only adds items, and
less only drops some (rule 19).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from network.edit.basics import EditError, known_name
from network.model.demand import DIRECTIONS, DemandPeak, DemandScale
from network.model.network import Changed, Network

__all__ = ["MOST_CLASSES", "add_class", "grow_demand", "peak_demand", "scale_demand", "set_inbound_ratio"]

#: Classes that item keys have room for (`sim.demand.items`).
MOST_CLASSES = 16


def scale_demand(
    network: Network,
    factor: float,
    classes: Collection[str] | None = None,
    direction: str | None = None,
    why: str = "",
) -> Network:
    """Multiply the items offered, of some classes or all, accepted in the region, outside it, or both.

    Parameters
    ----------
    classes
        Codes of item classes; all by default.
    direction
        "originating", "inbound" or None for both.
    why
        What to note in place of the factor.

    Raises
    ------
    UnknownNameError
        If a class or direction is unknown.
    """
    known = [row["code"] for row in network.assumptions.table("classes")]
    chosen = None if classes is None else tuple(known_name("item class", code, known) for code in classes)
    if direction is not None:
        known_name("direction", direction, DIRECTIONS)
    scale = DemandScale(float(factor), chosen, direction)
    what = f"{_who(chosen, direction)}{why or f' × {factor:g}'}"
    return replace(
        network,
        demand=replace(network.demand, scales=(*network.demand.scales, scale)),
        changed=(*network.changed, Changed(_figure(chosen, direction), what)),
    )


def grow_demand(
    network: Network,
    per_year: float,
    years: float,
    classes: Collection[str] | None = None,
    direction: str | None = None,
) -> Network:
    """Let the items offered grow by a share year after year; the other parameters as for `scale_demand`."""
    factor = (1.0 + per_year) ** years
    why = f" × {factor:.4g} ({100 * per_year:+g} % a year for {years:g} years)"
    return scale_demand(network, factor, classes, direction, why)


def set_inbound_ratio(network: Network, ratio: float, classes: Collection[str]) -> Network:
    """Set the items from outside for each one accepted in the region, factors of earlier changes included.

    Raises
    ------
    UnknownNameError, EditError
        If a class is unknown, or has no items from outside, or none accepted in the region.
    """
    a = network.assumptions
    rows = {row["code"]: row for row in a.table("classes")}
    for code in classes:
        row = rows[known_name("item class", code, rows)]
        own, inward = network.demand.factors(code)
        base = a["inbound_ratio"] if row["flow"] == "report" else float(row["inbound_ratio"])
        if not base * inward or not own:
            raise EditError(f"{code} has no items from outside that could be multiplied")
        now = base * inward / own
        why = f": {ratio:g} for each originating one instead of {now:g}"
        network = scale_demand(network, ratio / now, (code,), "inbound", why)
    return network


def peak_demand(
    network: Network,
    factor: float,
    first: dt.date,
    last: dt.date,
    classes: Collection[str] | None = None,
    direction: str | None = None,
) -> Network:
    """Multiply the items accepted on some dates, both included, on top of the year's number.

    Parameters
    ----------
    classes
        Codes of item classes; by default all but newspapers, which are a bundle a day for each place.
    direction
        "originating", "inbound" or None for both.
    """
    flow = {row["code"]: row["flow"] for row in network.assumptions.table("classes")}
    chosen = None if classes is None else tuple(known_name("item class", code, flow) for code in classes)
    for code in chosen or ():
        if flow[code] == "place":
            raise EditError(f"{code} is a bundle a day for each place: it has no peak")
    if direction is not None:
        known_name("direction", direction, DIRECTIONS)
    peak = DemandPeak(float(factor), chosen, direction, first, last)
    label = f"{_who(chosen, direction)} × {factor:g} from {first} to {last}"
    return replace(
        network,
        demand=replace(network.demand, peaks=(*network.demand.peaks, peak)),
        changed=(*network.changed, Changed(_figure(chosen, direction), label)),
    )


def add_class(network: Network, row: Mapping[str, Any], after: str | None = None) -> Network:
    """Bring in a class of mail; the items of all other classes stay what they were.

    Parameters
    ----------
    row
        A row of the assumed list ``classes`` without priority: code, name,
        flow, yearly and so on.
    after
        Class behind which it boards; behind all by default.

    Raises
    ------
    UnknownNameError, EditError
        If `after` is unknown, the code is taken, or no number is left for a class.
    InputErrors
        If the row is wrong.
    """
    rows = network.assumptions.table("classes")
    codes = [str(known["code"]) for known in rows]
    code = str(row["code"])
    if code in codes:
        raise EditError(f"class {code!r} is there already")
    if len(rows) >= MOST_CLASSES:
        raise EditError(f"there is room for {MOST_CLASSES} classes, and all of it is taken")
    last = max(rows, key=lambda known: known["priority"])["code"]
    ahead = known_name("item class", last if after is None else after, codes)
    priority = 1 + next(known["priority"] for known in rows if known["code"] == ahead)
    # in whole numbers, each once: those behind it move back, which changes the order of no two of them
    moved = [{**known, "priority": known["priority"] + (known["priority"] >= priority)} for known in rows]
    new = {
        "name_zh": row["name"],
        "yearly_low": row["yearly"],
        "yearly_high": row["yearly"],
        "why": "added by the scenario",
        **row,
        "priority": priority,
    }
    volume = f"{row['yearly']:,g} {'a head and year' if row['flow'] == 'head' else 'a year'}"
    label = f"new class {code} ({row['name']}): {volume}, boards after {ahead}"
    return replace(
        network,
        assumptions=network.assumptions.with_table("classes", [*moved, new], "scenario"),
        changed=(*network.changed, Changed("demand", label)),
    )


def _who(chosen: tuple[str, ...] | None, direction: str | None) -> str:
    return " ".join(part for part in (", ".join(chosen or ("all",)), "items", direction) if part)


def _figure(chosen: tuple[str, ...] | None, direction: str | None) -> str:
    """Return which figure a change of demand touches: that of the express items sent, or none."""
    touches = direction != "inbound" and (chosen is None or "express" in chosen)
    return "express_items" if touches else "demand"
