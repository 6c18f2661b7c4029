"""Read the text of an input: a regular file of bounded size in UTF-8, with or without a byte order mark."""

from __future__ import annotations

import re
import stat
import tomllib
import unicodedata
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from network.errors import InputErrors, Problem

__all__ = [
    "decoded",
    "is_file",
    "is_folder",
    "parse_toml",
    "read_bytes",
    "read_text",
    "unbounded",
    "unseen",
]

#: Bytes of a text file.
MOST_BYTES = 16_000_000
#: Tables and lists within each other.
MOST_DEEP = 32
_DEEP = f"at most {MOST_DEEP} tables and lists deep"
_LARGEST = 2**63 - 1  # of the whole numbers of TOML
#: Parts of a dotted key, many more than `MOST_DEEP`: tomllib takes time by the square of their number.
_LONG_KEY = re.compile(r"(?:[^\s.=#,]{1,99}[ \t]*\.[ \t]*){500}")
#: Controls, line and paragraph separators, marks of direction, surrogates.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_file(path: Path) -> bool:
    """Whether there is a file of this name; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder of this name."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path | Traversable, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of a file, without a byte order mark; errors as for `read_bytes` and `decoded`."""
    return decoded(read_bytes(path, most_bytes), path.name)


def read_bytes(path: Path | Traversable, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file of bounded size.

    Raises
    ------
    InputErrors
        If the path is none, leads to a device, a pipe or a folder, cannot be read, or the file is too large.
    """
    name = path.name
    try:
        regular = not isinstance(path, Path) or stat.S_ISREG(path.stat().st_mode)
        content = b""
        if regular:
            with path.open("rb") as file:
                content = file.read(most_bytes + 1)
    except OSError as error:
        raise _wrong(name, str(path), f"a file that can be read ({error.strerror})") from None
    except ValueError:
        raise _wrong(name, str(path), "a path without NUL characters") from None
    if not regular:
        raise _wrong(name, str(path), "a regular file")
    if len(content) > most_bytes:
        raise _wrong(name, "", f"at most {most_bytes:,} bytes")
    return content


def decoded(content: bytes, file: str) -> str:
    """Return bytes as text.

    Raises
    ------
    InputErrors
        If they are no UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        given = f"byte 0x{content[error.start]:02x} in line {line}"
        raise _wrong(file, given, "text in UTF-8") from None


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises
    ------
    InputErrors
        If it is no TOML, or beyond what `unbounded` allows.
    """
    try:
        if _LONG_KEY.search(text):
            raise RecursionError
        content = tomllib.loads(text)
        problems = unbounded(content, file)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, str(error), "valid TOML") from None
    except RecursionError:
        raise _wrong(file, "…", _DEEP) from None
    except ValueError as error:  # more digits than Python converts, or a date that is none
        raise _wrong(file, str(error).partition(";")[0], "values that TOML can hold") from None
    if problems:
        raise InputErrors(problems)
    return content


def unbounded(data: Mapping[str, Any], file: str) -> list[Problem]:
    """Return the problems of parsed TOML that no program can be expected to hold.

    These are tables and lists more than `MOST_DEEP` deep, and whole numbers beyond 64 bits.
    """
    problems = []
    level: list[tuple[str, Any]] = list(data.items())
    for _ in range(MOST_DEEP):
        below: list[tuple[str, Any]] = []
        for key, value in level:
            if isinstance(value, Mapping):
                below += ((f"{key}.{inner}", member) for inner, member in value.items())
            elif isinstance(value, list | tuple):
                below += ((key, member) for member in value)
            elif isinstance(value, int) and not -_LARGEST <= value <= _LARGEST:
                problems.append(Problem(file, "", key, value, "whole numbers of at most 64 bits"))
        level = below
    if level:
        problems.append(Problem(file, "", level[0][0][:40], "…", _DEEP))
    return problems


def unseen(text: str, lines: bool = False) -> str:
    r"""Return the name of the first control character of a text, or ``""``.

    Parameters
    ----------
    lines
        Allow tabs and ends of lines.

    Examples
    --------
    >>> unseen("red \x1b[31m"), unseen("Lhasa"), unseen("a\nb", lines=True)
    ('U+001B control character', '', '')
    """
    for match in _UNSEEN.finditer(text):
        if not (lines and match[0] in "\t\r\n"):
            return f"U+{ord(match[0]):04X} {unicodedata.name(match[0], 'control character').lower()}"
    return ""


def _wrong(file: str, value: str, allowed: str) -> InputErrors:
    return InputErrors([Problem(file, "", "", value, allowed)])
