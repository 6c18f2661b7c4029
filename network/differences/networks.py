"""What differs between two networks: figures, demand, lines, last mile, centres, vehicles, roads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from network.demand.rates import demand_of
from network.differences.last_mile import outlet_differences, round_differences, station_differences
from network.differences.lines import road_differences, route_differences
from network.differences.rows import Difference, by_group, counted, more, number, pair_row
from network.edit.basics import clock, place_name
from network.model.demand import DemandPeak
from network.model.network import Network
from network.model.records import Centre

__all__ = ["network_differences"]


def network_differences(a: Network, b: Network) -> list[Difference]:
    """Return everything that differs between two networks, in the order of `PARTS`, heaviest first."""
    rows = [
        *_figures(a, b),
        *_places(a, b),
        *_demand(a, b),
        *route_differences(a, b),
        *round_differences(a, b),
        *_centres(a, b),
        *_vehicles(a, b),
        *outlet_differences(a, b),
        *station_differences(a, b),
        *road_differences(a, b),
    ]
    parts = list(dict.fromkeys(row.part for row in rows))
    return sorted(rows, key=lambda row: (parts.index(row.part), -row.weight))


def _figures(a: Network, b: Network) -> list[Difference]:
    rows = []
    for name in dict.fromkeys([*a.report.figures, *b.report.figures]):
        cells, unit = [], ""
        for network in (a, b):
            figure = network.report.figures.get(name)
            cells.append("" if figure is None else number(figure.value))
            unit = unit if figure is None else figure.unit
        if cells[0] != cells[1]:
            rows.append(Difference("figures", f"{name}, {unit}", cells[0], cells[1], "published", 1, True))
    return rows


def _places(a: Network, b: Network) -> list[Difference]:
    kinds = [Counter(n.places.kind.tolist()) for n in (a, b)]
    rows = by_group("places", kinds, detail=False)
    same = {str(p): i for i, p in enumerate(a.places.id)}
    pairs = [(same[str(p)], i) for i, p in enumerate(b.places.id) if str(p) in same]
    if pairs:
        in_a, in_b = np.array(pairs).T
        moved = (a.places.lat[in_a] != b.places.lat[in_b]) | (a.places.lon[in_a] != b.places.lon[in_b])
        if moved.any():
            what = f"{number(int(moved.sum()))} places of synthetic points"
            rows.append(Difference("places", what, "", "", "lie elsewhere", float(moved.sum())))
    return rows


# ------------------------------------------------------------------ demand


def _demand(a: Network, b: Network) -> list[Difference]:
    ours, theirs = ({kind.code: kind for kind in demand_of(n).classes} for n in (a, b))
    rows = []
    for code in dict.fromkeys([*ours, *theirs]):
        one, two = ours.get(code), theirs.get(code)
        for way in ("originating", "inbound"):
            values = [0.0 if kind is None else float(getattr(kind, way)) for kind in (one, two)]
            if round(values[0]) == round(values[1]):
                continue
            cells = [
                "" if kind is None else number(round(v)) for kind, v in zip((one, two), values, strict=True)
            ]
            note = f"× {values[1] / values[0]:.4g}" if values[0] and two else ""
            note = f"new class: {two.name}" if one is None and two else note
            weight = abs(values[1] - values[0])
            rows.append(pair_row("demand", f"{code}, {way} items a year", cells, note, weight))
        if one and two and (one.kg, one.m3, one.any_share) != (two.kg, two.m3, two.any_share):
            cells = [f"{k.kg:g} kg, {1000 * k.m3:.3g} l, {100 * k.any_share:g} % may fly" for k in (one, two)]
            rows.append(pair_row("demand", f"{code}, an item", cells))
    peaks = [[_peak(peak) for peak in n.demand.peaks] for n in (a, b)]
    rows += [Difference("demand", said, "peak", "") for said in peaks[0] if said not in peaks[1]]
    rows += [Difference("demand", said, "", "peak") for said in peaks[1] if said not in peaks[0]]
    hands = [n.settings.handover_all for n in (a, b)]
    if hands[0] != hands[1]:
        cells = ["handed over to the post" if all_of_them else "bundled" for all_of_them in hands]
        rows.append(pair_row("demand", "village items of brands with a county outlet", cells))
    return rows


def _peak(peak: DemandPeak) -> str:
    who = " ".join((", ".join(peak.classes or ("all",)), "items", peak.direction or "")).strip()
    return f"{who} × {peak.factor:g} from {peak.first} to {peak.last}"


# ------------------------------------------------------------------ centres and vehicles


def _centres(a: Network, b: Network) -> list[Difference]:
    ours, theirs = ({centre.place: centre for centre in n.centres} for n in (a, b))
    rows = counted("centres", "stops", (len(ours), len(theirs)))
    for network, own, other, first in ((a, ours, theirs, True), (b, theirs, ours, False)):
        for place in own.keys() - other.keys():
            cells = (own[place].tier, "") if first else ("", own[place].tier)
            rows.append(pair_row("centres", _called(network, place), cells, "a stop", 1, True))
    both = [(ours[place], theirs[place]) for place in ours if place in theirs]
    for name, unit in (
        ("lanes", ""),
        ("sorters", ""),
        ("lane_rate_per_h", " an hour"),
        ("sorter_rate_per_h", " an hour"),
    ):
        groups: dict[str, list[tuple[Centre, Centre]]] = defaultdict(list)
        for one, two in both:
            if getattr(one, name) != getattr(two, name):
                groups[two.tier].append((one, two))
        for tier, pairs in groups.items():
            values = [[getattr(pair[i], name) for pair in pairs] for i in (0, 1)]
            rows.append(_equipment(b, tier, pairs, name, unit, values))
    hours: dict[tuple[str, str, str], int] = Counter()
    for one, two in both:
        if one.shifts_s != two.shifts_s:
            hours[two.tier, _hours(one), _hours(two)] += 1
    for (tier, was, now), n in hours.items():
        rows.append(
            Difference("centres", f"hours of {n} {tier} centre{'s' if n > 1 else ''}", was, now, "", 2)
        )
    return rows


def _equipment(
    network: Network,
    tier: str,
    pairs: Sequence[tuple[Centre, Centre]],
    name: str,
    unit: str,
    values: list[list[int]],
) -> Difference:
    """Return the row of the centres of a tier: their sum, or for rates their span."""
    who = _called(network, pairs[0][1].place) if len(pairs) == 1 else f"{len(pairs)} {tier} centres"
    what = f"{name.removesuffix('_rate_per_h')}s of {who}" if unit else f"{name} of {who}"
    if unit:
        cells = [
            f"{min(v):,}{unit}" if min(v) == max(v) else f"{min(v):,} to {max(v):,}{unit}" for v in values
        ]
        each = what.replace("lanes", "each lane").replace("sorters", "each sorter")
        return pair_row("centres", each, cells)
    sums = [sum(v) for v in values]
    return pair_row("centres", what, map(number, sums), more(sums[0], sums[1]), 3 + abs(sums[1] - sums[0]))


def _called(network: Network, place: str) -> str:
    return f"{place_name(network.places, place)} ({place})"


def _hours(centre: Centre) -> str:
    if not centre.shifts_s:
        return "always open"
    return f"{clock(centre.shifts_s[0][0])} to {clock(centre.shifts_s[-1][1])}"


def _vehicles(a: Network, b: Network) -> list[Difference]:
    rows = counted("vehicles", "vehicles", (len(a.vehicles), len(b.vehicles)))
    classes = [Counter(v.vehicle for v in n.vehicles) for n in (a, b)]
    rows += by_group("vehicles", classes, detail=False)
    duties = [Counter(_duty(v.duty) for v in n.vehicles) for n in (a, b)]
    rows += by_group("vehicles", duties, detail=False)
    where = [
        Counter(f"based in {n.places.prefecture[n.places.row(v.base)]}" for v in n.vehicles) for n in (a, b)
    ]
    return rows + by_group("vehicles", where)


def _duty(duty: str) -> str:
    return {"rounds": "on rounds", "spare": "spare"}.get(duty, "on mail routes")
