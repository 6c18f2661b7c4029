"""Put the observed facts beside a run's answers, and write the table of docs/observed.md.

    python docs/observe.py runs/xizang-2021-...            # print the table
    python docs/observe.py runs/xizang-2021-... --write    # and put it into the page

The facts stand in network/data/xizang/observed.toml; `yizhan validate` sets them beside a run.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from scenarios.assessment.validation import markdown, validate
from scenarios.runs.recorded import recorded

PAGE = Path(__file__).with_name("observed.md")
BLOCK = re.compile(r"(<!-- observed -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Print the table of a run folder, or write it into the page."""
    parser = argparse.ArgumentParser(description="Observed facts beside a run's answers.")
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--write", action="store_true", help="put the table into docs/observed.md")
    given = parser.parse_args()
    found = markdown(validate(recorded(str(given.run))))
    print(found, end="")
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(BLOCK.sub(lambda m: m[1] + found + m[2], page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
