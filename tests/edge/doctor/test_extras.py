"""The extras: as pyproject.toml has them, and how each is told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from signs_edge.edge.doctor.checks import Level
from signs_edge.edge.doctor.extras import EXTRAS, Extra, found_versions, judge_extra

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("extra", EXTRAS, ids=lambda extra: extra.name)
def test_each_brings_what_the_project_says(extra: Extra) -> None:
    wanted = PROJECT["optional-dependencies"][extra.name]

    assert list(extra.packages) == [re.split(r"[<>=; ]", line)[0] for line in wanted]


def test_what_is_here_is_told_with_its_version() -> None:
    extra = Extra("some", {"numpy": "numpy", "no-such-thing": "no_such_thing"}, "this")

    versions = found_versions(extra)

    assert re.match(r"\d+\.\d+", versions["numpy"] or "")
    assert versions["no-such-thing"] is None


def test_a_part_that_is_missing_is_a_note_with_the_command_that_adds_it() -> None:
    web = EXTRAS[0]

    well = judge_extra(web, {"starlette": "1.2", "uvicorn": ""})
    without = judge_extra(web, {"starlette": None, "uvicorn": "0.40"})

    assert (well.level, well.found) == (Level.OK, "starlette 1.2, uvicorn, for the page of run --web")
    assert (without.level, without.fix) == (Level.NOTE, "pip install 'signs-edge[web]'")
    assert without.found == "starlette not installed, for the page of run --web"
