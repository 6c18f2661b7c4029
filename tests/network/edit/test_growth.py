"""Demand of a later year as a change: factors by class, one year at a time, other factors untouched."""

from __future__ import annotations

import math

import pytest

from network.demand.growth import GrowthError, Path, fit_trend
from network.demand.rates import demand_of, yearly_express
from network.edit.growth import follow_trend, ungrown
from network.edit.routes import scale_demand
from network.inputs.tables import load_region
from network.model.network import Network


def yearly(network: Network) -> dict[str, tuple[float, float]]:
    return {kind.code: (kind.originating, kind.inbound) for kind in demand_of(network).classes}


def test_express_follows_the_trend_and_inbound_its_ratio(small_network: Network) -> None:
    before, after = yearly(small_network), yearly(follow_trend(small_network, 2025))
    factor = fit_trend(load_region().published_growth().points).factor(2025)
    for way in (0, 1):
        assert math.isclose(after["express"][way], factor * before["express"][way])
    assert {code: after[code] for code in after if code != "express"} == {
        code: before[code] for code in before if code != "express"
    }
    assert yearly_express(demand_of(follow_trend(small_network, 2025))) == round(
        factor * before["express"][0]
    )


def test_ends_take_the_rest_of_the_mail_with_them_but_newspapers(small_network: Network) -> None:
    before, low = yearly(small_network), yearly(follow_trend(small_network, 2025, "low"))
    assert math.isclose(low["letter"][0], 0.95**4 * before["letter"][0])
    assert low["newspaper"] == before["newspaper"]
    factor = Path.of(load_region().published_growth(), 0.25).trend.factor(2025, 0.25)
    assert math.isclose(
        low["express"][0] / before["express"][0],
        factor,
    )


def test_the_last_year_counts_and_other_factors_stay(small_network: Network) -> None:
    doubled = scale_demand(small_network, 2.0, direction="inbound")
    twice = follow_trend(follow_trend(doubled, 2025), 2030, 0.9)
    once = follow_trend(doubled, 2030, 0.9)
    assert yearly(twice) == yearly(once)
    assert twice.changed == once.changed
    back = ungrown(twice)
    assert yearly(back) == yearly(doubled) and back.changed == doubled.changed
    assert ungrown(doubled) is doubled
    assert yearly(follow_trend(small_network, 2021)) == yearly(small_network)


def test_what_is_changed_is_told(small_network: Network) -> None:
    note, *rest = follow_trend(small_network, 2025, "high").changed
    assert note.figure == "express_items" and not rest
    assert note.label.startswith("demand of 2025 (high): express × 3.1")


def test_years_before_the_trend_are_refused(small_network: Network) -> None:
    with pytest.raises(GrowthError, match="from 2021 on"):
        follow_trend(small_network, 2020)
