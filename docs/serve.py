"""Write the output shown in docs/service.md, and its chart, from a run.

    python docs/serve.py runs/xizang-2021-...     # of yizhan run xizang-2021 --replications 3

Blocks ``<!-- service: ARGUMENTS -->`` become what `yizhan service RUN ARGUMENTS` prints.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from typer.testing import CliRunner

from scenarios.cli import app

PAGE = Path(__file__).with_name("service.md")
IMAGE = PAGE.parent / "images" / "in-time-express-24h.png"
BLOCK = re.compile(r"(<!-- service: (?P<arguments>[^>]*?) ?-->\n).*?(<!-- end -->)", re.DOTALL)
PATHS = ("rests on", "written to")  # lines that name folders


def main() -> int:
    """Rewrite the blocks, or say what went wrong."""
    parser = argparse.ArgumentParser(description="Write the output shown in docs/service.md.")
    parser.add_argument("run", type=Path, help="a run folder")
    run = parser.parse_args().run
    with tempfile.TemporaryDirectory() as folder:

        def printed(block: re.Match[str]) -> str:
            given = block["arguments"].split()
            done = CliRunner().invoke(app, ["service", str(run), *given, "--out", folder])
            if done.exit_code:
                sys.exit(done.output)
            lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith(PATHS)]
            command = " ".join(["$ yizhan service RUN", *given])
            return block[1] + "\n".join(["```", command, *lines, "```", ""]) + block[3]

        PAGE.write_text(BLOCK.sub(printed, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.copyfile(Path(folder) / "yzt-0128-2007-express-24h.png", IMAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
