"""Put what comparisons print into docs/comparisons.md.

    python docs/compared.py compare-a compare-b ...    # folders that `yizhan compare` kept

``<!-- compared: BASE OTHER -->`` becomes what `yizhan compare BASE OTHER` prints,
without the lines of `DULL`; ``<!-- compared: costs -->`` and ``gains`` the tables
of `COSTS` and `GAINS`.  All are made of the runs in the folders, nothing is run.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from scenarios.cli.compare import _print
from scenarios.compare import Comparison, compare_runs
from scenarios.store import StoredRun, open_run

PAGE = Path(__file__).with_name("comparisons.md")
BLOCK = re.compile(r"(<!-- compared: (?P<names>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
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
    "xizang-rail-nyingchi",
    "xizang-second-ngari-road",
    "xizang-double-inbound",
)
GAINED = (
    ("mean, all mail, h", "transit.all.at_close.mean_h", 1),
    ("mean, to villages, h", "transit.by_tiers.gateway.village.at_close.mean_h", 1),
    ("reached in 168 h, gateway on, points", "coverage.from_gateway.within.168.people", 100),
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
        more = found.takes[0].more
        cells += [f"{more[key]:+,.0f}" for key in ("vehicles", "drivers", "vehicle_km_per_week")]
        yield f"| {name.removeprefix('xizang-')} | " + " | ".join(cells) + " |"


def main() -> int:
    """Rewrite the page from the comparison folders named."""
    folders = [Path(name) for name in sys.argv[1:]]
    runs = [open_run(path.parent) for folder in folders for path in sorted(folder.glob("*/summary.json"))]

    def block(match: re.Match[str]) -> str:
        names = match["names"].split()
        table = {("costs",): costs, ("gains",): gains}.get(tuple(names))
        text = printed(pair(runs, *names), *names) if table is None else "\n".join(table(runs)) + "\n"
        return match[1] + text + match[3]

    PAGE.write_text(BLOCK.sub(block, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
