"""The ends of chains: figures, table rows and assumptions of one network."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from network.explain.provenance import Provenance, of_assumption, of_figure, of_row
from network.inputs.tables import Region
from network.model.network import Network
from network.model.records import Places

__all__ = ["Ends", "Said", "Told"]

# The steps that led to a value, and the origins at their end; Said has the value before them.
Told = tuple[list[str], list[Provenance]]
Said = tuple[object, list[str], list[Provenance]]


class Ends:
    """Finds the origins of one network by name."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @property
    def places(self) -> Places:
        """The network's places."""
        return self.network.places

    @cached_property
    def region(self) -> Region:
        """The region's tables."""
        return self.network.region

    @cached_property
    def _rows(self) -> dict[tuple[str, str], Any]:
        region = self.region
        rows: dict[tuple[str, str], Any] = {}
        for name, key in (
            ("counties", "code"),
            ("townships", "code"),
            ("roads", "id"),
            ("airports", "iata"),
            ("gateways", "id"),
            ("monasteries", "id"),
        ):
            rows.update({(name, getattr(row, key)): row for row in getattr(region, name)})
        rows.update({("stations", f"{s.line} {s.seq}"): s for s in region.stations})
        return rows

    def has(self, table: str, key: str) -> bool:
        """Return whether a table of the region has a row of this key."""
        return (table, key) in self._rows

    def assumed(self, *names: str) -> list[Provenance]:
        """Return assumptions as origins."""
        return [of_assumption(self.network.assumptions.entry(name)) for name in names]

    def listed(self, table: str, key: str = "", column: str = "") -> list[Provenance]:
        """Return an assumed list as an origin, or the row of it that has this key (in this column)."""
        rows = self.network.assumptions.table(table)
        if not key:
            return [Provenance("assumed", table, f"the list {table}: {len(rows)} rows, each with its reason")]
        for row in rows:
            if (row.get(column) == key) if column else (key in row.values()):
                text = f"{table} {key}: {row['why']}"
                return [Provenance("assumed", f"{table} {key}", text, str(row.get("source", "")))]
        return []

    def changed(self, what: str, done: str = "", subject: str = "") -> list[Provenance]:
        """Return what a scenario changed of something, as origins.

        With `done` only changes of this sort, with `subject` only those of this route or road.
        """
        return [
            Provenance("assumed", f"scenario {what}", f"a change of the scenario: {note.label}")
            for note in self.network.changed
            if note.figure == what and done in ("", note.done) and subject in ("", note.subject)
        ]

    def name(self, place: str) -> str:
        """Return what to call a place: its English name."""
        return str(self.places.name_en[self.places.row(place)])

    def figure(self, *names: str) -> list[Provenance]:
        """Return figures as origins: derived ones with their parents, or what was carried back for them."""
        origins = []
        for name in names:
            if name in self.network.report:
                figure = self.network.report[name]
                origins += [of_figure(figure), *self.figure(*figure.parents)]
            else:
                origins += [
                    Provenance("assumed", "carried back", note.text)
                    for note in self.network.carried_back
                    if note.figure == name
                ]
        return origins

    def row(self, table: str, key: str) -> list[Provenance]:
        """Return a row of the region's tables as an origin."""
        row = self._rows[table, key]
        return [of_row(table, key, row.source, row.confidence)]
