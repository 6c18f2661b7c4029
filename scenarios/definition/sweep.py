"""Sweeps: one scenario file that stands for many, each with other values for some keys.

A file's ``[sweep]`` gives values to dotted keys: ``axes`` every combination
of them, or ``combination`` the ones that are listed.  What a sweep makes of a
file is named ``NAME@inbound_ratio=4,per_week=7`` and is a scenario like any
other.
"""

from __future__ import annotations

import copy
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from network.errors import Problem, YizhanError, nearest
from scenarios.definition.checks import wrong_assumptions
from scenarios.definition.files import TABLES, File, merged
from scenarios.definition.schema import Scenario, Sweep, keys_of

__all__ = ["MOST", "SweepError", "Variant", "expand", "with_labels_once"]

#: Scenarios that one sweep may stand for.
MOST = 200
_NAMED = 6  # scenarios of a sweep that a message names


class SweepError(YizhanError, ValueError):
    """A sweep where one scenario is wanted."""

    def __init__(self, reference: str, names: Sequence[str]) -> None:
        self.names = tuple(names)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        listed = ", ".join(names[:_NAMED]) + more
        picked = f"{reference}@{names[0].partition('@')[2]}"
        super().__init__(
            f"{reference} is a sweep: it stands for {len(names)} scenarios ({listed}), and one is wanted; "
            f"name one, such as {picked!r}. `yizhan list {reference}` shows all of them"
        )


@dataclass(frozen=True)
class Variant:
    """One scenario of a sweep."""

    name: str
    settings: Mapping[str, Any]  # by short key
    chain: tuple[File, ...]  # with its values in place, from this scenario to its root


def expand(chain: Sequence[File]) -> tuple[list[Variant], list[Problem]]:
    """Return the scenarios of a sweep, in order, and what is wrong with it.

    Parameters
    ----------
    chain
        Files from the one with the sweep to its root, each valid by itself.

    Notes
    -----
    Of `axes` the last one turns fastest.  Numbers of changes count those of
    the file itself, from 0; labels may be those of a base.
    """
    file = chain[0]
    sweep = Sweep.model_validate(file.data["sweep"])
    keys = list(sweep.axes) if sweep.axes else [*dict.fromkeys(k for c in sweep.combination for k in c)]
    keys = [key for key in keys if key != "name"]
    problems = [problem for key in keys if (problem := _wrong_key(chain, key))]
    problems += _wrong_assumptions(chain, sweep)
    number = (
        math.prod(len(values) for values in sweep.axes.values()) if sweep.axes else len(sweep.combination)
    )
    if number > MOST:
        problems.append(Problem(file.label, "sweep", "", f"{number:,} scenarios", f"at most {MOST}"))
    if problems:
        return [], problems
    short = _short(keys)
    stem = str(file.data.get("name") or file.name)
    variants: list[Variant] = []
    for given in _points(sweep):
        settings = {short[key]: value for key, value in given.items() if key != "name"}
        setting = ",".join(f"{key}={_text(value)}" for key, value in settings.items())
        name = f"{stem}@{given.get('name', setting)}"
        if any(name == other.name for other in variants):
            return [], [Problem(file.label, "sweep", "", name, "every scenario once")]
        variants.append(Variant(name, settings, _with(chain, name, settings, given)))
    return variants, []


def _points(sweep: Sweep) -> Iterator[Mapping[str, Any]]:
    if not sweep.axes:
        yield from sweep.combination
        return
    for values in itertools.product(*sweep.axes.values()):
        yield dict(zip(sweep.axes, values, strict=True))


def _with(
    chain: Sequence[File], name: str, settings: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[File, ...]:
    """Return a chain with values in place of those that its files give."""
    files = [replace(file, data=copy.deepcopy(file.data)) for file in chain]
    own = files[0].data
    title = own.get("title", files[0].name)
    setting = ", ".join(f"{key} = {_text(value)}" for key, value in settings.items())
    own.update(name=name, title=f"{title} ({setting})")
    del own["sweep"]
    files[0] = replace(files[0], name=name)
    for key, value in given.items():
        if key == "name":
            continue
        first, *path = key.split(".")
        if first == "change":
            table = _change(files, path[0])
            assert table is not None
            path = path[1:]
        else:
            table = own.setdefault(first, {})
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
    return tuple(files)


def _change(chain: Sequence[File], which: str) -> dict[str, Any] | None:
    """Return a change by its number in the file itself, or by its label in any of the chain."""
    own = chain[0].data.get("change", [])
    if which.isdigit():
        return own[int(which)] if int(which) < len(own) else None
    for file in chain:
        for change in file.data.get("change", []):
            if change.get("label") == which:
                return change
    return None


def _wrong_key(chain: Sequence[File], key: str) -> Problem | None:
    """Return what is wrong with a dotted key, or None."""
    file = chain[0].label
    first, *path = key.split(".")
    if first not in (*TABLES, "change"):
        allowed = "a dotted key that begins with " + ", ".join((*TABLES, "change"))
        return Problem(file, "sweep", key, key, allowed, nearest(first, (*TABLES, "change")))
    if first == "change":
        if len(path) < 2:
            return Problem(file, "sweep", key, key, "change.NUMBER.KEY or change.LABEL.KEY")
        change = _change(chain, path[0])
        if change is None:
            own = len(chain[0].data.get("change", []))
            labels = [c["label"] for f in chain for c in f.data.get("change", []) if "label" in c]
            numbers = f"a number from 0 to {own - 1}" if own else "no number, for the file has no change"
            allowed = f"{numbers}, or a label" + (f": {', '.join(labels)}" if labels else "; none is given")
            return Problem(file, "sweep", key, path[0], allowed, nearest(path[0], labels))
        known = [name for name in keys_of(Scenario, change["op"]) if name not in ("op", "label")]
        path = path[1:]
    elif first == "assumptions":
        return None if len(path) == 1 else Problem(file, "sweep", key, key, "assumptions.NAME")
    else:
        known = keys_of(Scenario, first)
        if len(path) != 1:
            return Problem(file, "sweep", key, key, f"{first}.KEY")
    if path[0] not in known:
        return Problem(file, "sweep", key, path[0], "one of " + ", ".join(known), nearest(path[0], known))
    return None


def _wrong_assumptions(chain: Sequence[File], sweep: Sweep) -> list[Problem]:
    """Return what is wrong with the names and values of assumptions, each told once."""
    region, file = merged(chain).get("region"), chain[0].label
    rows = [{key: value} for key, values in sweep.axes.items() for value in values]
    by_key: dict[str, Problem] = {}
    for row in rows or sweep.combination:
        given = {k.partition(".")[2]: v for k, v in row.items() if k.startswith("assumptions.")}
        for problem in wrong_assumptions([(file, {"region": region, "assumptions": given})]) if given else ():
            # an unknown name is told once, not with each of its values
            by_key.setdefault(problem.key if problem.nearest else f"{problem.key} {problem.value}", problem)
    return list(by_key.values())


def _short(keys: Sequence[str]) -> dict[str, str]:
    """Return the last part of each key, or as many as tell it from the others."""
    short = {}
    for key in keys:
        parts = key.split(".")
        for n in range(1, len(parts) + 1):
            end = parts[-n:]
            if sum(other.split(".")[-n:] == end for other in keys) == 1:
                break
        short[key] = ".".join(end)
    return short


def _text(value: Any) -> str:
    """Return a value in full as part of a name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, list | tuple):
        return "+".join(_text(part) for part in value)
    if isinstance(value, Mapping):
        return "+".join(f"{key}-{_text(part)}" for key, part in value.items())
    return re.sub(r"[^\w.-]+", "-", str(value)).strip("-")


def with_labels_once(chain: Sequence[File]) -> list[Problem]:
    """Return the problem of each label that two changes of a chain have."""
    seen: set[str] = set()
    problems = []
    for file in reversed(chain):
        for number, change in enumerate(file.data.get("change", []), start=1):
            label = change.get("label")
            if label in seen:
                table = f"change {number} {change['op']}"
                problems.append(
                    Problem(file.label, table, "label", label, "a label that no other change has")
                )
            if label:
                seen.add(label)
    return problems
