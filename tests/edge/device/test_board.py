"""The machine, its temperature and its throttling, from faked files and a faked vcgencmd."""

from __future__ import annotations

from pathlib import Path

import pytest

from signs_edge.edge.device.board import Heat, decode_throttling, read_board, read_heat


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    """A root folder as on a Raspberry Pi."""
    for zone, degrees in enumerate(("48312", "51000", "not a number")):
        folder = tmp_path / f"sys/class/thermal/thermal_zone{zone}"
        folder.mkdir(parents=True)
        (folder / "temp").write_text(f"{degrees}\n")
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").write_text("Raspberry Pi 4 Model B Rev 1.4\0")
    return tmp_path


def command(folder: Path, script: str) -> str:
    file = folder / "vcgencmd"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_a_hot_pi_without_enough_power(pi: Path) -> None:
    heat = read_heat(pi, command(pi, '[ "$1" = get_throttled ] && echo throttled=0x50005'))

    assert heat == Heat(51.0, ("under-voltage", "throttled"), ("under-voltage", "throttled"))
    assert heat.to_json()["throttling"] == ["under-voltage", "throttled"]


def test_what_was_is_told_from_what_is(pi: Path) -> None:
    heat = read_heat(pi, command(pi, "echo throttled=0x80002"))

    assert (heat.throttling, heat.since_boot) == (("frequency capped",), ("soft temperature limit",))


@pytest.mark.parametrize("script", ["exit 1", "echo error=1", "echo VCHI initialization failed; exit 255"])
def test_a_vcgencmd_that_does_not_work_says_nothing(pi: Path, script: str) -> None:
    assert read_heat(pi, command(pi, script)) == Heat(51.0, None, None)


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    assert read_heat(tmp_path, str(tmp_path / "missing")) == Heat(None, None, None)
    assert read_heat(tmp_path, str(tmp_path / "missing")).to_json()["throttling"] is None


def test_nothing_wrong_is_another_answer_than_not_known(pi: Path) -> None:
    assert read_heat(pi, command(pi, "echo throttled=0x0")).throttling == ()


@pytest.mark.parametrize(("bits", "names"), [(0, ()), (8, ("soft temperature limit",)), (0x10000, ())])
def test_bits(bits: int, names: tuple[str, ...]) -> None:
    assert decode_throttling(bits) == names


def test_a_pi_is_named_by_its_device_tree_and_others_by_their_processor(pi: Path, tmp_path: Path) -> None:
    assert read_board(pi).model == "Raspberry Pi 4 Model B Rev 1.4"
    (pi / "proc/device-tree/model").unlink()
    (pi / "proc/cpuinfo").write_text("processor\t: 0\nmodel name\t: Slow One @ 1 GHz\n")
    assert read_board(pi).model == "Slow One @ 1 GHz"
    assert read_board().cores >= 1
