"""Every value names its kind, its source and itself."""

from __future__ import annotations

import pytest

from network.explain.provenance import Provenance, of_assumption, of_figure, of_row
from network.inputs.tables import load_region


def test_provenance_speaks_of_figures_assumptions_and_rows() -> None:
    report, assumptions = load_region().report(2021), load_region().assumptions
    assert str(of_figure(report["road_route_km"])).startswith("[published] 18,300 km ± 50, 2021-12-31")
    assert "road_route_km" in of_figure(report["mean_road_route_km"]).source
    changed = assumptions.replace({"target_load": 0.6}).entry("target_load")
    assert "default 0.7" in of_assumption(changed).statement
    assert of_row("roads.csv", "540102-540103", "general knowledge, approximate").kind == "assumed"
    assert of_row("airports.csv", "LXA", "airportsdata 20260905 (coordinates)").kind == "known"
    with pytest.raises(ValueError, match="published"):
        Provenance("guessed", "x", "y")
