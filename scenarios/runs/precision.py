"""How exact the means of a run shall be: replications are added until their intervals are narrow enough."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from network.errors import InputErrors, Problem, nearest
from scenarios.runs.summary import flatten
from sim.measures.keys import SUMMARY_KEYS
from sim.measures.statistics import relative, sufficient

__all__ = ["LEAST", "MEASURES", "Precision"]

LEAST = 3  # replications to begin with
#: What ``--precision 2%`` without a name speaks of.
MEASURES = (
    "transit.all.mean_h",
    "transit.all.p80_h",
    "coverage.from_gateway.within.168.people",
)
_SHARE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*%")
_ALLOWED = "a share of the mean such as 2%, or MEASURE=2%"


@dataclass(frozen=True)
class Precision:
    """Half-widths wanted of the 95 % intervals, as shares of the means, by key of a measure.

    Parameters
    ----------
    wanted
        Shares, such as 0.02.
    max_replications
        Where to stop at the latest.
    """

    wanted: Mapping[str, float]
    max_replications: int = 50

    @classmethod
    def of(cls, texts: Sequence[str], max_replications: int = 50) -> Precision:
        """Read options such as ``2%`` and ``transit.all.p95_h=1%``.

        Raises
        ------
        InputErrors
            If one is no share, or names what is no measure; all of them together.
        """
        wanted: dict[str, float] = {}
        problems = []
        for text in texts:
            name, given, share = text.rpartition("=")
            match = _SHARE.fullmatch(share.strip())
            value = float(match[1]) / 100 if match else 0.0
            if not 0 < value < 1:
                problems.append(_problem(text, _ALLOWED))
            elif given and not _is_measure(name):
                problems.append(_unknown(name, SUMMARY_KEYS))
            else:
                wanted |= dict.fromkeys([name] if given else MEASURES, value)
        if max_replications < LEAST:
            problems.append(_problem(max_replications, f"at least {LEAST}", "--max-replications"))
        if problems:
            raise InputErrors(problems)
        return cls(wanted, max_replications)

    def enough(self, measures: Sequence[Any], least: int) -> int | None:
        """Return after how many replications to stop, None if these are not enough to say.

        That is the first number from `least` on at which the intervals of all
        measures are narrow enough, or one has no value and never will be; at the
        latest it is `max_replications`.  It depends on the first so many
        replications alone, however many there are.

        Parameters
        ----------
        measures
            Measures of the replications, in order; at least `least` of them.
        least
            Fewest replications.

        Raises
        ------
        InputErrors
            If a measure wanted is not among them.
        """
        values = self._values(measures)
        n = sufficient(values, list(self.wanted.values()), least)
        lacking = np.flatnonzero(np.isnan(values).any(axis=1))
        if n is None and lacking.size:
            return max(least, int(lacking[0]) + 1)
        most = max(least, self.max_replications)
        return most if n is None and len(values) >= most else n

    def furthest(self, measures: Sequence[Any]) -> str:
        """Return the measure that is furthest from what is wanted, in words."""
        state = self.state(measures)
        key = max(state, key=lambda key: (state[key] or 0) / self.wanted[key])
        return f"{key} ± {100 * (state[key] or 0):.2g} %, wanted ± {100 * self.wanted[key]:g} %"

    def state(self, measures: Sequence[Any]) -> dict[str, float | None]:
        """Return the half-width of each measure as a share of its mean; None where it has none."""
        relative_widths = [relative(column) for column in self._values(measures).T]
        return {
            key: value if np.isfinite(value) else None
            for key, value in zip(self.wanted, relative_widths, strict=True)
        }

    def as_dict(self, measures: Sequence[Any]) -> dict[str, Any]:
        """Return what was asked for and what was reached, for ``summary.json``."""
        state = self.state(measures)
        return {
            "wanted": dict(self.wanted),
            "max_replications": self.max_replications,
            "shares": state,
            "reached": all(share is not None and share <= self.wanted[key] for key, share in state.items()),
        }

    def _values(self, measures: Sequence[Any]) -> np.ndarray:
        trees = [dict(flatten(tree)) for tree in measures]
        problems = [_unknown(key, trees[0]) for key in self.wanted if key not in trees[0]]
        if problems:
            raise InputErrors(problems)
        rows = [[tree.get(key) for key in self.wanted] for tree in trees]
        return np.array(rows, dtype=np.float64)  # None becomes nan


def _is_measure(name: str) -> bool:
    parts = name.split(".")
    return any(
        key.unit != "text" and len(parts) == pattern.count(".") + 1 and fnmatchcase(name, pattern)
        for pattern, key in SUMMARY_KEYS.items()
    )


def _problem(value: object, allowed: str, key: str = "--precision", near: str = "") -> Problem:
    return Problem("command line", "", key, value, allowed, near)


def _unknown(name: str, known: Mapping[str, Any]) -> Problem:
    return _problem(name, "a key of measures in summary.json (docs/results.md)", near=nearest(name, known))
