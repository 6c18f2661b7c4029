"""Published figures are read whole, and nothing else is taken for published."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from network.errors import InputErrors, UnknownNameError
from network.inputs.derived import DERIVED
from network.inputs.figures import UNITS, Report
from network.inputs.reports import parse_report
from network.inputs.tables import load_region

# Name: value, half-width of the printed rounding, date.
PUBLISHED_2021 = {
    "road_routes": (89, 0, "2021-12-31"),
    "road_route_km": (18_300, 50, "2021-12-31"),
    "rail_routes": (1, 0, "2021-12-31"),
    "rail_route_km": (1_972, 0.5, "2021-12-31"),
    "air_routes": (14, 0, "2021-12-31"),
    "air_route_km": (33_200, 50, "2021-12-31"),
    "vehicles": (908, 0, "2021-12-31"),
    "postal_outlets": (754, 0, "2021-12-31"),
    "postal_services": (4, 0, "2021-12-31"),
    "postal_outlets_full_service_share": (1, 0, "2021-12-31"),
    "village_stations": (4_626, 0, "2018-12-31"),
    "villages_direct_mail_share": (1, 0, "2018-12-31"),
    "border_natural_villages_share": (1, 0, "2018-12-31"),
    "border_counties": (21, 0, "2018-12-31"),
    "express_brands": (11, 0, "2021"),
    "express_firms": (36, 0, "2021"),
    "express_outlets": (450, 0, "2021"),
    "express_items": (14_851_700, 50, "2021"),
    "express_revenue_yuan": (495e6, 0.5e6, "2021"),
    "industry_revenue_yuan": (826e6, 0.5e6, "2021"),
    "business_volume_yuan": (516e6, 0.5e6, "2021"),
    "screening_subsidy_yuan": (35.88e6, 5e3, "2022"),
    "screening_levels": (3, 0, "2022"),
    "safety_centres": (1, 0, "2022-04"),
    "confidential_years": (29, 0, "2022"),
    "newspaper_reach_share": (1, 0, "2022"),
    "administrative_villages": (5_535, 0, "2022"),
    "bank_desk_mode_3_2": (3, 0, "2022"),
    "bank_desk_mode_4_1": (4, 0, "2022"),
}
PUBLISHED_2012 = {
    "express_brands": (6, 0, "2012"),
    "express_firms": (11, 0, "2012"),
    "express_outlets": (0, 0, "2012"),
    "express_items": (2_843_200, 50, "2012"),
    "express_revenue_yuan": (118e6, 0.5e6, "2012"),
    "industry_revenue_yuan": (223e6, 0.5e6, "2012"),
    "business_volume_yuan": (165e6, 0.5e6, "2012"),
}


@pytest.mark.parametrize(("year", "expected"), [(2021, PUBLISHED_2021), (2012, PUBLISHED_2012)])
def test_reports_hold_exactly_the_published_figures(year: int, expected: dict[str, tuple]) -> None:
    report = load_region("xizang").report(year)
    assert {f.name: (f.value, f.precision, f.date) for f in report.published()} == expected
    for figure in report.published():
        assert figure.quote and figure.meaning and figure.unit == UNITS[figure.name]


def test_every_known_figure_is_published_in_2021() -> None:
    assert {f.name for f in load_region("xizang").report(2021).published()} == set(UNITS)


def test_derived_figures_follow_from_published_ones() -> None:
    report = load_region("xizang").report(2021)
    derived = {f.name: f for f in report.figures.values() if f.kind == "derived"}
    assert set(derived) == set(DERIVED)
    assert round(derived["mean_road_route_km"].value, 1) == 205.6
    assert round(derived["mean_air_route_km"].value) == 2371
    assert round(derived["express_items_per_day"].value, -1) == 40_690
    assert round(derived["express_revenue_per_item"].value, 1) == 33.3
    assert round(derived["express_revenue_share"].value, 2) == 0.60
    assert derived["non_express_revenue_yuan"].value == 331e6
    assert round(derived["villages_per_postal_outlet"].value, 1) == 7.3
    assert round(derived["express_outlets_per_brand"].value, 1) == 40.9
    assert derived["express_outlets_per_firm"].value == 12.5
    assert round(derived["village_station_share"].value, 3) == 0.836
    for figure in derived.values():
        assert all(parent in report for parent in figure.parents)
        assert figure.quote == ""


def test_derived_figures_of_2012_use_its_366_days() -> None:
    report = load_region("xizang").report(2012)
    assert report["express_items_per_day"].value == pytest.approx(2_843_200 / 366)
    assert round(report["express_revenue_per_item"].value, 1) == 41.5
    assert round(report["express_revenue_share"].value, 2) == 0.53
    assert "mean_road_route_km" not in report


def test_derived_precision_covers_what_rounding_allows() -> None:
    figure = load_region().report(2021)["non_express_revenue_yuan"]
    assert figure.precision == pytest.approx(1e6)
    assert load_region().report(2021)["mean_road_route_km"].precision == pytest.approx(50 / 89)


def test_growth_between_the_reports_is_a_fifth_a_year() -> None:
    growth = (
        load_region().report(2021).value("express_items") / load_region().report(2012).value("express_items")
    ) ** (1 / 9) - 1
    assert round(growth, 3) == 0.202


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="road_route_km"):
        load_region().report(2021)["road_routes_km"]
    with pytest.raises(UnknownNameError, match="xizang"):
        load_region("xizan")
    with pytest.raises(UnknownNameError, match="2021"):
        load_region("xizang").report(2020)


def load(path: Path) -> Report:
    return parse_report(path.name, path.read_text(encoding="utf-8"))


def copied(tmp_path: Path, old: str = "", new: str = "") -> Path:
    text = files("network").joinpath("data", "xizang", "report-2021.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_copy_with_other_totals_loads(tmp_path: Path) -> None:
    report = load(copied(tmp_path, "value = 89\n", "value = 80\n"))
    assert report.count("road_routes") == 80
    assert report["mean_road_route_km"].value == 18_300 / 80


def test_a_report_may_leave_figures_out(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    head, body = copied(tmp_path).read_text(encoding="utf-8").split("[figures.road_routes]", 1)
    path.write_text(
        head + "[figures.road_routes]" + body.split("[figures.road_route_km]")[0], encoding="utf-8"
    )
    report = load(path)
    assert list(report) == ["road_routes"]
    with pytest.raises(UnknownNameError):
        report["vehicles"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[figures.vehicles]", "[figures.vehicels]", "did you mean 'vehicles'"),
        ("value = 89\n", "value = -89\n", "0 to 1e"),
        ("value = 89\n", "value = 89.5\n", "whole number"),
        ("value = 89\n", 'value = "many"\n', "a number"),
        ("value = 89\n", "value = nan\n", "a number"),
        ('unit = "routes"', 'unit = "miles"', "'routes'"),
        ('date = "2021-12-31"', 'date = "end of 2021"', "YYYY"),
        ("precision = 0\n", "precison = 0\n", "did you mean 'precision'"),
        ('use = "check;', 'use = "maybe;', "begins with check"),
        ("value = 1.0\n", "value = 1.1\n", "0 to 1"),
        ("year = 2021", "year = true", "a year such as 2021"),
        ("year = 2021", "year = 99999", "a year such as 2021"),
        ("[report]", "[reprot]", "did you mean 'report'"),
        ("value = 89\n", "value = \n", "valid TOML"),
        ("[figures.vehicles]", "[figures.mean_road_route_km]", "only published figures"),
    ],
)
def test_a_wrong_report_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputErrors, match=message) as caught:
        load(copied(tmp_path, old, new))
    assert "mine.toml" in str(caught.value)


def test_all_problems_of_a_report_are_listed_together(tmp_path: Path) -> None:
    path = copied(tmp_path, "value = 89\n", "value = -89\n")
    path.write_text(
        path.read_text(encoding="utf-8").replace("value = 908", 'value = "908"'), encoding="utf-8"
    )
    with pytest.raises(InputErrors) as caught:
        load(path)
    assert [problem.table for problem in caught.value.problems] == ["figures.road_routes", "figures.vehicles"]
