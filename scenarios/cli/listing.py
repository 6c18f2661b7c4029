"""``yizhan list``: the scenarios that come with the package."""

from __future__ import annotations

from typing import Annotated

import typer

from scenarios.cli.common import examples, guarded, print_json, print_table

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples("yizhan list", "yizhan list --long", "yizhan list --json")


@guarded
def command(
    long: Annotated[bool, typer.Option("--long", help="Print the descriptions too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List the scenarios of the library."""
    from scenarios.resolve import library

    entries = library().values()
    if as_json:
        print_json(
            [
                {"name": e.name, "title": e.title, "base": e.base, "description": e.description}
                for e in entries
            ]
        )
    elif long:
        for entry in entries:
            print(f"{entry.name}: {entry.title}" + (f" (base: {entry.base})" if entry.base else ""))
            print(f"    {' '.join(entry.description.split())}\n")
    else:
        print_table(("scenario", "title", "base"), [(e.name, e.title, e.base) for e in entries])
