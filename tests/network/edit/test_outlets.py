"""Changes on outlets and village stations: closed, moved, opened, and their hours."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from network.edit.outlets import (
    close_outlets,
    close_stations,
    move_outlet,
    move_station,
    open_stations,
    select_villages,
    set_outlet_hours,
)
from network.edit.rounds import select_townships
from network.edit.routes import EditError
from network.errors import UnknownNameError
from network.exchange.archive import dumps, loads
from network.explain import Explainer, explain
from network.lastmile.handover import handover_s
from network.lastmile.week import LastMile
from network.model.network import Changed, Network
from network.reconcile import reconcile

LHASA, XIGAZE, TINGRI, BRANCH = "540102", "540202", "540223", "540223200"


def row(network: Network, name: str) -> tuple[float, bool | None]:
    found = next(row for row in reconcile(network) if row.name == name)
    return found.built, found.ok


# ------------------------------------------------------------------ outlets


def test_closing_takes_the_outlets_of_a_place_and_no_others(small_network: Network) -> None:
    tingri = select_townships(small_network, county="Tingri")
    gone = [o for o in small_network.outlets if o.network == "postal" and o.place in tingri]
    changed = close_outlets(small_network, "postal", tingri)
    assert set(small_network.outlets) - set(changed.outlets) == set(gone)
    assert row(changed, "postal_outlets") == (754 - len(gone), None)
    assert changed.changed == (Changed("postal_outlets", f"closed {len(gone)} postal outlets"),)
    with pytest.raises(EditError, match="no postal outlet is there to close"):
        close_outlets(changed, "postal", tingri)


def test_some_may_stay_the_first_by_id(small_network: Network) -> None:
    everywhere = select_townships(small_network)
    changed = close_outlets(small_network, "postal", everywhere, keep=1)
    before = Counter(o.place for o in small_network.outlets if o.network == "postal")
    after = {o.place: o.id for o in changed.outlets if o.network == "postal"}
    assert Counter(o.place for o in changed.outlets if o.network == "postal") == dict.fromkeys(before, 1)
    first = {}
    for outlet in sorted(small_network.outlets, key=lambda o: o.id, reverse=True):
        if outlet.network == "postal":
            first[outlet.place] = outlet.id
    assert after == first


def test_a_brand_that_closes_everywhere_hands_its_village_items_over(small_network: Network) -> None:
    everywhere = select_townships(small_network)
    changed = close_outlets(small_network, "express", everywhere, brand="ZTO")
    assert {o.brand for o in small_network.outlets} - {o.brand for o in changed.outlets} == {"ZTO"}
    brands = [r["code"] for r in small_network.assumptions.table("brands")]
    before, after = handover_s(small_network), handover_s(changed)
    zto = 1 + brands.index("ZTO")
    assert (after[zto] == round(small_network.assumptions["handover_h"] * 3600)).all()
    assert (np.delete(after, zto, axis=0) == np.delete(before, zto, axis=0)).all()
    assert row(changed, "express_brands") == (10, None)
    with pytest.raises(UnknownNameError, match="brand 'ZTOO'; did you mean 'ZTO'"):
        close_outlets(small_network, "express", everywhere, brand="ZTOO")


def test_an_outlet_moves_with_its_brand_and_firm(small_network: Network) -> None:
    old = next(o for o in small_network.outlets if o.network == "express" and o.brand == "ZTO")
    changed = move_outlet(small_network, old.id, BRANCH)
    new = next(o for o in changed.outlets if o.id == old.id)
    assert (new.place, new.brand, new.firm, new.network) == (BRANCH, old.brand, old.firm, "express")
    assert [o for o in changed.outlets if o.id != old.id] == [
        o for o in small_network.outlets if o.id != old.id
    ]
    assert row(changed, "express_outlets") == (450, None)
    assert "moved by the scenario from" in str(explain(changed, f"outlet.{old.id}.place"))
    assert loads(dumps(changed)).outlets == changed.outlets
    with pytest.raises(EditError, match="stands there already"):
        move_outlet(changed, old.id, BRANCH)
    with pytest.raises(EditError, match="540223 is a county"):
        move_outlet(small_network, old.id, TINGRI)
    with pytest.raises(UnknownNameError, match="unknown outlet 'E-9999'"):
        move_outlet(small_network, "E-9999", BRANCH)


# ------------------------------------------------------------------ stations


def test_a_share_of_the_stations_is_that_of_the_smallest_villages(small_network: Network) -> None:
    people = dict(
        zip(small_network.places.id.tolist(), small_network.places.population.tolist(), strict=True)
    )
    having = select_villages(small_network, prefecture="Xigaze", with_station=True)
    fifth = select_villages(small_network, prefecture="Xigaze", share_of_villages=0.2, with_station=True)
    assert len(fifth) == round(0.2 * len(having))
    assert max(people[v] for v in fifth) <= min(people[v] for v in set(having) - set(fifth))
    changed = close_stations(small_network, fifth)
    assert set(small_network.stations) - set(changed.stations) == set(fifth)
    assert row(changed, "village_stations") == (4626 - len(fifth), None)


def test_stations_open_where_most_people_live_first(small_network: Network) -> None:
    people = dict(
        zip(small_network.places.id.tolist(), small_network.places.population.tolist(), strict=True)
    )
    without = select_villages(small_network, with_station=False)
    half = select_villages(small_network, share_of_villages=0.5, with_station=False)
    assert min(people[v] for v in half) >= max(people[v] for v in set(without) - set(half))
    every = open_stations(small_network, without)
    assert row(every, "village_stations") == (5535, None)
    assert "a scenario put it there" in str(explain(every, f"station.{without[0]}"))
    assert "most people" in str(explain(every, f"station.{small_network.stations[0]}"))
    with pytest.raises(EditError, match="every village chosen has a station"):
        open_stations(every, without)


def test_a_larger_share_holds_a_smaller_one(small_network: Network) -> None:
    shares = [
        set(select_villages(small_network, share_of_villages=share, with_station=True))
        for share in (0.1, 0.35, 0.7, 1.0)
    ]
    assert all(a < b for a, b in pairwise(shares))
    assert shares[-1] == set(small_network.stations)


def test_a_station_moves_to_a_village_without_one(small_network: Network) -> None:
    to = select_villages(small_network, with_station=False)[0]
    old = small_network.stations[7]
    changed = move_station(small_network, old, to)
    assert set(changed.stations) == set(small_network.stations) - {old} | {to}
    assert row(changed, "village_stations") == (4626, None)
    with pytest.raises(EditError, match="has a station already"):
        move_station(small_network, old, small_network.stations[8])
    with pytest.raises(UnknownNameError, match="unknown village station"):
        move_station(small_network, to, old)
    with pytest.raises(EditError, match="administrative villages, and 540223200 is none"):
        close_stations(small_network, [BRANCH])


# ------------------------------------------------------------------ hours


def test_what_towns_accept_until_later_is_collected_the_same_day(small_network: Network) -> None:
    changed = set_outlet_hours(small_network, 20 * 3600, 21 * 3600, prefecture="Xigaze")
    before, after = LastMile.of(small_network), LastMile.of(changed)
    places = small_network.places
    towns = [t for t in small_network.rounds if t.kind == "town" and t.base in (XIGAZE, TINGRI)]
    rows = np.array([places.row(p) for t in towns for p in t.places])
    at = np.full(len(rows), 19 * 3600 + 1800, dtype=np.int64)  # half past seven on a Monday
    assert (before.collected_s(rows, at) >= 86_400).all()
    assert (after.collected_s(rows, at) == 21 * 3600).all()
    others = np.setdiff1d(np.arange(len(places)), rows)
    late = np.full(len(others), 19 * 3600 + 1800, dtype=np.int64)
    assert (before.collected_s(others, late) == after.collected_s(others, late)).all()
    assert (before.attempted_s(rows, at) == after.attempted_s(rows, at)).all()


def test_nothing_is_taken_in_before_it_is_accepted(small_network: Network) -> None:
    town = next(t for t in small_network.rounds if t.kind == "town")
    with pytest.raises(EditError, match=r"takes in at .* accept until 23:59: give a later intake"):
        set_outlet_hours(small_network, 23 * 3600 + 59 * 60)
    earlier = set_outlet_hours(small_network, 12 * 3600)
    new = next(t for t in earlier.rounds if t.id == town.id)
    assert set(new.cut_s) == {12 * 3600} and new.intake_s == town.intake_s
    with pytest.raises(EditError, match="no town round is there"):
        set_outlet_hours(small_network, 12 * 3600, prefecture="Ngari")


def test_all_that_changed_can_be_explained(small_network: Network) -> None:
    changed = close_stations(small_network, small_network.stations[:3])
    changed = move_outlet(changed, "P-0002", BRANCH)
    explainer = Explainer(changed)
    for key in (
        "outlet.P-0002.place",
        "built.village_stations",
        *(f"station.{v}" for v in changed.stations[:9]),
    ):
        assert explainer.explain(key).origins
