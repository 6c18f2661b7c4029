"""The command ``yizhan``: a thin command line over plain functions, one module a command."""

from __future__ import annotations

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
from scenarios.cli.console import report_fault, set_up
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
    """Run the command line.

    Exit status 1 for a failed check, 2 for wrong input or a file that fails, 70 for a fault of the program,
    130 for Ctrl-C. A reader that goes away (``yizhan check … | head -1``) changes none of them.
    """
    set_up()
    sum_in_one_thread()
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        app(prog_name="yizhan")
    except SystemExit as ended:
        sys.exit(_flushed(ended.code))
    except KeyboardInterrupt:
        print("yizhan: interrupted", file=sys.stderr)
        sys.exit(_flushed(130))
    except Exception as error:
        report_fault(error)
        sys.exit(_flushed(70))


def _flushed(status: str | int | None) -> str | int | None:
    """Return an exit status, or 2 if what was printed can no longer be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        print(f"yizhan: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return status


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
