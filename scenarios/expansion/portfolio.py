"""A chosen portfolio as a scenario that can be run, and as a table of what each change costs and brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import tomli_w

from network.fleet.requirements import needs
from network.model.network import Network
from scenarios.changes import OpenOutlets, RoundSelector, ScaleFleet, SetHours, SetRounds, Table
from scenarios.definition.apply import apply_scenario
from scenarios.definition.resolve import Resolved, library
from scenarios.definition.schema import Scenario
from scenarios.expansion.levers import Lever
from scenarios.expansion.problem import Expense, Measure

__all__ = ["Row", "applied", "changes_of", "fleet_changes", "rows", "scenario_text"]


@dataclass(frozen=True)
class Row:
    """A chosen change: what the plan would spend less and gain less without it.

    Parameters
    ----------
    yuan
        A year.
    gain
        In the unit of the measure, more is better.
    """

    kind: str
    id: str
    name: str
    place: str
    says: str
    yuan: float
    gain: float

    @property
    def gain_per_10000_yuan(self) -> float | None:
        """Gain for 10,000 yuan a year; None for what costs nothing."""
        return self.gain / self.yuan * 10_000 if self.yuan > 0 else None


def rows(levers: Sequence[Lever], expense: Expense, measure: Measure, levels: Sequence[int]) -> list[Row]:
    """Return the changes of a choice, what brings most for its yuan first."""
    table = []
    value, yuan = measure.of(levels), expense.of(levels)
    for number, (lever, level) in enumerate(zip(levers, levels, strict=True)):
        if level:
            without = [*levels[:number], 0, *levels[number + 1 :]]
            says = lever.levels[level - 1].says
            spent, gain = yuan - expense.of(without), value - measure.of(without)
            table.append(Row(lever.kind, lever.id, lever.name, lever.place, says, spent, gain))
    return sorted(table, key=lambda row: (-row.gain / max(row.yuan, 1.0), row.kind, row.id))


def changes_of(levers: Sequence[Lever], levels: Sequence[int]) -> list[Table]:
    """Return the typed changes of a choice, like ones put together."""
    chosen = [
        change
        for lever, level in zip(levers, levels, strict=True)
        if level
        for change in lever.levels[level - 1].changes
    ]
    rounds: dict[int, list[str]] = {}
    outlets: dict[tuple[str, str | None], list[str]] = {}
    nights: list[str] = []
    others: list[Table] = []
    for change in chosen:
        if isinstance(change, SetRounds):
            rounds.setdefault(change.per_week, []).extend(change.where.rounds or ())
        elif isinstance(change, OpenOutlets):
            assert isinstance(change.where, tuple)
            outlets.setdefault((change.network, change.brand), []).extend(change.where)
        elif isinstance(change, SetHours):
            nights.extend(change.centres or ())
        else:
            others.append(change)
    joined = others
    if nights:
        joined.append(SetHours(op="set_hours", opens="00:00", closes="24:00", centres=tuple(nights)))
    joined += [
        SetRounds(op="set_rounds", per_week=days, where=RoundSelector(rounds=tuple(ids)))
        for days, ids in sorted(rounds.items())
    ]
    joined += [
        OpenOutlets(op="open_outlets", network=kind, brand=brand, where=tuple(where))  # type: ignore[arg-type]
        for (kind, brand), where in outlets.items()
    ]
    return joined


def applied(network: Network, changes: Iterable[Table]) -> Network:
    """Return the network with typed changes."""
    data: dict[str, Any] = {"change": [_plain(change) for change in changes]}
    return apply_scenario(network, Scenario.model_validate(data), "plan")


def _plain(change: Table) -> dict[str, Any]:
    return change.model_dump(exclude_none=True, exclude_defaults=True) | {"op": change.op}  # type: ignore[attr-defined]


def fleet_changes(network: Network, changes: Sequence[Table]) -> tuple[list[Table], dict[str, int]]:
    """Return the changes with the vehicles bought first, and how many of each class.

    As many are bought as are needed more, so that the spares stay as many as they are.  A class of which
    fewer are needed keeps them as spares.
    """
    before = needs(network).vehicles_by_class
    after = needs(applied(network, changes)).vehicles_by_class
    bought = {kind: after.get(kind, 0) - before.get(kind, 0) for kind in sorted({*before, *after})}
    have: dict[str, int] = {}
    for vehicle in network.vehicles:
        have[vehicle.vehicle] = have.get(vehicle.vehicle, 0) + 1
    first = [
        ScaleFleet(op="scale_fleet", factor=(have[kind] + more) / have[kind], vehicles=(kind,))  # type: ignore[arg-type]
        for kind, more in bought.items()
        if more > 0 and have.get(kind)
    ]
    return [*first, *changes], {kind: more for kind, more in bought.items() if more}


def scenario_text(
    base: Resolved, reference: str, name: str, title: str, description: str, changes: Sequence[Table]
) -> str:
    """Return a scenario file: the base by its name where the library has it, else whole, and the changes."""
    added = [_plain(change) for change in changes]
    head = {"name": name, "title": title, "description": description}
    if reference in library():
        return tomli_w.dumps({**head, "base": reference, "change": added})
    import tomllib

    whole = tomllib.loads(base.to_toml())
    return tomli_w.dumps({**whole, **head, "change": [*whole.get("change", ()), *added]})
