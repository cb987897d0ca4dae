"""The unit's text: systemd's quoting, secrets kept out, and systemd's own verdict."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.service.unit import (
    ServiceUnit,
    checked_options,
    may_have_namespaces,
    quoted,
    read_environment,
    shared_with_others,
)

HOME = Path("/home/pi")


def unit(*options: str, **changes: object) -> ServiceUnit:
    return ServiceUnit(**{"program": HOME / "signs/bin/signs-edge", "options": options, "folder": HOME / "50 % off",
                          "environment": HOME / ".config/signs-edge/env", **changes})  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("--source", "--source"),
        ("/dev/video0", "/dev/video0"),
        ("", '""'),
        ("my clip.mp4", '"my clip.mp4"'),
        ("frame%d.png", '"frame%%d.png"'),
        ('say "five"', r'"say \"five\""'),
        ("it's", '"it\'s"'),
        (r"a\tb", r'"a\\tb"'),
        ("a\nb\tc", r'"a\x0ab\x09c"'),
        (";", '";"'),
        ("$HOME", '"$HOME"'),
        ("für", '"für"'),
    ],
)
def test_arguments_as_systemd_reads_them(argument: str, written: str) -> None:
    assert quoted(argument) == written


def test_what_the_unit_says() -> None:
    lines = str(unit("--source", "my clip.mp4", "--threads", "2")).splitlines()

    assert 'ExecStart=:/home/pi/signs/bin/signs-edge run --headless --source "my clip.mp4" --threads 2' in lines
    assert "WorkingDirectory=/home/pi/50 %% off" in lines
    assert "EnvironmentFile=-/home/pi/.config/signs-edge/env" in lines
    keys = {line.partition("=")[0] for line in lines}
    assert keys >= {"Restart", "RestartSec", "MemoryMax", "CPUQuota", "Nice", "NoNewPrivileges", "ProtectSystem"}
    assert not {"ProtectSystem", "PrivateUsers"} & {
        line.partition("=")[0] for line in str(unit(namespaces=False)).splitlines()
    }


@pytest.mark.parametrize(
    "option",
    [
        "rtsp://me:secret@cam/1",
        "--source=http://me:secret@cam/",
        "http://cam/video?user=me&pwd=secret",
        "RTSP://cam/pass=secret",
    ],
)
def test_no_password_comes_into_the_unit_nor_into_the_message(option: str) -> None:
    with pytest.raises(
        UsageError, match=r"SIGNS_EDGE_SOURCE='ADDRESS' into /home/pi/.config/signs-edge/env, and chmod"
    ) as caught:
        unit("--source", option)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("options", [("--web-token", "geheim-geheim-geheim"), ("--web-token=geheim-geheim-geheim",)])
def test_no_token_comes_into_the_unit_nor_into_the_message(options: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="write SIGNS_EDGE_WEB_TOKEN=TOKEN into /home/pi") as caught:
        unit("--web", "0.0.0.0:8080", *options)
    assert "geheim" not in str(caught.value)


def test_an_address_without_one_does() -> None:
    assert "--source http://pi.local:8080/stream.mjpg" in str(unit("--source", "http://pi.local:8080/stream.mjpg"))


@pytest.mark.parametrize("folder", [Path("here"), Path("/a\nExecStart=/bin/evil")])
def test_paths_that_a_unit_cannot_name(folder: Path) -> None:
    with pytest.raises(UsageError, match="not allowed in a unit"):
        unit(folder=folder)


def test_namespaces_of_a_users_own(tmp_path: Path) -> None:
    assert may_have_namespaces(tmp_path)
    switch = tmp_path / "proc/sys/kernel/unprivileged_userns_clone"
    switch.parent.mkdir(parents=True)
    for value, allowed in (("1\n", True), ("0\n", False)):
        switch.write_text(value)
        assert may_have_namespaces(tmp_path) is allowed


def test_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "env"
    assert not shared_with_others(file)
    file.touch(0o600)
    assert not shared_with_others(file)
    file.chmod(0o640)
    assert shared_with_others(file)


def test_the_variables_that_the_service_finds(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(
        "# SIGNS_EDGE_ROI=center\n\n; SIGNS_EDGE_ROI=center\nSIGNS_EDGE_SOURCE='rtsp://me:s e@cam/?a=b'\n"
        'SIGNS_EDGE_ON_COUNT="say \\"five\\""\n SIGNS_EDGE_THREADS = 3\nSIGNS_EDGE_SMOOTH= 4 \nPATH=/bin\n'
        "SIGNS_EDGE_JSONL=a\\\nb\nSIGNS_EDGE_WEB='80\n"
    )

    assert read_environment(tmp_path / "env") == {
        "SIGNS_EDGE_SOURCE": "rtsp://me:s e@cam/?a=b",
        "SIGNS_EDGE_ON_COUNT": 'say "five"',
        "SIGNS_EDGE_THREADS": "3",
        "SIGNS_EDGE_SMOOTH": "4",
        "SIGNS_EDGE_JSONL": "ab",
    }
    assert read_environment(tmp_path / "absent") == {}


def test_headless_is_there_once() -> None:
    assert checked_options(["--headless", "--source", "0"]) == ("--source", "0")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "a b % c"
    folder.mkdir()
    awkward = ("--source", "50 % of 'it' \\ \"$x\" ${y};\n", ";", "")
    file = tmp_path / "signs-edge.service"

    def verdict(text: str) -> str:
        file.write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", str(file)], capture_output=True, text=True, timeout=60,
            env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        return "\n".join(line for line in done.stderr.splitlines() if "signs-edge.service" in line)

    good = str(unit(*awkward, program=Path(sys.executable), folder=folder, environment=folder / "env"))

    assert verdict(good) == ""
    assert "Nise" in verdict(good.replace("Nice", "Nise"))  # so it does look
