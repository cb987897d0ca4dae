"""What a model file carries, in words."""

from __future__ import annotations

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.describe import describe_bundle
from signs_edge.edge.bundle.model_file import ModelFile

FLATBUFFER = b"\x1c\x00\x00\x00TFL3" + bytes(100)


def test_a_sealed_file_says_all_of_itself() -> None:
    values = {"run": {"seed": 3, "of": {"x": None}}, "list": [1, "a"]}
    model = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract(), 0.625, temperature=1.25, provenance=values)

    lines = describe_bundle(model)

    assert lines == [
        "origin: sealed by signs-edge",
        f"digest: sha256 {model.digest}, checked",
        f"size: {len(model.content):,} bytes, 108 of them the model",
        "labels: 0, 1",
        "picture: 64×64 RGB, centre-square, area, values / 255",
        "least confidence: 0.625",
        "temperature: 1.25, folded in",
        "golden vectors: none",
        "provenance: run.seed: 3",
        "provenance: run.of.x: None",
        "provenance: list: 1, a",
    ]


def test_a_plain_file_says_what_is_not_known() -> None:
    lines = describe_bundle(ModelFile.parse(FLATBUFFER, "it", trust=True))

    assert lines[0] == "origin: a plain TFLite model of other origin"
    assert not any(line.startswith("digest") for line in lines)
    assert "labels: numbered from 0" in lines


def test_golden_vectors_are_counted(tiny_models) -> None:
    assert "golden vectors: 8, from drawn frames of 150×112" in describe_bundle(ModelFile.read(tiny_models.int8))
