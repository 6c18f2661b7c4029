"""Standards as tables: those of the package, one's own, and everything that can be wrong with one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from network.accessibility.service_standards import working_days
from network.errors import InputErrors, UnknownNameError
from network.inputs.standard_tables import bundled_standards, load_standard, parse_standard, standards_of
from network.inputs.standards import CERTAINTIES, WAYS
from network.inputs.tables import load_region, regions
from network.model.records import DAY_S
from sim.measures.transit import DIRECTIONS

ASSUMPTIONS = load_region("xizang").assumptions
GOOD = """
title = "Ours"
title_zh = ""
regions = []
since = ""
source = "a page"

[hard_to_reach]
round_km = 200
round_days = 1
certainty = "assumed"
source = ""
note = "ours"

[[frequency]]
area = "village"
per_week = 3
certainty = "known"
source = "art. 1"
note = ""

[[days]]
classes = ["letter"]
cutoff_h = 17.5
collection = ["Mon", "Sat"]
delivery = ["Mon", "Tue"]
holidays = "none"
makeup_days = false
certainty = "known"
source = "art. 2"
note = ""

[[limit]]
code = "letters"
classes = ["letter"]
directions = ["inbound"]
areas = ["city"]
days = 3
share = ""
except_hard_to_reach = true
certainty = "known"
source = "art. 3"
note = ""
"""


def parse(text: str) -> list[str]:
    with pytest.raises(InputErrors) as errors:
        parse_standard(text, "mine.toml", ASSUMPTIONS)
    return [str(problem) for problem in errors.value.problems]


def test_what_is_known_of_the_standards_of_the_package() -> None:
    """Values as the sources named beside them say; letters' limits of YZ/T 0129 were not obtained."""
    assert bundled_standards() == ("eu-97-67-ec", "yzt-0128-2007", "yzt-0129-2016")
    eu, express, universal = (load_standard(name, ASSUMPTIONS) for name in bundled_standards())
    assert [(limit.says, limit.share) for limit in eu.limits] == [("J+3", 0.85), ("J+5", 0.97)]
    assert [(limit.says, limit.share) for limit in express.limits] == [("24 h", None), ("72 h", None)]
    assert all(limit.except_hard_to_reach for limit in express.limits)
    asked = {rule.area: (rule.per_week, rule.certainty) for rule in universal.frequency}
    assert asked["city"] == (7, "unverified") and asked["township_seat"] == (5, "unverified")
    assert asked["village"] == (3, "unverified") and asked["hard_to_reach"] == (1, "unverified")
    assert {(limit.value, limit.says, limit.certainty) for limit in universal.limits} == {
        (None, "not known", "unknown")
    }
    assert [standard.code for standard in standards_of("xizang", ASSUMPTIONS)] == [
        "yzt-0128-2007",
        "yzt-0129-2016",
    ]
    assert universal.since == "2017-03-01" and express.since == ""


def test_every_value_says_how_sure_it_is_and_where_it_is_from() -> None:
    for name in bundled_standards():
        standard = load_standard(name, ASSUMPTIONS)
        said = [*standard.frequency, *standard.days, *standard.limits]
        assert said and standard.source
        for row in said:
            assert row.certainty in CERTAINTIES
            assert row.source if row.certainty in ("known", "unverified") else row.source or row.note


def test_ways_are_directions_with_an_end_in_the_region() -> None:
    assert DIRECTIONS[:3] == WAYS


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    standard = load_standard(path, ASSUMPTIONS)
    limit, rule = standard.limits[0], standard.day_rule("letter")
    assert (standard.code, limit.unit, limit.value, limit.share) == ("mine", "days", 3, None)
    assert (rule.collection, rule.delivery) == ((0, 5), (0, 1))
    monday = dt.date(2021, 5, 10)
    count = working_days(rule, load_region("xizang").calendar, ASSUMPTIONS, monday, 14)
    assert count.cutoff_s == 63_000
    # Tuesday: J is Saturday; delivered on Tuesday of the next week, after Monday and Tuesday
    assert count.days([DAY_S], [8 * DAY_S]).tolist() == [2]


def test_a_cut_off_may_be_the_name_of_an_assumption() -> None:
    standard = parse_standard(GOOD.replace("17.5", '"outlet_cutoff_h"'), "mine.toml", ASSUMPTIONS)
    other = ASSUMPTIONS.replace({"outlet_cutoff_h": 17.0})
    rule = standard.day_rule("letter")
    for assumptions, hour in ((ASSUMPTIONS, 16), (other, 17)):
        count = working_days(rule, load_region("xizang").calendar, assumptions, dt.date(2021, 5, 10), 7)
        assert count.cutoff_s == hour * 3600


def test_all_that_is_wrong_is_listed_together() -> None:
    text = (
        GOOD.replace('title = "Ours"', 'titel = "Ours"')
        .replace('area = "village"', 'area = "vilage"')
        .replace("per_week = 3", "per_week = 9")
        .replace('holidays = "none"', 'holidays = "never"')
        .replace("share =", "shares =")
        .replace("round_km = 200", "round_km = 0")
    )
    assert parse(text) == [
        "mine.toml: title = 'missing'; allowed: required",
        "mine.toml [hard_to_reach]: round_km = 0; allowed: a number from 1 to 10000",
        "mine.toml [frequency[0]]: area = 'vilage'; allowed: one of city, county_town, township_seat, "
        "village, natural_village, monastery, hard_to_reach; did you mean 'village'?",
        'mine.toml [frequency[0]]: per_week = 9; allowed: a whole number from 1 to 7, or "" for not known',
        "mine.toml [days[0]]: holidays = 'never'; allowed: one of none, statutory, all",
        "mine.toml [limit[0]]: share = 'missing'; allowed: required",
        "mine.toml [limit[0]]: shares = ''; allowed: one of code, classes, directions, areas, hours, days, "
        "share, except_hard_to_reach, certainty, source, note; did you mean 'share'?",
        "mine.toml: titel = 'Ours'; allowed: one of title, title_zh, regions, since, source, hard_to_reach, "
        "frequency, days, limit; did you mean 'title'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '["letter"]\ndir',
            '["leter"]\ndir',
            "classes = 'leter'; allowed: one of confidential, ems, express",
        ),
        ('["inbound"]', '["outbound"]', "directions = 'outbound'; allowed: one of same_prefecture"),
        ('["inbound"]', "[]", "directions = []; allowed: at least one of same_prefecture"),
        ('["city"]', '["town"]', "areas = 'town'; allowed: one of city, county_town"),
        ('["Mon", "Sat"]', '["Mon", "Sa"]', "collection = 'Sa'; allowed: one of Mon, Tue"),
        ("days = 3", "days = 3\nhours = 24", "hours, days = 'both'; allowed: one of the two"),
        ("days = 3\n", "", "hours, days = 'missing'; allowed: one of the two"),
        ("days = 3", 'days = ""', "certainty = 'known'; allowed: unknown, for the value is empty"),
        ('certainty = "known"\nsource = "art. 1"', 'certainty = "unknown"\nsource = ""', "there is a value"),
        ('source = "art. 3"', 'source = ""', "source = ''; allowed: where the value is from"),
        ('note = "ours"', 'note = ""', "note = ''; allowed: the reason for the assumption"),
        ("17.5", '"outlet_cutof_h"', "did you mean 'outlet_cutoff_h'?"),
        ("17.5", "25", "cutoff_h = 25; allowed: a number from 0 to 24, or the name of an assumption"),
        ('since = ""', 'since = "2017"', "since = '2017'; allowed: a date such as 2021-10-01"),
        ("[[limit]]", "[limit]", "limit = '…'; allowed: rows [[limit]]"),
        ('title = "Ours"', "title = ", "allowed: valid TOML"),
    ],
)
def test_each_wrong_value_is_told(old: str, new: str, told: str) -> None:
    assert GOOD.count(old) >= 1
    assert any(told in problem for problem in parse(GOOD.replace(old, new, 1)))


def test_what_stands_twice_or_is_not_explained_is_told() -> None:
    _, limit = GOOD.split("[[limit]]")
    again = f"{GOOD}[[limit]]{limit}"
    assert parse(again) == ["mine.toml [limit]: code = 'letters'; allowed: a value that no other row has"]
    parcels = again.replace('code = "letters"\nclasses = ["letter"]', 'code = "x"\nclasses = ["parcel"]', 1)
    assert parse(parcels) == [
        "mine.toml [limit[0]]: classes = 'parcel'; allowed: a class with a row [[days]], which says how its "
        "days are counted"
    ]
    head, tail = GOOD.split("[hard_to_reach]")
    without = head + "[[frequency]]" + tail.split("[[frequency]]")[1]
    assert parse(without) == [
        "mine.toml [limit[0]]: hard_to_reach = 'missing'; allowed: a table [hard_to_reach] that says where "
        "the line is"
    ]
    head, tail = GOOD.split("[[days]]")
    assert parse(head + "[[limit]]" + tail.split("[[limit]]")[1]) == [
        "mine.toml [limit[0]]: classes = 'letter'; allowed: a class with a row [[days]], which says how its "
        "days are counted"
    ]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'yzt-0128-2007'"):
        load_standard("yzt-0128-2017", ASSUMPTIONS)


def test_the_folder_of_standards_is_no_region() -> None:
    assert regions() == ["xizang"]
    with pytest.raises(UnknownNameError) as error:
        load_region("standard").report(2021)
    assert error.value.known == ("xizang",)
