"""Put the observed facts beside a run's answers, and write the table of docs/observed.md.

    python docs/observe.py runs/xizang-2021-...            # print the table
    python docs/observe.py runs/xizang-2021-... --write    # and put it into the page

The facts were kept apart from the choice of every assumed default (rule 21).
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from network.model import DAY_S
from scenarios.store import StoredRun, open_run
from sim.demand import INBOUND
from sim.run import make_demand

PAGE = Path(__file__).with_name("observed.md")
BLOCK = re.compile(r"(<!-- observed -->\n).*?(<!-- end -->)", re.DOTALL)


class Cohort:
    """The measured express items of the first replication of a run."""

    def __init__(self, run: StoredRun) -> None:
        self.network = run.network
        self.places = run.network.places
        self.plan = run.scenario.plan
        items = run.columns("items")
        codes = [row["code"] for row in self.network.assumptions.table("classes")]
        first = items["replication"] == items["replication"].min()
        mine = first & (items["cls"] == codes.index("express"))
        self.items = {name: column[mine] for name, column in items.items()}
        self.dest = np.maximum(self.items["dest"], 0)
        self.inbound = self.items["direction"] == INBOUND
        # Undelivered items count as never arriving, they are not dropped.
        took = self.items["ended_s"].astype(float) - self.items["accepted_s"]
        self.days = np.where(self.items["ended_s"] >= 0, took / DAY_S, np.inf)

    @cached_property
    def flies(self) -> np.ndarray:
        """Whether each item may go by air; drawn again, since the records do not hold it."""
        first = int(self.items["replication"][0]) if len(self.days) else 0
        demand = make_demand(self.network, self.plan.seed, first)
        begin = self.plan.start + dt.timedelta(days=self.plan.warmup_days)
        out = np.zeros(len(self.days), dtype=bool)
        for day in range(self.plan.measured_days):
            drawn = demand.day(begin + dt.timedelta(days=day))
            air = drawn.key[drawn.flies]
            out |= np.isin(self.items["key"], air)
        return out

    def to(self, county: str) -> np.ndarray:
        """Return which items go to a county, by its English name."""
        names, kinds = self.places.name_en, self.places.kind
        code = self.places.id[(names == county) & (kinds == "county")][0]
        return np.asarray((self.places.county[self.dest] == code) & (self.items["dest"] >= 0))

    def from_outside(self, name: str) -> np.ndarray:
        """Return which items come from an outside class, by its code."""
        codes = [row["code"] for row in self.network.assumptions.table("outside")]
        return np.asarray(self.inbound & (self.items["origin"] == -1 - codes.index(name)))

    def spell(self, which: np.ndarray) -> str:
        """Return the middle and the middle four fifths of the times, in days."""
        days = self.days[which]
        if not len(days):
            return "no such item"
        low, mid, high = (float(x) for x in np.quantile(days, (0.1, 0.5, 0.9), method="higher"))
        return f"median {mid:.1f} days, 10–90 %: {low:.1f}–{high:.1f} ({len(days):,} items)"

    def a_day(self, which: np.ndarray) -> str:
        """Return how many items a day are for some places."""
        return f"{which.sum() / self.plan.measured_days:,.0f} express items a day"


@dataclass(frozen=True)
class Fact:
    """One observed fact and how to ask the model for it."""

    about: str
    observed: str
    source: str
    model: Callable[[Cohort], str]


def _tingri(cohort: Cohort) -> str:
    rural = ~cohort.places.in_town[cohort.dest]
    return cohort.spell(cohort.inbound & cohort.to("Tingri") & rural)


def _zhaxizom(cohort: Cohort) -> str:
    rows = np.flatnonzero((cohort.places.name_zh == "扎西宗乡") & (cohort.places.kind == "township"))
    town = cohort.places.id[rows]
    return cohort.a_day(cohort.to("Tingri") & np.isin(cohort.places.township[cohort.dest], town))


FACTS = (
    Fact(
        "order from another province to a Tingri township",
        "ordered on the 11th, delivered on the 19th: 8 days, one order, the shop's time included",
        "Xinhua, 3 Dec 2020",
        _tingri,
    ),
    Fact(
        "other provinces to Xizang",
        "4–7 days in 2025, before that 5 and more",
        "Beijing Daily, 21 Oct 2025",
        lambda cohort: cohort.spell(cohort.inbound),
    ),
    Fact(
        "Hubei and Lhasa, by land",
        "7–10 days",
        "China Daily, 11 Jul 2025",
        lambda cohort: cohort.spell(
            cohort.from_outside("central") & cohort.to("Chengguan (Lhasa)") & ~cohort.flies
        ),
    ),
    Fact(
        "Hubei and Lhasa, by air",
        "2–4 days",
        "China Daily, 11 Jul 2025",
        lambda cohort: cohort.spell(
            cohort.from_outside("central") & cohort.to("Chengguan (Lhasa)") & cohort.flies
        ),
    ),
    Fact(
        "items of the outlet of Tsona (Cona)",
        "over 200 a day in 2023",
        "Xinhua, 27 Feb 2023",
        lambda cohort: cohort.a_day(cohort.to("Cona")),
    ),
    Fact(
        "items of the station of Zhaxizom, Tingri",
        "about 100 a day in 2025",
        "People's Daily, 14 Nov 2025",
        _zhaxizom,
    ),
)


def table(run: StoredRun) -> str:
    """Return the observed facts beside the model's answers, in Markdown."""
    cohort = Cohort(run)
    lines = ["| | observed | source | the model |", "|---|---|---|---|"]
    lines += [f"| {f.about} | {f.observed} | {f.source} | {f.model(cohort)} |" for f in FACTS]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the table of a run folder, or write it into the page."""
    parser = argparse.ArgumentParser(description="Observed facts beside a run's answers.")
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--write", action="store_true", help="put the table into docs/observed.md")
    given = parser.parse_args()
    found = table(open_run(given.run))
    print(found, end="")
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda m: m[1] + found + m[2], page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
