"""A shell command of the user's, run to its end or to the end of one's patience."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping

from signs_edge.edge.util.environment import without_secrets

PATIENCE_S = 10.0
_GRACE_S = 1.0  # from SIGTERM to SIGKILL


def run_command(
    command: str,
    variables: Mapping[str, str],
    patience: float = PATIENCE_S,
    until: Callable[[], float | None] = lambda: None,
    goes_on: str = "counting goes on",
) -> str:
    """Run a command to its end; one that takes too long is ended, with all that it started.

    What it prints goes to the standard error, for the standard output may be for a program.

    Args:
        command: for the shell.
        variables: of its environment, beside those of this process.
        patience: seconds that it may take.
        until: asked while it runs for an earlier end, as `time.monotonic()` gives it; None: there is none yet.
        goes_on: what goes on where it fails, for the message.

    Returns:
        What went wrong; nothing where all is well, or where the earlier end came: who asked for it knows.
    """
    whole = without_secrets(os.environ) | dict(variables)
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            shell=True,
            env=whole,
            stdin=subprocess.DEVNULL,
            stdout=2,  # the standard error
            start_new_session=True,
        )
    except OSError as error:
        return f"cannot be started ({error.strerror}); {goes_on}"
    while process.poll() is None:
        now, earlier = time.monotonic(), until()
        end = min(started + patience, earlier if earlier is not None else now + patience)
        if now >= end:
            _end(process)
            if now < started + patience:
                return ""
            return f"took longer than {patience:g} s and was ended; let it start what takes long with &"
        try:
            process.wait(min(0.5, end - now))  # in steps, for the end may be told meanwhile
        except subprocess.TimeoutExpired:
            continue
    return f"ended with exit code {process.returncode}; {goes_on}" if process.returncode else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_GRACE_S)
        except ProcessLookupError:  # all have gone
            break
        except subprocess.TimeoutExpired:
            pass
    process.wait()
