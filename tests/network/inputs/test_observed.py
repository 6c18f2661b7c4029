"""Observed facts: what the region's table holds, and everything that can be wrong with one."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from network.errors import InputErrors
from network.inputs.observed import HALVES, KINDS, Fact, load_facts, parse_facts, range_of
from network.inputs.tables import load_region

ASSUMPTIONS = load_region("xizang").assumptions
REGION = load_region("xizang")
GOOD = """
[[fact]]
code = "one"
about = "an order"
kind = "usual"
unit = "days"
low = 4
high = ""
year = 2020
printed = "four days"
means = "usual time"
source = "a paper"
classes = ["express"]
half = "held out"
direction = "inbound"
origin = "central"
county = "540102"
way = "air"
rests_on = [{ key = "air_share", how = "share" }, { key = "outside", how = "hours" }]
"""


def parse(text: str) -> list[str]:
    with pytest.raises(InputErrors) as errors:
        parse_facts(text, REGION, ASSUMPTIONS)
    return [str(problem) for problem in errors.value.problems]


@pytest.fixture(scope="module")
def facts() -> dict[str, Fact]:
    return {fact.code: fact for fact in load_facts(REGION, ASSUMPTIONS)}


def test_the_facts_are_those_that_were_printed(facts: dict[str, Fact]) -> None:
    """Days, counts, hours and times a week as the papers have them, with the tolerance the file says."""
    as_printed = {code: (fact.kind, fact.observed, fact.source, fact.year) for code, fact in facts.items()}
    assert as_printed == {
        "tingri-order": ("one", "8 days", "Xinhua, 3 Dec 2020", 2020),
        "provinces-before-2025": ("usual", "5 days and more", "Beijing Daily, 21 Oct 2025", 2024),
        "provinces-2025": ("usual", "4–7 days", "Beijing Daily, 21 Oct 2025", 2025),
        "hubei-land": ("usual", "7–10 days", "China Daily, 11 Jul 2025", 2025),
        "hubei-air": ("usual", "2–4 days", "China Daily, 11 Jul 2025", 2025),
        "tsona-items": ("daily", "200 items a day and more", "Xinhua, 27 Feb 2023", 2023),
        "zhaxizom-items": ("daily", "100 items a day", "People's Daily, 14 Nov 2025", 2025),
        "counties-2005": ("apart", "30 days", "Xinhua, 3 Dec 2020", 2005),
        "cities-2021": ("apart", "2.4 days", "China News, 21 Jan 2022", 2021),
        "towns-land": ("towns", "5–7 days", "Xinhua, 3 Dec 2020", 2020),
        "towns-air": ("towns", "3–5 days", "Xinhua, 3 Dec 2020", 2020),
        "decade": ("apart", "2 days and more", "Xinhua, 3 Dec 2020", 2020),
        "papers-on-the-day": ("counties", "17–25 counties", "a report, 25 Jul 2022", 2022),
        "nyingchi-truck": ("ride", "6.4–9.6 hours", "a report, 25 Jul 2022", 2022),
        "nyingchi-train": ("apart", "4 hours", "a report, 25 Jul 2022", 2022),
        "chongse-lhasa": ("usual", "2–4 days", "Xinhua, 17 Mar 2023", 2023),
        "chongse-provinces": ("usual", "8–12 days", "Xinhua, 17 Mar 2023", 2023),
        "chongse-rounds": ("rounds", "2.5–3.5 a week", "Xinhua, 17 Mar 2023", 2023),
        "lhozhag-townships": ("rounds", "4.5–5.5 a week", "China Post, June 2024", 2024),
        "lhozhag-villages": ("rounds", "2.5–3.5 a week", "China Post, June 2024", 2024),
        "lhozhag-truck": ("trips", "6.5–7.5 a week", "China Post, 1 Jul 2024", 2024),
        "lhozhag-lhasa": ("ride", "5.6–8.4 hours", "China Post, 1 Jul 2024", 2024),
        "lhozhag-border": ("ride", "3.2–4.8 hours", "China Post, June 2024", 2024),
        "chengdu-land": ("quickest", "2–4 days", "Xinhua, 26 Nov 2023", 2023),
        "chengdu-air": ("usual", "up to 1.5 days", "Xinhua, 26 Nov 2023", 2023),
        "guangzhou-express": ("usual", "up to 3 days", "Beijing Daily, 21 Oct 2025", 2025),
        "pumaqangtang-truck": ("rounds", "0.5–1.5 a week", "a report on Cering Quba, July 2018", 2018),
        "pumaqangtang-villages": (
            "apart",
            "2 a week",
            "Xinhua, 29 Jul 2018; Economic Information Daily, 3 Aug 2018",
            2018,
        ),
        "pumaqangtang-letters": ("daily", "up to 8.9 items a day", "China Daily, 6 Sep 2021", 2021),
        "pumaqangtang-parcels": ("daily", "5.2 items a day and more", "China Daily, 6 Sep 2021", 2021),
        "pumaqangtang-papers": ("apart", "269 items a day", "China Daily, 6 Sep 2021", 2021),
        "coqen-xigaze": ("trips", "1 a week and more", "Xinhua, May 2024", 2014),
    }


def test_halves_follow_the_rule_that_the_file_says(facts: dict[str, Fact]) -> None:
    """By kind and in the order of the file, in turn; those that do not count on their own."""
    for seen in ("again", "once"):
        in_turn = sorted(
            (fact for fact in facts.values() if fact.kind != "apart" and fact.seen == seen),
            key=lambda fact: KINDS.index(fact.kind),
        )
        assert [fact.half for fact in in_turn] == [HALVES[number % 2] for number in range(len(in_turn))]
    assert all(not fact.half for fact in facts.values() if fact.kind == "apart")


def test_what_was_read_once_does_not_count(facts: dict[str, Fact]) -> None:
    assert {code for code, fact in facts.items() if fact.kind != "apart" and not fact.judged} == {
        "towns-land",
        "towns-air",
        "papers-on-the-day",
        "nyingchi-truck",
        "chengdu-land",
        "chengdu-air",
        "guangzhou-express",
    }


def test_places_of_the_facts_are_the_ones_they_name(facts: dict[str, Fact]) -> None:
    names = {county.code: county.name_en for county in REGION.counties}
    assert names[facts["tingri-order"].county] == "Tingri"
    assert names[facts["hubei-land"].county] == "Chengguan (Lhasa)"
    assert names[facts["tsona-items"].county] == "Cona"
    (township,) = (t for t in REGION.townships if t.code == facts["zhaxizom-items"].township)
    assert (township.name_zh, township.county_code) == ("扎西宗乡", "540223")


def test_every_fact_that_is_compared_names_what_governs_it(facts: dict[str, Fact]) -> None:
    for fact in facts.values():
        assert bool(fact.rests_on) != bool(fact.why_not), fact.code


@pytest.mark.parametrize(
    ("low", "high", "value", "where"),
    [
        (4, 7, 4, "inside"),
        (4, 7, 7, "inside"),
        (4, 7, 7.01, "above"),
        (4, 7, 3.99, "below"),
        (4, math.inf, math.inf, "inside"),
        (-math.inf, 4, 0, "inside"),
        (4, 7, math.nan, "unknown"),
    ],
)
def test_a_value_lies_inside_the_range_or_on_one_side(
    low: float, high: float, value: float, where: str, facts: dict[str, Fact]
) -> None:
    assert replace(facts["provinces-2025"], low=low, high=high).place(value) == where


def test_ranges_are_those_of_the_assumptions(facts: dict[str, Fact]) -> None:
    a = ASSUMPTIONS
    assert range_of("air_share", facts["hubei-air"], a) == "0.1, 0.05–0.2 share of express items that may fly"
    central = next(row["entries"] for row in a.table("outside") if row["code"] == "central")
    land = [entry for entry in central if entry["group"] == "surface"]
    assert len(land) < len(central)
    for code, entries in (("hubei-land", land), ("hubei-air", central)):
        low, high = min(e["low"] for e in entries), max(e["high"] for e in entries)
        hours = [e["hours"] for e in entries]
        told = f"{min(hours):g}–{max(hours):g}, {low:g}–{high:g} h"
        assert range_of("outside", facts[code], a) == told
    changed = a.replace({"air_share": 0.2})
    assert range_of("air_share", facts["hubei-air"], changed).startswith("0.2, ")


def test_all_that_is_wrong_is_listed_together() -> None:
    text = (
        GOOD.replace('kind = "usual"', 'kind = "usal"')
        .replace("year = 2020\n", "")
        .replace('county = "540102"', 'county = "Lhasa"')
        .replace("low = 4", "low = -1")
    )
    assert parse(text + "\n[facts]\nx = 1\n") == [
        "observed.toml [fact[0]]: kind = 'usal'; allowed: one of usual, quickest, one, towns, "
        "counties, daily, rounds, trips, ride, apart; did you mean 'usual'?",
        'observed.toml [fact[0]]: low = -1; allowed: a number from 0 to 1e+09, or "" where the range is open',
        "observed.toml [fact[0]]: year = 'missing'; allowed: required",
        "observed.toml [fact[0]]: county = 'Lhasa'; allowed: one of 74 known, such as 540102",
        "observed.toml: facts = '…'; allowed: one of fact; did you mean 'fact'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("low = 4", 'low = ""', "low, high = ''; allowed: at least one of the two"),
        ('high = ""', "high = 3", "high = 3.0; allowed: 4 or more"),
        ('kind = "usual"', 'kind = "one"', "high = ''; allowed: 4, the same as low, for one item"),
        ('kind = "usual"', 'kind = "daily"', "unit = 'days'; allowed: items a day"),
        ('kind = "usual"', 'kind = "apart"', "why_not = 'missing'; allowed: why it is not compared"),
        ('direction = "inbound"\n', "", "direction = 'missing'; allowed: inbound, with an origin outside"),
        ('half = "held out"\n', "", "half = 'missing'; allowed: one of calibration, held out"),
        ('classes = ["express"]\n', "", "classes = 'missing'; allowed: at least one class of items"),
        ('origin = "central"', 'from_county = "540102"', "from_county = '540102'; allowed: no county of"),
        ('kind = "usual"', 'kind = "rounds"', "at = 'missing'; allowed: township or village"),
        ('kind = "usual"', 'kind = "ride"', "from_county = 'missing'; allowed: where the ride begins"),
        ('kind = "usual"', 'kind = "trips"', "unit = 'days'; allowed: a week"),
        ('way = "air"', 'seen = "twice"', "seen = 'twice'; allowed: one of again, once"),
        ('["express"]', '["expres"]', "classes = 'expres'; allowed: one of confidential, ems, express"),
        ('["express"]', "[]", "classes = []; allowed: at least one"),
        ('"air_share"', '"air_shar"', "[fact[0].rests_on[0]]: key = 'air_shar'; allowed: one of 1"),
        ('"air_share"', '"air_shar"', "did you mean 'air_share'?"),
        ('how = "share"', 'who = "share"', "who = 'share'; allowed: one of key, how"),
        ("[[fact]]", "[[fact]", "allowed: valid TOML"),
        ("[[fact]]", "[fact]", "allowed: rows [[fact]]"),
    ],
)
def test_each_wrong_value_is_told(old: str, new: str, told: str) -> None:
    assert GOOD.count(old) == 1
    assert any(told in problem for problem in parse(GOOD.replace(old, new)))


def test_a_code_stands_once() -> None:
    assert parse(GOOD + GOOD) == [
        "observed.toml [fact]: code = 'one'; allowed: a value that no other row has"
    ]
