"""The regions that come with the package: the folders of its data that hold assumptions."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["regions"]


def regions() -> list[str]:
    """Return the names of the regions, ascending; ``standards`` beside them is none."""
    folders = files("network").joinpath("data").iterdir()
    return sorted(folder.name for folder in folders if folder.joinpath("assumptions.toml").is_file())
