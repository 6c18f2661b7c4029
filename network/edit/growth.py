"""Pure change operations on demand through the years: a network in, a changed network out."""

from __future__ import annotations

from dataclasses import replace

from network.demand.growth import Path
from network.model.demand import DemandTrend
from network.model.network import Changed, Network

__all__ = ["follow_trend", "ungrown"]


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
    path = Path.of(network.region.published_growth(), at)
    classes = network.assumptions.table("classes")
    factors = path.factors([row["flow"] for row in classes], to_year, network.year).tolist()
    grown = tuple(
        (row["code"], factor) for row, factor in zip(classes, factors, strict=True) if factor != 1.0
    )
    network = ungrown(network)
    trend = DemandTrend(to_year, at, path.trend.factor(to_year, path.q), grown)
    return replace(
        network,
        demand=replace(network.demand, trend=trend),
        changed=(*network.changed, Changed("express_items", _label(trend))),
    )


def ungrown(network: Network) -> Network:
    """Return the network with the demand of its report's year: what `follow_trend` did is taken back."""
    trend = network.demand.trend
    if trend is None:
        return network
    noted = Changed("express_items", _label(trend))
    return replace(
        network,
        demand=replace(network.demand, trend=None),
        changed=tuple(note for note in network.changed if note != noted),
    )


def _label(trend: DemandTrend) -> str:
    where = trend.at if isinstance(trend.at, str) else f"quantile {trend.at:g}"
    return f"demand of {trend.to_year} ({where}): express × {trend.express:.4g}"
