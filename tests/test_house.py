"""The house: three floors, each a row of rooms, no import that runs up or back, and nothing too large.

`ROOMS` holds the order.  A module may import from its own room and from rooms that stand before it, on its
own floor or on a floor below; an import inside a function or under ``TYPE_CHECKING`` counts like any other.
"""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]

#: The rooms of each floor, lowest first; a room is a folder, or a module that stands in none.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "network": (
        "errors",
        "numeric",
        "inputs",
        "model",
        "geography",
        "demand",
        "linehaul",
        "lastmile",
        "fleet",
        "routing",
        "fit",
        "capacity",
        "accessibility",
        "operator",
        "edit",
        "build",
        "reconcile",
        "explain",
        "differences",
        "exchange",
    ),
    "sim": (
        "plan",
        "demand",
        "chance",
        "state",
        "result",
        "fleet",
        "engine",
        "measures",
        "cost",
        "run",
    ),
    "scenarios": (
        "support",
        "charts",
        "changes",
        "definition",
        "runs",
        "comparison",
        "uncertainty",
        "expansion",
        "growth",
        "assessment",
        "frames",
        "cli",
    ),
}
FLOORS = tuple(ROOMS)
MODULES_A_FOLDER, LINES_A_MODULE, PARAMETERS = 15, 400, 8
ALIKE_LINES = 15
#: Modules that open connections, start programs or run code of files.
OUTWARD = {
    "socket", "ssl", "http", "urllib", "ftplib", "smtplib", "xmlrpc", "asyncio", "requests", "subprocess",
    "runpy", "code", "marshal", "shelve", "joblib", "ctypes",
}  # fmt: skip
#: Names that do not say what a thing is.
VAGUE = {"found", "told", "mine", "here", "some"}
#: Folders that may hold more modules, each with the reason.
LARGER_FOLDERS = {"scenarios/cli": "a module for each command"}
#: Public functions that may have more parameters, each with the reason; commands have one an option.
MORE_PARAMETERS: Mapping[str, str] = {
    "network.edit.operations.equip_centres": "one for each key of the change that it makes",
    "network.edit.routes.add_route": "one for each key of the change that it makes",
    "network.geography.points.scatter": "columns of equal length, and the limits of one search",
    "scenarios.runs.album.draw_run": "the tables of a run folder, and how to draw them",
    "scenarios.assessment.coverage_asked.ask_coverage": "one for each option of the command",
    "scenarios.frames.scenario.Scenario.run": "one for each option of the command",
    "scenarios.comparison.compare.compare": "one for each option of the command",
    "scenarios.comparison.select_runs.select": "one for each option of the command",
}


class Import(NamedTuple):
    """One import: the module that asks, and the module or package that it asks for."""

    by: str
    of: str


def paths(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> dict[str, Path]:
    """Return the file of every module of the house by its dotted name; of a package, its ``__init__``."""
    return {name_of(path): path for floor in FLOORS for path in paths(floor)}


@cache
def tree(text: str) -> ast.Module:
    return ast.parse(text)


def parsed(path: Path) -> ast.Module:
    return tree(path.read_text(encoding="utf-8"))


def asked(path: Path) -> set[str]:
    """Return the dotted names that a module imports, wherever in it, strings for importlib included."""
    names: set[str] = set()
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            names |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    return names


def imports() -> Iterator[Import]:
    """Yield every import of a module of the house by another."""
    known = modules()
    for name, path in known.items():
        for target in asked(path):
            of = target if target in known else target.rpartition(".")[0]
            if of in known and of != name:
                yield Import(name, of)


def place(module: str) -> tuple[int, int]:
    """Return the floor of a module and its room there; a floor's own ``__init__`` stands before its rooms."""
    floor, _, rest = module.partition(".")
    return FLOORS.index(floor), ROOMS[floor].index(rest.split(".")[0]) if rest else -1


def back() -> list[Import]:
    return sorted(arrow for arrow in imports() if place(arrow.of) > place(arrow.by))


def test_every_room_has_its_place_in_the_order() -> None:
    for floor in FLOORS:
        rooms = {name.split(".")[1] for name in modules() if name.startswith(f"{floor}.")}
        assert rooms == set(ROOMS[floor])


@pytest.mark.slow
def test_no_import_runs_up_a_floor_or_back_to_a_later_room() -> None:
    assert back() == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even by way of others; what a package's ``__init__`` lends out counts as that package's."""
    graph = nx.DiGraph(list(imports()))
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_no_module_imports_the_tests_or_the_benchmarks(floor: str) -> None:
    assert not any(
        name.split(".")[0] in ("tests", "benchmarks") for path in paths(floor) for name in asked(path)
    )


@pytest.mark.parametrize("floor", FLOORS)
def test_every_folder_of_modules_is_a_package_that_says_what_it_is_for(floor: str) -> None:
    """The built package leaves out folders without ``__init__.py``."""
    for folder in {path.parent for path in paths(floor)}:
        init = folder / "__init__.py"
        assert init.is_file(), folder
        assert ast.get_docstring(parsed(init)), init


def test_the_network_draws_nothing_and_prints_nothing_by_itself() -> None:
    """Plots and the screen belong to the top floor."""
    for floor in ("network", "sim"):
        for path in paths(floor):
            roots = {name.split(".")[0] for name in asked(path)}
            assert not roots & {"matplotlib", "rich", "typer"}, path


def test_no_folder_has_too_many_modules() -> None:
    count = Counter(path.parent for path in modules().values() if path.name != "__init__.py")
    named = {folder.relative_to(ROOT).as_posix(): number for folder, number in count.items()}
    large = {folder: number for folder, number in named.items() if number > MODULES_A_FOLDER}
    assert {folder: number for folder, number in large.items() if folder not in LARGER_FOLDERS} == {}


def test_no_module_is_too_long() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    assert {name: number for name, number in lines.items() if number > LINES_A_MODULE} == {}


def parameters(path: Path) -> dict[str, int]:
    """Return how many parameters each public function and method of a module has, without self and cls."""
    count: dict[str, int] = {}

    def visit(body: list[ast.stmt], owner: str) -> None:
        for node in body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            name = f"{owner}.{node.name}"
            if isinstance(node, ast.ClassDef):
                visit(node.body, name)
            else:
                args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                count[name] = len([arg for arg in args if arg.arg not in ("self", "cls")])

    visit(parsed(path).body, name_of(path))
    return count


def test_no_public_function_has_too_many_parameters() -> None:
    many = {
        name
        for path in modules().values()
        for name, number in parameters(path).items()
        if number > PARAMETERS and not (name.startswith("scenarios.cli.") and name.endswith(".command"))
    }
    assert many - MORE_PARAMETERS.keys() == set()
    assert MORE_PARAMETERS.keys() <= many, "an exception that is no longer needed"


def vague(path: Path) -> list[str]:
    """Return where a module gives one of the vague names."""
    given = {
        (node.lineno, name)
        for node in ast.walk(parsed(path))
        for name in (
            getattr(node, key, None) for key in ("id", "arg", "attr", "name") if hasattr(node, "lineno")
        )
        if name in VAGUE
    }
    return [f"{path.name}:{line} {name}" for line, name in sorted(given)]


def test_names_say_what_things_are() -> None:
    assert [place for path in [*modules().values(), ROOT / "yizhan.py"] for place in vague(path)] == []


def shapes(path: Path) -> list[tuple[int, str]]:
    """Return the lines of code of a module, names, numbers and texts made equal, without imports."""
    left_out: set[int] = set()
    for node in ast.walk(parsed(path)):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        over = node.body[0] if documented else node if isinstance(node, ast.Import | ast.ImportFrom) else None  # type: ignore[union-attr]
        if over is not None:
            left_out |= set(range(over.lineno, (over.end_lineno or over.lineno) + 1))
    kinds = {tokenize.NAME: "name", tokenize.NUMBER: "number", tokenize.STRING: "text", tokenize.OP: ""}
    lines: dict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.start[0] not in left_out and token.type in kinds:
            own = token.type == tokenize.OP or keyword.iskeyword(token.string)
            lines[token.start[0]].append(token.string if own else kinds[token.type])
    return [(number, " ".join(words)) for number, words in sorted(lines.items())]


def written_twice() -> list[list[str]]:
    """Return the places that share a run of lines of one shape; declarations of a column a line are none."""
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, path in modules().items():
        lines = shapes(path)
        for at in range(len(lines) - ALIKE_LINES + 1):
            run = lines[at : at + ALIKE_LINES]
            shape = tuple(text for _, text in run)
            if len(set(shape)) > ALIKE_LINES // 2:
                places[shape].append(f"{name}:{run[0][0]}")
    return [alike for alike in places.values() if len(alike) > 1]


@pytest.mark.slow
def test_nothing_is_written_twice() -> None:
    assert written_twice() == []


# ---------------------------------------------------------------- the checks see what is wrong


def reaching_out(path: Path) -> set[str]:
    """Return what a module could open connections, start programs or run texts with."""
    modules = {name.split(".")[0] for name in asked(path)} & OUTWARD
    calls = {node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)}
    names = {func.id for func in calls if isinstance(func, ast.Name)} & {"eval", "exec", "__import__"}
    loads = {
        f"{func.value.id}.{func.attr}"
        for func in calls
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
    }
    return modules | names | (loads & {"pickle.load", "pickle.loads", "os.system", "os.popen"})


def test_no_module_opens_connections_starts_programs_or_runs_texts() -> None:
    """A worker's own errors are the one thing unpickled: what these hold was never in a file."""
    used = {name: reaching_out(path) for name, path in [*modules().items(), ("yizhan", ROOT / "yizhan.py")]}
    assert {name: what for name, what in used.items() if what} == {
        "scenarios.support.executors": {"pickle.loads"}
    }


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty house of the same floors and rooms."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    for floor, rooms in ROOMS.items():
        for room in rooms:
            (tmp_path / floor / room).mkdir(parents=True)
            (tmp_path / floor / room / "__init__.py").write_text('"""A room."""\n')
        (tmp_path / floor / "__init__.py").write_text('"""A floor."""\n')
    return tmp_path


@pytest.mark.parametrize(
    "text", ["import urllib.request\n", "from os import x\neval('1')\n", "import pickle\npickle.loads(b'')\n"]
)
def test_a_module_that_reaches_out_is_seen(house: Path, text: str) -> None:
    path = house / "sim/state/a.py"
    path.write_text("import os\n")
    assert reaching_out(path) == set()
    path.write_text(text)
    assert reaching_out(path) != set()


@pytest.mark.parametrize(
    ("module", "text", "of"),
    [
        ("network/model/a.py", "from network.fleet import b\n", "network.fleet"),
        ("network/model/a.py", "import network.fleet\n", "network.fleet"),
        ("network/model/a.py", "from ..fleet import b\n", "network.fleet"),
        ("network/model/a.py", "def f():\n    from sim.engine import run\n", "sim.engine"),
        ("network/model/a.py", "import_module('scenarios.cli')\n", "scenarios.cli"),
        ("sim/state/a.py", "if TYPE_CHECKING:\n    from sim.result import Result\n", "sim.result"),
        ("network/__init__.py", '"""A floor."""\nfrom network.model import Network\n', "network.model"),
    ],
)
def test_an_import_that_runs_up_or_back_is_seen(house: Path, module: str, text: str, of: str) -> None:
    assert back() == []
    path = house / module
    path.write_text(text)
    assert back() == [Import(name_of(path), of)]


def test_a_circle_within_a_room_is_seen(house: Path) -> None:
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        text = f"def f():\n    from network.model.{other} import g\n"
        (house / "network" / "model" / f"{one}.py").write_text(text)
    with pytest.raises(AssertionError, match=r"network\.model\.a"):
        test_no_modules_import_each_other_in_a_circle()


def test_a_room_without_a_place_in_the_order_is_seen(house: Path) -> None:
    (house / "sim" / "corridor.py").write_text("")
    with pytest.raises(AssertionError, match="corridor"):
        test_every_room_has_its_place_in_the_order()


def test_too_many_modules_lines_and_parameters_are_seen(house: Path) -> None:
    room = house / "sim" / "state"
    for number in range(MODULES_A_FOLDER + 1):
        (room / f"m{number}.py").write_text("")
    with pytest.raises(AssertionError, match="sim/state"):
        test_no_folder_has_too_many_modules()
    (room / "m0.py").write_text("\n" * (LINES_A_MODULE + 1))
    with pytest.raises(AssertionError, match=r"sim\.state\.m0"):
        test_no_module_is_too_long()
    names = ", ".join(f"p{number}" for number in range(PARAMETERS))
    (room / "m1.py").write_text(f"class A:\n    def f(self, {names}):\n        ...\n")
    assert max(parameters(room / "m1.py").values()) == PARAMETERS
    (room / "m1.py").write_text(f"def f({names}, *, last):\n    ...\n")
    with pytest.raises(AssertionError, match=r"sim\.state\.m1\.f"):
        test_no_public_function_has_too_many_parameters()


def test_a_room_that_does_not_say_what_it_is_for_is_seen(house: Path) -> None:
    (house / "sim" / "state" / "__init__.py").write_text("")
    with pytest.raises(AssertionError, match="state"):
        test_every_folder_of_modules_is_a_package_that_says_what_it_is_for("sim")


def test_a_vague_name_is_seen(house: Path) -> None:
    path = house / "network" / "model" / "a.py"
    path.write_text("def f(some):\n    found = some.told\n    return g(mine=found)\n")
    assert vague(path) == [
        "a.py:1 some",
        "a.py:2 found",
        "a.py:2 some",
        "a.py:2 told",
        "a.py:3 found",
        "a.py:3 mine",
    ]


def test_what_is_written_twice_is_seen_whatever_its_names(house: Path) -> None:
    text = "def f(a, b):\n" + "".join(f"    {'a' * n} = b{' + 1' * n}\n" for n in range(1, ALIKE_LINES))
    (house / "network" / "model" / "a.py").write_text(text)
    (house / "sim" / "state" / "b.py").write_text('"""Other."""\n' + text.replace("b", "c").replace("1", "2"))
    assert written_twice() == [["network.model.a:1", "sim.state.b:2"]]
