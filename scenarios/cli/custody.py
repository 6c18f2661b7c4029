"""``yizhan custody``: who had confidential mail from when."""

from __future__ import annotations

from typing import Annotated

import typer

from scenarios.cli.common import examples, guarded
from scenarios.cli.tables import print_table

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan custody runs/xizang-2021-20260101-120000",
    "yizhan custody runs/xizang-2021-20260101-120000 --item 136726471212269568",
    "yizhan custody runs/xizang-2021-20260101-120000 --item 136726471212269568 --csv",
)


@guarded
def command(
    run: Annotated[str, typer.Argument(help="Run folder.")],
    item: Annotated[int | None, typer.Option("--item", "-i", help="Key of an item, for its hands.")] = None,
    replication: Annotated[int, typer.Option(min=0, help="Number of the replication.")] = 0,
    most: Annotated[int, typer.Option(min=0, help="Items with the most hands to list.")] = 5,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for programs.")] = False,
) -> None:
    """Show how often confidential mail changed hands, or the chain of hands of one item (rule 10)."""
    from scenarios.runs.custody import CHAIN_COLUMNS, COUNT_COLUMNS, chain, count_hands, longest_chains
    from scenarios.runs.folder import open_run
    from scenarios.support.tables import csv_text

    stored = open_run(run)
    if item is not None:
        hands = chain(stored, item, replication)
        if as_csv:
            print(csv_text([hand._asdict() for hand in hands], CHAIN_COLUMNS), end="")
            return
        print_table(("from", "hand", "where"), [(str(h.time), h.hand, f"{h.where} {h.name}") for h in hands])
        return
    counts = count_hands(stored, replication)
    if as_csv:
        print(csv_text([count._asdict() for count in counts], COUNT_COLUMNS), end="")
        return
    print_table(("confidential mail was", "items", "times"), counts)
    longest = [(str(key), hands) for key, hands in longest_chains(stored, most, replication)]
    if longest:
        print_table(("item", "hands"), longest, title="most hands; --item KEY shows the chain")
