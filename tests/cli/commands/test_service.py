"""`signs-edge service` with a systemctl that writes down what it is asked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from signs_edge.cli.main import main

COMMAND = str(Path(sys.executable).parent / "signs-edge")
Service = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a systemctl that says yes, and keeps a list in `asked`."""
    fake(tmp_path, "systemctl", f'echo "$@" >> {tmp_path}/asked; [ "$3" = status ] && echo "it runs"; exit 0')
    fake(tmp_path, "loginctl", "echo Linger=no")
    return tmp_path


def fake(home: Path, name: str, script: str) -> None:
    (home / "bin").mkdir(exist_ok=True)
    (home / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (home / "bin" / name).chmod(0o755)


@pytest.fixture
def service(home: Path) -> Service:
    """A function that runs `signs-edge service` there; nothing but the fakes is on its PATH."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {"HOME": str(home), "PATH": str(home / "bin"), "LANG": "C.UTF-8", **variables}
        return subprocess.run([COMMAND, "service", *arguments], env=kept, cwd=home, capture_output=True, text=True)

    return run


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """A function that runs `signs-edge` there in this process, which is quicker."""
    for name in [name for name in os.environ if name.startswith("SIGNS_EDGE_")]:
        monkeypatch.delenv(name)
    for name, value in (("HOME", home), ("XDG_CONFIG_HOME", ""), ("PATH", home / "bin")):
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(home)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["signs-edge", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return Done(int(caught.value.code or 0), *capfd.readouterr())

    return call


def unit(home: Path) -> Path:
    return home / ".config/systemd/user/signs-edge.service"


def asked(home: Path) -> list[str]:
    return (home / "asked").read_text().splitlines() if (home / "asked").exists() else []


def test_install_status_and_remove(service: Service, home: Path) -> None:
    done = service("install", "--", "--jsonl", "my lines.jsonl", "--threads", "2")

    assert (done.returncode, done.stderr) == (0, "")
    assert f'ExecStart=:{COMMAND} run --headless --jsonl "my lines.jsonl" --threads 2\n' in unit(home).read_text()
    assert [path.name for path in unit(home).parent.iterdir()] == ["signs-edge.service"]
    assert asked(home) == [
        "--user show --property=Version",
        "--user daemon-reload",
        "--user enable signs-edge.service",
        "--user restart signs-edge.service",
    ]
    assert "sudo loginctl enable-linger" in done.stdout
    assert service("status").stdout == "it runs\n"

    removed = service("remove")

    assert removed.returncode == 0
    assert not unit(home).exists()
    assert asked(home)[-2:] == ["--user disable --now signs-edge.service", "--user daemon-reload"]


def test_with_lingering_there_is_no_hint(service: Service, home: Path) -> None:
    fake(home, "loginctl", "echo Linger=yes")

    assert "enable-linger" not in service("install").stdout


def test_a_dry_run_changes_nothing(service: Service, home: Path) -> None:
    done = service("install", "--dry-run", "--", "--source", "0")

    assert done.stdout.startswith("# Written by")
    assert "ExecStart=:" in done.stdout
    assert not (home / ".config").exists()
    assert "nothing to remove" in service("remove", "--dry-run").stdout
    assert asked(home) == []


@pytest.mark.parametrize(
    "options",
    [
        ["--sauce", "0"],
        ["--min-confidence", "7"],
        ["--threads", "many"],
        ["--threads", "0"],
        ["--source", "ftp://camera/"],
        ["--source", "absent.mp4"],
        ["--source", "absent/*.mp4"],
        ["--model", "absent.tflite"],
        ["--float-model", "packaged", "--float-every", "0"],
        ["--shadow", "10%"],
        ["--drift-floor", "2"],
        ["--roi", "1,2"],
        ["--web", "123456"],
        ["--smooth", "-1"],
        ["--give-up", "-1"],
        ["--max-frames", "0"],
        ["--runtime", "onnx"],
        ["--jsonl", "absent/lines.jsonl"],
        ["--journal", "j.db", "--journal-days", "0"],
        ["--on-count", " "],
        ["--config", "absent.toml"],
    ],
    ids=" ".join,
)
def test_options_that_run_would_refuse_are_refused_now_in_its_words(
    call: Callable[..., Done], home: Path, options: list[str]
) -> None:
    camera = [] if "--source" in options else ["--source", "synthetic"]
    said = call("run", "--headless", *([] if "--max-frames" in options else ["--max-frames", "1"]), *camera, *options)

    assert said.code == 1
    assert said.err.count("\n") == 1
    for done in (call("service", "install", "--dry-run", "--", *options), call("service", "install", "--", *options)):
        assert (done.code, done.out, done.err) == (1, "", said.err)
    assert not (home / ".config").exists()
    assert asked(home) == []


def test_what_the_service_would_find_in_its_variables_is_checked_and_what_this_shell_has_is_not(
    call: Callable[..., Done], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNS_EDGE_MIN_CONFIDENCE", "7")
    environment = home / ".config/signs-edge/env"
    environment.parent.mkdir(parents=True)
    environment.write_text("# mine\nSIGNS_EDGE_FLOAT_MODEL='packaged'\n")
    assert call("service", "install", "--dry-run", "--", "--shadow", "20%").code == 0

    environment.write_text("SIGNS_EDGE_SOURCE=ftp://me:secret@camera/\n")
    refused = call("service", "install", "--dry-run")

    assert (refused.code, refused.out) == (1, "")
    assert "has scheme 'ftp'" in refused.err
    assert "secret" not in refused.err


@pytest.mark.parametrize("source", ["auto", "5", "/dev/video9", "rtsp://camera/1"])
def test_a_camera_need_not_be_there_yet(call: Callable[..., Done], source: str) -> None:
    assert call("service", "install", "--dry-run", "--", "--source", source).code == 0


def test_a_rehearsal_opens_nothing_and_leaves_nothing(call: Callable[..., Done], home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:  # it may be the service's own, which is to be replaced
        web = str(other.getsockname()[1])
        done = call(
            "service", "install", "--dry-run", "--", "--web", web, "--keep-frames", "kept", "--journal", "j.db",
            "--jsonl", "lines.jsonl", "--summary", "all.json", "--on-count", "touch told",
        )  # fmt: skip

    assert (done.code, done.err) == (0, "")
    assert sorted(path.name for path in home.iterdir()) == ["bin"]
    assert call("service", "install", "--dry-run", "--", "--print-config").err.endswith("leave it out\n")


def test_a_password_goes_into_a_file_that_nobody_else_reads(service: Service, home: Path) -> None:
    refused = service("install", "--", "--source", "rtsp://me:secret@cam/1")
    assert refused.returncode == 1
    assert f"SIGNS_EDGE_SOURCE='ADDRESS' into {home}/.config/signs-edge/env" in refused.stderr
    assert "secret" not in refused.stderr
    noticed = service("install", "--dry-run", SIGNS_EDGE_SOURCE="rtsp://me:secret@cam/1")
    assert "does not see $SIGNS_EDGE_SOURCE of this shell" in noticed.stderr
    assert "secret" not in noticed.stderr + noticed.stdout

    environment = home / ".config/signs-edge/env"
    environment.parent.mkdir(parents=True)
    environment.write_text("SIGNS_EDGE_SOURCE='rtsp://me:secret@cam/1'\n")
    environment.chmod(0o644)
    shared = service("install")
    assert shared.returncode == 1
    assert f"chmod 600 {environment}" in shared.stderr
    environment.chmod(0o600)
    assert service("install").returncode == 0
    assert f"EnvironmentFile=-{environment}\n" in unit(home).read_text()


def test_where_there_is_no_systemd(service: Service, home: Path) -> None:
    (home / "bin/systemctl").unlink()

    done = service("install")

    assert done.returncode == 1
    assert done.stderr.startswith("signs-edge: systemctl is not here")
    assert done.stderr.count("\n") == 1
    assert not unit(home).exists()
    assert service("install", "--dry-run").returncode == 0


def test_without_a_bus_nothing_is_left_behind_and_each_command_says_so_in_a_line(service: Service, home: Path) -> None:
    fake(home, "systemctl", "echo 'Failed to connect to bus: No medium found' >&2; exit 1")

    done = service("install")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "cannot be reached (Failed to connect to bus: No medium found): log in as this user itself" in done.stderr
    assert "loginctl enable-linger" in done.stderr
    assert not (home / ".config").exists()

    unit(home).parent.mkdir(parents=True)
    unit(home).touch()
    for command, said in (
        ("status", "signs-edge: systemd of this user cannot be reached"),
        ("remove", f"{unit(home)} stays"),
    ):
        done = service(command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert said in done.stderr
        assert "loginctl enable-linger" in done.stderr
    assert unit(home).exists()


@pytest.mark.parametrize("older", [None, "# an older one\n"])
def test_an_installation_that_fails_half_way_is_taken_back(service: Service, home: Path, older: str | None) -> None:
    if older is not None:
        unit(home).parent.mkdir(parents=True)
        unit(home).write_text(older)
    fake(
        home,
        "systemctl",
        f'echo "$@" >> {home}/asked; [ "$2" = enable ] && echo "Access denied." >&2 && exit 1; exit 0',
    )

    done = service("install")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "systemctl --user enable signs-edge.service failed (Access denied): see" in done.stderr
    assert [path.read_text() for path in unit(home).parent.iterdir()] == ([] if older is None else [older])
    words = [line.split()[1] for line in asked(home)]
    again = ["disable", "daemon-reload"] if older is None else ["daemon-reload", "restart"]
    assert words == ["show", "daemon-reload", "enable", *again]


def test_nothing_is_installed(service: Service, home: Path) -> None:
    for command in ("status", "remove"):
        done = service(command)
        assert done.returncode == 1
        assert "no service is installed" in done.stderr
    assert asked(home) == []


def test_a_service_that_is_down_has_systemctls_exit_code(service: Service, home: Path) -> None:
    assert service("install").returncode == 0
    fake(home, "systemctl", '[ "$2" = show ] && exit 0; echo inactive; exit 3')

    done = service("status")

    assert (done.returncode, done.stdout) == (3, "inactive\n")
