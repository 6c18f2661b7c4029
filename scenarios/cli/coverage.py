"""``yizhan coverage``: who is reached how fast by the timetable alone, what is critical, what gains most."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, number, print_json, print_table, rests_on, shown_progress

if TYPE_CHECKING:
    from network.accessibility.criticality import Criticality
    from network.accessibility.marginal_gains import Gain
    from network.model.network import Network
    from scenarios.assessment.coverage import Found
    from scenarios.support.progress import Progress

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan coverage xizang-2021",
    "yizhan coverage xizang-2021 --from Lhasa --quantile 0.5 --hours 24 --hours 96",
    "yizhan coverage xizang-2021 --from GW_XINING --out coverage-xining",
    "yizhan coverage runs/xizang-2021-20260101-120000 --from gateway",
    "yizhan coverage xizang-2021 --critical --bottlenecks --top 20",
)
ORIGINS = {"outside": "inbound", "gateway": "from_gateway", "region": "regional"}
WORDS = {
    "inbound": "from other provinces, acceptance there to first attempt",
    "from_gateway": "from other provinces, from the entry gateway on",
    "regional": "from all places of the region, as they send",
}
SHARES = ("people", "villages", "natural_villages", "townships")
COUNTS = ("counties", "border_counties")
COLLECTED = 5  # rounds at the top for which what their places send is counted too


@guarded
def command(
    scenario: Annotated[str, typer.Argument(help="Library name, scenario file or run folder.")],
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="outside (other provinces), gateway (the same from the gateway on), region (all places of "
            "the region), or one place or gateway by id or name.",
        ),
    ] = "outside",
    quantile: Annotated[
        float, typer.Option("--quantile", "-q", min=0.01, max=0.99, help="Share that must be in time.")
    ] = 0.8,
    hours: Annotated[
        list[int] | None, typer.Option("--hours", "-H", min=1, help="Within so many hours. May be repeated.")
    ] = None,
    critical: Annotated[
        bool, typer.Option("--critical", help="Close every leg and road link in turn: minutes.")
    ] = False,
    bottlenecks: Annotated[
        bool,
        typer.Option("--bottlenecks", help="Add a departure to every route, a day to every round: minutes."),
    ] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many rows of each ranking.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for tables, maps and curves; RUN/coverage for a run."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no charts.")] = False,
) -> None:
    """Show which people, villages and counties are reached within hours, by the timetable alone.

    No queues, no chance, no holidays: mail is accepted over a week as demand is, and takes the earliest way.
    A run folder's own coverage stands beside it. --critical ranks legs and roads by what is lost when they
    close; --bottlenecks ranks one more departure or running day by what it gains.
    """
    from network.accessibility.effects import Aim
    from scenarios.assessment.coverage import FOLDER, Asked, draw_coverage, find, write_coverage
    from scenarios.runs.summary import assumed

    with shown_progress() as progress:
        name, network, run = _open(scenario, progress)
        where, words = _origin(network, origin)
        asked = Asked(where, quantile, tuple(sorted(set(hours or (24, 48, 72, 168)))))
        if asked.basis == "origin" and (critical or bottlenecks):
            raise _wrong("--critical and --bottlenecks count mail from outside, gateway or region")
        found = find(name, network, asked, run, progress)
        aim = Aim(asked.basis, float(asked.hours[-1]), quantile)
        if critical:
            found = replace(found, critical=_critical(found, aim, progress))
        if bottlenecks:
            found = replace(found, gains=_gains(found, aim, progress))
        folder = out or (run.path / FOLDER if run else None)
        files = write_coverage(found, folder) if folder else []
        if folder and not no_plots:
            progress.step("drawing the charts")
            files += draw_coverage(found, folder, words)
    if as_json:
        print_json(found.as_dict())
        return
    _print(found, words, top)
    told = assumed(network.assumptions)
    print()
    print(rests_on(told, len(told["changed"]), "the scenario", run.path if run else Path(scenario)))
    if files:
        print(f"written to {files[0].parent}: " + ", ".join(file.name for file in files))


def _open(scenario: str, progress: Progress) -> tuple[str, Network, Any]:
    from scenarios.cli.common import load_network
    from scenarios.runs.folder import open_run

    if Path(scenario).is_dir():
        run = open_run(scenario)
        return str(run.summary["scenario"]), run.network, run
    return scenario, load_network(scenario, progress), None


def _wrong(message: str) -> Exception:
    from network.errors import YizhanError

    return YizhanError(message)


def _origin(network: Network, text: str) -> tuple[str, str]:
    """Return the basis or the place id of an origin, and what to call it."""
    from network.errors import UnknownNameError
    from scenarios.cli.journey import end

    if text in ORIGINS:
        return ORIGINS[text], WORDS[ORIGINS[text]]
    places = network.places
    gateways = [row for row in range(len(places)) if places.kind[row] == "gateway"]
    for row in gateways:
        if text in (places.id[row], places.name_en[row]):
            return str(places.id[row]), f"from {places.name_en[row]} on"
    row = end(network, text, (*ORIGINS, *(str(places.name_en[at]) for at in gateways)))
    if row < 0:
        raise UnknownNameError("origin", text, ORIGINS)
    return str(places.id[row]), f"from {text}"


def _critical(found: Found, aim: Any, progress: Progress) -> list[Criticality]:
    from network.accessibility.criticality import criticality

    def told(done: int, total: int) -> None:
        progress.counted("closing legs and roads", done, total)

    return criticality(found.network, aim, found.ends, found.times, progress=told)


def _gains(found: Found, aim: Any, progress: Progress) -> list[Gain]:
    from network.accessibility.marginal_gains import more_days, more_departures, with_collection

    def told(text: str) -> Any:
        return lambda done, total: progress.counted(text, done, total)

    network, ends, before = found.network, found.ends, found.times
    days = more_days(network, aim, ends, before, told("adding running days"))
    days.sort(key=lambda row: row.effect.mean_h)
    for at, row in enumerate(days[:COLLECTED] if aim.basis == "regional" else ()):
        progress.counted("counting what they send", at, COLLECTED)
        days[at] = replace(row, effect=with_collection(network, row, aim, before))
    trips = more_departures(network, aim, ends, before, progress=told("adding departures"))
    return sorted((*trips, *days), key=lambda row: (row.effect.mean_h, row.id))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _count(value: int | None, of: float) -> str:
    return "–" if value is None else f"{value} of {of:g}"


def _print(found: Found, words: str, top: int) -> None:
    asked, of = found.asked, found.of
    print(f"{found.name}: coverage {words}")
    print(
        f"a place is reached within h hours when {100 * asked.quantile:g} % of its mail is "
        f"(P{100 * asked.quantile:g}); timetable: without queues, chance and holidays, accepted over a week"
    )
    if found.run is not None and found.coverage["run"] is not None:
        plan, n = found.run.scenario.plan, found.run.summary["replications"]
        print(f"run: {plan.measured_days} measured days, {n} replication{'s' if n > 1 else ''}")
    print()
    rows = []
    forms = {"timetable": found.coverage["scheduled"], "run": found.coverage["run"]}
    for h in asked.hours:
        for form, table in forms.items():
            if table is None:
                continue
            row = table["within"][str(h)]
            rows.append(
                (
                    f"{h} h",
                    form,
                    *(_share(row.get(key)) for key in SHARES),
                    *(_count(row.get(key), of[key]) for key in COUNTS),
                )
            )
    columns = ("within", "form", *(key.replace("_", " ") for key in (*SHARES, *COUNTS)))
    print_table(columns, rows, right=(0, 2, 3, 4, 5, 6, 7))
    for form, table in forms.items():
        if table is not None:
            half, most = (number(table[f"p{q}_person_h"]) for q in (50, 80))
            print(f"{form}: half of the people within {half} h, 80 % of them within {most} h")
    _print_equity(found)
    _print_access(found)
    if found.critical:
        _print_critical(found, top)
    if found.gains:
        _print_gains(found, top)


def _print_equity(found: Found) -> None:
    print("\nEquity, of mean hours to places over their people")
    rows = [
        (
            {"scheduled": "timetable"}.get(form, form),
            *("–" if row[key] is None else f"{row[key]:.3f}" for key in ("gini", "palma")),
            *(number(row[key], 2) for key in ("p90_p10",)),
            *(number(row[key]) for key in ("worst_decile_h", "border_h", "interior_h")),
            number(row["border_interior"], 2),
        )
        for form, row in found.equity.items()
        if row is not None
    ]
    columns = ("form", "Gini", "Palma", "P90/P10", "slowest tenth h", "border h", "interior h", "ratio")
    print_table(columns, rows, right=tuple(range(1, 8)))


def _print_access(found: Found) -> None:
    often, near = found.frequency["people_at_least"], found.access["people_within_km_of_postal_outlet"]
    print("\nFrequency and access")
    print(
        "rounds a week: "
        + ", ".join(f"{k} or more for {_share(share)} of people" for k, share in often.items())
        + f"; mean wait for the next {number(found.frequency['mean_wait_h'])} h"
    )
    access = found.access
    print(
        f"a postal outlet for {number(access['people_per_postal_outlet'])} people and "
        f"{number(access['km2_per_postal_outlet'])} km²; by road within "
        + ", ".join(f"{km} km: {_share(share)} of people" for km, share in near.items())
    )


def _effect(row: Any) -> tuple[str, ...]:
    effect = row.effect
    return (f"{effect.mean_h:+.2f}", f"{effect.person_h:+.2f}", f"{100 * effect.coverage:+.2f}")


def _print_critical(found: Found, top: int) -> None:
    for kind, title in (("leg", "legs of routes"), ("road", "road links, all legs over them at once")):
        print(f"\nMost critical {title}: what is lost when it closes, no trip diverted")
        rows = [row for row in found.critical if row.kind == kind][:top]
        print_table(
            ("closed", "routes", "people cut off", "mail without a way", "mean h", "people's h", "points"),
            [
                (
                    row.name,
                    str(len(row.routes)),
                    f"{row.effect.cut_off:,.0f}",
                    f"{100 * row.effect.lost:.2f} %",
                    *_effect(row),
                )
                for row in rows
            ],
            right=(1, 2, 3, 4, 5, 6),
        )
    _print_columns(found)


def _print_columns(found: Found) -> None:
    print(
        "mean h: over all such mail with a way both times; people's h: mean hours of places, over people; "
        f"points: of people reached within {found.asked.hours[-1]} h"
    )


def _print_gains(found: Found, top: int) -> None:
    for kind, title in (
        ("departure", "One more departure a week, each way, in the longest gap"),
        ("day", "One more running day of a round, the best of its free weekdays"),
    ):
        print(f"\n{title}: what it gains")
        rows = [row for row in found.gains if row.kind == kind][:top]
        print_table(
            ("", "what", "when", "km a week", "mean h", "people's h", "points"),
            [(row.id, row.name, row.unit, f"{row.km:,.0f}", *_effect(row)) for row in rows],
            right=(3, 4, 5, 6),
        )
    _print_columns(found)
    if found.run is not None:
        _print_capacity(found.run.replications, found.run.summary["items_total"], top)


def _print_capacity(replications: list[dict[str, Any]], totals: list[int], top: int) -> None:
    """Show where a run kept items waiting: what one more lane, vehicle or trip there could save at most."""
    from scenarios.runs.summary import bottlenecks

    items = sum(totals) / len(totals)
    rows = sorted(bottlenecks(replications), key=lambda row: -row["item_h"])[:top]
    print("\nCapacity, from the run: hours that more of it could save at most")
    print_table(
        ("kind", "name", "items", "item-hours", "mean h of all items"),
        [
            (
                f"{row['kind']}: {row['what']}",
                row["name"],
                f"{row['items']:,.0f}",
                f"{row['item_h']:,.0f}",
                f"{-row['item_h'] / items:+.3f}",
            )
            for row in rows
        ],
        right=(2, 3, 4),
    )
    print("over all items of the whole run, warm-up included, outbound ones too: an upper bound")
