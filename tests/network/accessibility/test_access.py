"""Roads to outlets, against the length of every link to every outlet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from network.accessibility import access
from network.accessibility.access import access_measures, outlet_km
from network.geography.settlements import link_km
from network.model.network import Network


def test_the_nearest_outlet_by_road_is_the_shortest_of_all_links(small_network: Network) -> None:
    places = small_network.places
    outlets = np.array([places.row(o.place) for o in small_network.outlets if o.network == "postal"])
    away = outlet_km(small_network)
    for row in range(0, len(places), 61):
        if places.kind[row] == "gateway":
            assert away[row] == np.inf
            continue
        km = link_km(places, row, outlets, small_network.assumptions)
        assert away[row] == pytest.approx(np.nanmin(km), abs=1e-3)


def test_people_and_area_are_shared_out_over_outlets(small_network: Network) -> None:
    found = access_measures(small_network)
    assert found["km2_per_postal_outlet"] == small_network.region.area_km2 / 754
    near = found["people_within_km_of_postal_outlet"]
    assert 0 < near["5"] < near["10"] < near["20"] <= 1
    none = access_measures(replace(small_network, outlets=()))
    assert none["km2_per_postal_outlet"] is None and set(
        none["people_within_km_of_postal_outlet"].values()
    ) == {None}


def test_within_a_radius_is_whoever_lives_at_it(
    small_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, people = outlet_km(small_network), small_network.places.population
    row = int(np.flatnonzero((people > 0) & np.isfinite(away) & (away > 0))[0])
    at, under = float(away[row]), float(np.nextafter(away[row], 0.0))
    monkeypatch.setattr(access, "RADII_KM", (at, under))
    near = access_measures(small_network)["people_within_km_of_postal_outlet"]
    assert near[str(at)] - near[str(under)] >= 0.999 * people[row] / people.sum() > 0
