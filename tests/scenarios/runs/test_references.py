"""A scenario or run is taken by name, by file, by folder or as itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.definition.resolve import load_scenario, load_scenarios
from scenarios.runs.folder import StoredRun
from scenarios.runs.references import network_of, scenario_of, stored_run
from scenarios.support.folders import StoreError


def test_what_is_resolved_already_is_taken_as_it_is() -> None:
    resolved = load_scenario("xizang-2021")
    assert load_scenario(resolved) is resolved
    assert load_scenarios(resolved) == [resolved]
    assert scenario_of(resolved) is resolved
    assert stored_run(resolved) is None


def test_a_name_is_no_run_and_a_run_is_itself() -> None:
    assert stored_run("xizang-2021") is None
    run = StoredRun(Path("somewhere"))
    assert stored_run(run) is run


def test_a_run_that_was_broken_off_is_refused_with_the_command_that_finishes_it(tmp_path: Path) -> None:
    (tmp_path / "base.partial").mkdir()
    with pytest.raises(StoreError, match="broken off; finish it with: yizhan run"):
        stored_run(tmp_path / "base")


def test_an_archive_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="JSON in UTF-8"):
        network_of(path)
