"""What others wrote, read by what its name and files look like: routes, roads, or the graph of a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx

from network.errors import InputErrors, Problem, UnknownNameError
from network.exchange import gmns, gtfs
from network.exchange.archive import FORMAT
from network.exchange.bundle import LIMITS, MIB, unpack
from network.exchange.geojson import from_geojson
from network.exchange.gpkg import read_gpkg
from network.exchange.gtfs.read import FILES
from network.exchange.nodelink import EDGES, from_nodelink

__all__ = ["FORMS", "Source", "graph_text", "read_source"]

FORMS = ("gtfs", "gmns", "geojson", "gpkg", "nodelink")
_BY_ENDING = {".geojson": "geojson", ".gpkg": "gpkg"}


@dataclass(frozen=True, eq=False)
class Source:
    """What was read; the one field that its form has is not None."""

    form: str
    feed: gtfs.Feed | None = None
    roads: gmns.Roads | None = None
    graph: nx.MultiDiGraph | None = None


def read_source(source: Path, form: str | None = None, unit: str | None = None) -> Source:
    """Read routes from GTFS, roads from GMNS, or a graph from GeoJSON, GeoPackage or node-link JSON.

    Archives are read in memory.

    Parameters
    ----------
    source
        ZIP archive or folder (GTFS, GMNS), or a file.
    form
        One of `FORMS`; by default what the name and the files look like.
    unit
        Of lengths, where the files do not say it: km, m or mi.

    Raises
    ------
    InputErrors
        With all problems of a wrong source.
    UnknownNameError
        If there is no such form.
    """
    if form is not None and form not in FORMS:
        raise UnknownNameError("form", form, FORMS)
    form = form or _BY_ENDING.get(source.suffix.lower())
    if form is None and source.suffix.lower() == ".json":
        form = _form_of_json(source)
    if form in (None, "gtfs", "gmns"):
        tables = unpack(source, (*FILES, *gmns.FILES))
        form = form or _form_of_tables(source, tables)
        if form == "gtfs":
            return Source(form, feed=gtfs.parse(tables, str(source), unit))
        return Source(form, roads=gmns.parse(tables, str(source), unit))
    if form == "gpkg":
        return Source(form, graph=from_geojson(read_gpkg(source), str(source)))
    reader = from_geojson if form == "geojson" else from_nodelink
    return Source(form or "", graph=reader(_json(source), str(source)))


def graph_text(graph: nx.MultiDiGraph, source: Path) -> str:
    """Return a graph as node-link JSON.

    Raises
    ------
    InputErrors
        If a number in it is not finite.
    """
    data = nx.node_link_data(graph, edges=EDGES)
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:  # such as 1e999 in a property
        raise InputErrors([Problem(str(source), "", "", str(error), "numbers that are finite")]) from None


def _form_of_tables(source: Path, tables: dict[str, str]) -> str:
    if {"stop_times.txt", "trips.txt", "routes.txt"} & set(tables):
        return "gtfs"
    if {"link.csv", "node.csv"} & set(tables):
        return "gmns"
    allowed = "files of GTFS (stop_times.txt …) or GMNS (link.csv …), or --format"
    raise InputErrors([Problem(str(source), "", "files", ", ".join(tables) or "none of these", allowed)])


def _form_of_json(source: Path) -> str:
    data = _json(source)
    form = data.get("format") if isinstance(data, dict) else None
    if str(form).startswith(FORMAT.rstrip("0123456789")):  # of whatever version
        allowed = "GeoJSON or node-link; this is an archive of Yizhan, which check, explain and export read"
        raise InputErrors([Problem(str(source), "", "format", form, allowed)])
    collection = isinstance(data, dict) and data.get("type") == "FeatureCollection"
    return "geojson" if collection else "nodelink"


def _json(source: Path) -> Any:
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
