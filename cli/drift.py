"""`signs-edge drift`: what the journals of devices say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from signs_edge.cli.drift_replay import replay

app = typer.Typer(no_args_is_help=True)
app.command()(replay)

_Journals = Annotated[list[Path], typer.Argument(metavar="JOURNAL…", help="Files that `run --journal` wrote.")]


@app.callback()
def drift() -> None:
    """Look into the journals of `signs-edge run --journal`."""


@app.command()
def report(
    journals: _Journals,
    html: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Also write it as one HTML page that needs no network.")
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="Also write all of it as JSON.")] = None,
) -> None:
    """Print each journal's verdict, agreement by class, and what happened when."""
    from json import dumps

    from signs_edge.edge.errors import UsageError
    from signs_edge.edge.journal_report import JournalReport

    reports = [JournalReport.read(path) for path in journals]
    print("\n\n".join(map(str, reports)))
    if html is not None:
        from signs_edge.edge.drift_page import write_page

        write_page(html, reports)
    if json is not None:
        temporary = json.with_name(f".{json.name}.tmp")
        try:
            temporary.write_text(dumps([one.to_json() for one in reports], indent=2) + "\n", encoding="utf-8")
            temporary.replace(json)
        except OSError as error:
            raise UsageError(f"--json {json} cannot be written ({error.strerror}): give another path") from None


@app.command()
def export(
    journals: _Journals,
    csv: Annotated[bool, typer.Option("--csv", help="A line a minute on the standard output.")] = False,
) -> None:
    """Write the minutes of journals for other programs."""
    from csv import DictWriter
    from json import dumps

    from signs_edge.edge.errors import UsageError
    from signs_edge.edge.journal_report import JournalReport

    if not csv:
        raise UsageError("no format was named: give --csv")
    rows = [
        {
            "journal": one.path,
            **{name: dumps(value) if isinstance(value, dict) else value for name, value in row.items()},
        }
        for one in map(JournalReport.read, journals)
        for row in one.minutes
    ]
    if rows:
        writer = DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
