"""Put what a study found into docs/studies.md.

    python docs/studied.py STUDY    # a folder that `yizhan study` kept

``<!-- studied: summary -->`` becomes the sentences and tables of summary.md, ``<!-- studied: refused -->``
what was refused and why, ``<!-- studied: inputs -->`` what the published totals say of the inputs,
``<!-- studied: worth -->`` the inputs to find out first, ``<!-- studied: shortcut -->`` how good the shortcut
by the timetable alone was.  The charts of `IMAGES` are copied.  Nothing is run.
"""

from __future__ import annotations

import csv
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).with_name("studies.md")
BLOCK = re.compile(r"(<!-- studied: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
MOST = 8  # rows of a table
#: Measures of which the shortcut is shown; shortcut.csv has all.
SHOWN = ("transit.all.mean_h", "transit.all.p80_h", "coverage.from_gateway.within.168.people")
IMAGES = ("differences", "shares-simulated")
Row = Mapping[str, str]


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in body)]
    return "\n".join(lines)


def summary(folder: Path) -> str:
    text = (folder / "summary.md").read_text(encoding="utf-8")
    kept = text.partition("\n## What this does not show")[0].strip()
    return re.sub(r"^#+ (.*)$", r"**\1**", kept, flags=re.MULTILINE)


def refused(folder: Path) -> str:
    stages: dict[str, list[str]] = {}
    for row in rows(folder, "refused.csv"):
        stages.setdefault(row["stage"], []).append(row["reason"])
    body = [
        (stage, str(len(told)), told[0].replace("|", "/"))
        for stage, told in sorted(stages.items(), key=lambda item: -len(item[1]))
    ]
    return table(("stage", "draws", "one of the reasons"), body)


def inputs(folder: Path) -> str:
    found = [row for row in rows(folder, "inputs.csv") if row["shift"]]
    found.sort(key=lambda row: -abs(float(row["shift"])))
    return table(
        ("input", "range", "mean of the draws", "mean of the worlds", "shift"),
        [
            (
                f"`{row['input']}`",
                f"{float(row['low']):g} to {float(row['high']):g}",
                f"{float(row['mean_drawn']):.3g}",
                f"{float(row['mean_of_worlds']):.3g}",
                f"{float(row['shift']):+.2f}",
            )
            for row in found[:MOST]
        ],
    )


def worth(folder: Path) -> str:
    found = [row for row in rows(folder, "information.csv") if row["clear"] == "true"]
    found.sort(key=lambda row: (row["measure"], -float(row["worth"])))
    if not found:
        return "No single input is clearly worth finding out first, by any of the measures."
    return table(
        ("measure", "choice", "input", "worth", "of all that could be known", "unit"),
        [
            (
                f"`{row['measure']}`",
                row["choice"],
                f"`{row['input']}`",
                f"{float(row['worth']):.3g}",
                f"{float(row['perfect']):.3g}",
                row["unit"],
            )
            for row in found[: 2 * MOST]
        ],
    )


def shortcut(folder: Path) -> str:
    if all(row["worlds"] == "0" for row in rows(folder, "shortcut.csv")):
        return "No world was simulated."
    return table(
        ("measure", "scenario", "worlds", "rank correlation", "same side"),
        [
            (
                f"`{row['measure']}`",
                row["scenario"],
                row["worlds"],
                f"{float(row['rank']):.2f}" if row["rank"] else "–",
                f"{row['same_sign']} of {row['worlds']}",
            )
            for row in rows(folder, "shortcut.csv")
            if row["worlds"] != "0" and row["measure"] in SHOWN
        ],
    )


BLOCKS: dict[str, Callable[[Path], str]] = {
    "summary": summary,
    "refused": refused,
    "inputs": inputs,
    "worth": worth,
    "shortcut": shortcut,
}


def main() -> None:
    folder = Path(sys.argv[1])
    text = PAGE.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda m: f"{m[1]}\n{BLOCKS[m['name']](folder)}\n\n{m[3]}", text)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    for name in IMAGES:
        shutil.copyfile(folder / "plots" / f"{name}.png", PAGE.parent / "images" / f"study-{name}.png")


if __name__ == "__main__":
    main()
