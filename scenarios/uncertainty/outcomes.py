"""The numbers of a study: read across its parts, and laid out as arrays over worlds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scenarios.uncertainty.answers import SCHEMA, Part, read_part

__all__ = ["Outcomes", "parts_of", "read_outcomes"]

_ORDER = ("world", "scenario", "form", "replication", "key")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Numbers by world, scenario, form, replication and key.

    Parameters
    ----------
    table
        Columns of those names and ``value``.
    worlds
        Names of the worlds, in the order of the arrays.
    """

    table: pa.Table
    worlds: tuple[str, ...]

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], dict[tuple[str, int], float]]:
        """Values by (form, scenario, key), then by (world, replication)."""
        columns = self.table.to_pydict()
        found: dict[tuple[str, str, str], dict[tuple[str, int], float]] = {}
        for world, scenario, form, replication, key, value in zip(
            *(columns[name] for name in (*_ORDER, "value")), strict=True
        ):
            found.setdefault((form, scenario, key), {})[world, replication] = value
        return found

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys there are, sorted."""
        return tuple(sorted({key for _, _, key in self.cells}))

    def over_worlds(
        self, form: str, scenario: str, key: str, worlds: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Return the first replication's value in each world; nan where there is none."""
        cells = self.cells.get((form, scenario, key), {})
        chosen = self.worlds if worlds is None else worlds
        return np.array([cells.get((world, 0), np.nan) for world in chosen], dtype=np.float64)

    def replications(self, form: str, scenario: str, key: str, world: str) -> NDArray[np.float64]:
        """Return the values of all replications of one world, in order."""
        cells = self.cells.get((form, scenario, key), {})
        return np.array(
            [value for (name, _), value in sorted(cells.items()) if name == world], dtype=np.float64
        )


def parts_of(folder: Path, prefix: str = "") -> list[Part]:
    """Return what the tasks of a study left behind, by name."""
    return [read_part(path) for path in sorted(folder.glob(f"{prefix}*.parquet"))]


def read_outcomes(
    parts: Iterable[Part], worlds: Sequence[str] = (), keys: Iterable[str] | None = None
) -> Outcomes:
    """Read the numbers of some keys across parts.

    With DuckDB (extra ``study``) only the wanted rows are read; without it, one part after the other.

    Parameters
    ----------
    parts
        What tasks left, see `parts_of`.
    worlds
        Names of the worlds wanted, in the order of the arrays.
    keys
        Wanted; all by default.
    """
    paths = sorted(part.path for part in parts)
    wanted = None if keys is None else sorted(set(keys))
    if not paths:
        return Outcomes(SCHEMA.empty_table(), tuple(worlds))
    table = _by_duckdb(paths, wanted)
    if table is None:
        table = _by_arrow(paths, wanted)
    return Outcomes(table, tuple(worlds))


def _by_duckdb(paths: Sequence[Path], keys: Sequence[str] | None) -> pa.Table | None:
    try:
        import duckdb
    except ImportError:
        return None
    where = "" if keys is None else "WHERE key IN (SELECT unnest($keys))"
    order = ", ".join(_ORDER)
    given: dict[str, Any] = {"paths": [str(path) for path in paths]}
    if keys is not None:
        given["keys"] = list(keys)
    with duckdb.connect() as link:
        query = f"SELECT {order}, value FROM read_parquet($paths) {where} ORDER BY {order}"
        return link.sql(query, params=given).to_arrow_table()


def _by_arrow(paths: Sequence[Path], keys: Sequence[str] | None) -> pa.Table:
    filters = None if keys is None else [("key", "in", list(keys))]
    tables = [pq.read_table(path, filters=filters).replace_schema_metadata() for path in paths]
    table = pa.concat_tables(tables)
    return table.sort_by([(name, "ascending") for name in _ORDER])
