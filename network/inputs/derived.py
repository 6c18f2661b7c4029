"""Figures that follow from published ones by arithmetic.

Each names its parents; its precision is what the parents' printed rounding
allows, each parent moved by its own half-width and the effects added.
"""

from __future__ import annotations

import calendar
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from network.inputs.figures import Figure

__all__ = ["DERIVED", "Derivation", "derive"]


class Derivation(NamedTuple):
    """How a derived figure comes from its parents."""

    unit: str
    parents: tuple[str, ...]
    how: str  # "a / b", "a - b" or "a / days of the year"
    meaning: str


#: Every derived figure by name.
DERIVED: Mapping[str, Derivation] = MappingProxyType(
    {
        "mean_road_route_km": Derivation(
            "km", ("road_route_km", "road_routes"), "a / b", "mean one-way length of a road route"
        ),
        "mean_air_route_km": Derivation(
            "km", ("air_route_km", "air_routes"), "a / b", "mean one-way length of an air route"
        ),
        "express_items_per_day": Derivation(
            "items a day", ("express_items",), "a / days of the year", "mean originating items a day"
        ),
        "express_revenue_per_item": Derivation(
            "yuan", ("express_revenue_yuan", "express_items"), "a / b", "mean revenue of an express item"
        ),
        "express_revenue_share": Derivation(
            "share",
            ("express_revenue_yuan", "industry_revenue_yuan"),
            "a / b",
            "express share of the industry's revenue",
        ),
        "non_express_revenue_yuan": Derivation(
            "yuan a year",
            ("industry_revenue_yuan", "express_revenue_yuan"),
            "a - b",
            "revenue that is not express: the bound on universal mail",
        ),
        "villages_per_postal_outlet": Derivation(
            "villages",
            ("administrative_villages", "postal_outlets"),
            "a / b",
            "administrative villages per postal outlet",
        ),
        "express_outlets_per_brand": Derivation(
            "outlets", ("express_outlets", "express_brands"), "a / b", "outlets of a mean brand"
        ),
        "express_outlets_per_firm": Derivation(
            "outlets", ("express_outlets", "express_firms"), "a / b", "outlets of a mean firm"
        ),
        "village_station_share": Derivation(
            "share",
            ("village_stations", "administrative_villages"),
            "a / b",
            "stations per administrative village; the two figures are of different years",
        ),
    }
)


def derive(figures: Mapping[str, Figure]) -> Iterator[Figure]:
    """Yield each figure that follows from the given ones.

    A derived figure is left out where a parent was not published, or where it
    would divide by zero.
    """
    for name, rule in DERIVED.items():
        parents = [figures[parent] for parent in rule.parents if parent in figures]
        if len(parents) < len(rule.parents) or (rule.how == "a / b" and parents[1].value == 0):
            continue
        date = max(parent.date for parent in parents)
        arithmetic = _arithmetic(rule.how, int(date[:4]))
        values = [parent.value for parent in parents]
        value = arithmetic(*values)
        precision = 0.0
        for i, parent in enumerate(parents):
            moved = [*values[:i], parent.value + parent.precision, *values[i + 1 :]]
            precision += abs(arithmetic(*moved) - value)
        yield Figure(
            name, value, rule.unit, date, precision, "", rule.meaning, "context", "derived", rule.parents
        )


def _arithmetic(how: str, year: int) -> Callable[..., float]:
    if how == "a / b":
        return operator.truediv
    if how == "a - b":
        return operator.sub
    days = 366 if calendar.isleap(year) else 365
    return partial(operator.mul, 1 / days)
