"""Rounds that follow the mail: against every hour tried one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from network.demand.rates import demand_of, received
from network.model.network import Network
from network.model.records import DAY_S, WEEK_S
from network.operator.choices import Choices, applied, later
from network.operator.follow import Flow
from network.operator.rounds import BIN_S, RoundHours

HOUR = 3600


def flow_at(network: Network, base: str, seconds: list[int], items: list[float]) -> Flow:
    stop = np.full(len(seconds), network.stop_row[base])
    return Flow(stop, np.array(seconds), np.zeros(len(seconds)), np.array(items))


def waits(network: Network, base: str, seconds: list[int], items: list[float]) -> float:
    """Return the item-seconds until the attempt: each round, place by place, by its next departure."""
    rates = demand_of(network)
    daily = sum((received(rates, kind) for kind in rates.classes), np.zeros(len(network.places)))
    total = weight = 0.0
    for round_ in network.rounds:
        if round_.base != base:
            continue
        for place, visit in zip(round_.places, round_.visit_s, strict=True):
            share = daily[network.places.row(place)]
            weight += share
            for second, number in zip(seconds, items, strict=True):
                ready = (second // BIN_S + 1) * BIN_S
                departs = min(
                    day * DAY_S + week * WEEK_S + round_.depart_s
                    for day in round_.weekdays
                    for week in range(3)
                    if day * DAY_S + week * WEEK_S + round_.depart_s >= ready
                )
                total += share * number * (departs + visit - round_.depart_s - ready)
    return total / weight


def test_waits_are_those_of_every_place(xizang_2021: Network) -> None:
    base, seconds, items = "540223", [0, 8 * HOUR, 100 * HOUR + 7, WEEK_S - 1], [3.0, 1.0, 2.0, 5.0]
    hours = RoundHours.of(xizang_2021, demand_of(xizang_2021))
    wait_s, moved = hours.waits_s([flow_at(xizang_2021, base, seconds, items)], move=False)
    assert moved == {} and wait_s == pytest.approx(waits(xizang_2021, base, seconds, items), rel=1e-9)


def test_rounds_go_when_their_mail_has_come(xizang_2021: Network) -> None:
    # all mail of Tingri is ready at 10:30 on every day: rounds by kind leave at 8:30 and 9:00
    base, seconds = "540223", [day * DAY_S + 10 * HOUR + HOUR // 2 - 1 for day in range(7)]
    hours = RoundHours.of(xizang_2021, demand_of(xizang_2021))
    flow = flow_at(xizang_2021, base, seconds, [1.0] * 7)
    wait_s, moved = hours.waits_s([flow], move=True)
    before, _ = hours.waits_s([flow], move=False)
    assert moved[base, "town"] == HOUR + HOUR // 2  # at 10:30, not later
    changed = applied(xizang_2021, Choices(rounds=moved))
    assert wait_s == pytest.approx(waits(changed, base, seconds, [1.0] * 7), rel=1e-9)
    assert wait_s <= before - 7 * HOUR / 2


def test_moved_rounds_keep_what_the_base_relies_on(xizang_2021: Network) -> None:
    hours = RoundHours.of(xizang_2021, demand_of(xizang_2021))
    every = {(kind.base, kind.kind): kind.later_s[-1] for kind in hours.kinds}
    network = applied(xizang_2021, Choices(rounds=every))
    assert sum(seconds > 0 for seconds in every.values()) > 20
    for old, new in zip(xizang_2021.rounds, network.rounds, strict=True):
        assert (new.intake_s, new.weekdays, new.vehicles) == (old.intake_s, old.weekdays, old.vehicles)
        assert new.back_s is not None and max(new.cut_s) <= new.intake_s and new.back_s <= new.intake_s
        assert 7 * HOUR <= new.depart_s <= 20 * HOUR
    assert len(network.vehicles) == 908


def test_a_round_that_is_late_back_is_taken_in_later(xizang_2021: Network) -> None:
    a = xizang_2021.assumptions
    round_ = next(r for r in xizang_2021.rounds if r.kind == "rural" and r.intake_s == 18 * HOUR)
    assert round_.back_s is not None
    late = later(round_, 18 * HOUR - round_.back_s + 60, a)
    assert late.back_s == 18 * HOUR + 60 and late.intake_s == DAY_S + 8 * HOUR
    assert later(round_, 0, a) is round_
    town = next(r for r in xizang_2021.rounds if r.kind == "town")
    assert later(town, HOUR, a) == replace(
        town,
        depart_s=town.depart_s + HOUR,
        visit_s=tuple(s + HOUR for s in town.visit_s),
        back_s=16 * HOUR,
    )
