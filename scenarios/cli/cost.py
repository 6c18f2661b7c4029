"""``yizhan cost``: what a run cost, emitted and earned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import Days, json_of, replications_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import print_feet, title
from scenarios.cli.tables import percent, print_rows, print_table

if TYPE_CHECKING:
    from scenarios.runs.folder import StoredRun

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan cost runs/xizang-2021-20260101-120000",
    "yizhan cost xizang-2021 --replications 3",
    "yizhan cost runs/xizang-2021-20260101-120000 --most 20 --least 1000",
    "yizhan cost runs/xizang-2021-20260101-120000 --by place --by round",
    "yizhan cost runs/xizang-2021-20260101-120000 --json > cost.json",
)


class By(StrEnum):
    """What is listed."""

    route = "route"
    round = "round"
    place = "place"
    township = "township"
    county = "county"
    prefecture = "prefecture"


#: What each is called: one, several, and over a table.
NAMES = {
    By.route: ("route", "routes", "mail routes"),
    By.round: ("round", "rounds", "rounds"),
    By.place: ("place", "places", "villages and other places"),
    By.township: ("township", "townships", "townships"),
    By.county: ("county", "counties", "counties"),
    By.prefecture: ("prefecture", "prefectures", "prefectures"),
}
STAGES = {
    "outlets": "outlets, stations, couriers",
    "centres": "centres: sorting, loading",
    "road": "mail routes by road",
    "rail": "mail routes by rail",
    "air": "mail routes by air",
    "rounds": "rounds",
}
INPUTS = {
    "vehicles": "vehicles, driven or not",
    "drivers": "drivers",
    "fuel": "fuel",
    "upkeep": "tyres, workshop, tolls",
    "freight": "freight by rail and air",
    "handling": "sorting and loading",
    "outlets": "outlets and stations",
    "couriers": "accepting and delivering, by the piece",
}
DIRECTIONS = {
    "same_prefecture": "within a prefecture",
    "within_region": "between prefectures",
    "inbound": "from other provinces",
    "outbound": "to other provinces",
}


@guarded
def command(
    run: Annotated[str, typer.Argument(help="Run folder; or a scenario, by name or file, which runs first.")],
    out: Annotated[Path | None, out_option("Run folder of a scenario that runs first.")] = None,
    replications: Annotated[int | None, replications_of("Its runs under different random streams.")] = None,
    days: Days = None,
    by: Annotated[
        list[By] | None,
        typer.Option(help="What to rank by cost an item; route and township by default. May be repeated."),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Rows of each ranking.")] = 10,
    least: Annotated[
        int, typer.Option("--least", help="Items that one must have to be ranked.", min=1)
    ] = 100,
    as_json: Annotated[bool, json_of("cost.json")] = False,
) -> None:
    """Show cost, CO2e and margin: by part of the chain, class, route, round and place.

    A run folder holds the same by place, round and centre in cost_elements.csv
    and cost_places.csv. docs/cost.md says how cost and revenue are shared out.
    """
    from scenarios.runs.costs import read_costs

    stored = _stored(run, out, replications, days)
    cost, elements, places = read_costs(stored)
    if as_json:
        print_json({**cost, "folder": str(stored.path)})
        return
    _print_whole(stored, cost)
    for what in by or (By.route, By.township):
        if what in (By.route, By.round):
            _print_elements(elements, what, most, least)
        else:
            _print_places(places, what, most, least)
    print_feet(stored)
    print(f"kept in {stored.path}: cost.json, cost_elements.csv, cost_places.csv")


def _stored(run: str, out: Path | None, replications: int | None, days: int | None) -> StoredRun:
    """Return the run of a folder; or run a scenario."""
    from network.errors import InputErrors, Problem
    from scenarios.definition.resolve import load_scenario
    from scenarios.runs.folder import open_run
    from scenarios.runs.run import run_scenario

    if run and Path(run).is_dir():
        options = {"--out": out, "--replications": replications, "--days": days}
        problems = [
            Problem("command line", "", name, str(value), "only with a scenario; the run is there already")
            for name, value in options.items()
            if value is not None
        ]
        if problems:
            raise InputErrors(problems)
        return open_run(run)
    resolved = load_scenario(run).with_run(replications=replications, measured_days=days)
    with shown_progress() as progress:
        return run_scenario(resolved, out, plots=False, progress=progress)


def _print_whole(stored: StoredRun, cost: Mapping[str, Any]) -> None:
    mean, halves = cost["mean"], cost["half_widths"]
    n = cost["replications"]
    print(title(stored))
    print(
        f"{mean['days']:.0f} measured days, {mean['items']:,.0f} items, {mean['kg'] / 1000:,.0f} t; "
        + (f"means over {n} replications" if n > 1 else "one replication")
    )
    units = {"yuan_per_item": "yuan", "co2e_kg_per_item": "kg CO2e", "margin_per_item": "yuan of margin"}
    half = {name: f" ± {halves[name]:.3f}" if halves and halves[name] is not None else "" for name in units}
    an_item = (f"{_money(mean[name])}{half[name]} {unit}" for name, unit in units.items())
    print("an item: " + ", ".join(an_item))
    tkm = sum(row["tkm"] for row in mean["by_stage"].values())
    parts = [(label, mean["by_stage"][stage]) for stage, label in STAGES.items()]
    print_rows(
        [*parts, ("all", {**mean, "tkm": tkm})],
        {
            "part of the chain": lambda part: part[0],
            "yuan": lambda part: round(part[1]["yuan"]),
            "share": lambda part: _share(part[1]["yuan"], mean["yuan"]),
            "yuan an item": lambda part: _money(part[1]["yuan_per_item"]),
            "tonne-km": lambda part: round(part[1]["tkm"]) or "–",
            "yuan a tkm": lambda part: _money(part[1]["yuan_per_tkm"]),
            "kg CO2e": lambda part: round(part[1]["co2e_kg"]) or "–",
            "kg an item": lambda part: _money(part[1]["co2e_kg_per_item"] if part[1]["co2e_kg"] else None),
            "kg a tkm": lambda part: _money(part[1]["co2e_kg_per_tkm"]),
        },
        least=("kg a tkm", "yuan a tkm", "kg an item", "tonne-km"),
    )
    print_rows(
        INPUTS.items(),
        {
            "spent on": lambda item: item[1],
            "yuan": lambda item: round(mean["by_input"][item[0]]),
            "share": lambda item: _share(mean["by_input"][item[0]], mean["yuan"]),
        },
    )
    names = {str(row["code"]): str(row["name"]) for row in stored.network.assumptions.table("classes")}
    kinds = [(names.get(code, code), row) for code, row in mean["by_class"].items()]
    kinds += [(label, mean["by_direction"][name]) for name, label in DIRECTIONS.items()]
    print_table(
        ("an item of", "items", "yuan", "earns", "margin", "kg CO2e"),
        [
            (label, round(row["items"]), *(_money(row[f"{name}_per_item"]) for name in PER_ITEM))
            for label, row in kinds
            if row["items"]
        ],
    )
    if mean["road_loaded_share"] is not None:
        share = percent(mean["road_loaded_share"])
        print(f"{mean['road_km']:,.0f} vehicle-km on mail routes by road, {share} with mail on board")
    if mean["not_carried_yuan"] >= 0.5:
        print(f"{mean['not_carried_yuan']:,.0f} yuan went to trips without mail, and to no place")


PER_ITEM = ("yuan", "revenue", "margin", "co2e_kg")


def _share(part: float, whole: float) -> str:
    return percent(part / whole if whole else None)


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _print_elements(elements: Iterable[Mapping[str, Any]], what: By, most: int, least: int) -> None:
    routes = [row for row in elements if row["kind"] == what.value]
    many = [row for row in routes if row["items"] >= least]
    many.sort(key=lambda row: (-row["yuan_per_item"], row["id"]))
    print_rows(
        many[:most],
        {
            f"{NAMES[what][2]}, most costly first": lambda row: f"{row['name']} ({row['id']})",
            "by": lambda row: row["mode"],
            "trips" if what is By.route else "runs": lambda row: round(row["runs"]),
            "items": lambda row: round(row["items"]),
            "yuan an item": lambda row: _money(row["yuan_per_item"]),
            "a tkm": lambda row: _money(row["yuan_per_tkm"]),
            "margin": lambda row: _money(row["margin_per_item"]),
            "kg CO2e": lambda row: _money(row["co2e_kg_per_item"]),
        },
        least=("by", "a tkm", "kg CO2e"),
    )
    paying = sum(row["margin"] > 0 for row in routes)
    left = _left_out(len(routes) - len(many), what, least)
    print(f"{paying:,} of {len(routes):,} {NAMES[what][1]} earn more than they cost{left}")


def _print_places(places: Sequence[Mapping[str, Any]], what: By, most: int, least: int) -> None:
    from scenarios.runs.costs import together

    towns = together(places, what.value)
    many = [row for row in towns if row["items"] >= least]
    print_rows(
        many[:most],
        {
            f"{NAMES[what][2]}, most costly first": lambda row: (
                row["name"] if what is By.prefecture else f"{row['name']} ({row['id']})"
            ),
            "in": lambda row: row["prefecture"],
            "items": lambda row: round(row["items"]),
            "yuan an item": lambda row: _money(row["yuan_per_item"]),
            "rounds": lambda row: _money(row["rounds"] / row["items"]),
            "outlets": lambda row: _money(row["outlets"] / row["items"]),
            "margin an item": lambda row: _money(row["margin_per_item"]),
            "kg CO2e": lambda row: _money(row["co2e_kg_per_item"]),
        },
        least=("kg CO2e", "outlets", "rounds", "in"),
    )
    paying = [row for row in towns if row["margin"] > 0]
    share = sum(row["items"] for row in paying) / max(1.0, sum(row["items"] for row in towns))
    left = _left_out(len(towns) - len(many), what, least)
    print(
        f"{len(paying):,} of {len(towns):,} {NAMES[what][1]} earn more than they cost, "
        f"with {100 * share:.1f} % of the items{left}"
    )


def _left_out(n: int, what: By, least: int) -> str:
    if not n:
        return ""
    one, several, _ = NAMES[what]
    return f"; {n} {one if n == 1 else several} with fewer than {least} items not ranked"
