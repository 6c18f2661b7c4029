"""Scheduled times: how long mail takes to every place by the timetable alone, without queues or chance.

The counterpart of what a run measures.  Mail is accepted over an ordinary week as demand is: by weekday and
hour, place, class, brand and mode group.  It takes the way of `journeys.Journeys`; here all of it is
counted at once, by what each delivery round takes along.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from network.accessibility.ends import Ends, gateway_lags, inbound_lags, place_lags, regional_lags, weights
from network.errors import YizhanError
from network.model.network import Network
from network.numeric.quantiles import reached
from network.routing.from_stops import plan_from
from network.routing.gateways import Gates, gateway_rows
from network.routing.search import Plan, make_plan

__all__ = [
    "BASES",
    "Ends",
    "ScheduledTimes",
    "scheduled",
    "scheduled_from",
]

BASES = {
    "inbound": "from other provinces, acceptance there to first attempt, by the timetable alone",
    "from_gateway": "from other provinces, from the entry gateway on, by the timetable alone",
    "regional": "from within the region, acceptance to first attempt, by the timetable alone",
    "same_prefecture": "from the same prefecture, by the timetable alone",
    "within_region": "from other prefectures of the region, by the timetable alone",
    "mail": "all that is addressed to a place, by the timetable alone",
}
_QUANTILES = (0.5, 0.8, 0.95)


@dataclass(frozen=True, eq=False)
class ScheduledTimes:
    """Times from acceptance to first attempt by the timetable alone.

    Arrays of times are by place, in hours, ``nan`` where no round comes or no such mail is addressed to, and
    infinite where no route leads; by basis of `BASES`.
    """

    profile: np.ndarray  # (places,) row of the profile, -1 without a round
    visit_h: np.ndarray  # (places,) hour of the round's visit
    items: Mapping[str, np.ndarray]  # (places,) items a year
    upto: Mapping[str, np.ndarray]  # (profiles, lags + 1) share that has come, by hours before the visit
    mean_h: Mapping[str, np.ndarray]

    def quantile_h(self, basis: str, q: float) -> np.ndarray:
        """Return the hours within which a share `q` of a place's mail comes; (places,)."""
        hours = _quantile(self.upto[basis], q)
        return np.where(np.isnan(self.mean_h[basis]), np.nan, hours[self.profile] + self.visit_h)

    def within(self, basis: str, hours: float | np.ndarray) -> np.ndarray:
        """Return the share of each place's mail that comes within hours, of all or of each; (places,)."""
        table = self.upto[basis]
        at = np.clip(hours - self.visit_h + 24, 0.0, table.shape[1] - 1.0)
        low = np.minimum(at.astype(np.int64), table.shape[1] - 2)
        part = at - low
        a, b = table[self.profile, low], table[self.profile, low + 1]
        return np.where(self.profile >= 0, a + part * (b - a), 0.0)

    def updated(self, other: ScheduledTimes, profiles: np.ndarray) -> ScheduledTimes:
        """Return these times with those of some profiles from another count, in their order.

        Parameters
        ----------
        other
            Times of these profiles alone, as of `Receivers.only`.
        profiles
            (profiles,) bool: which they are.
        """
        upto = {}
        for name, table in self.upto.items():
            length = max(table.shape[1], other.upto[name].shape[1])
            upto[name] = _longer(table, length)
            upto[name][profiles] = _longer(other.upto[name], length)
        there = other.profile >= 0
        mean_h = {name: np.where(there, other.mean_h[name], mean) for name, mean in self.mean_h.items()}
        return replace(self, upto=upto, mean_h=mean_h)

    def pooled(self, basis: str, group: np.ndarray, groups: int) -> np.ndarray:
        """Return the share of all mail to groups of places that has come, by whole hours; (groups, hours).

        Column k is what has come within k hours.  A group to which nothing is sent has a row of ``nan``.
        """
        table = self.upto[basis]
        weight = self.items[basis]
        counted = np.flatnonzero((group >= 0) & (weight > 0) & (self.profile >= 0))
        hour = np.floor(self.visit_h).astype(np.int64)
        part = self.visit_h - hour
        total = np.bincount(group[counted], weight[counted], groups)
        most = int(hour.max(initial=0)) + 2
        tables = np.zeros((groups, table.shape[1] + most))
        for late in np.unique(hour[counted]).tolist():
            now = counted[hour[counted] == late]
            for shift, share in ((late, weight[now] * (1 - part[now])), (late + 1, weight[now] * part[now])):
                block = (
                    sparse.csr_array((share, (group[now], self.profile[now])), shape=(groups, len(table)))
                    @ table
                )
                tables[:, shift : shift + table.shape[1]] += block
                tables[:, shift + table.shape[1] :] += block[:, -1:]
        return np.divide(tables, total[:, None], out=np.full_like(tables, np.nan), where=total[:, None] > 0)[
            :, 24:
        ]

    def pooled_h(
        self, basis: str, group: np.ndarray, groups: int, quantiles: Sequence[float]
    ) -> dict[float, np.ndarray]:
        """Return, by share, the hours within which it comes of all mail to groups of places; (groups,)."""
        table = self.pooled(basis, group, groups)
        sent = ~np.isnan(table[:, 0])
        hours = {q: np.full(groups, np.nan) for q in quantiles}
        for q, at in hours.items():
            at[sent] = _quantile(table[sent], q) + 24
        return hours

    def rows(
        self, basis: str, group: np.ndarray, names: Sequence[str], hours: Sequence[int]
    ) -> dict[str, Any]:
        """Return a row of measures for each group of places to which anything is sent."""
        counted = (group >= 0) & (self.items[basis] > 0) & (self.profile >= 0)
        table = self.pooled(basis, group, len(names))
        come = self.items[basis][counted] * self.upto[basis][self.profile[counted], -1]
        n = np.bincount(group[counted], come, len(names))
        spent = np.bincount(
            group[counted], come * np.nan_to_num(self.mean_h[basis][counted], posinf=0.0), len(names)
        )
        times = {q: _quantile(np.nan_to_num(table), q) + 24 for q in _QUANTILES}
        return {
            name: {
                "mean_h": float(spent[g] / n[g]) if n[g] > 0 else None,
                **{f"p{round(100 * q)}_h": _finite(at[g]) for q, at in times.items()},
                "within": {str(h): float(table[g, min(h, table.shape[1] - 1)]) for h in hours},
            }
            for g, name in enumerate(names)
            if not np.isnan(table[g, 0])
        }


def _longer(upto: np.ndarray, length: int) -> np.ndarray:
    """Return a copy with further lags, in which nothing comes."""
    return np.pad(upto, ((0, 0), (0, length - upto.shape[1])), mode="edge")


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _quantile(upto: np.ndarray, q: float) -> np.ndarray:
    """Return, from shares by lag, the hours at which a share is reached; infinite where it never is."""
    share = reached(q, 1.0)
    at = np.argmax(upto >= share, axis=1)
    never = upto[:, -1] < share
    row = np.arange(len(upto))
    low, high = upto[row, np.maximum(at - 1, 0)], upto[row, at]
    part = np.divide(share - low, high - low, out=np.ones(len(upto)), where=high > low)
    return np.where(never, np.inf, at - 1 + part - 24)


def scheduled(
    network: Network,
    plan: Plan | None = None,
    ends: Ends | None = None,
    bases: Collection[str] = tuple(BASES),
    way: Gates | None = None,
) -> ScheduledTimes:
    """Return the scheduled times of a network.

    Parameters
    ----------
    network
        The network.
    plan
        Its routing, if at hand; for mail of other provinces that from the gateways will do.
    ends
        What does not depend on routes, if at hand: of this network or of one that differs from it in its
        routes alone (same rounds, outlets, centres, assumptions and demand).
    bases
        Which of `BASES` are wanted; each costs.
    way
        Which gateways mail of other provinces comes by, if at hand.

    Notes
    -----
    Means are exact, but for fractions of a second; shares are exact at whole hours before the visit of a
    round, and even between them.
    """
    inbound_alone = {"inbound", "from_gateway"}.issuperset(bases)
    if plan is None:
        plan = plan_from(network, gateway_rows(network)) if inbound_alone else make_plan(network)
    ends = Ends.of(network) if ends is None else ends
    receivers = ends.receivers
    outer = {"inbound"} if "mail" in bases else set()
    lags = inbound_lags(network, plan, ends, outer | set(bases), way)
    if not inbound_alone:
        lags |= regional_lags(network, plan, ends)
        length = max(table.shape[1] for table in lags.values())
        lags = {name: np.pad(table, ((0, 0), (0, length - table.shape[1]))) for name, table in lags.items()}
        lags["regional"] = lags["same_prefecture"] + lags["within_region"]
        if "mail" in bases:
            lags["mail"] = lags["inbound"] + lags["regional"]
    in_all = weights(ends)
    items = {"inbound": receivers.inbound, "from_gateway": receivers.inbound, "regional": receivers.regional}
    items["mail"] = receivers.inbound + receivers.regional
    near = np.divide(
        in_all["same_prefecture"],
        in_all["regional"],
        out=np.zeros(receivers.profiles),
        where=in_all["regional"] > 0,
    )
    items["same_prefecture"] = receivers.regional * np.where(
        receivers.profile >= 0, near[receivers.profile], 0.0
    )
    items["within_region"] = receivers.regional - items["same_prefecture"]
    return _times(ends, {name: lags[name] for name in BASES if name in bases}, in_all, items)


def scheduled_from(
    network: Network, origin: str, plan: Plan | None = None, ends: Ends | None = None
) -> ScheduledTimes:
    """Return the times from one place of the region, or from one gateway on, to all others; basis "origin".

    Mail from a place is mixed as what each place receives of the region's, mail from a gateway as what it
    receives of other provinces'.

    Parameters
    ----------
    network
        The network.
    origin
        Place id.
    plan, ends
        As for `scheduled`.

    Raises
    ------
    UnknownNameError
        If there is no such place.
    YizhanError
        If no round collects there, or it is a gateway that no route serves.
    """
    row = network.places.row(origin)
    plan = make_plan(network) if plan is None else plan
    ends = Ends.of(network) if ends is None else ends
    receivers = ends.receivers
    if network.places.kind[row] == "gateway":
        if origin not in network.stop_row:
            raise YizhanError(f"no mail route serves {network.places.name_en[row]} ({origin})")
        lags, items = gateway_lags(network, plan, ends, origin), receivers.inbound
        in_all = sum(receivers.share_inward.values(), np.zeros(receivers.profiles))
    else:
        if ends.mile.round_row[row] < 0:
            raise YizhanError(f"no round collects at {network.places.name_en[row]} ({origin})")
        lags, items = place_lags(network, plan, ends, row), receivers.regional
        in_all = sum(receivers.share_within.values(), np.zeros(receivers.profiles))
    return _times(ends, {"origin": lags}, {"origin": in_all}, {"origin": items})


def _times(
    ends: Ends,
    lags: Mapping[str, np.ndarray],
    in_all: Mapping[str, np.ndarray],
    items: Mapping[str, np.ndarray],
) -> ScheduledTimes:
    profile, visit_h = ends.receivers.profile, ends.mile.visit_s / 3600
    upto, mean_h = {}, {}
    for name, table in lags.items():
        whole = in_all[name][:, None]
        share = np.divide(table, whole, out=np.zeros_like(table), where=whole > 0)
        upto[name] = np.concatenate([np.zeros((len(share), 1)), np.cumsum(share, axis=1)], axis=1)
        come = upto[name][:, -1]
        middle = np.arange(table.shape[1]) - 23.5
        mean = np.divide(share @ middle, come, out=np.full(len(share), np.inf), where=come > 1e-9)
        mean[in_all[name] == 0] = np.nan
        mean_h[name] = np.where(profile >= 0, mean[profile] + visit_h, np.nan)
    return ScheduledTimes(profile, visit_h, items, upto, mean_h)
