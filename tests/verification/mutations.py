"""Small wrongs put into the kernel one by one: each must make a test fail.

Run it as ``python tests/verification/mutations.py [--only N] [--jobs 2]``.  It works on copies and prints
a table of what caught what; a mutation that nothing catches ends it with 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
COPIED = ("network", "sim", "scenarios", "tests", "pyproject.toml")

STORIES = "tests/verification/test_stories.py"
TRIPS = "tests/verification/test_trip_stories.py"
ATTEMPTS = "tests/verification/test_attempt_stories.py"
STOPS = "tests/sim/engine/test_stops.py"
VEHICLES = "tests/sim/fleet/test_pools.py"
DRIVING = "tests/sim/chance/test_driving.py"
WEATHER = "tests/sim/chance/test_weather.py"
HOURS = "tests/network/model/test_working_hours.py"
SEARCH = "tests/network/routing/test_search.py"
CLOSURES = "tests/network/linehaul/test_closures.py"
ROADS = "tests/network/edit/test_roads.py"
ROUTES = "tests/network/edit/test_routes.py"
COVERAGE = "tests/network/accessibility/test_coverage.py"
SCHEDULED = "tests/network/accessibility/test_scheduled_measures.py"
FULL = "tests/network/capacity/test_utilisation.py"


class Mutation(NamedTuple):
    """A wrong: `old`, which stands in `file` exactly once, becomes `new`."""

    rule: str
    file: str
    words: str
    old: str
    new: str
    caught_by: str  # node id of a test


MUTATIONS = (
    Mutation(
        "14 lanes",
        "sim/engine/centres.py",
        "who joins goes behind all that wait",
        'order = np.argsort(priority, kind="stable")\n            slots, priority',
        "order = np.arange(len(slots))\n            slots, priority",
        f"{STOPS}::test_the_night_is_put_in_order_by_class_and_then_by_when_they_came",
    ),
    Mutation(
        "14 lanes",
        "sim/engine/centres.py",
        "an item that would start now has started",
        "started = self._started(time)",
        "started = self._started(time + 1)",
        f"{STOPS}::test_an_item_that_would_start_as_another_joins_has_not_started",
    ),
    Mutation(
        "14 lanes",
        "sim/engine/unequal.py",
        "unequal service: who joins goes behind all that wait",
        'self._queue = queue[:, queue[1].argsort(kind="stable")]',
        "self._queue = queue",
        f"{STOPS}::test_an_item_that_would_start_as_another_joins_has_not_started",
    ),
    Mutation(
        "14 lanes",
        "sim/engine/unequal.py",
        "unequal service, one lane: an item that would start now has started",
        "start[: start.searchsorted(until)]",
        'start[: start.searchsorted(until, side="right")]',
        f"{STOPS}::test_an_item_that_would_start_as_another_joins_has_not_started",
    ),
    Mutation(
        "14 lanes",
        "sim/engine/unequal.py",
        "unequal service, several lanes: an item that would start now has started",
        "if begin >= until:",
        "if begin > until:",
        f"{STOPS}::test_an_item_that_would_start_as_another_joins_has_not_started",
    ),
    Mutation(
        "14 lanes",
        "sim/engine/unequal.py",
        "unequal service: sorters take items as they started on the lanes",
        'order = finish.argsort(kind="stable")',
        "order = np.arange(len(finish))",
        f"{STOPS}::test_sorters_take_items_as_the_lanes_release_them",
    ),
    Mutation(
        "11 boarding",
        "sim/state/boarding.py",
        "boarding forgets the class",
        "(rank, pool.ready[slots], rank >> RANK_BITS)",
        "(rank & (1 << RANK_BITS) - 1, pool.ready[slots])",
        f"{STORIES}::test_confidential_mail_of_a_later_day_goes_before_what_has_waited",
    ),
    Mutation(
        "11 boarding",
        "sim/state/boarding.py",
        "boarding forgets the ready time",
        "(rank, pool.ready[slots], rank >> RANK_BITS)",
        "(rank,)",
        f"{STORIES}::test_of_one_class_who_is_ready_first_boards_first",
    ),
    Mutation(
        "11 boarding",
        "sim/engine/stops.py",
        "kilograms never close a trip",
        'int(grams.searchsorted(room_g, side="right")), int(',
        "len(slots), int(",
        f"{STORIES}::test_nothing_jumps_the_queue_even_if_it_would_fit",
    ),
    Mutation(
        "11 boarding",
        "sim/engine/stops.py",
        "cubic metres never close a trip",
        "if mass > room_g or space > room_cm3:",
        "if mass > room_g:",
        f"{STORIES}::test_cubic_metres_close_a_trip_as_kilograms_do",
    ),
    Mutation(
        "11 boarding",
        "sim/engine/stops.py",
        "a trip is full one gram early",
        'int(grams.searchsorted(room_g, side="right")), int(',
        'int(grams.searchsorted(room_g, side="left")), int(',
        f"{TRIPS}::test_an_extra_trip_takes_what_was_left_behind",
    ),
    Mutation(
        "11 boarding",
        "sim/engine/rounds.py",
        "a full round loads regardless of class",
        "boarding_order(pool, loaded, whose)",
        "np.lexsort((pool.ready[loaded], whose))",
        f"{STORIES}::test_confidential_mail_of_a_later_day_goes_first_on_a_full_round",
    ),
    Mutation(
        "11 boarding",
        "sim/engine/rounds.py",
        "kilograms never fill a round",
        "(grams > holds_g) | (cm3 > holds_cm3)",
        "cm3 > holds_cm3",
        f"{STORIES}::test_a_full_round_leaves_the_rest_for_its_next_day",
    ),
    Mutation(
        "11 left behind",
        "sim/engine/stops.py",
        "who is left behind chooses in the same second",
        "self._again.append((now + 1, line, behind))",
        "self._again.append((now, line, behind))",
        f"{STORIES}::test_what_is_left_behind_chooses_again",
    ),
    Mutation(
        "11 cancelled",
        "sim/engine/stops.py",
        "a cancelled departure is not counted",
        "self._pool.cancelled[slots] += 1",
        "self._pool.cancelled[slots] += 0",
        f"{TRIPS}::test_items_of_a_cancelled_flight_choose_again_each_day",
    ),
    Mutation(
        "8 search",
        "sim/engine/departures.py",
        "items of one release that are ready before and after a departure take the same",
        "if week != same or row != last:",
        "if week != same:",
        "tests/sim/engine/test_departures.py::test_items_of_one_release_may_be_ready_on_both_sides_of_a_departure",
    ),
    Mutation(
        "8 search",
        "sim/engine/departures.py",
        "ready at the second of departure is too late",
        "from bisect import bisect_left",
        "from bisect import bisect_right as bisect_left",
        f"{STORIES}::test_ready_at_the_second_of_departure_boards_and_a_second_later_does_not",
    ),
    Mutation(
        "8 search",
        "network/model/working_hours.py",
        "the search takes every centre for open",
        "return hours.clock(hours.worked(time) + service_s)",
        "return time + service_s",
        f"{HOURS}::test_each_stop_has_its_own_hours_and_lanes",
    ),
    Mutation(
        "8 search",
        "network/model/working_hours.py",
        "the search allows no time for screening and sorting",
        "hours.clock(hours.worked(time) + service_s)",
        "hours.opens(time)",
        f"{HOURS}::test_each_stop_has_its_own_hours_and_lanes",
    ),
    Mutation(
        "8 search",
        "network/routing/scan.py",
        "off the vehicle when another is no earlier",
        "stay = aboard[0] <= value",
        "stay = aboard[0] < value",
        f"{SEARCH}::test_an_item_that_has_to_change_in_either_case_stays_on_board_the_longer",
    ),
    Mutation(
        "8 search",
        "network/routing/scan.py",
        "changes of trip do not count",
        "value = best[v][at] + 1 if",
        "value = best[v][at] + 0 if",
        f"{SEARCH}::test_of_equal_arrivals_the_fewest_trips_then_the_earliest_then_the_lowest_number",
    ),
    Mutation(
        "8 search",
        "network/routing/search.py",
        "of equal arrivals the latest departure",
        "useful = (value <= later)",
        "useful = (value < later)",
        f"{SEARCH}::test_of_equal_arrivals_the_fewest_trips_then_the_earliest_then_the_lowest_number",
    ),
    Mutation(
        "8 search",
        "network/routing/search.py",
        "all mail flies",
        'mode in self.modes and carrier in ("shared", self.carrier)',
        'carrier in ("shared", self.carrier)',
        f"{SEARCH}::test_only_those_who_may_fly_fly",
    ),
    Mutation(
        "8 search",
        "network/routing/search.py",
        "all mail takes the lines of the post and of the firms",
        'mode in self.modes and carrier in ("shared", self.carrier)',
        "mode in self.modes",
        f"{SEARCH}::test_groups_of_separate_line_hauls",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/coverage.py",
        "an area reached in exactly the hours is not within them",
        "reached = times_h <= hours",
        "reached = times_h < hours",
        f"{COVERAGE}::test_reach_holds_at_the_hour_itself",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/coverage.py",
        "a place reached in exactly the hours is not within them",
        "float((at <= h).mean())",
        "float((at < h).mean())",
        f"{COVERAGE}::test_reach_holds_at_the_hour_itself",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/coverage.py",
        "people reached in exactly the hours are not within them",
        'np.searchsorted(at, asked, side="right")',
        'np.searchsorted(at, asked, side="left")',
        f"{COVERAGE}::test_coverage_is_the_share_of_people_reached_in_time",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/effects.py",
        "a gain counts places only under the limit",
        "<= aim.hours",
        "< aim.hours",
        f"{SCHEDULED}::test_an_effect_counts_places_reached_at_the_limit_itself",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/access.py",
        "who lives at the radius is not within it",
        "away_km <= km",
        "away_km < km",
        "tests/network/accessibility/test_access.py::test_within_a_radius_is_whoever_lives_at_it",
    ),
    Mutation(
        "17 coverage",
        "network/accessibility/scheduled_times.py",
        "mail that nobody sends takes for ever",
        "mean[in_all[name] == 0] = np.nan",
        "mean[in_all[name] == 0] = np.inf",
        f"{SCHEDULED}::test_one_direction_without_mail_leaves_the_other_measured",
    ),
    Mutation(
        "7 capacity",
        "network/capacity/utilisation.py",
        "what is exactly full is not",
        "full = load >= 1.0",
        "full = load > 1.0",
        f"{FULL}::test_a_load_of_one_exactly_is_full",
    ),
    Mutation(
        "1 lengths",
        "network/edit/basics.py",
        "a leg in metres is taken for one in km",
        "if not km <= longest_way_km(line)",
        "if not km <= 1e9",
        f"{ROUTES}::test_given_lengths_lie_between_the_great_circle_and_ten_times_it",
    ),
    Mutation(
        "1 lengths",
        "network/edit/basics.py",
        "a road is shorter than the great circle",
        'if mode == "road" and km < line:',
        'if mode == "road" and km < 0:',
        f"{ROUTES}::test_given_lengths_lie_between_the_great_circle_and_ten_times_it",
    ),
    Mutation(
        "12 rounds",
        "sim/engine/rounds.py",
        "ready at the second of departure misses the round",
        "(pool.ready[slots] <= now)",
        "(pool.ready[slots] < now)",
        f"{STORIES}::test_ready_for_the_round_at_the_second_it_leaves",
    ),
    Mutation(
        "13 collection",
        "sim/engine/round_days.py",
        "accepted at the cut-off goes tomorrow",
        "-((self.table.cut_s[place] - accepted_s) // DAY_S)",
        "-((self.table.cut_s[place] - accepted_s - 1) // DAY_S)",
        f"{STORIES}::test_what_is_accepted_at_the_cut_off_goes_today_and_a_second_later_tomorrow",
    ),
    Mutation(
        "13 collection",
        "sim/engine/round_days.py",
        "rounds run on holidays",
        "np.isin(weekday, days_of) & (too | ~rest)",
        "np.isin(weekday, days_of)",
        f"{STORIES}::test_rural_rounds_rest_on_a_statutory_holiday",
    ),
    Mutation(
        "5 hand-over",
        "sim/engine/rounds.py",
        "the post takes over at once",
        "ready + self._handover_s[pool.brand[slots] + 1, dest]",
        "ready + 0 * self._handover_s[pool.brand[slots] + 1, dest]",
        f"{STORIES}::test_a_brand_without_an_outlet_hands_over_to_the_post",
    ),
    Mutation(
        "14 hours",
        "sim/engine/centres.py",
        "a batch joins by the clock, not by working time",
        "time = self.hours.worked(time)\n        started",
        "time = time + 0\n        started",
        f"{STOPS}::test_what_joins_at_closing_starts_at_opening",
    ),
    Mutation(
        "14 hours",
        "network/model/working_hours.py",
        "finished at closing leaves at opening",
        "divmod(worked - 1, self.day_s)\n        total = day * DAY_S + second + 1",
        "divmod(worked, self.day_s)\n        total = day * DAY_S + second",
        f"{STOPS}::test_what_is_sorted_at_closing_leaves_then_and_not_in_the_morning",
    ),
    Mutation(
        "14 pause",
        "network/model/working_hours.py",
        "no pause between the shifts",
        "self._windows = tuple(shifts_s) or ((0, DAY_S),)",
        "self._windows = ((shifts_s[0][0], shifts_s[-1][1]),) if shifts_s else ((0, DAY_S),)",
        f"{STOPS}::test_work_rests_between_two_shifts",
    ),
    Mutation(
        "14 recheck",
        "sim/engine/stops.py",
        "rechecks aside take no time",
        "ready = ready + self.recheck_s * aside",
        "ready = ready + 0 * aside",
        f"{STOPS}::test_a_recheck_goes_on_in_the_morning",
    ),
    Mutation(
        "14 recheck",
        "sim/engine/centres.py",
        "rechecks on the lane take no time",
        "lane_s += recheck_s * rechecked",
        "lane_s += 0 * rechecked",
        f"{STOPS}::test_a_recheck_on_the_lane_holds_up_the_next",
    ),
    Mutation(
        "14 service",
        "sim/engine/centres.py",
        "sorters draw the lanes' luck",
        'draws.service_s("sort", sorter',
        'draws.service_s("lane", sorter',
        f"{STOPS}::test_exponential_lanes_and_sorters_have_draws_of_their_own",
    ),
    Mutation(
        "15 trains",
        "sim/engine/trips.py",
        "a late train leaves on time",
        "yield env.timeout(late)",
        "yield env.timeout(0)",
        f"{TRIPS}::test_a_late_train_takes_everybody_along_later",
    ),
    Mutation(
        "15 flights",
        "sim/engine/trips.py",
        "cancelled flights fly",
        "if running.cancelled(trip, start):",
        "if False:",
        f"{TRIPS}::test_items_of_a_cancelled_flight_choose_again_each_day",
    ),
    Mutation(
        "15 stops",
        "sim/engine/trips.py",
        "a late vehicle leaves a stop at once",
        "max(tables.depart_s[call + 1] + offset, second + stops_s)",
        "max(tables.depart_s[call + 1] + offset, second)",
        f"{TRIPS}::test_a_late_vehicle_stays_at_a_stop_as_long_as_ever",
    ),
    Mutation(
        "15 driving",
        "sim/chance/driving.py",
        "no rest after a block at the wheel",
        "spent += self.rest_s",
        "spent += 0",
        f"{DRIVING}::test_rests_and_nights_worked_by_hand",
    ),
    Mutation(
        "15 driving",
        "sim/chance/driving.py",
        "no night's stop",
        "spent += self.night_s",
        "spent += 0",
        f"{DRIVING}::test_rests_and_nights_worked_by_hand",
    ),
    Mutation(
        "15 driving",
        "sim/chance/driving.py",
        "a second driver does not help",
        "return round(self.day_s * self.drivers) if",
        "return self.day_s if",
        f"{DRIVING}::test_rests_and_nights_worked_by_hand",
    ),
    Mutation(
        "15 driving",
        "sim/chance/running.py",
        "who drives longer rests no more",
        "taken = self._rule.elapsed_s(driven, allowance)",
        "taken = [a + b - c for a, b, c in zip(usual, driven, nominal, strict=True)]",
        f"{TRIPS}::test_who_drives_on_past_four_hours_rests_once_more",
    ),
    Mutation(
        "15 closures",
        "sim/chance/weather.py",
        "closures that overlap are not merged",
        "if self.ends and begin <= self.ends[-1]:",
        "if False:",
        f"{WEATHER}::test_it_opens_when_all_that_closes_it_is_over",
    ),
    Mutation(
        "15 closures",
        "sim/chance/weather.py",
        "nobody goes round",
        "if round_s < expected:",
        "if False:",
        f"{TRIPS}::test_a_vehicle_goes_round_when_that_is_shorter_than_an_announced_closure",
    ),
    Mutation(
        "15 closures",
        "sim/chance/weather.py",
        "nobody knows what was announced",
        "announced_until = 0 if announced is None else announced.until(now)",
        "announced_until = 0",
        f"{TRIPS}::test_a_vehicle_waits_when_going_round_takes_longer",
    ),
    Mutation(
        "15 closures",
        "sim/chance/weather.py",
        "who is held up comes to the next road in time",
        "before // total + delay",
        "before // total",
        f"{TRIPS}::test_who_is_held_up_on_one_road_comes_later_to_the_next",
    ),
    Mutation(
        "15 closures",
        "network/linehaul/closures.py",
        "a closure that follows another is not known in time",
        "first <= out[-1][1] + _DAY",
        "first <= out[-1][1]",
        f"{CLOSURES}::test_announced_closures_of_a_link_are_put_together",
    ),
    Mutation(
        "16 breakdowns",
        "sim/fleet/line_haul_fleet.py",
        "all of a convoy are in repair when one breaks down",
        "free + self._repair_s * bad",
        "free + self._repair_s * any(broken)",
        f"{TRIPS}::test_the_vehicle_of_a_convoy_that_did_not_break_down_goes_on",
    ),
    Mutation(
        "16 breakdowns",
        "sim/engine/trips.py",
        "no hours by the roadside",
        "running += roadside_s",
        "running += 0",
        f"{TRIPS}::test_a_breakdown_costs_six_hours_on_the_road_and_two_days_of_the_vehicle",
    ),
    Mutation(
        "16 breakdowns",
        "sim/engine/trips.py",
        "help for every broken vehicle in turn",
        "roadside_s = fleet.roadside_s if any(broken) else 0",
        "roadside_s = fleet.roadside_s * sum(broken)",
        f"{TRIPS}::test_a_convoy_waits_once_for_help_however_many_of_it_break_down",
    ),
    Mutation(
        "16 breakdowns",
        "sim/engine/trips.py",
        "help on every leg",
        "            if call == first:\n                running += roadside_s",
        "            if roadside_s:\n                running += roadside_s",
        f"{TRIPS}::test_help_comes_once_on_a_trip_of_several_legs",
    ),
    Mutation(
        "16 turn-round",
        "sim/fleet/line_haul_fleet.py",
        "no turn-round",
        "arrives_s + self._turnround_s + back_s",
        "arrives_s + back_s",
        f"{TRIPS}::test_a_trip_waits_for_the_only_vehicle",
    ),
    Mutation(
        "16 extra trips",
        "sim/fleet/line_haul_fleet.py",
        "an extra trip's vehicles need no way home",
        "arrives_s + self._turnround_s + back_s",
        "arrives_s + self._turnround_s",
        f"{TRIPS}::test_the_vehicles_of_an_extra_trip_need_their_way_home",
    ),
    Mutation(
        "16 extra trips",
        "sim/fleet/line_haul_fleet.py",
        "an extra trip's vehicles stay at its last stop",
        "self._depots[route][way if back_s else 1 - way]",
        "self._depots[route][1 - way]",
        f"{TRIPS}::test_the_vehicles_of_an_extra_trip_need_their_way_home",
    ),
    Mutation(
        "16 patience",
        "sim/fleet/line_haul_fleet.py",
        "trips wait a second less",
        "start + self._patience_s)",
        "start + max(0, self._patience_s - 1))",
        f"{TRIPS}::test_a_trip_gives_up_and_its_mail_takes_the_next_one",
    ),
    Mutation(
        "16 patience",
        "sim/fleet/pools.py",
        "a vehicle that is free as a trip gives up is too late",
        "self._due.discard(now)\n"
        "        self._serve()",
        "self._due.discard(now)",
        f"{VEHICLES}::test_a_vehicle_that_is_free_in_the_second_of_giving_up_is_still_in_time",
    ),
    Mutation(
        "16 vehicles",
        "sim/fleet/pools.py",
        "the lowest row goes first, not who is free longest",
        "while len(taken) < number and free and free[0][0] <= now:\n"
        "                taken.append(heappop(free)[1])\n        return taken",
        "there = sorted(row for second, row in free if second <= now)[:number]\n"
        "            for row in there:\n"
        "                free.remove(next(pair for pair in free if pair[1] == row))\n"
        "            heapify(free)\n"
        "            taken = there\n        return taken",
        f"{VEHICLES}::test_the_vehicle_that_is_free_longest_goes_first",
    ),
    Mutation(
        "16 vehicles",
        "sim/fleet/pools.py",
        "a trip that asks now jumps the queue",
        "if not self._queue:\n            now",
        "if True:\n            now",
        f"{VEHICLES}::test_who_asks_in_the_second_in_which_a_vehicle_comes_is_behind_who_waits",
    ),
    Mutation(
        "16 extra trips",
        "sim/engine/trips.py",
        "an extra trip for whatever is left",
        "if grams >= share * tables.payload_g[route] or cm3 >= share * tables.payload_cm3[route]:",
        "if share:",
        f"{TRIPS}::test_there_is_no_extra_trip_without_a_free_vehicle_or_for_little",
    ),
    Mutation(
        "16 drivers",
        "sim/fleet/line_haul_fleet.py",
        "drivers of extra trips never tire",
        "self._driven_s[route, week] = self._spare_s[route] - left + 2 * driving_s * len(taken)",
        "self._driven_s[route, week] = 0",
        f"{TRIPS}::test_drivers_have_time_for_so_many_extra_trips_a_week",
    ),
    Mutation(
        "16 rounds",
        "sim/fleet/round_vehicles.py",
        "rounds are served by row alone",
        "sorted((last[round_], round_) for",
        "sorted((0, round_) for",
        f"{ATTEMPTS}::test_rounds_take_turns_with_too_few_vehicles",
    ),
    Mutation(
        "16 rounds",
        "sim/fleet/round_vehicles.py",
        "a round that lacks a vehicle does not run",
        "if not taken:",
        "if len(taken) < needs[round_]:",
        f"{ATTEMPTS}::test_a_round_runs_with_the_vehicles_there_are",
    ),
    Mutation(
        "16 rounds",
        "sim/engine/round_days.py",
        "a round that lacks a vehicle holds as much as ever",
        "vehicles[self._own] = self._sent[:, day]",
        "pass",
        f"{ATTEMPTS}::test_a_round_holds_what_the_vehicles_hold_that_it_has",
    ),
    Mutation(
        "16 rounds",
        "sim/fleet/round_vehicles.py",
        "every round is back by the next day",
        "back[vehicle] = day + out[round_]",
        "back[vehicle] = day + 1",
        f"{ATTEMPTS}::test_a_round_of_two_days_keeps_its_vehicle_out",
    ),
    Mutation(
        "16 rounds",
        "sim/fleet/round_vehicles.py",
        "a broken vehicle starts again the next day",
        "for back in range(length):",
        "for back in range(1):",
        f"{ATTEMPTS}::test_a_broken_vehicle_starts_no_round_while_it_is_in_repair",
    ),
    Mutation(
        "1 roads",
        "network/linehaul/timetable.py",
        "faster roads are not",
        "return route.leg_kmh or (speed_kmh(route, assumptions),) * len(route.leg_km)",
        "return (speed_kmh(route, assumptions),) * len(route.leg_km)",
        f"{ROADS}::test_every_trip_over_a_faster_road_takes_the_time_of_its_kilometres",
    ),
    Mutation(
        "1 roads",
        "network/linehaul/timetable.py",
        "the way back has the speeds of the way out",
        "leg_speeds_kmh(route, assumptions)[:: -1 if back else 1]",
        "leg_speeds_kmh(route, assumptions)",
        f"{ROADS}::test_the_way_back_has_its_legs_in_the_other_order",
    ),
    Mutation(
        "15 closures",
        "network/linehaul/closures.py",
        "a season that reaches over New Year ends before it",
        "_day(year + (last < first), last)",
        "_day(year, last)",
        f"{ROADS}::test_a_season_closes_roads_every_year_and_reaches_over_new_year",
    ),
    Mutation(
        "12 attempts",
        "sim/engine/rounds.py",
        "no time between attempts",
        "np.maximum(back, tried + attempts.gap_s)",
        "np.maximum(back, tried)",
        f"{ATTEMPTS}::test_attempts_lie_so_far_apart",
    ),
    Mutation(
        "12 attempts",
        "sim/chance/attempts.py",
        "one attempt more than there may be",
        'self.limit = round(a["attempt_limit"])',
        'self.limit = round(a["attempt_limit"]) + 1',
        f"{ATTEMPTS}::test_after_the_last_attempt_it_goes_back_to_the_senders_stop",
    ),
    Mutation(
        "12 attempts",
        "sim/chance/attempts.py",
        "stations do not help",
        "self._signed[class_of(key)] & self._to_hand[place]",
        "self._signed[class_of(key)]",
        f"{ATTEMPTS}::test_a_village_station_takes_what_nobody_opens_for",
    ),
    Mutation(
        "12 returns",
        "sim/engine/endpoints.py",
        "what comes back for a sender outside goes to a stop",
        "goal = np.where(sender < 0, self._gates.exit[group, outside, base], self._base[inside])",
        "goal = self._base[inside]",
        f"{ATTEMPTS}::test_a_sender_outside_gets_it_back_at_the_gateway",
    ),
)  # fmt: skip


def source(mutation: Mutation, root: Path = ROOT) -> str:
    """Return the text of the file that a mutation changes."""
    return (root / mutation.file).read_text(encoding="utf-8")


def passes(folder: Path, *tests: str) -> bool:
    """Return whether tests pass on the project in a folder."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-m",
        "",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1):  # it did not run at all
        raise RuntimeError(f"{tests}:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def survives(mutation: Mutation) -> bool:
    """Return whether the named test passes in a copy of the project with the mutation in it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, copy / name)
        changed = source(mutation).replace(mutation.old, mutation.new)
        (copy / mutation.file).write_text(changed, encoding="utf-8")
        return passes(copy, mutation.caught_by)


def main() -> int:
    """Try the mutations and print the table; return how the program ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=int, metavar="N", help="number of one mutation, from 1")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="mutations at a time")
    options = parser.parse_args()
    numbered = list(enumerate(MUTATIONS, start=1))
    chosen = numbered if options.only is None else [numbered[options.only - 1]]
    if not passes(ROOT, *sorted({m.caught_by for _, m in chosen})):
        print("Tests that are to catch mutations fail without any.")
        return 1
    rules, files, words = (max(len(m[column]) for m in MUTATIONS) for column in range(3))
    survivors = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for (number, m), alive in zip(chosen, pool.map(lambda pair: survives(pair[1]), chosen), strict=True):
            caught = "SURVIVES" if alive else m.caught_by.removeprefix("tests/")
            print(f"{number:3}  {m.rule:{rules}}  {m.file:{files}}  {m.words:{words}}  {caught}", flush=True)
            survivors += alive
    print(f"{len(chosen) - survivors} of {len(chosen)} mutations are caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
