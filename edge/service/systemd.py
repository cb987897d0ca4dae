"""The systemd user service: written, started, asked about and removed through systemctl."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.service.unit import UNIT, ServiceUnit


def config_folder() -> Path:
    """$XDG_CONFIG_HOME, else ~/.config."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(given) if Path(given).is_absolute() else Path.home() / ".config"


def unit_file() -> Path:
    """Where the unit lies."""
    return config_folder() / "systemd/user" / UNIT


def environment_file() -> Path:
    """Where the variables lie that the unit reads."""
    return config_folder() / "signs-edge/env"


def program() -> Path:
    """The command `signs-edge` of this very installation; UsageError where it has none."""
    # Not resolved: in a virtual environment the interpreter is a link, and the environment lies where the link does.
    path = Path(sys.executable).absolute().parent / "signs-edge"
    if not path.is_file():
        raise UsageError(f"{path} is not there: install signs-edge with pip into this Python, and ask that one")
    return path


def install(unit: ServiceUnit) -> None:
    """Write the unit and start it, now and at each login; a running one is restarted.

    Raises:
        UsageError: it cannot be; then the unit that was there before, or none, is there again.
    """
    _check_manager()  # before anything is written
    path = unit_file()
    try:
        before = path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise UsageError(f"unit {path} cannot be read ({error.strerror}): give that file to this user") from None
    _write(path, str(unit).encode())
    try:
        for words in (("daemon-reload",), ("enable", UNIT), ("restart", UNIT)):
            _systemctl(*words)
    except UsageError:
        _take_back(path, before)
        raise


def remove() -> None:
    """Stop it and remove its unit; UsageError where it is not installed, or cannot be stopped: then the unit stays."""
    _check_installed()
    try:
        _check_manager()
    except UsageError as error:
        raise UsageError(
            f"{unit_file()} stays, for what it started may still run; {error}, and remove it then"
        ) from None
    _systemctl("disable", "--now", UNIT)
    unit_file().unlink(missing_ok=True)
    _systemctl("daemon-reload")


def status() -> tuple[int, str]:
    """systemctl's exit code, 0 where it runs and 3 where it does not, and what it says.

    Raises:
        UsageError: no service is installed, or systemd cannot be asked.
    """
    _check_installed()
    _check_manager()
    done = _run(_systemctl_path(), "--user", "--no-pager", "status", UNIT)
    return done.returncode, done.stdout + done.stderr


def stops_at_logout() -> bool:
    """Whether the user's services end when they log out, and do not start before they log in; True where not known."""
    command = shutil.which("loginctl")
    done = _run(command, "show-user", getpass.getuser(), "--property=Linger") if command else None
    return done is None or done.stdout.strip() != "Linger=yes"


def _check_installed() -> None:
    if not unit_file().is_file():
        raise UsageError(f"no service is installed ({unit_file()} is not there): signs-edge service install")


def _check_manager() -> None:
    """UsageError where this user's systemd cannot be reached, as in a container, under su, or without a login."""
    done = _run(_systemctl_path(), "--user", "show", "--property=Version")
    if done.returncode:
        raise UsageError(
            f"systemd of this user cannot be reached ({_said(done)}): log in as this user itself, not through su or sudo; "
            "or sudo loginctl enable-linger $USER, and log in again"
        )


def _write(path: Path, content: bytes) -> None:
    """Whole, or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"unit {path} cannot be written ({error.strerror}): give that folder to this user") from None
    finally:
        temporary.unlink(missing_ok=True)


def _take_back(path: Path, before: bytes | None) -> None:
    """As it was before an installation that failed: the older unit, started again, or none. As far as systemd lets it."""

    def ask(*words: str) -> None:
        with suppress(UsageError):  # the first failure is reported
            _run(_systemctl_path(), "--user", *words)

    if before is None:
        ask("disable", "--now", UNIT)
        path.unlink(missing_ok=True)
        ask("daemon-reload")
    else:
        _write(path, before)
        ask("daemon-reload")
        ask("restart", UNIT)


def _systemctl(*words: str) -> None:
    """Run it; UsageError with its own first line where it refuses."""
    done = _run(_systemctl_path(), "--user", *words)
    if done.returncode:
        raise UsageError(
            f"systemctl --user {' '.join(words)} failed ({_said(done)}): see journalctl --user -u {UNIT}, or systemctl "
            "--user status"
        )


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Its first line that says something."""
    lines = map(str.strip, (done.stderr + done.stdout).splitlines())
    return next(filter(None, lines), "it does not say why").rstrip(".")


def _systemctl_path() -> str:
    path = shutil.which("systemctl")
    if path is None:
        raise RuntimeMissingError(
            "systemctl is not here, and the service is one of systemd: start `signs-edge run --headless` another way, or "
            "print the unit with --dry-run"
        )
    return path


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{command[0]} does not answer ({' '.join(str(error).split())}): try it yourself") from None
