"""``yizhan check``: every published figure beside the built one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from scenarios.cli.common import examples, guarded, load_network, print_json
from scenarios.cli.options import AsJson, Scenario
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import needs_of_firms
from scenarios.cli.tables import number, print_rows

if TYPE_CHECKING:
    from network.model.network import Network
    from network.reconcile import Context, Row

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan check xizang-2021",
    "yizhan check xizang-2021 --json",
    "yizhan check my-scenario.toml",
    "yizhan check runs/xizang-2021-20260101-120000",
)


@guarded
def command(
    scenario: Scenario,
    as_json: AsJson = False,
) -> None:
    """Build a scenario's network and compare every published figure with it.

    Exit status 1 if a figure is missed by more than its printed precision, 2
    if the scenario is wrong or no network meets its figures.
    """
    from network.reconcile import context, passed, reconcile

    with shown_progress() as progress:
        network = load_network(scenario, progress)
        rows = reconcile(network)
    around = context(network, rows)
    if as_json:
        print_json(_as_json(network, rows, around))
    else:
        _print(network, rows, around)
    if not passed(rows):
        raise typer.Exit(1)


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _as_json(network: Network, rows: Sequence[Row], around: Context) -> dict[str, Any]:
    from network.fleet.requirements import needs
    from network.reconcile import not_modelled, passed

    return {
        "ok": passed(rows),
        "figures": [
            {
                "name": row.name,
                "published": _whole(row.published),
                "precision": _whole(row.precision),
                "built": _whole(row.built),
                "unit": row.unit,
                "date": row.date,
                "ok": row.ok,
            }
            for row in rows
        ],
        "notes": {row.name: row.note for row in rows if row.note},
        "synthetic_road_share": around.synthetic_road_share,
        "lanes": around.lanes,
        "yuan_per_lane": around.yuan_per_lane,
        "readings": list(around.readings),
        "operations": asdict(network.operations),
        "carried_back": list(around.carried_back),
        "rests_on": list(around.rests_on),
        "needs": needs(network).as_dict(),
        "observed": dict(zip(("inside", "judged"), _observed(network), strict=True)),
        "known_routes": {
            use: dict(zip(("built", "known"), counts, strict=True)) for use, counts in _known(network).items()
        },
        "not_judged": [
            {"name": f.name, "value": _whole(f.value), "unit": f.unit, "date": f.date, "use": f.use}
            for f in not_modelled(network.report)
            if f.kind == "published"
        ],
    }


def _observed(network: Network) -> tuple[int, int]:
    """Return how many observed facts on rounds, trips and rides the network meets, of those that count."""
    from network.accessibility.offered import offered_inside
    from network.inputs.observed import load_facts

    return offered_inside(network, load_facts(network.region, network.assumptions))


def _known(network: Network) -> dict[str, tuple[int, int]]:
    """Return by use how many known routes of the network's year it has, and how many there are."""
    from network.fit.known_routes import known_in
    from network.inputs.rows import USES

    return {use: known_in(network, use) for use in USES}


def _operations(network: Network) -> str:
    """Return how the operations differ from those of a scenario that says nothing about them."""
    from scenarios.definition.schema import Operations as Usual

    switches = asdict(network.operations)
    off = [name for name, usual in Usual().model_dump().items() if switches[name] != usual]
    return f"without {', '.join(off)}" if off else ""


def _print(network: Network, rows: Sequence[Row], around: Context) -> None:
    from network.fleet.requirements import needs
    from network.reconcile import not_modelled, passed

    verdict = {True: "pass", False: "FAIL", None: "changed by scenario"}
    print_rows(
        rows,
        {
            "figure": lambda row: row.name,
            "date": lambda row: row.date,
            "published": lambda row: number(row.published, 3),
            "±": lambda row: number(row.precision, 3),
            "built": lambda row: number(row.built, 3),
            "difference": lambda row: number(round(row.difference, 3), 3),
            "unit": lambda row: row.unit,
            "result": lambda row: verdict[row.ok],
            "note": lambda row: row.note,
        },
        least=("date", "note", "±", "difference", "unit"),
    )
    failed = [row.name for row in rows if row.ok is False]
    judged = sum(row.ok is not None for row in rows)
    if passed(rows):
        print(f"all {judged} judged figures pass")
    else:
        print(f"{len(failed)} of {judged} judged figures fail: {', '.join(failed)}")
    takes = needs(network)
    print(f"{around.synthetic_road_share:.1%} of the road mileage rests on synthetic links")
    if around.yuan_per_lane is not None:
        print(f"{around.lanes} security lanes: the subsidy is {around.yuan_per_lane:,.0f} yuan a lane")
    print(
        f"routes and rounds need {takes.vehicles:,} of the {takes.fleet:,} vehicles, "
        f"{takes.drivers:,} drivers and {takes.vehicle_km_per_week:,.0f} vehicle-km a week"
        + needs_of_firms(takes.as_dict()["firms"])
    )
    known = _known(network)
    if any(n for _, n in known.values()):
        print(
            f"known routes of {network.year} in the network: "
            + ", ".join(f"{k} of {n} {use}" for use, (k, n) in known.items() if n)
        )
    inside, judged = _observed(network)
    if judged:
        print(
            f"observed facts on rounds, trips and rides: {inside} of {judged} inside; those on times need a "
            "run (`yizhan validate`)"
        )
    print("read as: " + "; ".join(around.readings))
    figures = {row.name for row in rows}
    for note in network.changed:
        if note.figure not in figures:
            print(f"{note.figure} changed by scenario: {note.label}")
    if other := _operations(network):
        print(f"operations: {other}")
    if around.rests_on:
        print("rests on the assumptions " + ", ".join(around.rests_on))
    for text in around.carried_back:
        print(text)
    others = [f for f in not_modelled(network.report) if f.kind == "published"]
    if others:
        print("published, and not judged: " + ", ".join(f.name for f in others))
