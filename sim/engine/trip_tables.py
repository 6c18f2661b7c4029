"""What all trips read: calls, capacities, and the line of each departure at its stop."""

from __future__ import annotations

from itertools import pairwise

from network.model.network import Network
from network.model.records import MODES
from network.routing.search import Plan

__all__ = ["TripTables"]


class TripTables:
    """Tables of the trips of a network; lists, for they are read one by one."""

    def __init__(self, network: Network, plan: Plan) -> None:
        table = plan.timetable
        self.first = table.first.tolist()
        self.stop = table.stop.tolist()
        self.arrive_s = table.arrive_s.tolist()
        self.depart_s = table.depart_s.tolist()
        self.stays_s = (table.depart_s - table.arrive_s).tolist()
        self.route = table.route.tolist()
        self.direction = table.direction.tolist()
        classes = network.vehicle_classes
        self.mode = [MODES.index(route.mode) for route in network.routes]
        self.vehicles = [route.vehicles_per_trip for route in network.routes]
        self.payload_g = [round(classes[route.vehicle].payload_kg * 1000) for route in network.routes]
        self.payload_cm3 = [round(classes[route.vehicle].payload_m3 * 1e6) for route in network.routes]
        # A departure that no item would ever choose has no line, and -1 here.
        self.line = [-1] * len(self.stop)
        for stop in plan.stops:
            for line, call in enumerate(stop.call.tolist()):
                self.line[call] = line
        #: By trip, the calls after the first at which items may board.
        self.boards = [
            [call for call in range(a + 1, b - 1) if self.line[call] >= 0] for a, b in pairwise(self.first)
        ]
