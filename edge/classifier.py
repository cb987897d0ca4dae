"""A .tflite model behind one call: an RGB picture in, probabilities and a count out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError
from signs_edge.edge.images import Image, Images, Probabilities
from signs_edge.edge.model_file import ModelFile
from signs_edge.edge.preprocess import scale_table
from signs_edge.edge.runtime import find_runtime


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
        label: its name.
        confidence: its probability, 0..1.
    """

    index: int
    label: str
    confidence: float

    @property
    def count(self) -> int | None:
        """The number of fingers; None where the label is not a number (a class such as "none")."""
        return count_of(self.label)


def count_of(label: str) -> int | None:
    """The number a label stands for: "3" is 3; None where it stands for none."""
    return int(label) if label.isascii() and label.isdigit() else None


def decide(probabilities: Probabilities, labels: tuple[str, ...]) -> Prediction:
    """The most probable class of one picture's (classes,) probabilities."""
    index = int(np.argmax(probabilities))
    return Prediction(index, labels[index], float(probabilities[index]))


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
        self._runtime = find_runtime(runtime)
        self._labels = model.labels
        self.contract = model.contract
        try:
            self._interpreter = self._runtime.interpreter(model_content=model.content, num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{self._runtime} refuses the model ({str(error).splitlines()[0]}): export it again"
            ) from None
        (self._input,) = self._interpreter.get_input_details()
        (self._output,) = self._interpreter.get_output_details()
        self._check_shapes()
        self._table = self._input_table()
        scale, zero_point = self._output["quantization"]
        self._output_scale, self._output_zero_point = np.float32(scale), int(zero_point)

    @classmethod
    def open(cls, path: Path, *, threads: int = 1, runtime: str | None = None) -> TFLiteClassifier:
        """Read a .tflite file written by `signs-edge export` and make it ready."""
        return cls(ModelFile.read(path), threads=threads, runtime=runtime)

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

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture: (classes,) float32; int8 models answer in steps of 1/256."""
        self._interpreter.set_tensor(self._input["index"], self._table[picture][np.newaxis])
        self._interpreter.invoke()
        scores: npt.NDArray[Any] = self._interpreter.get_tensor(self._output["index"])[0]
        if scores.dtype == np.float32:
            return scores
        # In int32: an int8 minus a zero point of −128 would wrap around.
        return ((scores.astype(np.int32) - self._output_zero_point) * self._output_scale).astype(np.float32)

    def predict(self, picture: Image) -> Prediction:
        """The most probable class of one (height, width, 3) uint8 RGB picture."""
        return decide(self.probabilities(picture), self._labels)

    def _input_table(self) -> npt.NDArray[Any]:
        """(256,) table from a picture's uint8 value to what the network's input takes."""
        dtype = self.input_dtype
        if dtype == np.float32:
            return scale_table(self.contract)
        scale, zero_point = self._input["quantization"]
        if not scale:
            raise ModelError(f"the model's {dtype} input has no quantization scale: export it again")
        return quantization_table(scale, zero_point, dtype, self.contract.divisor)

    def _check_shapes(self) -> None:
        """Refuse a model whose tensors are not what its labels and contract say."""
        expected = (1, self.contract.height, self.contract.width, 3)
        if tuple(self._input["shape"]) != expected:
            raise ModelError(
                f"model input {tuple(self._input['shape'])} is not the contract's {expected}: export it again"
            )
        if tuple(self._output["shape"]) != (1, len(self._labels)):
            raise ModelError(
                f"model output {tuple(self._output['shape'])} does not match its {len(self._labels)} labels: export it again"
            )


def predict_all(classifier: Classifier, pictures: Images) -> Probabilities:
    """Of (n, height, width, 3) uint8 RGB pictures, one by one as the device does: (n, classes) float32."""
    if len(pictures) == 0:
        return np.empty((0, len(classifier.labels)), np.float32)
    return np.stack([classifier.probabilities(picture) for picture in pictures])
