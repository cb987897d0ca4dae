"""A .tflite file behind one call, with real tiny models and with fake interpreters."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.inference import network as room
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.network import quantization_table
from signs_edge.edge.prediction import Prediction, count_of, decide

LABELS = ("0", "1", "2", "3", "4", "5")


@dataclass
class FakeInterpreter:
    """An interpreter that answers `scores` and remembers its input."""

    scores: np.ndarray
    dtype: Any = np.int8
    shape: tuple[int, ...] = (1, 64, 64, 3)
    quantization: tuple[float, int] = (1 / 255, -128)
    output_quantization: tuple[float, int] = (1 / 256, -128)
    inputs: int = 1
    seen: list[np.ndarray] = field(default_factory=list)

    def allocate_tensors(self) -> None: ...

    def invoke(self) -> None: ...

    def get_input_details(self) -> list[dict[str, Any]]:
        details = {"index": 3, "shape": np.array(self.shape), "dtype": self.dtype, "quantization": self.quantization}
        return [details] * self.inputs

    def get_output_details(self) -> list[dict[str, Any]]:
        shape = np.array((1, len(self.scores)))
        return [{"index": 8, "shape": shape, "dtype": self.scores.dtype.type, "quantization": self.output_quantization}]

    def set_tensor(self, index: int, value: np.ndarray) -> None:
        assert index == 3
        self.seen.append(value)

    def get_tensor(self, index: int) -> np.ndarray:
        assert index == 8
        return self.scores[np.newaxis].copy()


def with_interpreter(
    monkeypatch: pytest.MonkeyPatch, fake: FakeInterpreter, abstain_below: float | None = None
) -> TFLiteClassifier:
    runtime = SimpleNamespace(interpreter=lambda **_: fake)
    monkeypatch.setattr(room, "find_runtime", lambda name: runtime)
    return TFLiteClassifier(ModelFile(b"", tuple("abc"), Contract(), abstain_below))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize(("scale", "zero_point"), [(1 / 255, -128), (0.0078431, 0), (0.003, -100), (0.02, 5)])
def test_quantization_follows_the_formula(dtype: type, scale: float, zero_point: int) -> None:
    table = quantization_table(scale, zero_point, dtype, 255.0)
    limits = np.iinfo(dtype)

    assert table.dtype == dtype
    for value in range(256):
        exact = min(max(value / 255 / scale + zero_point, limits.min), limits.max)  # real = (q - zero point) × scale
        assert abs(int(table[value]) - exact) <= 0.5 + 1e-9


def test_the_usual_int8_input_is_the_picture_less_128() -> None:
    assert quantization_table(1 / 255, -128, np.int8, 255.0).tolist() == list(range(-128, 128))


def test_the_picture_goes_through_the_table(monkeypatch: pytest.MonkeyPatch, blotches) -> None:
    fake = FakeInterpreter(np.zeros(3, np.int8), quantization=(0.003, -100))
    picture = blotches(1, 3)[0]

    with_interpreter(monkeypatch, fake).probabilities(picture)

    (given,) = fake.seen
    assert given.shape == (1, 64, 64, 3)
    assert given.dtype == np.int8
    assert (given[0] == np.clip(np.round(picture / 255 / 0.003) - 100, -128, 127)).all()


@pytest.mark.parametrize(
    ("scores", "quantization", "expected"),
    [
        (np.array([-128, 0, 127], np.int8), (1 / 256, -128), [0, 0.5, 255 / 256]),  # in int8, 127 + 128 is -1
        (np.array([127, -128, 0], np.int8), (1 / 128, 127), [0, -255 / 128, -127 / 128]),
        (np.array([0, 128, 255], np.uint8), (1 / 256, 0), [0, 0.5, 255 / 256]),
        (np.array([0, 5, 255], np.uint8), (1 / 256, 5), [-5 / 256, 0, 250 / 256]),  # in uint8, 0 − 5 is 251
        (np.array([0.2, 0.3, 0.5], np.float32), (0.0, 0), [0.2, 0.3, 0.5]),
    ],
)
def test_answers_do_not_wrap_around(monkeypatch, scores, quantization, expected) -> None:
    fake = FakeInterpreter(scores, output_quantization=quantization)

    answer = with_interpreter(monkeypatch, fake).probabilities(np.zeros((64, 64, 3), np.uint8))

    assert answer.dtype == np.float32
    assert answer == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (1, 32, 32, 3)}, r"input \(1, 32, 32, 3\) is not the contract's \(1, 64, 64, 3\)"),
        ({"shape": (1, 3, 64, 64)}, r"input \(1, 3, 64, 64\) is not the contract's"),
        ({"shape": (64, 64, 3)}, "is not the contract's"),
        ({"scores": np.zeros(4, np.int8)}, "does not match its 3 labels"),
        ({"inputs": 2}, "2 inputs and 1 outputs"),
        ({"quantization": (0.0, 0)}, "int8 input has no quantization scale"),
        ({"output_quantization": (0.0, 0)}, "int8 output has no quantization scale"),
        ({"dtype": np.int32}, "input is int32, not float32, int8 or uint8"),
        ({"scores": np.zeros(3, np.int64)}, "output is int64, not float32, int8 or uint8"),
    ],
)
def test_a_model_that_is_not_what_its_labels_and_contract_say_is_refused(monkeypatch, changes, message) -> None:
    with pytest.raises(ModelError, match=message):
        with_interpreter(monkeypatch, FakeInterpreter(**{"scores": np.zeros(3, np.int8), **changes}))


@pytest.mark.parametrize(("below", "label"), [(None, "b"), (0.0, "b"), (0.5, "b"), (0.51, None)])
def test_the_files_threshold_is_obeyed(monkeypatch, below: float | None, label: str | None) -> None:
    fake = FakeInterpreter(np.array([0.3, 0.5, 0.2], np.float32))
    classifier = with_interpreter(monkeypatch, fake, below)

    assert classifier.abstain_below == (below or 0.0)
    prediction = classifier.predict(np.zeros((64, 64, 3), np.uint8))
    assert (prediction.answer, prediction.label, prediction.confidence) == (label, "b", 0.5)


def test_an_interpreter_that_gives_nan_gives_no_answer(monkeypatch) -> None:
    classifier = with_interpreter(monkeypatch, FakeInterpreter(np.full(3, np.nan, np.float32)))

    assert classifier.predict(np.zeros((64, 64, 3), np.uint8)).answer is None


def test_the_first_of_equals_wins() -> None:
    assert decide(np.array([0.1, 0.4, 0.4, 0.1], np.float32), tuple("abcd")) == Prediction(1, "b", np.float32(0.4))
    assert decide(np.array([0.25] * 4, np.float32), tuple("abcd")).index == 0


@pytest.mark.parametrize(
    ("label", "count"), [("0", 0), ("5", 5), ("12", 12), ("none", None), ("", None), ("-1", None), ("²", None)]
)
def test_a_label_is_a_count_where_it_is_a_number(label: str, count: int | None) -> None:
    assert count_of(label) == count
    assert Prediction(0, label, 1.0).count == count


def test_int8_answers_stay_near_the_float_ones(tiny_models, blotches) -> None:
    seen = blotches(40, 2)
    exact = predict_all(TFLiteClassifier.open(tiny_models.float32), seen)
    rounded = predict_all(TFLiteClassifier.open(tiny_models.int8), seen)

    assert exact.shape == rounded.shape == (40, 6)
    assert len(np.unique(exact.argmax(axis=1))) > 1  # or the rest would show nothing
    assert exact.sum(axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert np.abs(exact - rounded).sum(axis=1).mean() / 2 < 0.1
    assert (exact.argmax(axis=1) == rounded.argmax(axis=1)).mean() > 0.8
    assert (rounded * 256 == np.round(rounded * 256)).all()


def test_the_answer_depends_on_nothing_but_the_picture(tiny_models, blotches) -> None:
    first, second = blotches(2, 4)
    classifier = TFLiteClassifier.open(tiny_models.int8)

    alone = classifier.probabilities(first)
    classifier.probabilities(second)

    assert (classifier.probabilities(first) == alone).all()
    assert (TFLiteClassifier.open(tiny_models.int8, threads=2).probabilities(first) == alone).all()
    assert classifier.predict(first) == decide(alone, LABELS)


def test_says_what_it_is(tiny_models) -> None:
    int8, float32 = TFLiteClassifier.open(tiny_models.int8), TFLiteClassifier.open(tiny_models.float32)

    assert (int8.input_dtype, float32.input_dtype) == (np.int8, np.float32)
    assert int8.labels == float32.labels == LABELS
    assert int8.contract == Contract()
    assert int8.runtime.startswith("litert ")


def test_no_pictures_give_no_answers(tiny_models) -> None:
    nothing = predict_all(TFLiteClassifier.open(tiny_models.int8), np.empty((0, 64, 64, 3), np.uint8))

    assert nothing.shape == (0, 6)


def flatbuffer_of(path) -> bytes:
    """A model file without its archive."""
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return content[: archive.infolist()[0].header_offset]


@pytest.mark.parametrize("labels", [LABELS[:5], (*LABELS, "6"), ()])
def test_other_labels_than_outputs_are_refused(tiny_models, labels: tuple[str, ...]) -> None:
    with pytest.raises(ModelError, match=f"does not match its {len(labels)} labels"):
        TFLiteClassifier(ModelFile.pack(flatbuffer_of(tiny_models.int8), labels, Contract()))


def test_another_size_than_the_contract_says_is_refused(tiny_models) -> None:
    with pytest.raises(ModelError, match=r"is not the contract's \(1, 32, 32, 3\)"):
        TFLiteClassifier(ModelFile.pack(flatbuffer_of(tiny_models.int8), LABELS, Contract(32, 32)))


@pytest.mark.parametrize("keep", [8, 100, 0.5, 0.9])
def test_a_truncated_model_is_refused(tiny_models, keep: float) -> None:
    flatbuffer = flatbuffer_of(tiny_models.int8)
    size = int(keep * len(flatbuffer)) if keep < 1 else int(keep)

    with pytest.raises(ModelError, match=r"litert .* refuses the model") as caught:
        TFLiteClassifier(ModelFile.pack(flatbuffer[:size], LABELS, Contract()))
    assert "\n" not in str(caught.value)


def test_a_model_that_fails_only_when_it_runs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeInterpreter(np.zeros(3, np.int8))
    fake.invoke = lambda: (_ for _ in ()).throw(RuntimeError("Node 12 failed\nand more"))  # type: ignore[method-assign]

    with pytest.raises(ModelError, match=r"refuses the model \(Node 12 failed\)"):
        with_interpreter(monkeypatch, fake)


def test_an_error_without_words_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeInterpreter(np.zeros(3, np.int8))
    fake.invoke = lambda: (_ for _ in ()).throw(RuntimeError)  # type: ignore[method-assign]

    with pytest.raises(ModelError, match=r"refuses the model \(RuntimeError\)"):
        with_interpreter(monkeypatch, fake)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(tiny_models, threads: int) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        TFLiteClassifier.open(tiny_models.int8, threads=threads)


def test_litert_does_not_greet(tiny_models, capfd: pytest.CaptureFixture[str]) -> None:
    TFLiteClassifier.open(tiny_models.int8)

    assert capfd.readouterr() == ("", "")


def test_what_the_gate_refused_runs_only_when_trusted(tiny_models, tmp_path: Path) -> None:
    whole = ModelFile.read(tiny_models.int8)
    gate = {"passed": False, "reasons": ["it agrees with float32 on 30 of 120"]}
    failed = ModelFile.pack(whole.flatbuffer, whole.labels, whole.contract, provenance={"gate": gate})
    path = tmp_path / "int8.failed.tflite"
    path.write_bytes(failed.content)

    with pytest.raises(ModelError, match=r"not to be deployed: its export's gate refused it .* on 30 of 120.*--trust"):
        TFLiteClassifier.open(path)
    assert TFLiteClassifier.open(path, trust=True).labels == whole.labels
