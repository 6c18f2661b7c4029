"""The driver's hours: 20 minutes after 4 hours at the wheel, a night after the day of all drivers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from network.inputs.tables import load_region
from network.linehaul.timetable import driving_s, running
from network.model.records import MailRoute
from sim.chance.driving import DriverRule

HOUR = 3600
RULE = DriverRule(4 * HOUR, 20 * 60, 8 * HOUR, 8 * HOUR, 7 * HOUR, 2, False)


def test_rests_and_nights_worked_by_hand() -> None:
    day = 8 * HOUR
    assert RULE.elapsed_s([4 * HOUR], day) == [4 * HOUR]
    assert RULE.elapsed_s([4 * HOUR + 1], day) == [4 * HOUR + 1 + 1200]
    # 3 h, then 3 h: the block runs out after one hour of the second leg
    assert RULE.elapsed_s([3 * HOUR, 3 * HOUR], day) == [3 * HOUR, 3 * HOUR + 1200]
    assert replace(RULE, rests_at_stops=True).elapsed_s([3 * HOUR, 3 * HOUR], day) == [3 * HOUR, 3 * HOUR]
    # 9 h alone: a rest after 4 h, the night after 8 h
    assert RULE.elapsed_s([9 * HOUR], day) == [9 * HOUR + 1200 + 8 * HOUR]
    # two drivers go on for 16 h: rests after 4, 8 and 12 h, the night after 16 h
    assert [RULE.allowance_s(hours * HOUR) for hours in (7, 8, 17)] == [8 * HOUR, 16 * HOUR, 16 * HOUR]
    assert RULE.elapsed_s([17 * HOUR], 16 * HOUR) == [17 * HOUR + 3 * 1200 + 8 * HOUR]


@given(st.lists(st.floats(5, 900), min_size=1, max_size=4), st.sampled_from([1.0, 2.0]), st.booleans())
def test_timetabled_driving_takes_what_the_timetable_says(
    km: list[float], drivers: float, stops: bool
) -> None:
    """Up to the minute, to which the timetable rounds every leg up."""
    a = load_region("xizang").assumptions.replace(
        {"drivers_per_long_trip": drivers, "stop_min": 30 if stops else 10}
    )
    route = MailRoute("r", "r", "road", "feeder", tuple("ABCDE"[: len(km) + 1]), tuple(km), ((),), (), "")
    rule = DriverRule.of(a)
    driven = driving_s(route, a)
    arrive, depart = running(route, route.leg_km, a)
    planned = [arrive[i + 1] - depart[i] for i in range(len(km))]
    for plan, taken in zip(planned, rule.elapsed_s(driven, rule.allowance_s(sum(driven))), strict=True):
        # a rest more or less where a leg ends within a second of the block's end
        assert min(abs(plan - taken - rest) for rest in (0, -1200, 1200, -28800, 28800)) <= 62
