"""From a scenario's name or file to a resolved scenario, and from that to a network.

A scenario names its base and lists only what differs.  Bases are followed to
the root and merged by presence of a key: tables key by key, changes one after
the other, the base's first.  ``name``, ``title`` and ``description`` speak of
one file and are not handed down.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from network.assumptions import Assumptions
from network.errors import InputErrors, Problem, UnknownNameError, YizhanError, nearest
from network.figures import Report, load_report, load_report_file
from network.graph import MailNetwork
from scenarios.apply import apply_changes
from scenarios.checks import uncovered_dates, unknown_name, wrong_assumptions
from scenarios.references import References
from scenarios.schema import DATES, Run, Scenario, problems_of
from scenarios.toml import dump_toml
from sim.plan import RunPlan

__all__ = [
    "REPORT_FILE",
    "LibraryEntry",
    "Resolved",
    "build",
    "build_base",
    "library",
    "load_scenario",
    "resolve",
]

REPORT_FILE = "report.toml"
_OWN = ("name", "title", "description")
_TABLES = ("assumptions", "options", "run", "operations", "demand")


@dataclass(frozen=True)
class LibraryEntry:
    """A scenario that comes with the package."""

    name: str
    title: str
    base: str
    description: str


@dataclass(frozen=True)
class Resolved:
    """A scenario with nothing left open: bases merged, names turned into ids, defaults filled in."""

    scenario: Scenario
    report: Report
    assumptions: Assumptions
    chain: tuple[str, ...]  # names from this scenario to its root
    report_text: str | None = None  # of a report file of one's own

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
        data["run"] = _dated(_over(data["run"], given), self.report.year)
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
        return dump_toml({key: data[key] for key in Scenario.model_fields if data.get(key)})


@dataclass(frozen=True)
class _File:
    label: str
    name: str
    folder: Path | None
    data: dict[str, Any]


def library() -> dict[str, LibraryEntry]:
    """Return the scenarios of the package, by name."""
    found = {}
    for entry in files("scenarios").joinpath("library").iterdir():
        if entry.name.endswith(".toml"):
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
            name = entry.name.removesuffix(".toml")
            found[name] = LibraryEntry(
                name, data.get("title", name), data.get("base", ""), data.get("description", "")
            )
    return dict(sorted(found.items()))


def load_scenario(reference: str | Path) -> Resolved:
    """Return the resolved scenario of a library name or a path.

    Raises
    ------
    UnknownNameError
        If there is neither a file nor a library scenario of this name.
    InputErrors
        If any file of the chain of bases is wrong; all problems together.
    """
    text = str(reference)
    path = Path(text)
    if text and path.is_dir():
        raise YizhanError(f"{text} is a folder; give a scenario by name or file{_inside(path)}")
    if not (path.is_file() or text in library()):
        raise UnknownNameError("scenario", text, library())
    chain, problems = _read_chain(text)
    return _resolve(chain, problems)


def _inside(folder: Path) -> str:
    """Return which scenario a run folder was run from, to end a sentence; or nothing."""
    file = folder / "scenario.toml"
    return f", such as {file}" if file.is_file() else ""


def resolve(data: Mapping[str, Any], name: str = "scenario", folder: Path | None = None) -> Resolved:
    """Return the resolved scenario of parsed TOML; errors as for `load_scenario`."""
    start = _File(f"{name}.toml", name, folder, dict(data))
    chain, problems = _follow(start)
    return _resolve(chain, problems)


def build_base(resolved: Resolved, progress: Callable[..., Any] | None = None) -> MailNetwork:
    """Fit the network that a scenario's changes apply to.

    Raises
    ------
    YizhanError
        If no network meets the figures.
    """
    from network.build import build_network

    options = resolved.scenario.options
    return build_network(
        resolved.report.region,
        resolved.report.year,
        report=resolved.report,
        assumptions=resolved.assumptions,
        options={"express_linehaul": options.express_linehaul, "fleet_scope": options.fleet_scope},
        draw=options.draw,
        seed=options.seed,
        progress=progress,
    )


def build(
    resolved: Resolved, progress: Callable[..., Any] | None = None, fitted: MailNetwork | None = None
) -> MailNetwork:
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
    return apply_changes(network, resolved.scenario, resolved.name)


def _read_chain(reference: str) -> tuple[list[_File], list[Problem]]:
    try:
        start = _read(reference, None)
    except InputErrors as error:
        return [], list(error.problems)
    return _follow(start)


def _read(reference: str, beside: Path | None) -> _File:
    """Read a scenario by path, as a file beside another, or from the library."""
    candidates = [Path(reference)] if beside is None else []
    if beside is not None:
        candidates = [beside / reference, beside / f"{reference}.toml"]
    for path in candidates:
        if path.is_file():
            return _File(path.name, path.stem, path.resolve().parent, _parse(path.name, path.read_bytes()))
    known = library()
    if reference not in known:
        siblings = [p.stem for p in sorted(beside.glob("*.toml"))] if beside else []
        raise UnknownNameError("scenario", reference, [*known, *siblings])
    entry = files("scenarios").joinpath("library", f"{reference}.toml")
    return _File(entry.name, reference, None, _parse(entry.name, entry.read_bytes()))


def _parse(file: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputErrors([Problem(file, "", "", str(error), "valid TOML in UTF-8")]) from None


def _follow(start: _File) -> tuple[list[_File], list[Problem]]:
    """Return the files from a scenario to its root, and what is wrong with any of them."""
    chain, problems = [start], problems_of(start.data, start.label)
    while isinstance(chain[-1].data.get("base"), str):
        here = chain[-1]
        base = here.data["base"]
        try:
            file = _read(base, here.folder)
        except UnknownNameError as error:
            allowed, near = "a scenario of the library or a file beside", nearest(base, library())
            problems.append(Problem(here.label, "", "base", error.name, allowed, near))
            break
        except InputErrors as error:
            problems += error.problems
            break
        if any((file.name, file.folder) == (f.name, f.folder) for f in chain):
            allowed = "no scenario that leads back here: " + " → ".join([*(f.name for f in chain), file.name])
            problems.append(Problem(here.label, "", "base", base, allowed))
            break
        problems += problems_of(file.data, file.label)
        chain.append(file)
    return chain, problems


def _merge(chain: Sequence[_File]) -> dict[str, Any]:
    """Merge a chain by presence of a key, root first."""
    merged: dict[str, Any] = {}
    for file in reversed(chain):
        merged = {key: value for key, value in merged.items() if key not in _OWN}
        for key, value in file.data.items():
            if key == "run":
                merged[key] = _over(merged.get(key, {}), value)
            elif key in _TABLES:
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "change":
                merged[key] = [*merged.get(key, []), *value]
            elif key == "report" and file.folder is not None:
                merged[key] = str(file.folder / value)
            elif key != "base":
                merged[key] = value
    return merged


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return run settings with others laid over them; a year puts out dates beneath it, and they a year."""
    out = DATES if own.get("year") else ("year",) if any(name in own for name in DATES) else ()
    return {**{name: value for name, value in base.items() if name not in out}, **own}


def _dated(run: dict[str, Any], year: int) -> dict[str, Any]:
    """Return run settings with a first day, unless a whole year is measured."""
    if run.get("year") or "start" in run:
        return run
    warmup_days = run.get("warmup_days", Run().warmup_days)
    return {**run, "start": default_start(year, warmup_days)}


def _resolve(chain: Sequence[_File], problems: list[Problem]) -> Resolved:
    if problems:
        raise InputErrors([*problems, *wrong_assumptions([(part.label, part.data) for part in chain])])
    file = chain[0].label
    merged = _merge(chain)
    for key in ("region", "year"):
        if key not in merged:
            problems.append(Problem(file, "", key, "(missing)", "this key, or a base that has it"))
    if problems:
        raise InputErrors(problems)
    report, report_text = _report(merged, chain, problems)
    assumptions = _assumptions(merged, chain, problems)
    if report is None or assumptions is None:
        raise InputErrors(problems)
    references = References.load(merged["region"], assumptions)
    changes: list[dict[str, Any]] = []
    for part in reversed(chain):
        changes += references.settle(part.data.get("change", []), part.label, problems)
    if problems:
        raise InputErrors(problems)
    merged["run"] = _dated(merged.get("run", {}), merged["year"])
    merged["change"] = changes
    merged.setdefault("name", chain[0].name)
    scenario = Scenario.model_validate(merged)
    resolved = Resolved(scenario, report, assumptions, tuple(part.name for part in chain), report_text)
    problems += uncovered_dates(merged["region"], resolved.plan, file)
    if problems:
        raise InputErrors(problems)
    return resolved


def default_start(year: int, warmup_days: int) -> dt.date:
    """Return the first day of a run whose measured days begin on the second Monday of May.

    May after Labour Day has no public holiday, and its volume is near the year's mean.
    """
    first = dt.date(year, 5, 1)
    monday = first + dt.timedelta(days=(7 - first.weekday()) % 7 + 7)
    return monday - dt.timedelta(days=warmup_days)


def _report(
    merged: Mapping[str, Any], chain: Sequence[_File], problems: list[Problem]
) -> tuple[Report | None, str | None]:
    file = next((f.label for f in chain if "report" in f.data or "year" in f.data), chain[0].label)
    try:
        if "report" not in merged:
            return load_report(merged["region"], merged["year"]), None
        path = Path(merged["report"])
        report = load_report_file(path)
    except UnknownNameError as error:
        key = "region" if error.what == "region" else "year"
        problems.append(unknown_name(file, key, merged[key], error))
        return None, None
    except InputErrors as error:
        problems += error.problems
        return None, None
    except OSError as error:
        problems.append(Problem(file, "", "report", merged["report"], f"a report file ({error.strerror})"))
        return None, None
    for key in ("region", "year"):
        if getattr(report, key) != merged[key]:
            allowed = f"{getattr(report, key)!r}, as in {path.name}"
            problems.append(Problem(file, "", key, merged[key], allowed))
    return report, path.read_text(encoding="utf-8")


def _assumptions(
    merged: Mapping[str, Any], chain: Sequence[_File], problems: list[Problem]
) -> Assumptions | None:
    try:
        assumptions = Assumptions.load(merged["region"])
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
