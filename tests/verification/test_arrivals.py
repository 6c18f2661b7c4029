"""Earliest arrivals with constant transfer times, by hand; `test_passenger_router` asks another router."""

from __future__ import annotations

import numpy as np
import pytest
from arrivals import NEVER, arrivals
from tiny import make_centre, make_network, make_places, make_route, make_service

from network.model.records import WEEK_S


def test_a_trip_that_is_overtaken_is_changed_from_where_that_helps() -> None:
    """By hand: the slow truck leaves A first and reaches C last; the quick one passes it on the way to B."""
    h = 3600
    slow = make_service(["A", "B", "C"], [10 * h, 10 * h], [0])
    quick = make_service(["A", "B", "C"], [3 * h, 3 * h], [1 * h])
    back = make_service(["C", "B", "A"], [3 * h, 3 * h], [100 * h])
    network = make_network(
        make_places({"A": ["a"], "B": ["b"], "C": ["c"]}),
        [make_route("slow", "road", [slow, back]), make_route("quick", "road", [quick])],
        [make_centre(place) for place in "ABC"],
        [],
    )
    ours = arrivals(network, dict.fromkeys("ABC", 2 * h))
    assert ours.at("A", 0).tolist()[1:] == [4 * h, 7 * h]
    assert ours.at("A", h).tolist()[1:] == [4 * h, 7 * h]
    assert ours.at("A", h + 1).tolist()[1:] == [WEEK_S + 4 * h, WEEK_S + 7 * h]
    assert ours.at("B", 0).tolist()[2] == 7 * h
    # to B and back: two hours' transfer are over at 6 h, the way back leaves at 103 h
    assert ours.at("A", 0)[0] == 106 * h
    assert np.all(ours.at("C", 0)[:2] == np.array([106, 103]) * h)


def test_a_transfer_may_be_just_made_but_not_just_missed() -> None:
    h = 3600
    first, on = make_service(["A", "B"], [h], [0]), make_service(["B", "C"], [h], [2 * h])
    network = make_network(
        make_places({"A": ["a"], "B": ["b"], "C": ["c"]}),
        [make_route("one", "road", [first]), make_route("two", "rail", [on])],
        [make_centre(place) for place in "ABC"],
        [],
    )
    assert arrivals(network, dict.fromkeys("ABC", h)).at("A", 0)[2] == 3 * h
    assert arrivals(network, dict.fromkeys("ABC", h + 1)).at("A", 0)[2] == WEEK_S + 3 * h
    assert arrivals(network, dict.fromkeys("ABC", 0)).at("C", 0).tolist() == [NEVER] * 3


def test_every_stop_needs_a_transfer_time() -> None:
    network = make_network(
        make_places({"A": ["a"], "B": ["b"]}),
        [make_route("one", "road", [make_service(["A", "B"], [60], [0])])],
        [make_centre(place) for place in "AB"],
        [],
    )
    with pytest.raises(KeyError, match="B"):
        arrivals(network, {"A": 0})
