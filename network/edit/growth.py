"""Pure change operations on demand through the years: a network in, a changed network out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from network.demand.growth import Path
from network.inputs.published_volumes import load_growth
from network.model.network import Network

__all__ = ["follow_trend", "ungrown"]

_GROWN = "grown"  # marks the rows of ``options["demand_scale"]`` that a year put there
_LABEL = "demand of "


def follow_trend(network: Network, to_year: int, at: str | float = "mid") -> Network:
    """Bring the items offered to those of a later year on the region's trend.

    Each class gets its factor, items accepted in the region and outside alike,
    so inbound items keep their ratio.  Factors of other changes stay and
    multiply; those of an earlier year are taken back first.

    Parameters
    ----------
    to_year
        From the trend's last point on.
    at
        "low", "mid", "high" or a quantile; see `network.demand.growth`.

    Raises
    ------
    GrowthError
        If the trend does not reach from the network's year to this one, or there is no such quantile.
    InputErrors
        If the region's data say nothing of growth.
    """
    path = Path.of(load_growth(network.region), at)
    table = network.assumptions.table("classes")
    factors = path.factors([row["flow"] for row in table], to_year, network.year).tolist()
    rows = [
        {"factor": factor, "classes": (row["code"],), "direction": None, _GROWN: to_year}
        for row, factor in zip(table, factors, strict=True)
        if factor != 1.0
    ]
    network = ungrown(network)
    express = path.trend.factor(to_year, path.q)
    where = at if isinstance(at, str) else f"quantile {at:g}"
    told = f"{_LABEL}{to_year} ({where}): express × {express:.4g}"
    return replace(
        network,
        options={**network.options, "demand_scale": (*_scales(network), *rows)},
        changed=(*network.changed, ("express_items", told)),
    )


def ungrown(network: Network) -> Network:
    """Return the network with the demand of its report's year: factors of `follow_trend` are taken back."""
    scales = _scales(network)
    kept = tuple(row for row in scales if _GROWN not in row)
    if len(kept) == len(scales):
        return network
    return replace(
        network,
        options={**network.options, "demand_scale": kept},
        changed=tuple(pair for pair in network.changed if not pair[1].startswith(_LABEL)),
    )


def _scales(network: Network) -> tuple[Mapping[str, Any], ...]:
    before = network.options.get("demand_scale", ())
    return tuple(before) if isinstance(before, Sequence) else ()
