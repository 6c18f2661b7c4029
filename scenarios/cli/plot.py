"""``yizhan plot``: the charts of a run, drawn anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.common import check_folder, examples, guarded
from scenarios.cli.options import out as out_option
from scenarios.cli.progress import shown_progress

__all__ = ["EXAMPLES", "command"]

EXAMPLES = examples(
    "yizhan plot runs/xizang-2021-20260101-120000",
    "yizhan plot runs/xizang-2021-20260101-120000 --out figures",
)


@guarded
def command(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    out: Annotated[Path | None, out_option("Folder for the charts; RUN/plots by default.")] = None,
) -> None:
    """Draw the charts of a finished run as PNG and SVG."""
    from scenarios.runs.folder import open_run
    from scenarios.runs.run import draw

    check_folder(out)
    stored = open_run(run)
    with shown_progress() as progress:
        progress.step("drawing the charts")
        files = draw(stored, out or stored.path / "plots")
    for file in files:
        print(file)
