"""Errors that list every problem of an input at once.

A person who writes a scenario file or a table should see all that is wrong
with it in one go: which file, which table, which key, the value given, what
is allowed, and the nearest known name.  ``scenarios.cli`` turns an
`InputErrors` into that list and exit status 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["FleetError", "InputErrors", "Problem", "UnknownNameError", "YizhanError", "nearest", "shorten"]

_LISTED, _SHOWN = 24, 5  # where no known name is near: so many are all listed, else the first
_LONGEST = 200  # characters of a value in a message


class YizhanError(Exception):
    """Base of every error that Yizhan raises on purpose."""


class UnknownNameError(YizhanError, KeyError):
    """A name that is not in a closed list; the message offers the nearest one."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.what = what
        self.name = name
        self.known = tuple(known)
        self.message = f"unknown {what} {name!r}{self._hint()}"
        super().__init__(self.message)

    def _hint(self) -> str:
        near = nearest(self.name, self.known)
        if near:
            return f"; did you mean {near!r}?"
        if not self.known:
            return ""
        if len(self.known) <= _LISTED:
            return f"; known: {', '.join(self.known)}"
        return f"; known are {', '.join(self.known[:_SHOWN])} and {len(self.known) - _SHOWN:,} more"

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input."""

    file: str
    table: str
    key: str
    value: object
    allowed: str
    nearest: str = ""

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, f"[{self.table}]" if self.table else "") if part)
        value = _shown(self.value)
        given = f"{shorten(self.key)} = {value}" if self.key else "" if self.value == "" else value
        text = "; ".join(filter(None, (given, f"allowed: {self.allowed}" if self.allowed else "")))
        text = f"{where}: {text}"
        return text + (f"; did you mean {self.nearest!r}?" if self.nearest else "")


class InputErrors(YizhanError, ValueError):
    """All the problems of one input, together.

    Parameters
    ----------
    problems
        At least one `Problem`.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FleetError(YizhanError, ValueError):
    """Fewer vehicles than the routes and rounds need.

    `needed` is the number that would do, `total` the number there is.
    """

    def __init__(self, message: str, needed: int, total: int) -> None:
        self.needed, self.total = needed, total
        super().__init__(message)


def shorten(text: str) -> str:
    """Return a text for a message, its middle left out where it is too long for one."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


def _shown(value: object) -> str:
    try:
        return shorten(repr(value))
    except ValueError:  # Python writes no more than 4,300 digits
        return "a number of thousands of digits"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name closest to `name`, or ``""`` when none is close."""
    if len(str(name)) > _LONGEST:
        return ""
    known = tuple(known)
    alike = [str(k) for k in known if str(k).casefold() == str(name).casefold()]
    if alike:
        return alike[0]
    matches = difflib.get_close_matches(str(name), [str(k) for k in known], n=1, cutoff=0.5)
    return matches[0] if matches else ""
