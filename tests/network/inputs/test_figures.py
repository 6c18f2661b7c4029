"""Figures agree with built values within their printed rounding, and never change."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.inputs.figures import Figure
from network.inputs.tables import load_region


@given(st.floats(-49.9, 49.9))
def test_a_built_value_within_the_rounding_agrees(shift: float) -> None:
    assert load_region().report(2021)["road_route_km"].agrees(18_300 + shift)


@pytest.mark.parametrize("built", [18_249.9, 18_350.1, 0])
def test_a_built_value_beyond_the_rounding_does_not(built: float) -> None:
    assert not load_region().report(2021)["road_route_km"].agrees(built)


def test_a_plain_count_must_be_met_exactly() -> None:
    figure = load_region().report(2021)["road_routes"]
    assert figure.agrees(89) and not figure.agrees(88) and figure.checked


def test_figures_are_immutable() -> None:
    report = load_region().report(2021)
    with pytest.raises(FrozenInstanceError):
        report["road_routes"].value = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        report.figures["road_routes"] = report["vehicles"]  # type: ignore[index]


def test_a_figure_has_no_side_effects() -> None:
    figure = Figure("vehicles", 3.0, "vehicles", "2021", 0.0, "three", "what", "context")
    assert not figure.checked and figure.kind == "published"
