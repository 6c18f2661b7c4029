"""What comes with the package, and what others wrote, as tables."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd

from network.exchange import gmns, gtfs
from network.exchange.onto import onto as put_onto
from network.exchange.sources import read_source
from network.inputs.assumptions import Assumptions
from network.inputs.standard_tables import bundled_standards, load_standard
from network.inputs.standards import Standard
from network.inputs.tables import load_region
from scenarios.definition.resolve import library, load_scenarios, sweep_settings
from scenarios.frames.network import NetworkTables

__all__ = ["imported", "scenarios_frame", "standards_frame"]


def scenarios_frame(reference: str | Path | None = None) -> pd.DataFrame:
    """Return the scenarios of the library, or those of a file, by name."""
    if reference is None:
        entries = [(entry.name, entry.title, entry.base, entry.description) for entry in library().values()]
        columns = ["scenario", "title", "base", "description"]
        return pd.DataFrame(entries, columns=columns).set_index("scenario")
    settings = sweep_settings(reference)
    rows = [
        {"scenario": one.name, "title": one.title, **settings.get(one.name, {})}
        for one in load_scenarios(reference)
    ]
    return pd.DataFrame(rows).set_index("scenario")


def standards_frame() -> pd.DataFrame:
    """Return every rule of the bundled standards."""
    assumptions = load_region().assumptions
    rows = [
        row for name in bundled_standards() for row in _rules(load_standard(name, assumptions), assumptions)
    ]
    return pd.DataFrame(rows).set_index(["standard", "rule"])


def _rules(standard: Standard, assumptions: Assumptions) -> list[dict[str, object]]:
    binds = ", ".join(standard.regions)
    rows: list[dict[str, object]] = [
        {
            "rule": f"deliveries a week, {rule.area.replace('_', ' ')}",
            "value": "not known" if rule.per_week is None else f"at least {rule.per_week}",
            "share": None,
            "certainty": rule.certainty,
            "source": rule.source,
        }
        for rule in standard.frequency
    ]
    rows += [
        {
            "rule": limit.code,
            "value": limit.says,
            "share": limit.share,
            "certainty": limit.certainty,
            "source": limit.source,
        }
        for limit in standard.limits
    ]
    return [{"standard": standard.code, **row, "binds_in": binds} for row in rows]


def imported(
    source: Path, form: str | None, onto: NetworkTables | None, unit: str | None
) -> NetworkTables | pd.DataFrame | nx.MultiDiGraph:
    """Return what a source holds; `yizhan.import_` says in which form."""
    read = read_source(source, form, unit)
    if read.feed is not None:
        if onto is None:
            return _routes(read.feed)
        return NetworkTables(
            put_onto(onto.model, read.feed.routes, str(source)), f"{onto.name}+{source.stem}"
        )
    if read.roads is not None:
        return _roads(read.roads)
    assert read.graph is not None
    return read.graph


def _routes(feed: gtfs.Feed) -> pd.DataFrame:
    rows = [
        {
            "id": route.id,
            "name": route.name,
            "mode": route.mode,
            "km": route.km,
            "trips_per_week": len(route.services[0].starts_s) if route.services else 0,
        }
        for route in feed.routes
    ]
    return pd.DataFrame(rows).set_index("id")


def _roads(roads: gmns.Roads) -> pd.DataFrame:
    return pd.DataFrame([vars(link) for link in roads.links])
