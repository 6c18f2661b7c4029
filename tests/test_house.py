"""The house has three floors, and no import runs upwards."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"network": set(), "sim": {"network"}, "scenarios": {"network", "sim"}}


def modules(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it, strings for importlib included."""
    found: set[str] = set()
    package = path.relative_to(ROOT).parts[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(package if node.level else (node.module or "").split(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            found |= {arg.value.split(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_no_import_runs_upwards(floor: str) -> None:
    above = set(FLOORS) - FLOORS[floor] - {floor}
    wrong = {str(path.relative_to(ROOT)): imported(path) & above for path in modules(floor)}
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("floor", FLOORS)
def test_no_module_imports_the_tests_or_the_benchmarks(floor: str) -> None:
    assert not any(imported(path) & {"tests", "benchmarks"} for path in modules(floor))


@pytest.mark.parametrize("floor", FLOORS)
def test_every_folder_of_modules_is_a_package(floor: str) -> None:
    """The built package leaves out folders without ``__init__.py``."""
    folders = {path.parent for path in modules(floor)}
    assert [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_the_network_draws_nothing_and_prints_nothing_by_itself() -> None:
    """Plots and the screen belong to the top floor."""
    for floor in ("network", "sim"):
        for path in modules(floor):
            assert not imported(path) & {"matplotlib", "rich", "typer"}, path


def test_an_upward_import_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would notice: also inside a function, also by importlib."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "network").mkdir()
    module = tmp_path / "network" / "wrong.py"
    module.write_text("def f():\n    from sim.engine.kernel import run\n    import_module('scenarios.cli')\n")
    assert imported(module) == {"sim", "scenarios"}
