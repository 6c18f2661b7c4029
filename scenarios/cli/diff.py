"""``yizhan diff``: what differs between two scenarios and their networks, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, print_json, print_table, shown_progress

if TYPE_CHECKING:
    from scenarios.comparison.diff import Diff

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan diff xizang-2021 xizang-rail-nyingchi",
    "yizhan diff xizang-2012 xizang-2021 --all",
    "yizhan diff runs/base my-expansion.toml --no-networks",
    "yizhan diff my-sweep.toml@per_week=4 my-sweep.toml@per_week=7 --json",
)
MOST = 8  # details shown of each part


@guarded
def command(
    a: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    b: Annotated[str, typer.Argument(help="Another one.")],
    everything: Annotated[
        bool, typer.Option("--all", help=f"Show all details, not only the {MOST} heaviest of each part.")
    ] = False,
    no_networks: Annotated[
        bool, typer.Option("--no-networks", help="Compare only what is written, and fit no network.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say in words what differs between two scenarios, and between their networks.

    Settings, assumptions and changes as resolved, bases merged; then routes, rounds, centres,
    vehicles, outlets, stations, roads and demand, what weighs most first.
    """
    from scenarios.comparison.diff import diff

    with shown_progress() as progress:
        found = diff(a, b, networks=not no_networks, progress=progress)
    if as_json:
        print_json(found.as_dict())
        return
    _print(found, everything)


def _print(found: Diff, everything: bool) -> None:
    from network.differences.rows import shortened

    for name, resolved in (("a", found.a), ("b", found.b)):
        print(f"{name}  {resolved.name}: {resolved.title}")
    if found.same:
        print("nothing differs" + ("" if found.network is not None else " in what is written"))
        return
    if found.settings:
        print()
        cells = [(s.key, _cell(s.a), _cell(s.b)) for s in found.settings]
        print_table(("setting", "a", "b"), cells)
    if found.assumptions:
        print()
        rows = [
            (x.name, f"{x.a:g}", f"{x.b:g}", x.unit, f"{x.low:g} to {x.high:g}") for x in found.assumptions
        ]
        print_table(("assumption", "a", "b", "unit", "range"), rows, right=(1, 2))
    if found.only_a or found.only_b:
        print()
        changes = [("a", text) for text in found.only_a] + [("b", text) for text in found.only_b]
        print_table(("only in", "change"), changes)
    if found.shared:
        print(f"{found.shared} change{'s' if found.shared > 1 else ''} in both")
    if found.network is None:
        return
    kept, left = shortened(found.network, len(found.network) if everything else MOST)
    parts = list(dict.fromkeys(row.part for row in kept))
    if not parts:
        print("\nthe networks are the same")
    for part in parts:
        print()
        print_table((part, "a", "b", ""), [(r.what, r.a, r.b, r.note) for r in kept if r.part == part])
        if part in left:
            print(f"and {left[part]:,} more: --all shows them")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
