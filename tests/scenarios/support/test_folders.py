"""Work folders: what is swept, what is kept of several runs, and who may touch a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import scenarios.support.folders as folders_module
from scenarios.support.broken_off import BrokenOffError, Interrupted, breaking_off, finished_replications
from scenarios.support.folders import StoreError, WorkFolder, unwritable

QUESTION = {"scenario": "one"}


def test_a_folder_gets_its_name_without_what_a_run_in_it_left(tmp_path: Path) -> None:
    with WorkFolder(tmp_path / "out", QUESTION) as draft:
        (draft.whole / "run").mkdir()
        (draft.whole / "run.partial" / "replication-000").mkdir(parents=True)
        draft.commit()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["run"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_was_begun_is_removed_while_nobody_else_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock given up before would let another process in, whose folder would then be removed."""
    seen: list[bool] = []
    release = folders_module.release_lock

    def released(folder: Path, lock: Any) -> None:
        seen.append(folder.exists())
        release(folder, lock)

    def failing(path: Path, content: Any) -> Path:
        if path.name == folders_module.IDENTITY:
            raise StoreError("no room")
        return write(path, content)

    write = folders_module.write_file
    monkeypatch.setattr(folders_module, "release_lock", released)
    monkeypatch.setattr(folders_module, "write_file", failing)
    with pytest.raises(StoreError, match="no room"), WorkFolder(tmp_path / "out", QUESTION):
        pass
    assert seen == [False] and not list(tmp_path.iterdir())


def kept_runs(whole: Path) -> None:
    """Make a whole run of two, the same before it had tidied up, and two begun ones of one and none."""
    for name in ("done", "named"):
        (whole / name).mkdir()
        (whole / name / "replications.json").write_text(json.dumps([{}, {}]))
    (whole / "named.partial" / "replication-000").mkdir(parents=True)
    (whole / "named.partial" / "replication-001").mkdir()
    (whole / "begun.partial" / "replication-000").mkdir(parents=True)
    (whole / "begun.partial" / "whole").mkdir()
    (whole / "begun.partial" / "whole" / "replications.json").write_text("[{}]")
    (whole / "empty.partial").mkdir()


def test_each_finished_replication_counts_once(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    kept_runs(tmp_path / "plan")
    assert finished_replications(tmp_path) == 5


def test_what_breaks_off_within_says_how_the_whole_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Interrupted) as stop, WorkFolder(out, QUESTION) as draft, breaking_off(draft, 8):
        kept_runs(draft.whole)
        raise Interrupted(draft.whole / "begun", 1, 2)
    assert str(stop.value) == (
        f"interrupted: 5 of 8 replications finished and kept; go on with the same command and --out {out}"
    )
    with pytest.raises(BrokenOffError) as full, WorkFolder(out, QUESTION) as draft, breaking_off(draft, 8):
        raise BrokenOffError("no room for days.parquet", draft.whole / "begun", 1)
    assert str(full.value) == (
        "no room for days.parquet; 5 replications finished and kept; "
        f"go on with the same command and --out {out}"
    )
    with pytest.raises(BrokenOffError) as full, WorkFolder(out, QUESTION) as draft, breaking_off(draft):
        raise unwritable(Path("/a/b"), OSError(28, "No space left on device"))
    assert str(full.value) == (
        "/a/b cannot be written (No space left on device); 5 replications finished and kept; "
        f"go on with the same command and --out {out}"
    )


def test_nothing_is_kept_of_what_has_finished_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Interrupted, match="nothing kept"), WorkFolder(out, QUESTION) as d, breaking_off(d):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
