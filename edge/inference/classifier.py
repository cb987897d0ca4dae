"""A .tflite model behind one call: an RGB picture in, probabilities and a count out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from signs_edge.edge.arrays import Image, Images, Probabilities
from signs_edge.edge.bundle.model_file import ModelFile, Origin
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.network import Network
from signs_edge.edge.prediction import Prediction, decide


class Classifier(Protocol):
    """What counts fingers: a TFLite file, a Keras model, or a fake in a test."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class, in the order of the probabilities."""

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture that fulfils the contract: (classes,) float32."""


class TFLiteClassifier:
    """A model file in an interpreter. Not safe to call from several threads at once."""

    def __init__(self, model: ModelFile, *, threads: int = 1, runtime: str | None = None) -> None:
        self.network = Network(model.content, threads=threads, runtime=runtime)
        """The interpreter, and how a picture becomes its input."""
        self._labels = model.labels
        self.contract = model.contract
        self.origin = model.origin
        self.provenance = model.provenance
        """Where the model comes from, as its file says; plain JSON values."""
        """Whether the file's digest was checked."""
        self.golden = model.golden
        """What the model must answer; None in a file without; see `signs_edge.edge.inference.self_test`."""
        self.expectation = model.expectation
        """What its frames and answers should be like; None in a file without; see `signs_edge.edge.run.shadow`."""
        self.abstain_below = model.abstain_below or 0.0
        """The least confidence, 0..1, that is an answer, as chosen in training; 0 where the file names none."""
        if model.origin is Origin.PLAIN:
            self._take_from_tensors()
        self._check_shapes()
        self.network.obey(self.contract)

    @classmethod
    def open(cls, path: Path, *, threads: int = 1, runtime: str | None = None, trust: bool = False) -> TFLiteClassifier:
        """Read a .tflite file written by `signs-edge export`, or with `trust` of any origin, and make it ready.

        Raises:
            ModelError: it cannot be used, or, without `trust`, the gate of its export refused it.
        """
        model = ModelFile.read(path, trust)
        if model.refused and not trust:
            raise ModelError(
                f"{path} is not to be deployed: its export's gate refused it ({'; '.join(model.refused)}); mend it with "
                "`signs-edge diagnose RUN --repair`, or run it all the same with --trust"
            )
        return cls(model, threads=threads, runtime=runtime)

    @property
    def labels(self) -> tuple[str, ...]:
        """One name per class."""
        return self._labels

    @property
    def runtime(self) -> str:
        """Name and version of the runtime that was picked."""
        return self.network.runtime

    @property
    def input_dtype(self) -> np.dtype[Any]:
        """Type of the network's input: int8, uint8 or float32."""
        return self.network.input_dtype

    def probabilities(self, picture: Image) -> Probabilities:
        """Of one (height, width, 3) uint8 RGB picture: (classes,) float32; int8 models answer in steps of 1/256."""
        return self.network.answer(picture)

    def predict(self, picture: Image) -> Prediction:
        """The answer to one (height, width, 3) uint8 RGB picture, at the confidence that the file asks for."""
        return decide(self.probabilities(picture), self._labels, self.abstain_below)

    def _take_from_tensors(self) -> None:
        """What a plain file does not say: a name per output, from "0" on, and the size of its picture."""
        received, answered = self.network.input_shape, self.network.output_shape
        if len(received) == 4 and received[3] == 3 and min(received) > 0 and len(answered) == 2:
            self._labels = tuple(map(str, range(answered[1])))
            self.contract = replace(self.contract, height=received[1], width=received[2])

    def _check_shapes(self) -> None:
        """Refuse a model whose tensors are not what its labels and contract say."""
        expected = (1, self.contract.height, self.contract.width, 3)
        received, answered = self.network.input_shape, self.network.output_shape
        if received != expected:
            raise ModelError(f"model input {received} is not the contract's {expected}: export it again")
        if answered != (1, len(self._labels)):
            raise ModelError(f"model output {answered} does not match its {len(self._labels)} labels: export it again")


def mean_probabilities(classifier: Classifier, pictures: Sequence[Image]) -> Probabilities:
    """The mean of the probabilities of one (height, width, 3) uint8 RGB picture or more of one hand: (classes,) float32."""
    if len(pictures) == 1:
        return classifier.probabilities(pictures[0])
    return np.asarray(np.mean([classifier.probabilities(picture) for picture in pictures], axis=0), np.float32)


def predict_all(classifier: Classifier, pictures: Images) -> Probabilities:
    """Of (n, height, width, 3) uint8 RGB pictures, one by one as the device does: (n, classes) float32."""
    if len(pictures) == 0:
        return np.empty((0, len(classifier.labels)), np.float32)
    return np.stack([classifier.probabilities(picture) for picture in pictures])
