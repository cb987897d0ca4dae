"""The command `signs-edge`: mounts one module per command; errors become one line and exit code 1."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from signs_edge.cli import (
    ablate,
    bench,
    data,
    demo,
    diagnose,
    doctor,
    drift,
    evaluate,
    export,
    inspect,
    run,
    service,
    train,
)
from signs_edge.cli.config import SETTINGS, ConfiguredCommand
from signs_edge.edge.errors import SignsEdgeError

# Without rich, help is there in a quarter of the time; on a Pi that is felt.
app = typer.Typer(
    name="signs-edge", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False
)
app.command(name="train")(train.train)
app.command(name="export")(export.export)
app.command(name="diagnose")(diagnose.diagnose)
app.command(name="run", cls=ConfiguredCommand, context_settings=SETTINGS)(run.run)
app.command(name="doctor")(doctor.doctor)
app.command(name="evaluate")(evaluate.evaluate)
app.command(name="inspect")(inspect.inspect)
app.command(name="bench")(bench.bench)
app.command(name="ablate")(ablate.ablate)
app.command(name="demo")(demo.demo)
app.add_typer(data.app, name="data")
app.add_typer(service.app, name="service")
app.add_typer(drift.app, name="drift")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"signs-edge {version('signs-edge')}")
        raise typer.Exit


@app.callback()
def _signs_edge(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Count the fingers of a hand: train on SIGNS, export to int8, run on live frames."""


def main() -> None:
    """Entry point: exit code 0 when done, 1 on an error a user can mend, 130 on Ctrl-C."""
    try:
        code = app(prog_name="signs-edge", standalone_mode=False)
    except (SignsEdgeError, TyperException) as error:
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        # A command group without a command is answered with its whole help, which needs no name before it.
        print(message if message.startswith("Usage:") else f"signs-edge: {message}", file=sys.stderr)
        code = 1
    try:
        sys.stdout.flush()
    except OSError as error:  # a full disk; a reader that has gone, as `| head` does, needs no message
        if not isinstance(error, BrokenPipeError):
            print(f"signs-edge: the output cannot be written ({error.strerror})", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries again, and complains
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
