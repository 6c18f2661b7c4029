"""A region's folder, a standard and observed facts, however wrong, give rows or a list of problems."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from fuzz import Reader, check

from network.geography.roads import road_graph
from network.geography.settlements import build_places
from network.inputs.observed import parse_facts
from network.inputs.standard_tables import bundled_standards, load_standard
from network.inputs.tables import load_folder, load_region
from network.inputs.texts import read_text

DATA = Path(str(files("network").joinpath("data")))
APART = ("observed.toml", "LICENSES.md")  # not read with the region


@cache
def region_files() -> list[dict[str, bytes]]:
    """Return the files of the region of the package."""
    paths = sorted((DATA / "xizang").iterdir())
    return [{path.name: path.read_bytes() for path in paths if path.name not in APART}]


def standard_files() -> list[dict[str, bytes]]:
    """Return each standard of the package under one name."""
    return [
        {"standard.toml": (DATA / "standards" / f"{name}.toml").read_bytes()} for name in bundled_standards()
    ]


def fact_files() -> list[dict[str, bytes]]:
    """Return the observed facts of the region of the package."""
    return [{"observed.toml": (DATA / "xizang" / "observed.toml").read_bytes()}]


def read_region(folder: Path) -> None:
    """Read a region, and ask what its figures and days come to, its roads and its places."""
    region = load_folder(folder)
    for report in region.reports.values():
        [report.count(name) for name in report]
    region.calendar.known_weights(2021)
    repr(region.assumptions)
    road_graph(region, 2021)
    build_places(region, region.assumptions, 2021)


READERS = [
    Reader("region folder", region_files, read_region, weight=1.5),
    Reader(
        "standard",
        standard_files,
        lambda folder: load_standard(folder / "standard.toml", load_region().assumptions),
    ),
    Reader(
        "observed facts",
        fact_files,
        lambda folder: parse_facts(
            read_text(folder / "observed.toml"), load_region(), load_region().assumptions
        ),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_input_gives_a_traceback(reader: Reader) -> None:
    """Every mutated input is read or refused with its problems."""
    check(reader)
