"""`signs-edge doctor`: what this device lacks to count, and what mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from signs_edge.edge.doctor.examine import examine


def doctor(
    model: Annotated[
        Path | None,
        typer.Option(help="The model to try, as `run` takes it. [default: the newest export, else packaged]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check libraries, processor, models, cameras, permissions, display, heat and extras, and say how to mend each.

    The exit code is 1 where something fails that `signs-edge run` needs. No camera is a warning: files can be read. An
    optional part that is not installed is a note.
    """
    from signs_edge.edge.doctor.checks import Level

    checks = []
    for check in examine(model):
        checks.append(check)
        if not as_json:
            print(check, flush=True)
    well = all(check.level is not Level.FAIL for check in checks)
    if as_json:
        print(json.dumps({"ok": well, "checks": [check.to_json() for check in checks]}))
    if not well:
        raise typer.Exit(1)
