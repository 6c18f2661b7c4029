"""``yizhan list``: the scenarios and service standards that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.common import examples, guarded, print_json
from scenarios.cli.options import AsJson
from scenarios.cli.tables import print_table

if TYPE_CHECKING:
    from scenarios.definition.resolve import Resolved

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan list",
    "yizhan list --long",
    "yizhan list my-sweep.toml",
    "yizhan list --json",
    "yizhan list --standards",
)


@guarded
def command(
    file: Annotated[
        str, typer.Argument(help="Scenario or sweep: list what it stands for.", show_default=False)
    ] = "",
    long: Annotated[bool, typer.Option("--long", help="Print the descriptions too.")] = False,
    standards: Annotated[
        bool, typer.Option("--standards", help="List the service standards and all their values instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the scenarios of the library, those that a sweep stands for, or the service standards."""
    if standards:
        _list_standards(as_json)
        return
    if file:
        _list_file(file, as_json)
        return
    from scenarios.definition.resolve import library

    entries = library().values()
    if as_json:
        print_json(
            [
                {"name": e.name, "title": e.title, "base": e.base, "description": e.description}
                for e in entries
            ]
        )
    elif long:
        for entry in entries:
            print(f"{entry.name}: {entry.title}" + (f" (base: {entry.base})" if entry.base else ""))
            print(f"    {' '.join(entry.description.split())}\n")
    else:
        print_table(("scenario", "title", "base"), [(e.name, e.title, e.base) for e in entries])


def _list_file(file: str, as_json: bool) -> None:
    from scenarios.definition.resolve import load_scenarios, sweep_settings

    variants = load_scenarios(file)
    settings = sweep_settings(file)
    if as_json:
        print_json([{"name": r.name, "title": r.title, "sets": settings.get(r.name, {})} for r in variants])
        return
    keys = list(dict.fromkeys(key for values in settings.values() for key in values))
    rows = [(r.name, *(str(settings.get(r.name, {}).get(key, "")) for key in keys)) for r in variants]
    if keys:
        print_table(("scenario", *keys), rows)
        fits = len({r.fit_key for r in variants})
        print(f"{len(variants)} scenarios of {file}, on {fits} fitted network{'s' if fits > 1 else ''}")
    else:
        print_table(("scenario", "title", "changes"), [(r.name, r.title, _ops(r)) for r in variants])


def _ops(resolved: Resolved) -> str:
    return ", ".join(change.op for change in resolved.scenario.change) or "none"


def _list_standards(as_json: bool) -> None:
    from dataclasses import asdict

    from network.inputs.standard_tables import bundled_standards, load_standard
    from network.inputs.tables import load_region

    assumptions = load_region().assumptions
    loaded = [load_standard(name, assumptions) for name in bundled_standards()]
    if as_json:
        print_json([asdict(standard) for standard in loaded])
        return
    for standard in loaded:
        binds = f"binds in {', '.join(standard.regions)}" if standard.regions else "binds in no region"
        since = f"since {standard.since}" if standard.since else "date not known"
        print(f"{standard.code}: {standard.title} ({binds}, {since}; {standard.source})")
        rows = [
            (
                f"deliveries a week, {rule.area.replace('_', ' ')}",
                "not known" if rule.per_week is None else f"at least {rule.per_week}",
                "",
                rule.certainty,
                rule.source,
            )
            for rule in standard.frequency
        ]
        for limit in standard.limits:
            share = "not known" if limit.share is None else f"{100 * limit.share:g} %"
            ways = ", ".join(way.replace("_", " ") for way in limit.directions)
            rows.append(
                (
                    f"{limit.code}: {', '.join(limit.classes)}; {ways}",
                    limit.says,
                    share,
                    limit.certainty,
                    limit.source,
                )
            )
        rows += [
            (f"days counted, {', '.join(rule.classes)}", rule.says, "", rule.certainty, rule.source)
            for rule in standard.days
        ]
        line = standard.hard_to_reach
        if line is not None:
            far = f"round over {line.round_km:g} km or {line.round_days} d, or on foot"
            rows.append(("hard to reach", far, "", line.certainty, line.source))
        print_table(("what", "value", "share", "certainty", "source"), rows)
        print()
