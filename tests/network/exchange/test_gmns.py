"""Roads as GMNS: there and back, and what is wrong in one list."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, replace
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.edit.roads import add_road
from network.errors import InputErrors
from network.exchange.bundle import pack, unpack
from network.exchange.gmns import FILES, opened, parse, region_of, roads_csv, to_gmns
from network.geography.roads import length_km, road_graph, shortest
from network.inputs.csv_tables import read_csv
from network.inputs.rows import Road
from network.inputs.tables import Region, load_region
from network.model.network import Network


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture(scope="module")
def tables(region: Region) -> dict[str, str]:
    return to_gmns(region, 2021)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_roads_come_back_as_they_were(region: Region, tables: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "roads.zip"
    path.write_bytes(pack(tables))
    roads = parse(unpack(path, FILES))
    assert roads.links == opened(region, 2021) and roads.notes == ()
    again, problems = read_csv(roads_csv(roads.links), "roads.csv", Road)
    assert (again, problems) == (roads.links, [])
    seats = {county.code: (county.lat, county.lon) for county in region.counties}
    assert {n.id: (n.lat, n.lon) for n in roads.nodes if n.kind == "county"} == seats


def test_roads_opened_later_are_left_out(region: Region) -> None:
    ids = {row["link_id"] for row in rows(to_gmns(region, 2012)["link.csv"])}
    assert ids == {data["id"] for _, _, data in road_graph(region, 2012).edges(data=True)}


def test_a_road_that_the_scenario_built_is_in_it(small_network: Network, region: Region) -> None:
    built = add_road(small_network, ("Seni (Nagqu)", "Lhaze"), 560.0)
    links = parse(to_gmns(region_of(built), 2021)).links
    assert links[:-1] == opened(region, 2021)
    assert links[-1].road_km == 560.0 and links[-1].source == "built by the scenario"
    again, problems = read_csv(roads_csv(links), "roads.csv", Road)
    assert (again, problems) == (links, [])


def test_networkx_finds_the_same_ways_in_the_tables(region: Region, tables: dict[str, str]) -> None:
    """As anybody would read GMNS: a graph of the links, with the units of the config."""
    assert rows(tables["config.csv"])[0]["long_length"] == "km"
    graph: nx.Graph = nx.Graph()
    for row in rows(tables["link.csv"]):
        assert row["directed"] == "false"
        graph.add_edge(row["from_node_id"], row["to_node_id"], length_km=float(row["length"]))
    ours = shortest(road_graph(region, 2021), "540102", "542523")
    assert ours is not None
    assert nx.shortest_path_length(graph, "540102", "542523", weight=length_km) == pytest.approx(ours.km)
    nodes = {row["node_id"] for row in rows(tables["node.csv"])}
    assert nodes >= set(graph)


@settings(max_examples=80, deadline=None)
@given(
    km=st.floats(0.001, 4999, allow_subnormal=False),
    via=st.text(st.characters(exclude_categories=("C", "Z")), max_size=10),
    year=st.one_of(st.none(), st.integers(1900, 2021)),
)
def test_any_length_name_and_year_survive(region: Region, km: float, via: str, year: int | None) -> None:
    road = replace(region.roads[0], road_km=km, via=via, opened_year=year, source='a "b", c')
    changed = replace(region, roads=(road, *region.roads[1:]))
    assert parse(to_gmns(changed, 2021)).links == opened(changed, 2021)


OTHERS = {
    "node.csv": "node_id,x_coord,y_coord\n1,91,29\n2,91,30\n3,92,30\n",
    "link.csv": "link_id,from_node_id,to_node_id,directed,length\n"
    "a,1,2,true,120000\nb,2,1,true,120000\nc,2,3,false,150000\n",
}


def test_roads_of_others_keep_empty_what_nobody_said() -> None:
    roads = parse(OTHERS, unit="m")
    assert [(link.id, link.road_km) for link in roads.links] == [("1-2", 120.0), ("2-3", 150.0)]
    first = asdict(roads.links[0])
    assert (first["terrain"], first["opened_year"], first["confidence"]) == ("", None, "")
    assert first["great_circle_km"] == pytest.approx(111.195, abs=0.001)  # a degree of latitude
    assert first["circuity"] == pytest.approx(120 / 111.195, abs=1e-4)
    assert roads.notes == ("2 links without terrain, year and confidence: left empty",)


def test_everything_that_is_wrong_is_listed_at_once() -> None:
    broken = {
        "config.csv": "long_length,crs\nfurlong,EPSG:2154\n",
        "node.csv": "node_id,x_coord,y_coord\n1,191,29\n2,91,30\n2,91,30\n4,91,31\n",
        "link.csv": "link_id,from_node_id,to_node_id,directed,length\n"
        "a,2,9,maybe,5\nb,2,4,true,5\nc,2,2,false,5\nd,2,4,false,-5\nd,2,4,false,5\n",
    }
    with pytest.raises(InputErrors) as caught:
        parse(broken, "roads.zip")
    text = str(caught.value)
    for part in (
        "config.csv [line 2]: crs = 'EPSG:2154'; allowed: EPSG:4326",
        "long_length = 'furlong'; allowed: one of km",
        "node.csv [line 2]: x_coord = '191'",
        "node.csv [line 4]: node_id = '2'; allowed: a value no other row has",
        "link.csv [line 2]: to_node_id = '9'; allowed: a node of node.csv",
        "link.csv [line 2]: directed = 'maybe'; allowed: true or false",
        "link.csv [line 3]: directed = 'true'; allowed: false, or a link of the same length the other way",
        "link.csv [line 4]: to_node_id = '2'; allowed: another node than from_node_id",
        "link.csv [line 5]: length = '-5'",
        "link.csv [line 6]: link_id = 'd'",
    ):
        assert part in text
    with pytest.raises(InputErrors, match="long_length = 'missing'"):
        parse(OTHERS)
    with pytest.raises(InputErrors, match=r"node\.csv: 'missing'"):
        parse({"link.csv": OTHERS["link.csv"]}, unit="km")
