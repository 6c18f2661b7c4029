import json
import math
from dataclasses import fields

import numpy as np
import pytest
from tiny import hand_made

from network.inputs.figures import Report
from network.model.network import Network
from network.model.records import Centre, MailRoute, Outlet, Places, Round
from sim.measures import service as m
from sim.measures.keys import undocumented
from sim.measures.loads import punctuality
from sim.measures.tally import REASONS, tally
from sim.measures.times import NEVER, Grouping, Times
from sim.measures.transit import STAGES, total_s
from sim.state.ledger import IN_TRANSIT

H = 3600
CLOSED = 1000 * H
PLACES = (
    # id, kind, county, prefecture, people, in_town, border
    ("540102", "county", "540102", "Lhasa", 0, True, False),
    ("540202", "county", "540202", "Xigaze", 0, True, False),
    ("540221", "county", "540221", "Xigaze", 0, True, True),
    ("540102001-c01", "committee", "540102", "Lhasa", 600, True, False),
    ("540202001-c01", "committee", "540202", "Xigaze", 200, True, False),
    ("540221001-v01", "village", "540221", "Xigaze", 100, True, True),
    ("540221002-v01", "village", "540221", "Xigaze", 100, False, True),
    ("540221002-v02", "village", "540221", "Xigaze", 0, False, True),
    ("GW_XINING", "gateway", "", "", 0, False, False),
)
LHASA, XIGAZE, TOWN, VILLAGE, EMPTY = 3, 4, 5, 6, 7


def make_places() -> Places:
    n = len(PLACES)
    names = ("id", "kind", "county", "prefecture", "population", "in_town", "border")
    columns = dict(zip(names, zip(*PLACES, strict=True), strict=True))
    columns |= {"lat": 29.0 + np.arange(n) / 2, "lon": 91.0 - np.arange(n), "synthetic": [False] * n}
    rest = {f.name: [""] * n for f in fields(Places) if f.name not in columns}
    return Places(**{name: np.array(values) for name, values in (columns | rest).items()})


@pytest.fixture(scope="module")
def network() -> Network:
    places = make_places()
    stops = (("540102", "region"), ("540202", "prefecture"), ("540221", "county"), ("GW_XINING", "gateway"))
    route = MailRoute(
        "road-001",
        "Lhasa – Xigaze – C",
        "road",
        "chain",
        ("540102", "540202", "540221"),
        (270.0, 150.0),
        ((), ()),
        (),
        "",
    )
    rounds = tuple(
        Round(f"r{i}", base, "rural", "near", (place,), (0,), (0,), 0, 0, days, 10.0, "van", 1, False)
        for i, (base, place, days) in enumerate(
            [
                ("540102", "540102001-c01", tuple(range(7))),
                ("540202", "540202001-c01", tuple(range(7))),
                ("540221", "540221001-v01", (0, 3)),
                ("540221", "540221002-v01", (0,)),
            ]
        )
    )
    outlets = (Outlet("P-1", "540102001-c01", "postal"), Outlet("P-2", "540221001-v01", "postal"))
    return hand_made(
        places=places,
        routes=(route,),
        vehicle_classes={},
        centres=tuple(Centre(place, tier, {}) for place, tier in stops),
        outlets=outlets,
        stations=("540221001-v01",),
        rounds=rounds,
        report=Report("xizang", 2021, {}),
    )


def class_row(network: Network, code: str) -> int:
    return [row["code"] for row in network.assumptions.table("classes")].index(code)


def make_items(
    network: Network, rows: list[tuple[str, int, int, int, int, list[float]]]
) -> dict[str, np.ndarray]:
    """Each row: class, direction, origin, destination, outcome, hours in the stages."""
    stages = np.array([row[5] for row in rows], dtype=float).reshape(len(rows), 6) * H
    outcome = np.array([row[4] for row in rows], dtype=np.int8)
    accepted = np.arange(len(rows), dtype=np.int32) * 100
    ended = np.where(outcome == 3, -1, accepted + stages.sum(axis=1)).astype(np.int32)
    items = {
        "key": np.arange(len(rows)),
        "cls": np.array([class_row(network, row[0]) for row in rows], dtype=np.int8),
        "direction": np.array([row[1] for row in rows], dtype=np.int8),
        "origin": np.array([row[2] for row in rows], dtype=np.int32),
        "dest": np.array([row[3] for row in rows], dtype=np.int32),
        "outcome": outcome,
        "accepted_s": accepted,
        "ended_s": ended,
        "held": np.where(outcome == 3, IN_TRANSIT.index("waiting"), 0).astype(np.int8),
        "held_at": np.where(outcome == 3, 2, -1).astype(np.int16),
        "attempts": (outcome == 0).astype(np.int8),
        "missed_dispatches": np.zeros(len(rows), dtype=np.int16),
        "cancelled": np.zeros(len(rows), dtype=np.int8),
    }
    return items | {f"{s}_s": stages[:, i].astype(np.int32) for i, s in enumerate(STAGES)}


def summarise(network: Network, items: dict[str, np.ndarray], closed_s: int = CLOSED) -> dict:
    return m.summarise(network, tally(network, items, closed_s))


def by_place(network: Network, items: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return m.by_place(network, tally(network, items, CLOSED))


@pytest.fixture(scope="module")
def story(network: Network) -> dict[str, np.ndarray]:
    """Ten items that a reader can hold in the head."""
    return make_items(
        network,
        [
            # four express items from other provinces to the village: 100, 120, 140 h and one under way
            ("express", 2, -1, VILLAGE, 0, [40, 0, 5, 15, 30, 10]),
            ("express", 2, -1, VILLAGE, 0, [50, 0, 5, 15, 30, 20]),
            ("express", 2, -6, VILLAGE, 0, [60, 0, 5, 15, 30, 30]),
            ("express", 2, -6, VILLAGE, 3, [60, 0, 5, 0, 0, 0]),
            # two to the town of Xigaze, one to Lhasa
            ("express", 2, -1, XIGAZE, 0, [40, 0, 5, 5, 10, 6]),
            ("letter", 2, -2, XIGAZE, 0, [40, 0, 5, 5, 10, 12]),
            ("express", 2, -1, LHASA, 0, [30, 0, 5, 5, 5, 3]),
            # from the village to Lhasa, from Lhasa out of the region, a bundle of newspapers to the village
            ("express", 1, VILLAGE, LHASA, 0, [0, 20, 4, 6, 10, 4]),
            ("express", 3, LHASA, -1, 1, [0, 8, 4, 6, 30, 0]),
            ("newspaper", 1, LHASA, VILLAGE, 0, [0, 1, 1, 1, 10, 7]),
        ],
    )


def test_the_first_attempt_ends_the_transit_time_whatever_follows() -> None:
    """Delivered, refused, under way before and after a first attempt, returned."""
    items = {
        "accepted_s": np.full(5, 100, dtype=np.int32),
        "ended_s": np.array([700, 100, -1, 900, 800], dtype=np.int32),
        "outcome": np.array([0, 2, 3, 3, 4], dtype=np.int8),
    }
    assert total_s(items).tolist() == [600, NEVER, NEVER, 800, 700]


def test_every_item_is_counted_by_outcome_and_none_is_dropped(network, story):
    got = summarise(network, story)["items"]
    assert (got["accepted"], got["delivered"], got["handed_over"], got["refused"], got["in_transit"]) == (
        10,
        8,
        1,
        0,
        1,
    )
    assert sum(row["accepted"] for row in got["by_class"].values()) == 10
    assert got["by_class"]["newspaper"]["delivered"] == 1


def test_transit_times_by_hand(network, story):
    village = summarise(network, story)["transit"]["by_tiers"]["gateway"]["village"]
    assert village["items"] == 4 and village["undelivered"] == 1
    assert village["mean_h"] == pytest.approx(120)
    assert village["stages_h"] == pytest.approx(
        {"upstream": 50, "collect": 0, "handle": 5, "wait": 15, "ride": 30, "deliver": 20}
    )
    # The item under way counts as later than any hour.
    assert village["p50_h"] == 120 and village["p80_h"] is None and village["p95_h"] is None
    assert village["within"] == {"24": 0, "48": 0, "72": 0, "168": 0.75}
    refused = {**story, "outcome": np.where(story["outcome"] == 3, 2, story["outcome"])}
    village = summarise(network, refused)["transit"]["by_tiers"]["gateway"]["village"]
    assert (village["undelivered"], village["unresolved"], village["at_close"]["p80_h"]) == (1, 0, None)


def test_what_the_unresolved_can_move_by_hand(network, story):
    # The item under way was accepted at 300 s; the run closes 130 h later.
    summary = summarise(network, story, closed_s=300 + 130 * H)
    village = summary["transit"]["by_tiers"]["gateway"]["village"]
    assert (village["undelivered"], village["unresolved"]) == (1, 1)
    assert village["at_close"] == {
        "mean_h": pytest.approx((100 + 120 + 140 + 130) / 4),
        "p50_h": 120,  # not moved
        "p80_h": 140,  # shown as never, and no less than this
        "p95_h": 140,
        "within": {"24": 0, "48": 0, "72": 0, "168": 1},
    }
    coverage = summary["coverage"]["inbound"]
    assert coverage["at_close"]["within"]["72"] == coverage["within"]["72"]
    assert coverage["at_close"]["within"]["168"] == {
        "people": 1,  # the village too, with its P80 in 140 h
        "villages": 1,
        "natural_villages": None,
        "townships": None,
        "counties": 3,
        "border_counties": 1,
    }
    assert (coverage["at_close"]["p50_person_h"], coverage["at_close"]["p80_person_h"]) == (48, 72)


def test_an_item_still_outside_at_close_has_spent_nothing_from_its_gateway_on(network, story):
    # Accepted at 300 s, it would be at the gateway after 60 h; the run closes after 10.
    summary = summarise(network, story, closed_s=300 + 10 * H)
    early = summary["coverage"]["from_gateway"]["at_close"]
    # 0, 60, 70 and 80 h: P80 of the village is 80 h, within the week
    assert early["within"]["72"]["people"] == pytest.approx(8 / 9) and early["within"]["168"]["people"] == 1


def test_figures_at_close_bound_what_becomes_of_the_unresolved(network):
    """Close a run early, and then let it go on: no figure leaves the bounds that it was given."""
    items = random_items(network, 3000)
    items = {name: column[items["outcome"] < 3] for name, column in items.items()}
    true = summarise(network, items)
    closed = 230 * H
    late = (items["outcome"] < 2) & (items["ended_s"] > closed)
    assert 0.1 < late.mean() < 0.5 and items["accepted_s"].max() < closed
    changed = {"outcome": 3, "ended_s": -1, "held": IN_TRANSIT.index("waiting")}
    unfinished = {name: np.where(late, value, items[name]) for name, value in changed.items()}
    shown = summarise(network, items | unfinished, closed_s=closed)

    def walk(a, b):
        if "at_close" in a:
            for name, low in a["at_close"].items():
                if name.endswith("_h"):
                    assert low is None or b[name] is None or low <= b[name] + 1e-9
                    if name != "mean_h" and a[name] is not None:
                        assert b[name] <= a[name]
            for h, share in a["within"].items():
                if isinstance(share, dict):
                    for name in filter(lambda name: share[name] is not None, share):
                        assert share[name] <= b["within"][h][name] <= a["at_close"]["within"][h][name]
                else:
                    assert share <= b["within"][h] <= a["at_close"]["within"][h]
        else:
            for name in a:
                if isinstance(a[name], dict) and name != "of":
                    walk(a[name], b[name])

    walk(shown["transit"], true["transit"])
    walk(shown["coverage"], true["coverage"])
    assert shown["transit"]["all"]["at_close"]["within"]["168"] > shown["transit"]["all"]["within"]["168"]


def test_without_unresolved_items_nothing_is_moved(network):
    items = random_items(network, 500)
    items = {name: column[items["outcome"] < 3] for name, column in items.items()}
    for row in _rows(summarise(network, items)["transit"]):
        early = row["at_close"]
        assert row["unresolved"] == 0
        assert early["mean_h"] == pytest.approx(row["mean_h"])
        assert {name: early[name] for name in ("p50_h", "p80_h", "p95_h", "within")} == {
            name: row[name] for name in ("p50_h", "p80_h", "p95_h", "within")
        }


def test_groups_say_from_where_to_where(network, story):
    transit = summarise(network, story)["transit"]
    tiers = {(a, b): row["items"] for a, rows in transit["by_tiers"].items() for b, row in rows.items()}
    assert tiers == {
        ("gateway", "region"): 1,
        ("gateway", "prefecture"): 2,
        ("gateway", "village"): 4,
        ("village", "region"): 1,
        ("region", "gateway"): 1,
    }
    assert {name: row["items"] for name, row in transit["by_direction"].items()} == {
        "within_region": 1,
        "inbound": 7,
        "outbound": 1,
    }
    assert {name: row["items"] for name, row in transit["by_prefecture"].items()} == {"Lhasa": 2, "Xigaze": 6}
    assert transit["inbound_by_prefecture"]["Lhasa"]["p50_h"] == 48
    assert transit["outbound"]["mean_h"] == pytest.approx(48)


def test_newspaper_bundles_stand_apart(network, story):
    transit = summarise(network, story)["transit"]
    assert transit["by_class"]["newspaper"]["p50_h"] == 20
    assert transit["all"]["items"] == 8
    places = by_place(network, story)
    assert (places["n_items"][VILLAGE], places["bundles_n"][VILLAGE], places["bundles_p80_h"][VILLAGE]) == (
        4,
        1,
        20,
    )


def test_stages_sum_to_the_mean_to_the_last_bit(network):
    for row in _rows(summarise(network, random_items(network, 5000))["transit"]):
        assert sum(row["stages_h"].values()) == row["mean_h"]


def test_coverage_is_the_share_of_people_whose_place_has_its_p80_in_time(network, story):
    coverage = summarise(network, story)["coverage"]
    inbound = coverage["inbound"]
    # Lhasa (600) in 48 h, Xigaze (200) in 72 h, the village (100) never at 80 %; the town (100) got nothing.
    assert inbound["measured_people"] == pytest.approx(0.9)
    assert inbound["within"]["48"]["people"] == pytest.approx(6 / 9)
    assert inbound["within"]["168"] == {
        "people": pytest.approx(8 / 9),
        "villages": pytest.approx(2 / 3),
        "natural_villages": None,
        "townships": None,
        "counties": 2,
        "border_counties": 0,
    }
    assert (inbound["p50_person_h"], inbound["p80_person_h"]) == (48, 72)
    assert coverage["from_gateway"]["within"]["24"]["people"] == pytest.approx(6 / 9)
    assert coverage["regional"]["measured_people"] == pytest.approx(0.6)
    assert coverage["of"] == {
        "people": 1000,
        "villages": 5,
        "natural_villages": 0,
        "townships": 0,
        "counties": 3,
        "border_counties": 1,
    }
    curve = dict(zip(inbound["curve"]["hours"], inbound["curve"]["people"], strict=True))
    assert (curve[42], curve[48], curve[72]) == (0, pytest.approx(6 / 9), pytest.approx(8 / 9))


def test_places_table_by_hand(network, story):
    got = by_place(network, story)
    assert got["id"].tolist() == [row[0] for row in PLACES[:-1]]
    assert (got["n_items"][VILLAGE], got["undelivered"][VILLAGE]) == (4, 1)
    assert (got["mean_h"][VILLAGE], got["p50_h"][VILLAGE], got["p80_h"][VILLAGE]) == (120, 120, math.inf)
    assert got["within_168"][VILLAGE] == 0.75
    assert got["from_gateway_p80_h"][XIGAZE] == 32
    assert (
        math.isnan(got["p80_h"][EMPTY]) and math.isnan(got["within_24"][EMPTY]) and got["n_items"][EMPTY] == 0
    )


def random_items(network: Network, n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    codes = [row["code"] for row in network.assumptions.table("classes")]
    rows = []
    for _ in range(n):
        direction = int(rng.integers(4))
        inside = [int(x) for x in rng.integers(3, 8, 2)]
        origin = -1 - int(rng.integers(6)) if direction == 2 else inside[0]
        dest = -1 - int(rng.integers(6)) if direction == 3 else inside[1]
        outcome = int(rng.integers(2, 4)) if rng.random() < 0.05 else int(direction == 3)
        hours = rng.integers(0, 60 * H, 6) / H
        rows.append((codes[int(rng.integers(6))], direction, origin, dest, outcome, hours.tolist()))
    return make_items(network, rows)


def _rows(body):
    if "stages_h" in body:
        yield body
    else:
        for value in body.values():
            yield from _rows(value)


def test_tables_equal_the_definitions_taken_item_by_item(network):
    items = random_items(network, 3000)
    got = summarise(network, items)["transit"]
    bundle = items["cls"] == class_row(network, "newspaper")
    total = np.where(items["outcome"] < 2, items["ended_s"] - items["accepted_s"], np.inf) / H
    for way, name in enumerate(("same_prefecture", "within_region", "inbound", "outbound")):
        times = total[(items["direction"] == way) & ~bundle]
        row = got["by_direction"][name]
        assert row["items"] == times.size
        assert row["undelivered"] == np.isinf(times).sum()
        assert row["mean_h"] == pytest.approx(times[np.isfinite(times)].mean())
        assert row["p80_h"] == np.quantile(times, 0.8, method="inverted_cdf")
        assert row["within"]["168"] == (times <= 168).mean()
    places = by_place(network, items)
    for row in range(3, 8):
        times = total[(items["dest"] == row) & ~bundle]
        assert places["p50_h"][row] == np.quantile(times, 0.5, method="inverted_cdf")
        assert places["within_72"][row] == pytest.approx((times <= 72).mean())


def test_every_key_is_documented_and_the_whole_is_json(network):
    items = random_items(network, 2000)
    summary = summarise(network, items)
    assert undocumented(summary) == []
    assert undocumented({"transit": {"all": {"surprise": 1}}}) == ["transit.all.surprise"]
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_no_items_at_all_give_none_and_not_zero(network):
    empty = make_items(network, [])
    summary = summarise(network, empty)
    assert summary["items"]["accepted"] == 0 and summary["transit"]["by_tiers"] == {}
    assert summary["coverage"]["inbound"]["within"]["24"]["people"] is None
    assert undocumented(summary) == []


def test_frequency_and_access_by_hand(network, story):
    summary = summarise(network, story)
    frequency, access = summary["frequency"], summary["access"]
    assert frequency["people_at_least"] == {"1": 1.0, "3": 0.8, "5": 0.8, "7": 0.8}
    # daily: 12 h; Monday and Thursday: gaps of 3 and 4 days; once a week: 84 h
    assert frequency["mean_wait_h"] == pytest.approx((800 * 12 + 100 * 24 * 25 / 14 + 100 * 84) / 1000)
    assert access["people_per_postal_outlet"] == 500 and access["people_per_express_outlet"] is None
    assert access["people_in_villages_with_station"] == 0.1
    assert access["people_within_km_of_postal_outlet"] == {"5": 0.7, "10": 0.7, "20": 0.7}


def times_of(
    code: np.ndarray, times_s: np.ndarray, groups: int, at_close_s: np.ndarray | None = None, parts: int = 1
):
    """Return the times and those at close of groups that are their own cells, counted in some parts."""
    grouping = Grouping(np.arange(groups), groups, (0.5, 0.8))
    times = Times(groups, {"all": grouping}, (20, 30))
    at_close_s = times_s if at_close_s is None else at_close_s
    cuts = np.array_split(np.arange(len(code)), parts)
    for cut in cuts:
        times.count(code[cut], times_s[cut], at_close_s[cut])
    times.aim()
    for cut in cuts:
        times.pick(code[cut], times_s[cut])
    return times.tables()["all"]


def test_times_keep_groups_apart():
    found, _ = times_of(np.array([1, 0, 1, -1, 1]), np.array([10, 7, 30, 1, 20], dtype=np.int32) * H, 3)
    assert found.n.tolist() == [1, 3, 0] == found.arrived.tolist()
    assert found.quantile_h[0.5].tolist()[:2] == [7, 20] and math.isnan(found.quantile_h[0.5][2])
    assert found.within[20].tolist() == [1, 2, 0]
    assert found.mean_h.tolist()[:2] == [7, 20]


def test_a_time_of_whole_hours_is_within_them_and_a_second_more_is_not():
    found, _ = times_of(np.zeros(3, dtype=int), np.array([20 * H - 1, 20 * H, 20 * H + 1], dtype=np.int32), 1)
    assert (found.within[20].tolist(), found.within[30].tolist()) == ([2], [3])


@pytest.mark.parametrize("longest_h", [0.01, 3, 200, 5000])
def test_quantiles_are_the_second_that_a_full_sort_finds_in_whatever_parts_the_items_come(longest_h):
    rng = np.random.default_rng(int(longest_h))
    code = rng.integers(-1, 4, 5000)
    times_s = rng.integers(0, longest_h * H, 5000, endpoint=True).astype(np.int32)
    times_s[rng.random(5000) < 0.15] = NEVER
    at_close_s = np.where((times_s == NEVER) & (rng.random(5000) < 0.5), 7 * H, times_s).astype(np.int32)
    for parts in (1, 7):
        for found, all_s in zip(
            times_of(code, times_s, 4, at_close_s, parts), (times_s, at_close_s), strict=True
        ):
            for group in range(4):
                mine = np.where(all_s == NEVER, np.inf, all_s)[code == group]
                assert found.n[group] == len(mine) and found.arrived[group] == np.isfinite(mine).sum()
                assert found.mean_h[group] == pytest.approx(mine[np.isfinite(mine)].mean() / H)
                for q in (0.5, 0.8):
                    wanted = np.sort(mine)[math.ceil(q * len(mine)) - 1] / H
                    assert found.quantile_h[q][group] == wanted


def test_chunks_give_the_measures_of_the_whole(network):
    items = random_items(network, 2000)

    def chunks(columns):
        for begin in range(0, 2000, 333):
            yield {name: items[name][begin : begin + 333] for name in columns}

    whole, parts = tally(network, items, CLOSED), tally(network, chunks, CLOSED)
    assert m.summarise(network, parts) == m.summarise(network, whole)
    assert m.undelivered(network, parts) == m.undelivered(network, whole)
    one, other = m.by_place(network, parts), m.by_place(network, whole)
    assert all(
        np.array_equal(one[name], other[name], equal_nan=other[name].dtype.kind == "f") for name in other
    )


@pytest.fixture(scope="module")
def tried(network: Network) -> dict[str, np.ndarray]:
    """Five letters with attempts, two refused items, one under way; all are 20 h old when first tried."""
    letter = ("letter", 1, LHASA, VILLAGE, 0, [0, 5, 5, 5, 3, 2])
    items = make_items(network, [letter] * 5 + [(*letter[:4], 2, [0] * 6)] * 2 + [(*letter[:4], 3, [0] * 6)])
    # delivered at once; delivered at the second attempt; gone back after two; failed and still there, twice
    items["outcome"][:5] = [0, 0, 4, 3, 3]
    items["attempts"][:5] = [1, 2, 2, 1, 1]
    items["held"][3:5] = [IN_TRANSIT.index("on_round"), IN_TRANSIT.index("for_round")]
    items["held_at"][3:5] = [-1, 2]
    items["missed_dispatches"][7], items["cancelled"][7] = 3, 1
    return items


def test_a_failed_first_attempt_ends_the_transit_time(network, tried):
    found = summarise(network, tried)
    row = found["transit"]["by_class"]["letter"]
    assert (row["items"], row["undelivered"], row["unresolved"]) == (8, 3, 1)
    assert (row["mean_h"], row["p50_h"], row["p80_h"]) == (20, 20, None)
    assert by_place(network, tried)["undelivered"][VILLAGE] == 3


def test_attempts_and_returns_by_hand(network, tried):
    found = summarise(network, tried)
    row = {"items": 5, "first_failed": 4 / 5, "mean": 7 / 5, "returned": 1 / 5}
    nothing = {"items": 0, "first_failed": None, "mean": None, "returned": None}
    assert found["attempts"] == {
        **row,
        "by_class": {code: row if code == "letter" else nothing for code in found["attempts"]["by_class"]},
    }
    assert (found["items"]["delivered"], found["items"]["returned"], found["items"]["in_transit"]) == (
        2,
        1,
        3,
    )
    assert found["items"]["originating"] == 8


def test_what_was_not_delivered_is_told_by_reason_and_stop_worst_first(network, tried):
    reasons = {"refused": 2, "returned": 1, "unsettled": 2, "waiting": 1}
    assert summarise(network, tried)["undelivered"] == {reason: reasons.get(reason, 0) for reason in REASONS}
    found = m.undelivered(network, tally(network, tried, CLOSED))
    assert [row["items"] for row in found] == [2, 1, 1, 1, 1]
    assert found[0] == {"reason": "refused", "stop": "", "items": 2, "missed_dispatches": 0, "cancelled": 0}
    waiting = {
        "reason": "waiting",
        "stop": network.stops[2],
        "items": 1,
        "missed_dispatches": 3,
        "cancelled": 1,
    }
    assert waiting in found
    assert {
        "reason": "unsettled",
        "stop": network.stops[2],
        "items": 1,
        "missed_dispatches": 0,
        "cancelled": 0,
    } in found


def trip_records(rows):
    names = (
        "route",
        "direction",
        "stop",
        "departs_s",
        "boarded",
        "on_board",
        "load_kg",
        "load_m3",
        "capacity_kg",
        "capacity_m3",
        "missed_dispatches",
    )
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return {
        "fate": np.zeros(len(rows), dtype=int),
        "late_s": np.zeros(len(rows), dtype=int),
        **{name: np.array(column) for name, column in columns},
    }


def test_how_trips_ran_counts_each_once_at_its_first_stop():
    row = (10, 10, 500, 2, 1000, 8, 0)
    trips = trip_records([(0, 0, stop, 0, *row) for stop in (0, 0, 0, 1, 0, 0)])
    trips["late_s"] = np.array([0, 7200, 0, 9000, 0, 43_200])
    trips["fate"] = np.array([0, 0, 1, 0, 2, 3])
    assert punctuality(trips) == {
        "departures": 3,
        "late_h": 2 / 3,
        "late_over_1h": 1 / 3,
        "extra": 1,
        "cancelled_weather": 1,
        "cancelled_no_vehicle_available": 1,
    }


def test_a_cancelled_trip_is_no_departure_of_its_leg(network):
    row = (10, 10, 500, 2, 1000, 8, 0)
    trips = trip_records([(0, 0, 0, 0, *row), (0, 0, 0, 86_400, 0, 0, 0, 0, 0, 0, 9)])
    trips["fate"] = np.array([0, 2])
    legs = m.by_leg(network, trips)
    assert (legs["departures"].tolist(), legs["load"].tolist(), legs["missed_dispatches"].tolist()) == (
        [1],
        [0.5],
        [0],
    )


def test_load_by_leg_and_direction_takes_what_fills_the_trip(network):
    day = 86_400
    trips = trip_records(
        [
            (0, 0, 0, 0, 10, 10, 500, 2, 1000, 8, 0),
            (0, 0, 0, day, 20, 20, 300, 8, 1000, 8, 5),
            (0, 0, 1, 9000, 0, 4, 100, 1, 1000, 8, 0),
            (0, 1, 0, 20_000, 4, 4, 250, 0, 1000, 8, 0),
        ]
    )
    legs = m.by_leg(network, trips)
    assert list(zip(legs["direction"], legs["from"], legs["to"], legs["km"], strict=True)) == [
        ("outward", "540102", "540202", 270.0),
        ("outward", "540202", "540221", 150.0),
        ("back", "540221", "540202", 150.0),
    ]
    assert legs["load"].tolist() == [0.75, 0.125, 0.25]
    assert legs["load_max"].tolist() == [1.0, 0.125, 0.25]
    assert legs["load_kg"].tolist() == [0.4, 0.1, 0.25]
    assert legs["departures"].tolist() == [2, 1, 1]
    assert legs["missed_dispatches"].tolist() == [5, 0, 0]
    assert m.by_leg(network, trips, (day, 2 * day))["load"].tolist() == [1.0]
    assert m.boarded_per_day(network, trips, 2).tolist() == [[10, 0, 4, 0], [20, 0, 0, 0]]


def queue(rng, stops, days, volume, trips_on, deficit=0.0):
    """Waiting items at midnight of stops with Poisson arrivals and departures on some weekdays."""
    waiting = np.zeros((days, stops))
    now = np.zeros(stops)
    for day in range(days):
        now += rng.poisson(volume, stops)
        if day % 7 in trips_on:
            now = (
                np.where(now > 0, np.minimum(now, deficit * day * volume), 0.0)
                if deficit
                else np.zeros(stops)
            )
        waiting[day] = now
    return waiting


@pytest.mark.parametrize("trips_on", [(0, 1, 2, 3, 4, 5, 6), (0, 2, 4), (3,)])
@pytest.mark.parametrize("volume", [0.5, 30, 3000])
def test_a_steady_queue_is_not_called_growing(trips_on, volume):
    rng = np.random.default_rng(5)
    waiting = queue(rng, 300, 49, volume, trips_on)
    table = m.queue_growth({"trips": waiting}, (21, 49), [f"s{i}" for i in range(300)])
    assert not table["growing"].any()


def test_work_that_is_never_done_is_called_growing():
    rng = np.random.default_rng(6)
    steady = rng.poisson(1000, (42, 2))
    short = steady + 0.02 * 1000 * np.arange(42)[:, np.newaxis]  # 2 % of the daily volume stays behind
    table = m.queue_growth({"a": steady, "b": short}, (14, 42), ["x", "y"], volume=np.full((42, 2), 1000))
    assert table["growing"].tolist() == [False, False, True, True]
    assert table["slope"][2:] == pytest.approx([20, 20], rel=0.1)
    assert np.all(table["detectable"] >= 50)


def test_the_rhythm_of_the_week_is_no_growth_and_one_bad_day_neither():
    week = np.tile([0, 900, 0, 900, 1800, 2700, 3600], 4)[:, np.newaxis].astype(float)
    assert not m.queue_growth({"q": week}, (0, 28), ["x"])["growing"].any()
    week[26] += 5000
    assert not m.queue_growth({"q": week}, (0, 28), ["x"])["growing"].any()


def test_a_queue_may_grow_as_its_volume_does():
    volume = np.linspace(1000, 1300, 28)[:, np.newaxis]
    waiting = volume * 2
    assert m.queue_growth({"q": waiting}, (0, 28), ["x"])["growing"].all()
    assert not m.queue_growth({"q": waiting}, (0, 28), ["x"], volume=volume)["growing"].any()


def test_a_window_must_be_whole_weeks_within_the_run():
    waiting = np.zeros((28, 1))
    for window in [(0, 27), (0, 14), (7, 35)]:
        with pytest.raises(ValueError, match=r"weeks|days"):
            m.queue_growth({"q": waiting}, window, ["x"])
