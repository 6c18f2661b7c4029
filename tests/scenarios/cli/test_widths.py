"""Tables that commands print, on screens of 60, 80 and 120 columns: nothing cut, the most important kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

import scenarios.definition.resolve as resolve_module
import scenarios.runs.run as run_module
from network.model.network import Network
from scenarios.cli import app, tables

WIDTHS = (60, 80, 120)
LONG = (
    "Zhongba County post office, Ngari road, sorting hall",
    "villages_direct_mail_share_of_the_autonomous_region",
    "拉萨市堆龙德庆区东嘎街道办事处邮政综合服务网点",
)
Table = tuple[Sequence[str], list[Sequence[tables.Cell]], Sequence[str]]
Printed = dict[str, Table]


def check_table(table: Table, width: int) -> list[str]:
    """Check that no line is too long and nothing that is shown is cut; return the columns left out."""
    columns, rows, least = table
    lines = tables.table_lines(columns, rows, width, least)
    assert max(map(len, lines)) <= width
    text = "".join(lines)
    note = re.search(r"not shown, for want of room: (.*)", " ".join(lines))
    left_out = [name for name in columns if note and name in note[1].split(", ")]
    for row in rows:
        for name, cell in zip(columns, row, strict=True):
            if name not in left_out and isinstance(cell, int | float):
                assert tables.number(cell) in text
            elif name not in left_out and re.fullmatch(r"[+−-]?[\d,]+(\.\d+)?( %)?", str(cell)):
                assert str(cell) in text
    for name in (columns[0], *(str(row[0]) for row in rows)):  # what the rows are about is always there
        for part in re.split(r"[\s_/-]+|(?<=[\u3000-\u9fff])", name):
            assert part in text, (name, width)
    return left_out


@pytest.mark.parametrize("width", [30, *WIDTHS])
def test_long_names_and_numbers_are_whole(width: int) -> None:
    columns = ("name", "items", "in time", "what would mend it")
    rows = [(name, 147_532_901, "12.5 %", f"a daily round to {name}") for name in LONG]
    lines = tables.table_lines(columns, rows, width)
    assert sum("147,532,901" in line for line in lines) == len(rows)
    shown = "".join(line.strip() for line in lines)
    for name in LONG:
        assert all(part in shown for part in re.split(r"[ _]|(?<=[\u3000-\u9fff])", name))
    if width >= 120:
        assert len(lines) == 2 + len(rows) + 3  # each long name and its mend in two lines


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, small_network: Network) -> Printed:
    """Return the tables that commands print from now on, by the name of their first column."""
    for module in (resolve_module, run_module):
        monkeypatch.setattr(module, "build_base", lambda *_: small_network)
    kept: Printed = {}
    original = tables.table_lines

    def keep(
        columns: Sequence[str], rows: Iterable[Sequence[tables.Cell]], width: int, least: Sequence[str] = ()
    ) -> list[str]:
        rows = list(rows)
        kept[columns[0]] = (columns, rows, least)
        return original(columns, rows, width, least)

    monkeypatch.setattr(tables, "table_lines", keep)
    return kept


def check_all(printed: Printed, essential: dict[str, set[str]]) -> None:
    shown = dict(printed)  # checking prints nothing, but asks for lines again
    assert essential.keys() <= shown.keys(), sorted(shown)
    for name, table in shown.items():
        for width in WIDTHS:
            left_out = check_table(table, width)
            assert width < 80 or not essential.get(name, set()) & {*left_out}, (name, width, left_out)


def run(*arguments: str, status: tuple[int, ...] = (0,)) -> None:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code in status, result.output


def test_tables_of_networks(printed: Printed) -> None:
    run("check", "xizang-2021", status=(0, 1))
    run("list")
    run("list", "--standards")
    run("diff", "xizang-2021", "xizang-rail-xigaze")
    run("journey", "xizang-2021", "southwest", "Tingri", "--surface")
    run("journey", "xizang-2021", "southwest", "Tingri", "--surface", "--week")
    run("coverage", "xizang-2021")
    check_all(
        printed,
        {
            "figure": {"published", "built", "result"},
            "scenario": {"title"},
            "what": {"value", "share"},
            "routes": {"a", "b"},
            "from": {"until", "h", "what", "where"},
            "accepted by": {"first attempt", "h"},
            "within": {"form", "people"},
        },
    )


@pytest.mark.slow
def test_tables_of_runs(printed: Printed, tmp_path: Path) -> None:
    week = tmp_path / "week.toml"
    week.write_text('base = "xizang-2021"\n[run]\nwarmup_days = 0\nmeasured_days = 3\nworkers = 1\n')
    base, out = tmp_path / "base", tmp_path / "out"
    run("run", week, "--out", base, "-n", "2", "--no-plots")
    run("cost", base, "--by", "place", "--by", "round", "--by", "prefecture", "--by", "route")
    run("service", base, "--no-plots", "--standard", "eu-97-67-ec")
    run("service", base, "--no-plots", "--by", "place")
    run("validate", base)
    run("custody", base)
    other = tmp_path / "other.toml"
    other.write_text('base = "xizang-2021"\n[[change]]\nop = "hand_over"\n')
    run("compare", base, other, "--out", out, "--workers", "1", "--no-plots")
    check_all(
        printed,
        {
            "measure": {"base", "other", "difference", "95 %", "verdict"},
            "ledger at cut-off, items": {"0", "1"},
            "part of the chain": {"yuan", "share"},
            "mail routes, most costly first": {"items", "yuan an item"},
            "villages and other places, most costly first": {"items", "yuan an item"},
            "limit": {"within", "in time", "result"},
            "deliveries a week": {"asked", "places met"},
            "fact": {"observed", "model", "verdict"},
            "confidential mail was": {"items", "times"},
        },
    )
