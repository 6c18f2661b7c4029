"""Other forms of a network: lossless, and readable by others."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import networkx as nx
import numpy as np
import pytest

from network.edit import hand_over_all, scale_demand
from network.errors import InputErrors
from network.exchange.archive import dumps, loads
from network.exchange.geojson import to_geojson
from network.exchange.nodelink import from_nodelink, to_nodelink
from network.graph import MailNetwork
from network.model import Places


def test_the_archive_loses_nothing(small_network: MailNetwork) -> None:
    network = hand_over_all(scale_demand(small_network, 2.0, classes=["express"], direction="originating"))
    network = replace(network, carried_back=("vehicles",))
    again = loads(dumps(network))
    for field in fields(MailNetwork):
        if field.name != "places":
            assert getattr(again, field.name) == getattr(network, field.name), field.name
    for field in fields(Places):
        a, b = getattr(network.places, field.name), getattr(again.places, field.name)
        assert a.dtype == b.dtype, field.name
        np.testing.assert_array_equal(a, b, err_msg=field.name)
    assert again.places.row("540102") == network.places.row("540102")


def test_the_same_network_gives_the_same_bytes(small_network: MailNetwork) -> None:
    text = dumps(small_network)
    assert dumps(loads(text)) == text
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(InputErrors, match=r"network\.json.*valid JSON"):
        loads("{")
    with pytest.raises(InputErrors, match=r"mine: format = 'missing'; allowed: 'yizhan-network-1'"):
        loads("{}", "mine")


def test_geojson_follows_rfc_7946(small_network: MailNetwork) -> None:
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


def test_node_link_reads_back_the_same_graph(small_network: MailNetwork) -> None:
    data = json.loads(json.dumps(to_nodelink(small_network)))
    assert {"nodes", "edges", "directed", "multigraph", "graph"} <= data.keys()
    graph = small_network.graph()
    assert nx.utils.graphs_equal(from_nodelink(data), graph)
    assert from_nodelink(data).number_of_edges("540102", "540202") == 1
