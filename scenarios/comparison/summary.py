"""The summary of a comparison: ten lines that a manager can read, and what they do not show.

Every number is taken from a table of the folder (`scenarios.comparison.traced`); titles of
scenarios stand in quotation marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.comparison.ranking import headline_of
from scenarios.comparison.traced import Tables

__all__ = ["TITLE", "summary_text"]

TITLE = "# What the comparison says"
VILLAGES = "transit.by_tiers.gateway.village.at_close.mean_h"
REACHED = "coverage.from_gateway.within.168.people"
IN_TIME = "transit.all.within.168"
CAVEATS = (
    "A few weeks of one season stand for the year. Demand does not answer to better service, and nobody "
    "sends trips another way. What a scenario takes in vehicles and drivers is counted, not hired: a run has "
    "the vehicles there are. Rates of cost are assumed, and what it takes to build an outlet, a road or a "
    "railway, or to staff a centre for longer, is left out, so no line says what is worth its money."
)
Row = Mapping[str, Any]


def summary_text(tables: Tables, measure: str) -> str:
    """Return ``summary.md``; `tables` then knows the source of every number in it.

    Parameters
    ----------
    tables
        ``option_ranking.csv``, ``differences.csv``, ``items.csv`` and ``comparison.json``.
    measure
        Measure of the option ranking.
    """
    teller = _Teller(tables, measure)
    lines = [
        teller.compared(),
        teller.today(),
        teller.best(),
        teller.clear(),
        teller.measured(VILLAGES, "Mail from other provinces to villages", "h", -1),
        teller.measured(REACHED, "People reached within a week, gateway to door", "%", 1),
        teller.takes(),
        teller.money(),
        teller.losers(),
        teller.chance(),
    ]
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return f"{TITLE}\n\n{text}\n\n**What this does not show.** {teller.not_shown()}\n"


class _Teller:
    """Writes the lines one after the other, in the order of the text."""

    def __init__(self, tables: Tables, measure: str) -> None:
        self.t, self.measure, self.shown = tables, measure, headline_of(measure)
        self.options: Sequence[Row] = [
            row for row in tables.csv["option_ranking.csv"] if row["verdict"] != "base"
        ]
        self.better = self.shown.better or -1
        share = self.shown.unit == "share"
        self.scale, self.unit = (100.0, "points") if share else (1.0, self.shown.unit)
        self.replications = int(self.t.value("comparison.json", {}, "replications") or 1)
        # Expansions are judged on the base's own items; other demand or another year is no offer.
        self.offers = [row for row in self.options if int(row["paired"]) and str(row["same_items"]) != "0"]
        self.good = [row for row in self.offers if row["difference"] * self.better > 0]

    def _of(
        self, row: Row, column: str, digits: int = 1, scale: float | None = None, form: str = "size"
    ) -> str:
        named = {"scenario": row["scenario"]}
        return self.t.number(
            "option_ranking.csv", named, column, digits, self.scale if scale is None else scale, form
        )

    def _within(
        self, row: Row, column: str = "half_width", digits: int = 1, scale: float | None = None
    ) -> str:
        """Return " (± x)" where there is an interval."""
        if self.t.value("option_ranking.csv", {"scenario": row["scenario"]}, column) is None:
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
        line = f"Compared: {t.number('comparison.json', {}, 'others')} scenarios with “{self._base()}”, "
        line += f"each over {t.number('comparison.json', {}, 'measured_days')} days and "
        n = t.number("comparison.json", {}, "replications")
        line += f"{n} replication{'s' if self.replications > 1 else ''}"
        line += "; all with the same items, weather and breakdowns"
        apart = [row for row in self.options if not int(row["paired"])]
        more = [row for row in self.options if int(row["paired"]) and str(row["same_items"]) == "0"]
        parts = []
        if more:
            parts.append(f"{_list(more)}, with other demand")
        if apart:
            parts.append(f"{_list(apart)}, with items and dates of another year")
        if parts:
            line += " but " + "; and ".join(parts)
        return line + "."

    def _base(self) -> str:
        return str(self.t.json["comparison.json"]["title"])

    def today(self) -> str:
        """Say where the base stands."""
        base = next(row for row in self.t.csv["option_ranking.csv"] if row["verdict"] == "base")
        unit = "%" if self.unit == "points" else self.unit
        line = f"Today “{self.shown.label}” is {self._of(base, 'value')} {unit}"
        if (
            self.options
            and self.measure != IN_TIME
            and self._value(self.options[0], IN_TIME, "base") is not None
        ):
            line += f", and {self._cell(self.options[0], IN_TIME, 'base', 1, 100)} % come within a week"
        return line + "."

    def best(self) -> str:
        """Say which scenario is best, which is next, and whether they are told apart."""
        if not self.good:
            return "No scenario with the same items is better than the base."
        first, *after = self.good
        line = f"Best: “{first['title']}”, {self._of(first, 'difference')} {self.unit} better"
        line += self._within(first)
        if first["verdict"] == "open":
            line += ", which may be chance"
        if not after:
            return line + "."
        line += f"; next “{after[0]['title']}”, {self._of(after[0], 'difference')}{self._within(after[0])}"
        step, half = first["to_next"], first["to_next_half_width"]
        if half is None:
            return line + "."
        apart = "are told apart" if abs(step) > half else "are not told apart"
        between = f"{self._of(first, 'to_next')} {self.unit} between them"
        return f"{line}; the two {apart}: {between}{self._within(first, 'to_next_half_width')}."

    def clear(self) -> str:
        """Count the verdicts."""
        if self.replications < 2:
            return "One replication gives no intervals: nothing here is set apart from chance."

        def number(verdict: str) -> str:
            return self.t.count("option_ranking.csv", verdict=verdict, paired=1)

        line = f"When all are read together, clearly better than today: {number('better')}; "
        line += f"clearly worse: {number('worse')}; "
        if any(str(row["verdict"]).startswith("alone") for row in self.options):
            line += f"better only when read alone: {number('alone better')}; "
            line += f"worse only so: {number('alone worse')}; "
        return f"{line}not told from no change: {number('open')}."

    def measured(self, measure: str, label: str, unit: str, better: int) -> str:
        """Say which scenario is best by another measure."""
        scale, gain_unit = (100.0, "points") if unit == "%" else (1.0, unit)
        known = [(self._value(row, measure, "difference"), row) for row in self.offers]
        able = [(value * better, row["scenario"], row) for value, row in known if value is not None]
        if not able or max(able)[0] <= 0:
            return f"{label}: no scenario with the same items gains anything."
        row = max(able)[2]
        gain = f"{self._cell(row, measure, 'difference', 1, scale)} {gain_unit}"
        line = f"{label}: “{row['title']}” gains most, {gain} {'less' if better < 0 else 'more'}"
        if self._value(row, measure, "half_width") is not None:
            line += f" (± {self._cell(row, measure, 'half_width', 1, scale)})"
        line += f", from {self._cell(row, measure, 'base', 1, scale)} to "
        return f"{line}{self._cell(row, measure, 'other', 1, scale)} {unit}."

    def takes(self) -> str:
        """Say what the gains take in vehicles."""
        on = [row for row in self.good if int(row["frontier_vehicles"])]
        free = [row for row in on if row["vehicles"] <= 0]
        paid = [row for row in on if row["vehicles"] > 0]
        if free:
            gain = f"{self._of(free[0], 'difference')} {self.unit}"
            line = f"Vehicles: “{free[0]['title']}” gains {gain} without one more"
            if not paid:
                takers = any(row["vehicles"] > 0 for row in self.good)
                return line + (", and no scenario that takes some gains more." if takers else ".")
            return f"{line}; to gain more takes “{paid[0]['title']}” with {self._crew(paid[0])}."
        if paid:
            gain = f"{self._of(paid[0], 'difference')} {self.unit}"
            return f"Vehicles: “{paid[0]['title']}” gains {gain} with {self._crew(paid[0])}."
        return "Vehicles: there is no gain to have for them."

    def _crew(self, row: Row) -> str:
        vehicles = self._of(row, "vehicles", 0, 1.0)
        return f"{vehicles} vehicles and {self._of(row, 'drivers', 0, 1.0)} drivers more"

    def money(self) -> str:
        """Say what the best scenario costs, and which is the cheapest gain that is not chance."""
        sure = [row for row in self.good if row["verdict"] != "open"]
        priced = [row for row in sure or self.good if row["yuan_per_week"] is not None]
        if not priced:
            return "Money: no scenario that gains has its cost counted."
        first = priced[0]
        line = f"Money: “{first['title']}” costs {self._yuan(first)} than today"
        least = min(priced, key=lambda row: (row["yuan_per_week"], row["scenario"]))
        if least is not first:
            line += f"; the cheapest gain is “{least['title']}”, {self._yuan(least)}"
        return line + "."

    def _yuan(self, row: Row) -> str:
        """Return what a scenario costs more or less a week."""
        large = abs(row["yuan_per_week"]) >= 1e6
        word, scale, digits = ("million", 1e-6, 2) if large else ("thousand", 1e-3, 0)
        line = self._of(row, "yuan_per_week", digits, scale)
        line += self._within(row, "yuan_per_week_half_width", digits, scale)
        return f"{line} {word} yuan a week {'more' if row['yuan_per_week'] > 0 else 'less'}"

    def losers(self) -> str:
        """Say who gains and who loses by the best scenario."""
        groups = self._items(self.good[0], "all") if self.good else []
        if not groups or not groups[0]["arrived_in_both"]:
            return "Who gains and who loses was not looked at item by item."
        name = self.good[0]["scenario"]
        where = {"scenario": name, "kind": "all", "group": "all"}
        sooner = self.t.number("items.csv", where, "faster_share", 1, 100)
        later = self.t.number("items.csv", where, "slower_share", 1, 100)
        line = (
            f"By “{self.good[0]['title']}” {sooner} % of the items to the region come sooner, {later} % later"
        )
        places = [row for row in self._items(self.good[0], "prefecture") if row["difference_h"] is not None]
        if places:
            last = max(places, key=lambda row: (row["difference_h"], row["group"]))
            where = {"scenario": name, "kind": "prefecture", "group": last["group"]}
            hours = self.t.number("items.csv", where, "difference_h", 1, 1.0, "size")
            line += f"; {last['group']} {'gains least' if last['difference_h'] < 0 else 'loses most'}, "
            line += f"{hours} h in the mean"
        return line + "."

    def _items(self, row: Row, kind: str) -> list[Row]:
        items = self.t.csv.get("items.csv", ())
        return [each for each in items if (each["scenario"], each["kind"]) == (row["scenario"], kind)]

    def chance(self) -> str:
        """Say what pairing saved, and what became of the same items where there are others too."""
        known = [
            (ratio, row["scenario"], row)
            for row in self.options
            for ratio in [self._value(row, self.measure, "ratio")]
            if ratio is not None
        ]
        line = "How sure: no interval to compare"
        if known:
            gains = [each for each in known if each[2]["verdict"] == "better"]
            high, low = max(gains or known)[2], min(known)[2]
            line = f"How sure: with all draws shared the interval of “{high['title']}” is "
            line += f"{self._cell(high, self.measure, 'ratio', 1, 1.0)} times narrower"
            if low is not high:
                times = self._cell(low, self.measure, "ratio", 1, 1.0)
                line += f", that of “{low['title']}” only {times} times"
        other = [row for row in self.options if int(row["paired"]) and str(row["same_items"]) == "0"]
        for row in other[:1]:
            groups = self._items(row, "all")
            if groups and groups[0]["difference_h"] is not None:
                where = {"scenario": row["scenario"], "kind": "all", "group": "all"}
                only = self.t.number("items.csv", where, "only_other", 2, 1e-6)
                change = self.t.number("items.csv", where, "difference_h", 1, 1.0, "signed")
                line += f"; “{row['title']}” has {only} million items that today has not, "
                line += f"and those in both change by {change} h"
        return line + "."

    def not_shown(self) -> str:
        """Say what the lines do not show."""

        def number(column: str, scale: float = 1.0) -> str:
            return self.t.number("comparison.json", {}, column, 0, scale)

        line = f"The ± are {number('level', 100)} % intervals of chance alone, over "
        line += f"{number('replications')} replications taken as normal. They say nothing of what nobody "
        line += (
            f"published: all rests on {number('assumed.values')} assumed values and on one of many networks "
        )
        line += "that fit the published totals, and in another world the order may be another one"
        worlds = [row for row in self.good if row["worlds_better"] is not None]
        if worlds:
            row = worlds[0]
            line += f"; over the worlds of the study “{row['title']}” is better than today in "
            line += f"{self._of(row, 'worlds_better', 0, 100)} %, its difference from "
            line += f"{self._of(row, 'world_low', form='signed')} to "
            line += f"{self._of(row, 'world_high', form='signed')} {self.unit} in nine tenths of them. "
        else:
            line += ", which a study of worlds asks. "
        return line + CAVEATS


def _list(rows: Sequence[Row]) -> str:
    names = [f"“{row['title']}”" for row in rows]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
