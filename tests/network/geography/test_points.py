from __future__ import annotations

import numpy as np

from network.geography.points import Nearest, Outline, scatter
from network.geography.roads import great_circle_km


def test_the_owner_of_a_point_is_that_of_the_nearest_known_one() -> None:
    known = Nearest(np.array([30.0, 30.0]), np.array([90.0, 91.0]), np.array(["west", "east"]))
    assert known.owner(np.array([30.0, 30.0]), np.array([90.4, 90.6])).tolist() == ["west", "east"]


def test_slack_is_half_the_lead_over_a_stranger() -> None:
    known = Nearest(np.array([30.0, 30.0]), np.array([90.0, 91.0]), np.array(["west", "east"]))
    apart = float(great_circle_km(30, 90, 30, 91))
    assert known.slack_km(30.0, 90.0, "west") == apart / 2
    assert known.slack_km(30.0, 90.0, "east") == 0.0
    assert known.slack_km(30.0, 90.0, "nobody") == 0.0


def test_a_square_has_an_inside_and_an_outside() -> None:
    square = Outline(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert square.inside(np.array([0.5, 1.0, 1.5]), np.array([0.5, 1.0, 0.5])).tolist() == [True, True, False]


def test_two_points_have_no_outline_to_be_outside_of() -> None:
    line = Outline(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert line.inside(np.array([9.0]), np.array([9.0])).all()


def test_scatter_fills_the_disc_evenly() -> None:
    n = 4000
    names = np.array([f"p{i}" for i in range(n)])
    lat, lon = scatter(
        np.full(n, 30.0),
        np.full(n, 90.0),
        np.full(n, 10.0),
        names,
        lambda rows, a, b: np.ones(len(rows), dtype=int),
        needed=1,
        best=1,
        safe_km=lambda row: 0.0,
        seed=0,
        purpose="test",
    )
    km = great_circle_km(lat, lon, 30.0, 90.0)
    assert km.max() <= 10.01
    # A disc of half the radius holds a quarter of the points; 5 standard errors.
    assert abs(np.mean(km < 5) - 0.25) < 5 * np.sqrt(0.25 * 0.75 / n)
    assert abs(np.mean(lat > 30) - 0.5) < 5 * np.sqrt(0.25 / n)


def test_scatter_falls_back_on_the_certain_radius() -> None:
    names = np.array(["a", "b"])
    lat, lon = scatter(
        np.full(2, 30.0),
        np.full(2, 90.0),
        np.full(2, 10.0),
        names,
        lambda rows, a, b: (great_circle_km(a, b, 30.0, 90.0) < 0.05).astype(int),
        needed=1,
        best=1,
        safe_km=lambda row: 0.05,
        seed=0,
        purpose="test",
        tries=3,
    )
    assert (great_circle_km(lat, lon, 30.0, 90.0) < 0.05).all()
