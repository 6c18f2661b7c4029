"""A network written for other programs, with a word on what each form holds of it and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from network.errors import InputErrors, Problem, UnknownNameError
from network.exchange.archive import dumps
from network.exchange.bundle import pack
from network.exchange.geojson import to_geojson
from network.exchange.gmns import opened, region_of, to_gmns
from network.exchange.gpkg import write_gpkg
from network.exchange.gtfs import held, not_held, to_gtfs
from network.exchange.nodelink import to_nodelink
from network.model.network import Network

__all__ = ["ENDINGS", "check_out", "write_beside", "write_network"]

#: Endings of the file that each form is written to; programs choose what to do by them.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "gtfs": (".zip",),
    "gmns": (".zip",),
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "nodelink": (".json",),
    "archive": (".json",),
}


def write_network(network: Network, form: str, out: Path) -> list[str]:
    """Write a network into a file, and return in lines what that holds and what it does not.

    Parameters
    ----------
    network
        The network.
    form
        One of `ENDINGS`.
    out
        File to write; its ending must be one of the form's.

    Raises
    ------
    UnknownNameError
        If there is no such form.
    InputErrors
        If the file cannot be of this form, or its folder is not there.
    """
    if form not in _WRITERS:
        raise UnknownNameError("form", form, _WRITERS)
    check_out(out, ENDINGS[form])
    return _WRITERS[form](network, out)


def check_out(path: Path, endings: Sequence[str] = ()) -> None:
    """Refuse a file to write before any work is done for it.

    Parameters
    ----------
    path
        Where it is to be.
    endings
        What its name may end in; anything if empty.

    Raises
    ------
    InputErrors
        If it is none of these, a folder, or in a folder that is not there.
    """
    allowed = ""
    if endings and path.suffix.lower() not in endings:
        allowed = f"a name ending in {' or '.join(endings)}"
    elif path.is_dir():
        allowed = "a file, and this is a folder"
    elif not path.absolute().parent.is_dir():
        allowed = "a file in a folder that is there"
    if allowed:
        raise InputErrors([Problem("command line", "", "--out", str(path), allowed)])


def write_beside(path: Path, data: bytes | str) -> None:
    """Write a file under another name beside its place and rename it when it is whole."""
    draft = path.with_name(f"{path.name}.partial")
    try:
        draft.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _lines(head: str, held: Sequence[str], not_held: Sequence[str]) -> list[str]:
    parts = [("holds", held), ("does not hold", not_held)]
    return [head, *(f"  {word}: {line}" for word, lines in parts for line in lines)]


def _gtfs(network: Network, out: Path) -> list[str]:
    write_beside(out, pack(to_gtfs(network)))
    return _lines(f"{out}: GTFS", held(network), not_held(network))


def _gmns(network: Network, out: Path) -> list[str]:
    region = region_of(network)
    links = opened(region, network.year)
    write_beside(out, pack(to_gmns(region, network.year)))
    length_km = sum(link.road_km for link in links)
    later = len(region.roads) - len(links)
    missing = [f"{later} links that opened after {network.year}"] if later else []
    missing += ["synthetic links to townships and villages; mail routes (gtfs); weather and closures"]
    return _lines(f"{out}: GMNS", [f"{len(links)} road links, {length_km:,.0f} km, their ends"], missing)


def _geojson(network: Network, out: Path) -> list[str]:
    write_beside(out, json.dumps(to_geojson(network), ensure_ascii=False, allow_nan=False) + "\n")
    holds = [f"{len(network.places):,} places, {len(network.routes)} routes as lines from stop to stop"]
    return _lines(f"{out}: GeoJSON", holds, [_NOT_ON_MAPS])


def _gpkg(network: Network, out: Path) -> list[str]:
    layers = write_gpkg(network, out)
    holds = [f"layer {name}: {rows:,} rows" for name, rows in layers.items()]
    return _lines(f"{out}: GeoPackage", holds, [_NOT_ON_MAPS])


def _nodelink(network: Network, out: Path) -> list[str]:
    data = to_nodelink(network)
    write_beside(out, json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
    holds = [f"{len(data['nodes']):,} places, {len(data['edges']):,} legs of routes and ways of rounds"]
    missing = ["timetable, vehicles, figures and assumptions"]
    return _lines(f'{out}: node-link JSON (edges="edges")', holds, missing)


def _archive(network: Network, out: Path) -> list[str]:
    write_beside(out, dumps(network))
    return [f"{out}: {len(network.places):,} places, {len(network.routes)} routes; nothing left out"]


_NOT_ON_MAPS = "timetable, calls of rounds, vehicles, figures and assumptions"
_WRITERS: Mapping[str, Callable[[Network, Path], list[str]]] = {
    "gtfs": _gtfs,
    "gmns": _gmns,
    "geojson": _geojson,
    "gpkg": _gpkg,
    "nodelink": _nodelink,
    "archive": _archive,
}
