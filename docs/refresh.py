"""Rewrite the tables of the documentation from what the project itself reads.

    python docs/refresh.py            # rewrite
    python docs/refresh.py --check    # exit status 1 if something would change

Blocks, each up to ``<!-- end -->``: ``<!-- parameters: NAME NAME ... -->`` becomes
a table of these assumptions, ``<!-- keys: MODEL -->`` one of what a table of a
scenario file may say, ``<!-- run: files -->``, ``<!-- run: summary -->`` and
``<!-- run: measures -->`` what a run writes, ``<!-- run: items.parquet -->`` the columns of a table
of a run or study.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from network.inputs.assumptions import Assumptions
from network.inputs.tables import load_region
from network.numeric.columns import meanings
from scenarios.definition.schema import json_schema
from scenarios.runs.columns import TABLES as RUN_TABLES
from scenarios.runs.layout import FILES
from scenarios.runs.summary import KEYS
from scenarios.uncertainty.columns import TABLES as STUDY_TABLES
from sim.measures.keys import SUMMARY_KEYS

__all__ = ["PAGES", "named", "refreshed"]

PAGES = tuple(
    Path(__file__).with_name(name)
    for name in ("model.md", "cost.md", "scenarios.md", "results.md", "studies.md")
)
BLOCK = re.compile(
    r"(<!-- (?P<kind>parameters|keys|run): (?P<names>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL
)
PARAMETERS = "| parameter | default | range | unit | why |\n|---|---|---|---|---|\n"
TABLES = {**RUN_TABLES, **STUDY_TABLES}
SCENARIO_KEYS = "| key | value | default | meaning |\n|---|---|---|---|\n"


def named(text: str) -> list[str]:
    """Return every parameter that the page's tables name, in order."""
    blocks = (block for block in BLOCK.finditer(text) if block["kind"] == "parameters")
    return [name for block in blocks for name in block["names"].split()]


def refreshed(text: str, assumptions: Assumptions) -> str:
    """Return the page with its tables rewritten.

    Raises
    ------
    UnknownNameError
        If the page names a parameter that the region does not have.
    KeyError
        If it names a table that scenario files do not have.
    """
    schema = json_schema()

    def table(block: re.Match[str]) -> str:
        if block["kind"] == "parameters":
            body = PARAMETERS + "".join(_parameter(name, assumptions) for name in block["names"].split())
        elif block["kind"] == "run":
            body = _run(block["names"])
        else:
            model = schema if block["names"] == "Scenario" else schema["$defs"][block["names"]]
            keys = model["properties"]
            # every change has a label: the page says so once
            body = SCENARIO_KEYS + "".join(
                _key(n, keys[n], model) for n in keys if n != "label" or "op" not in keys
            )
        return block[1] + body + block[4]

    return BLOCK.sub(table, text)


def _run(what: str) -> str:
    if what == "measures":
        rows = [(name, f"{key.meaning} | {key.unit}") for name, key in SUMMARY_KEYS.items()]
        return "| key | meaning | unit |\n|---|---|---|\n" + "".join(f"| `{n}` | {t} |\n" for n, t in rows)
    if what in TABLES:
        about, head = meanings(TABLES[what]), "column"
    else:
        about, head = {"files": (FILES, "file"), "summary": (KEYS, "key")}[what]
    return f"| {head} | meaning |\n|---|---|\n" + "".join(f"| `{n}` | {t} |\n" for n, t in about.items())


def _parameter(name: str, assumptions: Assumptions) -> str:
    entry = assumptions.entry(name)
    span = f"{entry.low:g}–{entry.high:g}" if entry.low < entry.high else "fixed"
    why = entry.why + (f" ({entry.source})" if entry.source else "")
    return f"| `{name}` | {entry.default:g} | {span} | {entry.unit} | {why} |\n"


def _key(name: str, field: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    default = field.get("default")
    if "const" in field and name == "op":
        return f"| `{name}` | {_values(field)} | needed | {model.get('description', '')} |\n"
    given = "needed" if name in model.get("required", ()) else ""
    if default not in (None, [], {}) and not isinstance(default, dict):
        given = f"`{str(default).lower() if isinstance(default, bool) else default}`"
    text = field.get("description") or ""
    return f"| `{name}` | {_values(field)} | {given} | {text} |\n".replace("|  |", "| |")


def _values(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return "table"
    if "anyOf" in field or "oneOf" in field:
        options = field.get("anyOf") or field["oneOf"]
        return " or ".join(dict.fromkeys(_values(o) for o in options if o.get("type") != "null"))
    if "enum" in field:
        return ", ".join(f'`"{value}"`' for value in field["enum"])
    if "const" in field:
        return f'`"{field["const"]}"`'
    kind = {"integer": "whole number", "string": "text", "boolean": "true or false", "object": "table"}.get(
        field["type"], field["type"]
    )
    if kind == "array":
        return "list of " + _values(field["items"])
    low, high = field.get("minimum", field.get("exclusiveMinimum")), field.get("maximum")
    if low is not None and high is not None:
        return f"{kind} {low:g}–{high if kind == 'whole number' else format(high, 'g')}"
    if low is not None:
        return f"{kind}, {'more than' if 'exclusiveMinimum' in field else 'at least'} {low:g}"
    return "date" if field.get("format") == "date" else kind


def main() -> int:
    """Rewrite the pages, or say whether they are as they should be."""
    parser = argparse.ArgumentParser(description="Rewrite the tables of docs/.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit status 1 if a table is stale"
    )
    check = parser.parse_args().check
    assumptions = load_region("xizang").assumptions
    stale = 0
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = refreshed(old, assumptions)
        stale += new != old
        if not check:
            page.write_text(new, encoding="utf-8")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
