"""A run folder, however its files were changed, gives its answers or says which file is damaged."""

from __future__ import annotations

import io
import random
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fuzz import Reader, check
from mutate import mutate_files

sys.path.insert(0, str(Path(__file__).parents[1] / "verification"))

import studyfakes

from scenarios.assessment.validation import validate
from scenarios.cli.cost import By, _print_elements, _print_places, _print_whole
from scenarios.cli.run import _print
from scenarios.comparison.common_items import common_items
from scenarios.comparison.compared import compare_runs
from scenarios.definition.resolve import load_scenario
from scenarios.frames.run import Run
from scenarios.runs.costs import read_costs, together
from scenarios.runs.custody import chain, count_hands, longest_chains
from scenarios.runs.folder import open_run
from scenarios.runs.headlines import workings
from scenarios.runs.run import run_scenario
from scenarios.support.exports import write_records
from sim.measures.loads import by_leg


@cache
def run_files() -> list[dict[str, bytes]]:
    """Return the files of a small run of two replications."""
    scenario = load_scenario("xizang-2021").with_run(
        warmup_days=0, measured_days=1, workers=1, replications=2
    )
    with tempfile.TemporaryDirectory() as place:
        run = run_scenario(scenario, Path(place, "run"), plots=False, fitted=studyfakes.fit(scenario))
        files = {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    for name in ("cost_places.csv", "cost_elements.csv"):  # to be quick
        files[name] = b"".join(files[name].splitlines(keepends=True)[:200])
    return [files]


def ask(folder: Path) -> None:
    """Ask all that commands ask of a run, but its charts."""
    run = open_run(folder)
    _print(run)
    whole, elements, places = read_costs(run)
    _print_whole(run, whole)
    _print_elements(elements, By.route, 5, 1)
    _print_places(places, By.township, 5, 1)
    together(places)
    count_hands(run)
    for key, _ in longest_chains(run, 2):
        chain(run, key)
    by_leg(run.network, run.columns("trips"))
    for table in ("days", "queues", "in_transit"):
        run.columns(table)
    run.places_by_replication  # noqa: B018
    workings(run)
    compare_runs(run, [run])
    common_items(run, run)
    tables = Run(run)
    for name in ("places", "items", "trips", "undelivered"):
        getattr(tables, name)()
    validate(run)
    for name in ("items", "trips"):
        write_records(run.path / f"{name}.parquet", run.path / f"{name}.csv")


def mutate(rng: random.Random, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Change columns of a Parquet table, a JSON value, a cell, or bytes."""
    tables = sorted(name for name in files if name.endswith(".parquet"))
    if rng.random() < 0.3:
        name = rng.choice(tables)
        return {**files, name: mutate_table(rng, files[name])}
    return mutate_files(rng, files)


def mutate_table(rng: random.Random, content: bytes) -> bytes:
    """Leave a column out, name it anew, give it another kind, or put other values into it."""
    table = pq.read_table(io.BytesIO(content))
    at = rng.randrange(table.num_columns)
    name, column = table.column_names[at], table.column(at)
    kind = rng.randrange(7)
    if kind == 0:
        table = table.remove_column(at)
    elif kind == 1:
        table = table.rename_columns({name: rng.choice((name + "s", "x", ""))})
    elif kind == 2:
        table = table.set_column(at, name, pc.cast(column, pa.string()))
    elif kind == 3:
        table = table.set_column(at, name, pa.array([None] * table.num_rows, column.type))
    elif kind == 4:
        table = table.slice(0, rng.randrange(table.num_rows + 1))
    else:
        values: list[Any] = column.to_pylist()
        for row in rng.choices(range(len(values)), k=3) if values else ():
            values[row] = rng.choice(_values(column.type))
        table = table.set_column(at, name, pa.array(values, column.type))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _values(kind: pa.DataType) -> tuple[Any, ...]:
    if pa.types.is_boolean(kind):
        return (True, False, None)
    if pa.types.is_string(kind):
        return ("", "x", "540102", "\x00", "=1+1", None)
    if pa.types.is_floating(kind):
        return (0.0, -1.0, float("nan"), float("inf"), 1e300 if kind.bit_width == 64 else 1e38, None)
    most = 2 ** (kind.bit_width - 1) - 1
    return (0, -1, 1, 99, most, -most - 1, None)


READERS = [Reader("run folder", run_files, ask, mutate=mutate, weight=0.1)]


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_input_gives_a_traceback(reader: Reader) -> None:
    """Every mutated folder is read or refused with what is wrong."""
    check(reader)
