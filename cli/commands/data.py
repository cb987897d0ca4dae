"""`signs-edge data`: the SIGNS photos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.commands.data_draw import draw
from signs_edge.cli.options.extras import require_training

if TYPE_CHECKING:
    from rich.console import Console

    from signs_edge.train.download.fetch import Progress

app = typer.Typer(no_args_is_help=True)


@app.callback()
def data() -> None:
    """Get the SIGNS photos, and look at what is wrong with them or others."""


app.command(short_help="Draw hands or people, with their truth.")(draw)


@app.command(short_help="Download the SIGNS photos, and check them.")
def fetch(
    url: Annotated[
        str | None,
        typer.Option(help="Folder to take both files from: http, https or file.", show_default="a public copy"),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to put them into.", show_default="$SIGNS_EDGE_CACHE, else the user's cache", file_okay=False
        ),
    ] = None,
) -> None:
    """Download train_signs.h5 and test_signs.h5, and check that they are the right ones.

    Files that are there already are kept, and a download that broke off is resumed. Prints where they lie.
    """
    require_training("data fetch")
    from rich.console import Console

    from signs_edge.train.data.cache import cache_folder
    from signs_edge.train.download import fetch as download

    folder = cache_folder() if to is None else to.expanduser()
    try:
        with _shown(Console(stderr=True)) as progress:
            paths = download.fetch(folder, download.DEFAULT_URL if url is None else url, progress=progress)
    except KeyboardInterrupt:
        typer.echo("Stopped. What has arrived is kept: the same command resumes it.", err=True)
        raise
    for path in paths:
        typer.echo(path)


@app.command(short_help="Draw the synthetic hands on one sheet.")
def sheet(
    out: Annotated[Path, typer.Argument(help="PNG file to write.")],
    seed: Annotated[int, typer.Option(help="Other hands for another number.")] = 0,
    columns: Annotated[int, typer.Option(help="Hands of each count.")] = 12,
) -> None:
    """Draw the built-in synthetic hands on one sheet, a row for each count."""
    import cv2

    from signs_edge.edge.errors import DataError
    from signs_edge.edge.synthetic.hands import contact_sheet

    picture = cv2.cvtColor(contact_sheet(seed, columns), cv2.COLOR_RGB2BGR)
    encoded, png = cv2.imencode(".png", picture)
    try:
        out.write_bytes(png.tobytes() if encoded else b"")
    except OSError as error:
        raise DataError(f"sheet {out} cannot be written ({error.strerror}): give another path") from None
    typer.echo(out)


@app.command(short_help="Look for copies, leaks, blur, bad light and suspicious labels.")
def audit(
    data: Annotated[
        str | None,
        typer.Option(
            help="HDF5 pair, images by class, or synthetic. [default: $SIGNS_EDGE_DATA, the cache, synthetic]"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for audit.json, audit.html and contact sheets.", show_default="none is written"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look for copies, bursts and leaks from training to test, blur, bad light, and suspicious labels."""
    require_training("the audit")
    import json

    from rich.console import Console

    from signs_edge.cli.options.data_source import data_source
    from signs_edge.train.audit.audit import audit as look
    from signs_edge.train.audit.report import write_report
    from signs_edge.train.data.dataset import load_splits

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with console.status("reading the pictures") as status:
        splits = load_splits(data_source(data))
        found = look(splits, lambda step: status.update(step))
        paths = write_report(found, splits, out) if out else ()
    if as_json:
        typer.echo(json.dumps(found.to_json()))
        return
    typer.echo(f"data   {found.source}\n{found}")
    for path in paths:
        typer.echo(path)


@contextmanager
def _shown(console: Console) -> Iterator[Progress]:
    """Show how far the files are: bars on a terminal, else a line for every tenth."""
    if not console.is_interactive:
        yield _lines(console)
        return
    from rich import progress

    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=console,
    ) as bars:
        tasks: dict[str, progress.TaskID] = {}

        def show(name: str, have: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=have, total=total)

        yield show


def _lines(console: Console) -> Progress:
    last: dict[str, tuple[int | None, int]] = {}

    def show(name: str, have: int, total: int | None) -> None:
        step = (total, have * 10 // total if total else have // 1_000_000)
        if last.get(name) != step:
            last[name] = step
            of = "" if total is None else f" of {total:,}"
            console.print(f"{name}: {have:,}{of} bytes", highlight=False, soft_wrap=True, markup=False)

    return show
