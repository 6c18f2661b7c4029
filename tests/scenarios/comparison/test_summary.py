"""The ten-line summary: every number in it is a number of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.comparison.ranking import MEASURE
from scenarios.comparison.summary import REACHED, VILLAGES, summary_text
from scenarios.comparison.traced import NAMED, NUMBER, Tables, untrue
from scenarios.support.folders import to_json
from scenarios.support.tables import csv_text

LADDER = (
    # scenario, title, value, difference, half, verdict, paired, same, to_next, vehicles, yuan, frontier
    ("early", "Xizang in 2012", 150.0, -19.6, 3.0, "better", 1 - 1, 0, None, -98, -1e6, 0),
    ("outlets", "Outlets in 690 places", 163.8, -5.79, 0.17, "better", 1, 1, 4.53, 0, 15.3e6, 1),
    ("rounds", "More rounds", 168.3, -1.26, 0.02, "alone better", 1, 1, 1.26, 22, 29_500.0, 0),
    ("base", "Xizang at the end of 2021", 169.6, 0, None, "base", 1, 1, None, 0, 0, None),
    ("double", "Doubled inbound volume", 449.0, 279.4, 25.4, "worse", 1, 0, None, 0, 2e6, 0),
)


def _options() -> list[dict[str, Any]]:
    names = (
        "scenario title value difference half_width verdict paired same_items to_next vehicles yuan_per_week"
    )
    rows = [dict(zip((*names.split(), "frontier"), row, strict=True)) for row in LADDER]
    return [
        {
            **row,
            "to_next_half_width": 0.2,
            "yuan_per_week_half_width": 600.0,
            "drivers": 2 * row["vehicles"],
            "frontier_vehicles": row["frontier"],
            "frontier_yuan": row["frontier"],
            **dict.fromkeys(("world_low", "world_mid", "world_high", "worlds_better")),
        }
        for row in rows
    ]


def _tables(options: list[dict[str, Any]]) -> Tables:
    measures = {MEASURE: 169.6, VILLAGES: 222.3, REACHED: 0.47, "transit.all.within.168": 0.55}
    rows = [
        {
            "scenario": option["scenario"],
            "measure": key,
            "base": base,
            "other": base * (1.1 if "within" in key else 0.9),
            "difference": base * (0.1 if "within" in key else -0.1),
            "half_width": 0.01,
            "ratio": 5.7 + at,
        }
        for at, option in enumerate(options)
        for key, base in measures.items()
        if option["verdict"] != "base"
    ]
    items = [
        {
            "scenario": name,
            "kind": kind,
            "group": group,
            "arrived_in_both": 1e6,
            "only_other": 896_444.0,
            "faster_share": 0.11,
            "slower_share": 0.0012,
            "difference_h": hours,
        }
        for name in ("outlets", "double")
        for kind, group, hours in (
            ("all", "all", -5.6),
            ("prefecture", "Lhasa", -1.5),
            ("prefecture", "Ngari", -6.0),
        )
    ]
    told = {
        "title": "Xizang at the end of 2021",
        "others": [{}] * 4,
        "measured_days": 28,
        "replications": 3,
        "level": 0.95,
        "assumed": {"values": 186},
    }
    return Tables(
        {"option_ranking.csv": options, "differences.csv": rows, "items.csv": items},
        {"comparison.json": told},
    )


def _write(folder: Path, tables: Tables) -> None:
    for name, rows in tables.csv.items():
        (folder / name).write_text(csv_text(rows, rows[0]))
    for name, tree in tables.json.items():
        (folder / name).write_text(to_json(tree))


def test_there_are_ten_lines_and_every_number_in_them_is_one_of_a_table(tmp_path: Path) -> None:
    tables = _tables(_options())
    text = summary_text(tables, MEASURE)
    _write(tmp_path, tables)
    lines = [line for line in text.splitlines() if NUMBER.match(line)]
    assert [line.split(".")[0] for line in lines] == [str(n) for n in range(1, 11)]
    assert "**What this does not show.**" in text
    sources = json.loads(to_json(tables.sources()))
    assert untrue(text, tmp_path, sources) == []
    assert len(NUMBER.findall(NAMED.sub("", text))) == len(sources) > 35
    assert "Best: “Outlets in 690 places”, 5.8 h better (± 0.2); next “More rounds”, 1.3 (± 0.0)" in text
    assert "the two are told apart: 4.5 h between them" in text
    assert "clearly better than today: 1; clearly worse: 1; better only when read alone: 1" in text
    assert "15.30 (± 0.00) million yuan a week more than today; the cheapest gain is “More rounds”" in text
    assert "“Doubled inbound volume” has 0.90 million items" in text


def test_a_number_that_is_not_the_tables_is_found(tmp_path: Path) -> None:
    tables = _tables(_options())
    text = summary_text(tables, MEASURE)
    _write(tmp_path, tables)
    sources = tables.sources()
    assert "are not those of its sources" in untrue(text.replace("5.8 h", "6.8 h", 1), tmp_path, sources)[0]
    content = (tmp_path / "option_ranking.csv").read_text()
    (tmp_path / "option_ranking.csv").write_text(content.replace("-5.79", "-6.79"))
    assert any("-6.79" in wrong for wrong in untrue(text, tmp_path, sources))
    (tmp_path / "option_ranking.csv").write_text(content.replace("outlets", "other"))
    assert any("has no difference" in wrong for wrong in untrue(text, tmp_path, sources))


def test_worlds_of_a_study_are_told_beside_chance(tmp_path: Path) -> None:
    options = _options()
    options[1] |= {"world_low": -9.0, "world_mid": -6.0, "world_high": 1.0, "worlds_better": 0.93}
    tables = _tables(options)
    text = summary_text(tables, MEASURE)
    _write(tmp_path, tables)
    assert "“Outlets in 690 places” is better than today in 93 %, its difference from −9.0 to +1.0 h" in text
    assert untrue(text, tmp_path, tables.sources()) == []


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_it_is_written_also_when_nothing_gains_and_nothing_is_known(tmp_path: Path, kept: int) -> None:
    """Only bad news, one replication, no items, no cost."""
    options = [row for row in _options() if row["verdict"] in ("base", "worse")]
    for row in options:
        row |= {
            "half_width": None,
            "yuan_per_week": None,
            "to_next_half_width": None,
            "verdict": row["verdict"],
        }
    if kept == 2:  # a gain that may be chance
        options.insert(0, {**_options()[2], "verdict": "open", "yuan_per_week": None})
    if kept == 3:
        options.insert(0, {**_options()[2], "half_width": None, "to_next_half_width": None})
    tables = _tables(options)
    alone = {**tables.json["comparison.json"], "replications": 1}
    tables = Tables(
        {"option_ranking.csv": options, "differences.csv": tables.csv["differences.csv"], "items.csv": []},
        {"comparison.json": alone},
    )
    text = summary_text(tables, MEASURE)
    for name in ("option_ranking.csv", "differences.csv"):
        (tmp_path / name).write_text(csv_text(tables.csv[name], tables.csv[name][0]))
    (tmp_path / "comparison.json").write_text(to_json(alone))
    assert untrue(text, tmp_path, tables.sources()) == []
    assert len([line for line in text.splitlines() if NUMBER.match(line)]) == 10
    assert ("which may be chance" in text) == (kept == 2)
