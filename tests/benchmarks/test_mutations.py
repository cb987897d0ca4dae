"""Two thousand changed files of a small model: each refused before any interpreter sees it."""

from __future__ import annotations

import random

import mutations
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier

MUTANTS = 2000


def test_every_mutant_is_refused(tiny_models) -> None:
    whole, other = tiny_models.int8.read_bytes(), tiny_models.float32.read_bytes()

    tally = mutations.judge(whole, other, MUTANTS)

    assert tally.passed == []
    assert sum(tally.refused.values()) == sum(tally.made.values()) == MUTANTS
    assert set(tally.made) == set(mutations.KINDS)
    assert tally.slowest < 5  # none hangs


def test_mutants_are_seeded_and_unlike_the_file(tiny_models) -> None:
    whole, other = tiny_models.int8.read_bytes(), tiny_models.float32.read_bytes()
    made = [mutations.mutant(whole, other, seed)[1] for seed in range(60)]

    assert made == [mutations.mutant(whole, other, seed)[1] for seed in range(60)]
    assert whole not in made
    assert len(set(made)) > 40  # some cuts are alike


def test_the_judge_lets_the_file_itself_pass(tiny_models, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that refused everything would do as well otherwise."""
    whole = tiny_models.int8.read_bytes()
    monkeypatch.setattr(mutations, "mutant", lambda whole, other, seed: ("none", whole))

    assert len(mutations.judge(whole, whole, 3).passed) == 3


def test_trusted_a_file_that_shows_its_seal_is_refused_all_the_same(tiny_models) -> None:
    whole, other = tiny_models.int8.read_bytes(), tiny_models.float32.read_bytes()
    rng = random.Random(0)
    start = ModelFile.parse(whole, "it").flatbuffer_size
    for _ in range(200):
        changed = bytearray(whole)
        changed[rng.randrange(start)] ^= 1 << rng.randrange(8)
        with pytest.raises(ModelError, match="was changed"):
            ModelFile.parse(bytes(changed), "it", trust=True)
    for seed in range(200):
        with pytest.raises(ModelError):
            ModelFile.parse(mutations.swap(whole, other, random.Random(seed)), "it", trust=True)


def test_what_is_damaged_never_comes_to_an_interpreter(tiny_models, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("signs_edge.edge.inference.network.find_runtime", asked.append)
    path = tmp_path / "model.tflite"
    path.write_bytes(tiny_models.int8.read_bytes()[:-1])

    with pytest.raises(ModelError, match="was changed"):
        TFLiteClassifier.open(path)
    assert asked == []


def test_a_small_file_of_every_kind_is_refused() -> None:
    """Small enough for most bits to be hit."""
    whole, other = (
        ModelFile.pack(bytes([28, 0, 0, 0]) + b"TFL3" + name * 40, (f"{name!r}", "b"), Contract()).content
        for name in (b"c", b"d")
    )

    assert mutations.judge(whole, other, 1200).passed == []
