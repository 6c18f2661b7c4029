"""Places in the writing of folders where a test may end the process: nothing happens there otherwise."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["at_each", "reached"]

_hook: Callable[[str], None] | None = None


def reached(place: str) -> None:
    """Pass a place, by its name."""
    if _hook is not None:
        _hook(place)


def at_each(hook: Callable[[str], None] | None) -> None:
    """Call a function at each place that this process passes from now on; None ends that."""
    global _hook
    _hook = hook
