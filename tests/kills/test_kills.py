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
@pytest.mark.parametrize(
    ("case", "how", "every"),
    [
        ("run-1", "kill", 13),
        ("run-1", "interrupt", 22),
        ("run-3", "kill", 19),
        ("run-3", "interrupt", 28),
        ("compare", "kill", 41),
        ("compare", "interrupt", 49),
        ("select", "kill", 52),
        ("select", "interrupt", 58),
        ("study", "kill", 17),
        ("study", "interrupt", 24),
    ],
)
def test_what_is_stopped_anywhere_goes_on_to_the_same_bytes(case: str, how: str, every: int) -> None:
    """Nothing finished is made twice, and what is said to be kept is kept; a sample of the places."""
    answer = stopped(case, "--every", str(every), *(["--interrupt"] if how == "interrupt" else []))
    assert answer["wrong"] == []
    assert answer["stopped"] >= 3
