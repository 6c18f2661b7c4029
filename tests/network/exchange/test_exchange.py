"""Other forms of a network: lossless, and readable by others."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from network.edit.routes import hand_over_all, scale_demand
from network.errors import InputErrors
from network.exchange.archive import dumps, loads
from network.exchange.geojson import from_geojson, to_geojson
from network.exchange.nodelink import from_nodelink, to_nodelink
from network.model.network import CarriedBack, Changed, Network
from network.model.records import Places


def test_the_archive_loses_nothing(small_network: Network) -> None:
    network = hand_over_all(scale_demand(small_network, 2.0, classes=["express"], direction="originating"))
    network = replace(network, carried_back=(CarriedBack("vehicles", "carried back: vehicles"),))
    again = loads(dumps(network))
    assert {type(note) for note in again.changed} == {Changed}
    assert {type(note) for note in again.carried_back} == {CarriedBack}
    for field in fields(Network):
        if field.name != "places":
            assert getattr(again, field.name) == getattr(network, field.name), field.name
    for field in fields(Places):
        a, b = getattr(network.places, field.name), getattr(again.places, field.name)
        assert a.dtype == b.dtype, field.name
        np.testing.assert_array_equal(a, b, err_msg=field.name)
    assert again.places.row("540102") == network.places.row("540102")


def test_the_same_network_gives_the_same_bytes(small_network: Network) -> None:
    text = dumps(small_network)
    assert dumps(loads(text)) == text
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(InputErrors, match=r"network\.json.*valid JSON"):
        loads("{")
    with pytest.raises(InputErrors, match=r"mine: format = 'missing'; allowed: 'yizhan-network-2'"):
        loads("{}", "mine")
    with pytest.raises(
        InputErrors, match=r"format = 'yizhan-network-1'.*by an earlier version: run it again"
    ):
        loads('{"format":"yizhan-network-1"}')


def test_geojson_follows_rfc_7946(small_network: Network) -> None:
    data = json.loads(json.dumps(to_geojson(small_network), allow_nan=False))
    assert data["type"] == "FeatureCollection"
    assert "crs" not in data  # section 4: WGS-84 only, said by no member
    west, south, east, north = data["bbox"]
    assert 70 < west < east < 130 and 20 < south < north < 50
    assert {f["type"] for f in data["features"]} == {"Feature"}
    places = [f for f in data["features"] if f["geometry"]["type"] == "Point"]
    lines = [f for f in data["features"] if f["geometry"]["type"] == "LineString"]
    assert len(places) == len(small_network.places)
    assert [f["id"] for f in lines] == [route.id for route in small_network.routes]
    lhasa = next(f for f in places if f["id"] == "540102")
    assert lhasa["geometry"]["coordinates"] == pytest.approx([91.139, 29.6576], abs=1e-3)
    assert lhasa["properties"]["tier"] == "region"
    assert sum(f["properties"]["postal_outlets"] for f in places) == 754
    assert sum(f["properties"]["station"] for f in places) == 4626
    trunk = lines[0]
    assert len(trunk["geometry"]["coordinates"]) == 2
    assert trunk["properties"]["km"] == 272.0 and trunk["properties"]["trips_per_week"] == 7


def test_node_link_reads_back_the_same_graph(small_network: Network) -> None:
    data = json.loads(json.dumps(to_nodelink(small_network)))
    assert {"nodes", "edges", "directed", "multigraph", "graph"} <= data.keys()
    graph = small_network.graph()
    assert nx.utils.graphs_equal(from_nodelink(data), graph)
    assert from_nodelink(data).number_of_edges("540102", "540202") == 1


def test_geojson_reads_back_as_places_and_legs(small_network: Network) -> None:
    graph = from_geojson(json.loads(json.dumps(to_geojson(small_network))))
    whole = small_network.graph()
    assert set(graph) == set(whole)
    legs = [edge for edge in whole.edges(keys=True, data=True) if edge[3]["mode"] != "round"]
    assert sorted(graph.edges(keys=True, data=True), key=str) == sorted(legs, key=str)
    for node, data in whole.nodes(data=True):
        mine = graph.nodes[node]
        assert mine["lat"] == pytest.approx(data["lat"], abs=1e-5)
        assert (mine["name_zh"], mine["kind"], mine["county"]) == (
            data["name_zh"],
            data["kind"],
            data["county"],
        )


def test_geopackage_holds_what_the_geojson_does(small_network: Network, tmp_path: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is in the extras 'gpkg' and 'test'")
    from network.exchange.gpkg import read_gpkg, write_gpkg

    path = tmp_path / "network.gpkg"
    places, routes = len(small_network.places), len(small_network.routes)
    assert write_gpkg(small_network, path) == {"places": places, "routes": routes}
    assert [file.name for file in tmp_path.iterdir()] == ["network.gpkg"]
    whole = path.read_bytes()
    write_gpkg(small_network, path)
    assert path.read_bytes() == whole and pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None
    expected = to_geojson(small_network)
    del expected["bbox"]
    assert read_gpkg(path) == expected
    info = pyogrio.read_info(path, layer="places")
    assert (info["crs"], info["geometry_type"], info["features"]) == ("EPSG:4326", "Point", places)


@pytest.mark.slow
def test_geopandas_opens_the_geopackage(small_network: Network, tmp_path: Path) -> None:
    pytest.importorskip("pyogrio", reason="pyogrio is in the extras 'gpkg' and 'test'")
    geopandas = pytest.importorskip("geopandas", reason="geopandas comes with gtfs-kit, in the extra 'peers'")
    from network.exchange.gpkg import write_gpkg

    path = tmp_path / "network.gpkg"
    write_gpkg(small_network, path)
    places = geopandas.read_file(path, layer="places").set_index("id")
    assert places.crs.to_epsg() == 4326
    lhasa = places.loc["540102"]
    assert (lhasa.geometry.x, lhasa.geometry.y) == pytest.approx((91.139, 29.6576), abs=1e-3)
    assert lhasa.name_zh == "城关区" and bool(lhasa.border) is False
    routes = geopandas.read_file(path, layer="routes")
    assert routes.km.sum() == pytest.approx(sum(route.km for route in small_network.routes))


def test_a_broken_geopackage_is_refused(small_network: Network, tmp_path: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is in the extras 'gpkg' and 'test'")
    from network.exchange.gpkg import read_gpkg, write_gpkg

    path = tmp_path / "network.gpkg"
    path.write_bytes(b"SQLite format 3" + bytes(100))
    with pytest.raises(InputErrors, match="a GeoPackage of Yizhan"):
        read_gpkg(path)
    write_gpkg(small_network, path)
    assert len(pyogrio.list_layers(path)) == 2
    point = np.array([b"\x01\x01\x00\x00\x00" + bytes(16)], dtype=object)
    other = tmp_path / "other.gpkg"
    pyogrio.raw.write(other, point, [], [], layer="x", driver="GPKG", geometry_type="Point", crs="EPSG:4326")
    with pytest.raises(InputErrors, match=r"layer = 'places'; allowed: required\n.*layer = 'routes'"):
        read_gpkg(other)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "type = 'list'"),
        ({"type": "Feature"}, "type = 'Feature'; allowed: 'FeatureCollection'"),
        ({"type": "FeatureCollection", "features": [{}, 5]}, r"\[feature 1\].*lacks 'id'.*\n.*\[feature 2\]"),
    ],
)
def test_what_is_no_geojson_of_a_network_is_refused(data: Any, message: str) -> None:
    with pytest.raises(InputErrors, match=message):
        from_geojson(data)


def _lose(data: dict[str, Any], what: str) -> None:
    place, route = data["features"][0], data["features"][-1]
    {
        "coordinates": lambda: place["geometry"].update(coordinates=[200, 0]),
        "stop": lambda: route["properties"]["stops"].__setitem__(0, "nowhere"),
        "length": lambda: route["properties"].update(leg_km=[]),
        "long": lambda: route["properties"].update(leg_km=["9"] * len(route["properties"]["leg_km"])),
        "endless": lambda: route["properties"].update(leg_km=[math.inf] * len(route["properties"]["leg_km"])),
        "nested": lambda: route["properties"]["stops"].__setitem__(0, ["a"]),
        "kind": lambda: place["properties"].update(feature="thing"),
    }[what]()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("coordinates", "allowed: longitude and latitude"),
        ("stop", "stops = 'nowhere'; allowed: a place of the file"),
        ("length", "a list, one longer than leg_km"),
        ("long", "leg_km = '9'; allowed: a number of at least 0"),
        ("endless", "leg_km = inf; allowed: a number of at least 0"),
        ("nested", "allowed: a place of the file"),
        ("kind", "'thing as Point'; allowed: a place as Point or a route as LineString"),
    ],
)
def test_a_damaged_geojson_is_refused(small_network: Network, what: str, message: str) -> None:
    data = json.loads(json.dumps(to_geojson(small_network)))
    _lose(data, what)
    with pytest.raises(InputErrors, match=message):
        from_geojson(data)


def test_node_link_of_an_old_networkx_is_explained(small_network: Network) -> None:
    old = nx.node_link_data(small_network.graph(), edges="links")
    with pytest.raises(InputErrors, match=r"edges = 'missing'.*networkx before 3\.6 wrote links"):
        from_nodelink(old)
    with pytest.raises(InputErrors, match="nodes with id"):
        from_nodelink({"nodes": [{"name": "x"}], "edges": [{"source": 1}]})
    with pytest.raises(InputErrors, match="nodes = 'missing'"):
        from_nodelink(7)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.pop("routes"),
        lambda data: data["places"].update(lat=[]) or data["places"].pop("kind"),
        lambda data: data["routes"].update(services=7),
        lambda data: data.update(assumptions=None),
        lambda data: data["place_dtypes"].update(lat="nonsense"),
    ],
)
def test_a_damaged_archive_is_refused(small_network: Network, damage: Callable[[Any], Any]) -> None:
    data = json.loads(dumps(small_network))
    damage(data)
    with pytest.raises(InputErrors, match="a network as `dumps` wrote it, unchanged"):
        loads(json.dumps(data))
