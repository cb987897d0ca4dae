"""The systemd user service: written, started, asked about and removed through systemctl."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.service_unit import UNIT, ServiceUnit


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
    """Write the unit, whole or not at all, and start it, now and at each login; a running one is started anew."""
    _systemctl_path()  # before anything is written
    path = unit_file()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(str(unit), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"unit {path} cannot be written ({error.strerror}): give that folder to this user") from None
    finally:
        temporary.unlink(missing_ok=True)
    for words in (("daemon-reload",), ("enable", UNIT), ("restart", UNIT)):
        _systemctl(*words)


def remove() -> None:
    """Stop it and remove its unit; UsageError where it is not installed."""
    _installed()
    _systemctl("disable", "--now", UNIT)
    unit_file().unlink(missing_ok=True)
    _systemctl("daemon-reload")


def status() -> tuple[int, str]:
    """systemctl's exit code, 0 where it runs and 3 where it does not, and what it says."""
    _installed()
    done = _run(_systemctl_path(), "--user", "--no-pager", "status", UNIT)
    return done.returncode, done.stdout + done.stderr


def stops_at_logout() -> bool:
    """Whether the user's services end when they log out, and do not start before they log in; True where not known."""
    command = shutil.which("loginctl")
    done = _run(command, "show-user", getpass.getuser(), "--property=Linger") if command else None
    return done is None or done.stdout.strip() != "Linger=yes"


def _installed() -> None:
    if not unit_file().is_file():
        raise UsageError(f"no service is installed ({unit_file()} is not there): signs-edge service install")


def _systemctl(*words: str) -> None:
    """Run it; UsageError with its own first line where it refuses."""
    done = _run(_systemctl_path(), "--user", *words)
    if done.returncode == 0:
        return
    said = next(filter(None, map(str.strip, (done.stderr + done.stdout).splitlines())), "it does not say why")
    fix = "see systemctl --user status signs-edge"
    if "bus" in said or "XDG_RUNTIME_DIR" in said:
        fix = (
            "log in as this user itself, not through su or sudo; or sudo loginctl enable-linger $USER, and log in again"
        )
    raise UsageError(f"systemctl --user {' '.join(words)} failed ({said.rstrip('.')}): {fix}")


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
