"""Pages that tools write are those that the tools would write now."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import command_reference
import pytest
import rooms_picture

import signs_edge

HOUSE = Path(__file__).parents[2]
ADVICE = "differs from the code: run `make reference` and commit the result"


def test_the_command_reference_is_that_of_the_commands() -> None:
    assert command_reference.PAGE.read_text(encoding="utf-8") == command_reference.render(), f"cli.md {ADVICE}"


@pytest.mark.parametrize("command", ["train", "run", "service install", "drift replay"])
def test_every_option_of_the_help_is_in_the_command_reference(command: str) -> None:
    code = "from signs_edge.cli.main import main; main()"
    shown = subprocess.run(
        [sys.executable, "-c", code, *command.split(), "--help"], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    options = set(re.findall(r"^  (--[\w-]+)", shown, re.MULTILINE)) - {"--help"}
    section = command_reference.render().split(f"\n## signs-edge {command}\n")[1].split("\n## ")[0]

    assert options
    assert [option for option in sorted(options) if f"| `{option}" not in section] == []


def test_the_picture_of_the_rooms_is_that_of_the_contracts() -> None:
    assert rooms_picture.PICTURE.read_text(encoding="utf-8") == rooms_picture.render(), f"rooms.svg {ADVICE}"


def test_every_room_is_in_the_picture() -> None:
    drawn = {room.name for package in rooms_picture.TITLES for row in rooms_picture.layers(package) for room in row}

    for folder in ("cli", "edge", "export", "train"):
        rooms = {path.parent.name for path in (HOUSE / folder).glob("*/__init__.py")}
        assert rooms, folder
        assert rooms <= drawn


def test_every_public_name_is_on_the_page_of_the_python_api() -> None:
    page = (HOUSE / "docs/reference/python.md").read_text(encoding="utf-8")
    documented = set(re.findall(r":: (signs_edge\S+)", page))

    names = {f"signs_edge.{name}" for name in signs_edge.__all__}
    for package in (signs_edge.train, signs_edge.export):
        names |= {f"{package.__name__}.{name}" for name in package.__all__}
    assert documented == names
