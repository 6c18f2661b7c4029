"""Changes on demand: growth, the ratio of inbound items, new classes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from network.capacity.resize import at_target
from network.demand.rates import ItemClass, demand_of
from network.edit.demand import MOST_CLASSES, add_class, grow_demand, scale_demand, set_inbound_ratio
from network.edit.routes import EditError
from network.errors import InputErrors, UnknownNameError
from network.exchange.archive import dumps, loads
from network.model.network import Changed, Network

MEDICINE = {
    "code": "medicine",
    "name": "Medicine",
    "flow": "head",
    "yearly": 0.5,
    "inbound_ratio": 2.0,
    "mean_kg": 0.5,
    "items_per_m3": 200.0,
    "tariff_yuan": 12.0,
    "any_share": 0.2,
    "signed": True,
    "private_ok": False,
}


def classes(network: Network) -> dict[str, ItemClass]:
    return {kind.code: kind for kind in demand_of(network).classes}


def test_growth_is_compounded(small_network: Network) -> None:
    before = classes(small_network)
    after = classes(grow_demand(small_network, 0.1, 3, ["letter"], "originating"))
    assert after["letter"].originating == pytest.approx(before["letter"].originating * 1.331)
    assert after["letter"].inbound == before["letter"].inbound
    assert after["express"] == before["express"]
    changed = grow_demand(small_network, -0.5, 2)
    assert changed.changed == (Changed("express_items", "all items × 0.25 (-50 % a year for 2 years)"),)


def test_the_inbound_ratio_is_of_the_items_as_scaled_so_far(small_network: Network) -> None:
    twice = scale_demand(small_network, 2.0, direction="originating")
    after = classes(set_inbound_ratio(twice, 4.0, ["express", "letter"]))
    assert after["express"].inbound == pytest.approx(4 * after["express"].originating)
    assert after["letter"].inbound == pytest.approx(4 * after["letter"].originating)
    assert after["express"].originating == pytest.approx(2 * classes(small_network)["express"].originating)
    assert after["parcel"] == classes(twice)["parcel"]
    label = set_inbound_ratio(small_network, 4.0, ["express"]).changed
    assert label == (Changed("demand", "express items inbound: 4 for each originating one instead of 3"),)
    with pytest.raises(EditError, match="newspaper has no items from outside"):
        set_inbound_ratio(small_network, 4.0, ["newspaper"])
    with pytest.raises(UnknownNameError, match="did you mean 'letter'"):
        set_inbound_ratio(small_network, 4.0, ["leter"])


def test_a_new_class_boards_where_it_is_said_and_moves_no_other(small_network: Network) -> None:
    changed = add_class(small_network, MEDICINE, after="ems")
    before, after = classes(small_network), classes(changed)
    assert list(after) == [*before, "medicine"]  # rows of the others stay: they are in the keys of items
    order = sorted(after.values(), key=lambda kind: kind.priority)
    names = [kind.code for kind in order]
    assert names == ["confidential", "ems", "medicine", "express", "newspaper", "letter", "parcel"]
    assert len({kind.priority for kind in order}) == len(order)
    assert after["confidential"].priority == 0
    for code, kind in before.items():
        assert replace(after[code], priority=kind.priority) == kind
    people = small_network.places.population.sum()
    assert after["medicine"].originating == pytest.approx(0.5 * people)
    assert after["medicine"].inbound == pytest.approx(people)
    assert loads(dumps(changed)).assumptions == changed.assumptions
    assert small_network.assumptions.table("classes") != changed.assumptions.table("classes")


def test_by_default_a_new_class_boards_last_and_can_be_scaled(small_network: Network) -> None:
    changed = add_class(small_network, {**MEDICINE, "flow": "office", "yearly": 1000.0})
    kind = classes(changed)["medicine"]
    assert kind.priority > classes(changed)["parcel"].priority
    assert kind.originating == 1000.0
    assert classes(scale_demand(changed, 3.0, ["medicine"]))["medicine"].originating == 3000.0


def test_a_new_class_asks_for_vehicles_too(small_network: Network) -> None:
    heavy = add_class(small_network, {**MEDICINE, "yearly": 40.0, "mean_kg": 20.0})
    more = sum(round_.vehicles for round_ in at_target(heavy).rounds)
    assert more > sum(round_.vehicles for round_ in at_target(small_network).rounds)


def test_classes_that_cannot_be_are_told(small_network: Network) -> None:
    with pytest.raises(EditError, match="'letter' is there already"):
        add_class(small_network, {**MEDICINE, "code": "letter"})
    with pytest.raises(UnknownNameError, match="did you mean 'express'"):
        add_class(small_network, MEDICINE, after="expres")
    with pytest.raises(InputErrors, match="mean_kg"):
        add_class(small_network, {**MEDICINE, "mean_kg": 500.0})
    full = small_network
    for number in range(MOST_CLASSES - 6):
        full = add_class(full, {**MEDICINE, "code": f"c{number}"})
    with pytest.raises(EditError, match="room for 16 classes"):
        add_class(full, MEDICINE)
