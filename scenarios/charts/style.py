"""What all charts share: colours, fonts, figures without a screen, files that are the same every time."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

__all__ = [
    "MODE_COLOURS",
    "STAGE_COLOURS",
    "chinese_font",
    "figure",
    "house_style",
    "label",
    "legend_above",
    "note",
    "save",
    "styled",
]

# Okabe & Ito, "Color universal design" (2008): told apart with any common colour blindness.
MODE_COLOURS = {"road": "#0072B2", "rail": "#D55E00", "air": "#009E73", "round": "#999999"}
MODE_DASHES: dict[str, Any] = {
    "road": "solid",
    "rail": (0, (5, 1.5)),
    "air": (0, (1.5, 1.5)),
    "round": "solid",
}
STAGE_COLOURS = {
    "upstream": "#BBBBBB",
    "collect": "#F0E442",
    "handle": "#E69F00",
    "wait": "#D55E00",
    "ride": "#0072B2",
    "deliver": "#56B4E9",
}
BASIS_COLOURS = {
    "inbound": "#D55E00",
    "from_gateway": "#0072B2",
    "regional": "#009E73",
}
NEVER_COLOUR = "#CC79A7"
INK = "#222222"
PALE = "#F4F2EC"
EDGE = "#B8B4A8"

# Names of the common free and system fonts with simplified Chinese, in order of preference.
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
_SAMPLE = "西藏邮路拉萨"
_P = ParamSpec("_P")
_T = TypeVar("_T")


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """Return the name of an installed font with Chinese characters, "" when there is none.

    Looked up once; the fonts are those matplotlib knows.
    """
    known = {entry.name: entry.fname for entry in reversed(font_manager.fontManager.ttflist)}
    for name in CHINESE_FONTS:
        if name in known and _has(known[name], _SAMPLE):
            return name
    return ""


def _has(file: str, characters: str) -> bool:
    try:
        glyphs = FT2Font(file).get_charmap()
    except (OSError, RuntimeError):
        return False
    return all(ord(character) in glyphs for character in characters)


def label(english: str, chinese: str = "", sep: str = " ") -> str:
    """Return the English name, followed by the Chinese one when a font can show it."""
    chinese = chinese.strip()
    if not chinese or chinese == english or not chinese_font():
        return english
    return f"{english}{sep}{chinese}" if english else chinese


@contextmanager
def house_style() -> Iterator[None]:
    """Set fonts and lines for the charts, and put everything back afterwards."""
    fonts = ["DejaVu Sans"]
    if name := chinese_font():
        fonts.append(name)
    settings: dict[Any, Any] = {
        "font.family": fonts,
        "font.size": 9.0,
        "axes.titlesize": 12.0,
        "axes.titleweight": "normal",  # few Chinese fonts come with a bold face
        "axes.titlelocation": "left",
        "axes.labelsize": 9.0,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
        "legend.fontsize": 8.0,
        "legend.frameon": False,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "hatch.linewidth": 0.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "yizhan",
    }
    with mpl.rc_context(settings):
        yield


def styled(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make a chart function draw in the house style."""

    @wraps(function)
    def inside(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with house_style():
            return function(*args, **kwargs)

    return inside


def figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches that needs no screen."""
    fig = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def note(ax: Axes, text: str, own: bool) -> None:
    """Write a small remark under the chart: what it rests on.

    In a figure of the chart's own it stands along the lower edge; in an axes
    given by the caller, under that axes.
    """
    fig = ax.get_figure(root=True)
    if own and fig is not None:
        # About 18 characters of this size to the inch.
        lines = [textwrap.fill(line, int(18 * fig.get_figwidth())) for line in text.splitlines()]
        fig.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=7, color="#555555", linespacing=1.3)
        return
    ax.annotate(
        text,
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -34),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=6,
        color="#555555",
        in_layout=False,
    )


def legend_above(ax: Axes, handles: Sequence[Any], columns: int) -> None:
    """Put a legend of so many columns between the axes and its title."""
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        columnspacing=0.9,
        handlelength=1.0,
        handletextpad=0.4,
        fontsize=7.5,
        borderaxespad=0.3,
    )


def save(
    ax: Axes | Figure, path: str | Path, formats: Sequence[str] = ("png", "svg"), dpi: int = 160
) -> list[Path]:
    """Write a chart to files that hold no date, so that the same data give the same bytes.

    Parameters
    ----------
    ax
        An axes or its figure.
    path
        File name without suffix.
    formats
        Suffixes that matplotlib can write.
    dpi
        Dots per inch of PNG and of the parts of an SVG that are drawn as pixels.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    fig = ax if isinstance(ax, Figure) else ax.get_figure(root=True)
    if fig is None:
        raise ValueError("this axes belongs to no figure")
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "ModDate": None},
    }
    files = []
    with house_style():
        for suffix in formats:
            file = Path(path).with_name(f"{Path(path).name}.{suffix}")
            fig.savefig(file, format=suffix, dpi=dpi, metadata=metadata.get(suffix))
            files.append(file)
    return files
