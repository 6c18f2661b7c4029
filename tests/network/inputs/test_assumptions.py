"""Every assumed value has a default, a range, a unit and a reason."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.errors import InputErrors, UnknownNameError
from network.inputs.assumed_lists import LISTS
from network.inputs.assumptions import Assumptions
from network.inputs.tables import load_region

# What other modules and the documents rely on; the values of domain knowledge that carry the model.
DEFAULTS = {
    "committee_weight": (3, 1, 6),
    "urban_rural_ratio": (3, 1, 6),
    "trunk_speed_kmh": (45, 35, 60),
    "county_speed_kmh": (35, 25, 45),
    "village_speed_kmh": (20, 10, 25),
    "rail_speed_kmh": (74.7, 65.7, 98.6),
    "remote_trunk_per_week": (4, 1, 7),
    "rail_handling_h": (8, 4, 24),
    "xray_rate_per_h": (900, 500, 1800),
    "recheck_share": (0.02, 0.005, 0.05),
    "target_load": (0.7, 0.5, 0.9),
    "villages_per_round": (6, 4, 10),
    "inbound_ratio": (3, 2, 6),
    "intra_city_share": (0.25, 0.23, 0.34),
    "item_kg": (1, 0.5, 3),
    "items_per_m3": (130, 80, 180),
    "air_share": (0.1, 0.05, 0.2),
    "belly_kg": (1500, 500, 4000),
}


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return load_region("xizang").assumptions


def test_every_value_has_range_unit_and_reason(assumptions: Assumptions) -> None:
    assert len(assumptions) >= 86
    for name in assumptions:
        entry = assumptions.entry(name)
        assert entry.low <= entry.default <= entry.high, name
        assert entry.value == entry.default and not entry.changed
        assert entry.unit and len(entry.why) > 15, name


def test_defaults_that_carry_the_model(assumptions: Assumptions) -> None:
    found = {name: assumptions.entry(name) for name in DEFAULTS}
    assert {name: (e.default, e.low, e.high) for name, e in found.items()} == DEFAULTS


def test_payloads_range_over_40_percent_of_mass_and_20_of_volume(assumptions: Assumptions) -> None:
    for vehicle in ("van", "truck42", "truck68", "truck96", "mail_car"):
        for what, share in (("kg", 0.4), ("m3", 0.2)):
            entry = assumptions.entry(f"{vehicle}_{what}")
            assert entry.low == pytest.approx(entry.default * (1 - share))
            assert entry.high == pytest.approx(entry.default * (1 + share))


def test_unknown_names_suggest_the_nearest(assumptions: Assumptions) -> None:
    with pytest.raises(UnknownNameError, match="target_load"):
        assumptions["target_lod"]
    with pytest.raises(UnknownNameError, match="classes"):
        assumptions.table("class")
    with pytest.raises(UnknownNameError, match="xizang"):
        load_region("xizan")


def test_replace_returns_a_changed_copy(assumptions: Assumptions) -> None:
    changed = assumptions.replace({"target_load": 0.6, "item_kg": 2})
    assert (changed["target_load"], changed["item_kg"]) == (0.6, 2.0)
    assert assumptions["target_load"] == 0.7
    assert changed.entry("target_load").changed and changed.entry("target_load").default == 0.7
    assert changed != assumptions and changed.replace({"target_load": 0.7, "item_kg": 1}) == assumptions
    assert "target_load=0.6" in repr(changed)


def test_replace_lists_every_problem(assumptions: Assumptions) -> None:
    with pytest.raises(InputErrors) as caught:
        assumptions.replace({"target_lod": 0.6, "item_kg": 99, "air_share": float("nan"), "stop_min": 20})
    assert [problem.key for problem in caught.value.problems] == ["target_lod", "item_kg", "air_share"]
    assert "did you mean 'target_load'" in str(caught.value) and "0.5 to 3 kg" in str(caught.value)


@given(st.data())
def test_any_value_within_the_range_is_accepted(data: st.DataObject) -> None:
    assumptions = load_region().assumptions
    entry = assumptions.entry(data.draw(st.sampled_from(sorted(assumptions))))
    value = data.draw(st.floats(entry.low, entry.high))
    assert assumptions.replace({entry.name: value})[entry.name] == value


def test_rows_of_a_list_are_copies(assumptions: Assumptions) -> None:
    assumptions.table("classes")[0]["code"] = "mine"
    assert assumptions.table("classes")[0]["code"] == "confidential"


def test_classes_are_ranked_and_kept_from_private_carriers(assumptions: Assumptions) -> None:
    rows = assumptions.table("classes")
    assert [row["code"] for row in rows] == [
        "confidential",
        "ems",
        "express",
        "newspaper",
        "letter",
        "parcel",
    ]
    assert [row["priority"] for row in rows] == list(range(6))
    assert [row["code"] for row in rows if row["private_ok"]] == ["express"]
    assert [row["any_share"] for row in rows] == [1.0, 1.0, 0.1, 0.0, 0.0, 0.0]


def test_express_repeats_the_scalars(assumptions: Assumptions) -> None:
    row = next(row for row in assumptions.table("classes") if row["flow"] == "report")
    assert row["mean_kg"] == assumptions["item_kg"]
    assert row["items_per_m3"] == assumptions["items_per_m3"]
    assert row["any_share"] == assumptions["air_share"]
    assert row["inbound_ratio"] == assumptions["inbound_ratio"]


def universal_revenue(assumptions: Assumptions, key: str) -> float:
    """Million yuan a year of all classes but express, with volumes of column `key`."""
    region = load_region()
    people = 3_648_100
    readers = len(region.townships) + sum(t.villages for t in region.townships) + len(region.monasteries)
    per = {"head": people, "place": readers, "office": 1, "report": 0}
    return sum(r[key] * per[r["flow"]] * r["tariff_yuan"] for r in assumptions.table("classes")) / 1e6


def test_universal_mail_stays_under_the_non_express_revenue(assumptions: Assumptions) -> None:
    """Rule 10; the sums stated in the file."""
    bound = load_region().report(2021)["non_express_revenue_yuan"].value / 1e6
    assert universal_revenue(assumptions, "yearly") == pytest.approx(22.1, abs=0.1)
    assert universal_revenue(assumptions, "yearly_high") == pytest.approx(56, abs=0.1)
    assert universal_revenue(assumptions, "yearly_high") < bound == 331


def test_upstream_hours_come_from_distance_not_from_observed_times(assumptions: Assumptions) -> None:
    """Rule 21; hours = 12 + km / 60, low = 8 + km / 70, high = 24 + km / 45."""
    for row in assumptions.table("outside"):
        for entry in row["entries"]:
            assert entry["hours"] == round(12 + entry["km"] / 60)
            assert entry["low"] == round(8 + entry["km"] / 70)
            assert entry["high"] == round(24 + entry["km"] / 45)


def test_outside_origins_come_in_by_rail_road_and_air(assumptions: Assumptions) -> None:
    modes = {gateway.id: gateway.modes for gateway in load_region().gateways}
    for row in assumptions.table("outside"):
        surface = {entry["gateway"] for entry in row["entries"] if entry["group"] == "surface"}
        flying = {entry["gateway"] for entry in row["entries"] if entry["group"] == "any"}
        assert {"GW_XINING", "GW_GOLMUD", "GW_CHENGDU"} <= surface
        assert all({"road", "rail"} & set(modes[gateway]) for gateway in surface)
        assert flying and all("air" in modes[gateway] for gateway in flying)


def test_brands_are_those_counted(assumptions: Assumptions) -> None:
    rows = assumptions.table("brands")
    assert len(rows) == load_region().report(2021).count("express_brands")
    assert sum(row["active_2012"] for row in rows) == load_region().report(2012).count("express_brands")
    assert [row["code"] for row in rows if not row["private"]] == ["EMS"]


def test_november_over_the_mean_month_is_a_quarter_more(assumptions: Assumptions) -> None:
    items = {row["first"]: row["items"] for row in assumptions.table("months")}
    assert items[11] / (sum(items.values()) / 12) == pytest.approx(1.25, abs=0.005)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = files("network").joinpath("data", "xizang", "assumptions.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "assumptions.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("default = 3.0\n", "default = 9.0\n", r"committee_weight.*1\.0 to 6\.0"),
        ("default = 3.0\n", "defualt = 3.0\n", "did you mean 'default'"),
        ("default = 3.0\n", "default = true\n", "default = True; allowed: a number"),
        ("default = 3.0\n", "default = = 3\n", "valid TOML"),
        ("[committee_weight]", "stray = 1\n\n[committee_weight]", "a table"),
        ('flow = "office"', 'flow = "ofice"', "did you mean 'office'"),
        ("priority = 1\n", "priority = 0\n", "no other row has"),
        ("private_ok = false", "private = false", "did you mean 'private_ok'"),
        ("inbound_share = 0.40", "inbound_share = 0.45", "sum to 1"),
        ('group = "surface"', 'group = "road"', "surface, any"),
        ("yearly_high = 150_000", "yearly_high = 1", "yearly of confidential"),
        ("share_2012 = 0.45", "share_2012 = 0.40", "sum to 1"),
        ("hour = 23", "hour = 22", "each once"),
        ("weekday = 6", "weekday = 5", "each once"),
        ("last = 9", "last = 8", "every month once"),
        ("[[hours]]", "[[huors]]", "hours"),
        ('why = "outlets are closed"', 'why = " "', "a reason"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputErrors, match=message):
        Assumptions.load_folder(changed(tmp_path, old, new))


def test_a_missing_list_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "assumptions.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        Assumptions.load_folder(tmp_path)
    assert {problem.table for problem in caught.value.problems} == set(LISTS)
