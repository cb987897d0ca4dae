"""What `signs-edge data draw` shows: a bar on a terminal, else a line for every tenth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from signs_edge.train.draw.folder import Progress


@contextmanager
def drawing_progress(console: Console) -> Iterator[Progress]:
    """Give a function that shows how many pictures are there."""
    if not console.is_interactive:
        yield _lines(console)
        return
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=console) as bars:
        task = bars.add_task("drawing", total=None)

        def show(have: int, whole: int) -> None:
            bars.update(task, completed=have, total=whole)

        yield show


def _lines(console: Console) -> Progress:
    last = -1

    def show(have: int, whole: int) -> None:
        nonlocal last
        tenth = have * 10 // whole
        if tenth != last:
            last = tenth
            console.print(f"drawn: {have:,} of {whole:,}", highlight=False, soft_wrap=True, markup=False)

    return show
