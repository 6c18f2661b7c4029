"""Charts: one plot a function, from data to an axes; nothing is ever shown, and no internet is needed.

Every function takes the data and ``ax=None``, makes a figure of its own when
none is given, and returns the axes; `save` writes it as PNG and SVG.
"""

from __future__ import annotations

from scenarios.charts.album import draw_comparison, draw_ladder, draw_run
from scenarios.charts.compare import beyond_timetable_map, difference_curve, difference_map
from scenarios.charts.compliance import in_time_bars
from scenarios.charts.cost import cost_bars, cost_map
from scenarios.charts.curves import coverage_curve
from scenarios.charts.ladder import frontier_chart, ladder_chart
from scenarios.charts.load import route_load
from scenarios.charts.maps import coverage_by_county, coverage_map, route_map
from scenarios.charts.plan import draw_plan, frontier, plan_map
from scenarios.charts.style import MODE_COLOURS, chinese_font, save, use_font_file
from scenarios.charts.times import transit_times
from scenarios.charts.warmup import start_up

__all__ = [
    "MODE_COLOURS",
    "beyond_timetable_map",
    "chinese_font",
    "cost_bars",
    "cost_map",
    "coverage_by_county",
    "coverage_curve",
    "coverage_map",
    "difference_curve",
    "difference_map",
    "draw_comparison",
    "draw_ladder",
    "draw_plan",
    "draw_run",
    "frontier",
    "frontier_chart",
    "in_time_bars",
    "ladder_chart",
    "plan_map",
    "route_load",
    "route_map",
    "save",
    "start_up",
    "transit_times",
    "use_font_file",
]
