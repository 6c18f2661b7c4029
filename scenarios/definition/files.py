"""Scenario files: found by name or path, followed to their root, merged by presence of a key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from network.errors import InputErrors, Problem, UnknownNameError, nearest
from network.inputs.texts import is_file, parse_toml, read_text
from scenarios.definition.schema import DATES, Run, problems_of

__all__ = [
    "TABLES",
    "File",
    "LibraryEntry",
    "dated",
    "default_start",
    "follow",
    "library",
    "merged",
    "over",
    "read_chain",
]

#: Bytes of a scenario file.
MOST_BYTES = 1_000_000
_NAME_LENGTH = 60  # of a name that is made of a file's
_OWN = ("name", "title", "description", "sweep")
#: Tables of a scenario file that are merged key by key.
TABLES = ("assumptions", "options", "run", "operations", "demand")


@dataclass(frozen=True)
class LibraryEntry:
    """A scenario that comes with the package."""

    name: str
    title: str
    base: str
    description: str


@dataclass(frozen=True)
class File:
    """One scenario file: what to call it, its name and folder, and what it says."""

    label: str
    name: str
    folder: Path | None
    data: dict[str, Any]


def library() -> dict[str, LibraryEntry]:
    """Return the scenarios of the package, by name."""
    entries = {}
    for entry in files("scenarios").joinpath("library").iterdir():
        if entry.name.endswith(".toml"):
            data = parse_toml(read_text(entry), entry.name)
            name = entry.name.removesuffix(".toml")
            entries[name] = LibraryEntry(
                name, data.get("title", name), data.get("base", ""), data.get("description", "")
            )
    return dict(sorted(entries.items()))


def read_chain(reference: str) -> tuple[list[File], list[Problem]]:
    """Return the files from a scenario to its root, and what is wrong with any of them."""
    try:
        start = _read(reference, None)
    except InputErrors as error:
        return [], list(error.problems)
    return follow(start)


def _read(reference: str, beside: Path | None) -> File:
    """Read a scenario by path, as a file beside another, or from the library."""
    candidates = [Path(reference)] if beside is None else []
    if beside is not None:
        candidates = [beside / reference, beside / f"{reference}.toml"]
    for path in candidates:
        if is_file(path):
            content = parse_toml(read_text(path, MOST_BYTES), path.name)
            return File(path.name, name_of(path), path.resolve().parent, content)
    known = library()
    if reference not in known:
        siblings = [p.stem for p in sorted(beside.glob("*.toml"))] if beside else []
        raise UnknownNameError("scenario", reference, [*known, *siblings])
    entry = files("scenarios").joinpath("library", f"{reference}.toml")
    return File(entry.name, reference, None, parse_toml(read_text(entry), entry.name))


def name_of(path: Path) -> str:
    """Return the name of a scenario made of its file's, what no name may have replaced by hyphens.

    Examples
    --------
    >>> name_of(Path("my scenario (1).toml"))
    'my-scenario-1'
    """
    return re.sub(r"[^\w.@=,+-]+", "-", path.stem).strip("-.@=,+")[:_NAME_LENGTH] or "scenario"


def follow(start: File) -> tuple[list[File], list[Problem]]:
    """Return the files from a scenario to its root, and what is wrong with any of them."""
    chain, problems = [start], problems_of(start.data, start.label)
    while isinstance(chain[-1].data.get("base"), str):
        last = chain[-1]
        base = last.data["base"]
        try:
            file = _read(base, last.folder)
        except UnknownNameError as error:
            allowed, near = "a scenario of the library or a file beside", nearest(base, library())
            problems.append(Problem(last.label, "", "base", error.name, allowed, near))
            break
        except InputErrors as error:
            problems += error.problems
            break
        if any((file.label, file.folder) == (f.label, f.folder) for f in chain):
            allowed = "no scenario that leads back here: " + " → ".join([*(f.name for f in chain), file.name])
            problems.append(Problem(last.label, "", "base", base, allowed))
            break
        problems += problems_of(file.data, file.label)
        chain.append(file)
    return chain, problems


def merged(chain: Sequence[File]) -> dict[str, Any]:
    """Merge a chain by presence of a key, root first."""
    content: dict[str, Any] = {}
    for file in reversed(chain):
        content = {key: value for key, value in content.items() if key not in _OWN}
        for key, value in file.data.items():
            if key == "run":
                content[key] = over(content.get(key, {}), value)
            elif key in TABLES:
                content[key] = {**content.get(key, {}), **value}
            elif key == "change":
                content[key] = [*content.get(key, []), *value]
            elif key == "report" and file.folder is not None:
                content[key] = str(file.folder / value)
            elif key != "base":
                content[key] = value
    return content


def over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return run settings with others laid over them; a year puts out dates beneath it, and they a year."""
    out = DATES if own.get("year") else ("year",) if any(name in own for name in DATES) else ()
    return {**{name: value for name, value in base.items() if name not in out}, **own}


def dated(run: dict[str, Any], year: int) -> dict[str, Any]:
    """Return run settings with a first day, unless a whole year is measured."""
    if run.get("year") or "start" in run:
        return run
    warmup_days = run.get("warmup_days", Run().warmup_days)
    return {**run, "start": default_start(year, warmup_days)}


def default_start(year: int, warmup_days: int) -> dt.date:
    """Return the first day of a run whose measured days begin on the second Monday of May.

    May after Labour Day has no public holiday, and its volume is near the year's mean.
    """
    first = dt.date(year, 5, 1)
    monday = first + dt.timedelta(days=(7 - first.weekday()) % 7 + 7)
    return monday - dt.timedelta(days=warmup_days)
