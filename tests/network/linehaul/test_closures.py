"""Where roads can be closed: the links under a leg, their detours, announced closures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from network.edit.routes import add_route
from network.linehaul.closures import SEASONS, closed_by_announcement, mean_rest_s, road_legs
from network.model.network import Network
from network.model.roads import Closure, Link, Roads

CHENGGUAN, DOILUNG, TINGRI = "540102", "540103", "540223"
BRANCH = "540223200"


def _with_leg(network: Network, km: float, ids: tuple[str, ...], *links: Link) -> Network:
    route = replace(network.routes[0], leg_km=(km,), leg_links=(ids,))
    return replace(network, routes=(route, *network.routes[1:]), roads=Roads(links=links))


def test_links_of_the_road_table_keep_its_length_whatever_the_leg(small_network: Network) -> None:
    # Chengguan-Doilung: 14 km of G109/G318 in the table
    (link,) = road_legs(_with_leg(small_network, 99.0, (f"{CHENGGUAN}-{DOILUNG}",)))["road-001"][0]
    assert (link.metres, link.terrain) == (14_000, "central")


def test_the_detour_is_the_shortest_way_that_does_not_use_the_link(small_network: Network) -> None:
    # one road leads to Metog
    legs = road_legs(_with_leg(small_network, 117.3, ("540424-540423",)))
    assert legs["road-001"][0][0].detour_km is None
    (link,) = road_legs(_with_leg(small_network, 14.0, (f"{CHENGGUAN}-{DOILUNG}",)))["road-001"][0]
    # by the airport motorway: Chengguan-Gonggar 64, Gonggar-Quxur 34, Quxur-Doilung 50
    assert link.detour_km == 64 + 34 + 50


def test_a_branch_has_the_length_of_its_leg_and_the_terrain_of_its_prefecture(
    small_network: Network,
) -> None:
    (link,) = road_legs(small_network)["road-004"][0]
    assert link == Link(f"{TINGRI}-{BRANCH}", 60_000, None, "central")


def test_links_that_no_table_knows_share_their_leg(small_network: Network) -> None:
    legs = road_legs(_with_leg(small_network, 30.001, ("east", "west")))["road-001"]
    assert [tuple(link) for link in legs[0]] == [
        ("east", 15_000, None, "plateau"),
        ("west", 15_000, None, "plateau"),
    ]
    given = Link("west", 9, 3.5, "gorge"), Link("north", 1, None, "gorge")
    named = road_legs(_with_leg(small_network, 30.001, ("east", "west"), *given))["road-001"][0]
    assert named == (legs[0][0], given[0])


def test_a_leg_without_links_has_none_and_rails_have_no_roads(small_network: Network) -> None:
    legs = road_legs(_with_leg(small_network, 30.0, ()))
    assert legs["road-001"] == ((),)
    assert set(legs) == {"road-001", "road-002", "road-003", "road-004"}


def test_links_come_in_order_of_travel(small_network: Network) -> None:
    lhatse = "540226"
    changed = add_route(small_network, mode="road", stops=(BRANCH, lhatse, TINGRI), per_week=7)
    there, back = road_legs(changed)[changed.routes[-1].id]
    assert there[0].id == f"{TINGRI}-{BRANCH}"
    assert there[-1].id == back[0].id


def test_every_road_leg_of_the_built_network_is_as_long_as_its_links(xizang_2021: Network) -> None:
    legs = road_legs(xizang_2021)
    for route in xizang_2021.routes:
        if route.mode == "road":
            for km, links in zip(route.leg_km, legs[route.id], strict=True):
                assert sum(link.metres for link in links) == pytest.approx(1000 * km, abs=1)
    known = {"central", "plateau", "gorge", "gateway"}
    assert {link.terrain for route in legs.values() for leg in route for link in leg} <= known


def test_the_seasons_are_winter_snow_and_summer_slides() -> None:
    assert SEASONS["snow"][0] == {11, 12, 1, 2, 3, 4}
    assert SEASONS["slide"] == ({6, 7, 8, 9}, {"gorge"})


def test_announced_closures_of_a_link_are_put_together(small_network: Network) -> None:
    closures = (
        Closure(("b",), dt.date(2021, 3, 1), dt.date(2021, 3, 1)),
        Closure(("a", "b"), dt.date(2021, 1, 10), dt.date(2021, 1, 20)),
        Closure(("a",), dt.date(2021, 1, 1), dt.date(2021, 1, 9)),
    )
    network = replace(small_network, roads=Roads(closures=closures))
    assert closed_by_announcement(network) == {
        "a": [(dt.date(2021, 1, 1), dt.date(2021, 1, 20))],
        "b": [
            (dt.date(2021, 1, 10), dt.date(2021, 1, 20)),
            (dt.date(2021, 3, 1), dt.date(2021, 3, 1)),
        ],
    }
    assert closed_by_announcement(small_network) == {}


def test_the_mean_rest_is_that_of_the_closure_met_at_a_moment_drawn_blindly(
    small_network: Network,
) -> None:
    a = small_network.assumptions
    lengths = np.linspace(a["closure_min_h"], a["closure_max_h"], 200_001)
    # long closures are met more often, each half-way through in the mean
    assert mean_rest_s(a) == pytest.approx(3600 * np.average(lengths / 2, weights=lengths), abs=2)
