"""What differs between two scenarios: their settings, assumptions and changes, and their networks.

Both are compared as resolved, so it does not matter by which bases and files
they came about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from network.differences import Difference, network_differences
from network.model.network import Network
from scenarios.definition.resolve import Resolved, build, build_base
from scenarios.runs.references import Reference, scenario_of, stored_run
from scenarios.support.progress import Progress

__all__ = ["Assumed", "Diff", "Setting", "Side", "diff", "in_words"]

_SETTINGS = ("options", "run", "operations", "demand")


@dataclass(frozen=True)
class Side:
    """One of two scenarios, as it was named."""

    resolved: Resolved
    network: Network | None  # of a run folder


@dataclass(frozen=True)
class Setting:
    """A setting that differs; None where it is not set."""

    key: str
    a: object
    b: object


@dataclass(frozen=True)
class Assumed:
    """An assumption that differs."""

    name: str
    a: float
    b: float
    unit: str
    low: float
    high: float
    default: float


@dataclass(frozen=True)
class Diff:
    """What differs between two scenarios, in the order in which it is told."""

    a: Resolved
    b: Resolved
    settings: tuple[Setting, ...]
    assumptions: tuple[Assumed, ...]
    only_a: tuple[str, ...]  # changes in words
    only_b: tuple[str, ...]
    shared: int  # changes that both make
    network: tuple[Difference, ...] | None  # None when networks were not compared

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.settings or self.assumptions or self.only_a or self.only_b or self.network)

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "a": {"name": self.a.name, "title": self.a.title},
            "b": {"name": self.b.name, "title": self.b.title},
            "settings": [{"key": s.key, "a": _plain(s.a), "b": _plain(s.b)} for s in self.settings],
            "assumptions": [vars(row) for row in self.assumptions],
            "changes": {"only_a": list(self.only_a), "only_b": list(self.only_b), "shared": self.shared},
            "network": None if self.network is None else [row.as_dict() for row in self.network],
        }


def diff(a: Reference, b: Reference, *, networks: bool = True, progress: Progress | None = None) -> Diff:
    """Return what differs between two scenarios.

    Parameters
    ----------
    a, b
        Library names, files, scenarios of a sweep, or run folders, whose own network is taken.
    networks
        Whether to compare the networks too, which may mean to fit them.

    Raises
    ------
    YizhanError
        If a scenario cannot be read or its network not be built.
    """
    progress = progress or Progress()
    one, two = _side(a), _side(b)
    rows = None
    if networks:
        ours, theirs = _networks(one, two, progress)
        progress.step("comparing the networks")
        rows = tuple(network_differences(ours, theirs))
    only_a, only_b, shared = _changes(one.resolved, two.resolved)
    return Diff(
        one.resolved,
        two.resolved,
        tuple(_settings(one.resolved, two.resolved)),
        tuple(_assumptions(one.resolved, two.resolved)),
        only_a,
        only_b,
        shared,
        rows,
    )


def _side(reference: Reference) -> Side:
    run = stored_run(reference)
    return Side(scenario_of(reference), None if run is None else run.network)


def _networks(one: Side, two: Side, progress: Progress) -> tuple[Network, Network]:
    """Return both networks; a fit that both share is made once."""
    fits: dict[str, Network] = {}
    networks = []
    for side in (one, two):
        network = side.network
        if network is None:
            resolved = side.resolved
            name = resolved.name
            key = resolved.fit_key
            if key not in fits:
                fits[key] = build_base(
                    resolved, lambda text, name=name: progress.step(f"fitting {name}: {text}")
                )
            network = build(resolved, fitted=fits[key])
        networks.append(network)
    return networks[0], networks[1]


def _settings(a: Resolved, b: Resolved) -> list[Setting]:
    ours, theirs = (_flat(resolved) for resolved in (a, b))
    return [
        Setting(key, ours.get(key), theirs.get(key))
        for key in dict.fromkeys([*ours, *theirs])
        if ours.get(key) != theirs.get(key)
    ]


def _flat(resolved: Resolved) -> dict[str, Any]:
    data = resolved.scenario.model_dump(exclude_none=True)
    own = "of its own" if resolved.report_text is not None else "of the package"
    rows: dict[str, Any] = {"region": resolved.report.region, "year": resolved.report.year, "report": own}
    for table in _SETTINGS:
        rows |= {f"{table}.{key}": value for key, value in data[table].items() if key != "workers"}
    return rows


def _assumptions(a: Resolved, b: Resolved) -> list[Assumed]:
    rows = []
    for name in a.assumptions:
        if name in b.assumptions and a.assumptions[name] != b.assumptions[name]:
            e = b.assumptions.entry(name)
            rows.append(Assumed(name, a.assumptions[name], e.value, e.unit, e.low, e.high, e.default))
    # by how much of their range they moved
    return sorted(rows, key=lambda row: (-abs(row.b - row.a) / max(row.high - row.low, 1e-12), row.name))


def _changes(a: Resolved, b: Resolved) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    ours, theirs = (Counter(map(in_words, resolved.scenario.change)) for resolved in (a, b))
    both = ours & theirs
    return tuple((ours - both).elements()), tuple((theirs - both).elements()), both.total()


def in_words(change: Any) -> str:
    """Return a change in a line: what it does, and what it is given.

    Examples
    --------
    >>> from scenarios.changes import SetRounds
    >>> in_words(SetRounds(op="set_rounds", per_week=7, where={"border": True}))
    'set rounds: per_week 7, where border true'
    """
    given = change.model_dump(exclude_defaults=True, exclude={"op", "label"})
    details = ", ".join(f"{key} {_said(value)}" for key, value in given.items() if value not in (None, {}))
    return change.op.replace("_", " ") + (f": {details}" if details else "")


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " and ".join(f"{key} {_said(part)}" for key, part in value.items() if part is not None)
    if isinstance(value, list | tuple):
        return "–".join(map(_said, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
