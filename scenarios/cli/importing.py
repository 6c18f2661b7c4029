"""``yizhan import``: mail routes from GTFS, roads from GMNS, the graph of a network from what maps read."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.cli.common import check_out, examples, guarded, load_network, write_beside
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import number, print_table

__all__ = ["EXAMPLES", "Format", "Unit", "command"]

EXAMPLES = examples(
    "yizhan import feed.zip",
    "yizhan import feed.zip --unit m",
    "yizhan import feed.zip --onto xizang-2021 --out network.json",
    "yizhan import roads.zip --out roads.csv",
    "yizhan import network.gpkg --out graph.json",
)


class Format(StrEnum):
    """What to read."""

    gtfs = "gtfs"
    gmns = "gmns"
    geojson = "geojson"
    gpkg = "gpkg"
    nodelink = "nodelink"


class Unit(StrEnum):
    """Units of length."""

    km = "km"
    m = "m"
    mi = "mi"


@guarded
def command(
    source: Annotated[
        Path, typer.Argument(help="ZIP archive or folder (GTFS, GMNS), .geojson, .gpkg or node-link .json.")
    ],
    form: Annotated[
        Format | None, typer.Option("--format", help="By default what the name and the files look like.")
    ] = None,
    onto: Annotated[
        str | None,
        typer.Option(
            help="GTFS: scenario, run folder or archive whose mail routes these replace; with --out."
        ),
    ] = None,
    unit: Annotated[
        Unit | None, typer.Option(help="Of lengths, where the files do not say it: km, m or mi.")
    ] = None,
    out: Annotated[
        Path | None,
        out_option(
            "GTFS: the network with the new routes, as an archive (.json), which check, explain and "
            "export read. GMNS: the roads as Yizhan's table, roads.csv. Others: node-link JSON for networkx."
        ),
    ] = None,
) -> None:
    """Read routes, roads or a network that others or Yizhan wrote; say what was found, left out or filled in.

    Archives are read in memory. A wrong file is refused with a list of all its problems and exit status 2.
    """
    by_name = {".geojson": Format.geojson, ".gpkg": Format.gpkg}
    form = form or by_name.get(source.suffix.lower())
    if form is None and source.suffix.lower() == ".json":
        form = _form_of_json(source)
    tables: dict[str, str] = {}
    if form in (None, Format.gtfs, Format.gmns):
        tables = _tables(source)
        form = form or _form(source, tables)
    _check(form, onto, out)
    if form is Format.gtfs:
        _routes(tables, source, unit, onto, out)
    elif form is Format.gmns:
        _roads(tables, source, unit, out)
    else:
        _graph(source, form, out)


def _tables(source: Path) -> dict[str, str]:
    from network.exchange import gmns
    from network.exchange.bundle import unpack
    from network.exchange.gtfs.read import FILES

    return unpack(source, (*FILES, *gmns.FILES))


def _form(source: Path, tables: dict[str, str]) -> Format:
    from network.errors import InputErrors, Problem

    if {"stop_times.txt", "trips.txt", "routes.txt"} & set(tables):
        return Format.gtfs
    if {"link.csv", "node.csv"} & set(tables):
        return Format.gmns
    allowed = "files of GTFS (stop_times.txt …) or GMNS (link.csv …), or --format"
    raise InputErrors([Problem(str(source), "", "files", ", ".join(tables) or "none of these", allowed)])


def _form_of_json(source: Path) -> Format:
    from network.errors import InputErrors, Problem
    from network.exchange.archive import FORMAT

    data = _json(source)
    if isinstance(data, dict) and str(data.get("format")).startswith(FORMAT.rstrip("0123456789")):
        allowed = "GeoJSON or node-link; this is an archive of Yizhan, which check, explain and export read"
        raise InputErrors([Problem(str(source), "", "format", FORMAT, allowed)])
    collection = isinstance(data, dict) and data.get("type") == "FeatureCollection"
    return Format.geojson if collection else Format.nodelink


def _check(form: Format, onto: str | None, out: Path | None) -> None:
    from network.errors import InputErrors, Problem

    if form is not Format.gtfs and onto is not None:
        raise InputErrors([Problem("command line", "", "--onto", onto, "only with GTFS")])
    if out is not None:
        check_out(out, (".csv",) if form is Format.gmns else (".json",))
    if form is Format.gtfs and (out is None) != (onto is None):
        given = "--out without --onto" if onto is None else "--onto without --out"
        raise InputErrors([Problem("command line", "", "", given, "both or neither")])


def _graph(source: Path, form: Format, out: Path | None) -> None:
    import networkx as nx

    from network.errors import InputErrors, Problem
    from network.exchange.geojson import from_geojson
    from network.exchange.gpkg import read_gpkg
    from network.exchange.nodelink import EDGES, from_nodelink

    if form is Format.gpkg:
        graph = from_geojson(read_gpkg(source), str(source))
    else:
        reader = from_geojson if form is Format.geojson else from_nodelink
        graph = reader(_json(source), str(source))
    print(f"{source}: {form.value}, {graph.number_of_nodes():,} nodes, {graph.number_of_edges():,} edges")
    if out is not None:
        data = nx.node_link_data(graph, edges=EDGES)
        try:
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:  # such as 1e999 in a property
            raise InputErrors([Problem(str(source), "", "", str(error), "numbers that are finite")]) from None
        write_beside(out, text + "\n")
        print(f'{out}: node-link JSON for networkx, edges="{EDGES}"')


def _json(source: Path) -> Any:
    from network.errors import InputErrors, Problem
    from network.exchange.bundle import LIMITS, MIB

    size = source.stat().st_size
    if size > LIMITS.file_bytes:
        allowed = f"up to {LIMITS.file_bytes // MIB} MiB"
        raise InputErrors([Problem(str(source), "", "size", f"{size / MIB:,.1f} MiB", allowed)])
    try:
        return json.loads(source.read_text(encoding="utf-8"), parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise InputErrors([Problem(str(source), "", "", str(error), "valid JSON in UTF-8")]) from None


def _not_json(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _routes(
    tables: dict[str, str], source: Path, unit: Unit | None, onto: str | None, out: Path | None
) -> None:
    from network.exchange.archive import dumps
    from network.exchange.gtfs import parse
    from network.exchange.gtfs.form import counted
    from network.exchange.onto import onto as put

    feed = parse(tables, str(source), unit.value if unit else None)
    rows = []
    for mode in ("road", "rail", "air"):
        routes = [route for route in feed.routes if route.mode == mode]
        trips = sum(len(service.starts_s) for route in routes for service in route.services)
        longest = max((s.arrive_s[-1] for route in routes for s in route.services), default=0)
        km = sum(route.km for route in routes)
        rows.append((mode, number(len(routes)), number(km), number(trips), number(longest / 3600)))
    print(f"{source}: GTFS, {counted(len(feed.stops), 'stop')}")
    print_table(("mode", "routes", "one-way km", "trips a week", "longest trip, h"), rows)
    for note in feed.notes:
        print(f"note: {note}")
    if onto is None or out is None:
        return
    with shown_progress() as progress:
        network = put(load_network(onto, progress), feed.routes, str(source))
        write_beside(out, dumps(network))
    print(f"{out}: the network of {onto} with these routes")


def _roads(tables: dict[str, str], source: Path, unit: Unit | None, out: Path | None) -> None:
    from network.exchange import gmns
    from network.exchange.gtfs.form import counted

    roads = gmns.parse(tables, str(source), unit.value if unit else None)
    km = sum(link.road_km for link in roads.links)
    links = counted(len(roads.links), "road link")
    print(f"{source}: GMNS, {counted(len(roads.nodes), 'node')}, {links}, {km:,.0f} km")
    for note in roads.notes:
        print(f"note: {note}")
    if out is not None:
        write_beside(out, gmns.roads_csv(roads.links))
        print(f"{out}: {links}, in the form of a region's roads.csv")
