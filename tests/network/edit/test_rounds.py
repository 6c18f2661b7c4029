"""Changes on outlets and rounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from network.edit.rounds import brands_in, open_outlets, select_rounds, select_townships, set_rounds
from network.edit.routes import EditError
from network.errors import UnknownNameError
from network.lastmile.weekdays import weekday_use
from network.model.network import Changed, Network

TINGRI, BRANCH = "540223", "540223200"


def test_townships_are_chosen_by_all_that_is_given(small_network: Network) -> None:
    assert len(select_townships(small_network)) == 701
    tingri = select_townships(small_network, county="Tingri")
    assert tingri == select_townships(small_network, county=TINGRI, border=True)
    assert BRANCH in tingri
    assert select_townships(small_network, county=TINGRI, border=False) == ()
    assert set(tingri) < set(select_townships(small_network, prefecture="Xigaze"))
    with pytest.raises(UnknownNameError, match="did you mean 'Xigaze'"):
        select_townships(small_network, prefecture="Shigatse")


def test_express_outlets_in_every_township_fill_up_what_is_missing(small_network: Network) -> None:
    brands = brands_in(small_network)
    assert len(brands) == 11
    changed = open_outlets(small_network, "express", select_townships(small_network), brands)
    count = Counter((o.place, o.brand) for o in changed.outlets if o.network == "express")
    assert set(count) == {(place, brand) for place in select_townships(small_network) for brand in brands}
    before = {(o.place, o.brand) for o in small_network.outlets if o.network == "express"}
    new = changed.outlets[len(small_network.outlets) :]
    assert not before & {(o.place, o.brand) for o in new}
    assert len({o.id for o in changed.outlets}) == len(changed.outlets)
    assert new[0].id == "E-0451" and not new[0].base
    firms = {brand: {o.firm for o in small_network.outlets if o.brand == brand} for brand in brands}
    assert all(o.firm in firms[o.brand] for o in new)
    assert [note.figure for note in changed.changed] == ["express_outlets"]


def test_opening_twice_opens_nothing_more(small_network: Network) -> None:
    once = open_outlets(small_network, "postal", [BRANCH], per_place=2)
    assert len(once.outlets) == len(small_network.outlets) + 1
    twice = open_outlets(once, "postal", [BRANCH], per_place=2)
    assert twice.outlets == once.outlets
    assert twice.changed == once.changed == (Changed("postal_outlets", "opened 1 postal outlets"),)


def test_outlets_stand_in_townships(small_network: Network) -> None:
    with pytest.raises(EditError, match=f"{TINGRI} is none"):
        open_outlets(small_network, "postal", [TINGRI])
    with pytest.raises(UnknownNameError, match="brand 'SFF'"):
        open_outlets(small_network, "express", [BRANCH], ["SFF"])


def test_rounds_are_chosen_by_where_their_base_lies(small_network: Network) -> None:
    border = select_rounds(small_network, border=True)
    all_rounds = {round_.id: round_ for round_ in small_network.rounds}
    assert {all_rounds[name].base for name in border} == {TINGRI, BRANCH}
    assert set(select_rounds(small_network, county=TINGRI)) == set(border)
    town = select_rounds(small_network, kind="town")
    assert town and all(all_rounds[name].terrain == "town" for name in town)
    assert select_rounds(small_network, kind="town", terrain="remote") == ()


def test_daily_rounds_run_on_all_days_and_bring_the_vehicles_they_need(small_network: Network) -> None:
    border = select_rounds(small_network, border=True)
    changed = set_rounds(small_network, border, 7)
    all_rounds = {round_.id: round_ for round_ in changed.rounds}
    assert all(all_rounds[name].weekdays == tuple(range(7)) for name in border)
    untouched = [round_ for round_ in small_network.rounds if round_.id not in border]
    assert all(all_rounds[round_.id] == round_ for round_ in untouched)
    assert len(changed.vehicles) == len(small_network.vehicles)
    need = weekday_use(changed.rounds)[BRANCH, "van"].max()
    assert sum(v.base == BRANCH and v.duty == "rounds" for v in changed.vehicles) == need
    assert changed.changed[0].figure == "rounds"


def test_rounds_within_the_fleet_never_need_more_than_stands_at_the_base(small_network: Network) -> None:
    border = select_rounds(small_network, border=True)
    changed = set_rounds(small_network, border, 7, within_fleet=True)
    assert changed.vehicles == small_network.vehicles
    standing = Counter((v.base, v.vehicle) for v in small_network.vehicles if v.duty in ("rounds", "spare"))
    before = {round_.id: set(round_.weekdays) for round_ in small_network.rounds}
    for key, use in weekday_use(changed.rounds).items():
        assert use.max() <= standing[key]
    assert all(before[round_.id] <= set(round_.weekdays) for round_ in changed.rounds)
    more = sum(len(round_.weekdays) for round_ in changed.rounds)
    assert more > sum(len(round_.weekdays) for round_ in small_network.rounds)


def test_rounds_within_the_fleet_take_out_all_that_stands_at_the_base(small_network: Network) -> None:
    """A round is left with fewer days only where one more would need more vehicles than there are."""
    need = {key: int(use.max()) for key, use in weekday_use(small_network.rounds).items()}
    rows, counts = [], Counter[tuple[str, str]]()
    for vehicle in small_network.vehicles:
        key = vehicle.base, vehicle.vehicle
        counts[key] += vehicle.duty == "rounds"
        if vehicle.duty == "rounds" and counts[key] <= need[key]:
            rows.append(vehicle)
    tight = replace(small_network, vehicles=tuple(rows))
    changed = set_rounds(tight, [round_.id for round_ in tight.rounds], 7, within_fleet=True)
    standing = Counter((v.base, v.vehicle) for v in rows)
    short = [
        (round_, day)
        for round_ in changed.rounds
        for day in sorted(set(range(7)) - set(round_.weekdays))
        if small_network.vehicle_classes[round_.vehicle].counted
    ]
    assert short
    use = weekday_use(changed.rounds)
    for round_, day in short:
        key = round_.base, round_.vehicle
        out = weekday_use([replace(round_, weekdays=(day,))])[key]
        assert (use[key] + out > standing[key]).any()


def test_only_more_leaves_frequent_rounds_alone(small_network: Network) -> None:
    names = [round_.id for round_ in small_network.rounds]
    changed = set_rounds(small_network, names, 4)
    for old, new in zip(small_network.rounds, changed.rounds, strict=True):
        assert len(new.weekdays) == max(len(old.weekdays), 4)
    fewer = set_rounds(small_network, names, 2, only_more=False)
    assert {len(round_.weekdays) for round_ in fewer.rounds} == {2}


def test_what_no_week_holds_is_refused(small_network: Network) -> None:
    for days in (0, 8):
        with pytest.raises(EditError, match="1 to 7 running days"):
            set_rounds(small_network, [], days)
    with pytest.raises(UnknownNameError, match="round"):
        set_rounds(small_network, ["R-none"], 3)


def test_a_share_of_the_villages_is_reached_by_the_rounds_with_most_people(
    small_network: Network,
) -> None:
    places = small_network.places
    rounds = {round_.id: round_ for round_ in small_network.rounds}

    def villages(ids: tuple[str, ...]) -> int:
        return sum(places.kind[places.row(p)] == "village" for name in ids for p in rounds[name].places)

    def people(name: str) -> float:
        return float(sum(places.population[places.row(p)] for p in rounds[name].places))

    rural = select_rounds(small_network, kind="rural")
    fifth = select_rounds(small_network, share_of_villages=0.2)
    assert set(fifth) < set(rural)
    assert villages(fifth) >= 0.2 * villages(rural)
    least = min(fifth, key=lambda name: (people(name), name))
    assert villages(tuple(name for name in fifth if name != least)) < 0.2 * villages(rural)
    assert people(least) >= max(people(name) for name in set(rural) - set(fifth))
    assert villages(select_rounds(small_network, share_of_villages=1.0)) == villages(rural)
    # A share that some rounds hold exactly is held by them.
    exactly = villages(fifth) / villages(rural)
    assert select_rounds(small_network, share_of_villages=exactly) == fifth
    half = select_rounds(small_network, share_of_villages=0.5)
    assert set(fifth) < set(half)
    town = select_rounds(small_network, kind="town", share_of_villages=0.5)
    assert town and {rounds[name].kind for name in town} == {"town"}


def test_rounds_can_run_on_holidays(small_network: Network) -> None:
    chosen = select_rounds(small_network, county="Tingri", kind="rural")
    changed = set_rounds(small_network, chosen, 1, on_holidays=True)
    assert all(t.runs_on_holidays for t in changed.rounds if t.id in chosen)
    assert [t for t in changed.rounds if t.id not in chosen] == [
        t for t in small_network.rounds if t.id not in chosen
    ]
    assert changed.changed == (Changed("rounds", f"{len(chosen)} rounds run also on public holidays"),)
    assert set_rounds(changed, chosen, 1, on_holidays=True).changed == changed.changed
