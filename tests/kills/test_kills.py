"""Whatever is stopped while it makes a folder goes on with the same command, to the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = Path(__file__).with_name("kills.py")


def stopped(case: str, *more: str) -> dict[str, Any]:
    """Return what the script says of a case; it forks, so it is a process of its own."""
    command = [sys.executable, str(KILLS), case, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("how", ["kill", "interrupt"])
@pytest.mark.parametrize(
    ("case", "every"), [("run-1", 2), ("run-3", 6), ("compare", 12), ("select", 12), ("study", 4)]
)
def test_what_is_stopped_anywhere_goes_on_to_the_same_bytes(case: str, every: int, how: str) -> None:
    """Nothing finished is made twice, and what is said to be kept is kept."""
    answer = stopped(case, "--every", str(every), *(["--interrupt"] if how == "interrupt" else []))
    assert answer["wrong"] == []
    assert answer["stopped"] >= 8
