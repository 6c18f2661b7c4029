"""Every confidential item has one unbroken chain of hands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from network.model.demand import DemandScale, DemandSettings
from network.model.network import Network
from sim.run import RunPlan, simulate
from sim.state.custody import custody_log
from sim.state.records import DELIVERED

NEXT = {
    "accepted": {"taken in"},
    "taken in": {"boarded", "out on round"},
    "boarded": {"unloaded"},
    "unloaded": {"boarded", "out on round"},
    "out on round": {"delivered"},
}


def test_confidential_mail_passes_from_hand_to_hand(xizang_2021: Network) -> None:
    scales = (
        DemandScale(0.0, ("ems", "express", "newspaper", "letter", "parcel")),
        DemandScale(0.5, ("confidential",)),
    )
    network = replace(xizang_2021, demand=DemandSettings(scales))
    run = simulate(network, RunPlan(dt.date(2021, 4, 12), 0, 7))
    log = custody_log(network, run.custody)
    items = run.items
    assert len(items["key"]) > 300
    assert set(items["cls"].tolist()) == {0}
    assert (np.diff(log["key"]) >= 0).all()
    hands = log["hand"].tolist()
    same = np.diff(log["key"]) == 0
    for i in np.flatnonzero(same).tolist():
        assert hands[i + 1] in NEXT[hands[i]], hands[i : i + 2]
        assert log["from_s"][i] <= log["from_s"][i + 1]
    assert all(hands[i] == "accepted" for i in (np.flatnonzero(~same) + 1).tolist())

    delivered = items["key"][items["outcome"] == DELIVERED]
    last = {key: (hand, second) for key, hand, second in zip(log["key"], hands, log["from_s"], strict=True)}
    ends = dict(zip(items["key"].tolist(), items["ended_s"].tolist(), strict=True))
    assert len(delivered) > 100
    assert all(last[key] == ("delivered", ends[key]) for key in delivered.tolist())
    rides = np.array(hands) == "boarded"
    assert set(log["where"][rides].tolist()) <= {r.id for r in network.routes if r.carrier != "express"}
