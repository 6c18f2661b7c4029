"""``yizhan export``: a network, its roads or a run's tables in a form that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import check_out, examples, guarded, load_network, write_beside
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress

if TYPE_CHECKING:
    from network.model.network import Network

__all__ = ["EXAMPLES", "Format", "command"]

EXAMPLES = examples(
    "yizhan export xizang-2021 --format gtfs --out feed.zip",
    "yizhan export xizang-2021 --format gmns --out roads.zip",
    "yizhan export xizang-2021 --format geojson --out network.geojson",
    "yizhan export xizang-2021 --format gpkg --out network.gpkg",
    "yizhan export xizang-2021 --format nodelink --out network.json",
    "yizhan export runs/xizang-2021-20260101-120000 --format archive --out network.json",
    "yizhan export runs/xizang-2021-20260101-120000 --format items --out items.csv",
)


class Format(StrEnum):
    """What to write."""

    gtfs = "gtfs"
    gmns = "gmns"
    geojson = "geojson"
    gpkg = "gpkg"
    nodelink = "nodelink"
    archive = "archive"
    items = "items"
    trips = "trips"


HELP = (
    "gtfs: mail routes with their timetable, a ZIP. gmns: roads as node.csv and link.csv, a ZIP. "
    "geojson: for maps (RFC 7946). gpkg: GeoPackage (needs the extra 'gpkg'). nodelink: for networkx. "
    "archive: lossless, for Yizhan itself. items, trips: records of a run folder, "
    "as CSV or Parquet by the ending of --out."
)


#: Endings of the file that each format is written to; programs choose what to do by them, `import` too.
ENDINGS = {
    Format.gtfs: (".zip",),
    Format.gmns: (".zip",),
    Format.geojson: (".geojson", ".json"),
    Format.gpkg: (".gpkg",),
    Format.nodelink: (".json",),
    Format.archive: (".json",),
    Format.items: (".csv", ".parquet"),
    Format.trips: (".csv", ".parquet"),
}


@guarded
def command(
    scenario: Annotated[
        str, typer.Argument(help="Library name, scenario file, run folder or archive (.json).")
    ],
    form: Annotated[Format, typer.Option("--format", help=HELP)],
    out: Annotated[Path, out_option("File to write.")],
) -> None:
    """Write a scenario's network, its roads, or a run's records for other programs.

    Says what the format holds of it and what it does not.
    """
    check_out(out, ENDINGS[form])
    if form in (Format.items, Format.trips):
        print(_records(scenario, form, out))
        return
    with shown_progress() as progress:
        network = load_network(scenario, progress)
        progress.step(f"writing {out}")
        lines = _WRITERS[form](network, out)
    for line in lines:
        print(line)


def _records(run: str, form: Format, out: Path) -> str:
    from scenarios.runs.exports import write_records
    from scenarios.runs.folder import open_run

    stored = open_run(run)
    rows = write_records(stored.path / f"{form.value}.parquet", out)
    return f"{out}: {rows:,} rows"


def _contents(head: str, held: Sequence[str], not_held: Sequence[str]) -> list[str]:
    parts = [("holds", held), ("does not hold", not_held)]
    return [head, *(f"  {word}: {line}" for word, lines in parts for line in lines)]


def _gtfs(network: Network, out: Path) -> list[str]:
    from network.exchange.bundle import pack
    from network.exchange.gtfs import held, not_held, to_gtfs

    write_beside(out, pack(to_gtfs(network)))
    return _contents(f"{out}: GTFS", held(network), not_held(network))


def _gmns(network: Network, out: Path) -> list[str]:
    from network.exchange.bundle import pack
    from network.exchange.gmns import opened, region_of, to_gmns

    region = region_of(network)
    links = opened(region, network.year)
    write_beside(out, pack(to_gmns(region, network.year)))
    held = [f"{len(links)} road links, {sum(link.road_km for link in links):,.0f} km, their ends"]
    later = len(region.roads) - len(links)
    not_held = [f"{later} links that opened after {network.year}"] if later else []
    not_held += ["synthetic links to townships and villages; mail routes (gtfs); weather and closures"]
    return _contents(f"{out}: GMNS", held, not_held)


def _geojson(network: Network, out: Path) -> list[str]:
    import json

    from network.exchange.geojson import to_geojson

    write_beside(out, json.dumps(to_geojson(network), ensure_ascii=False, allow_nan=False) + "\n")
    held = [f"{len(network.places):,} places, {len(network.routes)} routes as lines from stop to stop"]
    return _contents(f"{out}: GeoJSON", held, ["timetable, rounds, vehicles, figures, assumptions"])


def _gpkg(network: Network, out: Path) -> list[str]:
    from network.exchange.gpkg import write_gpkg

    layers = write_gpkg(network, out)
    held = [f"layer {name}: {rows:,} rows" for name, rows in layers.items()]
    return _contents(f"{out}: GeoPackage", held, ["timetable, rounds, vehicles, figures, assumptions"])


def _nodelink(network: Network, out: Path) -> list[str]:
    import json

    from network.exchange.nodelink import to_nodelink

    data = to_nodelink(network)
    write_beside(out, json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
    held = [f"{len(data['nodes']):,} places, {len(data['edges']):,} legs of routes and ways of rounds"]
    return _contents(
        f'{out}: node-link JSON (edges="edges")', held, ["timetable, vehicles, figures and assumptions"]
    )


def _archive(network: Network, out: Path) -> list[str]:
    from network.exchange.archive import dumps

    write_beside(out, dumps(network))
    return [f"{out}: {len(network.places):,} places, {len(network.routes)} routes; nothing left out"]


_WRITERS: dict[Format, Callable[[Network, Path], list[str]]] = {
    Format.gtfs: _gtfs,
    Format.gmns: _gmns,
    Format.geojson: _geojson,
    Format.gpkg: _gpkg,
    Format.nodelink: _nodelink,
    Format.archive: _archive,
}
