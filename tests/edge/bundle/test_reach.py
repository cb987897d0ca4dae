"""What a file is known to reach."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.bundle.reach import PACKAGED_REACH, PACKAGED_SHA256, known_reach
from signs_edge.edge.bundle.store import packaged_model


def test_the_figures_of_the_packaged_model_are_those_of_the_file_that_is_packaged() -> None:
    path = packaged_model()
    assert path is not None

    assert hashlib.sha256(path.read_bytes()).hexdigest() == PACKAGED_SHA256, "measure again: edge/bundle/reach.py"
    assert known_reach(path, {}) == PACKAGED_REACH


def test_an_export_says_what_its_gate_measured(tmp_path: Path) -> None:
    (tmp_path / "int8.tflite").write_bytes(b"a model")

    reach = known_reach(tmp_path / "int8.tflite", {"gate": {"labelled": 120, "right": 114}})

    assert reach == "right on 95.0% of 120 pictures of its export's gate"


@pytest.mark.parametrize(
    "provenance",
    [{}, {"gate": None}, {"gate": []}, {"gate": {"labelled": 0, "right": 0}}, {"gate": {"labelled": 5, "right": 9}},
     {"gate": {"labelled": "120", "right": 1}}, {"gate": {"labelled": True, "right": True}}],
)  # fmt: skip
def test_of_other_files_nothing_is_known(tmp_path: Path, provenance: dict[str, Any]) -> None:
    (tmp_path / "int8.tflite").write_bytes(b"a model")

    assert known_reach(tmp_path / "int8.tflite", provenance) is None
