"""Which fault it is."""

from __future__ import annotations

import dataclasses

import pytest

from signs_edge.edge.drift.cause import CAUSES, Symptoms, find_cause

NONE = Symptoms(False, False, False, False, False, False, False)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({}, None),
        ({"input_suspected": True, "float_seen": True}, None),
        ({"disagrees": True}, "device"),
        ({"scores_moved": True}, "device"),
        ({"input_moved": True}, "input"),
        ({"input_moved": True, "disagrees": True, "scores_moved": True}, "input"),
        ({"input_moved": True, "disagrees": True, "ordinary_disagrees": True}, "both"),
        ({"disagrees": True, "input_suspected": True}, "unclear"),
        ({"disagrees": True, "input_suspected": True, "ordinary_disagrees": True}, "device"),
        ({"int8_moved": True}, "unclear"),
        ({"int8_moved": True, "float_seen": True}, "device"),
    ],
)
def test_symptoms(found: dict[str, bool], name: str | None) -> None:
    assert find_cause(dataclasses.replace(NONE, **found)) == name
    assert name is None or name in CAUSES
