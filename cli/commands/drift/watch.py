"""`signs-edge drift watch`: ends, or calls a command, when a journal tells what was waited for."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.edge.errors import UsageError
from signs_edge.edge.util.text import printable

if TYPE_CHECKING:
    from signs_edge.edge.journal.follow import Change

_CODES = {"ok": 0, "drift": 3, "unknown": 4, "agreement": 5, "accuracy": 5, "celsius": 5, "silent": 6, "stopped": 6}
_LEAST_S, _MOST_S = 0.1, 86_400.0  # from look to look
_GRAVITY = ("drift", "agreement", "accuracy", "celsius", "stopped", "silent", "unknown", "ok")


def watch(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="A file that `run --journal` writes.")],
    on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VERDICT", help="What to wait for: drift, unknown or ok; may be given again. [default: drift]"
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="Run a shell command each time, and go on, in place of ending; with $SIGNS_EDGE_WHY, "
            "$SIGNS_EDGE_VERDICT, $SIGNS_EDGE_PREVIOUS, $SIGNS_EDGE_FAULT, $SIGNS_EDGE_TEXT and $SIGNS_EDGE_WATCHED, the file.",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="From look to look.")] = 5.0,
    floor: Annotated[
        float | None, typer.Option(help="Also where agreement lately is surely below this share, such as 0.99.")
    ] = None,
    accuracy: Annotated[
        float | None,
        typer.Option(help="Also where int8's accuracy, guessed without labels, is surely below this share."),
    ] = None,
    celsius: Annotated[float | None, typer.Option(help="Also where the board is so hot, in steps of 5.")] = None,
    silence: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Also where no frame was counted for so long: dark, lost, disk full."),
    ] = 600.0,
) -> None:
    """Follow a journal that a run writes, and end at a verdict, a limit, or where the run is no more.

    Exit codes: 0 the verdict ok was waited for and came, SIGINT or SIGTERM, or --once found nothing; 3 drift; 4 unknown;
    5 a limit is crossed (--floor, --accuracy, --celsius); 6 no run writes in the journal, or no frames came; 1 a mistake.
    """
    from signs_edge.cli.signals import stopping_on_signals
    from signs_edge.edge.journal.follow import VERDICTS, JournalFollower, Limits

    awaited = tuple(on or ("drift",))
    for verdict in awaited:
        if verdict not in VERDICTS:
            raise UsageError(f"--on {verdict} is not allowed: give {', '.join(VERDICTS)}")
    if not _LEAST_S <= every <= _MOST_S:
        raise UsageError(f"--every {every:g} is not allowed: give {_LEAST_S:g} to {_MOST_S:g} seconds")
    if command is not None and not command.strip():
        raise UsageError("--exec '' is not allowed: give a shell command, such as 'echo $SIGNS_EDGE_TEXT'")
    seen, stop = JournalFollower(journal, Limits(floor, accuracy, celsius, silence)), threading.Event()
    with stopping_on_signals(stop):
        changes = seen.look(time.monotonic(), time.time() if once else None)
        if not seen.verdict:
            print("notice: no verdict yet; it needs a run with --float-model", file=sys.stderr, flush=True)
        while True:
            for change in changes:
                with suppress(BrokenPipeError):  # nobody reads on; the exit code and the command are still wanted
                    print(_line(change), flush=True)
            told = [change for change in changes if not change.over and change.why in (*awaited, *_LIMITS)]
            for change in told:
                if command is not None:
                    _call(command, change, journal, stop)
            if told and (once or command is None):
                raise typer.Exit(_CODES[min((change.why for change in told), key=_GRAVITY.index)])
            if once or stop.wait(every):
                return
            changes = seen.look(time.monotonic())


_LIMITS = tuple(why for why in _CODES if why not in ("ok", "drift", "unknown"))


def _line(change: Change) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    what = f"{change.why}: " if change.why in _LIMITS else ""
    return printable(f"{when} UTC  {'over: ' if change.over else ''}{what}{change.text}")


def _call(command: str, change: Change, journal: Path, stop: threading.Event) -> None:
    """Run the command to its end; a signal to this process ends it early."""
    from signs_edge.edge.util.shell import run_command

    variables = {
        "SIGNS_EDGE_WHY": change.why,
        "SIGNS_EDGE_VERDICT": change.verdict,
        "SIGNS_EDGE_PREVIOUS": change.previous,
        "SIGNS_EDGE_FAULT": change.fault,
        "SIGNS_EDGE_TEXT": printable(change.text),
        "SIGNS_EDGE_WATCHED": str(journal),
    }
    complaint = run_command(
        command, variables, until=lambda: 0.0 if stop.is_set() else None, goes_on="watching goes on"
    )
    if complaint:
        print(f"notice: --exec {complaint}", file=sys.stderr, flush=True)
