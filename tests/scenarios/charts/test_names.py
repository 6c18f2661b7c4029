"""Names in charts are text, whatever they hold; charts need neither a backend nor the caller's settings."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.charts import compliance, growth, load, plan, ranking, style, worlds

HOSTILE = (
    "Express $x^$ line",
    "$",
    "a_b^c",
    r"\frac{1}{2} \$",
    "$\\notacommand$ and $_$",
    "\x1b[31mred\x07\x00",
    "line one\nline two",
    "\ud800 \u202e",
    "拉萨 བོད་ 🏤",
)


def draw_load(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    n = len(names)
    legs = {
        "route": np.array([f"r{i}" for i in range(n)]),
        "name": np.array(names, dtype=object),
        "mode": np.array(["road"] * n),
        "direction": np.array(["outward"] * n),
        "load": np.full(n, 0.5),
        "load_max": np.full(n, 0.7),
    }
    return load.route_load(legs, None if ax is None else [ax])[0]


def draw_matrix(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    n = len(names)
    shares = np.full((n, n), 0.5)
    return worlds.share_matrix(shares, 0 * shares, names, names, names[0], ax)


def draw_ranking(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    common: dict[str, Any] = dict.fromkeys(("half_width", "half_width_together", "world_low"))
    rows = [
        {**common, "title": name, "verdict": "better", "paired": True, "same_items": 1, "difference": -1.0,
         "vehicles": 3, "frontier_vehicles": True}
        for name in names
    ]  # fmt: skip
    ranking.frontier_chart(rows, names[0], "h", ax=ax)
    return ranking.ranking_chart(rows, names[0], "h", ax=ax)


def draw_bars(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    shares = dict.fromkeys(("in_time", "halved_waits", "no_waits", "moving", "upstream"), 0.5)
    rows = [SimpleNamespace(name=name, items=10, **shares) for name in names]
    return compliance.in_time_bars(rows, names[0], 0.8, ax)


def draw_breaks(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    years = {"year": 2025, "early": 2024, "late": None, "in_peak": 2024, "kind": "route", "load": 0.5}
    return growth.break_timeline([{"name": name, **years} for name in names], (2021, 2035), 0.5, names[0], ax)


def draw_frontier(names: tuple[str, ...], ax: Axes | None = None) -> Axes:
    point = {"budget": 1e6, "yuan": 1e6, "exact": 1.0, "predicted": 1.0, "bound": 1.0, "name": names[0]}
    return plan.frontier([point], names[0], 1.0, "h", names[0], (), ax)


@pytest.mark.parametrize(
    "draw",
    [draw_load, draw_matrix, draw_ranking, draw_bars, draw_breaks, draw_frontier],
    ids=lambda f: f.__name__,
)
def test_a_name_is_text_and_never_a_formula(draw: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a font without a glyph is no fault either
        for first in range(len(HOSTILE)):
            names = HOSTILE[first:] + HOSTILE[:first] if draw is draw_frontier else HOSTILE
            png, svg = style.save(draw(names), tmp_path / "chart", dpi=50)
            assert png.stat().st_size > 1000
            ET.parse(svg)  # control characters would make it no XML
            if draw is not draw_frontier:
                break


def test_names_stay_text_in_axes_of_the_caller(tmp_path: Path) -> None:
    fig = Figure()
    draw_load(("Express $x^$ line", "$\\notacommand$"), fig.add_subplot())
    fig.savefig(tmp_path / "mine.png")  # outside the house style, with the caller's settings


def test_names_are_drawn_as_they_are_written(tmp_path: Path) -> None:
    labels = [tick.get_text() for tick in draw_load(HOSTILE).get_yticklabels()]
    assert "Express $x^$ line" in labels and r"\frac{1}{2} \$" in labels
    assert "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in labels
    plain, formula = (
        style.save(draw_load((name,)), tmp_path / "x", formats=("png",))[0].read_bytes()
        for name in ("x", "$x$")
    )
    assert plain != formula


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("module://matplotlib_inline.x", "TkAgg")]


@pytest.mark.parametrize("backend", ["nonsense", *SLOW])
def test_the_backend_of_the_environment_does_not_matter(backend: str, tmp_path: Path) -> None:
    """As a notebook sets it, or somebody's profile."""
    code = (
        "import sys, scenarios.runs.album, scenarios.comparison.album, scenarios.uncertainty.album\n"
        "from scenarios.charts import plan, style\n"
        f"style.save(plan.frontier([], 'x', 1.0), {str(tmp_path / 'chart')!r}, dpi=50)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        f"import os; assert os.environ['MPLBACKEND'] == {backend!r}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "MPLBACKEND": backend})
    assert (tmp_path / "chart.png").stat().st_size > 1000


def test_settings_of_the_caller_change_no_byte(tmp_path: Path) -> None:
    files = []
    for number, settings in enumerate(({}, {"text.usetex": True, "lines.linewidth": 9, "font.size": 30})):
        with mpl.rc_context(settings):
            files.append(style.save(draw_load(("a", "b")), tmp_path / str(number), dpi=50))
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
