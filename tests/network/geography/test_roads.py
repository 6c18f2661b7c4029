"""The road graph: what is open when, and the shortest way over it."""

from __future__ import annotations

import networkx as nx
import pytest

from network.errors import InputErrors, UnknownNameError
from network.geography.roads import great_circle_km, road_graph, shortest, shortest_from, simple_paths
from network.geography.seats import seats
from network.inputs.assumptions import Assumptions
from network.inputs.tables import Region, load_region

LHASA, XIGAZE, MEDOG, GAR = "540102", "540202", "540423", "542523"


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture(scope="module")
def graph(region: Region) -> nx.Graph:
    return road_graph(region, 2021)


def test_every_county_and_road_gateway_is_in_one_piece_in_2021(region: Region, graph: nx.Graph) -> None:
    assert nx.is_connected(graph)
    assert {county.code for county in region.counties} < set(graph)
    assert graph.number_of_edges() == len(region.roads)


def test_only_medog_has_no_road_in_2012(region: Region) -> None:
    graph = road_graph(region, 2012)
    assert set(graph) - nx.node_connected_component(graph, LHASA) == {MEDOG}
    assert shortest(graph, LHASA, MEDOG) is None
    assert shortest(road_graph(region, 2013), LHASA, MEDOG) is not None


def test_a_way_is_the_sum_of_its_links(graph: nx.Graph) -> None:
    way = shortest(graph, LHASA, XIGAZE)
    assert way is not None
    assert way.nodes == (LHASA, "540103", "540124", XIGAZE)
    assert way.links == ("540102-540103", "540103-540124", "540124-540202")
    assert way.km == 14 + 50 + 214


def test_ways_out_and_back_are_equally_long(graph: nx.Graph) -> None:
    back = shortest(graph, XIGAZE, LHASA)
    out = shortest(graph, LHASA, XIGAZE)
    assert out is not None and back is not None and out.km == back.km
    assert set(out.links) == set(back.links)


def test_one_search_gives_the_same_ways_as_many(graph: nx.Graph) -> None:
    for code, way in shortest_from(graph, LHASA).items():
        assert way.km == nx.dijkstra_path_length(graph, LHASA, code, weight="length_km")


def test_simple_paths_come_by_length_up_to_the_limit(graph: nx.Graph) -> None:
    lengths = [way.km for way in simple_paths(graph, LHASA, GAR, 1600)]
    assert lengths == sorted(lengths) and lengths[0] == 1480 and lengths[-1] <= 1600


def test_an_unknown_place_is_an_error_with_a_hint(graph: nx.Graph) -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        shortest(graph, LHASA, "54020")


def test_a_link_without_a_length_is_an_error_not_one_km() -> None:
    graph = nx.Graph([("a", "b")])
    with pytest.raises(ValueError, match="a-b has no length_km"):
        shortest(graph, "a", "b")


def test_great_circles_agree_with_the_air_table(region: Region) -> None:
    airports = {airport.iata: airport for airport in region.airports}
    for pair in region.air_routes:
        a, b = airports[pair.from_iata], airports[pair.to_iata]
        assert float(great_circle_km(a.lat, a.lon, b.lat, b.lon)) == pytest.approx(
            pair.great_circle_km, abs=1.5
        )


def test_each_prefecture_has_one_seat_and_the_region_one_capital(region: Region) -> None:
    found = seats(region, load_region("xizang").assumptions)
    assert found.region == LHASA
    assert list(found.prefecture) == list(dict.fromkeys(county.prefecture for county in region.counties))
    assert found.prefecture["Ngari"] == GAR  # not Burang, the first of the list
    assert [found.tier(code) for code in (LHASA, XIGAZE, MEDOG)] == ["region", "prefecture", "county"]


def test_seats_of_another_prefecture_are_refused(region: Region) -> None:
    base = load_region("xizang").assumptions
    rows = [
        {**row, "county": "540202"} if row["prefecture"] == "Qamdo" else row for row in base.table("seats")
    ]
    wrong = Assumptions("xizang", {}, {"seats": rows})
    with pytest.raises(InputErrors) as caught:
        seats(region, wrong)
    assert {problem.key for problem in caught.value.problems} == {"county", "prefecture"}
