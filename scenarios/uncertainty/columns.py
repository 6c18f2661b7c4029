"""Columns of the tables of a study, declared once: what is written and what the documentation says."""

from __future__ import annotations

from collections.abc import Mapping

from network.numeric.columns import Column

__all__ = ["TABLES"]

_MEASURE = (
    Column("form", "str", "", "scheduled, by the timetable alone; or simulated"),
    Column("measure", "str", "", "key of the measure, as in summary.json"),
    Column("unit", "str", "", "of the measure"),
)
_OF = (
    Column("scenario", "str", "", "name"),
    Column("of", "str", "", "value of the measure, or its difference to the base"),
)
_WORLDS = Column("worlds", "int64", "worlds", "in which the scenarios have an answer")
_EXACT = (
    Column("low", "float64", "share", "exact binomial interval of the share, 95 %: low end"),
    Column("high", "float64", "share", "its high end"),
)
_INPUT = Column("input", "str", "", "name of the assumed input")
_DRAW = Column("world", "str", "", "name of the world")
_SPREAD = (
    Column("p25", "float64", "", "25th percentile"),
    Column("p50", "float64", "", "median"),
    Column("p75", "float64", "", "75th percentile"),
)
_P5 = Column("p5", "float64", "", "5th percentile, in the unit of the measure")
_P95 = Column("p95", "float64", "", "95th percentile, likewise")
_MEAN = Column("mean", "float64", "", "mean over the worlds, in the unit of the measure")
_MOST = Column("most", "float64", "", "greatest of all worlds")
_CLEAR = (
    Column("threshold", "float64", "", "what an input that does nothing would reach by chance"),
    Column("clear", "bool", "", "whether the index is above it"),
)

#: Columns of each table, in order.
TABLES: Mapping[str, tuple[Column, ...]] = {
    "shares.csv": (
        *_MEASURE,
        Column("scenario", "str", "", "the one"),
        Column("against", "str", "", "the other"),
        _WORLDS,
        Column("better", "int64", "worlds", "in which the one is better"),
        Column("equal", "int64", "worlds", "in which they are equal"),
        Column("worse", "int64", "worlds", "in which the one is worse"),
        Column("share", "float64", "share", "better over worlds"),
        *_EXACT,
        Column("mean", "float64", "", "mean of one − other, in the unit of the measure"),
        _P5,
        _P95,
    ),
    "regret.csv": (
        *_MEASURE,
        Column("scenario", "str", "", "what is chosen"),
        _WORLDS,
        Column("best", "int64", "worlds", "in which no other scenario is better"),
        _MEAN,
        _P95,
        _MOST,
    ),
    "ranges.csv": (
        *_MEASURE,
        *_OF,
        _WORLDS,
        _MEAN,
        Column("least", "float64", "", "least of all worlds"),
        _P5,
        *_SPREAD,
        _P95,
        _MOST,
        Column("at_defaults", "float64", "", "mean of the replications at the defaults"),
        Column("sampling_half_width", "float64", "", "half-width of its 95 % interval by chance alone", True),
        Column("replications", "int64", "", "how many there are at the defaults"),
    ),
    "indices.csv": (
        *_MEASURE,
        *_OF,
        _INPUT,
        Column("first", "float64", "share", "share of the variance over worlds that the input moves alone"),
        Column("half_width", "float64", "share", "half-width of its 95 % interval, by bootstrap"),
        *_CLEAR,
    ),
    "total.csv": (
        *_MEASURE,
        *_OF,
        Column("input", "str", "", "name of the input, or of the group of those that did not survive"),
        Column("pairs", "int64", "", "pairs of worlds that the estimate rests on"),
        Column("first", "float64", "share", "first-order index"),
        Column("first_low", "float64", "share", "its bootstrap interval, 95 %: low end"),
        Column("first_high", "float64", "share", "high end"),
        Column("total", "float64", "share", "total index: alone and together with others"),
        Column("total_low", "float64", "share", "its bootstrap interval, 95 %: low end"),
        Column("total_high", "float64", "share", "high end"),
    ),
    "information.csv": (
        *_MEASURE,
        Column("choice", "str", "", "scenario that is best in the mean over worlds"),
        _INPUT,
        Column("worth", "float64", "", "gain in the mean if it were known before choosing"),
        *_CLEAR,
        Column("perfect", "float64", "", "gain in the mean if everything were known"),
    ),
    "shortcut.csv": (
        Column("measure", "str", "", "key of the measure, as in summary.json"),
        Column("scenario", "str", "", "name"),
        Column("against", "str", "", "the base"),
        Column("worlds", "int64", "worlds", "that have both a scheduled and a simulated difference"),
        Column("rank", "float64", "", "rank correlation of the two (Spearman); empty: one never moves", True),
        Column("same_sign", "int64", "worlds", "in which both say better, both worse or both equal"),
        Column("share", "float64", "share", "same_sign over worlds"),
        *_EXACT,
    ),
    "inputs.csv": (
        _INPUT,
        Column("unit", "str", "", "of the input"),
        Column("low", "float64", "", "low end of its range"),
        Column("high", "float64", "", "high end"),
        Column("default", "float64", "", "in the base"),
        Column("mean_drawn", "float64", "", "mean of the first draw of each world"),
        Column("mean_of_worlds", "float64", "", "mean over the worlds in which a network fits", True),
        Column("shift", "float64", "", "their difference in standard deviations of the draws", True),
    ),
    "refused.csv": (
        _DRAW,
        Column("draw", "int64", "", "number of the draw"),
        Column("stage", "str", "", "where it was refused"),
        Column("reason", "str", "", "why"),
    ),
    "missing.csv": (
        _DRAW,
        Column("scenario", "str", "", "name; empty: all"),
        Column("form", "str", "", "scheduled, simulated, or task: one that failed"),
        Column("reason", "str", "", "why there is no answer"),
    ),
}
