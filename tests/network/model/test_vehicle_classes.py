"""Vehicle classes carry what the assumptions say."""

from __future__ import annotations

from network.inputs.tables import load_region
from network.model.vehicle_classes import vehicle_classes


def test_payloads_are_those_of_the_assumptions() -> None:
    classes = vehicle_classes(load_region("xizang").assumptions)
    assert (classes["van"].payload_kg, classes["van"].payload_m3, classes["van"].counted) == (1000, 8, True)
    assert not classes["belly"].counted
