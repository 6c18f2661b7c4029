"""Guard commands against errors, load what they name, check where they write."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from scenarios.cli.console import visible

if TYPE_CHECKING:
    from network.model.network import Network
    from scenarios.support.progress import Progress

__all__ = [
    "check_folder",
    "examples",
    "guarded",
    "load_network",
    "print_json",
    "wrong_option",
]

P = ParamSpec("P")
T = TypeVar("T")


def examples(*lines: str) -> str:
    """Return example commands as the end of a help text; the mark keeps their lines apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def guarded(command: Callable[P, T]) -> Callable[P, T]:
    """Turn errors of the input into one list on stderr and exit status 2, and Ctrl-C into 130."""

    @functools.wraps(command)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        from network.errors import InputErrors, YizhanError

        try:
            return command(*args, **kwargs)
        except InputErrors as error:
            n = len(error.problems)
            _say(f"{n} problem{'s' if n > 1 else ''}:" if n else "the input is wrong")
            for problem in error.problems:
                _say(f"  {problem}")
        except YizhanError as error:
            _say(str(error))
            raise typer.Exit(getattr(error, "exit_status", 2)) from None
        except OSError as error:
            _say(f"{error.filename or 'file'}: {error.strerror or error}")
        except MemoryError as error:
            _say(f"not enough memory: {error or 'ask for fewer days, replications or workers'}")
        except KeyboardInterrupt:
            _say("interrupted")
            raise typer.Exit(130) from None
        raise typer.Exit(2)

    return inside


def _say(text: str) -> None:
    text = visible(text)
    print(f"yizhan: {text}" if not text.startswith(" ") else text, file=sys.stderr)


def load_network(reference: str, progress: Progress) -> Network:
    """Return the network of a scenario's name, a scenario file, a run folder or an archive (.json)."""
    from scenarios.runs.references import network_of

    return network_of(reference, progress)


def print_json(data: Any) -> None:
    """Print JSON for programs; where the encoding may lack a character, in ASCII."""
    unicode = (sys.stdout.encoding or "utf-8").lower().replace("_", "-").startswith("utf")
    print(json.dumps(data, indent=1, ensure_ascii=not unicode, allow_nan=False))


def check_folder(path: Path | None) -> None:
    """Refuse a folder to write into before any work is done for it; None is one of our own."""
    if path is not None and path.exists() and not path.is_dir():
        raise wrong_option("--out", str(path), "a folder, and this is a file")


def wrong_option(option: str, value: object, allowed: str) -> Exception:
    """Return the error of an option with a value that is not allowed."""
    from network.errors import InputErrors, Problem

    return InputErrors([Problem("command line", "", option, value, allowed)])
