"""``yizhan compare``: differences of scenarios to a base, with intervals and resource requirements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import Dask, Days, NoPlots, Scenario, Seed, Workers, Yes, json_of, replications_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.run_text import needs_of_firms, rests_on, unresolved
from scenarios.cli.run_text import replications as in_words
from scenarios.cli.tables import print_table
from scenarios.support.machine import any_size

if TYPE_CHECKING:
    from network.fleet.requirements import Needs
    from scenarios.comparison.compared import Comparison
    from scenarios.comparison.differences import Difference
    from scenarios.comparison.requirements import Requirements
    from scenarios.runs.folder import StoredRun
    from scenarios.runs.headlines import Headline

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan compare xizang-2021 xizang-rail-nyingchi",
    "yizhan compare xizang-2021 xizang-handover-all xizang-daily-border-rounds --replications 5",
    "yizhan compare xizang-winter-closure xizang-2021",
    "yizhan compare runs/base my-expansion.toml --out runs/expansion",
    "yizhan compare xizang-2021 xizang-2012 xizang-double-inbound",
    "yizhan compare xizang-2021 xizang-double-inbound --json > comparison.json",
)
PER = {
    "vehicle": "a vehicle more",
    "driver": "a driver more",
    "1000_vehicle_km_per_week": "1,000 vehicle-km a week more",
}
SMALLEST_GAIN = 5e-7  # share of people; less is printed as nothing


@guarded
def command(
    base: Scenario,
    others: Annotated[list[str], typer.Argument(help="Scenarios (or run folders) to set against the base.")],
    out: Annotated[Path | None, out_option("Folder; runs/compare-BASE-DATE-TIME by default.")] = None,
    replications: Annotated[
        int | None, replications_of("Runs of each scenario; 3 by default. Intervals need 2.")
    ] = None,
    workers: Workers = None,
    dask: Dask = None,
    seed: Seed = None,
    days: Days = None,
    records: Annotated[
        bool, typer.Option("--records", help="Keep the item records of the runs too.")
    ] = False,
    no_items: Annotated[bool, typer.Option("--no-items", help="Do not compare item by item.")] = False,
    measure: Annotated[
        str | None, typer.Option("--measure", help="Measure of the option ranking; the mean time by default.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option("--study", help="Folder of a study of worlds, for the second interval.")
    ] = None,
    as_json: Annotated[bool, json_of("comparison.json")] = False,
    no_plots: NoPlots = False,
    yes: Yes = False,
) -> None:
    """Compare scenarios with a base under the same items, dates and streams.

    All run on the dates of the base: name a scenario of a season first. One
    of another report year keeps dates of its own. Differences are paired;
    half-widths are Student's at 95 %. A network is fitted once and changes
    apply to it; a run folder gives its own.
    """
    from scenarios.comparison.compare import compare
    from scenarios.comparison.ranking import MEASURE
    from scenarios.support.executors import on_cluster

    with on_cluster(dask), any_size(yes), shown_progress() as progress:
        comparison, folder = compare(
            base,
            others,
            out,
            plots=not no_plots,
            records=records,
            items=not no_items,
            measure=measure or MEASURE,
            study=study,
            progress=progress,
            replications=3 if replications is None else replications,
            workers=workers,
            seed=seed,
            measured_days=days,
        )
    if as_json:
        print_json({**comparison.as_dict(), "folder": str(folder)})
        return
    _print(comparison)
    print()
    print((folder / "summary.md").read_text(encoding="utf-8"), end="")
    print(f"\nkept in {folder}")


def _print(comparison: Comparison) -> None:
    from scenarios.runs.headlines import HEADLINES, WORKINGS
    from scenarios.runs.summary import flatten

    base = comparison.base.summary
    n = len(comparison.base.measures)
    plan = comparison.base.scenario.plan
    first = plan.start + dt.timedelta(days=plan.warmup_days)
    print(f"base {base['scenario']}: {base['title']}")
    print(
        f"{plan.measured_days} measured days from {first}, {in_words(n)}, "
        f"seed {base['seed']}; differences other − base, 95 %"
    )
    if n < 2:
        print("one replication gives no intervals: use --replications 2 or more")
    else:
        print(
            'better, worse: clear with all rows of the tables read together (Holm); "alone": only by itself'
        )
        print(
            "pairing: how many times wider the interval would be if the replications shared nothing (Welch)"
        )
    together = _read_together(comparison)
    for at, (other, differences, takes) in enumerate(
        zip(comparison.others, comparison.differences, comparison.requirements, strict=True)
    ):
        print(f"\n{other.summary['scenario']}: {other.summary['title']}")
        _print_no_pair(comparison, at)
        before, after = (dict(flatten(run.summary["measures"])) for run in (comparison.base, other))
        rows = [
            row for headline in HEADLINES for row in _rows(headline, differences, before, after, together[at])
        ]
        _print_rows("measure", rows)
        rows = [
            _row(row, differences[row.key], together[at])
            for row in WORKINGS
            if row.key in differences and _any(differences[row.key])
        ]
        _print_rows("on the measured days", rows)
        _print_items(comparison.items_of(other))
        for run in (comparison.base, other):
            print(f"{run.summary['scenario']}: {unresolved(run.summary['measures']['transit'].get('all'))}")
        _print_growing(comparison.base, other)
        _print_takes(takes, differences)
    changed = {name for run in comparison.runs for name in run.summary["assumed"]["changed"]}
    print()
    print(rests_on(base["assumed"], len(changed), "the scenarios", comparison.base.path))


def _read_together(comparison: Comparison) -> list[dict[str, float]]:
    """Return the p of each measure of the tables, all those of all scenarios read together; by scenario."""
    from scenarios.runs.headlines import HEADLINES, WORKINGS
    from sim.measures.pairing import holm

    keys = [row.key for row in (*HEADLINES, *WORKINGS) if row.better]
    wanted = [
        (at, key, p)
        for at, differences in enumerate(comparison.differences)
        for key in keys
        if key in differences and (differences[key].difference or differences[key].half_width)
        for p in [differences[key].p]
        if p is not None
    ]
    pvalues: list[dict[str, float]] = [{} for _ in comparison.others]
    for (at, key, _), p in zip(wanted, holm([p for *_, p in wanted]).tolist(), strict=True):
        pvalues[at][key] = p
    return pvalues


def _print_no_pair(comparison: Comparison, at: int) -> None:
    """Say so if a scenario shares no draws with the base, and what of it has no counterpart."""
    if not comparison.paired[at]:
        summary = comparison.others[at].summary
        first = dt.date.fromisoformat(summary["start"]) + dt.timedelta(days=summary["warmup_days"])
        print(
            f"no pair: {summary['measured_days']} measured days from {first}, with neither the items nor the "
            "weather of the base; intervals are those of runs that share nothing (Welch)"
        )
    missing = comparison.missing[at]
    for name, words in (("only_base", "the base only"), ("only_other", "the other only")):
        groups = sorted({".".join(key.split(".")[:3]) for key in missing[name]})
        if groups:
            more = f" and {len(groups) - 6} more" if len(groups) > 6 else ""
            print(f"measured in {words}: {', '.join(groups[:6])}{more}")


def _print_items(row: Mapping[str, Any] | None) -> None:
    """Print what became of the same items, and how many are in one scenario only."""
    if row is None:
        return
    print(
        f"mail to the region, items a replication: {row['in_both']:,.0f} in both, "
        f"{row['only_base']:,.0f} in the base only, {row['only_other']:,.0f} in the other only"
    )
    if row["base_h"] is None or not row["arrived_in_both"]:
        return
    half = "" if row["half_width_h"] is None else f" ± {row['half_width_h']:,.2f}"
    sooner, later = (100 * row[name] / row["arrived_in_both"] for name in ("faster", "slower"))
    print(
        f"of those that arrived in both {sooner:,.1f} % sooner, {later:,.1f} % later; mean of the same items "
        f"{row['base_h']:,.1f} h, then {row['other_h']:,.1f} h: {row['difference_h']:+,.2f}{half} h"
    )


def _print_rows(title: str, rows: list[tuple[str, ...]]) -> None:
    columns = (title, "base", "other", "difference", "95 %", "unit", "verdict", "pairing")
    print_table(columns, rows, least=("pairing", "other", "base", "unit"))


def _any(difference: Difference) -> bool:
    """Whether there is anything to tell in either scenario."""
    return bool(difference.base or difference.other)


def _rows(
    headline: Headline,
    differences: Mapping[str, Difference],
    base: Mapping[str, float | None],
    other: Mapping[str, float | None],
    together: Mapping[str, float] | None = None,
) -> Iterator[tuple[str, ...]]:
    """Yield the row of a measure, and what the items under way at close leave open of it."""
    group, _, name = headline.key.rpartition(".")
    least = f"{group}.at_close.{name}"
    if headline.key in differences:
        early = differences.get(least)
        row = _row(headline, differences[headline.key], together)
        if name != "mean_h" or early is None:
            yield row
            return
        bound = _row(headline, early, together)
        # A mean of what arrived says little where much did not: no verdict that the bound does not share.
        yield row if row[-2].split()[:1] == bound[-2].split()[:1] else (*row[:-2], "", row[-1])
        if bound[1:4] != row[1:4] and headline.key == "transit.all.mean_h":
            yield "  at least, with what is under way", *bound[1:]
    elif headline.key in base and headline.key in other:  # a quantile that was not always reached
        cells = [_at_least(means[headline.key], means.get(least)) for means in (base, other)]
        yield headline.label, *cells, "–", "", headline.unit, "", ""


def _at_least(value: float | None, least: float | None) -> str:
    if value is not None:
        return f"{value:,.1f}"
    return "–" if least is None else f"≥ {least:,.1f}"


def _row(headline: Headline, row: Difference, together: Mapping[str, float] | None = None) -> tuple[str, ...]:
    from scenarios.comparison.differences import LEVEL

    scale, unit = (100, "points") if headline.unit == "share" else (1, headline.unit)
    digits = {"items": 0, "trips": 0, "yuan": 2, "kg": 2}.get(headline.unit, 1)
    finer = 3 if digits == 2 else 2 * digits
    difference = f"{row.difference * scale:+,.{finer}f}"
    verdict = ""
    if headline.better and row.clear and float(difference.replace(",", "")):
        verdict = "better" if row.difference * headline.better > 0 else "worse"
        if (together or {}).get(headline.key, 0.0) >= 1 - LEVEL:
            verdict += " alone"
    return (
        headline.label,
        f"{row.base * scale:,.{digits}f}",
        f"{row.other * scale:,.{digits}f}",
        difference,
        "" if row.half_width is None else f"± {row.half_width * scale:,.{finer}f}",
        unit,
        verdict,
        "" if row.ratio is None else f"{row.ratio:,.1f}",
    )


def _print_growing(base: StoredRun, other: StoredRun) -> None:
    """Print how many queues grow in both, and which one of the other does so fastest."""
    if base.summary["queues"]["tested"] is None:
        return
    growing = [
        {(row["queue"], row["name"]) for row in run.summary["queues"]["growing"]} for run in (base, other)
    ]
    if not any(growing):
        return
    n = len(base.measures)
    text = f"queues that grow{' in some replication' if n > 1 else ''}: "
    text += f"{len(growing[0])} in the base, {len(growing[1])} in the other"
    rows = other.summary["queues"]["growing"]
    if rows:
        worst = max(rows, key=lambda row: float(row["slope"]))
        text += f", fastest {worst['queue']} at {worst['name']}, {worst['slope']:+,.0f} items a day"
    print(text)


def _print_takes(takes: Requirements, differences: Mapping[str, Difference]) -> None:
    from scenarios.runs.headlines import HEADLINES

    more = takes.more
    firms = ", the firms' own lines included" if takes.base.firms != takes.other.firms else ""
    print(
        f"requires {more['vehicles']:+,} vehicles, {more['drivers']:+,} drivers, "
        f"{more['vehicle_km_per_week']:+,.0f} vehicle-km, {more['train_km_per_week']:+,.0f} train-km and "
        f"{more['flight_km_per_week']:+,.0f} flight-km a week{firms}"
    )
    print(f"needs {_of_fleet(takes.other)}{needs_of_firms(takes.other.as_dict()['firms'])}")
    sized = takes.at_target
    if (sized.vehicles, sized.firms) != (takes.other.vehicles, takes.other.firms):
        print(
            f"to keep its mean load at the target it would need {_of_fleet(sized)}, "
            f"{sized.drivers:,} drivers and {sized.vehicle_km_per_week:,.0f} vehicle-km a week"
            + needs_of_firms(sized.as_dict()["firms"])
        )
    labels = {headline.key: headline.label for headline in HEADLINES}
    gains = [
        (labels[key], f"{differences[key].difference * 100:+,.2f}", *(_per(gain[unit]) for unit in PER))
        for key, gain in takes.gain.items()
        if any(value is not None and abs(value) >= SMALLEST_GAIN for value in gain.values())
    ]
    if gains:
        print_table(("gain in coverage", "points", *PER.values()), gains)


def _of_fleet(needed: Needs) -> str:
    side = "more than" if needed.over > 0 else "fewer than"
    return f"{needed.vehicles:,} vehicles, {abs(needed.over):,} {side} the {needed.fleet:,} there are"


def _per(gain: float | None) -> str:
    """Return points gained for one more; a dash where none more is taken."""
    return "–" if gain is None else f"{gain * 100:+.4f}"
