"""Declare the arguments and options that several commands share, each once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

__all__ = [
    "AsJson",
    "Dask",
    "Days",
    "NoPlots",
    "Replications",
    "Scenario",
    "ScenarioFile",
    "Seed",
    "Workers",
    "Yes",
    "json_of",
    "out",
    "replications_of",
]


def out(what: str) -> Any:
    """Return the option ``--out`` of a command."""
    return typer.Option("--out", "-o", help=what)


def json_of(file: str) -> Any:
    """Return the option ``--json`` of a command that prints one of its files."""
    return typer.Option("--json", help=f"Print {file} for programs.")


def replications_of(what: str) -> Any:
    """Return the option ``--replications`` of a command."""
    return typer.Option("--replications", "-n", help=what)


Scenario = Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")]
ScenarioFile = Annotated[str, typer.Argument(help="Library name or scenario file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
NoPlots = Annotated[bool, typer.Option("--no-plots", help="Draw no charts.")]
Replications = Annotated[int | None, replications_of("Runs under different random streams.")]
Workers = Annotated[
    int | None, typer.Option("--workers", "-w", help="Processes; one a processor by default.")
]
Dask = Annotated[
    str | None, typer.Option("--dask", help="Address of a Dask scheduler, in place of local processes.")
]
Seed = Annotated[int | None, typer.Option("--seed", "-s", help="Seed of the random streams.")]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Run although memory or disk of this machine will not do by the estimate."
    ),
]
Days = Annotated[int | None, typer.Option("--days", "-d", help="Measured days.")]
