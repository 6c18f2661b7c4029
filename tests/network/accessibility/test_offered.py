"""Days of rounds, trips and rides that facts speak of, worked out by hand on networks of a few places."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny import DAY_S, make_centre, make_network, make_places, make_round, make_route, make_service

from network.accessibility.offered import offered, offered_inside
from network.inputs.observed import Fact
from network.model.network import Network

HOUR_S = 3600


def fact(kind: str, **more: Any) -> Fact:
    known: dict[str, Any] = {"low": 1.0, "high": 2.0, "year": 2021, "unit": "a week", "half": "held out"}
    texts = {name: "x" for name in ("code", "about", "printed", "means", "source")}
    return Fact(kind=kind, **{**known, **texts, **more})


@pytest.fixture(scope="module")
def network() -> Network:
    """Return A – B – C by one truck, A – D – C by two that are slower, and rounds from C.

    The truck by B takes 3 h, stands 1 h at B and takes 2 h; that by D takes 4 h to D, and from D to C it is
    another 3 h. C has a township T, at the end of a branch that runs twice a week.
    """
    places = make_places({"A": (), "B": (), "C": ("v1", "v2", "v3", "T"), "D": ()})
    kind, in_town = places.kind.copy(), places.in_town.copy()
    kind[places.id == "T"] = "township"
    in_town[places.id == "v3"] = True
    township = places.township.copy()
    township[np.isin(places.id, ("v1", "v2"))] = "T"
    places = replace(places, kind=kind, in_town=in_town, township=township)
    by_b = make_service("ABC", (3 * HOUR_S, 2 * HOUR_S), [day * DAY_S for day in range(5)], dwell_s=HOUR_S)
    back = make_service("CBA", (3 * HOUR_S, 2 * HOUR_S), [day * DAY_S for day in range(3)], dwell_s=HOUR_S)
    to_d = make_service("AD", (4 * HOUR_S,), [0])
    from_d = make_service("DC", (3 * HOUR_S,), [0, DAY_S])
    branch = make_service("CT", (2 * HOUR_S,), [0, 3 * DAY_S])
    flight = make_service("AC", (HOUR_S,), [0])
    routes = (
        make_route("r1", "road", (by_b, back)),
        make_route("r2", "road", (to_d,)),
        make_route("r3", "road", (from_d,)),
        make_route("r4", "road", (branch,)),
        make_route("a1", "air", (flight,)),
    )
    rounds = (
        make_round("one", "C", ("v1", "v3"), visit_s=(11 * HOUR_S, 10 * HOUR_S), weekdays=(0, 2, 4)),
        make_round("two", "T", ("T", "v2"), visit_s=(9 * HOUR_S, 15 * HOUR_S), weekdays=(0, 1, 2, 3, 4)),
    )
    return make_network(places, routes, [make_centre(stop) for stop in "ABCDT"], rounds)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"at": "village", "county": "C"}, 4.0),  # v1 three, v2 five; v3 is in town
        ({"at": "village", "township": "T"}, 4.0),
        ({"at": "township", "township": "T"}, 2.0),  # the round goes five days, the branch comes on two
        ({"at": "township", "county": "C"}, 2.0),
        ({"at": "township", "county": "A"}, math.nan),
    ],
)
def test_days_of_rounds_are_the_mean_of_the_places(
    network: Network, asked: dict[str, Any], answer: float
) -> None:
    assert offered(network, fact("rounds", **asked)) == pytest.approx(answer, nan_ok=True)


def test_a_place_without_a_round_counts_as_no_day(network: Network) -> None:
    few = replace(network, rounds=network.rounds[:1])
    assert offered(few, fact("rounds", at="village", county="C")) == 1.5


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"county": "C"}, 5),  # of the route with most; that from D comes twice, the flight is none
        ({"county": "D"}, 1),
        ({"county": "C", "from_county": "A"}, 5),  # not those that change at D
        ({"county": "A", "from_county": "C"}, 3),
        ({"county": "C", "from_county": "D"}, 2),
        ({"county": "D", "from_county": "C"}, 0),
    ],
)
def test_trips_are_those_that_stop_or_come_through(
    network: Network, asked: dict[str, Any], answer: int
) -> None:
    assert offered(network, fact("trips", **asked)) == answer


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        ({"from_county": "A", "county": "C"}, 5.0),  # 3 + 2, without the hour at B; by D it is 7
        ({"from_county": "B", "county": "C"}, 2.0),
        ({"from_county": "D", "county": "C"}, 3.0),
        ({"from_county": "D", "county": "A"}, 3 + 5.0),  # change at C without a wait
        ({"from_county": "C", "county": "D"}, 5 + 4.0),
        ({"from_county": "C", "township": "T"}, 2 + 6.0),  # to T, and on the round of 9:00 to v2 at 15:00
        ({"from_county": "A", "township": "T"}, 5 + 2 + 6.0),
        ({"from_county": "A", "township": "none"}, math.nan),
    ],
)
def test_rides_are_hours_on_the_road_without_waits(
    network: Network, asked: dict[str, Any], hours: float
) -> None:
    assert offered(network, fact("ride", **asked)) == pytest.approx(hours, nan_ok=True)


def test_where_no_truck_leads_a_ride_never_ends(network: Network) -> None:
    alone = replace(network, routes=network.routes[1:2])
    assert offered(alone, fact("ride", from_county="A", county="C")) == math.inf


def test_facts_seen_once_do_not_count(network: Network) -> None:
    rounds = fact("rounds", at="township", county="C", low=2.0)
    trips = fact("trips", county="C")
    assert offered_inside(network, (rounds, trips)) == (1, 2)
    assert offered_inside(network, (rounds, replace(trips, seen="once"))) == (1, 1)
    assert offered_inside(network, (replace(rounds, seen="once"),)) == (0, 0)


def test_items_answer_other_kinds(network: Network) -> None:
    with pytest.raises(ValueError, match="x is 'usual', not one of rounds, trips, ride"):
        offered(network, fact("usual"))
