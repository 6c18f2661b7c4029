"""What is printed reaches files, pipes and screens of any encoding, and never ends a command wrongly."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from scenarios.cli import app, console, listing
from scenarios.cli.progress import shown_progress

MAIN = "from scenarios.cli import main\nif __name__ == '__main__':\n    main()\n"
TITLE = '=1+1 "quoted" 拉萨 – ≥ 3'


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash in which $Y is the command line."""
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        check=False,
        env={**os.environ, "Y": f"{sys.executable} -c", "MAIN": MAIN, **environment},
    )


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.toml"
    path.write_text(f"base = \"xizang-2021\"\ntitle = '{TITLE}'\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "encoding",
    ["ascii", pytest.param("cp1252", marks=pytest.mark.slow), pytest.param("cp932", marks=pytest.mark.slow)],
)
def test_output_is_written_in_any_encoding(encoding: str, hostile: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    done = shell(f'$Y "$MAIN" list {hostile} > {out}', PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = out.read_bytes().decode(encoding)
    assert "hostile" in text and '=1+1 "quoted" ' in text


def test_json_keeps_all_characters_in_any_encoding(hostile: Path) -> None:
    done = shell(f'$Y "$MAIN" list {hostile} --json', PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)[0]["title"] == TITLE


def test_errors_are_written_in_any_encoding_without_escapes(tmp_path: Path) -> None:
    done = shell("$Y \"$MAIN\" check $'\\e[2J拉萨'", PYTHONIOENCODING="cp1252")
    assert done.returncode == 2
    assert b"unknown scenario '\\x1b[2J??'" in done.stderr and b"\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("list --long", 0),
        ("list --help", 0),
        pytest.param("check xizang-2021", 0, marks=pytest.mark.slow),
        pytest.param("diff xizang-2012 xizang-2021 --all", 0, marks=pytest.mark.slow),
    ],
)
def test_a_reader_that_goes_away_does_not_change_the_exit_status(command: str, status: int) -> None:
    # The reader closes before the first byte, and reads one line: both ends of the same fault.
    for reader in ("exec 0<&-", "head -1 > /dev/null"):
        done = shell(f'$Y "$MAIN" {command} | ({reader}); exit ${{PIPESTATUS[0]}}')
        assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.slow
def test_a_check_that_fails_says_so_to_nobody_too() -> None:
    code = f"import network.reconcile as r\nr.passed = lambda rows: False\n{MAIN}"
    done = shell('$Y "$CODE" check xizang-2021 | (exec 0<&-); exit ${PIPESTATUS[0]}', CODE=code)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_errors_that_cannot_be_said_change_nothing() -> None:
    done = shell('$Y "$MAIN" list > /dev/full')
    assert (done.returncode, done.stderr) == (2, b"yizhan: standard output: No space left on device\n")
    assert shell('$Y "$MAIN" check nowhere 2> /dev/full').returncode == 2
    assert shell('$Y "$MAIN" check nowhere >&- 2>&-').returncode == 2


def test_a_fault_of_the_program_is_one_message_and_a_file_to_report(tmp_path: Path) -> None:
    code = (
        "import scenarios.cli as cli\n"
        "from scenarios.cli import listing\n"
        "listing.print_table = lambda *_, **__: 1 / 0\n"
        "if __name__ == '__main__':\n    cli.main()\n"
    )
    done = shell('$Y "$CODE" list', CODE=code, TMPDIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (70, b"")
    first, second = done.stderr.decode().splitlines()
    assert first == "yizhan: a fault of the program: ZeroDivisionError: division by zero"
    (report,) = tmp_path.iterdir()
    assert second == f"  please report it with the file {report}"
    assert "Traceback" in report.read_text(encoding="utf-8")
    done = shell('$Y "$CODE" list', CODE=code, YIZHAN_TRACEBACK="1")
    assert done.returncode == 70 and b"Traceback" in done.stderr


def test_bars_of_progress_keep_their_escapes_and_other_text_loses_them() -> None:
    for raw, expected in ((True, "\x1b[2K–\n"), (False, "\\x1b[2K–\n")):
        file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        stream = console.Console(file, "a file", raw)
        print("\x1b[2K–", file=stream, flush=True)
        assert file.buffer.getvalue().decode() == expected  # type: ignore[attr-defined]


def test_memory_that_does_not_suffice_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: object) -> None:
        np.empty(1 << 50)

    monkeypatch.setattr(listing, "print_table", too_much)
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 2
    assert result.stderr.startswith("yizhan: not enough memory: Unable to allocate 8.00 PiB")


class Screen(io.StringIO):
    """A screen that keeps what is drawn on it."""

    def isatty(self) -> bool:
        return True


def test_names_in_bars_of_progress_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with shown_progress() as progress:
        progress.replications("[/red]\x1b]0;owned\x07", 2)
        progress.simulated(0, 1.0)
        progress.counted("[bold]", 1, 2)
        progress.tasks("tasks", 2, 0)
        progress.task("world 1", "\x1b]0;owned\x07")
    assert "world 1 failed: \\x1b]0;owned\\x07" in screen.getvalue() and "\x1b]0" not in screen.getvalue()
