"""Differences place by place: of each alone, and of all read together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.comparison.place_differences import COLUMNS, MEASURES, clear_places, place_differences

PLACES = 400


def _tables(rng: np.random.Generator, shift: np.ndarray, noise: float = 1.0) -> list[dict[str, Any]]:
    """Return three replications, whose shared part is the same for every call."""
    shared = np.random.default_rng(1).normal(size=(3, PLACES))
    ids = np.array([f"P{i:03d}" for i in range(PLACES)])
    about = {name: ids for name in ("id", "name", "kind", "county", "prefecture")}
    return [
        {
            **about,
            "people": np.full(PLACES, 10.0),
            **{name: 100 + 5 * row + shift + 0.1 * noise * rng.normal(size=PLACES) for name in MEASURES},
        }
        for row in shared
    ]


def test_a_real_change_is_found_and_chance_is_not_when_places_are_read_together() -> None:
    rng = np.random.default_rng(4)
    shift = np.zeros(PLACES)
    shift[:5] = -900.0
    columns = place_differences("faster", _tables(rng, 0 * shift), _tables(rng, shift))
    assert list(columns) == [column.name for column in COLUMNS]
    told = clear_places(columns)
    assert told["places"] == PLACES and told["people"] == 10 * PLACES
    chance = told["faster"] + told["slower"] - 5
    assert 5 < chance < 40  # some 5 % of the unchanged, each by itself
    assert told["faster_together"] == 5 and told["slower_together"] == 0
    assert told["people_faster_together"] == 50
    mine = columns["measure"] == "mean_h"
    assert (columns["half_width_together"][mine] > 20 * columns["half_width"][mine]).all()


def test_a_place_that_is_not_always_reached_has_no_difference_and_counts_for_nothing() -> None:
    rng = np.random.default_rng(4)
    base, other = _tables(rng, np.zeros(PLACES)), _tables(rng, np.zeros(PLACES))
    other[1]["p80_h"][3] = np.inf
    base[2]["p80_h"][7] = np.nan  # nothing was sent there
    columns = place_differences("other", base, other)
    mine = columns["measure"] == "p80_h"
    ids = columns["id"][mine]
    assert "P007" not in ids and len(ids) == PLACES - 1
    row = np.flatnonzero(ids == "P003")[0]
    assert np.isinf(columns["other"][mine][row]) and np.isnan(columns["difference"][mine][row])
    assert not columns["clear"][mine][row] and not columns["clear_together"][mine][row]


def test_the_same_twice_differs_nowhere() -> None:
    table = _tables(np.random.default_rng(4), np.zeros(PLACES))
    told = clear_places(place_differences("same", table, table))
    assert all(told[f"{way}{end}"] == 0 for way in ("faster", "slower") for end in ("", "_together"))


def test_runs_of_different_places_are_refused() -> None:
    table = _tables(np.random.default_rng(4), np.zeros(PLACES))
    fewer = [{name: column[1:] for name, column in each.items()} for each in table]
    with pytest.raises(ValueError, match="different places"):
        place_differences("fewer", table, fewer)
