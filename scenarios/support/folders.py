"""Folders of results: each file is written beside its place and renamed, and so is a whole folder."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from network.errors import YizhanError
from network.numeric.columns import Column
from scenarios.support.faults import reached
from scenarios.support.tables import Table, csv_text, write_columns

__all__ = [
    "IDENTITY",
    "PARTIAL",
    "StoreError",
    "UnwritableError",
    "WorkFolder",
    "damaged",
    "fresh_name",
    "link_file",
    "partial_of",
    "read_json",
    "refuse_other_question",
    "refuse_unless_empty",
    "release_lock",
    "take_lock",
    "to_json",
    "unwritable",
    "write_file",
    "write_files",
    "write_table",
]

PARTIAL = ".partial"
IDENTITY = "identity.json"
_WHOLE = "whole"
_LOCK, _WRITER = ".lock", ".writer.json"
_OF_THE_LOCK = (_LOCK, _WRITER)
_BEGUN = {*_OF_THE_LOCK, f".{_WRITER}.tmp", f".{IDENTITY}.tmp"}  # before there was an identity
_DIGEST = re.compile(r"[0-9a-f]{16}")


class StoreError(YizhanError, ValueError):
    """A folder of results that cannot be written or read."""


class UnwritableError(StoreError):
    """A file that the disk does not take."""


def damaged(path: Path, error: Exception) -> StoreError:
    """Return the error that a file of a run is not as it was written."""
    return StoreError(f"damaged: {path}: {' '.join(str(error).split())[:300]}; run the scenario again")


def unwritable(path: Path, error: OSError) -> UnwritableError:
    """Return the error that a file cannot be written."""
    return UnwritableError(f"{path} cannot be written ({error.strerror or error})")


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
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise damaged(path, error) from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def write_file(path: Path, content: Any) -> Path:
    """Write text, or data as JSON; the path is returned.

    Raises
    ------
    StoreError
        If the disk is full or takes no file; nothing half written stays.
    """
    text = content if isinstance(content, str) else to_json(content)
    with _draft_of(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return path


def write_table(path: Path, table: Table, columns: Iterable[str | Column] = ()) -> Path:
    """Write a table as CSV, or its columns as Parquet, by the ending of the name; the path is returned.

    Raises
    ------
    StoreError
        As for `write_file`.
    """
    if path.suffix == ".csv":
        return write_file(path, csv_text(table, columns))
    if not isinstance(table, Mapping):
        raise TypeError(f"{path.name} takes columns by name")
    with _draft_of(path) as draft:
        write_columns(draft, table)
    return path


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """Yield the file to write beside its place, and rename it when it is whole."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        yield draft
        reached(f"before {path.name}")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise unwritable(path, error) from None
    reached(f"after {path.name}")


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name; the first stays."""
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without
        with _draft_of(target) as draft:
            shutil.copyfile(source, draft)


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
        If it does, is a file or a link, or lies in a file.
    """
    if folder.is_symlink():
        raise StoreError(f"{folder} is a link; name the folder itself with --out")
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is there already and no folder; choose another --out")
    if _holds_something(folder):
        raise StoreError(f"{folder} is there already and not empty; choose another --out, or move it away")
    above = next(each for each in folder.absolute().parents if each.exists())
    if not above.is_dir():
        raise StoreError(f"{folder} cannot be made: {above} is no folder")


def _holds_something(folder: Path) -> bool:
    """Return whether a folder holds more than the lock of whoever writes it."""
    return folder.exists() and any(path.name not in _OF_THE_LOCK for path in folder.iterdir())


@dataclass
class WorkFolder:
    """A folder that is being made, and what is kept of it when its making is broken off.

    ``DIR.partial`` holds what is finished so far, ``identity.json`` (the question that it answers) and the
    lock of the one process that writes.  ``DIR.partial/whole`` is the folder to be: it is renamed to ``DIR``
    when nothing is missing, so that a folder under its own name is always complete.  Whoever is stopped on
    the way is gone on with by the same command.

    Attributes
    ----------
    final
        Its name when it is whole.
    identity
        What its content depends on: another question is refused.
    committed
        Whether an earlier start had given the folder its name and was ended before it had tidied up.
    """

    final: Path
    identity: Mapping[str, Any]
    committed: bool = False
    _lock: FileLock | None = None

    @classmethod
    def named(cls, out: Path | None, root: Path, name: str, identity: Mapping[str, Any]) -> Self:
        """Return a work folder for `out`, or for a fresh dated folder under `root`; nothing is made yet."""
        if out is None:
            return cls(fresh_name(root, name), identity)
        if out.resolve() == Path.cwd():
            raise StoreError(f"{out} is the working folder; name a folder in it with --out")
        if out.name.endswith(PARTIAL):
            out = out.with_name(out.name.removesuffix(PARTIAL))
        return cls(out, identity)

    @property
    def partial(self) -> Path:
        """Where what is finished so far is kept."""
        return partial_of(self.final)

    @property
    def whole(self) -> Path:
        """The folder to be."""
        return self.partial / _WHOLE

    def __enter__(self) -> Self:
        """Take the folder: one process writes.

        Raises
        ------
        StoreError
            If the folder holds something, answers another question, or another process writes it.
        """
        left = self.partial.is_dir()
        if not left:
            refuse_unless_empty(self.final)
        self._claim()
        try:
            marker = self.partial / IDENTITY
            if left and marker.is_file():
                refuse_other_question(self.partial, read_json(marker), self.identity)
            elif left and {path.name for path in self.partial.iterdir()} - _BEGUN:
                raise StoreError(f"{self.partial} is of unknown origin; choose another --out, or remove it")
            self.committed = _holds_something(self.final)
            if self.committed and (not left or self.whole.is_dir()):
                refuse_unless_empty(self.final)
            self.sweep()
            if not self.committed:
                write_file(marker, self.identity)
                self.whole.mkdir(exist_ok=True)
        except BaseException:
            if not left:
                self.discard()  # before the lock goes, or it might be another's
            self._release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is None:
            return
        if self.committed:
            self.discard()
        self._release()

    def write(self, name: str, content: Any) -> None:
        """Write a file of the folder, as `write_file` does."""
        write_file(self.whole / name, content)

    def write_table(self, name: str, table: Table, columns: Iterable[str | Column] = ()) -> None:
        """Write a table of the folder, as `write_table` does."""
        write_table(self.whole / name, table, columns)

    def commit(self) -> Path:
        """Give the folder its name; from now on it is complete."""
        self.whole.mkdir(exist_ok=True)
        for left in self.whole.glob(f"*{PARTIAL}"):  # of a run that had its name when it was ended
            shutil.rmtree(left)
        if self.final.exists():
            self.final.rmdir()  # empty, or it would have been refused
        reached(f"before {self.final.name} gets its name")
        self.whole.rename(self.final)
        self.committed = True
        reached(f"after {self.final.name} got its name")
        return self.final

    def sweep(self) -> None:
        """Remove what was left half written."""
        for waste in self.partial.glob("*.tmp"):  # hidden ones too
            if waste.is_dir():
                shutil.rmtree(waste, ignore_errors=True)
            else:
                waste.unlink()

    def discard(self) -> None:
        """Remove what is kept; the lock goes last."""
        for path in list(self.partial.iterdir()) if self.partial.is_dir() else []:
            if path.name in (*_OF_THE_LOCK, IDENTITY):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        reached(f"before {self.partial.name} goes")
        shutil.rmtree(self.partial, ignore_errors=True)

    def _claim(self) -> None:
        try:
            self.partial.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.partial, error) from None
        try:
            self._lock = take_lock(self.partial)
        except BaseException:
            with suppress(OSError):
                self.partial.rmdir()  # if it is empty
            raise

    def _release(self) -> None:
        if self._lock is not None:
            release_lock(self.partial, self._lock)
            self._lock = None


def take_lock(folder: Path) -> FileLock:
    """Let this process alone write a folder; a lock whose process has ended is taken over.

    Raises
    ------
    StoreError
        If another process writes it: which, and since when.
    """
    lock = FileLock(folder / _LOCK)
    writer = folder / _WRITER
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            by = json.loads(writer.read_text(encoding="utf-8"))
            who = f"process {by['process']} on {by['host']}, since {by['since']}"
        except (OSError, ValueError, KeyError):
            who = "another process"
        raise StoreError(
            f"{folder} is being written by {who}; wait for it, or choose another --out"
        ) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    try:
        write_file(writer, {"process": os.getpid(), "host": platform.node(), "since": since})
    except BaseException:
        release_lock(folder, lock)
        raise
    return lock


def release_lock(folder: Path, lock: FileLock) -> None:
    """Let others write the folder again."""
    for name in (f".{_WRITER}.tmp", _WRITER, _LOCK):
        (folder / name).unlink(missing_ok=True)
    lock.release()


def refuse_other_question(folder: Path, kept: Any, wanted: Mapping[str, Any]) -> None:
    """Refuse to go on with what was begun for something else.

    Raises
    ------
    StoreError
        If the identities differ: it says in what.
    """
    wanted = json.loads(to_json(wanted))
    if kept == wanted:
        return
    kept = kept if isinstance(kept, dict) else {}
    differing = [key for key in {**kept, **wanted} if kept.get(key) != wanted.get(key)]
    texts = "; ".join(_differing(key, kept.get(key), wanted.get(key)) for key in differing)
    raise StoreError(f"{folder} was begun for another question ({texts}); choose another --out, or remove it")


def _differing(key: str, kept: Any, wanted: Any) -> str:
    pair = kept, wanted
    digests = any(isinstance(value, str) and _DIGEST.fullmatch(value) for value in pair)
    if digests or any(isinstance(value, dict | list) for value in pair):
        return f"another {key}"
    return f"{key} {kept}, not {wanted}"
