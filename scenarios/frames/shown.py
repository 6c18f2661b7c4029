"""How things look at a prompt and in a notebook: one line, and a small table."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from html import escape

import pandas as pd

__all__ = ["Shown"]

WIDTH = 100  # characters of a line
ROWS = 12  # of the small table


class Shown:
    """Something that says in one line what it is; in a notebook its first table stands below.

    The tables are the fields of a dataclass that are data frames.
    """

    @property
    def _about(self) -> str:
        """What the line says after the kind of thing."""
        return ", ".join(f"{name} {len(table):,} rows" for name, table in self._tables().items())

    def _tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are at hand without any work."""
        if not is_dataclass(self):
            return {}
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}

    def __repr__(self) -> str:
        line = " ".join(f"{type(self).__name__} {self._about}".split())
        return f"<{line}>" if len(line) + 2 <= WIDTH else f"<{line[: WIDTH - 3]}…>"

    def _repr_html_(self) -> str:
        table = next((table for table in self._tables().values() if len(table)), None)
        shown = "" if table is None else table.head(ROWS).to_html(max_cols=10, na_rep="–", border=0)
        more = "" if table is None or len(table) <= ROWS else f"<p>… {len(table):,} rows in all</p>"
        return f"<p>{escape(repr(self))}</p>{shown}{more}"
