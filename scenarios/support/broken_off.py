"""What is kept of runs that are broken off, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from network.errors import YizhanError
from scenarios.support.folders import PARTIAL, StoreError, UnwritableError, WorkFolder, read_json

__all__ = ["BrokenOffError", "Interrupted", "breaking_off", "finished_replications"]

_REPLICATIONS = "replications.json"


def _go_on(kept: int, wanted: int | None, what: str, folder: Path) -> str:
    of = "" if wanted is None else f" of {wanted}"
    return f"{kept}{of} {what} finished and kept; go on with the same command and --out {folder}"


class Interrupted(YizhanError):
    """A run that was broken off; `kept` replications, or answers of a study, wait in `folder`.

    How many were wanted nobody knows when a precision was asked for.
    """

    exit_status = 130  # 128 + SIGINT, as shells have it

    def __init__(self, folder: Path, kept: int, wanted: int | None, what: str = "replications") -> None:
        self.folder, self.kept = folder, kept
        if kept:
            text = f"interrupted: {_go_on(kept, wanted, what, folder)}"
        else:
            text = f"interrupted before any of the {what} was finished: nothing kept"
        super().__init__(text)


class BrokenOffError(StoreError):
    """A run whose files cannot be written: `reason` says why; what is finished waits in `folder`."""

    def __init__(self, reason: str, folder: Path, kept: int, what: str = "replications") -> None:
        self.reason, self.folder, self.kept = reason, folder, kept
        super().__init__(f"{reason}; {_go_on(kept, None, what, folder)}" if kept else reason)


def finished_replications(folder: Path) -> int:
    """Return how many replications the runs within a folder have finished, whole runs and begun ones."""
    whole = {path.parent for path in folder.rglob(_REPLICATIONS) if path.parent.name != "whole"}
    begun = [
        path
        for path in folder.rglob("replication-???")
        if path.parent.with_name(path.parent.name.removesuffix(PARTIAL)) not in whole
    ]
    return sum(len(read_json(run / _REPLICATIONS)) for run in whole) + len(begun)


@contextmanager
def breaking_off(
    draft: WorkFolder,
    wanted: int | None = None,
    count: Callable[[], int] | None = None,
    what: str = "replications",
) -> Iterator[None]:
    """Say of a folder that is broken off what is kept of it, and how to go on.

    Parameters
    ----------
    draft
        The folder.
    wanted
        How many there would be; None if nobody knows.
    count
        Returns how many are kept: by default the replications of the runs in it.
    what
        What they are called.

    Raises
    ------
    Interrupted
        In the place of an interruption.
    BrokenOffError
        In the place of an error that says that a file cannot be written.
    """
    kept = count or partial(finished_replications, draft.whole)
    try:
        yield
    except (KeyboardInterrupt, Interrupted):
        if draft.committed:
            raise
        number = kept()
        if not number:
            draft.discard()
        raise Interrupted(draft.final, number, wanted, what) from None
    except (BrokenOffError, UnwritableError) as error:
        if draft.committed:
            raise
        number = kept()
        if not number:
            draft.discard()
        reason = error.reason if isinstance(error, BrokenOffError) else str(error)
        raise BrokenOffError(reason, draft.final, number, what) from None
    except BaseException:
        if not draft.committed and not kept():
            draft.discard()  # a scenario that is wrong or too large: the folder is free for the right one
        raise
