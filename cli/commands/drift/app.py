"""`signs-edge drift`: what the journals of devices say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from signs_edge.cli.commands.drift.output import DASH, DriftOutput, Html, Json
from signs_edge.cli.commands.drift.replay import replay
from signs_edge.cli.commands.drift.watch import watch

app = typer.Typer(no_args_is_help=True)
app.command()(replay)

_Journals = Annotated[list[Path], typer.Argument(metavar="JOURNAL…", help="Files that `run --journal` wrote.")]


@app.callback()
def drift() -> None:
    """Look into the journals of `signs-edge run --journal`."""


@app.command()
def report(
    journals: _Journals,
    html: Html = None,
    json: Json = None,
) -> None:
    """Print each journal's verdict, agreement by class, and what happened when."""
    from signs_edge.edge.journal.contents import JournalContents

    output = DriftOutput(html, json)
    output.check()
    output.write([JournalContents.read(path) for path in journals])


@app.command()
def export(
    journals: _Journals,
    csv: Annotated[
        str | None, typer.Option(metavar="PATH|-", help="A line a minute, to a file or the standard output.")
    ] = None,
    parquet: Annotated[
        str | None, typer.Option(metavar="PATH|-", help="A row a minute; needs signs-edge[parquet].")
    ] = None,
) -> None:
    """Write the minutes of journals, with what was known of drift at their end, for other programs."""
    from signs_edge.edge.errors import UsageError
    from signs_edge.edge.journal.parquet import write_parquet
    from signs_edge.edge.journal.table import write_csv
    from signs_edge.edge.session.outputs import check_target
    from signs_edge.edge.util.atomic_file import atomic_write

    if csv is None and parquet is None:
        raise UsageError("no format was named: give --csv PATH or --parquet PATH, or - for the standard output")
    if csv == DASH == parquet:
        raise UsageError("--csv - and --parquet - both want the standard output: give one of them a file")
    for option, target in (("--csv", csv), ("--parquet", parquet)):
        if target is not None and target != DASH:
            check_target(option, Path(target))
    if csv == DASH:
        write_csv(journals, sys.stdout)
    elif csv is not None:
        with atomic_write(Path(csv), "--csv") as file, file.open("w", encoding="utf-8", newline="") as out:
            write_csv(journals, out)
    if parquet == DASH:
        if sys.stdout.isatty():
            raise UsageError("--parquet - would write bytes to the terminal: give a file")
        write_parquet(journals, sys.stdout.buffer)
    elif parquet is not None:
        with atomic_write(Path(parquet), "--parquet") as file:
            write_parquet(journals, file)


app.command()(watch)
