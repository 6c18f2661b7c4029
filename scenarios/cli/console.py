"""Standard output and errors that no encoding, closed pipe or text from a file can break."""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import sys
import tempfile
import traceback
from typing import Any

__all__ = ["Console", "report_fault", "set_up", "visible"]

#: Characters of tables and numbers that old encodings lack, and what is written for them; "?" for all others.
PLAIN = {
    "─": "-", "–": "-", "−": "-", "…": "...", "≥": ">=", "≤": "<=", "±": "+-", "×": "x", "→": "->", "²": "2",
    "·": "-", "≈": "~",
}  # fmt: skip
ERRORS = "yizhan-plain"  # name of the error handler that writes them
#: What moves a cursor or reorders text: controls but tab and newline, marks of direction; and surrogates.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return a text with its control characters written out, such as ``\x1b``.

    Examples
    --------
    >>> print(visible("\x1b[31mred"))
    \x1b[31mred
    """
    return _UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(
        PLAIN.get(character, "?") for character in error.object[error.start : error.end]
    ), error.end


class Console(io.TextIOWrapper):
    """A stream for people and pipes.

    What the encoding lacks is replaced. Control characters are written out, except with `raw`, for progress
    bars. When the reader of a pipe has gone, the rest goes nowhere and the command ends as it would have.

    Parameters
    ----------
    stream
        The stream that it writes for, with a ``buffer``.
    name
        For the error of a disk that is full; none for a stream whose errors nobody could read.
    raw
        Leave control characters as they are.
    """

    def __init__(self, stream: Any, name: str = "", raw: bool = False) -> None:
        tty = stream.isatty()
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors=ERRORS, line_buffering=tty or not name
        )
        self.stream = stream  # that closes its buffer when nothing holds it
        self.title = name
        self.raw = raw

    def write(self, text: str, /) -> int:
        """Write a text."""
        try:
            super().write(text if self.raw else visible(text))
        except OSError as error:
            self._gone(error)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            super().flush()
        except OSError as error:
            self._gone(error)

    def _gone(self, error: OSError) -> None:
        """Send the rest to nowhere, so that nothing fails again; raise if this has to be said."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if self.title and error.errno not in (errno.EPIPE, errno.EINVAL):  # EINVAL: Windows' word for EPIPE
            raise OSError(error.errno, error.strerror, self.title) from None


def set_up() -> None:
    """Put consoles in the place of the process's streams, where these are files, pipes or screens."""
    codecs.register_error(ERRORS, _plain)
    for name, title in (("stdout", "standard output"), ("stderr", "")):
        stream = getattr(sys, name)
        if stream is None:  # closed: what is printed goes nowhere
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8"))
        elif hasattr(stream, "buffer"):
            setattr(sys, name, Console(stream, title, raw=not title))


def report_fault(error: Exception) -> None:
    """Say that Yizhan is at fault, in one message on stderr; the traceback goes to a file to report.

    With ``YIZHAN_TRACEBACK`` set it is printed instead.
    """
    details = "".join(traceback.format_exception(error))
    text = visible(" ".join(f"{type(error).__name__}: {error}".split()))[:500]
    where = ""
    if not os.environ.get("YIZHAN_TRACEBACK"):
        try:
            handle, where = tempfile.mkstemp(prefix="yizhan-fault-", suffix=".txt")
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{sys.argv}\n{details}")
        except OSError:
            where = ""
    print(f"yizhan: a fault of the program: {text}", file=sys.stderr)
    if where:
        print(f"  please report it with the file {where}", file=sys.stderr)
    else:
        print(f"  please report it with this:\n{details}", file=sys.stderr)
