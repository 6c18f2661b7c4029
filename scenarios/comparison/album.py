"""Every chart of a comparison, as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from network.model.network import Network
from scenarios.charts.compare import difference_curve, difference_map
from scenarios.charts.curves import BASIS_NAMES
from scenarios.charts.ranking import frontier_chart, ranking_chart
from scenarios.charts.style import save
from scenarios.runs.headlines import Headline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_comparison", "draw_ranking"]

Columns = Mapping[str, NDArray[Any]]
Summary = Mapping[str, Any]


def draw_comparison(
    network: Network,
    base: tuple[str, Sequence[Summary], Columns],
    others: Sequence[tuple[str, Sequence[Summary], Columns]],
    folder: str | Path,
    formats: Sequence[str] = ("png", "svg"),
    polygons: bool = False,
    alike: Sequence[bool] = (),
) -> list[Path]:
    """Draw what other scenarios change against a base.

    Parameters
    ----------
    network
        Of the base.
    base, others
        Name, summaries (one for each replication) and places of each scenario.
    folder, formats, polygons
        As for `scenarios.runs.album.draw_run`.
    alike
        Whether each of the others ran with the items and draws of the base; all by default.  Curves, which
        have paired bands, leave out what did not; maps do not need it.

    Returns
    -------
    list of pathlib.Path
        ``difference-curve-<basis>`` with all scenarios, and
        ``difference-map-<basis>-<name>`` for each.
    """
    charts: dict[str, Axes] = {}
    for basis in BASIS_NAMES:
        pairs = alike or [True] * len(others)
        curves = {name: summaries for (name, summaries, _), pair in zip(others, pairs, strict=True) if pair}
        part = basis.replace("_", "-")
        if curves:
            charts[f"difference-curve-{part}"] = difference_curve(base[1], curves, basis)
        for name, _, places in others:
            charts[f"difference-map-{part}-{name}"] = difference_map(
                network, base[2], places, basis, (base[0], name), polygons=polygons
            )
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]


def draw_ranking(
    options: Sequence[Summary],
    headline: Headline,
    folder: str | Path,
    formats: Sequence[str] = ("png", "svg"),
) -> list[Path]:
    """Draw the scenarios of a comparison side by side.

    Parameters
    ----------
    options
        Rows of ``option_ranking.csv``.
    headline
        Its measure.
    folder, formats
        As for `scenarios.runs.album.draw_run`.

    Returns
    -------
    list of pathlib.Path
        ``option-ranking``, ``frontier-vehicles``, ``frontier-yuan``.
    """
    if len(options) < 2:
        return []
    share = headline.unit == "share"
    unit, scale = ("percentage points", 100.0) if share else (headline.unit, 1.0)
    better = headline.better or -1
    charts = {"option-ranking": ranking_chart(options, headline.label, unit, better, scale)}
    for axis in ("vehicles", "yuan"):
        charts[f"frontier-{axis}"] = frontier_chart(options, headline.label, unit, axis, better, scale)
    return [file for name, ax in charts.items() for file in save(ax, Path(folder) / name, formats)]
