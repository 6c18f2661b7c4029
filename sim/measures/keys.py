"""What the measures of a run mean: every key of ``measures`` in ``summary.json``, with its unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from sim.measures.tally import REASONS

__all__ = ["BASES", "SUMMARY_KEYS", "Key", "key_of", "misfit", "undocumented"]

BASES = {
    "inbound": "items from other provinces, acceptance there to first attempt",
    "from_gateway": "items from other provinces, gateway to door (without the hours upstream)",
    "regional": "items from within the region, acceptance to first attempt",
}


class Key(NamedTuple):
    """Meaning and unit of one key of a summary."""

    meaning: str
    unit: str


_ROW = {
    "items": Key("items accepted", "items"),
    "undelivered": Key("of these without a first attempt or hand-over: refused or still in transit", "items"),
    "unresolved": Key("of these still in transit at cut-off, no attempt made", "items"),
    "mean_h": Key("mean transit time of those that arrived; the sum of stages_h", "h"),
    "p50_h": Key("half of all accepted items arrived within; null: so many never did", "h"),
    "p80_h": Key("80 % of all accepted items arrived within; null: so many never did", "h"),
    "p95_h": Key("95 % of all accepted items arrived within; null: so many never did", "h"),
    "within.*": Key("share of all accepted items that arrived within this many hours", "share"),
    "stages_h.*": Key("mean time in this stage of those that arrived", "h"),
    "at_close.mean_h": Key("the mean if the unresolved had arrived at close; theirs is no less", "h"),
    "at_close.p50_h": Key("p50_h if the unresolved had arrived at close; it is no less", "h"),
    "at_close.p80_h": Key("p80_h if the unresolved had arrived at close; it is no less", "h"),
    "at_close.p95_h": Key("p95_h if the unresolved had arrived at close; it is no less", "h"),
    "at_close.within.*": Key("within.* if the unresolved had arrived at close; it is no more", "share"),
}
_TABLES = {
    "transit.all": "items addressed within the region, without newspaper bundles",
    "transit.outbound": "items to other provinces, until hand-over at the gateway",
    "transit.by_class.*": "items addressed within the region, by class",
    "transit.by_direction.*": "by direction (same_prefecture, within_region, inbound, outbound), no bundles",
    "transit.by_tiers.*.*": "by tier of origin, then tier of destination, no bundles",
    "transit.by_prefecture.*": "items addressed within the region, by prefecture of destination, no bundles",
    "transit.inbound_by_prefecture.*": "items from other provinces, by prefecture of destination",
}
_SPENT = {
    "yuan": Key("cost", "yuan"),
    "yuan_per_item": Key("cost an item; null: none", "yuan"),
    "co2e_kg": Key("CO2e, well to wheel", "kg"),
    "co2e_kg_per_item": Key("CO2e an item; null: none", "kg"),
}
_KIND = {
    "items": Key("items accepted on the measured days and not refused", "items"),
    "yuan_per_item": _SPENT["yuan_per_item"],
    "co2e_kg_per_item": _SPENT["co2e_kg_per_item"],
    "revenue_per_item": Key("revenue an item; null: none", "yuan"),
    "margin_per_item": Key("revenue less cost an item; null: none", "yuan"),
}
_REACH = {
    "within.*.people": Key("C(h): share of people whose place's P80 is within this many hours", "share"),
    "within.*.villages": Key("share of villages and committees with P80 in time", "share"),
    "within.*.natural_villages": Key(
        "share of natural villages of the border counties in time; null in a run: nothing is sent to them",
        "share",
    ),
    "within.*.townships": Key("share of townships with P80 of all their items in time", "share"),
    "within.*.counties": Key("counties with P80 of all their items in time", "counties"),
    "within.*.border_counties": Key("border counties with P80 in time", "counties"),
    "p50_person_h": Key("hours within which half of the people have P80; null: never", "h"),
    "p80_person_h": Key("hours within which 80 % of the people have P80; null: never", "h"),
}
_EQUITY = {
    "gini": Key("Gini coefficient; 0: all are served alike", "1"),
    "palma": Key("hours of the slowest-served tenth over those of the fastest-served 40 %; 0.25: alike", "1"),
    "p90_p10": Key("hours that 90 % of the people have at most over those that 10 % have", "1"),
    "worst_decile_h": Key("mean of the slowest-served tenth", "h"),
    "border_h": Key("mean in the border counties", "h"),
    "interior_h": Key("mean in the other counties", "h"),
    "border_interior": Key("border counties over the others", "1"),
}
SUMMARY_KEYS: dict[str, Key] = {
    "items.accepted": Key("items of the measured cohort, all classes", "items"),
    "items.originating": Key("of these accepted within the region", "items"),
    "items.delivered": Key("delivered, at the first attempt or a later one", "items"),
    "items.handed_over": Key("outbound, handed over at the gateway", "items"),
    "items.refused": Key("not carried: the timetable has no way from origin to destination", "items"),
    "items.in_transit": Key("unresolved when the run ended (censored)", "items"),
    "items.returned": Key("returned to sender after failed attempts", "items"),
    "items.by_class.*.*": Key("the same counts by class", "items"),
    "attempts.items": Key("items for which at least one delivery attempt was made", "items"),
    "attempts.first_failed": Key("share of these whose first attempt failed; null: none", "share"),
    "attempts.mean": Key("mean number of attempts for these items; null: none", "attempts"),
    "attempts.returned": Key("share of these that went back to the sender; null: none", "share"),
    "attempts.by_class.*.*": Key("the same by class", "as above"),
    **{f"undelivered.{reason}": Key(f"not delivered: {text}", "items") for reason, text in REASONS.items()},
    **{
        f"{table}.{key}": Key(f"{about}: {meaning.meaning}", meaning.unit)
        for table, about in _TABLES.items()
        for key, meaning in _ROW.items()
    },
    "coverage.of.people": Key("people of the region, census", "people"),
    "coverage.of.villages": Key("administrative villages and committees", "places"),
    "coverage.of.natural_villages": Key("natural villages of the border counties", "places"),
    "coverage.of.townships": Key("townships", "townships"),
    "coverage.of.counties": Key("counties", "counties"),
    "coverage.of.border_counties": Key("border counties", "counties"),
    "coverage.*.meaning": Key("which items and which part of their time", "text"),
    "coverage.*.measured_people": Key(
        "share of people whose place was sent at least one such item; the shares are of these people", "share"
    ),
    **{f"coverage.*.{key}": meaning for key, meaning in _REACH.items()},
    **{
        f"coverage.*.at_p50.{key}": Key(meaning.replace("P80", "P50"), unit)
        for key, (meaning, unit) in _REACH.items()
    },
    **{
        f"coverage.*.at_close.{key}": Key(f"the same if the unresolved had arrived at close: {bound}", unit)
        for key, (_, unit) in _REACH.items()
        for bound in ["it is no less" if unit == "h" else "it is no more"]
    },
    "coverage.*.curve.hours.*": Key("hours of the coverage curve", "h"),
    "coverage.*.curve.people.*": Key("C(h) at these hours", "share"),
    **{
        f"equity.*.{key}": Key(f"of the mean hours to places, over people: {meaning}", unit)
        for key, (meaning, unit) in _EQUITY.items()
    },
    "frequency.people_at_least.*": Key("F(k): share of people with at least so many rounds a week", "share"),
    "frequency.mean_wait_h": Key("mean wait for the next round, over people, mail ready at any time", "h"),
    "cost.days": Key("days that cost and emissions are counted over", "days"),
    **{f"cost.{key}": meaning for key, meaning in {**_SPENT, **_KIND}.items()},
    "cost.kg": Key("weight of these items", "kg"),
    "cost.yuan_per_tkm": Key("all cost a tonne-km of routes and rounds", "yuan"),
    "cost.co2e_kg_per_tkm": Key("CO2e of routes and rounds a tonne-km of theirs", "kg"),
    "cost.revenue": Key("what these items earn in the region", "yuan"),
    "cost.margin": Key("revenue less cost", "yuan"),
    "cost.not_carried_yuan": Key("cost of what carried nothing, in the totals and with no place", "yuan"),
    **{
        f"cost.by_stage.*.{key}": Key(f"by part of the chain: {meaning.meaning}", meaning.unit)
        for key, meaning in {
            **_SPENT,
            "tkm": Key("tonne-km: legs ridden, or great circles from the base of a round", "tkm"),
            "yuan_per_tkm": Key("cost a tonne-km; null: none", "yuan"),
            "co2e_kg_per_tkm": Key("CO2e a tonne-km; null: none", "kg"),
        }.items()
    },
    "cost.by_input.*": Key("cost by what it is spent on", "yuan"),
    **{f"cost.by_class.*.{key}": Key(f"by class: {m.meaning}", m.unit) for key, m in _KIND.items()},
    **{f"cost.by_direction.*.{key}": Key(f"by direction: {m.meaning}", m.unit) for key, m in _KIND.items()},
    "cost.road_km": Key("vehicle-km of the road routes, extra trips' way back included", "km"),
    "cost.road_loaded_share": Key("share of these with mail on board; null: none", "share"),
    "access.people_per_postal_outlet": Key("people of the region per postal outlet", "people"),
    "access.people_per_express_outlet": Key("people of the region per express outlet; null: none", "people"),
    "access.km2_per_postal_outlet": Key("area of the region per postal outlet; null: not known", "km²"),
    "access.km2_per_express_outlet": Key("area of the region per express outlet; null: none", "km²"),
    "access.people_in_villages_with_station": Key(
        "share of the people of villages whose village has a station", "share"
    ),
    "access.people_within_km_of_postal_outlet.*": Key(
        "share of people so near to a postal outlet by road: great circle times the circuity of the terrain",
        "share",
    ),
}


def key_of(path: str) -> Key | None:
    """Return the meaning and unit of a dotted key; None if there is no such measure."""
    return next((key for pattern, key in SUMMARY_KEYS.items() if _fits(path, pattern)), None)


#: Groups that a run without such items lacks.
_OPTIONAL = ("transit.all", "transit.outbound")
_GREATEST = 1e15  # beyond any number that a run gives


def misfit(
    measures: Any, names: Mapping[str, Iterable[str]], whole: bool = True, below: str = ""
) -> str | None:
    """Return in words what of the measures of a run is not as `SUMMARY_KEYS` says; None if all is.

    Parameters
    ----------
    measures
        Nested, as read from a file.
    names
        What stands in every run for the star of a key, such as the bases for that of ``coverage.*``.
    whole
        Whether none of the keys may be missing.
    below
        The key whose measures they are, such as ``cost``; all of them by default.
    """
    tree = _tree_of_keys()
    return _misfit(measures, tree[below] if below else tree, below, names if whole else None)


@cache
def _tree_of_keys() -> dict[str, Any]:
    """Return the keys as a tree, with the key itself at the end of each path."""
    tree: dict[str, Any] = {}
    for path, key in SUMMARY_KEYS.items():
        *parts, last = path.split(".")
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
        node[last] = key
    return tree


def _misfit(
    value: Any, declared: Mapping[str, Any] | Key, path: str, names: Mapping[str, Iterable[str]] | None
) -> str | None:
    if isinstance(declared, Key):
        return _no_value(value, declared, path)
    if path.rpartition(".")[0].endswith(".curve"):
        if not isinstance(value, list):
            return f"{path} is no list"
        wrong = (_no_value(each, declared["*"], f"{path}.{at}") for at, each in enumerate(value))
        return next(filter(None, wrong), None)
    if not isinstance(value, Mapping):
        return f"{path or 'measures'} is no group of measures"
    below = f"{path}." if path else ""
    if names is not None:
        wanted = {*declared} - {"*"} | {*names.get(path, ())}
        missing = (below + name for name in sorted(wanted - {*value}))
        first = next((name for name in missing if name not in _OPTIONAL), None)
        if first:
            return f"{first} is missing"
    for name, each in value.items():
        kind = declared.get(name) or declared.get("*")
        if kind is None:
            return f"{below}{name} is no measure"
        if below + name in _OPTIONAL and each is None:
            continue
        wrong_below = _misfit(each, kind, below + name, names)
        if wrong_below:
            return wrong_below
    return None


def _no_value(value: Any, key: Key, path: str) -> str | None:
    if value is None or (key.unit == "text" and isinstance(value, str)):
        return None
    if key.unit == "text":
        return f"{path} is no text"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and abs(value) <= _GREATEST else f"{path} is no number of a run"


def undocumented(summary: Mapping[str, Any]) -> list[str]:
    """Return the keys of a summary that `SUMMARY_KEYS` does not document: none, a test says."""
    return [path for path in _paths(summary, "") if key_of(path) is None]


def _paths(body: Any, path: str) -> Iterator[str]:
    if isinstance(body, Mapping):
        for key, value in body.items():
            yield from _paths(value, f"{path}.{key}" if path else str(key))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from _paths(value, f"{path}.{number}")
    else:
        yield path


def _fits(path: str, pattern: str) -> bool:
    a, b = path.split("."), pattern.split(".")
    return len(a) == len(b) and all(fnmatchcase(x, y) for x, y in zip(a, b, strict=True))
