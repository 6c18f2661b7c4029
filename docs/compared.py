"""Put what comparisons print into docs/comparisons.md and docs/choosing.md.

    python docs/compared.py compare-a compare-b ...    # folders that `yizhan compare` kept

``<!-- compared: BASE OTHER -->`` becomes what `yizhan compare BASE OTHER` prints,
without the lines of `DULL`; ``<!-- compared: costs -->`` and ``gains`` the tables
of `COSTS` and `GAINS`; ``summary`` the summary of the folder with most scenarios,
``pairing`` and ``items`` tables of `PAIRING` from the same folder; ``selected`` what
`yizhan select` printed, from a folder that it kept.  The option ranking's chart is copied.  A block that the
folders have nothing for stays as it is.  Nothing is run.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scenarios.cli.compare import _print
from scenarios.cli.select import _print as _print_selection
from scenarios.comparison.compared import Comparison, compare_runs
from scenarios.runs.folder import StoredRun, open_run
from scenarios.support.tables import read_rows

PAGES = [Path(__file__).with_name(name) for name in ("comparisons.md", "choosing.md")]
BLOCK = re.compile(r"(<!-- compared: (?P<names>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
RANKING = "plots/option-ranking.png"
#: Beginnings of lines that say nothing about these scenarios.
DULL = (
    "people reached in 72 h",
    "mean wait for the next round",
    "items not resolved at the end",
    "under way on the fullest midnight",
    "  outside the region",
    "  on a round",
    "takes +0 vehicles",
    "rests on",
)
#: Without and with the disturbance, and what the column is called.
COSTS = (
    ("xizang-2021-by-timetable", "xizang-2021", "usual operation"),
    ("xizang-2021", "xizang-winter-closure", "closed road"),
    ("xizang-2021", "xizang-november-peak", "November peak"),
    ("xizang-2021", "xizang-half-fleet", "half the vehicles"),
)
GAINS = (
    "xizang-express-every-township",
    "xizang-handover-all",
    "xizang-daily-border-rounds",
    "xizang-daily-border-rounds-908",
    "xizang-ngari-rounds",
    "xizang-rail-nyingchi",
    "xizang-rail-xigaze",
    "xizang-second-ngari-road",
    "xizang-faster-ngari-road",
    "xizang-xigaze-trucks",
    "xizang-prefecture-centres",
    "xizang-fewer-stations",
    "xizang-double-inbound",
)
GAINED = (
    ("mean, all mail, h", "transit.all.at_close.mean_h", 1),
    ("mean, to villages, h", "transit.by_tiers.gateway.village.at_close.mean_h", 1),
    ("reached in 168 h, gateway on, points", "coverage.from_gateway.within.168.people", 100),
)
#: A change of one corner, of the whole region, of what shares trucks, of demand.
PAIRING = (
    ("local", "xizang-ngari-rounds"),
    ("region-wide", "xizang-express-every-township"),
    ("region-wide", "xizang-handover-all"),
    ("shared trucks", "xizang-second-ngari-road"),
    ("shared trucks", "xizang-xigaze-trucks"),
    ("demand", "xizang-double-inbound"),
)
ROWS = {
    "all mail to the region": "all",
    "from other provinces": "by_direction.inbound",
    "between prefectures": "by_direction.within_region",
    "within a prefecture": "by_direction.same_prefecture",
    "to other provinces": "by_direction.outbound",
    "confidential mail": "by_class.confidential",
    "EMS": "by_class.ems",
    "express": "by_class.express",
    "letters and printed matter": "by_class.letter",
    "parcels": "by_class.parcel",
    "newspapers": "by_class.newspaper",
    **{
        f"to {name}": f"by_prefecture.{name}"
        for name in ("Lhasa", "Shannan", "Nyingchi", "Xigaze", "Nagqu", "Qamdo", "Ngari")
    },
}


def pair(runs: list[StoredRun], base: str, other: str) -> Comparison:
    """Return the comparison of two scenarios that ran on the same dates.

    Raises
    ------
    LookupError
        If the folders hold none.
    """
    for first in runs:
        for second in runs:
            names = first.summary["scenario"], second.summary["scenario"]
            plans = [
                (run.summary["start"], run.summary["seed"], len(run.measures)) for run in (first, second)
            ]
            if names == (base, other) and plans[0] == plans[1]:
                return compare_runs(first, [second])
    raise LookupError(f"no comparison of {base} with {other}")


def printed(comparison: Comparison, base: str, other: str) -> str:
    """Return what the command prints, lines left out marked …"""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        _print(comparison)
    lines = [f"$ yizhan compare {base} {other}"]
    for line in out.getvalue().splitlines():
        if not line.startswith(DULL):
            lines.append(line.rstrip())
        elif lines[-1] != "…":
            lines.append("…")
    return "```\n" + "\n".join(line for line in lines if line) + "\n```\n"


def costs(runs: list[StoredRun]) -> Iterator[str]:
    """Yield the lines of the table of hours that each disturbance adds."""
    found = [pair(runs, base, other).differences[0] for base, other, _ in COSTS]
    yield "| mean hours more | " + " | ".join(title for *_, title in COSTS) + " |"
    yield "|---|" + "---:|" * len(COSTS)
    for label, group in ROWS.items():
        rows = [diff[f"transit.{group}.at_close.mean_h"] for diff in found]
        cells = [f"{row.difference:+,.1f} ± {row.half_width or 0:,.1f}" for row in rows]
        yield f"| {label} | " + " | ".join(cells) + " |"


def gains(runs: list[StoredRun]) -> Iterator[str]:
    """Yield the lines of the table of what expansions gain and take."""
    yield "| | " + " | ".join(title for title, *_ in GAINED) + " | vehicles | drivers | vehicle-km a week |"
    yield "|---|" + "---:|" * (len(GAINED) + 3)
    for name in GAINS:
        found = pair(runs, "xizang-2021", name)
        rows = [(found.differences[0][key], scale) for _, key, scale in GAINED]
        cells = [
            f"{row.difference * scale:+,.2f} ± {(row.half_width or 0) * scale:,.2f}" for row, scale in rows
        ]
        more = found.requirements[0].more
        cells += [f"{more[key]:+,.0f}" for key in ("vehicles", "drivers", "vehicle_km_per_week")]
        yield f"| {name.removeprefix('xizang-')} | " + " | ".join(cells) + " |"


def summary(folder: Path) -> Iterator[str]:
    """Yield the lines of a comparison's summary, without its title."""
    yield from (folder / "summary.md").read_text(encoding="utf-8").splitlines()[2:]


def pairing(folder: Path) -> Iterator[str]:
    """Yield the lines of the table of what pairing saves on the mean transit time."""
    rows = {(row["scenario"], row["measure"]): row for row in table(folder, "differences.csv")}
    yield "| | scenario | difference, h | paired ± | unpaired ± | ratio | the same, with what is under way |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for kind, name in PAIRING:
        row, bound = (rows.get((name, f"transit.all.{key}")) for key in ("mean_h", "at_close.mean_h"))
        if row and bound and row["ratio"]:
            numbers = [f"{float(row[key]):.2f}" for key in ("half_width", "half_width_unpaired")]
            ratios = [f"{float(each['ratio']):.1f}" for each in (row, bound)]
            cells = [kind, name, f"{float(row['difference']):+.2f}", *numbers, *ratios]
            yield "| " + " | ".join(cells) + " |"


def same_items(folder: Path) -> Iterator[str]:
    """Yield the lines of the table of items in both scenarios and in one only."""
    yield "| scenario | in both | base only | other only | same items, h | all items, h |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in table(folder, "items.csv"):
        if row["kind"] == "all":
            counts = [f"{float(row[key]):,.0f}" for key in ("in_both", "only_base", "only_other")]
            means = [
                f"{float(row[f'{part}difference_h']):+,.2f} ± {float(row[f'{part}half_width_h'] or 0):,.2f}"
                if row[f"{part}difference_h"]
                else "–"
                for part in ("", "all_")
            ]
            yield f"| {row['scenario']} | " + " | ".join([*counts, *means]) + " |"


def selected(folder: Path) -> str:
    """Return what ``yizhan select`` printed."""
    told = json.loads((folder / "select.json").read_text(encoding="utf-8"))
    run = next(open_run(path.parent) for path in folder.glob("*/summary.json"))
    names = list(told["values"])
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        _print_selection(told)
    command = f"$ yizhan select {' '.join(names)} --delta {told['delta']:g} --first {told['first_stage']}"
    days = f" --days {run.summary['measured_days']}" if run.summary["measured_days"] != 28 else ""
    lines = [command + days, *(line.rstrip() for line in out.getvalue().splitlines())]
    return "```\n" + "\n".join(line for line in lines if line) + "\n```\n"


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a table of a comparison."""
    return read_rows(folder / name)


def main() -> int:
    """Rewrite the pages from the comparison folders named."""
    folders = [Path(name) for name in sys.argv[1:]]
    runs = [open_run(path.parent) for folder in folders for path in sorted(folder.glob("*/summary.json"))]
    told = [folder for folder in folders if (folder / "summary.md").is_file()]
    largest = max(told, key=lambda folder: len(table(folder, "option_ranking.csv")), default=None)
    chosen = [folder for folder in folders if (folder / "select.json").is_file()]
    of_runs = {("costs",): costs, ("gains",): gains}
    of_folder = {("summary",): summary, ("pairing",): pairing, ("items",): same_items}

    def block(match: re.Match[str]) -> str:
        names = tuple(match["names"].split())
        try:
            if names in of_folder:
                if largest is None:
                    return match[0]
                text = "\n".join(of_folder[names](largest)) + "\n"
            elif names == ("selected",):
                if not chosen:
                    return match[0]
                text = selected(chosen[0])
            elif names in of_runs:
                text = "\n".join(of_runs[names](runs)) + "\n"
            else:
                text = printed(pair(runs, *names), *names)
        except LookupError as missing:
            print(f"left as it is: {' '.join(names)} ({missing})")
            return match[0]
        return match[1] + text + match[3]

    if largest is not None and (largest / RANKING).is_file():
        shutil.copyfile(largest / RANKING, PAGES[0].parent / "images" / "option-ranking.png")
    for page in PAGES:
        page.write_text(BLOCK.sub(block, page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
