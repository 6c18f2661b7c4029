"""``yizhan plan``: expansion plans for a budget, for a standard, and over years."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import Days, NoPlots, Scenario, Workers, Yes, json_of, replications_of
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress
from scenarios.cli.tables import print_rows, print_table
from scenarios.support.machine import any_size

if TYPE_CHECKING:
    from scenarios.expansion.folder import Kept
    from scenarios.expansion.planning import Plan, Point
    from scenarios.expansion.portfolio import Row

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan plan xizang-2021 --budget 5e6",
    "yizhan plan xizang-2021 --budget 5e6 --kinds routes,rounds --no-verify",
    "yizhan plan xizang-2021 --budget 2e6 --measure access.people_within_km_of_express_outlet.20 "
    "--kinds outlets",
    "yizhan plan xizang-2021 --standard 'frequency.villages_at_least.3 >= 95 %' --no-verify",
    "yizhan plan xizang-2021 --years 3 --yearly-budget 2e6 --no-verify",
)
SHOWN = 25  # changes of a plan that are printed


@guarded
def command(
    scenario: Scenario,
    budget: Annotated[
        float | None, typer.Option("--budget", "-b", help="Yuan a year beyond today's cost, such as 5e6.")
    ] = None,
    measure: Annotated[
        str,
        typer.Option("--measure", "-m", help="What to improve; docs/plan.md lists the measures."),
    ] = "scheduled.inbound.mean_h",
    kinds: Annotated[
        str | None,
        typer.Option(
            "--kinds",
            "-k",
            help="What may change: rounds, routes, direct, outlets, postal, hours; all by default.",
        ),
    ] = None,
    standard: Annotated[
        list[str] | None,
        typer.Option("--standard", help="Find the cheapest plan for MEASURE >= SHARE; several all hold."),
    ] = None,
    years: Annotated[int | None, typer.Option("--years", min=1, max=10, help="Years to plan for.")] = None,
    yearly_budget: Annotated[
        float | None,
        typer.Option("--yearly-budget", help="Yuan of yearly cost that every year may add."),
    ] = None,
    out: Annotated[Path | None, out_option("Folder; runs/plan-NAME-DATE-TIME by default.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Simulate all plans against the base, paired.")
    ] = True,
    days: Days = None,
    replications: Annotated[int | None, replications_of("Runs of each plan; 3 by default.")] = None,
    workers: Workers = None,
    gap: Annotated[
        float,
        typer.Option("--gap", min=0.0, max=0.5, help="Share of the gain between plan and bound to stop at."),
    ] = 1e-3,
    as_json: Annotated[bool, json_of("plan.json")] = False,
    no_plots: NoPlots = False,
    yes: Yes = False,
) -> None:
    """Plan an expansion: most gain for a budget, least cost for a standard, in phases over years.

    Candidates come from the network; the chosen ones are a scenario that can be run (portfolio.toml).
    """
    from scenarios.expansion.asked import question_of
    from scenarios.expansion.folder import plan

    wanted = [kind.strip() for kind in kinds.split(",")] if kinds else []
    question = question_of(budget, measure, wanted, standard or (), years, yearly_budget, gap)
    with any_size(yes), shown_progress() as progress:
        kept = plan(
            scenario,
            question,
            out,
            verify=verify,
            plots=not no_plots,
            progress=progress,
            replications=replications or 3,
            workers=workers,
            measured_days=days,
        )
    if as_json:
        print_json(
            {
                "scenario": kept.scenario,
                **kept.plan.as_dict(),
                "simulated": kept.checked(),
                "folder": str(kept.folder),
            }
        )
        return
    _print(kept)
    print(f"kept in {kept.folder}")


def _print(kept: Kept) -> None:
    plan = kept.plan
    aim = plan.question.aim
    print(f"{kept.scenario}: {aim.says}")
    levels = sum(len(lever.levels) for lever in plan.levers)
    print(f"{_value(plan, plan.base)} today; {len(plan.levers):,} candidates with {levels:,} levels")
    if plan.chosen is not None:
        _print_chosen(plan, plan.chosen)
        _print_frontier(plan)
    if plan.cheapest is not None:
        _print_standard(plan, plan.cheapest)
    if plan.years:
        _print_years(plan)
    _print_checked(kept)


def _value(plan: Plan, value: float) -> str:
    return f"{value:,.2f} h" if plan.question.aim.unit == "h" else f"{100 * value:.2f} %"


def _gain(plan: Plan, value: float) -> str:
    """Return a gain of the measure: hours, or percentage points."""
    gain = plan.gain(value)
    return f"{gain:,.2f} h" if plan.question.aim.unit == "h" else f"{100 * gain:.2f} points"


def _print_chosen(plan: Plan, point: Point) -> None:
    from scenarios.expansion.folder import shown

    print(f"\nfor {point.budget:,.0f} yuan a year: {len(plan.rows)} changes")
    _print_changes(plan.rows, plan.question.aim.unit)
    print(
        f"costs {point.yuan:,.0f} yuan a year by the timetable (counted again on the changed network: "
        f"{point.spending.total:,.0f}); vehicles {shown(point)}; {point.drivers:+d} drivers"
    )
    print(
        f"scheduled on the whole network: {_value(plan, point.exact)}, a gain of {_gain(plan, point.exact)}; "
        f"the planner predicted {_gain(plan, point.predicted)}"
    )
    print(_bound(plan, point))


def _bound(plan: Plan, point: Point) -> str:
    best, predicted = plan.gain(point.bound), plan.gain(point.predicted)
    gap = 100 * (best - predicted) / best if best > 0 else 0.0
    return (
        f"bound: no plan for this budget is predicted to gain more than {_gain(plan, point.bound)}; "
        f"this one is within {gap:.2f} % of it"
    )


def _print_changes(changes: Sequence[Row], unit: str) -> None:
    scale, name = (60.0, "min") if unit == "h" else (100.0, "points")
    print_rows(
        changes[:SHOWN],
        {
            "where": lambda row: row.name,
            "change": lambda row: row.says,
            "yuan a year": lambda row: f"{row.yuan:,.0f}",
            f"gain, {name}": lambda row: f"{scale * row.gain:,.2f}",
            "for 10,000 yuan": lambda row: (
                "–" if row.gain_per_10000_yuan is None else f"{scale * row.gain_per_10000_yuan:,.3f}"
            ),
        },
    )
    if len(changes) > SHOWN:
        print(f"… and {len(changes) - SHOWN} more in the folder")
    print("yuan and gain of a change: the saving and the loss of the plan without it")


def _print_frontier(plan: Plan) -> None:
    print_rows(
        plan.frontier,
        {
            "budget": lambda point: f"{point.budget:,.0f}",
            "cost": lambda point: f"{point.yuan:,.0f}",
            "changes": lambda point: str(sum(level > 0 for level in point.levels)),
            "measure": lambda point: _value(plan, point.exact),
            "gain": lambda point: _gain(plan, point.exact),
            "predicted": lambda point: _gain(plan, point.predicted),
            "bound": lambda point: _gain(plan, point.bound),
            "vehicles": lambda point: f"{sum(point.vehicles.values()):+d}",
        },
        title="cost–benefit frontier",
    )


def _print_standard(plan: Plan, point: Point) -> None:
    from scenarios.expansion.folder import shown

    asked = "; ".join(standard.says for standard in plan.question.standards)
    print(f"\nthe least for {asked}: {len(plan.cheapest_rows)} changes")
    _print_changes(plan.cheapest_rows, plan.question.standards[0].aim.unit)
    print(
        f"costs {point.yuan:,.0f} yuan a year; no plan predicted to meet the standard costs less than "
        f"{point.bound:,.0f}; vehicles {shown(point)}; {point.drivers:+d} drivers"
    )
    for says, value in point.met.items():
        value_text = f"{value:,.2f} h" if says.endswith(" h") else f"{100 * value:.2f} %"
        print(f"scheduled on the whole network: {value_text}, asked {says}")


def _print_years(plan: Plan) -> None:
    print_rows(
        enumerate(plan.years, start=1),
        {
            "year": lambda phase: str(phase[0]),
            "budget": lambda phase: f"{phase[1].budget:,.0f}",
            "cost": lambda phase: f"{phase[1].yuan:,.0f}",
            "changes": lambda phase: str(sum(level > 0 for level in phase[1].levels)),
            "measure": lambda phase: _value(plan, phase[1].exact),
            "gain": lambda phase: _gain(plan, phase[1].exact),
        },
        title="phases: a change in force stays in force",
    )
    sign = plan.question.aim.sign
    total = sum(plan.gain(year.predicted) for year in plan.years)
    bound = sign * (plan.years_bound - len(plan.years) * plan.base)
    scale, unit = (1.0, "h") if plan.question.aim.unit == "h" else (100.0, "points")
    print(
        f"sum of the predicted yearly gains {scale * total:,.2f} {unit}; no order gains more than "
        f"{scale * bound:,.2f} {unit}"
    )


def _print_checked(kept: Kept) -> None:
    from scenarios.runs.headlines import HEADLINES

    names = {row.key: row for row in HEADLINES}
    rows = []
    for row in kept.checked():
        headline = names[row["measure"]]
        scale, unit = (100.0, "points") if headline.unit == "share" else (1.0, headline.unit)
        half = row["half_width"]
        rows.append(
            (
                row["plan"],
                headline.label,
                f"{scale * row['base']:,.2f}",
                f"{scale * row['difference']:+,.2f}",
                "" if half is None else f"± {scale * half:,.2f}",
                unit,
            )
        )
    if rows:
        title = "simulated against the base, same items and disturbances"
        print_table(("plan", "measure", "base", "difference", "95 %", "unit"), rows, title=title)
