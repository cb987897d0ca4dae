"""`signs-edge data draw`: pictures of drawn hands and people, with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def draw(
    out: Annotated[Path, typer.Option(help="Folder to write; one that is not finished is continued.", file_okay=False)],
    count: Annotated[int, typer.Option(help="How many pictures.")] = 600,
    what: Annotated[str, typer.Option(help="hands: one in a square picture; people: persons in rooms.")] = "hands",
    seed: Annotated[int, typer.Option(help="Other pictures for another number.")] = 0,
    hand: Annotated[
        str, typer.Option(help="mesh: a rigged hand, fetched once (94 kB); capsules: our own, needs no file.")
    ] = "mesh",
    backgrounds: Annotated[
        Path | None,
        typer.Option(help="Folder of pictures without people.", show_default="drawn rooms", file_okay=False),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="Pixels: WIDTHxHEIGHT, for hands both the same.", show_default="160x160, or 320x240 for people"
        ),
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Processes.", show_default="as many as cores")] = None,
) -> None:
    """Draw hands or people in three dimensions, with truth: count, fingers, box and its angle, distance, light.

    Writes class folders (0 to 5, none), truth.jsonl, boxes.csv and a sheet. The same seed gives the same pictures.
    """
    from rich.console import Console

    from signs_edge.cli.progress.drawing import drawing_progress
    from signs_edge.edge.errors import RuntimeMissingError

    try:
        from signs_edge.train.draw.config import DrawConfig
        from signs_edge.train.draw.folder import draw_folder
        from signs_edge.train.draw.parts import fetch_meshes
    except ImportError as error:
        raise RuntimeMissingError(
            f"drawing needs more than the device install ({error}): pip install 'signs-edge[train]'"
        ) from None
    pixels = {} if size is None else _pixels(what, size)
    config = DrawConfig(what=what, count=count, seed=seed, hand=hand, backgrounds=backgrounds, **pixels)
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    try:
        with console.status("looking for the meshes") as status:
            fetch_meshes(config, lambda name, have, _: status.update(f"fetching {name}: {have:,} bytes"))
        with drawing_progress(console) as progress:
            drawn = draw_folder(config, out, jobs=jobs, progress=progress)
    except KeyboardInterrupt:
        typer.echo("Stopped. What has been drawn is kept: the same command goes on.", err=True)
        raise
    typer.echo(f"{drawn.folder}  {drawn}")


def _pixels(what: str, size: str) -> dict[str, int]:
    """The sizes of a `DrawConfig` from WIDTHxHEIGHT."""
    from signs_edge.edge.errors import UsageError

    width, cross, height = size.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise UsageError(f"--size must be WIDTHxHEIGHT, such as 320x240. Received: {size}")
    if what == "people":
        return {"width": int(width), "height": int(height)}
    if width != height:
        raise UsageError(f"--size must be a square for hands, such as 160x160. Received: {size}")
    return {"side": int(width)}
