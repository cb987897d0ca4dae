"""Where the results of a run go: its sinks, and the checks before any of them is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    from signs_edge.edge.run.sink import Sink
    from signs_edge.edge.session.settings import RunSettings

DASH = "-"
"""In place of a file: the standard output."""


def check_target(option: str, path: Path | None) -> None:
    """Refuse a path that no file can be written to, while there is nothing to lose yet."""
    try:
        if path is None or (not path.is_dir() and path.parent.is_dir()):
            return
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise UsageError(f"{option} {path} cannot be written ({error.strerror}): give another path") from None
    raise UsageError(f"{option} {path} cannot be written: give a file in a folder that exists")


def check_apart(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what is read, or twice into one file: each mapping is of options and what they name.

    Raises:
        UsageError: two options name the same file, by whatever path or link.
    """
    named = [(option, path) for option, path in (*outputs.items(), *inputs.items()) if path is not None]
    for place, (option, output) in enumerate(named[: sum(path is not None for path in outputs.values())]):
        for other, path in named[place + 1 :]:
            if _same_file(output, path):
                raise UsageError(f"{option} {output} is what {other} names too: give another path, or it would be lost")


def check_outputs(settings: RunSettings) -> None:
    """Refuse outputs that cannot be written, that are the same file, or that are what is read.

    Raises:
        UsageError: one of these is so.
    """
    from signs_edge.edge.sinks.command import checked_command
    from signs_edge.edge.sinks.kept_frames import check_folder

    jsonl, summary = settings.jsonl, settings.summary
    if jsonl == DASH == str(summary):
        raise UsageError("--jsonl - and --summary - both want the standard output: give one of them a file")
    lines = Path(jsonl) if jsonl not in (None, DASH) else None
    page = summary if str(summary) != DASH else None
    check_target("--summary", page)
    check_target("--jsonl", lines)
    check_apart(
        {"--journal": settings.journal, "--jsonl": lines, "--summary": page},
        {"--source": Path(settings.source), "--config": settings.config, "--model": settings.model,
         "--float-model": settings.float_model, "--finder": settings.finder},
    )  # fmt: skip
    if settings.keep_frames is not None:
        check_folder(settings.keep_frames)
    if settings.on_count is not None:
        checked_command(settings.on_count)


def open_sinks(
    stack: ExitStack,
    settings: RunSettings,
    labels: tuple[str, ...],
    enough: Callable[[], None],
    notice: Callable[[str], None],
) -> list[Sink]:
    """The sinks that some settings ask for, closed with the stack. A new kind of sink is added here.

    Args:
        stack: closes them.
        settings: of the run.
        labels: the model's classes.
        enough: called when the reader of the standard output has gone away.
        notice: gets a line where a sink fails while the run goes on.
    """
    from signs_edge.edge.sinks.command import CountCommand
    from signs_edge.edge.sinks.jsonl import JsonLines
    from signs_edge.edge.sinks.kept_frames import KeptFrames

    sinks: list[Sink] = []
    if settings.jsonl is not None:
        sinks.append(JsonLines(settings.jsonl, enough))
    if settings.keep_frames is not None:
        sinks.append(KeptFrames(settings.keep_frames, labels, notice))
    if settings.on_count is not None:
        sinks.append(CountCommand(settings.on_count, notice))
    for sink in sinks:
        stack.enter_context(sink)
    return sinks


def _same_file(one: Path, other: Path) -> bool:
    try:
        if one.is_file() and other.is_file():
            return one.samefile(other)
        return one.resolve() == other.resolve() and not one.exists()
    except (OSError, ValueError):
        return False
