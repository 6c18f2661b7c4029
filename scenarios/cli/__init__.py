"""The command ``yizhan``: a thin command line over plain functions, one module a command."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import typer

from scenarios.cli import (
    check,
    compare,
    cost,
    coverage,
    custody,
    diff,
    explain,
    export,
    growth,
    importing,
    journey,
    listing,
    plan,
    plot,
    run,
    schema,
    select,
    service,
    study,
    validate,
)
from scenarios.support.executors import sum_in_one_thread

__all__ = ["app", "main"]

app = typer.Typer(
    name="yizhan",
    help="From a few published totals of a postal network to its coverage and transit times.",
    epilog="Begin with: yizhan list · yizhan check xizang-2021 · yizhan run xizang-2021",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _module in {
    "list": listing,
    "check": check,
    "explain": explain,
    "run": run,
    "compare": compare,
    "select": select,
    "coverage": coverage,
    "diff": diff,
    "study": study,
    "service": service,
    "validate": validate,
    "cost": cost,
    "journey": journey,
    "custody": custody,
    "growth": growth,
    "plan": plan,
    "plot": plot,
    "export": export,
    "import": importing,
    "schema": schema,
}.items():
    app.command(_name, epilog=_module.EXAMPLES)(_module.command)


def main() -> None:
    """Run the command line; exit status 2 for wrong input, 1 for a failed check, 130 for Ctrl-C."""
    sum_in_one_thread()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        app(prog_name="yizhan")
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # the reader of a pipe went away (yizhan list | head): not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
