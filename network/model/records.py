"""The built network: immutable tables that everything else reads.

Nothing in this module computes; it says what a mail network is made of.  The
builder (`network.build`) makes these tables from a report, `network.edit.routes`
returns changed copies, `network.linehaul.timetable` expands the services and
``sim`` moves items over them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from network.errors import UnknownNameError

__all__ = [
    "DAY_S",
    "MODES",
    "PLACE_KINDS",
    "WEEK_S",
    "Centre",
    "MailRoute",
    "Outlet",
    "Places",
    "Round",
    "Service",
    "Vehicle",
    "VehicleClass",
]

DAY_S = 86_400
WEEK_S = 7 * DAY_S
MODES = ("road", "rail", "air")
PLACE_KINDS = (
    "county",  # a county seat; prefecture seats and the regional capital are county seats too
    "township",
    "village",
    "committee",  # neighbourhood committee (urban)
    "natural_village",  # of the border counties
    "monastery",
    "gateway",  # outside the region
)


@dataclass(frozen=True, eq=False, repr=False)
class Places:
    """Every settlement and gateway, one row each, as parallel arrays of length n.

    Ids: county seat ``540102`` (county code), township ``540102002``, village
    ``540102002-v01``, committee ``540102002-c01``, natural village
    ``540221103-v01-n1``, monastery ``M-drepung``, gateway ``GW_XINING``.
    """

    id: np.ndarray  # str
    name_zh: np.ndarray  # str
    name_en: np.ndarray  # str
    kind: np.ndarray  # str, one of PLACE_KINDS
    county: np.ndarray  # str, county code; "" for gateways
    prefecture: np.ndarray  # str, English name; "" for gateways
    township: np.ndarray  # str, id of the township place; "" for county seats and gateways
    lat: np.ndarray  # degrees WGS-84
    lon: np.ndarray
    elevation_m: np.ndarray
    population: np.ndarray  # float, census people living there; sums to the census by county
    urban: np.ndarray  # bool: committee, or a village in a county-seat town
    in_town: np.ndarray  # bool: served by the address rounds of its county seat
    border: np.ndarray  # bool: in one of the border counties
    synthetic: np.ndarray  # bool: coordinates were synthesised
    source: np.ndarray  # str: where the row comes from

    def __len__(self) -> int:
        return len(self.id)

    def __repr__(self) -> str:
        return f"<Places: {len(self):,} rows>"

    @cached_property
    def _row(self) -> dict[str, int]:
        return {str(name): row for row, name in enumerate(self.id)}

    def row(self, place_id: str) -> int:
        """Return the row of a place.

        Raises
        ------
        UnknownNameError
            If no place has this id.
        """
        try:
            return self._row[place_id]
        except KeyError:
            raise UnknownNameError("place", place_id, self._row) from None


@dataclass(frozen=True)
class Service:
    """The weekly trips of one direction of a mail route.

    Offsets are whole seconds from the departure at the first stop;
    ``arrive_s[0] == depart_s[0] == 0`` and ``depart_s[-1] == arrive_s[-1]``.
    """

    stops: tuple[str, ...]  # place ids in order of travel
    leg_km: tuple[float, ...]  # len(stops) - 1
    arrive_s: tuple[int, ...]
    depart_s: tuple[int, ...]
    starts_s: tuple[int, ...]  # seconds of the week, Monday 00:00 = 0, sorted


@dataclass(frozen=True)
class MailRoute:
    """A line-haul service (邮路): never a delivery round."""

    id: str  # "road-012", "rail-01", "air-07"
    name: str
    mode: str  # one of MODES
    kind: str  # trunk feeder chain branch inter-prefecture cross-border | rail | non-stop through
    stops: tuple[str, ...]  # place ids, outward order; the first stop is where its vehicles are based
    leg_km: tuple[float, ...]
    leg_links: tuple[tuple[str, ...], ...]  # road links under each leg ("540102-540103"); () for air
    serves: tuple[str, ...]  # counties (or townships) for which this is the chosen route
    reason: str  # one sentence: why it is in the network
    carrier: str = "shared"  # shared | post | express (rule 6)
    vehicle: str = ""  # a VehicleClass name
    vehicles_per_trip: int = 1
    services: tuple[Service, ...] = ()  # (outward, back)
    base: bool = True  # False for a route that a scenario added
    leg_kmh: tuple[float, ...] = ()  # of each outward leg where a scenario made roads faster; () as its kind
    km_given: bool = False  # leg_km are those that a scenario gave, not ways of the network

    @property
    def km(self) -> float:
        """One-way length, km: the sum of its legs (rule 1)."""
        return float(sum(self.leg_km))


@dataclass(frozen=True)
class VehicleClass:
    """Payload of one vehicle by mass and by volume."""

    name: str  # van | truck-4.2 | truck-6.8 | truck-9.6 | mail-car | belly
    payload_kg: float
    payload_m3: float
    counted: bool = True  # among the published "transport and delivery vehicles"


@dataclass(frozen=True)
class Centre:
    """Where items are handled at a stop: unloaded, screened, sorted.

    ``lanes == 0`` means no screening and no sorting by us (gateways, branch townships):
    an item is then ready ``handling_s`` after it arrives, and there are no hours of work.
    """

    place: str
    tier: str  # region | prefecture | county | township | gateway
    handling_s: dict[str, int] = field(
        hash=False
    )  # by mode of arrival, plus "collect" for what rounds bring in
    lanes: int = 0
    lane_rate_per_h: int = 0
    sorters: int = 0
    sorter_rate_per_h: int = 0
    shifts_s: tuple[tuple[int, int], ...] = ()  # open windows, seconds of the day; () never closes


@dataclass(frozen=True)
class Outlet:
    """Where mail is accepted and held."""

    id: str  # "P-0001", "E-0001"
    place: str  # township place id
    network: str  # postal | express
    brand: str = ""
    firm: str = ""
    base: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Round:
    """A last-mile round (投递段道) from its base to its places and back.

    It delivers what was ready at the base by ``depart_s`` and collects what
    was accepted at each place by ``cut_s``.
    """

    id: str
    base: str  # place id of a stop: county seat or branch township
    kind: str  # town | rural
    terrain: str  # town | near | middle | remote
    places: tuple[str, ...]  # in order of the visit
    visit_s: tuple[int, ...]  # arrival at each place, seconds after midnight of the running day
    cut_s: tuple[int, ...]  # latest acceptance on the running day at each place, seconds after midnight
    intake_s: int  # when the base takes in what was collected, seconds after midnight of the running day
    depart_s: int  # seconds after midnight
    weekdays: tuple[int, ...]  # 0 = Monday
    km: float  # whole round
    vehicle: str
    vehicles: int
    runs_on_holidays: bool
    reason: str = ""
    days_set: bool = False  # a scenario set its weekdays
    back_s: int | None = None  # return, seconds after midnight of the running day; None: not known


@dataclass(frozen=True)
class Vehicle:
    """One of the published vehicles, and where it stands."""

    id: str  # "C-0001"
    vehicle: str  # VehicleClass name
    base: str  # place id
    duty: str  # route id, "rounds" or "spare"
