"""The command `signs-edge`: mounts one module per command; errors become one line and exit code 1."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from signs_edge.cli.commands import (
    ablate,
    bench,
    data,
    demo,
    diagnose,
    doctor,
    evaluate,
    export,
    inspect,
    run,
    service,
    train,
)
from signs_edge.cli.commands.drift import app as drift
from signs_edge.cli.options.config_file import SETTINGS, ConfiguredCommand
from signs_edge.cli.output import messages
from signs_edge.edge.errors import SignsEdgeError, UsageError

# Without rich, help is there in a quarter of the time; on a Pi that is felt.
app = typer.Typer(name="signs-edge", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command(name="train", short_help="Train the SIGNS ResNet.")(train.train)
app.command(name="export", short_help="Make TFLite files of a trained model, and check them against it.")(export.export)
app.command(name="diagnose", short_help="Find the layers where int8 loses; with --repair, mend them.")(
    diagnose.diagnose
)
app.command(name="run", short_help="Count fingers on live frames.", cls=ConfiguredCommand, context_settings=SETTINGS)(
    run.run
)
app.command(name="doctor", short_help="Say what this device lacks to count, and how to mend it.")(doctor.doctor)
app.command(name="evaluate", short_help="Measure the accuracy of a model on labelled pictures.")(evaluate.evaluate)
app.command(name="inspect", short_help="Show what is in a .tflite file.")(inspect.inspect)
app.command(name="bench", short_help="Measure latency, throughput and memory of model files.")(bench.bench)
app.command(name="ablate", short_help="Show what skip connections do.")(ablate.ablate)
app.command(name="demo", short_help="Train briefly on drawn hands, export, run on a drawn clip.")(demo.demo)
app.add_typer(data.app, name="data", short_help="Get the SIGNS photos, and find what is wrong with photos.")
app.add_typer(service.app, name="service", short_help="Keep `signs-edge run` going as a systemd user service.")
app.add_typer(drift.app, name="drift", short_help="Look into the journals of `signs-edge run --journal`.")

_DRIFT = {
    "replay": "Run the drift watch over a recording.",
    "report": "Print verdict, agreement by class, and what happened when.",
    "export": "Write the minutes of journals as CSV or Parquet.",
    "watch": "Follow a journal, and end at a verdict or a limit.",
}
for _command in drift.app.registered_commands:
    _command.short_help = _DRIFT.get(str(_command.name or getattr(_command.callback, "__name__", "")))


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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only, no notices.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print the Python traceback of an error too, for a bug report.")
    ] = False,
) -> None:
    """Count the fingers of a hand: train on SIGNS, export to int8, run on live frames."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose contradict each other: give one of them")
    messages.choose(quiet=quiet, verbose=verbose)


def main() -> None:
    """Entry point: exit code 0 when done, 1 on an error a user can mend, 130 on Ctrl-C."""
    messages.choose(quiet=False, verbose=False)
    try:
        code = app(prog_name="signs-edge", standalone_mode=False)
    except (SignsEdgeError, TyperException) as error:
        if messages.verbose():
            traceback.print_exc()
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
