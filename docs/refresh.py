"""Rewrite the parameter tables of docs/model.md from the region's assumptions.

    python docs/refresh.py            # rewrite
    python docs/refresh.py --check    # exit status 1 if something would change

A table stands between ``<!-- parameters: NAME NAME ... -->`` and
``<!-- end -->``; the names are chosen by hand, the rest comes from
``assumptions.toml``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from network.assumptions import Assumptions

__all__ = ["named", "refreshed"]

MODEL = Path(__file__).with_name("model.md")
BLOCK = re.compile(r"(<!-- parameters: (?P<names>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = "| parameter | default | range | unit | why |\n|---|---|---|---|---|\n"


def named(text: str) -> list[str]:
    """Return every parameter that the page's tables name, in order."""
    return [name for block in BLOCK.finditer(text) for name in block["names"].split()]


def refreshed(text: str, assumptions: Assumptions) -> str:
    """Return the page with its tables rewritten.

    Raises
    ------
    UnknownNameError
        If the page names a parameter that the region does not have.
    """

    def table(block: re.Match[str]) -> str:
        rows = "".join(_row(name, assumptions) for name in block["names"].split())
        return block[1] + HEAD + rows + block[3]

    return BLOCK.sub(table, text)


def _row(name: str, assumptions: Assumptions) -> str:
    entry = assumptions.entry(name)
    span = f"{entry.low:g}–{entry.high:g}" if entry.low < entry.high else "fixed"
    why = entry.why + (f" ({entry.source})" if entry.source else "")
    return f"| `{name}` | {entry.default:g} | {span} | {entry.unit} | {why} |\n"


def main() -> int:
    """Rewrite the page, or say whether it is as it should be."""
    parser = argparse.ArgumentParser(description="Rewrite the parameter tables of docs/model.md.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit status 1 if a table is stale"
    )
    check = parser.parse_args().check
    old = MODEL.read_text(encoding="utf-8")
    new = refreshed(old, Assumptions.load("xizang"))
    if check:
        return int(new != old)
    MODEL.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
