"""A .tflite model behind one call: an RGB picture in, probabilities and a count out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.images import Image, Images, Probabilities
from signs_edge.edge.model_file import ModelFile, Origin
from signs_edge.edge.preprocess import scale_table
from signs_edge.edge.quiet import quiet
from signs_edge.edge.runtime import find_runtime

NO_HAND = "none"
"""The label, and the name of a class folder, of pictures that show no hand: for them no count is the right answer."""


class Classifier(Protocol):
    """What counts fingers: a TFLite file, a Keras model, or a fake in a test."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class, in the order of the probabilities."""

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture that fulfils the contract: (classes,) float32."""


@dataclass(frozen=True)
class Prediction:
    """One answer.

    Attributes:
        index: the most probable class; of equals, the first.
        label: its name: the raw answer, also where it is not sure enough to be given.
        confidence: its probability, 0..1; NaN where the model gave no numbers.
        abstained: whether it is not sure enough, or no number, and so no answer.
    """

    index: int
    label: str
    confidence: float
    abstained: bool = False

    @property
    def count(self) -> int | None:
        """The number of fingers; None where it abstained or the label is not a number (a class such as "none")."""
        return None if self.abstained else count_of(self.label)

    @property
    def answer(self) -> str | None:
        """The label; None where it abstained."""
        return None if self.abstained else self.label

    @property
    def found_hand(self) -> bool:
        """Whether it is an answer, and another than "none"."""
        return self.answer not in (None, NO_HAND)

    def right(self, truth: str) -> bool:
        """Whether this answers a picture of class `truth`: a hand with its label, one without a hand with no count."""
        return not self.found_hand if truth == NO_HAND else self.answer == truth


def count_of(label: str) -> int | None:
    """The number a label stands for: "3" is 3; None where it stands for none."""
    return int(label) if label.isascii() and label.isdigit() else None


def decide(probabilities: Probabilities, labels: tuple[str, ...], abstain_below: float = 0.0) -> Prediction:
    """The most probable class of one picture's (classes,) probabilities.

    It abstains where that probability is below `abstain_below`, 0..1, and always where one is NaN, as a damaged float
    model gives them: a class chosen among NaNs means nothing.
    """
    index = int(probabilities.argmax())  # of a NaN, where there is one
    confidence = float(probabilities[index])
    return Prediction(index, labels[index], confidence, abstained=not confidence >= abstain_below)


def quantization_table(scale: float, zero_point: int, dtype: npt.DTypeLike, divisor: float) -> npt.NDArray[Any]:
    """(256,) table from an uint8 value to the quantized network input q = round(value / divisor / scale) + zero_point.

    With a table, quantizing a picture is one look-up per value, and the same for whatever scale the export chose.
    Source of the formula: https://ai.google.dev/edge/litert/models/quantization_spec.
    """
    limits = np.iinfo(dtype)
    quantized = np.round(np.arange(256) / divisor / scale) + zero_point
    return np.clip(quantized, limits.min, limits.max).astype(dtype)


class TFLiteClassifier:
    """A model file in an interpreter. Not safe to call from several threads at once."""

    def __init__(self, model: ModelFile, *, threads: int = 1, runtime: str | None = None) -> None:
        if threads < 1:
            raise UsageError(f"threads {threads} is not allowed: give at least 1")
        self._runtime = find_runtime(runtime)
        self._labels = model.labels
        self.contract = model.contract
        self.origin = model.origin
        """Whether the file's digest was checked."""
        self.golden = model.golden
        """What the model must answer; None in a file without; see `signs_edge.edge.replay`."""
        self.abstain_below = model.abstain_below or 0.0
        """The least confidence, 0..1, that is an answer, as chosen in training; 0 where the file names none."""
        refusal = ""
        with quiet():  # LiteRT greets on stderr
            try:
                self._interpreter = self._runtime.interpreter(model_content=model.content, num_threads=threads)
                self._interpreter.allocate_tensors()
                self._interpreter.invoke()  # on zeros: some damage shows only here, and the first frame comes sooner
            except (ValueError, RuntimeError) as error:
                refusal = str(error).partition("\n")[0] or type(error).__name__
        if refusal:
            raise ModelError(f"{self._runtime} refuses the model ({refusal}): export it again")
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelError(
                f"the model has {len(inputs)} inputs and {len(outputs)} outputs, not one of each: export it again"
            )
        (self._input,), (self._output,) = inputs, outputs
        if model.origin is Origin.PLAIN:
            self._take_from_tensors()
        self._check_shapes()
        self._check_types()
        self._table = self._input_table()
        self._answers = self._output_table()
        self._input_index, self._output_index = self._input["index"], self._output["index"]

    @classmethod
    def open(cls, path: Path, *, threads: int = 1, runtime: str | None = None, trust: bool = False) -> TFLiteClassifier:
        """Read a .tflite file written by `signs-edge export`, or with `trust` of any origin, and make it ready."""
        return cls(ModelFile.read(path, trust), threads=threads, runtime=runtime)

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class."""
        return self._labels

    @property
    def runtime(self) -> str:
        """Name and version of the runtime that was picked."""
        return str(self._runtime)

    @property
    def input_dtype(self) -> np.dtype[Any]:
        """Type of the network's input: int8, uint8 or float32."""
        dtype: np.dtype[Any] = np.dtype(self._input["dtype"])
        return dtype

    @property
    def input_quantization(self) -> tuple[float, int]:
        """Scale and zero point of the network's input; (0.0, 0) where it is float32."""
        scale, zero_point = self._input["quantization"]
        return float(scale), int(zero_point)

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture: (classes,) float32; int8 models answer in steps of 1/256."""
        # OpenCV's look-up is ten times as fast as numpy's, which first widens every index to 64 bits.
        return self.answer_to(cv2.LUT(picture, self._table)[np.newaxis])

    def answer_to(self, tensor: npt.NDArray[Any]) -> Probabilities:
        """Of the network's own (1, height, width, 3) input, RGB, in `input_dtype`: (classes,) float32."""
        self._interpreter.set_tensor(self._input_index, tensor)
        self._interpreter.invoke()
        scores: npt.NDArray[Any] = self._interpreter.get_tensor(self._output_index)[0]
        return scores if self._answers is None else self._answers[scores.view(np.uint8)]

    def predict(self, picture: Image) -> Prediction:
        """The answer to one (height, width, 3) uint8 RGB picture, at the confidence that the file asks for."""
        return decide(self.probabilities(picture), self._labels, self.abstain_below)

    @property
    def invoke(self) -> Callable[[], None]:
        """The interpreter alone, on the picture that it was given last: what a bench compares the whole with."""
        invoke: Callable[[], None] = self._interpreter.invoke
        return invoke

    def _output_table(self) -> npt.NDArray[np.float32] | None:
        """(256,) float32 table from the 8 bits of a score, read as uint8, to a probability; None for float scores."""
        dtype = np.dtype(self._output["dtype"])
        if dtype == np.float32:
            return None
        scale, zero_point = self._output["quantization"]
        # In int32: an int8 minus a zero point of −128 would wrap around.
        values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.int32)
        table: npt.NDArray[np.float32] = ((values - int(zero_point)) * np.float32(scale)).astype(np.float32)
        return table

    def _input_table(self) -> npt.NDArray[Any]:
        """(256,) table from a picture's uint8 value to what the network's input takes."""
        dtype = self.input_dtype
        if dtype == np.float32:
            return scale_table(self.contract)
        scale, zero_point = self._input["quantization"]
        return quantization_table(scale, zero_point, dtype, self.contract.divisor)

    def _take_from_tensors(self) -> None:
        """What a plain file does not say: a name per output, from "0" on, and the size of its picture."""
        received, answered = self._input["shape"].tolist(), self._output["shape"].tolist()
        if len(received) == 4 and received[3] == 3 and min(received) > 0 and len(answered) == 2:
            self._labels = tuple(map(str, range(answered[1])))
            self.contract = replace(self.contract, height=received[1], width=received[2])

    def _check_shapes(self) -> None:
        """Refuse a model whose tensors are not what its labels and contract say."""
        expected = (1, self.contract.height, self.contract.width, 3)
        received, answered = tuple(self._input["shape"].tolist()), tuple(self._output["shape"].tolist())
        if received != expected:
            raise ModelError(f"model input {received} is not the contract's {expected}: export it again")
        if answered != (1, len(self._labels)):
            raise ModelError(f"model output {answered} does not match its {len(self._labels)} labels: export it again")

    def _check_types(self) -> None:
        """Refuse tensors that are neither float32 nor 8-bit integers with a scale."""
        for name, tensor in (("input", self._input), ("output", self._output)):
            dtype = np.dtype(tensor["dtype"])
            if dtype not in (np.float32, np.int8, np.uint8):
                raise ModelError(f"model {name} is {dtype}, not float32, int8 or uint8: export it again")
            if dtype != np.float32 and not tensor["quantization"][0] > 0:
                raise ModelError(f"the model's {dtype} {name} has no quantization scale: export it again")


def predict_all(classifier: Classifier, pictures: Images) -> Probabilities:
    """Of (n, height, width, 3) uint8 RGB pictures, one by one as the device does: (n, classes) float32."""
    if len(pictures) == 0:
        return np.empty((0, len(classifier.labels)), np.float32)
    return np.stack([classifier.probabilities(picture) for picture in pictures])
