"""Worlds: a Latin hypercube of everything assumed, whose draws hang on nothing but their names."""

from __future__ import annotations

import numpy as np
import pytest

from network.errors import InputErrors
from network.inputs.tables import load_region
from scenarios.definition.resolve import load_scenario
from scenarios.uncertainty.in_world import fixed_inputs, in_world
from scenarios.uncertainty.worlds import NETWORK, Design, Input, assumed_inputs

INPUTS = (
    Input("a", 0.0, 10.0, 5.0),
    Input("b", 1.0, 6.0, 1.0),
    Input("c", -2.0, 2.0, 2.0),
    Input("d", 0, 3, 0, whole=True),
)


def drawn(design: Design, attempt: int = 0) -> np.ndarray:
    return design.matrix([design.world(k, attempt) for k in range(1, design.worlds + 1)])


def test_every_part_of_every_range_is_met_once() -> None:
    x = drawn(Design(INPUTS, 40, spread="uniform"))
    low, high = np.array([0.0, 1.0, -2.0]), np.array([10.0, 6.0, 2.0])
    parts = np.floor((x[:, :3] - low) / (high - low) * 40).astype(int)
    assert (np.sort(parts, axis=0) == np.arange(40)[:, None]).all()
    assert np.bincount(x[:, 3].astype(int)).tolist() == [10, 10, 10, 10]


def test_a_triangular_draw_has_its_peak_at_the_default() -> None:
    """By hand: of all draws (peak − low) / (high − low) lie below the peak."""
    one = Input("x", 0.0, 10.0, 4.0)
    share = (np.arange(1000) + 0.5) / 1000
    x = one.at(share, "triangular")
    assert (x <= 4).mean() == pytest.approx(0.4, abs=0.001)
    assert x.mean() == pytest.approx((0 + 4 + 10) / 3, abs=0.01)  # mean of a triangular distribution
    assert x.min() >= 0 and x.max() <= 10 and (np.diff(x) > 0).all()
    for edge in (Input("x", 1.0, 6.0, 1.0), Input("x", 1.0, 6.0, 6.0)):
        values = edge.at(share, "triangular")
        assert np.isfinite(values).all() and values.min() >= 1 and values.max() <= 6


def test_no_two_inputs_are_drawn_alike() -> None:
    x = drawn(Design(tuple(Input(f"x{k}", 0, 1, 0.5) for k in range(30)), 200))
    related = np.abs(np.corrcoef(x.T) - np.eye(30))
    assert related.max() < 5 / np.sqrt(200)  # five standard errors of an empty correlation


def test_an_input_more_leaves_the_draws_of_the_others() -> None:
    few, more = Design(INPUTS[:2], 10), Design(INPUTS, 10)
    assert (drawn(few) == drawn(more)[:, :2]).all()
    assert (drawn(Design(INPUTS, 10, seed=2)) != drawn(more)).any()


def test_a_further_attempt_is_another_hypercube() -> None:
    design = Design(INPUTS, 20, spread="uniform")
    again = drawn(design, attempt=1)
    assert (again[:, 0] != drawn(design)[:, 0]).all()
    assert (np.sort(np.floor(again[:, 0] * 2)) == np.arange(20)).all()


def test_all_assumed_values_with_a_range_are_inputs() -> None:
    a = load_region("xizang").assumptions
    inputs = assumed_inputs(a, networks=4)
    names = {each.name for each in inputs}
    assert names == {n for n in a if a.entry(n).low < a.entry(n).high} | {NETWORK}
    for spread in ("triangular", "uniform"):
        for row in drawn(Design(inputs, 30, spread=spread)):
            values = dict(zip((each.name for each in inputs), row.tolist(), strict=True))
            values.pop(NETWORK)
            a.replace(values)  # raises outside a range


def test_no_draw_can_close_before_it_opens() -> None:
    """Pairs of values of which one must be the greater have ranges that do not overlap."""
    a = load_region("xizang").assumptions
    pairs = [
        *((f"{tier}_opens_h", f"{tier}_closes_h") for tier in ("county", "prefecture", "region")),
        ("earliest_return_h", "latest_return_h"),
        ("closure_min_h", "closure_max_h"),
        ("near_round_km", "remote_round_km"),
        ("min_branch_km", "max_branch_km"),
    ]
    for less, more in pairs:
        assert a.entry(less).high <= a.entry(more).low, (less, more)


def test_what_a_scenario_sets_itself_is_no_input() -> None:
    base = load_scenario("xizang-2021")
    double = load_scenario("xizang-double-inbound")
    values = {"inbound_ratio": 2.5, "target_load": 0.6, NETWORK: 2.0}
    assert fixed_inputs((base, double)) == set()
    here = in_world(base, values)
    assert here.assumptions["inbound_ratio"] == 2.5 and here.scenario.options.draw == 2
    assert here.fit_key != base.fit_key
    set_by_hand = base.assumptions.replace({"inbound_ratio": 4.0})
    from dataclasses import replace

    own = replace(base, assumptions=set_by_hand)
    assert fixed_inputs((own,)) == {"inbound_ratio"}
    kept = in_world(own, values).assumptions
    assert kept["inbound_ratio"] == 4.0 and kept["target_load"] == 0.6


def test_a_design_says_what_is_wrong_with_it() -> None:
    with pytest.raises(InputErrors) as wrong:
        Design((), 0, spread="normal")
    assert len(wrong.value.problems) == 3
