"""``yizhan export``: a network, its roads or a run's tables in a form that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress

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


RECORDS = (Format.items, Format.trips)


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
    from network.exchange.formats import ENDINGS, check_out, write_network

    if form in RECORDS:
        check_out(out, (".csv", ".parquet"))
        print(_records(scenario, form, out))
        return
    check_out(out, ENDINGS[form.value])
    with shown_progress() as progress:
        network = load_network(scenario, progress)
        progress.step(f"writing {out}")
        lines = write_network(network, form.value, out)
    for line in lines:
        print(line)


def _records(run: str, form: Format, out: Path) -> str:
    from scenarios.runs.folder import open_run
    from scenarios.support.exports import write_records

    stored = open_run(run)
    rows = write_records(stored.path / f"{form.value}.parquet", out)
    return f"{out}: {rows:,} rows"
