"""Scheduled measures of mail that nobody sends, and at the limits in time exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from network.accessibility.effects import Aim, effects
from network.accessibility.scheduled_measures import coverage_measures, reach_at, scheduled_measures
from network.accessibility.scheduled_times import Ends, ScheduledTimes, scheduled, scheduled_from
from network.edit.demand import scale_demand
from network.model.network import Network

SENT_BY = {"inbound": "inbound", "from_gateway": "inbound", "regional": "originating"}


@pytest.fixture(scope="module")
def inbound(small_network: Network) -> ScheduledTimes:
    return scheduled(small_network, bases=("inbound",))


def answers(tree: Any) -> list[Any]:
    """Return the leaves of a nested dict."""
    return [leaf for value in tree.values() for leaf in answers(value)] if isinstance(tree, dict) else [tree]


def test_without_any_mail_nothing_is_measured(small_network: Network) -> None:
    silent = scale_demand(small_network, 0.0)
    measures = scheduled_measures(silent)
    assert measures["transit"]["all"] is None
    assert not any(measures["transit"][key] for key in ("by_direction", "by_prefecture"))
    for basis in SENT_BY:
        of = measures["coverage"][basis]
        assert set(answers({"within": of["within"], "at_p50": of["at_p50"]})) == {None}
        assert (of["p50_person_h"], of["p80_person_h"], of["measured_people"]) == (None, None, None)
        assert of["curve"] == {"hours": [], "people": []}
        assert set(measures["equity"][basis].values()) == {None}
    # Rounds run and outlets stand all the same.
    assert measures["frequency"] == scheduled_measures(small_network)["frequency"]


@pytest.mark.parametrize("direction", ["inbound", "originating"])
def test_one_direction_without_mail_leaves_the_other_measured(small_network: Network, direction: str) -> None:
    times = scheduled(scale_demand(small_network, 0.0, direction=direction))
    for basis, sent_by in SENT_BY.items():
        within = coverage_measures(small_network, times)[basis]["within"]["168"]
        assert (within["people"] is None) == (sent_by == direction)
        silent = np.isnan(times.quantile_h(basis, 0.8)) & np.isnan(times.mean_h[basis])
        assert silent.all() == (sent_by == direction)


def test_from_one_place_nothing_is_measured_where_nothing_is_sent(small_network: Network) -> None:
    silent = scale_demand(small_network, 0.0)
    ends = Ends.of(silent)
    gateway = next(centre.place for centre in silent.centres if centre.tier == "gateway")
    for origin in (silent.rounds[0].places[0], gateway):
        times = scheduled_from(silent, origin, ends=ends)
        assert set(answers(reach_at(silent, times, "origin", (0.8,), (24, 168))[0.8])) == {None}


def test_an_effect_counts_places_reached_at_the_limit_itself(
    small_network: Network, inbound: ScheduledTimes
) -> None:
    places = small_network.places
    at = inbound.quantile_h("inbound", 0.8)
    row = int(np.flatnonzero((places.population > 0) & np.isfinite(at))[0])
    never = scheduled(scale_demand(small_network, 0.0), bases=("inbound",))
    for hours, reached in ((float(at[row]), 1), (float(np.nextafter(at[row], 0)), 0)):
        gained = effects(places, inbound, never, Aim("inbound", hours)).coverage[row]
        assert gained == pytest.approx(-reached * places.population[row] / places.population.sum())
