"""``yizhan export``: a network in a form that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.common import examples, guarded, load_network, shown_progress

__all__ = ["EXAMPLES", "Format", "command"]

EXAMPLES = examples(
    "yizhan export xizang-2021 --format geojson --out network.geojson",
    "yizhan export xizang-2021 --format nodelink --out network.json",
    "yizhan export runs/xizang-2021-20260101-120000 --format archive --out network.json",
)


class Format(StrEnum):
    """Forms of a network."""

    geojson = "geojson"
    nodelink = "nodelink"
    archive = "archive"


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="geojson (RFC 7946, for maps), nodelink (networkx), archive (lossless, for Yizhan itself).",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")],
) -> None:
    """Write a scenario's network as GeoJSON, node-link JSON or a lossless archive."""
    import json

    with shown_progress() as progress:
        network = load_network(scenario, progress)
        progress.step(f"writing {out}")
        if form is Format.archive:
            from network.exchange.archive import dumps

            text = dumps(network)
        else:
            from network.exchange.geojson import to_geojson
            from network.exchange.nodelink import to_nodelink

            data = to_geojson(network) if form is Format.geojson else to_nodelink(network)
            text = json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"
        out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: {len(network.places):,} places, {len(network.routes)} routes")
