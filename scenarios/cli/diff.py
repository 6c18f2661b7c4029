"""``yizhan diff``: what differs between two scenarios and their networks, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import AsJson, Scenario
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_table

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
    a: Scenario,
    b: Annotated[str, typer.Argument(help="Another one.")],
    everything: Annotated[
        bool, typer.Option("--all", help=f"Show all details, not only the {MOST} heaviest of each part.")
    ] = False,
    no_networks: Annotated[
        bool, typer.Option("--no-networks", help="Compare only what is written, and fit no network.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say in words what differs between two scenarios, and between their networks.

    Settings, assumptions and changes as resolved, bases merged; then routes, rounds, centres,
    vehicles, outlets, stations, roads and demand, what weighs most first.
    """
    from scenarios.comparison.diff import diff

    with shown_progress() as progress:
        differing = diff(a, b, networks=not no_networks, progress=progress)
    if as_json:
        print_json(differing.as_dict())
        return
    _print(differing, everything)


def _print(differing: Diff, everything: bool) -> None:
    from network.differences.rows import shortened

    for name, resolved in (("a", differing.a), ("b", differing.b)):
        print(f"{name}  {resolved.name}: {resolved.title}")
    if differing.same:
        print("nothing differs" + ("" if differing.network is not None else " in what is written"))
        return
    if differing.settings:
        print()
        cells = [(s.key, _cell(s.a), _cell(s.b)) for s in differing.settings]
        print_table(("setting", "a", "b"), cells)
    if differing.assumptions:
        print()
        rows = [
            (x.name, f"{x.a:g}", f"{x.b:g}", x.unit, f"{x.low:g} to {x.high:g}")
            for x in differing.assumptions
        ]
        print_table(("assumption", "a", "b", "unit", "range"), rows)
    if differing.only_a or differing.only_b:
        print()
        changes = [("a", text) for text in differing.only_a] + [("b", text) for text in differing.only_b]
        print_table(("only in", "change"), changes)
    if differing.shared:
        print(f"{differing.shared} change{'s' if differing.shared > 1 else ''} in both")
    if differing.network is None:
        return
    kept, left = shortened(differing.network, len(differing.network) if everything else MOST)
    parts = list(dict.fromkeys(row.part for row in kept))
    if not parts:
        print("\nthe networks are the same")
    for part in parts:
        print()
        print_table((part, "a", "b", "note"), [(r.what, r.a, r.b, r.note) for r in kept if r.part == part])
        if part in left:
            print(f"and {left[part]:,} more: --all shows them")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
