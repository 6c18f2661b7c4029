"""Plans on disk: scenarios that can be run, tables, charts, and the simulation that checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from network.model.network import Network
from scenarios.comparison.compare import Comparison, compare, compare_runs
from scenarios.definition.resolve import Resolved
from scenarios.expansion.planning import Plan, Point, Question, answer
from scenarios.expansion.portfolio import scenario_text
from scenarios.runs.folder import open_run, versions
from scenarios.runs.references import Reference, network_of, scenario_of, stored_run
from scenarios.support.broken_off import breaking_off
from scenarios.support.folders import WorkFolder, write_file
from scenarios.support.progress import Progress

__all__ = ["CHECKED", "Kept", "plan"]

#: What the simulation is asked about every plan.
CHECKED = (
    "transit.by_direction.inbound.mean_h",
    "transit.by_tiers.gateway.village.mean_h",
    "coverage.inbound.within.168.people",
    "transit.all.mean_h",
    "cost.yuan_per_item",
)


@dataclass(frozen=True, eq=False)
class Kept:
    """A plan, its folder, and the simulated comparison if there was one."""

    plan: Plan
    folder: Path
    scenario: str
    comparison: Comparison | None = None

    def checked(self) -> list[dict[str, Any]]:
        """Return what the simulation says of each plan: differences to the base, with intervals."""
        if self.comparison is None:
            return []
        rows = []
        for other, differences in zip(self.comparison.others, self.comparison.differences, strict=True):
            for key in CHECKED:
                if key in differences:
                    difference = differences[key].as_dict()
                    rows.append({"plan": other.summary["scenario"], "measure": key, **difference})
        return rows


def plan(
    reference: Reference,
    question: Question,
    out: Path | None = None,
    *,
    root: Path = Path("runs"),
    verify: bool = True,
    plots: bool = True,
    progress: Progress | None = None,
    **run: Any,
) -> Kept:
    """Answer a question about a scenario or a run, and keep everything in one folder.

    Parameters
    ----------
    reference
        Library name, scenario file or run folder.
    question
        What is asked.
    out
        Folder; a fresh dated one under `root` by default.
    verify
        Whether to simulate the plans against the base, paired.
    plots
        Whether to draw charts.
    **run
        Settings of `Run` for the simulation, such as ``replications``.

    Raises
    ------
    StoreError
        If the folder holds something.
    PlanError
        If a standard cannot be met.
    """
    progress = progress or Progress()
    base, network = _open(reference, progress)
    identity = {
        **versions(base.with_run(**run)),
        "question": asdict(question),
        "replications": base.with_run(**run).run.replications if verify else 0,
    }
    with WorkFolder.named(out, root, f"plan-{base.name}", identity) as draft, breaking_off(draft):
        answered = answer(network, question, f"{base.name}-plan", progress.step)
        folder = draft.final if draft.committed else draft.whole
        files = _scenarios(answered, base, reference, folder)
        comparison = None
        if verify and files:
            comparison = _verified(reference, files, folder / "comparison", plots, progress, run)
        kept = Kept(answered, draft.final, base.name, comparison)
        if draft.committed:
            return kept
        content = {"scenario": base.name, **answered.as_dict(), "simulated": kept.checked()}
        draft.write("plan.json", content)
        for name, changes in {"changes": answered.rows, "standard": answered.cheapest_rows}.items():
            if changes:
                rows = [{**asdict(row), "gain_per_10000_yuan": row.gain_per_10000_yuan} for row in changes]
                draft.write_table(f"{name}.csv", rows)
        if plots:
            progress.step("drawing the plan")
            _draw(kept, folder / "plots")
        draft.commit()
        return kept


def _verified(
    reference: Reference,
    files: Mapping[str, Path],
    folder: Path,
    plots: bool,
    progress: Progress,
    run: Mapping[str, Any],
) -> Comparison:
    """Compare the plans with the base by simulation, or read what an earlier start compared."""
    if folder.is_dir():
        base = stored_run(reference) or open_run(folder / scenario_of(reference).name)
        return compare_runs(base, [open_run(folder / path.stem) for path in files.values()])
    others = [str(path) for path in files.values()]
    return compare(reference, others, folder, plots=plots, progress=progress, **run)[0]


def _open(reference: Reference, progress: Progress) -> tuple[Resolved, Network]:
    return scenario_of(reference), network_of(reference, progress)


def _scenarios(answered: Plan, base: Resolved, reference: Reference, folder: Path) -> dict[str, Path]:
    """Write a scenario file for every plan that changes something; the chosen one is portfolio.toml too."""
    files = {}
    aim = answered.question.aim
    for point in answered.points:
        if not point.changes:
            continue
        description = (
            f"Chosen by yizhan plan from {len(answered.levers):,} candidates. It costs {point.yuan:,.0f} "
            f"yuan a year more than {base.name} by the timetable."
        )
        if point.budget is None:
            asked = "; ".join(standard.says for standard in answered.question.standards)
            title = f"The cheapest plan found for {asked}"
        else:
            title = f"A plan for {point.budget:,.0f} yuan a year"
            description += (
                f" By the timetable alone {aim.key} changes from {_shown(answered.base)} to "
                f"{_shown(point.exact)}."
            )
        text = scenario_text(base, str(reference), point.name, title, description, point.changes)
        path = folder / "scenarios" / f"{point.name}.toml"
        path.parent.mkdir(exist_ok=True)
        write_file(path, text)
        files[point.name] = path
        if point is answered.chosen or (answered.chosen is None and point is answered.cheapest):
            write_file(folder / "portfolio.toml", text)
    return files


def _shown(value: float) -> str:
    return f"{value:.4g}"


def _draw(kept: Kept, folder: Path) -> list[Path]:
    from scenarios.charts.plan import frontier, plan_map
    from scenarios.charts.style import save

    folder.mkdir(parents=True, exist_ok=True)
    plan, aim = kept.plan, kept.plan.question.aim
    files: list[Path] = []
    if plan.chosen is not None:
        points = [
            {
                "name": point.name,
                "budget": point.budget,
                "yuan": point.yuan,
                "exact": plan.gain(point.exact),
                "predicted": plan.gain(point.predicted),
                "bound": plan.gain(point.bound),
            }
            for point in plan.frontier
        ]
        ax = frontier(points, aim.says, plan.base, aim.unit, plan.chosen.name, kept.checked())
        files += save(ax, folder / "frontier")
        title = f"The plan for {plan.question.budget:,.0f} yuan a year: {len(plan.rows)} changes"
        files += save(plan_map(plan.network, [vars(row) for row in plan.rows], title), folder / "map")
    if plan.cheapest is not None and plan.cheapest_rows:
        title = f"The cheapest plan that meets the standard: {len(plan.cheapest_rows)} changes"
        rows = [vars(row) for row in plan.cheapest_rows]
        files += save(plan_map(plan.network, rows, title), folder / "standard-map")
    return files


def shown(point: Point) -> str:
    """Return a plan's vehicles in words."""
    return ", ".join(f"{more:+d} {kind}" for kind, more in point.vehicles.items()) or "none"
