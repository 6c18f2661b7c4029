"""Say in words what several commands say of a run: its head, what it rests on, what it leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.cli.tables import number

if TYPE_CHECKING:
    from scenarios.runs.folder import StoredRun

__all__ = ["needs_of_firms", "print_feet", "replications", "rests_on", "title", "unresolved", "window"]


def title(run: StoredRun) -> str:
    """Return the scenario of a run by name and title."""
    return f"{run.summary['scenario']}: {run.summary['title']}"


def replications(n: int) -> str:
    """Return a number of replications in words."""
    return f"{n} replication{'s' if n > 1 else ''}"


def window(run: StoredRun) -> str:
    """Return what a run measured: days, seed and replications."""
    plan = run.scenario.plan
    n = replications(run.summary["replications"])
    return f"{plan.measured_days} measured days, seed {plan.seed}, {n}"


def print_feet(run: StoredRun, files: Sequence[Path] = ()) -> None:
    """Print how much of a run is assumed, and which files were written."""
    assumed = run.summary["assumed"]
    print(rests_on(assumed, len(assumed["changed"]), "the scenario", run.path))
    print_files(files)


def print_files(files: Sequence[Path]) -> None:
    """Print which files were written, if any."""
    if files:
        print(f"written to {files[0].parent}: " + ", ".join(file.name for file in files))


def rests_on(assumed: Mapping[str, Any], changed: int, by: str, folder: Path) -> str:
    """Return the line that says how much of the output is assumed.

    Parameters
    ----------
    assumed
        ``assumed`` of ``summary.json``.
    changed
        How many assumed values differ from their defaults.
    by
        Who changed them, in words.
    folder
        A run folder, for the command that traces a value.
    """
    return (
        f"rests on {assumed['values']} assumed values and {len(assumed['lists'])} lists, {changed} changed "
        f"by {by} (scenario.toml, docs/model.md); `yizhan explain {folder} KEY` says which a value rests on"
    )


def needs_of_firms(firms: Mapping[str, Any]) -> str:
    """Return what the express firms' own lines need beside the post's, to end a sentence; or nothing."""
    if not any(firms.values()):
        return ""
    return (
        f"; all this is the post's: the firms' own lines need {firms['vehicles']:,} vehicles, "
        f"{firms['drivers']:,} drivers and {firms['vehicle_km_per_week']:,.0f} vehicle-km a week more"
    )


def unresolved(row: Mapping[str, Any] | None) -> str:
    """Return how far the items in transit at cut-off can move the figures of all mail to the region."""
    if row is None or not row["unresolved"]:
        return "no mail to the region was in transit at cut-off"
    early = row["at_close"]
    exact, moved = [], []
    for name in ("p50_h", "p80_h", "p95_h"):
        shown = name.removesuffix("_h").upper()
        if row[name] is not None and row[name] == early[name]:
            exact.append(shown)
        else:
            moved.append(f"{shown} at least {number(early[name])} h")
    points = max(100 * (early["within"][h] - share) for h, share in row["within"].items())
    if points:
        moved.append(f"a share in time up to {points:.2g} points higher")
    else:
        exact.append("the shares in time")
    return (
        f"{100 * row['unresolved'] / row['items']:.2g} % of mail to the region was in transit at cut-off: "
        + "; ".join([f"with it the mean is at least {number(early['mean_h'])} h", *moved])
        + (f"; not affected: {', '.join(exact)}" if exact else "")
    )
