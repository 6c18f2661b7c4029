"""Folders of results: each file is written beside its place and renamed, and so is a whole folder.

A folder is filled as ``DIR.partial`` and renamed to ``DIR`` at the very end, so that one without that suffix
is always complete.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.errors import YizhanError
from network.numeric.columns import Column
from scenarios.support.tables import Table, csv_text, write_columns

__all__ = [
    "PARTIAL",
    "FolderDraft",
    "StoreError",
    "damaged",
    "fresh_name",
    "partial_of",
    "read_json",
    "refuse_unless_empty",
    "to_json",
    "write_file",
    "write_files",
    "write_table",
]

PARTIAL = ".partial"


class StoreError(YizhanError, ValueError):
    """A folder of results that cannot be written or read."""


def damaged(path: Path, error: Exception) -> StoreError:
    """Return the error that a file of a run cannot be read."""
    return StoreError(f"{path} is damaged ({error}); run the scenario again")


def to_json(data: Any) -> str:
    """Return JSON as the folders hold it; anything that is no number in JSON is refused."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    StoreError
        If it is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(path, error) from None


def write_file(path: Path, content: Any) -> Path:
    """Write text, or data as JSON; the path is returned."""
    if not isinstance(content, str):
        content = to_json(content)
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(content, encoding="utf-8", newline="\n")
    return draft.replace(path)


def write_table(path: Path, table: Table, columns: Iterable[str | Column] = ()) -> Path:
    """Write a table as CSV, or its columns as Parquet, by the ending of the name; the path is returned."""
    if path.suffix == ".csv":
        return write_file(path, csv_text(table, columns))
    if not isinstance(table, Mapping):
        raise TypeError(f"{path.name} takes columns by name")
    draft = path.with_name(f".{path.name}.tmp")
    write_columns(draft, table)
    return draft.replace(path)


def write_files(folder: Path, files: Mapping[str, Any]) -> list[Path]:
    """Write files by name into a folder, which is made if need be, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    return [write_file(folder / name, content) for name, content in files.items()]


def partial_of(path: Path) -> Path:
    """Return where a folder is written until it is whole."""
    return path.with_name(path.name + PARTIAL)


def fresh_name(root: Path, name: str, now: dt.datetime | None = None) -> Path:
    """Return a dated folder name under `root` that is not taken."""
    stamp = (now or dt.datetime.now()).strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        path = root / (f"{name}-{stamp}" if number == 1 else f"{name}-{stamp}-{number}")
        if not path.exists() and not partial_of(path).exists():
            return path
    raise StoreError(f"no free name for {name} in {root}")


def refuse_unless_empty(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises
    ------
    StoreError
        If it does, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is there already and not empty; choose another --out, or move it away")


@dataclass(frozen=True)
class FolderDraft:
    """A folder that is being written."""

    final: Path

    @classmethod
    def named(cls, out: Path | None, root: Path, name: str) -> FolderDraft:
        """Return the draft of a folder: `out`, or a fresh dated one under `root`; nothing is made yet.

        Raises
        ------
        StoreError
            If the folder holds something.
        """
        final = out or fresh_name(root, name)
        refuse_unless_empty(final)
        return cls(final)

    @property
    def partial(self) -> Path:
        """Where the folder is written until it is whole."""
        return partial_of(self.final)

    def write(self, name: str, content: Any) -> None:
        """Write a file of the folder, as `write_file` does."""
        write_file(self.partial / name, content)

    def write_table(self, name: str, table: Table, columns: Iterable[str | Column] = ()) -> None:
        """Write a table of the folder, as `write_table` does."""
        write_table(self.partial / name, table, columns)

    def commit(self) -> Path:
        """Give the folder its name; from now on it is complete."""
        if self.final.exists():
            self.final.rmdir()  # empty, or it would have been refused
        return self.partial.rename(self.final)

    def sweep(self) -> None:
        """Remove what was left half written."""
        for waste in self.partial.glob("*.tmp"):
            if waste.is_dir():
                shutil.rmtree(waste, ignore_errors=True)
            else:
                waste.unlink()

    def discard(self) -> None:
        """Remove what has been written."""
        shutil.rmtree(self.partial, ignore_errors=True)
