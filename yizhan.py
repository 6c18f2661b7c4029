"""Yizhan: from a few published totals of a postal network to its coverage and transit times.

Everything that the command line does is one call of this module, and gives pandas tables and networkx graphs.
A scenario may be given by its name in the library, as a file, or as a `Scenario`; a run by its folder or as a
`Run`.  What is wrong with an input is raised as one `YizhanError` that lists every problem.

Find and read
    scenario       a scenario, to look at, to vary and to run
    scenarios      the scenarios of the library, or those that a sweep stands for
    standards      the service standards of the package
    measures       what can be measured, with meaning and unit
    schema         the JSON Schema of scenario files
    region         the regions that come with the package, or the tables of one
    open_run       a finished run

Look at a network
    network        its places, mail routes, trips, rounds, outlets, centres, vehicles; its graph
    check          every published figure beside the built one
    explain        what a built value rests on
    diff           what differs between two scenarios, in words

Times by the timetable alone
    scheduled      hours to every place
    journey        the earliest way of one item, step by step
    coverage       who is reached within how many hours, what is critical, what would gain most

Simulate and judge
    run            simulate a scenario
    plot           draw the charts of a run
    service        how a run keeps service standards
    validate       observed facts beside the model
    cost           what a run cost, emitted and earned
    custody        who had confidential mail from when in a run

    any_size       a block in which nothing is refused for the memory or disk that it would take

Compare and choose
    compare        differences of scenarios, with intervals
    sweep          one scenario with many values of one key, in parallel
    select         the best of many scenarios, with a guarantee
    study          scenarios in many worlds: which is better whatever is assumed
    plan           where to expand for a budget or a standard
    growth         when and where a network breaks as demand grows

Exchange
    export         write a network or a run's records for other programs
    import_        read mail routes, roads or a graph that others wrote

Examples
--------
>>> import yizhan as yz
>>> base = yz.scenario("xizang-2021")
>>> base
<Scenario xizang-2021: Xizang at the end of 2021>
>>> base.with_change("set_rounds", label="ngari", per_week=7, where={"prefecture": "Ngari"})
<Scenario xizang-2021+ngari: Xizang at the end of 2021, ngari>
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from network.errors import YizhanError

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from network.explain import Chain
    from scenarios.definition.resolve import Resolved
    from scenarios.frames.answers import (
        Costs,
        Coverage,
        Differences,
        Growth,
        Plan,
        Selection,
        ServiceAnswer,
        StudyAnswer,
    )
    from scenarios.frames.comparison import Comparison
    from scenarios.frames.network import NetworkTables
    from scenarios.frames.region import RegionTables
    from scenarios.frames.run import Run
    from scenarios.frames.scenario import Scenario
    from scenarios.frames.scheduled import Scheduled
    from scenarios.runs.folder import StoredRun

    What: TypeAlias = str | Path | Scenario
    RunOrScenario: TypeAlias = str | Path | Scenario | Run

__all__ = [
    "YizhanError",
    "any_size",
    "check",
    "compare",
    "cost",
    "coverage",
    "custody",
    "diff",
    "explain",
    "export",
    "growth",
    "import_",
    "journey",
    "measures",
    "network",
    "open_run",
    "plan",
    "plot",
    "region",
    "run",
    "scenario",
    "scenarios",
    "scheduled",
    "schema",
    "select",
    "service",
    "standards",
    "study",
    "sweep",
    "validate",
]


# ------------------------------------------------------------ find and read


def scenario(reference: RunOrScenario) -> Scenario:
    """Return a scenario, to look at, to vary and to run.

    Parameters
    ----------
    reference
        Library name, scenario file, or one of a sweep: ``FILE@per_week=7``; or a run, whose scenario it is.

    Raises
    ------
    YizhanError
        If there is none, or it is wrong: all problems together.

    Examples
    --------
    >>> scenario("xizang-rail-nyingchi").changes.op.tolist()
    ['add_route']
    """
    from scenarios.frames.scenario import Scenario
    from scenarios.runs.references import scenario_of, stored_run

    if isinstance(reference, Scenario):
        return reference
    run = stored_run(_plain(reference))
    if run is None:
        return Scenario(scenario_of(_plain(reference)))
    return Scenario(run.scenario, {run.scenario.fit_key: run.fitted})


def scenarios(reference: str | Path | None = None) -> pd.DataFrame:
    """Return the scenarios of the library, by name; or those that a sweep stands for, with what each sets.

    Parameters
    ----------
    reference
        A scenario file with a sweep; the library by default.

    Examples
    --------
    >>> scenarios().title["xizang-2021"]
    'Xizang at the end of 2021'
    """
    from scenarios.frames.lists import scenarios_frame

    return scenarios_frame(reference)


def standards() -> pd.DataFrame:
    """Return the service standards of the package: every rule, its value, how certain it is, its source.

    Examples
    --------
    >>> standards().index.names
    FrozenList(['standard', 'rule'])
    """
    from scenarios.frames.lists import standards_frame

    return standards_frame()


def measures() -> pd.DataFrame:
    """Return what can be measured: every key of a run's measures, its meaning and unit.

    Examples
    --------
    >>> measures().unit["transit.all.p80_h"]
    'h'
    """
    from scenarios.frames.measures import all_measures

    return all_measures()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors.

    Examples
    --------
    >>> schema()["title"]
    'Scenario'
    """
    from scenarios.definition.schema import json_schema

    return json_schema()


def region(name: str | None = None) -> RegionTables | list[str]:
    """Return the tables of a region, or the names of the regions that come with the package.

    Parameters
    ----------
    name
        Of the region; None lists them.

    Raises
    ------
    YizhanError
        If there is none of this name.

    Examples
    --------
    >>> region()
    ['xizang']
    >>> len(region("xizang").counties)
    74
    """
    from scenarios.frames.region import RegionTables, region_names

    return region_names() if name is None else RegionTables(name)


def open_run(folder: str | Path | Run) -> Run:
    """Return a finished run.

    Parameters
    ----------
    folder
        Run folder.

    Raises
    ------
    YizhanError
        If the folder holds none, or one that was broken off.
    """
    from scenarios.frames.run import Run
    from scenarios.runs.folder import open_run as stored

    return folder if isinstance(folder, Run) else Run(stored(folder))


# ------------------------------------------------------------ look at a network


def network(reference: RunOrScenario) -> NetworkTables:
    """Return the network of a scenario, a run or an archive (.json): tables, and a networkx graph.

    Examples
    --------
    >>> net = network("xizang-2021")
    >>> roads = net.routes[net.routes["mode"] == "road"]
    >>> len(roads), round(roads.km.sum())
    (89, 18303)
    """
    from scenarios.frames.network import NetworkTables
    from scenarios.frames.run import Run
    from scenarios.frames.scenario import Scenario
    from scenarios.runs.references import network_of

    if isinstance(reference, Scenario | Run):
        return reference.network()
    return NetworkTables(network_of(reference), Path(reference).stem)


def check(reference: RunOrScenario) -> pd.DataFrame:
    """Return every published figure beside the built one; ``ok`` is missing where a scenario changed it.

    Examples
    --------
    >>> figures = check("xizang-2021")
    >>> float(figures.published["road_routes"]), float(figures.built["road_routes"])
    (89.0, 89.0)
    """
    return network(reference).figures


def explain(reference: RunOrScenario, key: str) -> Chain:
    """Return what a built value rests on; print it to read it.

    Parameters
    ----------
    reference
        Scenario, run or archive.
    key
        Begins with built, figure, assumption, route, place, outlet, round, centre, vehicle or class, followed
        by an id and a field: ``route.road-012.km``.

    Raises
    ------
    YizhanError
        If nothing has this key.

    Examples
    --------
    >>> explain("xizang-2021", "assumption.inbound_ratio").value
    3.0
    """
    return network(reference).explain(key)


def diff(a: RunOrScenario, b: RunOrScenario, *, networks: bool = True) -> Differences:
    """Return what differs between two scenarios, and between their networks.

    Parameters
    ----------
    a, b
        Scenarios or runs.
    networks
        Compare the networks too, which may mean to fit them.

    Examples
    --------
    >>> diff("xizang-2021", "xizang-rail-nyingchi", networks=False).changes.only_in.tolist()
    ['b']
    """
    from scenarios.comparison.diff import diff as differing
    from scenarios.frames.answers import differences_of

    return differences_of(differing(_plain(a), _plain(b), networks=networks))


# ------------------------------------------------------------ times by the timetable alone


def scheduled(reference: RunOrScenario) -> Scheduled:
    """Return how long mail takes to every place by the timetable alone, without queues or chance.

    Examples
    --------
    >>> times = scheduled("xizang-2021")
    >>> times.places.loc["540223100", "place"]
    'Tingri town 01'
    """
    return network(reference).scheduled()


def journey(
    reference: RunOrScenario,
    origin: str,
    destination: str,
    *,
    at: str | None = None,
    by: str | None = None,
    week: bool = False,
    brand: str | None = None,
    surface: bool = False,
) -> pd.DataFrame:
    """Return the earliest way of one item by the timetable alone, step by step; empty if there is none.

    Parameters
    ----------
    reference
        Scenario, run or archive.
    origin, destination
        Place (id or name) or class of places outside the region.
    at
        Acceptance: weekday and time of day; "Mon 09:00" by default.
    by
        Instead: when the first attempt is to be made at the latest.
    week
        Instead: a row for each acceptance of a week that is worth waiting for.
    brand
        Express brand (its code) whose item it is; the post's own by default.
    surface
        By road and rail only.

    Raises
    ------
    YizhanError
        If there is no such place, class, brand or moment.

    Examples
    --------
    >>> steps = journey("xizang-2021", "Lhasa", "Tingri", at="Wed 10:00")
    >>> steps["from"].iloc[0], steps.what.iloc[-1]
    ('Wed 10:00', 'deliver')
    """
    return network(reference).journey(
        origin, destination, at=at, by=by, week=week, brand=brand, surface=surface
    )


def coverage(
    reference: RunOrScenario,
    origin: str = "outside",
    *,
    quantile: float = 0.8,
    hours: Sequence[int] = (24, 48, 72, 168),
    critical: bool = False,
    bottlenecks: bool = False,
    out: str | Path | None = None,
) -> Coverage:
    """Return who is reached within how many hours by the timetable alone, beside a run if one is given.

    Parameters
    ----------
    reference
        Scenario or run.
    origin
        outside (other provinces), gateway (the same from the gateway on), region (all places of the region),
        or one place or gateway by id or name.
    quantile
        Share of a place's mail that must be in time.
    hours
        Within so many hours.
    critical
        Close every leg and road link in turn, and rank them by what is lost: minutes.
    bottlenecks
        Add a departure to every route and a day to every round, and rank them by what they gain: minutes.
    out
        Folder for tables and charts; none are written by default.

    Raises
    ------
    YizhanError
        If there is no such origin.

    Examples
    --------
    >>> coverage("xizang-2021", "gateway", hours=[72, 168]).within.people.round(2).tolist()
    [0.14, 0.64]
    """
    from scenarios.assessment.coverage import draw_coverage, write_coverage
    from scenarios.assessment.coverage_asked import ask_coverage, origin_of
    from scenarios.frames.answers import coverage_of
    from scenarios.frames.run import Run
    from scenarios.runs.references import stored_run

    net = network(reference)
    run = stored_run(_plain(reference))
    named = reference.name if isinstance(reference, Run) else net.name
    answer = ask_coverage(
        named, net.model, origin, quantile, hours, run, critical=critical, bottlenecks=bottlenecks
    )
    if out is not None:
        write_coverage(answer, Path(out))
        draw_coverage(answer, Path(out), origin_of(net.model, origin)[1])
    return coverage_of(answer)


# ------------------------------------------------------------ simulate and judge


def run(reference: What, days: int | None = None, replications: int | None = None, **settings: Any) -> Run:
    """Simulate a scenario into a run folder, and return the run.

    Parameters
    ----------
    reference
        The scenario.
    days
        Measured days; those of the scenario by default.
    replications
        Runs under different random streams; intervals need two.
    **settings
        seed, workers, year, precision, max_replications, dask, out, plots, records: as for `Scenario.run`.

    Raises
    ------
    YizhanError
        If a setting is not allowed, or the folder holds something else.
    """
    return scenario(reference).run(days, replications, **settings)


def any_size(allowed: bool = True) -> AbstractContextManager[None]:
    """Return a block in which no simulation is refused for the memory or disk that it would take."""
    from scenarios.support import machine

    return machine.any_size(allowed)


def plot(folder: str | Path | Run, out: str | Path | None = None) -> list[Path]:
    """Draw all charts of a run as PNG and SVG, into its folder ``plots`` by default; return the files."""
    return open_run(folder).plot(out)


def service(
    reference: RunOrScenario, standards: Sequence[str] = (), *, share: float = 0.8, **settings: Any
) -> ServiceAnswer:
    """Return how a run keeps service standards: how often mail is delivered, and how fast.

    Parameters
    ----------
    reference
        A run; or a scenario, which is run first.
    standards
        Of the package, or files of one's own; those that bind in the region by default.
    share
        Share that must be in time where a standard does not say.
    **settings
        As for `run`, where a scenario is run first.
    """
    return _recorded(reference, settings).service(standards, share)


def validate(reference: RunOrScenario, **settings: Any) -> pd.DataFrame:
    """Return the observed facts of the region beside a run's answers, with verdicts.

    Parameters
    ----------
    reference
        A run; or a scenario, which is run first.
    **settings
        As for `run`, where a scenario is run first.
    """
    return _recorded(reference, settings).validate()


def cost(reference: RunOrScenario, **settings: Any) -> Costs:
    """Return what a run cost, emitted and earned: by part of the chain, class, route, round and place.

    Parameters
    ----------
    reference
        A run; or a scenario, which is run first.
    **settings
        As for `run`, where a scenario is run first.
    """
    return _recorded(reference, settings).cost()


def custody(reference: str | Path | Run, item: int | None = None, replication: int = 0) -> pd.DataFrame:
    """Return how often confidential mail of a run came into each kind of hand, or the hands of one item.

    Parameters
    ----------
    reference
        Run folder, or the run.
    item
        Key of an item: return its hands, first to last, instead of the counts.
    replication
        Of the run.

    Raises
    ------
    YizhanError
        If the run kept no such replication, or no confidential item has the key.
    """
    return open_run(reference).custody(item, replication)


# ------------------------------------------------------------ compare and choose


def compare(
    base: RunOrScenario,
    *others: RunOrScenario,
    days: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    items: bool = True,
    records: bool = False,
    measure: str | None = None,
    study: str | Path | None = None,
    out: str | Path | None = None,
    plots: bool = False,
) -> Comparison:
    """Compare scenarios with a base under the same items, dates and streams of chance.

    Parameters
    ----------
    base, *others
        Scenarios, which are run, or runs.
    days, replications, seed, workers
        Of all runs; three replications by default, for intervals need two.  Runs bring their own.
    items
        Compare item by item too.
    records
        Keep the item records of the runs.
    measure
        Key of the measure that the scenarios are put in order by; the mean time by default.
    study
        Folder of a study of worlds, for the second interval.
    out
        Folder; ``runs/compare-BASE-DATE-TIME`` by default.  One that was broken off is gone on with.
    plots
        Draw the charts of the differences into it.

    Raises
    ------
    YizhanError
        If a scenario is wrong, a run does not fit the others, or the folder holds something else.
    """
    from scenarios.comparison.compare import compare as compared
    from scenarios.comparison.ranking import MEASURE
    from scenarios.frames.comparison import Comparison
    from scenarios.frames.run import Run

    ran = isinstance(base, Run)
    comparison, folder = compared(
        _plain(base),
        [_plain(other) for other in others],
        None if out is None else Path(out),
        plots=plots,
        records=records,
        items=items,
        measure=measure or MEASURE,
        study=None if study is None else Path(study),
        replications=None if ran else 3 if replications is None else replications,
        workers=workers,
        seed=seed,
        measured_days=days,
    )
    return Comparison(comparison, folder)


def sweep(
    reference: What,
    key: str,
    values: Iterable[Any],
    measure: str | Sequence[str] = "mean",
    *,
    simulate: bool = False,
    days: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Return a measure of a scenario for many values of one key, worked out in parallel.

    By the timetable alone, some seconds a value; or simulated, minutes a value.

    Parameters
    ----------
    reference
        The scenario.
    key
        Dotted key as in the sweep of a scenario file: ``change.LABEL.per_week``,
        ``assumptions.inbound_ratio``.
    values
        What it shall be.
    measure
        One or several: a key of `measures`; what a summary calls it, such as "all mail within 72 h"; or a
        statistic of all mail or of a prefecture's, such as "P80" and "Ngari mean".
    simulate
        Simulate each value, instead of its scheduled times.
    days, replications, seed
        Of the simulations.
    workers
        Processes, one a processor by default; changes no result.
    out
        Folder for the runs of the simulations; they are not kept by default.

    Returns
    -------
    pandas.DataFrame
        A row for each value, named by it, with the measures and their units in the columns' names; ``±`` is
        the half-width of the 95 % interval.

    Raises
    ------
    YizhanError
        If there is no such key or measure, or a value is not allowed.
    """
    from scenarios.frames.sweep import sweep as swept

    return swept(
        scenario(reference),
        key,
        list(values),
        [measure] if isinstance(measure, str) else list(measure),
        simulate=simulate,
        workers=workers,
        out=None if out is None else Path(out),
        measured_days=days,
        replications=replications,
        seed=seed,
    )


def select(
    base: What,
    *others: What,
    delta: float,
    measure: str | None = None,
    confidence: float = 0.95,
    first: int = 5,
    max_replications: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
) -> Selection:
    """Select the best of some scenarios, the base among them, in as few replications as that takes.

    Parameters
    ----------
    base, *others
        Scenarios; the base gives dates and seed.
    delta
        Smallest difference worth finding, in the measure's unit.
    measure
        Key of the measure; the mean time by default.
    confidence
        Probability of a right selection, if the best is ahead by `delta` or more.
    first
        Replications of each before any is eliminated.
    max_replications
        Stop there, selected or not.
    days, seed, workers
        Of all runs.
    out
        Folder; ``runs/select-BASE-DATE-TIME`` by default.  One that was broken off is gone on with.
    """
    from scenarios.comparison.ranking import MEASURE
    from scenarios.comparison.select_runs import select as selected
    from scenarios.frames.answers import selection_of

    chosen, folder = selected(
        scenario(base).resolved,
        [scenario(other).resolved for other in others],
        delta,
        None if out is None else Path(out),
        measure=measure or MEASURE,
        confidence=confidence,
        first=first,
        most=max_replications,
        workers=workers,
        seed=seed,
        measured_days=days,
    )
    return selection_of(chosen, folder)


def study(
    base: What,
    *others: What,
    out: str | Path,
    worlds: int = 200,
    simulate: int = 20,
    replications: int = 3,
    networks: int = 4,
    spread: str = "triangular",
    total: int = 0,
    measures: Sequence[str] = (),
    days: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    dask: str | None = None,
    plots: bool = False,
) -> StudyAnswer:
    """Set scenarios against a base in many worlds: draws of everything that is assumed.

    Parameters
    ----------
    base, *others
        Scenarios.
    out
        Folder of the study; an unfinished one is gone on with.
    worlds
        Draws of everything assumed.
    simulate
        Worlds in which every scenario is simulated; 0 for none.
    replications
        Simulations of each at the defaults, for the interval.
    networks
        Networks of the family to draw from; 1 for the best alone.
    spread
        triangular (peak at the default) or uniform.
    total
        Pairs of worlds for total indices, each about eight worlds more.
    measures
        Keys to judge by; the first leads.
    days, seed
        Of the simulations.
    workers, dask
        Processes, or the address of a Dask scheduler.
    plots
        Draw the charts.
    """
    from scenarios.comparison.ranking import check_measures
    from scenarios.frames.answers import study_answer
    from scenarios.uncertainty.findings import find
    from scenarios.uncertainty.study import StudyPlan, study_of
    from scenarios.uncertainty.study_run import run_study

    check_measures(measures)
    size = StudyPlan(worlds, simulate, replications, networks, spread, total)
    named = [scenario(other).resolved for other in others]
    asked = study_of(scenario(base).resolved, named, size, Path(out), {"measured_days": days, "seed": seed})
    done = run_study(asked, workers=workers, dask=dask, measures=measures, plots=plots)
    return study_answer(find(done, measures))


def plan(
    reference: RunOrScenario,
    budget: float | None = None,
    *,
    measure: str = "scheduled.inbound.mean_h",
    kinds: Sequence[str] = (),
    standards: Sequence[str] = (),
    years: int | None = None,
    yearly_budget: float | None = None,
    gap: float = 1e-3,
    verify: bool = True,
    days: int | None = None,
    replications: int = 3,
    workers: int | None = None,
    out: str | Path | None = None,
    plots: bool = False,
) -> Plan:
    """Find what to expand: the most for a budget, the least for a standard, and in which order.

    Parameters
    ----------
    reference
        Scenario or run.
    budget
        Yuan a year beyond today's cost.
    measure
        What to improve; docs/plan.md lists the measures.
    kinds
        What may change: rounds, routes, direct, outlets, postal, hours; all by default.
    standards
        Find the cheapest plan for ``MEASURE >= SHARE``; several all hold.
    years, yearly_budget
        Years to plan for, and yuan of yearly cost that every year may add.
    gap
        Share of the gain between plan and bound to stop at.
    verify
        Simulate all plans against the base, paired.
    days, replications, workers
        Of the simulations.
    out
        Folder; ``runs/plan-NAME-DATE-TIME`` by default.
    plots
        Draw the charts into it.
    """
    from scenarios.expansion.asked import question_of
    from scenarios.expansion.folder import plan as planned
    from scenarios.frames.answers import plan_of

    kept = planned(
        _plain(reference),
        question_of(budget, measure, kinds, standards, years, yearly_budget, gap),
        None if out is None else Path(out),
        verify=verify,
        plots=plots,
        replications=replications,
        workers=workers,
        measured_days=days,
    )
    return plan_of(kept)


def growth(
    reference: What,
    years: tuple[int, int] = (2021, 2035),
    *,
    level: float = 0.5,
    others: Sequence[What] = (),
    library: bool = False,
    simulate: bool = False,
    factors: Sequence[float] = (),
    out: str | Path | None = None,
) -> Growth:
    """Say when and where a network breaks as demand grows, and which expansion delays it most.

    Parameters
    ----------
    reference
        The scenario.
    years
        First and last year looked at.
    level
        Of the interval for years; 0.5 gives quartiles.
    others
        Expansions to judge.
    library
        Judge every scenario of the library that changes this one.
    simulate
        Simulate demands around the break: do queues grow?
    factors
        Factors on express items to simulate; 0.9, 1 and 1.1 times that of the break by default.
    out
        Folder for tables and charts; none are written by default.
    """
    from scenarios.frames.answers import growth_of
    from scenarios.growth.asked import grow
    from scenarios.growth.folder import grow_into

    named = [scenario(other).resolved for other in others]
    first = scenario(reference).resolved
    asked: dict[str, Any] = {
        "from_library": library,
        "factors": list(factors) if factors or simulate else None,
    }
    if out is None:
        return growth_of(grow(first, years, level, named, **asked))
    return growth_of(grow_into(first, Path(out), years, level, named, **asked)[0])


# ------------------------------------------------------------ exchange


def export(reference: RunOrScenario, form: str, path: str | Path) -> list[str]:
    """Write a network, its roads or a run's records for other programs; return in lines what that holds.

    Parameters
    ----------
    reference
        Scenario, run or archive.
    form
        gtfs, gmns, geojson, gpkg, nodelink or archive; of a run also items or trips.
    path
        File to write: .zip, .geojson, .gpkg or .json as the form wants; .csv or .parquet for records.

    Raises
    ------
    YizhanError
        If there is no such form, or the file cannot be of it.
    """
    if form not in ("items", "trips"):
        return network(reference).export(path, form)
    from scenarios.frames.run import Run
    from scenarios.support.exports import write_records

    stored = (reference if isinstance(reference, Run) else open_run(str(reference))).stored
    return [f"{path}: {write_records(stored.path / f'{form}.parquet', Path(path)):,} rows"]


def import_(
    source: str | Path, form: str | None = None, *, onto: RunOrScenario | None = None, unit: str | None = None
) -> NetworkTables | pd.DataFrame | nx.MultiDiGraph:
    """Read mail routes, roads or a graph that others wrote.

    Parameters
    ----------
    source
        ZIP archive or folder (GTFS, GMNS), .geojson, .gpkg or node-link .json.
    form
        gtfs, gmns, geojson, gpkg or nodelink; by default what the name and the files look like.
    onto
        GTFS: scenario, run or archive whose mail routes these replace.
    unit
        Of lengths, where the files do not say it: km, m or mi.

    Returns
    -------
    NetworkTables, pandas.DataFrame or networkx.MultiDiGraph
        GTFS: the network with these routes, or the routes alone as a table.  GMNS: the roads as a table.
        Others: the graph.

    Raises
    ------
    YizhanError
        With all problems of a wrong source.
    """
    from scenarios.frames.lists import imported

    return imported(Path(source), form, None if onto is None else network(onto), unit)


def _plain(reference: RunOrScenario) -> str | Path | Resolved | StoredRun:
    """Return what the rooms below take."""
    from scenarios.frames.run import Run
    from scenarios.frames.scenario import Scenario

    if isinstance(reference, Scenario):
        return reference.resolved
    return reference.stored if isinstance(reference, Run) else reference


def _recorded(reference: RunOrScenario, settings: dict[str, Any]) -> Run:
    """Return a run, or run a scenario."""
    from scenarios.frames.run import Run
    from scenarios.runs.references import stored_run

    stored = stored_run(_plain(reference))
    if stored is None:
        assert not isinstance(reference, Run)
        return run(reference, **settings)
    if settings:
        from network.errors import InputErrors, Problem

        allowed = "only with a scenario; the run is there already"
        raise InputErrors(Problem("run", "", name, value, allowed) for name, value in settings.items())
    return Run(stored)
