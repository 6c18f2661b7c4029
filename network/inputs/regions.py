"""The regions that come with the package: the folders of its data that hold assumptions."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["area_km2", "regions"]


def regions() -> list[str]:
    """Return the names of the regions, ascending; ``standards`` beside them is none."""
    folders = files("network").joinpath("data").iterdir()
    return sorted(folder.name for folder in folders if folder.joinpath("assumptions.toml").is_file())


@cache
def area_km2(region: str) -> float | None:
    """Return the area of a region in km², from its ``area.toml``; None where nobody wrote it down."""
    path = files("network").joinpath("data", region, "area.toml")
    return float(tomllib.loads(path.read_text(encoding="utf-8"))["area_km2"]) if path.is_file() else None
