"""World functions and stand-ins for studies, where workers can import them."""

from __future__ import annotations

import importlib.util
import math
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from network.fleet.requirements import needs
from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from scenarios.definition.resolve import Resolved
from scenarios.uncertainty.answers import Answer, Row
from scenarios.uncertainty.worlds import Design, Input, Refused

A, B = 7.0, 0.1
VARIANCE = A**2 / 8 + B * math.pi**4 / 5 + B**2 * math.pi**8 / 18 + 0.5
#: First-order and total indices of the Ishigami function (Ishigami & Homma 1990), in closed form.
ISHIGAMI_FIRST = (
    0.5 * (1 + B * math.pi**4 / 5) ** 2 / VARIANCE,
    A**2 / 8 / VARIANCE,
    0.0,
)
_BOTH = 8 * B**2 * math.pi**8 / 225 / VARIANCE
ISHIGAMI_TOTAL = (ISHIGAMI_FIRST[0] + _BOTH, ISHIGAMI_FIRST[1], _BOTH)


def ishigami(values: Mapping[str, float], detail: Any = None) -> Answer:
    x1, x2, x3 = (values[name] for name in ("x1", "x2", "x3"))
    y = math.sin(x1) + A * math.sin(x2) ** 2 + B * x3**4 * math.sin(x1)
    return Answer([Row("f", "scheduled", 0, "y", y)])


def ishigami_design(worlds: int, idle: int = 3) -> Design:
    """Return a design over its three inputs, and some that do nothing."""
    names = [f"x{k + 1}" for k in range(3 + idle)]
    inputs = tuple(Input(name, -math.pi, math.pi, 0.0) for name in names)
    return Design(inputs, worlds, seed=3, spread="uniform")


def moody(values: Mapping[str, float], detail: Any = None) -> Answer:
    """Refuse half of the draws, and fail in one world."""
    if values["x1"] < 0:
        raise Refused("fleet", "too few")
    if detail == "fail":
        raise RuntimeError("a run\nthat fails")
    return Answer([Row("f", "scheduled", 0, "y", values["x1"])], [("g", "scheduled", "no such route")])


def slowly(values: Mapping[str, float], detail: Any = None) -> Answer:
    time.sleep(0.15)
    return ishigami(values)


# What executors are asked to do.


def square(work: int, report: Any) -> int:
    report(0.5)
    return work * work


def sometimes(work: int, report: Any) -> int:
    if work == 2:
        raise Unpicklable("two", "is wrong")
    return work


class Unpicklable(Exception):
    """An error whose pickle cannot be read: its arguments are not those of its message."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def deadly(work: int, report: Any) -> int:
    if work == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return work


def lasting(work: str, report: Any) -> None:
    """Tell the number of the process, and go on for long."""
    (Path(work) / f"{os.getpid()}.pid").touch()
    time.sleep(600)


def once_deadly(work: tuple[int, str], report: Any) -> int:
    """End the process of one task, the first time."""
    number, folder = work
    marker = Path(folder) / "died"
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


# A small network in place of the region's.


@cache
def _small() -> Network:
    path = Path(__file__).parents[1] / "conftest.py"
    spec = importlib.util.spec_from_file_location("conftest_of_tests", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_small_network()


def fit(resolved: Resolved) -> Network:
    """Return the small network with the assumptions of a world; refuse where the speed is low."""
    network = _small()
    if resolved.assumptions["trunk_speed_kmh"] < 41:
        raise ValueError("trunks are too slow")
    demand = DemandSettings(scales=(DemandScale(0.005), DemandScale(0.0, ("newspaper",))))
    settings = replace(network.settings, draw=resolved.scenario.options.draw)
    return replace(network, assumptions=resolved.assumptions, settings=settings, demand=demand)


def measure(network: Network) -> dict[str, Any]:
    """Return some numbers of a network in place of its scheduled measures."""
    speed = network.assumptions["trunk_speed_kmh"]
    trips = len(network.routes)
    return {
        "transit": {"all": {"mean_h": 3000 / speed - 0.1 * trips, "p80_h": 4000 / speed}},
        "frequency": {"mean_wait_h": 24.0 + network.assumptions["handover_h"] / 100},
        "needs": {"vehicles": needs(network).vehicles},
    }
