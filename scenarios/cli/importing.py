"""``yizhan import``: mail routes from GTFS, roads from GMNS, the graph of a network from what maps read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import number, print_table

if TYPE_CHECKING:
    import networkx as nx

    from network.exchange.gmns import Roads
    from network.exchange.gtfs import Feed

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
    from network.exchange.sources import read_source

    _check(form, onto, out)
    read = read_source(source, form and form.value, unit and unit.value)
    _check(Format(read.form), onto, out)
    if read.feed is not None:
        _routes(read.feed, source, onto, out)
    elif read.roads is not None:
        _roads(read.roads, source, out)
    elif read.graph is not None:
        _graph(read.graph, source, read.form, out)


def _check(form: Format | None, onto: str | None, out: Path | None) -> None:
    """Refuse options that do not go with a form, as soon as it is known."""
    from network.errors import InputErrors, Problem
    from network.exchange.formats import check_out

    if form is None:
        return
    if form is not Format.gtfs and onto is not None:
        raise InputErrors([Problem("command line", "", "--onto", onto, "only with GTFS")])
    if out is not None:
        check_out(out, (".csv",) if form is Format.gmns else (".json",))
    if form is Format.gtfs and (out is None) != (onto is None):
        given = "--out without --onto" if onto is None else "--onto without --out"
        raise InputErrors([Problem("command line", "", "", given, "both or neither")])


def _graph(graph: nx.MultiDiGraph, source: Path, form: str, out: Path | None) -> None:
    from network.exchange.formats import write_beside
    from network.exchange.nodelink import EDGES
    from network.exchange.sources import graph_text

    print(f"{source}: {form}, {graph.number_of_nodes():,} nodes, {graph.number_of_edges():,} edges")
    if out is not None:
        write_beside(out, graph_text(graph, source))
        print(f'{out}: node-link JSON for networkx, edges="{EDGES}"')


def _routes(feed: Feed, source: Path, onto: str | None, out: Path | None) -> None:
    from network.exchange.archive import dumps
    from network.exchange.formats import write_beside
    from network.exchange.gtfs.form import counted
    from network.exchange.onto import onto as put

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


def _roads(roads: Roads, source: Path, out: Path | None) -> None:
    from network.exchange import gmns
    from network.exchange.formats import write_beside
    from network.exchange.gtfs.form import counted

    km = sum(link.road_km for link in roads.links)
    links = counted(len(roads.links), "road link")
    print(f"{source}: GMNS, {counted(len(roads.nodes), 'node')}, {links}, {km:,.0f} km")
    for note in roads.notes:
        print(f"note: {note}")
    if out is not None:
        write_beside(out, gmns.roads_csv(roads.links))
        print(f"{out}: {links}, in the form of a region's roads.csv")
