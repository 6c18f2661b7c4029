"""What a study says, in plain words: each number with the table that it stands in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scenarios.runs.headlines import Headline
from scenarios.uncertainty.findings import Findings, stages
from scenarios.uncertainty.in_world import SCHEDULED, SIMULATED
from scenarios.uncertainty.sensitivity import ranked

if TYPE_CHECKING:
    from scenarios.uncertainty.verdicts import Beats

__all__ = ["lines_of", "share_rows", "summary_of"]

_STAGES = {
    "air": "air routes cannot have the published length",
    "road": "road routes cannot have the published length",
    "rail": "rail routes cannot have the published length",
    "fleet": "the published vehicles are too few",
    "family": "the family of networks ends before the drawn number",
    "places": "places cannot be laid out so",
    "tables": "the tables cannot be used so",
}
_FORMS = {SCHEDULED: "by the timetable alone", SIMULATED: "simulated"}
_SCALES = {"share": (100.0, "points")}


def summary_of(findings: Findings) -> str:
    """Return the text of ``summary.md``."""
    study = findings.study
    lines = [
        f"# {_titled(findings)} in {len(study.worlds)} worlds",
        "",
    ]
    lines += [f"- {line}" for line in lines_of(findings)]
    for form in (SCHEDULED, SIMULATED):
        if findings.headlines[form]:
            lines += [
                "",
                f"## Share of worlds in which a scenario is better than {study.names[0]}, {_FORMS[form]}",
                "",
            ]
            lines += _markdown(("measure", *study.names[1:]), share_rows(findings, form))
    lines += ["", "## What this does not show", "", *_limits(findings)]
    return "\n".join(lines) + "\n"


def _titled(findings: Findings) -> str:
    base, *others = findings.study.names
    return f"{base} and {len(others)} other scenario{'s' if len(others) > 1 else ''}"


def lines_of(findings: Findings) -> list[str]:
    """Return the sentences of the summary."""
    return [line for part in (_worlds, _winners, _regret, _hinges, _worth, _short) for line in part(findings)]


def share_rows(findings: Findings, form: str) -> list[tuple[str, ...]]:
    """Return, for each measure, in which share of worlds each other scenario is better than the base."""
    base, *others = findings.study.names
    return [
        (head.label, *(_share(findings.shares[form, head.key, other, base]) for other in others))
        for head in findings.headlines[form]
    ]


def _worlds(findings: Findings) -> Iterator[str]:
    study = findings.study
    refused = stages(study)
    draws = len(study.worlds) + sum(refused.values())
    text = f"{len(study.worlds)} worlds, of {draws:,} draws of {len(study.design.inputs)} inputs"
    if refused:
        why = "; ".join(f"{count:,}: {_STAGES.get(stage, stage)}" for stage, count in refused.items())
        text += f". In the other draws no network has the published totals ({why})"
    yield f"{text}. [refused.csv]"
    simulated = {part.world for part in study.simulated} - {"w0000"}
    if simulated:
        plan = study.scenarios[0].plan
        yield (
            f"{len(simulated)} of the worlds are simulated with every scenario on the same "
            f"draws, {plan.measured_days} measured days after {plan.warmup_days}; so is the world of the "
            f"defaults, {study.plan.replications} times. [outcomes.parquet]"
        )
    if study.failures:
        yield f"{len(study.failures)} tasks failed; the same command tries them again. [missing.csv]"


def _winners(findings: Findings) -> Iterator[str]:
    head = findings.primary
    base, *others = findings.study.names
    for other in others:
        row = findings.shares[SCHEDULED, head.key, other, base]
        if not row.worlds:
            yield f"**{other}** has no answer in any world. [missing.csv]"
            continue
        lines = [
            f"**{other}** is better than {base} by {head.label} in {_share(row)} of the worlds by the "
            f"timetable alone: {_amount(row.mean, head)} in the mean, {_spread(row, head)} in nine of ten"
        ]
        tables = "shares.csv"
        real = findings.shares.get((SIMULATED, head.key, other, base))
        if real is not None and real.worlds:
            lines.append(f"simulated in {_share(real)} of {real.worlds}, {_spread(real, head)}")
            mean, half, n = findings.at_defaults(SIMULATED, head.key, other, True)
            if n > 1 and math.isfinite(half):
                tables += ", ranges.csv"
                chance = _amount(half, head, sign=False)
                lines.append(f"at the defaults {_amount(mean, head, False)} ± {chance} by chance")
        yield f"{'; '.join(lines)}. [{tables}]"


def _spread(row: Beats, head: Headline) -> str:
    return f"{_amount(row.p5, head, False)} to {_amount(row.p95, head)}"


def _regret(findings: Findings) -> Iterator[str]:
    head = findings.primary
    rows = findings.regrets[SCHEDULED, head.key]
    name = min(rows, key=lambda name: (rows[name].most, rows[name].mean))
    row = rows[name]
    if row.worlds:
        yield (
            f"Choosing **{name}** is regretted least by {head.label}: at most "
            f"{_amount(row.most, head, sign=False)} against the best scenario of a world, "
            f"{_amount(row.mean, head, sign=False)} in the mean; "
            f"it is the best in {row.best} of {row.worlds} worlds. [regret.csv]"
        )


def _hinges(findings: Findings) -> Iterator[str]:
    head = findings.primary
    inputs = findings.study.design.names
    indices = findings.screened.indices
    for at, each in enumerate(findings.screened.contrasts):
        if each.headline.key != head.key or not math.isfinite(indices.threshold[at]):
            continue
        what = f"By itself the {head.label}," if each.is_base else f"The difference of {each.scenario}"
        clear = [i for i in ranked(indices.first[:, at]) if indices.clear[i, at]][:3]
        if clear:
            names = ", ".join(f"{inputs[i]} ({100 * indices.first[i, at]:.0f} %)" for i in clear)
            yield f"{what} hangs on {names}: shares of its variance over the worlds. [indices.csv]"
        else:
            yield f"{what} hangs on no single input clearly. [indices.csv]"


def _worth(findings: Findings) -> Iterator[str]:
    head = findings.primary
    row = findings.information.get(head.key)
    if row is None:
        return
    choice = findings.study.names[row.best]
    text = (
        f"By {head.label} the choice is {choice}; to know everything first would gain "
        f"{_amount(row.perfect, head, sign=False)} in the mean"
    )
    names = findings.study.design.names
    clear = [i for i in ranked(row.partial) if row.partial[i] > row.threshold][:3]
    if clear:
        listed = ", ".join(f"{names[i]} ({_amount(row.partial[i], head, sign=False)})" for i in clear)
        yield f"{text}. To find out first: {listed}. [information.csv]"
    else:
        yield f"{text}; no single input is clearly worth finding out first for it. [information.csv]"


def _short(findings: Findings) -> Iterator[str]:
    rows = [row for row in findings.shortcut.values() if row.worlds]
    if not rows:
        return
    head = findings.primary
    of_head = {name: row for (key, name), row in findings.shortcut.items() if key == head.key and row.worlds}
    same, of = sum(row.same_sign for row in of_head.values()), sum(row.worlds for row in of_head.values())
    if of:
        ranks = [row.rank for row in of_head.values() if math.isfinite(row.rank)]
        listed = f", rank correlation {min(ranks):.2f} to {max(ranks):.2f} by scenario" if ranks else ""
        yield (
            f"The timetable alone foretells the side of the simulated difference in {same} of {of} cases by "
            f"{head.label}{listed}. [shortcut.csv]"
        )
    weak = sorted({key for (key, _), row in findings.shortcut.items() if row.worlds and row.share < 0.8})
    if weak:
        listed = ", ".join(weak)
        yield f"It does so in less than 80 % of the worlds for some scenario by {listed}. [shortcut.csv]"


def _limits(findings: Findings) -> Sequence[str]:
    spread = findings.study.design.spread
    where = "most often near their defaults" if spread == "triangular" else "anywhere in their ranges alike"
    return [
        f"The shares are those of worlds drawn {where} ({spread}), each input by itself, of which those stay "
        "in which a network has the published totals. They are no probabilities that something is so. Lists "
        "of assumed rows, such as the classes of mail, are not varied, nor is anything that the model leaves "
        "out. Inputs that only a simulation uses, such as the weather, cannot show in the indices nor in the "
        "worth of finding out: both rest on the timetable alone. A first-order index is what an input moves "
        "by itself, together with those that the published totals tie to it. The interval beside a share is "
        "for the number of worlds. A range over worlds is no confidence interval, and no interval of chance "
        "is part of it.",
    ]


def _share(row: Beats) -> str:
    if not row.worlds:
        return "–"
    text = f"{_percent(row.share)} ({100 * row.low:.0f}–{100 * row.high:.0f})"
    return f"{text}, equal {_percent(row.equal / row.worlds)}" if row.equal else text


def _percent(share: float) -> str:
    """Return a share in whole per cent; what is not quite all, or not quite none, says so."""
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _amount(value: float, head: Headline, unit: bool = True, sign: bool = True) -> str:
    scale, name = _SCALES.get(head.unit, (1.0, head.unit))
    shown = value * scale
    digits = 1 if abs(shown) >= 10 else 2 if abs(shown) >= 0.1 else 3
    shown = round(shown, digits) + 0.0  # no minus before a zero
    text = f"{shown:+,.{digits}f}" if sign and shown else f"{shown:,.{digits}f}"
    return f"{text} {name}" if unit and name else text


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
