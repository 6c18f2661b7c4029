"""``yizhan import``: mail routes from GTFS, roads from GMNS."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.common import (
    examples,
    guarded,
    load_network,
    number,
    print_table,
    shown_progress,
    write_beside,
)

__all__ = ["EXAMPLES", "Format", "Unit", "command"]

EXAMPLES = examples(
    "yizhan import feed.zip",
    "yizhan import feed.zip --unit m",
    "yizhan import feed.zip --onto xizang-2021 --out network.json",
    "yizhan import roads.zip --out roads.csv",
)


class Format(StrEnum):
    """What to read."""

    gtfs = "gtfs"
    gmns = "gmns"


class Unit(StrEnum):
    """Units of length."""

    km = "km"
    m = "m"
    mi = "mi"


@guarded
def command(
    source: Annotated[Path, typer.Argument(help="ZIP archive or folder, GTFS or GMNS.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="gtfs or gmns; by default what the files look like.")
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
        typer.Option(
            "--out",
            "-o",
            help="GTFS: the network with the new routes, as an archive (.json), "
            "which check, explain and export read. GMNS: the roads as Yizhan's table, roads.csv.",
        ),
    ] = None,
) -> None:
    """Read mail routes from GTFS or roads from GMNS, and say what was found, left out or filled in.

    Archives are read in memory. A wrong file is refused with a list of all its problems and exit status 2.
    """
    from network.errors import InputErrors, Problem
    from network.exchange import gmns
    from network.exchange.bundle import unpack
    from network.exchange.gtfs.read import FILES

    tables = unpack(source, (*FILES, *gmns.FILES))
    if form is None and not {"stop_times.txt", "trips.txt", "routes.txt", "link.csv", "node.csv"} & set(
        tables
    ):
        allowed = "files of GTFS (stop_times.txt …) or GMNS (link.csv …), or --format"
        raise InputErrors([Problem(str(source), "", "files", ", ".join(tables) or "none of these", allowed)])
    roads = form is Format.gmns or (form is None and not {"stop_times.txt", "trips.txt"} & set(tables))
    if roads and onto is not None:
        raise InputErrors(
            [Problem("command line", "", "--onto", onto, "nothing with GMNS: a network has no roads")]
        )
    if not roads and (out is None) != (onto is None):
        given = "--out without --onto" if onto is None else "--onto without --out"
        raise InputErrors([Problem("command line", "", "", given, "both or neither")])
    if roads:
        _roads(tables, source, unit, out)
    else:
        _routes(tables, source, unit, onto, out)


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
    print_table(("mode", "routes", "one-way km", "trips a week", "longest trip, h"), rows, right=(1, 2, 3, 4))
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
