"""The text of a systemd user unit that keeps `signs-edge run` going.

Rules of quoting: https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
and systemd.syntax(7); of what a user's own manager may restrict: systemd.exec(5).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from signs_edge.edge.errors import UsageError
from signs_edge.edge.util.address import without_password

UNIT = "signs-edge.service"
_PLAIN = re.compile(r"[\w/.,:=@+-]+", re.ASCII)


@dataclass(frozen=True)
class ServiceUnit:
    """What the unit is to do.

    Attributes:
        program: absolute path of the command `signs-edge`.
        options: of `signs-edge run`, beside --headless.
        folder: absolute path that relative ones in the options start from.
        environment: absolute path of a file of variables, which need not be there.
        namespaces: whether a user may have namespaces of their own here, which ProtectSystem needs in a user unit.
    """

    program: Path
    options: tuple[str, ...]
    folder: Path
    environment: Path
    namespaces: bool = True

    def __post_init__(self) -> None:
        """Refuse what a unit cannot say, or must not."""
        for path in (self.program, self.folder, self.environment):
            if not path.is_absolute() or not str(path).isprintable():
                raise UsageError(
                    f"path {str(path)!r} is not allowed in a unit: give an absolute one of plain characters"
                )
        for option in self.options:
            if option.partition("=")[0] == "--web-token":
                raise UsageError(
                    f"all users can read command lines: leave out --web-token, write SIGNS_EDGE_WEB_TOKEN=TOKEN into "
                    f"{self.environment}, and chmod 600 that file"
                )
            address = re.search(r"[a-zA-Z][a-zA-Z0-9+.-]*://.*", option, re.DOTALL)
            if address and without_password(address[0]) != address[0]:
                raise UsageError(
                    f"the address {without_password(address[0])} may hold a password, and all users can read command "
                    f"lines: leave out --source, write SIGNS_EDGE_SOURCE='ADDRESS' into {self.environment}, and chmod "
                    "600 that file"
                )

    def __str__(self) -> str:
        """The unit file."""
        command = " ".join(map(quoted, (str(self.program), "run", "--headless", *self.options)))
        lines = [
            "# Written by `signs-edge service install`, which replaces it.",
            "[Unit]",
            "Description=signs-edge: count the fingers of a hand",
            "# However often it fails: a camera may be away for days.",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=exec",
            # The colon: a dollar sign is a dollar sign.
            f"ExecStart=:{command}",
            f"WorkingDirectory={_specifiers(str(self.folder))}",
            "# For what nobody else may read, such as SIGNS_EDGE_SOURCE with a password; chmod 600.",
            f"EnvironmentFile=-{_specifiers(str(self.environment))}",
            "Restart=on-failure",
            "RestartSec=5",
            "# The program ends its capture process itself; what is left after this time is killed.",
            "KillMode=mixed",
            "TimeoutStopSec=15",
            "MemoryMax=512M",
            "CPUQuota=150%",
            "Nice=5",
            "NoNewPrivileges=yes",
            "RestrictRealtime=yes",
            "LockPersonality=yes",
            *(["PrivateUsers=yes", "ProtectSystem=full"] if self.namespaces else []),
            "",
            "[Install]",
            "WantedBy=default.target",
        ]
        return "\n".join(lines) + "\n"


def quoted(argument: str) -> str:
    """One argument as a unit's command line wants it, with `:` before the command: variables are not expanded."""
    if _PLAIN.fullmatch(argument):
        return argument
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[\x01-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", escaped)
    return f'"{_specifiers(escaped)}"'


def may_have_namespaces(root: Path = Path("/")) -> bool:
    """Whether this kernel lets users have namespaces of their own; `root` stands for / in tests."""
    refusing = {
        "proc/sys/kernel/unprivileged_userns_clone": "0",  # Debian's
        "proc/sys/user/max_user_namespaces": "0",
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",  # Ubuntu's
    }
    return not any(_content(root / path) == value for path, value in refusing.items())


def shared_with_others(path: Path) -> bool:
    """Whether a file is there that others than its owner may read."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def read_environment(path: Path) -> dict[str, str]:
    """The variables `SIGNS_EDGE_…` of a unit's EnvironmentFile, as systemd.exec(5) has it; none where it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not re.fullmatch(r"SIGNS_EDGE_\w+", name, re.ASCII):  # a comment, or of something else
            continue
        try:
            found[name] = "".join(shlex.split(value)) if value[:1] in ("'", '"') else value
        except ValueError:  # a quote without its end; what systemd makes of it is not known
            continue
    return found


def checked_options(options: Sequence[str]) -> tuple[str, ...]:
    """Options as given after `--`; `--headless` is there anyway."""
    return tuple(option for option in options if option != "--headless")


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _content(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
