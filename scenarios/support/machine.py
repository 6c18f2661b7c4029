"""What this process may use of the machine: processors, memory, and whether more is asked for than it has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

__all__ = ["any_size", "is_any_size", "memory_mib", "processors"]

_CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def processors() -> int:
    """Return how many processors this process may use: those of its allocation, not of the machine."""
    try:
        return len(os.sched_getaffinity(0)) or 1
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def memory_mib() -> float | None:
    """Return the memory that this process may use at most, MiB; None where the system does not tell."""
    try:
        limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):  # Windows
        return None
    for path in _CGROUPS:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():  # else "max": no limit
            limits.append(int(text))
    return min(limits) / 2**20


@contextmanager
def any_size(allowed: bool = True) -> Iterator[None]:
    """Let no simulation within the block be refused for its size; nothing changes unless it is allowed."""
    token = _any_size.set(allowed or _any_size.get())
    try:
        yield
    finally:
        _any_size.reset(token)


def is_any_size() -> bool:
    """Whether a simulation may be larger than this machine has room for, by the estimate."""
    return _any_size.get()


_any_size: ContextVar[bool] = ContextVar("any_size", default=False)
