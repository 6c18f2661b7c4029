"""What all charts share: colours, fonts, figures without a screen, files that are the same every time."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

__all__ = [
    "MODE_COLOURS",
    "STAGE_COLOURS",
    "beside",
    "chinese_font",
    "figure",
    "grid",
    "house_style",
    "is_own",
    "label",
    "legend_above",
    "name_rows",
    "note",
    "plain",
    "save",
    "shortened",
    "stacked_bars",
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
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SETTINGS: dict[Any, Any] = {
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
    "text.parse_math": False,
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


def plain(text: str) -> str:
    """Return a text with a replacement character for each that no chart can show: controls, surrogates."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


@contextmanager
def house_style() -> Iterator[None]:
    """Set fonts and lines for the charts, whatever the caller's settings, and put those back afterwards."""
    fonts = ["DejaVu Sans"]
    if name := chinese_font():
        fonts.append(name)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**SETTINGS, "font.family": fonts})
        yield


def styled(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make a chart function draw in the house style, and take every text of its axes as it is written.

    ``$``, ``_``, ``^`` and backslashes in names are characters, never formulas.
    """

    @wraps(function)
    def inside(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with house_style():
            drawn: Any = function(*args, **kwargs)
            for ax in drawn if isinstance(drawn, list) else [drawn]:
                own = ax.get_figure(root=True) if is_own(ax) else ax
                for text in own.findobj(Text):
                    text.set_parse_math(False)
                    text.set_text(plain(text.get_text()))
        return drawn

    return inside


class OwnFigure(Figure):
    """A figure made for one chart, with room for a note along its lower edge."""


def figure(width: float, height: float) -> OwnFigure:
    """Return an empty figure of so many inches that needs no screen."""
    fig = OwnFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def is_own(ax: Axes) -> bool:
    """Whether a chart made the figure of its axes itself."""
    return isinstance(ax.get_figure(root=True), OwnFigure)


def note(ax: Axes, text: str) -> None:
    """Write a small remark under the chart: what it rests on.

    In a figure of the chart's own it stands along the lower edge; in an axes
    given by the caller, under that axes.
    """
    fig = ax.get_figure(root=True)
    if isinstance(fig, OwnFigure):
        # About 18 characters of this size to the inch.
        lines = [textwrap.fill(line, int(18 * fig.get_figwidth())) for line in text.splitlines()]
        fig.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=7, color="#555555", linespacing=1.3)
        return
    look: dict[str, Any] = {"fontsize": 6, "color": "#555555", "in_layout": False}
    beside(ax, text, (0, 0), (0, -34), "axes fraction", ha="left", va="top", **look)


def beside(
    ax: Axes,
    text: str,
    point: tuple[float, float],
    offset: tuple[float, float],
    coordinates: Any = "data",
    **look: Any,
) -> None:
    """Write a small text so many points beside a point."""
    look = {"fontsize": 7, **look}
    ax.annotate(text, point, offset, xycoords=coordinates, textcoords="offset points", **look)


def grid(ax: Axes, axis: Literal["x", "y", "both"]) -> None:
    """Draw pale lines below everything else, upright for ``x`` and level for ``y``."""
    ax.grid(axis=axis, color="#E4E4E4", lw=0.6)
    ax.set_axisbelow(True)


def name_rows(
    ax: Axes, at: Iterable[float], names: Iterable[str], bottom: float, top: float = -0.6, **look: Any
) -> None:
    """Name the rows of a chart, the first on top, in place of the axis on the left."""
    ax.set_yticks([*at], [plain(name) for name in names], **look)
    ax.set_ylim(bottom, top)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def stacked_bars(
    ax: Axes, at: Any, parts: Iterable[tuple[str, Any]], end: Any = 0.0, height: float = 0.72
) -> None:
    """Draw bars made of parts, each a colour and widths; from `end` on."""
    for colour, widths in parts:
        ax.barh(at, widths, left=end, height=height, color=colour, edgecolor="white", linewidth=0.4)
        end = end + widths


def legend_above(ax: Axes, handles: Sequence[Any], columns: int) -> None:
    """Put a legend of so many columns between the axes and its title."""
    look: dict[str, Any] = {"columnspacing": 0.9, "handlelength": 1.0, "handletextpad": 0.4}
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.01, 1.0), "borderaxespad": 0.3}
    ax.legend(handles=handles, ncols=columns, fontsize=7.5, **place, **look)


def shortened(name: str, length: int) -> str:
    """Return a name of at most so many characters, with dots for the rest."""
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


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
    with house_style(), warnings.catch_warnings():
        # A character that no font has is drawn as an empty box.
        warnings.filterwarnings("ignore", "Glyph .* missing from|Matplotlib currently does not support")
        for suffix in formats:
            file = Path(path).with_name(f"{Path(path).name}.{suffix}")
            fig.savefig(file, format=suffix, dpi=dpi, metadata=metadata.get(suffix))
            files.append(file)
    return files
