"""``yizhan schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from scenarios.cli.common import examples, guarded

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan schema > scenario.schema.json",
    "(first line of a scenario file)  #:schema ./scenario.schema.json",
)


@guarded
def command() -> None:
    """Print the JSON Schema of scenario files; editors complete and check keys with it."""
    from scenarios.definition.schema import schema_text

    print(schema_text(), end="")
