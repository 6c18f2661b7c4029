"""The tables of Xizang are whole, sourced, and tied together."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from network.errors import InputErrors, UnknownNameError
from network.geography.roads import great_circle_km
from network.inputs.tables import Region, load_folder, load_region


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("xizang")


@pytest.fixture()
def folder(tmp_path: Path) -> Path:
    with as_file(files("network").joinpath("data", "xizang")) as source:
        return Path(shutil.copytree(source, tmp_path / "mine"))


def test_counts(region: Region) -> None:
    assert (len(region.counties), len(region.townships), len(region.functional_zones)) == (74, 701, 4)
    assert sum(t.villages for t in region.townships) == 5576
    assert (len(region.roads), len(region.airports), len(region.air_routes)) == (119, 26, 28)
    assert (len(region.gateways), len(region.stations), len(region.monasteries)) == (17, 45, 20)
    assert sorted({c.prefecture for c in region.counties}) == [
        "Lhasa",
        "Nagqu",
        "Ngari",
        "Nyingchi",
        "Qamdo",
        "Shannan",
        "Xigaze",
    ]


def test_census_sums(region: Region) -> None:
    """The published 3,648,100 holds 17,125 people of functional zones too."""
    assert sum(c.population_2020 for c in region.counties) == 3_630_975
    assert sum(c.population_2010 or 0 for c in region.counties) == 3_002_165
    assert [c.name_en for c in region.counties if c.population_2010 is None] == ["Shuanghu"]


def test_21_border_counties(region: Region) -> None:
    border = [c.prefecture for c in region.counties if c.border]
    assert {p: border.count(p) for p in set(border)} == {"Xigaze": 9, "Shannan": 4, "Nyingchi": 4, "Ngari": 4}


def test_townships_join_on_county_code(region: Region) -> None:
    """Eighteen codes begin with the code their county has since 2023."""
    assert sum(not t.code.startswith(t.county_code) for t in region.townships) == 18
    assert sum(t.lat is not None for t in region.townships) == 188
    known = [t for t in region.townships if t.lat is not None]
    assert all(t.confidence in ("high", "medium") and "GeoNames" in t.source for t in known)
    assert all(t.confidence == "low" for t in region.townships if t.lat is None)


def test_roads_are_one_component_and_no_shorter_than_the_great_circle(region: Region) -> None:
    graph = nx.Graph((road.from_id, road.to_id) for road in region.roads)
    assert nx.is_connected(graph)
    assert {c.code for c in region.counties} <= set(graph)
    point = {c.code: (c.lat, c.lon) for c in region.counties} | {
        g.id: (g.lat, g.lon) for g in region.gateways
    }
    for road in region.roads:
        direct = float(great_circle_km(*point[road.from_id], *point[road.to_id]))
        assert direct == pytest.approx(road.great_circle_km, abs=0.1)
        assert road.road_km / direct == pytest.approx(road.circuity, abs=0.011)
        assert 1.05 <= road.circuity <= 2.2


def test_only_medog_has_no_road_before_2013(region: Region) -> None:
    graph = nx.Graph(
        (road.from_id, road.to_id)
        for road in region.roads
        if not road.opened_year or road.opened_year <= 2012
    )
    graph.add_nodes_from(c.code for c in region.counties)
    home = nx.node_connected_component(graph, "540102")
    assert [c.name_en for c in region.counties if c.code not in home] == ["Medog"]


def test_air_route_lengths_are_great_circles(region: Region) -> None:
    airport = {a.iata: a for a in region.airports}
    for route in region.air_routes:
        a, b = airport[route.from_iata], airport[route.to_iata]
        assert float(great_circle_km(a.lat, a.lon, b.lat, b.lon)) == pytest.approx(
            route.great_circle_km, abs=2
        )


def test_five_airports_of_the_region_served_both_years(region: Region) -> None:
    both = [a.iata for a in region.airports if a.role == "xizang" and a.in_2012 and a.in_2021]
    assert sorted(both) == ["BPX", "LXA", "LZY", "NGQ", "RKZ"]


def test_airport_coordinates_are_those_of_airportsdata(region: Region) -> None:
    airportsdata = pytest.importorskip("airportsdata")
    known = airportsdata.load("IATA")
    taken = [a for a in region.airports if a.source.startswith("airportsdata")]
    assert len(taken) == 23
    for airport in taken:
        row = known[airport.iata]
        if airport.source.startswith("airportsdata 20260905") and airportsdata.__version__ != "20260905":
            continue
        assert (airport.lat, airport.lon) == (
            pytest.approx(row["lat"], abs=1e-4),
            pytest.approx(row["lon"], abs=1e-4),
        )
        assert airport.icao == row["icao"]


def test_the_rail_line_is_1956_km_of_track(region: Region) -> None:
    """The published 1,972 km is the timetable distance, 830 + 1,142."""
    line = [s for s in region.stations if s.line == "Qinghai-Tibet"]
    assert (line[0].name_en, line[-1].name_en, line[-1].cumulative_km) == ("Xining", "Lhasa", 1956)
    golmud = next(s for s in line if s.name_en == "Golmud")
    assert line[-1].cumulative_km - golmud.cumulative_km == 1142


def test_monasteries_lie_near_the_seat_of_their_county(region: Region) -> None:
    for m in region.monasteries:
        seat = region.county(m.county_code)
        assert float(great_circle_km(m.lat, m.lon, seat.lat, seat.lon)) < 65, m.id
        assert "general knowledge" in m.source


def test_every_row_says_where_it_comes_from_and_how_sure_it_is(region: Region) -> None:
    for name in (
        "counties",
        "townships",
        "roads",
        "airports",
        "air_routes",
        "stations",
        "gateways",
        "monasteries",
    ):
        for row in getattr(region, name):
            assert row.source and row.confidence, (name, row)


def test_points_lie_in_the_region(region: Region) -> None:
    lat = np.array([t.lat for t in region.townships if t.lat is not None])
    lon = np.array([t.lon for t in region.townships if t.lon is not None])
    assert ((lat > 26.8) & (lat < 36.5) & (lon > 78) & (lon < 99.2)).all()


def test_every_table_has_a_licence() -> None:
    folder = files("network").joinpath("data", "xizang")
    text = folder.joinpath("LICENSES.md").read_text(encoding="utf-8")
    for path in folder.iterdir():
        assert f"`{path.name}`" in text or path.name == "LICENSES.md", path.name


def test_a_copied_folder_loads(folder: Path) -> None:
    assert load_folder(folder).counties == load_region().counties


def test_an_unknown_region_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="xizang"):
        load_region("xizan")
    with pytest.raises(UnknownNameError, match="county '54010'; did you mean"):
        load_region().county("54010")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("counties.csv", "29.6576", "129.6576", "from -90 to 90"),
        ("counties.csv", "473586", "many", "a whole number"),
        ("counties.csv", "elevation_m", "elevation", "did you mean 'elevation_m'"),
        ("counties.csv", "540103,", "540102,", "no other row has"),
        ("townships.csv", ",street,", ",streat,", "did you mean 'street'"),
        (
            "townships.csv",
            "540102002,八廓街道,street,540102",
            "540102002,八廓街道,street,540199",
            "did you mean '540",
        ),
        ("townships.csv", "29.6583,91.1276", ",91.1276", "both or neither"),
        ("roads.csv", "540102,540103,", "540102,540109,", "did you mean '540"),
        ("roads.csv", ",14,13.3,", ",4,13.3,", "at least the great circle"),
        ("roads.csv", "540102,540104,", "540103,540102,", "each pair once"),
        ("airports.csv", ",540522,", ",540599,", "an id of another table"),
        ("air_routes.csv", "BPX,CTU", "BPX,CTX", "an id of another table"),
        (
            "stations.csv",
            "湟源,Huangyuan,36.684,101.262,56",
            "湟源,Huangyuan,36.684,101.262,0",
            "beyond Xining",
        ),
        ("gateways.csv", "rail;road;air", "rail;boat", "road, rail or air"),
        ("gateways.csv", "GW_YECHENG", "GW_YARKANT", "GW_YECHENG"),
        ("monasteries.csv", "540224", "540299", "an id of another table"),
        ("assumptions.toml", 'gateway = "GW_KUNMING"', 'gateway = "GW_KUNMIN"', "did you mean 'GW_KUNMING'"),
        ("calendar.toml", 'kind = "losar"', 'kind = "loser"', "did you mean 'losar'"),
        ("counties.csv", "473586", "1000000001", "from 0 to 1e"),
        pytest.param("counties.csv", "473586", "9" * 5000, "a whole number", id="digits"),
        pytest.param("counties.csv", "473586", "x" * 140_000, "cells of at most", id="long cell"),
        ("gateways.csv", "GW_GOLMUD", "540102", "an id that no county has"),
        ("known_routes.csv", "540302;540102", "540302;540199", "an id of another table"),
        ("known_routes.csv", "540302;540102", "540302;540302", "at least two, each once"),
        ("known_routes.csv", ",2001,,", ",2001,2000,", "2001 or later"),
        ("known_routes.csv", ",preferred,", ",prefered,", "did you mean 'preferred'"),
        ("known_routes.csv", "lhasa-gar,", "lhasa-qamdo,", "no other row has"),
        ("known_figures.csv", ",2017,5000,known,", ",2017,5000,guessed,", "one of known, derived"),
        ("known_figures.csv", "9210000", "-1", "from 0 to 1e"),
        ("assumptions.toml", "default = 45.0", "default = -45.0", "from 0 to 1e"),
        ("assumptions.toml", "default = 45.0", "default = 10e400", "from 0 to 1e"),
        ("assumptions.toml", 'from = "Xining"', "from = 1", "from = 1; allowed: some text"),
        ("assumptions.toml", "km = 830", "km = 1e9", "from 1 to 20000"),
        ("assumptions.toml", 'terrain = "central"', 'terrain = "centre"', "did you mean 'central'"),
        ("assumptions.toml", "people_million = 20.9", "people_million = inf", "from 0 to 1000"),
        ("assumptions.toml", 'pair = "LXA-CTU"', 'pair = "LXA"', "two airports such as"),
        ("assumptions.toml", "most = 9", "most = 13", "4 to 12"),
        ("calendar.toml", "first = 2011-11-01", "first = 1111-11-01", "from 1900 to 2200"),
        ("calendar.toml", "last = 2013-12-31", "last = 9999-12-31", "from 1900 to 2200"),
        ("area.toml", "area_km2 = 1_228_400", "area_km2 = inf", "from 1 to 5.1e"),
        ("area.toml", "area_km2", "area", "did you mean 'area_km2'"),
        ("report-2012.toml", "year = 2012", "year = 2021", "a year that no other report has"),
        ("report-2012.toml", "value = 6\n", "value = 1e300\n", "from 0 to 1e"),
    ],
)
def test_a_wrong_table_is_refused(folder: Path, file: str, old: str, new: str, message: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputErrors, match=message):
        load_folder(folder)


def test_problems_of_all_tables_are_listed_together(folder: Path) -> None:
    (folder / "gateways.csv").unlink()
    for file, old, new in (
        ("counties.csv", "29.6576", "x"),
        ("roads.csv", ",central,", ",flat,"),
        ("stations.csv", ",814,", ",-814,"),
    ):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    for file in ("assumptions.toml", "area.toml"):
        (folder / file).write_text("x = 1\n", encoding="utf-8")
    for file in ("report-2012.toml", "report-2021.toml", "growth.toml"):
        (folder / file).write_bytes(b"\xff")
    with pytest.raises(InputErrors) as caught:
        load_folder(folder)
    assert list(dict.fromkeys(problem.file for problem in caught.value.problems)) == [
        "counties.csv",
        "roads.csv",
        "stations.csv",
        "gateways.csv",
        "assumptions.toml",
        "report-2012.toml",
        "report-2021.toml",
        "growth.toml",
        "area.toml",
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_tables_with_other_ends_of_lines_and_a_byte_order_mark_are_read(folder: Path, end: str) -> None:
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("\n", end)
        path.write_bytes(text.encode("utf-8-sig"))
    assert load_folder(folder).counties == load_region().counties


def test_a_holiday_of_a_lifetime_is_refused(folder: Path) -> None:
    path = folder / "calendar.toml"
    text = path.read_text(encoding="utf-8")
    first, second = (text.index(at, text.index("[[holiday]]")) for at in ("last = ", "statutory = "))
    path.write_text(f"{text[:first]}last = 2199-12-31\n{text[second:]}", encoding="utf-8")
    with pytest.raises(InputErrors, match="at most 31 days from"):
        load_folder(folder)


def test_a_short_line_is_a_problem_and_an_empty_one_is_not(folder: Path) -> None:
    path = folder / "monasteries.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\nM-x,某寺\n", encoding="utf-8")
    with pytest.raises(InputErrors, match="8 cells") as caught:
        load_folder(folder)
    assert len(caught.value.problems) == 1
