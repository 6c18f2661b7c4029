"""Processes that begin without the caller's own script.

A process that is spawned imports the main module again: of a script without ``if __name__ == "__main__"`` it
would begin the work anew, and its parent would wait for it without end.  Tasks come from this package, so
that workers need no main module, unless a function of it is what they are to run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

__all__ = ["context_for"]


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process: Any) -> Any:
        with _without_main():
            return SpawnProcess._Popen(process)


class _Context(SpawnContext):
    Process = _Process


def context_for(function: object) -> SpawnContext:
    """Return how processes begin that are to call a function."""
    own = {getattr(function, "__module__", ""), type(function).__module__}
    return SpawnContext() if "__main__" in own else _Context()


@contextmanager
def _without_main() -> Iterator[None]:
    """Let the main module look like one that was typed in: there is nothing to import."""
    main = vars(sys.modules["__main__"])
    hidden: dict[str, Any] = {name: main.pop(name) for name in ("__spec__", "__file__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)
