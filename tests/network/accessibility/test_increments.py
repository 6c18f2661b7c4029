"""Times counted anew where a change is felt are those of the changed network counted whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from network.accessibility.increments import Increments
from network.accessibility.scheduled_times import ScheduledTimes, scheduled
from network.edit.operations import set_hours
from network.edit.rounds import more_days, open_outlets
from network.edit.routes import retime_route
from network.model.network import Network
from network.model.records import DAY_S
from network.routing.search import make_plan


def whole(network: Network) -> ScheduledTimes:
    """Return the times by the search of all stops."""
    return scheduled(network, make_plan(network), bases=("inbound",))


def assert_same(part: ScheduledTimes, expected: ScheduledTimes) -> None:
    assert part.mean_h["inbound"] == pytest.approx(expected.mean_h["inbound"], nan_ok=True)
    for q in (0.5, 0.8, 0.95):
        assert part.quantile_h("inbound", q) == pytest.approx(expected.quantile_h("inbound", q), nan_ok=True)
    for hours in (72, 120, 168):
        assert part.within("inbound", hours) == pytest.approx(expected.within("inbound", hours))


@pytest.fixture(scope="module")
def daily(small_network: Network) -> Network:
    """Return the network with all rounds every day."""
    return replace(small_network, rounds=tuple(more_days(round_, 7) for round_ in small_network.rounds))


@pytest.fixture(scope="module")
def increments(small_network: Network, daily: Network) -> Increments:
    return Increments(small_network, (small_network, daily))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda network: retime_route(network, "road-001", 14),  # a trunk
        lambda network: retime_route(network, "road-003", 7),  # a feeder
        lambda network: retime_route(network, "road-004", 7),  # a branch
        lambda network: retime_route(network, "rail-01", 3),  # from a gateway
        lambda network: set_hours(network, 20 * 3600, 22 * 3600, tier="prefecture"),
        lambda network: replace(network, routes=network.routes[:-1]),  # no flights
    ],
)
def test_a_changed_line_haul_is_counted_as_the_whole_network_is(
    small_network: Network, daily: Network, increments: Increments, change: Callable[[Network], Network]
) -> None:
    changed = change(small_network)
    increment = increments.with_line_haul(changed)
    assert increment.changed.any()
    assert_same(increment.times(), whole(changed))
    assert_same(increment.times(1), whole(replace(changed, rounds=daily.rounds)))


def test_a_branch_touches_its_own_stop_alone(small_network: Network, increments: Increments) -> None:
    changed = retime_route(small_network, "road-004", 7)
    end = changed.stop_row[changed.route("road-004").stops[-1]]
    assert np.flatnonzero(increments.with_line_haul(changed).changed).tolist() == [end]


def test_what_changes_nothing_is_not_counted_again(small_network: Network, increments: Increments) -> None:
    lanes = tuple(replace(centre, lanes=2 * centre.lanes) for centre in small_network.centres)
    increment = increments.with_line_haul(replace(small_network, centres=lanes))
    assert not increment.changed.any()
    assert increment.times(1) is increments.times[1]


def test_outlets_are_a_change_of_the_last_mile(small_network: Network, increments: Increments) -> None:
    towns = small_network.places.id[small_network.places.kind == "township"][:40].tolist()
    changed = open_outlets(small_network, "express", towns, ("SF",))
    assert_same(increments.with_last_mile(changed), whole(changed))


def test_networks_of_other_stops_are_refused(small_network: Network, increments: Increments) -> None:
    with pytest.raises(ValueError, match="same stops"):
        increments.with_line_haul(replace(small_network, centres=small_network.centres[:-1]))


def test_a_day_has_24_hours(small_network: Network, increments: Increments) -> None:
    """Centres of the small network never close: opening them all day changes nothing."""
    assert not increments.with_line_haul(set_hours(small_network, 0, DAY_S, tier="county")).changed.any()
