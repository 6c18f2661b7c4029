"""Roads as GMNS node and link tables, and back.

General Modeling Network Specification (https://github.com/zephyr-data-specs/GMNS):
``node.csv`` and ``link.csv`` are all that it requires, ``config.csv`` says the
units, and columns of one's own are allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from network.errors import InputErrors
from network.exchange.gtfs.form import as_csv, counted
from network.exchange.gtfs.tables import Problems, Row, rows
from network.geography.roads import great_circle_km
from network.inputs.rows import Road
from network.inputs.tables import Region
from network.model.network import Network

__all__ = ["FILES", "Node", "Roads", "opened", "parse", "region_of", "roads_csv", "to_gmns"]

FILES = ("config.csv", "node.csv", "link.csv")
KM = {"km": 1.0, "kilometer": 1.0, "kilometers": 1.0, "m": 0.001, "meter": 0.001, "meters": 0.001,
      "mi": 1.609344, "mile": 1.609344, "miles": 1.609344}  # fmt: skip
WGS84 = ("", "4326", "epsg:4326", "wgs84", "wgs 84", "ogc:crs84", "urn:ogc:def:crs:ogc:1.3:crs84")
CONFIG = {
    "dataset_name": "", "short_length": "m", "long_length": "km", "speed": "km/h", "crs": "EPSG:4326",
    "geometry_field_format": "WKT", "currency": "CNY", "id_type": "string",
}  # fmt: skip
_OWN = ("via", "terrain", "opened_year", "confidence", "source", "great_circle_km", "circuity")


@dataclass(frozen=True)
class Node:
    """An end of road links; degrees WGS-84."""

    id: str
    name: str  # English, or the only one
    name_zh: str
    lat: float
    lon: float
    kind: str  # county | gateway | whatever others say


@dataclass(frozen=True)
class Roads:
    """Roads read from GMNS."""

    nodes: tuple[Node, ...]
    links: tuple[Road, ...]
    notes: tuple[str, ...]  # what was filled in or left empty


def opened(region: Region, year: int) -> tuple[Road, ...]:
    """Return the road links open in a year; one without a year is taken as old."""
    return tuple(link for link in region.roads if not link.opened_year or link.opened_year <= year)


def region_of(network: Network) -> Region:
    """Return the region of a network with the roads that its scenario built."""
    region, places = network.region, network.places
    built = []
    for road in network.roads.built:
        a, b = places.row(road.a), places.row(road.b)
        line = float(great_circle_km(places.lat[a], places.lon[a], places.lat[b], places.lon[b]))
        built.append(
            Road(
                from_id=road.a,
                to_id=road.b,
                from_zh=str(places.name_zh[a]),
                to_zh=str(places.name_zh[b]),
                highway="new",
                via="",
                road_km=road.km,
                great_circle_km=line,
                circuity=road.km / line,
                terrain=road.terrain,
                opened_year=network.year,
                confidence="low",
                source="built by the scenario",
            )
        )
    return replace(region, roads=(*region.roads, *built))


def to_gmns(region: Region, year: int) -> dict[str, str]:
    """Return the roads open in a year as GMNS tables, file name to text.

    Links go both ways (``directed`` false) and run straight from seat to seat;
    ``length`` is the road's, in km.
    """
    links = opened(region, year)
    ends = {end for link in links for end in (link.from_id, link.to_id)}
    nodes = [(c.code, c.name_en, c.lon, c.lat, "county", c.name_zh) for c in region.counties]
    nodes += [(g.id, g.name_en, g.lon, g.lat, "gateway", g.name_zh) for g in region.gateways]
    point = {node[0]: f"{node[2]!r} {node[3]!r}" for node in nodes}
    config = {**CONFIG, "dataset_name": f"{region.name}-{year}"}
    return {
        "config.csv": as_csv(tuple(config), [tuple(config.values())]),
        "node.csv": as_csv(
            ("node_id", "name", "x_coord", "y_coord", "node_type", "name_zh"),
            (node for node in nodes if node[4] == "county" or node[0] in ends),
        ),
        "link.csv": as_csv(
            ("link_id", "name", "from_node_id", "to_node_id", "directed", "geometry", "length", *_OWN),
            (
                (
                    link.id, link.highway, link.from_id, link.to_id, "false",
                    f"LINESTRING ({point[link.from_id]}, {point[link.to_id]})", link.road_km,
                    *("" if (value := getattr(link, name)) is None else value for name in _OWN),
                )
                for link in links
            ),
        ),
    }  # fmt: skip


def parse(tables: Mapping[str, str], file: str = "roads", unit: str | None = None) -> Roads:
    """Return the roads of GMNS tables.

    Yizhan's roads go both ways: a directed link needs its opposite of the same
    length.  What others do not say about a road (terrain, year, confidence) is
    left empty; the circuity is worked out.

    Parameters
    ----------
    tables
        Texts of `FILES`; config.csv may be missing if `unit` is given.
    file
        What to call them in messages.
    unit
        Of ``length``, one of `KM`, if config.csv does not say it.

    Raises
    ------
    InputErrors
        With everything that is wrong.
    """
    problems = Problems(file)
    for name in ("node.csv", "link.csv"):
        if name not in tables:
            problems.add(name, "", "", "missing", "a required file")
    if problems.listed:
        raise InputErrors(problems.all())
    factor = _factor(tables, unit, problems)
    nodes = _nodes(tables["node.csv"], problems)
    notes: list[str] = []
    links = _links(tables["link.csv"], nodes, factor or 1.0, problems, notes)
    if not links and not problems.listed:
        problems.add("link.csv", "", "", "no link", "at least one link")
    if problems.listed:
        raise InputErrors(problems.all())
    return Roads(tuple(nodes.values()), tuple(links), tuple(notes))


def _factor(tables: Mapping[str, str], unit: str | None, problems: Problems) -> float | None:
    said, crs = unit or "", ""
    for row in rows("config.csv", tables.get("config.csv", ""), (), problems):
        said, crs = said or row.get("long_length"), row.get("crs")
        if crs.lower() not in WGS84:
            row.wrong("crs", "EPSG:4326, longitude and latitude")
    if said.lower() not in KM:
        allowed = "one of " + ", ".join(KM) + " (or --unit)"
        problems.add("config.csv", "line 2", "long_length", said or "missing", allowed)
        return None
    return KM[said.lower()]


def _nodes(text: str, problems: Problems) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for row in rows("node.csv", text, ("node_id", "x_coord", "y_coord"), problems):
        node = row.text("node_id")
        lon, lat = row.number("x_coord", -180, 180), row.number("y_coord", -90, 90)
        if node in nodes:
            row.wrong("node_id", "a value no other row has")
        elif node and lon is not None and lat is not None:
            name = row.get("name")
            nodes[node] = Node(node, name, row.get("name_zh") or name, lat, lon, row.get("node_type"))
    return nodes


def _links(
    text: str, nodes: Mapping[str, Node], factor: float, problems: Problems, notes: list[str]
) -> list[Road]:
    needed = ("link_id", "from_node_id", "to_node_id", "directed", "length")
    roads: list[Road] = []
    ids: set[str] = set()
    between: dict[tuple[str, str], int] = {}
    one_way: dict[tuple[str, str, float], tuple[Row, Road]] = {}
    bare = 0
    for row in rows("link.csv", text, needed, problems):
        link, a, b = row.text("link_id"), row.text("from_node_id"), row.text("to_node_id")
        known = True
        for name, end in (("from_node_id", a), ("to_node_id", b)):
            if end is not None and end not in nodes:
                row.wrong(name, "a node of node.csv", nodes)
            known = known and end in nodes
        length = row.number("length", 0.0001 / factor, 5000 / factor)
        directed = _boolean(row)
        if link in ids:
            row.wrong("link_id", "a value no other row has")
        ids.add(link or "")
        if a is None or b is None or not known or length is None or directed is None:
            continue
        if a == b:
            row.wrong("to_node_id", "another node than from_node_id")
            continue
        road = _road(row, nodes[a], nodes[b], length * factor)
        if directed and one_way.pop((b, a, length), None) is None:
            one_way[a, b, length] = (row, road)
        elif directed:
            continue
        ends = (min(a, b), max(a, b))
        if ends in between:
            row.wrong("link_id", f"one road between two places; line {between[ends]} joins them too")
        between[ends] = row.line
        roads.append(road)
        bare += not road.terrain
    for row, _ in one_way.values():
        row.wrong("directed", "false, or a link of the same length the other way")
    if bare:
        notes.append(f"{counted(bare, 'link')} without terrain, year and confidence: left empty")
    return roads


def _boolean(row: Row) -> bool | None:
    text = row.get("directed").lower()
    if text in ("true", "1", "t", "yes"):
        return True
    if text in ("false", "0", "f", "no"):
        return False
    row.wrong("directed", "true or false")
    return None


def _road(row: Row, a: Node, b: Node, km: float) -> Road:
    """Return a road of the table of roads; what nobody said is empty."""
    direct = row.number("great_circle_km", 0.01, 20_100) if row.get("great_circle_km") else None
    bend = row.number("circuity", 0.1, 1e6) if row.get("circuity") else None
    straight = float(great_circle_km(a.lat, a.lon, b.lat, b.lon)) if direct is None else direct
    year = row.whole("opened_year", 1900, 2100) if row.get("opened_year") else None
    return Road(
        from_id=a.id,
        to_id=b.id,
        from_zh=a.name_zh,
        to_zh=b.name_zh,
        highway=row.get("name"),
        via=row.get("via"),
        road_km=km,
        great_circle_km=straight,
        circuity=bend if bend is not None else km / max(straight, 0.01),
        terrain=row.get("terrain"),
        opened_year=year,
        confidence=row.get("confidence"),
        source=row.get("source"),
    )


def roads_csv(links: Sequence[Road]) -> str:
    """Return links as the table ``roads.csv`` of a region."""
    names = tuple(Road.__dataclass_fields__)
    return as_csv(
        names,
        (
            tuple("" if (value := getattr(link, name)) is None else _short(value) for name in names)
            for link in links
        ),
    )


def _short(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
