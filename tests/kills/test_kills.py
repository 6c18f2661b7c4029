"""Whatever is stopped while it makes a folder or file goes on with the same command, to the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = Path(__file__).with_name("kills.py")
FORMS = ("archive", "geojson", "gmns", "gpkg", "gtfs", "items.csv", "items.parquet", "nodelink")


def stopped(*cases: str) -> list[dict[str, Any]]:
    """Return what the script says of cases; it forks, so it is a process of its own."""
    command = [sys.executable, str(KILLS), *cases]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "cases",
    [("run-3:10", "compare:29", "growth:4"), ("select:31", "plan:34", "study:9")],
)
def test_what_is_stopped_anywhere_goes_on_to_the_same_bytes(cases: tuple[str, ...]) -> None:
    """Nothing finished is made twice, and what is said to be kept is kept; a sample of the places."""
    answers = stopped(*cases)
    assert [wrong for answer in answers for wrong in answer["wrong"]] == []
    assert len(answers) == len(cases)
    for answer in answers:
        assert all(answer["stopped"].get(way, 0) >= 2 for way in ("kill", "interrupt")), answer


@pytest.mark.slow
def test_an_export_is_the_old_file_or_the_whole_new_one() -> None:
    """Killed while it writes, and before and after the file gets its name; then the same bytes."""
    pytest.importorskip("pyogrio", reason="pyogrio is in the extras 'gpkg' and 'test'")
    answers = stopped(*(f"export-{form}:2" for form in FORMS))
    assert [wrong for answer in answers for wrong in answer["wrong"]] == []
    assert [answer["stopped"] for answer in answers] == [{"kill": 8}] * len(FORMS)
