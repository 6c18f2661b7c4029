"""Where a value comes from: published, derived, known, assumed or planned."""

from __future__ import annotations

from dataclasses import dataclass

from network.inputs.assumptions import Assumption
from network.inputs.figures import Figure

__all__ = ["KINDS", "Provenance", "of_assumption", "of_figure", "of_row"]

#: Kinds of provenance and what they mean.
KINDS = {
    "published": "a figure of the report",
    "derived": "arithmetic on published figures",
    "known": "another public source, cited",
    "assumed": "a choice of this model, with a range",
    "planned": "the operator's choice, within what is published and assumed",
}


@dataclass(frozen=True)
class Provenance:
    """The origin of one value.

    `statement` is a sentence for people; `key` is the figure, the assumption,
    or the table and row that it speaks of.
    """

    kind: str
    key: str
    statement: str
    source: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}; allowed: {', '.join(KINDS)}")

    def __str__(self) -> str:
        return f"[{self.kind}] {self.statement}" + (f" ({self.source})" if self.source else "")


def of_figure(figure: Figure) -> Provenance:
    """Return the origin of a figure of the report."""
    value = f"{figure.value:,.10g} {figure.unit}"
    if figure.kind == "derived":
        return Provenance(
            "derived", figure.name, f"{value}: {figure.meaning}", "from " + ", ".join(figure.parents)
        )
    rounding = f" ± {figure.precision:,g}" if figure.precision else ""
    return Provenance(
        "published", figure.name, f"{value}{rounding}, {figure.date}: {figure.meaning}", f"“{figure.quote}”"
    )


def of_assumption(entry: Assumption) -> Provenance:
    """Return the origin of an assumed value, with its range and reason."""
    own = f" (default {entry.default:g})" if entry.changed else ""
    scope = f"range {entry.low:g} to {entry.high:g}"
    text = f"{entry.name} = {entry.value:g} {entry.unit}{own}, {scope}: {entry.why}"
    return Provenance("assumed", entry.name, text, entry.source)


def of_row(table: str, key: str, source: str, confidence: str = "") -> Provenance:
    """Return the origin of a row of a table, in the words of its source column.

    General knowledge counts as assumed, any other source as known.
    """
    kind = "assumed" if "general knowledge" in source.lower() or not source else "known"
    note = f", confidence {confidence}" if confidence else ""
    return Provenance(kind, f"{table} {key}", f"row {key} of {table}{note}", source)
