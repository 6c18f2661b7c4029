"""From a scenario's name or file to a resolved scenario, and from that to a network.

A scenario names its base and lists only what differs.  Bases are followed to
the root and merged by presence of a key: tables key by key, changes one after
the other, the base's first.  ``name``, ``title`` and ``description`` speak of
one file and are not handed down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli_w

from network.errors import InputErrors, Problem, UnknownNameError, YizhanError
from network.inputs.assumptions import Assumptions
from network.inputs.figures import Report
from network.inputs.reports import parse_report
from network.inputs.tables import load_region
from network.inputs.texts import is_file, is_folder, read_text
from network.model.network import Network
from scenarios.changes.known_names import KnownNames
from scenarios.definition.apply import apply_scenario
from scenarios.definition.checks import uncovered_dates, unknown_name, wrong_assumptions
from scenarios.definition.files import (
    File,
    LibraryEntry,
    dated,
    default_start,
    follow,
    library,
    merged,
    over,
    read_chain,
)
from scenarios.definition.schema import Run, Scenario, problems_of
from scenarios.definition.sweep import SweepError, expand, with_labels_once
from sim.plan import RunPlan

__all__ = [
    "REPORT_FILE",
    "LibraryEntry",
    "Resolved",
    "build",
    "build_base",
    "default_start",
    "library",
    "load_scenario",
    "load_scenarios",
    "resolve",
    "resolve_all",
    "sweep_settings",
]

REPORT_FILE = "report.toml"


@dataclass(frozen=True, repr=False)
class Resolved:
    """A scenario with nothing left open: bases merged, names turned into ids, defaults filled in."""

    scenario: Scenario
    report: Report
    assumptions: Assumptions
    chain: tuple[str, ...]  # names from this scenario to its root
    report_text: str | None = None  # of a report file of one's own

    def __repr__(self) -> str:
        return f"<Resolved {self.name}: {self.title}>"

    @property
    def name(self) -> str:
        """Short name, for files and tables."""
        return self.scenario.name or self.chain[0]

    @property
    def title(self) -> str:
        """One line for people."""
        return self.scenario.title or self.name

    @property
    def run(self) -> Run:
        """Settings of the simulation."""
        return self.scenario.run

    @property
    def plan(self) -> RunPlan:
        """Dates and seed of the simulation."""
        run = self.run
        if run.year:
            return RunPlan.of_year(self.report.year, run.warmup_days, run.seed)
        assert run.start is not None  # a resolved scenario has one
        return RunPlan(run.start, run.warmup_days, run.measured_days, run.seed)

    def with_run(self, **values: Any) -> Resolved:
        """Return a copy with other run settings; ``None`` leaves one as it is.

        Raises
        ------
        InputErrors
            If a setting is not allowed.
        """
        given = {key: value for key, value in values.items() if value is not None}
        data = self.scenario.model_dump(exclude_none=True)
        data["run"] = dated(over(data["run"], given), self.report.year)
        problems = problems_of(data, "command line")
        if problems:
            raise InputErrors(problems)
        scenario = Scenario.model_validate(data)
        resolved = Resolved(scenario, self.report, self.assumptions, self.chain, self.report_text)
        problems = uncovered_dates(self.report.region, resolved.plan, "command line")
        if problems:
            raise InputErrors(problems)
        return resolved

    @cached_property
    def fit_key(self) -> str:
        """Digest of everything that the fitted base depends on; changes and runs are no part of it."""
        basis = {
            "region": self.report.region,
            "year": self.report.year,
            "figures": [asdict(figure) for figure in self.report.figures.values()],
            "assumptions": dict(self.assumptions),
            "tables": {name: self.assumptions.table(name) for name in self.assumptions.tables},
            "options": self.scenario.options.model_dump(),
        }
        text = json.dumps(basis, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_toml(self) -> str:
        """Return the scenario as a file that stands on its own, every assumed value and default written out.

        ``workers`` is left out: it changes no result.
        """
        data = self.scenario.model_dump(exclude_none=True)
        data["name"], data["title"] = self.name, self.title
        data.pop("base", None)
        data["run"].pop("workers")
        data["assumptions"] = dict(self.assumptions)
        if self.report_text is not None:
            data["report"] = REPORT_FILE
        data["change"] = [_without_none(change) for change in data.get("change", ())]
        return tomli_w.dumps({key: data[key] for key in Scenario.model_fields if data.get(key)})


def load_scenario(reference: str | Path | Resolved) -> Resolved:
    """Return the resolved scenario of a library name or a path, or one of a sweep: ``FILE@inbound_ratio=4``.

    One that is resolved already is returned as it is.

    Raises
    ------
    UnknownNameError
        If there is neither a file nor a library scenario of this name.
    InputErrors
        If any file of the chain of bases is wrong; all problems together.
    SweepError
        If it is a sweep, which stands for many; see `load_scenarios`.
    """
    if isinstance(reference, Resolved):
        return reference
    text = str(reference)
    stem, _, _ = text.rpartition("@")
    if stem and not is_file(Path(text)):
        by_name = {f"{stem}@{one.name.rpartition('@')[2]}": one for one in load_scenarios(stem)}
        if text not in by_name:
            raise UnknownNameError("scenario", text, by_name)
        return by_name[text]
    chain, problems = _read(text)
    if not problems and "sweep" in chain[0].data:
        variants, problems = expand(chain)
        if not problems:
            raise SweepError(text, [variant.name for variant in variants])
    return _resolve(chain, problems)


def load_scenarios(reference: str | Path | Resolved) -> list[Resolved]:
    """Return the resolved scenarios of a library name or a path: of a sweep all, otherwise the one.

    Raises
    ------
    UnknownNameError, InputErrors
        As for `load_scenario`; what is wrong in several scenarios of a sweep is told once.
    """
    if isinstance(reference, Resolved):
        return [reference]
    text = str(reference)
    if "@" in text and not is_file(Path(text)):
        return [load_scenario(text)]
    return _resolve_all(*_read(text))


def _resolve_all(chain: list[File], problems: list[Problem]) -> list[Resolved]:
    if problems or "sweep" not in chain[0].data:
        return [_resolve(chain, problems)]
    variants, problems = expand(chain)
    resolved = []
    for variant in variants:
        wrong = [problem for file in variant.chain for problem in problems_of(file.data, file.label)]
        try:
            resolved.append(_resolve(variant.chain, wrong))
        except InputErrors as error:
            problems += error.problems
    if problems:
        raise InputErrors({str(problem): problem for problem in problems}.values())
    return resolved


def sweep_settings(reference: str | Path) -> dict[str, Mapping[str, Any]]:
    """Return what each scenario of a sweep sets, by its name and short key; nothing for other scenarios."""
    text = str(reference)
    chain, problems = _read(text if is_file(Path(text)) else text.rpartition("@")[0] or text)
    if problems or "sweep" not in chain[0].data:
        return {}
    return {variant.name: variant.settings for variant in expand(chain)[0]}


def _read(text: str) -> tuple[list[File], list[Problem]]:
    path = Path(text)
    if text and is_folder(path):
        raise YizhanError(f"{text} is a folder; give a scenario by name or file{_inside(path)}")
    if not (is_file(path) or text in library()):
        raise UnknownNameError("scenario", text, library())
    return read_chain(text)


def _inside(folder: Path) -> str:
    """Return which scenario a run folder was run from, to end a sentence; or nothing."""
    file = folder / "scenario.toml"
    return f", such as {file}" if file.is_file() else ""


def resolve(data: Mapping[str, Any], name: str = "scenario", folder: Path | None = None) -> Resolved:
    """Return the resolved scenario of parsed TOML; errors as for `load_scenario`."""
    start = File(f"{name}.toml", name, folder, dict(data))
    chain, problems = follow(start)
    if "sweep" in data and not problems:
        variants, problems = expand(chain)
        if not problems:
            raise SweepError(name, [variant.name for variant in variants])
    return _resolve(chain, problems)


def resolve_all(
    data: Mapping[str, Any], name: str = "scenario", folder: Path | None = None
) -> list[Resolved]:
    """Return the resolved scenarios of parsed TOML: of a sweep all; errors as for `load_scenarios`."""
    return _resolve_all(*follow(File(f"{name}.toml", name, folder, dict(data))))


def build_base(resolved: Resolved, progress: Callable[..., Any] | None = None) -> Network:
    """Fit the network that a scenario's changes apply to.

    Raises
    ------
    YizhanError
        If no network meets the figures.
    """
    from network.build import build_network
    from network.model.settings import Settings

    return build_network(
        resolved.report.region,
        resolved.report.year,
        report=resolved.report,
        assumptions=resolved.assumptions,
        settings=Settings(**resolved.scenario.options.model_dump()),
        progress=progress,
    )


def build(
    resolved: Resolved, progress: Callable[..., Any] | None = None, fitted: Network | None = None
) -> Network:
    """Return the network of a scenario: the fitted base with the changes applied.

    Parameters
    ----------
    fitted
        A base of the same `Resolved.fit_key`, to apply the changes to; fitted
        anew when not given.

    Raises
    ------
    InputErrors
        If changes cannot be made; all of them together.
    YizhanError
        If no network meets the figures.
    """
    network = build_base(resolved, progress) if fitted is None else fitted
    return apply_scenario(network, resolved.scenario, resolved.name)


def _resolve(chain: Sequence[File], problems: list[Problem]) -> Resolved:
    if problems:
        raise InputErrors([*problems, *wrong_assumptions([(part.label, part.data) for part in chain])])
    file = chain[0].label
    data = merged(chain)
    for key in ("region", "year"):
        if key not in data:
            problems.append(Problem(file, "", key, "(missing)", "this key, or a base that has it"))
    if problems:
        raise InputErrors(problems)
    report, report_text = _report(data, chain, problems)
    assumptions = _assumptions(data, chain, problems)
    if report is None or assumptions is None:
        raise InputErrors(problems)
    problems += with_labels_once(chain)
    known = KnownNames.load(data["region"], assumptions)
    changes: list[dict[str, Any]] = []
    for part in reversed(chain):
        changes += known.settle(part.data.get("change", []), part.label, problems)
    if problems:
        raise InputErrors(problems)
    data["run"] = dated(data.get("run", {}), data["year"])
    data["change"] = changes
    data.setdefault("name", chain[0].name)
    scenario = Scenario.model_validate(data)
    resolved = Resolved(scenario, report, assumptions, tuple(part.name for part in chain), report_text)
    problems += uncovered_dates(data["region"], resolved.plan, file)
    if problems:
        raise InputErrors(problems)
    return resolved


def _report(
    merged: Mapping[str, Any], chain: Sequence[File], problems: list[Problem]
) -> tuple[Report | None, str | None]:
    file = next((f.label for f in chain if "report" in f.data or "year" in f.data), chain[0].label)
    try:
        if "report" not in merged:
            return load_region(merged["region"]).report(merged["year"]), None
        path = Path(merged["report"])
        text = _text_of_report(path, file)
        report = parse_report(path.name, text)
    except UnknownNameError as error:
        key = "region" if error.what == "region" else "year"
        problems.append(unknown_name(file, key, merged[key], error))
        return None, None
    except InputErrors as error:
        problems += error.problems
        return None, None
    for key in ("region", "year"):
        if getattr(report, key) != merged[key]:
            allowed = f"{getattr(report, key)!r}, as in {path.name}"
            problems.append(Problem(file, "", key, merged[key], allowed))
    return report, text


def _text_of_report(path: Path, file: str) -> str:
    try:
        return read_text(path)
    except InputErrors as error:
        problem = error.problems[0]
        given = f", not {problem.value}" if problem.value not in ("", str(path)) else ""
        raise InputErrors([Problem(file, "", "report", str(path), problem.allowed + given)]) from None


def _assumptions(
    merged: Mapping[str, Any], chain: Sequence[File], problems: list[Problem]
) -> Assumptions | None:
    try:
        assumptions = load_region(merged["region"]).assumptions
    except UnknownNameError:
        return None  # the report has said so
    for file in reversed(chain):
        try:
            assumptions = assumptions.replace(file.data.get("assumptions", {}), file.label)
        except InputErrors as error:
            problems += error.problems
    return assumptions


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(v) for key, v in value.items() if v is not None}
    return value
