"""Differences of rounds, outlets and village stations, summed up by area."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from network.differences.rows import Difference, by_group, counted, more, number, pair_row
from network.edit.basics import clock, place_name
from network.model.network import Network
from network.model.records import Outlet, Round

__all__ = ["outlet_differences", "round_differences", "station_differences"]


def _prefecture(network: Network, place: str) -> str:
    return str(network.places.prefecture[network.places.row(place)])


def round_differences(a: Network, b: Network) -> list[Difference]:
    """Return what differs of the rounds, by prefecture and terrain."""
    ours, theirs = ({round_.id: round_ for round_ in n.rounds} for n in (a, b))
    rows = counted("rounds", "rounds", (len(ours), len(theirs)))
    rows += _runs(a, b)
    both = [(ours[name], theirs[name]) for name in ours if name in theirs]
    moved = [name for name in ours if name in theirs and ours[name].places != theirs[name].places]
    if moved:
        what = f"{number(len(moved))} rounds go to other places"
        rows.append(Difference("rounds", what, _km(ours, moved), _km(theirs, moved), "", 1e6))
    rows += _hours(a, both)
    holidays: Counter[tuple[str, bool]] = Counter()
    for one, two in both:
        if one.runs_on_holidays != two.runs_on_holidays:
            holidays[_prefecture(a, one.base), two.runs_on_holidays] += 1
    for (where, runs), n in holidays.items():
        cells = ("not on holidays", "on holidays") if runs else ("on holidays", "not on holidays")
        rows.append(pair_row("rounds", f"{where}, {number(n)} rounds", cells, "", n, True))
    vans = [sum(round_.vehicles for round_ in n.values()) for n in (ours, theirs)]
    return rows + counted("rounds", "vehicles of all rounds", vans)


def _km(rounds: Mapping[str, Round], names: Iterable[str]) -> str:
    return f"{sum(rounds[name].km for name in names):,.0f} km"


def _runs(a: Network, b: Network) -> list[Difference]:
    """Return runs a week by area: of all rounds there, and of how many they differ."""
    groups: dict[str, list[Counter[str]]] = defaultdict(lambda: [Counter(), Counter()])
    days: list[dict[str, int]] = [{t.id: len(t.weekdays) for t in n.rounds} for n in (a, b)]
    for at, network in enumerate((a, b)):
        for round_ in network.rounds:
            where = f"{_prefecture(network, round_.base)}, {round_.terrain} rounds"
            groups[where][at].update(rounds=1, runs=len(round_.weekdays))
            groups[where][at]["changed"] += days[0].get(round_.id) != days[1].get(round_.id)
    total = [sum(d.values()) for d in days]
    rows = counted("rounds", "runs a week", total)
    for where, (one, two) in groups.items():
        changed = max(one["changed"], two["changed"])
        if not changed:
            continue
        cells = [
            f"{count['runs'] / count['rounds']:.1f} days a week" if count["rounds"] else ""
            for count in (one, two)
        ]
        note = f"{number(changed)} of {number(max(one['rounds'], two['rounds']))} rounds"
        if one["runs"] != two["runs"]:
            note += f", {more(one['runs'], two['runs'], 'runs a week')}"
        rows.append(pair_row("rounds", where, cells, note, abs(two["runs"] - one["runs"]) + 0.5, True))
    return rows


def _hours(a: Network, both: Iterable[tuple[Round, Round]]) -> list[Difference]:
    """Return towns with other hours: until when outlets accept, and when the centre takes in."""
    towns: Counter[tuple[str, str, str]] = Counter()
    for one, two in both:
        if one.kind == "town" and (one.cut_s, one.intake_s) != (two.cut_s, two.intake_s):
            cells = [f"accept until {clock(max(t.cut_s))}, intake {clock(t.intake_s)}" for t in (one, two)]
            towns[_prefecture(a, one.base), cells[0], cells[1]] += 1
    return [
        Difference("rounds", f"{where}, outlets of {n} town{'s' if n > 1 else ''}", was, now, "", 1e3, True)
        for (where, was, now), n in towns.items()
    ]


def outlet_differences(a: Network, b: Network) -> list[Difference]:
    """Return what differs of the outlets: totals, by brand, by prefecture, and those that moved."""
    rows: list[Difference] = []
    for kind in ("postal", "express", "counter"):
        ours, theirs = ([o for o in n.outlets if o.network == kind] for n in (a, b))
        if {(o.id, o.place) for o in ours} == {(o.id, o.place) for o in theirs}:
            continue
        rows += counted("outlets", f"{kind} outlets", (len(ours), len(theirs)))
        if kind != "postal":
            brands = [Counter(f"{kind} outlets of {o.brand}" for o in outlets) for outlets in (ours, theirs)]
            rows += by_group("outlets", brands)
        where = [
            Counter(f"{kind} outlets in {_prefecture(n, o.place)}" for o in outlets)
            for n, outlets in ((a, ours), (b, theirs))
        ]
        rows += by_group("outlets", where)
        rows += _moved(a, b, ours, theirs)
    return rows


def _moved(a: Network, b: Network, ours: Iterable[Outlet], theirs: Iterable[Outlet]) -> list[Difference]:
    before = {o.id: o for o in ours}
    rows = []
    for new in theirs:
        old = before.get(new.id)
        if old is not None and old.place != new.place:
            cells = [f"{place_name(n.places, o.place)} ({o.place})" for n, o in ((a, old), (b, new))]
            rows.append(pair_row("outlets", f"{new.network} outlet {new.id}", cells, "moved", 0.5, True))
    return rows


def station_differences(a: Network, b: Network) -> list[Difference]:
    """Return what differs of the village stations: how many opened and closed, by prefecture."""
    ours, theirs = set(a.stations), set(b.stations)
    rows = counted("stations", "village stations", (len(ours), len(theirs)))
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for network, gone, what in (
        (a, ours - theirs, "only in the first"),
        (b, theirs - ours, "only in the second"),
    ):
        for village in gone:
            groups[_prefecture(network, village)][what] += 1
    totals = [
        Counter(_prefecture(n, village) for village in villages) for n, villages in ((a, ours), (b, theirs))
    ]
    for where, count in groups.items():
        note = ", ".join(f"{number(n)} {what}" for what, n in sorted(count.items()))
        cells = [number(total[where]) for total in totals]
        rows.append(pair_row("stations", f"stations in {where}", cells, note, count.total(), True))
    return rows
