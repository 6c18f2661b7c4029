"""A base and other scenarios that have been run: what differs, and what the others take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.comparison.differences import LEVEL, Difference, differences, no_counterpart
from scenarios.comparison.requirements import Requirements, requirements_of
from scenarios.runs.folder import StoredRun
from scenarios.runs.headlines import workings

__all__ = ["Comparison", "are_pairs", "compare_runs"]


@dataclass(frozen=True)
class Comparison:
    """A base and other scenarios; all but those of another report year ran under the same streams."""

    base: StoredRun
    others: tuple[StoredRun, ...]
    differences: tuple[Mapping[str, Difference], ...]  # of each other scenario, by key
    requirements: tuple[Requirements, ...]
    paired: tuple[bool, ...]  # whether each other's replications are pairs with the base's
    missing: tuple[Mapping[str, Sequence[str]], ...]  # measures of each other that cannot be compared
    items: tuple[
        Mapping[str, Any], ...
    ] = ()  # rows of `scenarios.comparison.common_items`, where runs keep records

    def items_of(self, other: StoredRun, kind: str = "all", group: str = "all") -> Mapping[str, Any] | None:
        """Return what a scenario has in common with the base, item by item; None if it is not known."""
        wanted = (other.summary["scenario"], kind, group)
        return next(
            (row for row in self.items if (row["scenario"], row["kind"], row["group"]) == wanted), None
        )

    @property
    def runs(self) -> tuple[StoredRun, ...]:
        """The base and the others."""
        return (self.base, *self.others)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``comparison.json``."""
        plan = self.base.scenario.plan
        return {
            "base": self.base.summary["scenario"],
            "title": self.base.summary["title"],
            "seed": plan.seed,
            "replications": len(self.base.measures),
            "start": plan.start.isoformat(),
            "measured_days": plan.measured_days,
            "level": LEVEL,
            "assumed": self.base.summary["assumed"],
            "others": [self._other(row) for row in range(len(self.others))],
        }

    def _other(self, row: int) -> dict[str, Any]:
        about = self.others[row].summary
        return {
            "scenario": about["scenario"],
            "title": about["title"],
            "year": about["year"],
            "start": about["start"],
            "paired": self.paired[row],
            "no_counterpart": {name: list(keys) for name, keys in self.missing[row].items()},
            "assumed": about["assumed"],
            "changed": about["changed"],
            "queues_growing": about["queues"]["growing"],
            "requirements": self.requirements[row].as_dict(),
            "differences": {key: diff.as_dict() for key, diff in self.differences[row].items()},
        }


def are_pairs(base: StoredRun, other: StoredRun) -> bool:
    """Return whether replication i of both ran on the same draws: same dates, seed and report year."""
    names = ("year", "start", "warmup_days", "measured_days", "seed")
    alike = all(base.summary[name] == other.summary[name] for name in names)
    return alike and len(base.measures) == len(other.measures)


def compare_runs(base: StoredRun, others: Sequence[StoredRun]) -> Comparison:
    """Compare runs that are there already; those that are no pairs get unpaired intervals."""
    before = _trees(base)
    paired = [are_pairs(base, other) for other in others]
    after = [_trees(other) for other in others]
    by_scenario = [differences(before, trees, pair) for trees, pair in zip(after, paired, strict=True)]
    needed = [
        requirements_of(base.network, other.network, diff)
        for other, diff in zip(others, by_scenario, strict=True)
    ]
    missing = [no_counterpart(before, trees) for trees in after]
    return Comparison(base, tuple(others), tuple(by_scenario), tuple(needed), tuple(paired), tuple(missing))


def _trees(run: StoredRun) -> list[dict[str, Any]]:
    """Return the measures and workings of each replication."""
    return [{**measures, "workings": how} for measures, how in zip(run.measures, workings(run), strict=True)]
