"""What the forward scan says of a few stops is what the whole search says of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import Sizes, drawn_network

from network.model.records import WEEK_S
from network.routing.from_stops import plan_from
from network.routing.search import Plan, make_plan
from tests.network.routing.test_search import with_hours


def ready_s(plan: Plan, origin: int, dest: int, group: int, moment: int) -> int | None:
    """Return how long after a moment of the week an item that waits at the origin is ready."""
    stop, code = plan.stops[origin], dest * len(plan.groups) + group
    begin, end = int(stop.first[code]), int(stop.first[code + 1])
    if begin == end:
        return None
    times = stop.key[begin:end] - code * WEEK_S
    row = int(np.searchsorted(times, moment))
    later = WEEK_S if row == len(times) else 0
    row %= len(times)
    return int(times[row]) + later + int(stop.duration_s[begin + row]) - moment


@settings(
    max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.builds(
        Sizes,
        seats=st.integers(2, 4),
        gateways=st.integers(1, 2),
        more_routes=st.integers(0, 3),
        own=st.booleans(),
    ),
    closes=st.booleans(),
)
def test_times_from_any_stops_are_those_of_the_whole_search(seed: int, sizes: Sizes, closes: bool) -> None:
    network, _ = drawn_network(seed, sizes)
    network = with_hours(network, seed) if seed % 3 else network
    rng = np.random.default_rng(seed)
    whole = make_plan(network)
    closed = rng.random(len(whole.timetable.stop)) < 0.2 if closes else None
    if closes:
        whole = make_plan(network, whole.timetable, closed)
    stops = len(network.stops)
    origins = rng.choice(stops, size=min(2, stops), replace=False).tolist()
    part = plan_from(network, origins, closed=closed)
    for g in range(len(whole.groups)):
        for origin in origins:
            for dest, centre in enumerate(network.centres):
                if dest == origin or centre.tier == "gateway":
                    continue
                for moment in rng.integers(0, WEEK_S, 8).tolist():
                    expected = ready_s(whole, origin, dest, g, moment)
                    assert ready_s(part, origin, dest, g, moment) == expected
                assert part.mean_s[g, origin, dest] == pytest.approx(whole.mean_s[g, origin, dest], rel=1e-12)


def test_other_stops_have_no_departures() -> None:
    network, _ = drawn_network(1, Sizes(seats=3, gateways=1))
    part = plan_from(network, [0])
    assert len(part.stops[0].key) and not any(len(stop.key) for stop in part.stops[1:])
    assert np.isinf(part.mean_s[:, 1:]).all()
