"""The summary of a comparison: ten lines that a manager can read, and what they do not show.

Every number is taken from a table of the folder (`scenarios.traced`); titles of
scenarios stand in quotation marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.ladder import headline_of
from scenarios.traced import Tables

__all__ = ["TITLE", "summary_text"]

TITLE = "# What the comparison says"
VILLAGES = "transit.by_tiers.gateway.village.at_close.mean_h"
REACHED = "coverage.from_gateway.within.168.people"
IN_TIME = "transit.all.within.168"
Row = Mapping[str, Any]


def summary_text(tables: Tables, measure: str) -> str:
    """Return ``summary.md``; `tables` then knows the source of every number in it.

    Parameters
    ----------
    tables
        ``ladder.csv``, ``differences.csv``, ``items.csv`` and ``comparison.json``.
    measure
        Measure of the ladder.
    """
    teller = _Teller(tables, measure)
    lines = [
        teller.compared(),
        teller.today(),
        teller.best(),
        teller.clear(),
        teller.measured(VILLAGES, "Mail from other provinces to villages", "h", -1),
        teller.measured(REACHED, "People reached within a week from the gateway on", "%", 1),
        teller.takes(),
        teller.money(),
        teller.losers(),
        teller.chance(),
    ]
    told = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return f"{TITLE}\n\n{told}\n\n**What this does not show.** {teller.not_shown()}\n"


class _Teller:
    """Writes the lines one after the other, in the order of the text."""

    def __init__(self, tables: Tables, measure: str) -> None:
        self.t, self.measure, self.shown = tables, measure, headline_of(measure)
        self.rungs: Sequence[Row] = [row for row in tables.csv["ladder.csv"] if row["verdict"] != "base"]
        self.better = self.shown.better or -1
        share = self.shown.unit == "share"
        self.scale, self.unit = (100.0, "points") if share else (1.0, self.shown.unit)
        self.replications = int(self.t.value("comparison.json", {}, "replications") or 1)
        # Expansions are judged on the base's own items; other demand or another year is no offer.
        self.offers = [row for row in self.rungs if int(row["paired"]) and str(row["same_items"]) != "0"]

    def _of(
        self, row: Row, column: str, digits: int = 1, scale: float | None = None, form: str = "size"
    ) -> str:
        named = {"scenario": row["scenario"]}
        return self.t.number(
            "ladder.csv", named, column, digits, self.scale if scale is None else scale, form
        )

    def _within(
        self, row: Row, column: str = "half_width", digits: int = 1, scale: float | None = None
    ) -> str:
        """Return " (± x)" where there is an interval."""
        if self.t.value("ladder.csv", {"scenario": row["scenario"]}, column) is None:
            return ""
        return f" (± {self._of(row, column, digits, scale)})"

    def _cell(
        self, row: Row, measure: str, column: str, digits: int, scale: float, form: str = "size"
    ) -> str:
        where = {"scenario": row["scenario"], "measure": measure}
        return self.t.number("differences.csv", where, column, digits, scale, form)

    def _value(self, row: Row, measure: str, column: str) -> float | None:
        return self.t.value("differences.csv", {"scenario": row["scenario"], "measure": measure}, column)

    def compared(self) -> str:
        """Say what was compared with what."""
        t = self.t
        told = f"Compared: {t.number('comparison.json', {}, 'others')} scenarios with “{self._base()}”, "
        told += f"each over {t.number('comparison.json', {}, 'measured_days')} days and "
        n = t.number("comparison.json", {}, "replications")
        told += f"{n} replication{'s' if self.replications > 1 else ''}"
        told += "; all with the same items, weather and breakdowns"
        apart = [row for row in self.rungs if not int(row["paired"])]
        more = [row for row in self.rungs if int(row["paired"]) and str(row["same_items"]) == "0"]
        parts = []
        if more:
            parts.append(f"{_list(more)}, with other demand")
        if apart:
            parts.append(f"{_list(apart)}, with items and dates of another year")
        if parts:
            told += " but " + "; and ".join(parts)
        return told + "."

    def _base(self) -> str:
        return str(self.t.json["comparison.json"]["title"])

    def today(self) -> str:
        """Say where the base stands."""
        base = next(row for row in self.t.csv["ladder.csv"] if row["verdict"] == "base")
        unit = "%" if self.unit == "points" else self.unit
        told = f"Today “{self.shown.label}” is {self._of(base, 'value')} {unit}"
        if self.rungs and self.measure != IN_TIME and self._value(self.rungs[0], IN_TIME, "base") is not None:
            told += f", and {self._cell(self.rungs[0], IN_TIME, 'base', 1, 100)} % come within a week"
        return told + "."

    def best(self) -> str:
        """Say which scenario is best, which is next, and whether they are told apart."""
        good = [row for row in self.offers if row["difference"] * self.better > 0]
        if not good:
            return "No scenario with the same items is better than the base."
        first = good[0]
        told = f"Best: “{first['title']}”, {self._of(first, 'difference')} {self.unit} better"
        told += self._within(first)
        at = self.rungs.index(first)
        after = self.rungs[at + 1] if at + 1 < len(self.rungs) else None
        if len(good) < 2 or after is not good[1]:
            return told + "."
        told += f"; next “{after['title']}”, {self._of(after, 'difference')}{self._within(after)}"
        step, half = first["to_next"], first["to_next_half_width"]
        if half is None:
            return told + "."
        apart = "are told apart" if abs(step) > half else "are not told apart"
        return (
            told
            + f"; the two {apart}: {self._of(first, 'to_next')} {self.unit} between them{self._within(first, 'to_next_half_width')}."
        )

    def clear(self) -> str:
        """Count the verdicts."""
        if self.replications < 2:
            return "One replication gives no intervals: nothing here is set apart from chance."
        t = self.t
        told = f"When all are read together, clearly better than today: {t.count('ladder.csv', verdict='better')}; "
        told += f"clearly worse: {t.count('ladder.csv', verdict='worse')}; "
        if any(str(row["verdict"]).startswith("alone") for row in self.rungs):
            told += f"better only when read alone: {t.count('ladder.csv', verdict='alone better')}; "
            told += f"worse only so: {t.count('ladder.csv', verdict='alone worse')}; "
        return told + f"not told from no change: {t.count('ladder.csv', verdict='open')}."

    def measured(self, measure: str, label: str, unit: str, better: int) -> str:
        """Say which scenario is best by another measure."""
        scale, gain_unit = (100.0, "points") if unit == "%" else (1.0, unit)
        known = [(self._value(row, measure, "difference"), row) for row in self.offers]
        able = [(value * better, row["scenario"], row) for value, row in known if value is not None]
        if not able or max(able)[0] <= 0:
            return f"{label}: no scenario with the same items gains anything."
        row = max(able)[2]
        word = "less" if better < 0 else "more"
        told = f"{label}: “{row['title']}” gains most, {self._cell(row, measure, 'difference', 1, scale)} {gain_unit} {word}"
        if self._value(row, measure, "half_width") is not None:
            told += f" (± {self._cell(row, measure, 'half_width', 1, scale)})"
        return (
            told
            + f", from {self._cell(row, measure, 'base', 1, scale)} to {self._cell(row, measure, 'other', 1, scale)} {unit}."
        )

    def takes(self) -> str:
        """Say what the gains take in vehicles."""
        good = [row for row in self.offers if row["difference"] * self.better > 0]
        on = [row for row in good if int(row["frontier_vehicles"])]
        if not on:
            return "No gain to be had for vehicles."
        free = [row for row in on if row["vehicles"] <= 0]
        paid = [row for row in on if row["vehicles"] > 0]
        told = "Vehicles: "
        if free:
            told += (
                f"“{free[0]['title']}” gains {self._of(free[0], 'difference')} {self.unit} without one more"
            )
        if paid:
            told += "; " if free else ""
            told += (
                f"of those that take some, only “{paid[0]['title']}” gains more than others take, with "
                if free
                else (f"“{paid[0]['title']}” gains {self._of(paid[0], 'difference')} {self.unit} with ")
            )
            told += f"{self._of(paid[0], 'vehicles', 0, 1.0)} vehicles and {self._of(paid[0], 'drivers', 0, 1.0)} drivers"
        elif free:
            others = [row for row in good if row["vehicles"] > 0]
            told += ", and no scenario that takes some gains more" if others else ""
        return told + "."

    def money(self) -> str:
        """Say what the best scenario costs, and which is the cheapest gain."""
        priced = [
            row
            for row in self.offers
            if row["difference"] * self.better > 0 and row["yuan_per_week"] is not None
        ]
        if not priced:
            return "Cost was not counted for any scenario that gains."
        first = priced[0]
        told = f"Money: “{first['title']}” costs {self._yuan(first)} than today"
        least = min(priced, key=lambda row: (row["yuan_per_week"], row["scenario"]))
        if least is not first:
            told += f"; the cheapest gain is “{least['title']}”, {self._yuan(least)}"
        return told + "."

    def _yuan(self, row: Row) -> str:
        """Return what a scenario costs more or less a week."""
        large = abs(row["yuan_per_week"]) >= 1e6
        word, scale, digits = ("million", 1e-6, 2) if large else ("thousand", 1e-3, 0)
        told = f"{self._of(row, 'yuan_per_week', digits, scale)}"
        told += self._within(row, "yuan_per_week_half_width", digits, scale)
        return f"{told} {word} yuan a week {'more' if row['yuan_per_week'] > 0 else 'less'}"

    def losers(self) -> str:
        """Say who loses by the best scenario."""
        good = [row for row in self.offers if row["difference"] * self.better > 0]
        items = {(row["scenario"], row["kind"], row["group"]): row for row in self.t.csv.get("items.csv", ())}
        mine = items.get((good[0]["scenario"], "all", "all")) if good else None
        if mine is None or not mine["arrived_in_both"]:
            return "Who loses was not looked at item by item."
        where = {"scenario": good[0]["scenario"], "kind": "all", "group": "all"}
        told = f"By “{good[0]['title']}” {self.t.number('items.csv', where, 'faster_share', 1, 100)} % of the items to "
        told += (
            f"the region come sooner and {self.t.number('items.csv', where, 'slower_share', 1, 100)} % later"
        )
        places = [
            row
            for (name, kind, _), row in items.items()
            if (name, kind) == (good[0]["scenario"], "prefecture") and row["difference_h"] is not None
        ]
        if places:
            last = max(places, key=lambda row: (row["difference_h"], row["group"]))
            where = {"scenario": good[0]["scenario"], "kind": "prefecture", "group": last["group"]}
            word = "gains least" if last["difference_h"] < 0 else "loses"
            told += f"; {last['group']} {word}, {self.t.number('items.csv', where, 'difference_h', 1, 1.0, 'size')} h in the mean"
        return told + "."

    def chance(self) -> str:
        """Say what pairing saved, and where scenarios do not have the same items."""
        known = [
            (ratio, row["scenario"], row)
            for row in self.rungs
            for ratio in [self._value(row, self.measure, "ratio")]
            if ratio is not None
        ]
        if not known:
            told = "Same draws in all scenarios: no interval to compare"
        else:
            high, low = max(known)[2], min(known)[2]
            told = f"Sharing all draws makes the interval of “{high['title']}” {self._cell(high, self.measure, 'ratio', 1, 1.0)} times narrower"
            if low is not high:
                told += (
                    f", that of “{low['title']}” only {self._cell(low, self.measure, 'ratio', 1, 1.0)} times"
                )
        other = [row for row in self.rungs if int(row["paired"]) and str(row["same_items"]) == "0"]
        items = {
            (row["scenario"], row["kind"]): row
            for row in self.t.csv.get("items.csv", ())
            if row["group"] == "all"
        }
        for row in other[:1]:
            mine = items.get((row["scenario"], "all"))
            if mine is None or mine["difference_h"] is None:
                continue
            where = {"scenario": row["scenario"], "kind": "all", "group": "all"}
            told += f"; “{row['title']}” has {self.t.number('items.csv', where, 'only_other', 2, 1e-6)} million items more, "
            told += f"and those in both change by {self.t.number('items.csv', where, 'difference_h', 1, 1.0, 'signed')} h"
        return told + "."

    def not_shown(self) -> str:
        """Say what the lines do not show."""
        t = self.t
        told = f"The ± are {t.number('comparison.json', {}, 'level', 0, 100)} % intervals of chance alone, "
        told += f"over {t.number('comparison.json', {}, 'replications')} replications taken as normal. They say nothing of what nobody "
        told += f"published: all rests on {t.number('comparison.json', {}, 'assumed.values')} assumed values and on one of many networks "
        told += "that fit the published totals, and in another world the order may be another one"
        worlds = [row for row in self.rungs if row.get("worlds_better") not in (None, "")]
        if worlds:
            row = worlds[0]
            told += f"; over the worlds of the study “{row['title']}” is better than today in {self._of(row, 'worlds_better', 0, 100)} % of them, "
            told += f"its difference between {self._of(row, 'world_low', 1, self.scale, 'signed')} and {self._of(row, 'world_high', 1, self.scale, 'signed')} {self.unit}"
        else:
            told += " (`yizhan study` asks that)"
        told += ". A few weeks of one season stand for the year. Demand does not answer to better service, nobody reroutes by hand, and "
        told += "what a scenario takes in vehicles and drivers is counted, not hired: a run has the vehicles there are. Rates of cost are "
        return (
            told
            + "assumed, and what it takes to build an outlet, a road or a railway is left out, so no line says what is worth its money."
        )


def _list(rows: Sequence[Row]) -> str:
    names = [f"“{row['title']}”" for row in rows]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
